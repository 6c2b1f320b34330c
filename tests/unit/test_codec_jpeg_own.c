/* Our own JPEG reader against libjpeg: the same samples, verdicts, words, notes
 * and counts, of good files of every kind and of damaged ones, at every scale
 * and with each level of its inner loops. */
#include "jpeg_damage.h"

/* ---- good files ---------------------------------------------------------- */

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

static struct jpeg_spec
sequential(unsigned i, unsigned sampling, unsigned w, unsigned h)
{
    struct jpeg_spec spec = spec_of(sampling, w, h);
    spec.exact = i != 3;
    return spec;
}

static const struct damage damage = {
    .spec = sequential,
    .bytes = {1, 1},
    .bits = {3, 7},
    .markers = {2, 5},
    .part = 2,
    .second = {0x00, 0xD0, 0xD1, 0xD9, 0xFE, 0xFF}};

static void
every_truncation_is_the_same(void **state)
{
    (void)state;
    compare_truncations(&damage);
}

static void
every_flipped_bit_is_the_same(void **state)
{
    (void)state;
    compare_flipped_bits(&damage);
}

static void
every_marker_is_the_same(void **state)
{
    (void)state;
    compare_markers(&damage);
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
