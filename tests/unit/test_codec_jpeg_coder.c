/* Our own coder of JPEG: the bytes that libjpeg writes of the same planes when
 * it makes tables for them, or takes the standard ones; and what it does where
 * not all tokens are held. */
#include "codec_run.h"

#include "codec/jpeg/coder.h"

#include <imgmill/base.h>

/* ---- pictures ------------------------------------------------------------ */

/* Plain numbers, the same every time. */
static uint32_t
next_number(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static unsigned
flat(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg, (void)x, (void)y;
    return plane ? 128 : 77;
}

/* Coefficients as large as they can be, far apart. */
static unsigned
extremes(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return mill_test_noise(arg, plane, x / 8, y / 8) & 1 ? 255 : 0;
}

static unsigned
bits(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return mill_test_noise(arg, plane, x, y) & 1 ? 255 : 0;
}

/* Waves with some noise in them. */
static unsigned
waves(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    unsigned noise = mill_test_noise(arg, plane, x, y) % 23;
    return (x * (1 + plane) / 3 + (x * y / 97) % 64 + y / 5 + noise) & 0xFF;
}

/* One wave alone, high and strong: a block of one coefficient far from its DC,
 * so that zeroes have codes too. */
static unsigned
checks(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return ((x + y) & 1 ? 160 : 90) + plane;
}

static unsigned (*const drawn[])(const void *, unsigned, uint32_t, uint32_t) = {
    flat, extremes, bits, waves, checks, mill_test_noise};

static const uint8_t samplings[][2] = {{0, 0}, {1, 1}, {2, 1}, {2, 2},
                                       {1, 2}, {4, 1}, {4, 2}};

static struct mill_shape
shape_of(unsigned sampling, uint32_t w, uint32_t h)
{
    struct mill_shape shape;
    unsigned sx = samplings[sampling][0], sy = samplings[sampling][1];
    mill_shape_init(&shape, w, h, sx ? MILL_YCC : MILL_GRAY, MILL_OPAQUE, 8);
    for (unsigned p = 1; p < shape.n_planes; p++)
        shape.plane[p] = mill_grid_make(w, h, sx, sy);
    shape.band_px = 40;
    return shape;
}

/* ---- both ways ----------------------------------------------------------- */

static void
encode(const struct mill_encode *how, const struct mill_test_source *source,
       size_t window_bytes, struct codec_file *file)
{
    struct mill_err err = {0};
    codec_file_init(file, window_bytes);
    if (codec_run_encode(&mill_codec_jpeg, how, source, file, &err) ==
        MILL_FLOW_FAILED)
        fail_msg("%s", err.text);
}

static void
assert_same_bytes(const struct mill_encode *how,
                  const struct mill_test_source *source, size_t window_bytes,
                  unsigned i)
{
    struct mill_encode own = *how, library = *how;
    struct codec_file ours, theirs;
    own.rounding = MILL_ROUNDING_NEAREST;
    library.library = true;
    encode(&own, source, window_bytes, &ours);
    encode(&library, source, 4096, &theirs);
    if (ours.bytes.n != theirs.bytes.n ||
        memcmp(ours.bytes.at, theirs.bytes.at, ours.bytes.n) != 0)
        fail_msg("%u: %u x %u, quality %u, tables %u: %zu bytes, not %zu", i,
                 source->shape->w, source->shape->h, how->quality, how->tables,
                 ours.bytes.n, theirs.bytes.n);
    codec_file_clear(&ours);
    codec_file_clear(&theirs);
}

static void
bytes_are_libjpegs(void **state)
{
    enum { PICTURES = 1200, SIDE_MOST = 70 };
    static const size_t windows[] = {1, 2, 7, 600, 4096};
    uint32_t seed = 1;
    (void)state;
    for (unsigned i = 0; i < PICTURES; i++) {
        uint32_t w = 1 + next_number(&seed) % SIDE_MOST;
        uint32_t h = 1 + next_number(&seed) % SIDE_MOST;
        unsigned sampling = next_number(&seed) % MILL_COUNT(samplings);
        struct mill_shape shape = shape_of(sampling, w, h);
        struct mill_encode how = mill_encode_default();
        how.quality = (uint8_t)(1 + next_number(&seed) % 100);
        how.tables = (uint8_t)(next_number(&seed) % 3);
        struct mill_test_source source = {
            .shape = &shape,
            .cut =
                mill_test_cuts[next_number(&seed) % MILL_COUNT(mill_test_cuts)],
            .shift = next_number(&seed) % 17,
            .value = drawn[next_number(&seed) % MILL_COUNT(drawn)]};
        assert_same_bytes(&how, &source, windows[i % MILL_COUNT(windows)], i);
    }
}

/* Several pieces a row, several stages, and every quality. */
static void
bytes_of_wide_pictures_are_libjpegs(void **state)
{
    (void)state;
    for (unsigned quality = 1; quality <= 100; quality++) {
        struct mill_shape shape =
            shape_of(quality % MILL_COUNT(samplings), 600 + quality, 40);
        struct mill_encode how = mill_encode_default();
        how.quality = (uint8_t)quality;
        struct mill_test_source source = {
            .shape = &shape,
            .cut = MILL_TEST_CUT_MIXED,
            .value = drawn[quality % MILL_COUNT(drawn)]};
        assert_same_bytes(&how, &source, 1000, quality);
    }
}

/* What lies beside the picture is its edge: the same bytes as of a picture of
 * whole MCUs that goes on so, but for the size in the header. */

struct edge {
    uint32_t right, bottom;
};

static unsigned
goes_on(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    const struct edge *edge = arg;
    return waves(NULL, plane, x < edge->right ? x : edge->right,
                 y < edge->bottom ? y : edge->bottom);
}

static void
forget_size(const struct codec_file *file)
{
    uint8_t *at = file->bytes.at, *end = at + file->bytes.n - 9;
    while (at < end && (at[0] != 0xFF || at[1] != 0xC0))
        at++;
    assert_true(at < end);
    memset(at + 5, 0, 4);
}

static void
edges_go_on(void **state)
{
    enum { SIDE = 48 };
    struct mill_encode how = mill_encode_default();
    (void)state;
    for (unsigned i = 1; i <= SIDE * 4; i++) {
        uint32_t w = (i + 3) / 4, h = SIDE + 1 - w;
        struct edge edge = {w - 1, h - 1};
        struct mill_shape shape = shape_of(i % 2, w, h);
        struct mill_shape whole =
            shape_of(i % 2, (w + 7) / 8 * 8, (h + 7) / 8 * 8);
        struct mill_test_source source = {
            .shape = &shape,
            .cut = i % 4 < 2 ? MILL_TEST_CUT_ALL : MILL_TEST_CUT_MIXED,
            .value = goes_on,
            .arg = &edge};
        struct codec_file ours, theirs;
        encode(&how, &source, 4096, &ours);
        source.shape = &whole;
        encode(&how, &source, 4096, &theirs);
        forget_size(&ours);
        forget_size(&theirs);
        assert_int_equal(ours.bytes.n, theirs.bytes.n);
        assert_memory_equal(ours.bytes.at, theirs.bytes.at, ours.bytes.n);
        codec_file_clear(&ours);
        codec_file_clear(&theirs);
    }
}

static void
metadata_stands_where_libjpeg_puts_it(void **state)
{
    enum { ICC_N = 70000 };
    (void)state;
    uint8_t *icc = calloc(1, ICC_N);
    struct mill_meta meta = {.icc = {icc, ICC_N},
                             .exif = {(const uint8_t *)"II*\0rest", 8},
                             .xmp = {(const uint8_t *)"<xmp/>", 6},
                             .density_x = 300,
                             .density_y = 299,
                             .density_unit = 1};
    struct mill_shape shape = shape_of(3, 30, 30);
    struct mill_encode how = mill_encode_default();
    struct mill_test_source source = {
        .shape = &shape, .meta = &meta, .cut = 16, .value = waves};
    assert_same_bytes(&how, &source, 100, 0);
    free(icc);
}

/* ---- more than is held --------------------------------------------------- */

enum { BIG_W = 1304, BIG_H = 1000 };

/* Nothing at all in the first rows but noise enough for all that is held, then
 * what they had not: large differences, long zeroes. */
static unsigned
changes(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    if (y < BIG_H * 4 / 5)
        return 100 + mill_test_noise(arg, plane, x, y) % 50;
    return y < BIG_H * 9 / 10 ? checks(arg, plane, x, y)
                              : extremes(arg, plane, x, y);
}

static void
decode(struct codec_run *run, const struct codec_file *file)
{
    void *block;
    codec_run_init(run);
    if (codec_run_decode_at(run, &mill_codec_jpeg, codec_file_bytes(file),
                            &block))
        fail_msg("%s", run->err.text);
    free(block);
}

static void
tables_of_a_part_know_every_symbol(void **state)
{
    struct mill_shape shape = shape_of(0, BIG_W, BIG_H);
    struct mill_encode how = mill_encode_default();
    struct mill_test_source source = {
        .shape = &shape, .cut = 16, .value = changes};
    struct codec_file ours, theirs;
    struct codec_run own, library;
    (void)state;
    how.quality = 100;
    encode(&how, &source, 4096, &ours);
    how.library = true;
    encode(&how, &source, 4096, &theirs);
    assert_true(ours.bytes.n > theirs.bytes.n); /* else all was held */
    assert_true(ours.bytes.n < theirs.bytes.n + theirs.bytes.n / 30);
    decode(&own, &ours);
    decode(&library, &theirs);
    assert_true(mill_test_equal(&own.collect, &library.collect));
    codec_run_clear(&own);
    codec_run_clear(&library);
    codec_file_clear(&ours);
    codec_file_clear(&theirs);
}

static void
exact_tables_are_exact_whatever_is_held(void **state)
{
    struct mill_shape shape = shape_of(0, BIG_W, BIG_H);
    struct mill_encode how = mill_encode_default();
    struct mill_test_source source = {
        .shape = &shape, .cut = 16, .value = changes};
    (void)state;
    how.quality = 100;
    how.tables = MILL_TABLES_EXACT;
    assert_same_bytes(&how, &source, 4096, 0);
    source.value = bits;
    assert_same_bytes(&how, &source, 4096, 1);
}

/* ---- levels -------------------------------------------------------------- */

static void
draw_blocks(struct codec__forward_block *block, unsigned n, uint32_t *seed)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned most = 1u << next_number(seed) % 11;
        unsigned rare = 1 + next_number(seed) % 24;
        block[i].set = 0;
        for (unsigned k = 0; k < CODEC__BLOCK; k++) {
            int v = (int)(next_number(seed) % (2 * most)) - (int)most;
            v = next_number(seed) % rare || v == -1024 ? 0 : v;
            block[i].zigzag[k] = (int16_t)v;
            block[i].set |= (uint64_t)(v != 0) << k;
        }
    }
}

