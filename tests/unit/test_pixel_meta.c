/* EXIF orientation and ICC models: payloads made here, and hundreds of
 * thousands of broken ones. Payloads lie in blocks of exactly their size, so
 * that a sanitizer sees a read too far. */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EXIF_MAX = 128, MUTATIONS = 200000, SHORT = 3, LONG = 4 };

struct exif {
    uint8_t at[EXIF_MAX];
    size_t n;
    bool big;
};

static void
put(struct exif *exif, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        unsigned shift = 8 * (exif->big ? bytes - 1 - i : i);
        exif->at[exif->n++] = (uint8_t)(value >> shift);
    }
}

static void
put_entry(struct exif *exif, unsigned tag, unsigned type, uint32_t value)
{
    put(exif, tag, 2);
    put(exif, type, 2);
    put(exif, 1, 4);
    put(exif, value, type == SHORT ? 2 : 4);
    if (type == SHORT)
        put(exif, 0, 2);
}

static struct exif
exif_head(bool big, unsigned entries)
{
    struct exif exif = {.big = big, .n = 4};
    memcpy(exif.at, big ? "MM\0*" : "II*\0", 4);
    put(&exif, 8, 4);
    put(&exif, entries, 2);
    return exif;
}

/* Three entries in IFD0, the second is the orientation; IFD1 has another. */
static struct exif
exif_make(bool big, unsigned type, uint32_t orientation)
{
    struct exif exif = exif_head(big, 3);
    put_entry(&exif, 0x010F, SHORT, 5);
    put_entry(&exif, 0x0112, type, orientation);
    put_entry(&exif, 0x011A, LONG, 77);
    put(&exif, (uint32_t)exif.n + 4, 4);
    put(&exif, 1, 2);
    put_entry(&exif, 0x0112, SHORT, 3);
    put(&exif, 0, 4);
    return exif;
}

static unsigned
orientation_of(const struct exif *exif)
{
    uint8_t *exact = malloc(exif->n ? exif->n : 1);
    memcpy(exact, exif->at, exif->n);
    unsigned got = mill_exif_orientation((struct mill_bytes){exact, exif->n});
    free(exact);
    return got;
}

static void
orientation_is_read_in_both_orders_and_types(void **state)
{
    (void)state;
    for (unsigned o = 1; o <= 8; o++)
        for (int k = 0; k < 4; k++) {
            struct exif exif = exif_make(k & 1, k & 2 ? LONG : SHORT, o);
            assert_int_equal(orientation_of(&exif), o);
        }
}

static void
orientation_out_of_range_is_0(void **state)
{
    (void)state;
    static const uint32_t wrong[] = {0, 9, 256, 65535};
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        struct exif exif = exif_make(i & 1, SHORT, wrong[i]);
        assert_int_equal(orientation_of(&exif), 0);
        exif = exif_make(i & 1, LONG, wrong[i] + 65536);
        assert_int_equal(orientation_of(&exif), 0);
    }
}

static void
orientation_of_other_types_and_counts_is_0(void **state)
{
    (void)state;
    struct exif exif = exif_make(true, SHORT, 6);
    exif.at[10 + 12 + 3] = 1; /* type BYTE */
    assert_int_equal(orientation_of(&exif), 0);
    exif = exif_make(true, SHORT, 6);
    exif.at[10 + 12 + 7] = 2; /* two of them */
    assert_int_equal(orientation_of(&exif), 0);
}

static void
orientation_of_a_thumbnail_is_not_the_pictures(void **state)
{
    (void)state;
    struct exif exif = exif_make(false, SHORT, 6);
    exif.at[10 + 12] = 0x13; /* now another tag */
    assert_int_equal(orientation_of(&exif), 0);
    assert_false(mill_exif_reset_orientation(exif.at, exif.n));
}

static void
orientation_of_no_tiff_is_0(void **state)
{
    (void)state;
    struct exif exif = exif_make(true, SHORT, 6);
    exif.at[3] = 0;
    assert_int_equal(orientation_of(&exif), 0);
    exif = exif_make(true, SHORT, 6);
    exif.at[0] = 'I';
    assert_int_equal(orientation_of(&exif), 0);
    assert_int_equal(mill_exif_orientation((struct mill_bytes){NULL, 0}), 0);
}

