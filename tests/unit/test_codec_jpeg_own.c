/* Our own JPEG reader against libjpeg: the same samples, verdicts, words, notes
 * and counts, of good files of every kind and of damaged ones, at every scale
 * and with each level of its inner loops. */
#include "jpeg_levels.h"

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