struct spelt {
    uint16_t token[JPEG_STAGE_TOKENS * 2];
    size_t n;
    uint8_t bytes[JPEG_STAGE_TOKENS * 6 + 8];
    size_t n_bytes;
};

/* n MCUs of three blocks: two of one plane, then, behind all of these, one of
 * another. */
static void
spell_by(const struct codec__kernels *kernels,
         const struct codec__forward_block *block, unsigned n,
         const struct codec__token_code *code, struct spelt *spelt)
{
    struct codec__pen pen = {.at = spelt->bytes};
    int dc[2] = {0, 0};
    struct codec__mcus mcus = {.n = 3};
    memset(spelt, 0, sizeof *spelt);
    for (unsigned i = 0; i < mcus.n; i++)
        mcus.block[i] = (struct codec__mcu_block){
            .at = i < 2 ? block + i : block + (size_t)2 * n,
            .step = i < 2 ? 2 : 1,
            .table = i < 2 ? 0 : CODEC__TABLE_BIT,
            .dc = &dc[i / 2]};
    uint16_t *end = kernels->tokens(&mcus, n, spelt->token);
    spelt->n = (size_t)(end - spelt->token);
    memset(end, 0, sizeof spelt->token - spelt->n * sizeof *end);
    assert_int_equal(dc[0], block[2 * n - 1].zigzag[0]);
    assert_int_equal(dc[1], block[3 * n - 1].zigzag[0]);
    kernels->spell(spelt->token, spelt->n, code, &pen);
    spelt->n_bytes = (size_t)(pen.at - spelt->bytes);
    memset(pen.at, 0, sizeof spelt->bytes - spelt->n_bytes);
}

