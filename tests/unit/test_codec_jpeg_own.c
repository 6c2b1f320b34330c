/* Our own JPEG reader against libjpeg: the same samples, verdicts, words, notes
 * and counts, of good files of every kind and of damaged ones, at every scale
 * and with each level of its inner loops. */
#include "codec_both.h"
#include "jpeg_make.h"

#include "codec/jpeg_scans.h"

/* ---- both ways ----------------------------------------------------------- */

enum { GOOD_PX = 1 << 20, DAMAGED_PX = 1 << 14 };

static void
compare_below(struct mill_bytes in, unsigned shrink, uint64_t px_most,
              const char *what, size_t i)
{
    for (unsigned salvage = 0; salvage < 2; salvage++)
        codec_both_compare(in,
                           &(struct codec_both_how){.codec = &mill_codec_jpeg,
                                                    .shrink = shrink,
                                                    .salvage = salvage},
                           px_most, what, i);
}

static void
compare(struct mill_bytes in, unsigned shrink, const char *what, size_t i)
{
    compare_below(in, shrink, GOOD_PX, what, i);
}

/* A damaged header may ask for more than it is worth. */
static void
compare_damaged(struct mill_bytes in, unsigned shrink, const char *what,
                size_t i)
{
    compare_below(in, shrink, DAMAGED_PX, what, i);
}

/* ---- a level alone ------------------------------------------------------- */

struct level {
    struct jpeg_reader reader;
    const struct codec__kernels *kernels;
    struct mill_arena *arena;
    struct mill_shape shape;
    struct mill_band band; /* the whole picture */
    struct mill_err err;
    unsigned shrink;
    bool ours;
    uint32_t rows; /* of MCUs, that were given */
    uint32_t of_rows;
};

static void
read_level(struct level *l, struct jpeg_rows *own)
{
    bool more = true;
    for (; more && l->rows < l->of_rows; l->rows += more) {
        uint8_t *to[JPEG_OWN_PLANES] = {NULL};
        size_t stride[JPEG_OWN_PLANES] = {0};
        for (unsigned p = 0; p < own->n_planes; p++) {
            stride[p] = l->band.plane[p].stride_bytes;
            to[p] = mill_rows_at(&l->band.plane[p], l->rows * own->lines[p]);
        }
        more = own->next(own, to, stride);
    }
}

static struct jpeg_rows *
open_level(struct level *l)
{
    struct jpeg_decompress_struct *jpeg = &l->reader.jpeg;
    struct jpeg_rows *own = NULL;
    if (l->reader.info.whole) {
        jpeg_calc_output_dimensions(jpeg);
        codec__jpeg_scans_open(&own, &l->reader, l->kernels, 100, l->arena,
                               &l->err);
    } else {
        jpeg_start_decompress(jpeg);
        codec__jpeg_own_open(&own, &l->reader, l->kernels, l->arena, &l->err);
    }
    return own;
}

static void
level_work(void *self)
{
    struct level *l = self;
    struct jpeg_decompress_struct *jpeg = &l->reader.jpeg;
    struct mill_decode how = {.shrink = (uint8_t)l->shrink};
    codec__jpeg_header(&l->reader);
    codec__jpeg_shape(&l->reader.info, &how, &l->shape);
    jpeg->scale_denom = l->shrink;
    jpeg->raw_data_out = TRUE;
    jpeg->out_color_space = jpeg->jpeg_color_space;
    struct mill_shape padded = codec__jpeg_padded(&l->shape, 32, 32);
    mill_band_take(&l->band, &padded, padded.h, l->arena, &l->err);
    struct jpeg_rows *own = open_level(l);
    l->ours = own;
    if (own) {
        l->of_rows = (l->shape.h + own->mcu_px - 1) / own->mcu_px;
        read_level(l, own);
    }
}

static void
level_run(struct level *l, struct mill_bytes in, unsigned shrink,
          const struct codec__kernels *kernels)
{
    *l = (struct level){
        .arena = mill_arena_new(1 << 20), .kernels = kernels, .shrink = shrink};
    codec__jpeg_open(&l->reader, in, l);
    codec__jpeg_run(&l->reader.trap, level_work, &l->err);
    codec__jpeg_close(&l->reader);
}

static bool
is_given(const struct level *l)
{
    return l->err.status == MILL_OK && l->ours && l->rows == l->of_rows;
}

