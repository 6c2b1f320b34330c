/* PNG strips: pictures of several strips come back by every reader at every
 * compression, and what is packed is what PNG allows; the walk through a
 * deflate stream finds what zlib finds. */
#include "codec_run.h"
#include "png_make.h"

#include "codec/codecs.h"
#include "codec/png/deflate_walk.h"

/* ---- pictures ------------------------------------------------------------ */

static unsigned
smooth(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return (x / 9 + y * 3 / 7) * (plane + 1);
}

/* A row again and again: packs best as it is. */
static unsigned
drawn(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return mill_test_noise(arg, plane, x % 37, y / 40 % 3 * 5);
}

static unsigned
photo(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return x / 5 + y / 3 + (mill_test_noise(arg, plane, x, y) & 15);
}

/* All kinds, a strip or so of each. */
static unsigned
mixed(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    static unsigned (*const kinds[])(const void *, unsigned, uint32_t,
                                     uint32_t) = {smooth, drawn, photo,
                                                  mill_test_noise};
    return kinds[y / 300 % 4](arg, plane, x, y);
}

static void
check(const struct mill_shape *shape, const struct codec_file *file,
      unsigned (*value)(const void *, unsigned, uint32_t, uint32_t),
      bool library)
{
    struct codec_run run;
    void *block;
    unsigned mask = shape->depth == 16 ? 0xFFFF : 0xFF;
    codec_run_init(&run);
    run.how.library = library;
    assert_int_equal(codec_run_decode_at(&run, &mill_codec_png,
                                         codec_file_bytes(file), &block),
                     MILL_OK);
    for (unsigned p = 0; p < shape->n_planes; p++)
        for (uint32_t y = 0; y < shape->h; y++)
            for (uint32_t x = 0; x < shape->w; x++)
                if (mill_test_sample(&run.collect, p, x, y) !=
                    (value(NULL, p, x, y) & mask))
                    fail_msg("plane %u at %u, %u", p, x, y);
    codec_run_clear(&run);
    free(block);
}

static size_t
round_trip(const struct mill_shape *shape, unsigned compression,
           unsigned (*value)(const void *, unsigned, uint32_t, uint32_t))
{
    struct mill_encode how = mill_encode_default();
    struct mill_test_source source = {
        .shape = shape, .cut = MILL_TEST_CUT_MIXED, .value = value};
    struct codec_file file;
    struct mill_err err;
    how.compression = (uint8_t)compression;
    codec_file_init(&file, 4096);
    if (codec_run_encode(&mill_codec_png, &how, &source, &file, &err) !=
        MILL_FLOW_MORE)
        fail_msg("compression %u: %s", compression, err.text);
    check(shape, &file, value, true);
    check(shape, &file, value, false);
    size_t n = file.bytes.n;
    codec_file_clear(&file);
    return n;
}

static void
every_compression_comes_back(void **state)
{
    struct mill_shape shape;
    (void)state;
    mill_shape_init(&shape, 1100, 1201, MILL_RGB, MILL_OPAQUE, 8);
    for (unsigned c = 0; c <= MILL_COMPRESSION_SMALL; c += c == 1 ? 5 : 1)
        round_trip(&shape, c, mixed);
}

static void
every_depth_comes_back(void **state)
{
    struct mill_shape shape;
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8)
        for (unsigned alpha = 0; alpha < 2; alpha++) {
            mill_shape_init(&shape, 700, 901, alpha ? MILL_GRAY : MILL_RGB,
                            alpha ? MILL_STRAIGHT : MILL_OPAQUE, depth);
            round_trip(&shape, MILL_COMPRESSION_DEFAULT, mixed);
            round_trip(&shape, MILL_COMPRESSION_FAST, mixed);
        }
}

/* No row is too wide for a strip. */
static void
wide_rows_come_back(void **state)
{
    struct mill_shape shape;
    (void)state;
    mill_shape_init(&shape, 400000, 3, MILL_RGB, MILL_OPAQUE, 8);
    round_trip(&shape, MILL_COMPRESSION_DEFAULT, photo);
    round_trip(&shape, MILL_COMPRESSION_FAST, mill_test_noise);
}

/* Noise grows by little; what is drawn or smooth nearly vanishes; slow is not
 * larger than fast. */
static void
sizes_are_right(void **state)
{
    struct mill_shape shape;
    size_t raw = (size_t)700 * 600 * 3;
    (void)state;
    mill_shape_init(&shape, 700, 600, MILL_RGB, MILL_OPAQUE, 8);
    for (unsigned c = MILL_COMPRESSION_FAST; c <= MILL_COMPRESSION_SMALL; c++) {
        assert_true(round_trip(&shape, c, mill_test_noise) <
                    raw + raw / 100 + 1000);
        assert_true(round_trip(&shape, c, drawn) < raw / 50);
        assert_true(round_trip(&shape, c, smooth) < raw / 50);
    }
    size_t fast = round_trip(&shape, MILL_COMPRESSION_FAST, photo);
    size_t small = round_trip(&shape, MILL_COMPRESSION_SMALL, photo);
    assert_true(small <= fast);
}