static void
levels_give_the_same(void **state)
{
    enum { MCUS = 10, TRIALS = 400 };
    struct codec__forward_block block[3 * MCUS];
    struct codec__token_code code[2 * CODEC__SYMBOLS];
    struct spelt *plain = malloc(sizeof *plain), *other = malloc(sizeof *other);
    const struct codec__kernels *kernels;
    uint32_t seed = 5;
    (void)state;
    for (unsigned i = 0; i < 2 * CODEC__SYMBOLS; i++)
        code[i] = (struct codec__token_code){
            i % CODEC__SYMBOLS << CODEC__LOW_BITS, 15 + i % 9};
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        unsigned n = 1 + next_number(&seed) % MCUS;
        draw_blocks(block, 3 * n, &seed);
        spell_by(codec__kernels_at(0), block, n, code, plain);
        for (unsigned i = 1; (kernels = codec__kernels_at(i)); i++) {
            spell_by(kernels, block, n, code, other);
            assert_memory_equal(plain, other, sizeof *plain);
        }
    }
    free(plain);
    free(other);
}

/* ---- memory -------------------------------------------------------------- */

static void
memory_is_foretold(void **state)
{
    static const uint32_t sides[][2] = {{1, 1},     {17, 3},    {65500, 1},
                                        {1, 65500}, {640, 480}, {4000, 3000}};
    static const struct mill_meta none = {0};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(sides) * 3; i++) {
        struct mill_shape shape = shape_of(3, sides[i / 3][0], sides[i / 3][1]);
        struct mill_encode how = mill_encode_default();
        how.tables = (uint8_t)(i % 3);
        struct mill_err err;
        struct mill_arena *arena = mill_arena_new(0);
        struct codec_file file;
        codec_file_init(&file, 4096);
        struct mill_sink *sink =
            mill_codec_jpeg.encoder(&how, &file.out, arena, &err);
        assert_non_null(sink);
        assert_int_equal(sink->begin(sink, &shape, &none, &err),
                         MILL_FLOW_MORE);
        uint64_t foretold = mill_codec_jpeg.encode_bytes(&how, &shape);
        assert_true(mill_arena_bytes(arena) <= foretold);
        if (how.tables == MILL_TABLES_SAMPLED)
            assert_true(foretold < (uint64_t)16 << 20);
        sink->free(sink);
        mill_arena_free(arena);
        codec_file_clear(&file);
    }
}