static void
orientation_survives_a_cut_behind_its_entry(void **state)
{
    (void)state;
    struct exif whole = exif_make(false, SHORT, 6);
    for (size_t n = 0; n <= whole.n; n++) {
        struct exif cut = whole;
        cut.n = n;
        assert_int_equal(orientation_of(&cut), n < 10 + 24 ? 0 : 6);
    }
}

static void
reset_writes_1_and_nothing_else(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct exif exif = exif_make(k & 1, k & 2 ? LONG : SHORT, 6);
        struct exif upright = exif_make(k & 1, k & 2 ? LONG : SHORT, 1);
        assert_true(mill_exif_reset_orientation(exif.at, exif.n));
        assert_memory_equal(exif.at, upright.at, exif.n);
    }
}

static void
reset_finds_every_tag_even_out_of_range(void **state)
{
    (void)state;
    struct exif exif = exif_head(true, 3);
    put_entry(&exif, 0x0112, SHORT, 99);
    put_entry(&exif, 0x0100, SHORT, 640);
    put_entry(&exif, 0x0112, LONG, 8);
    assert_true(mill_exif_reset_orientation(exif.at, exif.n));
    assert_int_equal(exif.at[10 + 9], 1);
    assert_int_equal(exif.at[10 + 24 + 11], 1);
    assert_int_equal(orientation_of(&exif), 1);
}

/* xorshift: the same bytes on every machine. */
static uint32_t
next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void
broken_payloads_stay_in_bounds(void **state)
{
    (void)state;
    uint32_t seed = 2463534242u;
    unsigned found = 0;
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct exif exif = exif_make(i & 1, i & 2 ? LONG : SHORT, i % 8 + 1);
        for (uint32_t k = next_random(&seed) % 6; k > 0; k--)
            exif.at[next_random(&seed) % exif.n] = (uint8_t)next_random(&seed);
        size_t n = next_random(&seed) % (exif.n + 1);
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, exif.at, n);
        unsigned o = mill_exif_orientation((struct mill_bytes){exact, n});
        assert_in_range(o, 0, 8);
        if (mill_exif_reset_orientation(exact, n)) {
            o = mill_exif_orientation((struct mill_bytes){exact, n});
            assert_int_equal(o, 1);
            found++;
        } else {
            assert_int_equal(o, 0);
        }
        free(exact);
    }
    assert_in_range(found, MUTATIONS / 10, MUTATIONS - MUTATIONS / 10);
}

/* ---- ICC ----------------------------------------------------------------- */

static int
icc_model(const char *space, const char *signature, size_t n)
{
    uint8_t *icc = calloc(1, n ? n : 1);
    if (n >= 40) {
        memcpy(icc + 16, space, 4);
        memcpy(icc + 36, signature, 4);
    }
    int model = mill_icc_model((struct mill_bytes){icc, n});
    free(icc);
    return model;
}

static void
icc_model_is_that_of_its_colour_space(void **state)
{
    (void)state;
    assert_int_equal(icc_model("RGB ", "acsp", 128), MILL_RGB);
    assert_int_equal(icc_model("GRAY", "acsp", 128), MILL_GRAY);
    assert_int_equal(icc_model("CMYK", "acsp", 500), MILL_CMYK);
}

static void
icc_of_other_spaces_or_none_is_minus_1(void **state)
{
    (void)state;
    assert_int_equal(icc_model("YCbr", "acsp", 128), -1);
    assert_int_equal(icc_model("Lab ", "acsp", 128), -1);
    assert_int_equal(icc_model("RGB ", "acsq", 128), -1);
    assert_int_equal(icc_model("RGB ", "acsp", 127), -1);
    assert_int_equal(icc_model("RGB ", "acsp", 0), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientation_is_read_in_both_orders_and_types),
        cmocka_unit_test(orientation_out_of_range_is_0),
        cmocka_unit_test(orientation_of_other_types_and_counts_is_0),
        cmocka_unit_test(orientation_of_a_thumbnail_is_not_the_pictures),
        cmocka_unit_test(orientation_of_no_tiff_is_0),
        cmocka_unit_test(orientation_survives_a_cut_behind_its_entry),
        cmocka_unit_test(reset_writes_1_and_nothing_else),
        cmocka_unit_test(reset_finds_every_tag_even_out_of_range),
        cmocka_unit_test(broken_payloads_stay_in_bounds),
        cmocka_unit_test(icc_model_is_that_of_its_colour_space),
        cmocka_unit_test(icc_of_other_spaces_or_none_is_minus_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