static bool
same_planes(const struct level *l, const struct mill_test_collect *collect)
{
    for (unsigned p = 0; p < l->shape.n_planes; p++) {
        const struct mill_grid *g = &l->shape.plane[p];
        size_t n = mill_test_row_bytes(&l->shape, p);
        for (uint32_t y = 0; y < g->h; y++)
            if (memcmp(mill_rows_at(&l->band.plane[p], y),
                       (const uint8_t *)collect->plane[p] + y * n, g->w) != 0)
                return false;
    }
    return true;
}

/* The file is ours, with every level, and gives what libjpeg gives. */
static void
compare_levels(struct mill_bytes in, unsigned shrink, const char *what,
               size_t i)
{
    const struct codec__kernels *kernels;
    struct codec_run run;
    void *block;
    codec_run_init(&run);
    run.how.shrink = (uint8_t)shrink;
    run.how.library = true;
    codec_run_decode_at(&run, &mill_codec_jpeg, in, &block);
    assert_int_equal(run.status, MILL_OK);
    for (unsigned k = 0; (kernels = codec__kernels_at(k)); k++) {
        struct level l;
        level_run(&l, in, shrink, kernels);
        if (!is_given(&l))
            fail_msg("%s, %zu at 1/%u by %s: row %u of %u", what, i, shrink,
                     kernels->level, l.rows, l.of_rows);
        if (!same_planes(&l, &run.collect))
            fail_msg("%s, %zu at 1/%u by %s: differs", what, i, shrink,
                     kernels->level);
        mill_arena_free(l.arena);
    }
    codec_run_clear(&run);
    free(block);
}

/* ---- good files ---------------------------------------------------------- */

static const uint8_t samplings[][2] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}};

enum { GRAY = MILL_COUNT(samplings) }; /* the sampling behind the last */

static struct jpeg_spec
spec_of(unsigned sampling, unsigned w, unsigned h)
{
    struct jpeg_spec spec = {.w = w, .h = h};
    bool gray = sampling == GRAY;
    spec.n = gray ? 1 : 3;
    spec.drawn = gray ? JCS_GRAYSCALE : JCS_RGB;
    spec.stored = gray ? JCS_GRAYSCALE : JCS_YCbCr;
    if (!gray) {
        spec.sx[0] = samplings[sampling][0];
        spec.sy[0] = samplings[sampling][1];
    }
    return spec;
}

static void
make_and_compare(const struct jpeg_spec *spec, unsigned shrink,
                 const char *what, size_t i)
{
    struct mill_buffer file = jpeg_make(spec);
    compare_levels(jpeg_bytes(&file), shrink, what, i);
    compare(jpeg_bytes(&file), shrink, what, i);
    free(file.at);
}

static void
every_quality_is_the_same(void **state)
{
    (void)state;
    for (int quality = 1; quality <= 100; quality += quality < 5 ? 1 : 5)
        for (unsigned sampling = 0; sampling <= GRAY; sampling++) {
            struct jpeg_spec spec = spec_of(sampling, 67, 45);
            spec.quality = quality;
            spec.exact = quality & 1;
            for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
                make_and_compare(&spec, shrink, "quality",
                                 (size_t)quality * 10 + sampling);
        }
}

static void
every_size_is_the_same(void **state)
{
    (void)state;
    for (unsigned w = 1; w <= 70; w += 3)
        for (unsigned sampling = 0; sampling <= GRAY; sampling++) {
            struct jpeg_spec spec = spec_of(sampling, w, 1 + (w * 11) % 70);
            spec.exact = w & 1;
            make_and_compare(&spec, 1u << w % 4, "size", w * 10 + sampling);
        }
}

static void
every_restart_is_the_same(void **state)
{
    (void)state;
    for (unsigned restart = 1; restart <= 40; restart += restart < 8 ? 1 : 5)
        for (unsigned sampling = 0; sampling <= GRAY; sampling++) {
            struct jpeg_spec spec = spec_of(sampling, 131, 60);
            spec.restart = restart;
            make_and_compare(&spec, 1u << (restart + sampling) % 4, "restart",
                             restart * 10 + sampling);
        }
}

/* More bytes than the window holds, and blocks with all their coefficients. */
static void
large_pictures_are_the_same(void **state)
{
    (void)state;
    for (unsigned sampling = 0; sampling <= GRAY; sampling++) {
        struct jpeg_spec spec = spec_of(sampling, 701, 533);
        spec.quality = 100;
        spec.exact = sampling & 1;
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
            make_and_compare(&spec, shrink, "large", sampling);
    }
}