/* ---- tables -------------------------------------------------------------- */

/* What libjpeg exports without a header; it changes freq. */
void jpeg_gen_optimal_table(j_compress_ptr jpeg, JHUFF_TBL *table, long *freq);

static void
draw_counts(uint32_t counts[CODEC__SYMBOLS], unsigned i, uint32_t *seed)
{
    uint32_t a = 1, b = 1; /* Fibonacci's numbers: the deepest tree */
    unsigned n = i % 256 + 1, used = 0;
    for (unsigned s = 0; s < CODEC__SYMBOLS; s++)
        counts[s] = 0;
    for (unsigned k = 0; k < n; k++) {
        unsigned s = next_number(seed) % CODEC__SYMBOLS;
        switch (i / 256) {
        case 0:
            counts[s] = 1 + next_number(seed) % 4;
            break;
        case 1:
            counts[s] = 1u << next_number(seed) % 18;
            break;
        case 2:
            counts[s] = next_number(seed);
            break;
        default:
            if (counts[s] == 0 && used++ < 28) {
                counts[s] = b;
                b += a;
                a = b - a;
            }
        }
    }
}

static void
tables_are_libjpegs(void **state)
{
    enum { KINDS = 4 };
    struct jpeg_compress_struct jpeg = {0};
    uint32_t seed = 7;
    (void)state;
    for (unsigned i = 0; i < KINDS * 256; i++) {
        uint32_t counts[CODEC__SYMBOLS];
        long freq[CODEC__SYMBOLS + 1] = {0};
        JHUFF_TBL ours = {.bits = {0}}, theirs = {.bits = {0}};
        draw_counts(counts, i, &seed);
        for (unsigned s = 0; s < CODEC__SYMBOLS; s++)
            freq[s] = (long)counts[s];
        jpeg_gen_optimal_table(&jpeg, &theirs, freq);
        codec__jpeg_fit_table(counts, &ours);
        assert_memory_equal(ours.bits, theirs.bits, sizeof ours.bits);
        assert_memory_equal(ours.huffval, theirs.huffval, sizeof ours.huffval);
    }
}