/* What is taken of the arena; of what libraries take themselves, libdeflate's
 * compressors are the most, and are counted by their level. */
static void
memory_is_counted(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {3000, 9}, {700, 2000}};
    (void)state;
    for (unsigned i = 0; i < 3 * (MILL_COMPRESSION_SMALL + 1); i++) {
        struct mill_encode how = mill_encode_default();
        struct mill_shape shape;
        struct mill_test_source source = {
            .shape = &shape, .cut = MILL_TEST_CUT_MIXED, .value = mixed};
        struct mill_arena *arena = mill_arena_new(1 << 20);
        struct codec_file file;
        struct mill_err err;
        how.compression = (uint8_t)(i / 3);
        mill_shape_init(&shape, sizes[i % 3][0], sizes[i % 3][1], MILL_RGB,
                        MILL_STRAIGHT, i % 2 ? 8 : 16);
        codec_file_init(&file, 4096);
        struct mill_sink *encoder =
            mill_codec_png.encoder(&how, &file.out, arena, &err);
        uint64_t before = mill_arena_bytes(arena);
        /* the slowest levels on a small picture only */
        if (i % 3 < 2 || how.compression > 12)
            mill_test_drive(&source, encoder, &err);
        assert_true(mill_arena_bytes(arena) - before <=
                    mill_codec_png.encode_bytes(&how, &shape));
        encoder->free(encoder);
        codec_file_clear(&file);
        mill_arena_free(arena);
    }
}

/* ---- the walk ------------------------------------------------------------ */

struct packed {
    uint8_t *at;
    size_t n;
};

static struct packed
pack(unsigned (*value)(const void *, unsigned, uint32_t, uint32_t), size_t n,
     int level, int strategy)
{
    z_stream z = {0};
    uint8_t *raw = malloc(n);
    for (size_t i = 0; i < n; i++)
        raw[i] = (uint8_t)value(NULL, 0, (uint32_t)i % 997, (uint32_t)i / 997);
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, -15, 8, strategy),
                     Z_OK);
    size_t room = deflateBound(&z, n);
    struct packed p = {calloc(1, room + CODEC__WALK_PAD), 0};
    z.next_in = raw;
    z.avail_in = (uInt)n;
    z.next_out = p.at;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    p.n = z.total_out;
    deflateEnd(&z);
    free(raw);
    return p;
}

/* As zlib's inflate sees it, which can stop between blocks. */
static struct codec__walk
by_zlib(const struct packed *p)
{
    uint8_t out[4096];
    struct codec__walk walk = {0};
    z_stream z = {.next_in = p->at, .avail_in = (uInt)p->n};
    int status = inflateInit2(&z, -15);
    while (status != Z_STREAM_END) {
        z.next_out = out;
        z.avail_out = sizeof out;
        status = inflate(&z, Z_BLOCK);
        uint64_t pos = 8 * (uint64_t)z.total_in - (z.data_type & 7);
        if (z.data_type & 128 && !(z.data_type & 64))
            walk.last = pos;
        walk.end = pos;
    }
    inflateEnd(&z);
    return walk;
}

static void
walks_find_what_zlib_finds(void **state)
{
    static unsigned (*const kinds[])(const void *, unsigned, uint32_t,
                                     uint32_t) = {smooth, drawn, photo,
                                                  mill_test_noise};
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE,
                                     Z_FIXED};
    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        static const size_t sizes[] = {0, 1, 5000, 600000};
        struct packed p = pack(kinds[i % 4], sizes[i / 16], i % 3 ? 6 : 0,
                               strategies[i / 4 % 4]);
        struct codec__walk ours, zlibs = by_zlib(&p);
        assert_true(codec__deflate_walk((struct mill_bytes){p.at, p.n}, &ours));
        assert_int_equal(ours.last, zlibs.last);
        assert_int_equal((ours.end + 7) / 8, p.n);
        free(p.at);
    }
}

/* A sanitizer looks on. */
static void
walks_over_damage_do_no_harm(void **state)
{
    struct packed p = pack(photo, 3000, 6, Z_DEFAULT_STRATEGY);
    struct codec__walk walk;
    (void)state;
    for (size_t bit = 0; bit < 8 * p.n; bit++) {
        p.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        codec__deflate_walk((struct mill_bytes){p.at, p.n}, &walk);
        p.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < p.n; n++)
        assert_false(codec__deflate_walk((struct mill_bytes){p.at, n}, &walk));
    free(p.at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_compression_comes_back),
        cmocka_unit_test(every_depth_comes_back),
        cmocka_unit_test(wide_rows_come_back),
        cmocka_unit_test(sizes_are_right),
        cmocka_unit_test(memory_is_counted),
        cmocka_unit_test(walks_find_what_zlib_finds),
        cmocka_unit_test(walks_over_damage_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