static void
a_gray_picture_may_have_factors(void **state)
{
    (void)state;
    for (unsigned factors = 0; factors < 16; factors++) {
        struct jpeg_spec spec = spec_of(GRAY, 45, 61);
        spec.sx[0] = (uint8_t)(1 + factors % 4);
        spec.sy[0] = (uint8_t)(1 + factors / 4);
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
            make_and_compare(&spec, shrink, "factors", factors);
    }
}

static void
what_is_not_ours_is_the_same(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 5; kind++) {
        struct jpeg_spec spec = spec_of(kind, 45, 61);
        spec.progressive = kind < 2;
        spec.arithmetic = kind == 1;
        spec.split_scans = kind == 2;
        spec.stored = kind == 3 ? JCS_RGB : JCS_YCbCr;
        struct mill_buffer file = jpeg_make(&spec);
        struct level l;
        level_run(&l, jpeg_bytes(&file), 1, codec__kernels());
        assert_int_equal(l.ours, kind == 0 || kind == 4);
        mill_arena_free(l.arena);
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
            compare(jpeg_bytes(&file), shrink, "kind", kind);
        free(file.at);
    }
}

static void
enough_is_enough(void **state)
{
    struct jpeg_spec spec = spec_of(3, 50, 90);
    struct mill_buffer file = jpeg_make(&spec);
    struct codec_both_how how = {.codec = &mill_codec_jpeg};
    (void)state;
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        for (how.enough_at = 1; how.enough_at < 92; how.enough_at += 5)
            codec_both_compare(jpeg_bytes(&file), &how, GOOD_PX, "enough at",
                               how.enough_at);
        file.at[file.n - 3] = 0xFF;
        how.salvage = true;
    }
    free(file.at);
}

/* ---- damage -------------------------------------------------------------- */

enum { SMALL = 4 };

static struct mill_buffer
small(unsigned i)
{
    static const unsigned sampling[SMALL] = {3, GRAY, 0, 1};
    struct jpeg_spec spec = spec_of(sampling[i], 21 + 7 * i, 69 - 15 * i);
    spec.quality = i % 2 ? 60 : 92;
    spec.restart = i < 2 ? 0 : i;
    spec.exact = i != 3;
    return jpeg_make(&spec);
}

static void
every_truncation_is_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SMALL; i++) {
        struct mill_buffer file = small(i);
        for (size_t n = 0; n <= file.n; n++)
            compare_damaged((struct mill_bytes){file.at, n}, 1u << (n + i) % 4,
                            "cut at", n);
        free(file.at);
    }
}

static void
every_flipped_bit_is_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SMALL; i++) {
        struct mill_buffer file = small(i);
        for (size_t bit = 0; bit < 8 * file.n; bit += 3 + bit % 7) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            compare_damaged(jpeg_bytes(&file), 1u << (bit + i) % 4,
                            "flipped bit", bit);
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(file.at);
    }
}

/* Markers where none belong, or not the right ones. */
static void
every_marker_is_the_same(void **state)
{
    static const uint8_t markers[] = {0x00, 0xD0, 0xD1, 0xD9, 0xFE, 0xFF};
    (void)state;
    for (unsigned i = 0; i < SMALL; i++) {
        struct mill_buffer file = small(i);
        for (size_t at = file.n / 2; at + 1 < file.n; at += 2 + at % 5) {
            uint8_t kept[2] = {file.at[at], file.at[at + 1]};
            file.at[at] = 0xFF;
            file.at[at + 1] = markers[at % MILL_COUNT(markers)];
            compare_damaged(jpeg_bytes(&file), 1u << at / 6 % 4, "marker", at);
            memcpy(file.at + at, kept, sizeof kept);
        }
        free(file.at);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quality_is_the_same),
        cmocka_unit_test(every_size_is_the_same),
        cmocka_unit_test(every_restart_is_the_same),
        cmocka_unit_test(large_pictures_are_the_same),
        cmocka_unit_test(a_gray_picture_may_have_factors),
        cmocka_unit_test(what_is_not_ours_is_the_same),
        cmocka_unit_test(enough_is_enough),
        cmocka_unit_test(every_truncation_is_the_same),
        cmocka_unit_test(every_flipped_bit_is_the_same),
        cmocka_unit_test(every_marker_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