static void
legal_symbols_alone_count_as_seen(void **state)
{
    struct jpeg_counts counts = {.dc = {[3] = 7}, .ac = {[0x5A] = 9}};
    (void)state;
    codec__jpeg_count_legal(&counts);
    for (unsigned i = 0; i < CODEC__SYMBOLS; i++) {
        unsigned run = i >> 4, follow = i & 15;
        bool is_ac = follow ? follow <= 10 : run == 0 || run == 15;
        assert_int_equal(counts.dc[i], i == 3 ? 7 : i <= 11);
        assert_int_equal(counts.ac[i], i == 0x5A ? 9 : is_ac);
    }
}

/* Deeper than libjpeg goes, and the deepest of all that is counted; every
 * symbol has a code of its own. */
static void
the_deepest_tree_has_codes(void **state)
{
    enum { USED = 42, APART = 6 };
    uint32_t counts[CODEC__SYMBOLS] = {0}, a = 0, b = 1, space = 0;
    JHUFF_TBL table;
    unsigned n = 0;
    (void)state;
    for (unsigned i = 0; i < USED; i++) {
        counts[i * APART] = b;
        b += a;
        a = b - a;
    }
    codec__jpeg_fit_table(counts, &table);
    for (unsigned length = 1; length <= 16; length++) {
        n += table.bits[length];
        space += (uint32_t)table.bits[length] << (16 - length);
    }
    assert_int_equal(n, USED);
    assert_true(space < 1u << 16);
    for (unsigned i = 0; i < USED; i++) {
        assert_true(counts[table.huffval[i]] != 0);
        counts[table.huffval[i]] = 0; /* each once */
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_libjpegs),
        cmocka_unit_test(bytes_of_wide_pictures_are_libjpegs),
        cmocka_unit_test(edges_go_on),
        cmocka_unit_test(metadata_stands_where_libjpeg_puts_it),
        cmocka_unit_test(tables_of_a_part_know_every_symbol),
        cmocka_unit_test(exact_tables_are_exact_whatever_is_held),
        cmocka_unit_test(levels_give_the_same),
        cmocka_unit_test(memory_is_foretold),
        cmocka_unit_test(tables_are_libjpegs),
        cmocka_unit_test(legal_symbols_alone_count_as_seen),
        cmocka_unit_test(the_deepest_tree_has_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
