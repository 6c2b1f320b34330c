/* Huffman tables of JPEG: which kind a picture gets, that the kind changes no
 * sample, and that sampled ones have a code for what the sample had not. */
#include "codec_run.h"

#include "codec/jpeg.h"

enum { W = 320, H = 1100, MCU = 16, STEP = 8 };

static struct mill_shape
shape_420(uint32_t w, uint32_t h)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_YCC, MILL_OPAQUE, 8);
    for (unsigned p = 1; p < 3; p++)
        shape.plane[p] = mill_grid_make(w, h, 2, 2);
    return shape;
}

static enum mill_tables
tables_for(const struct mill_shape *shape, enum mill_tables asked,
           bool progressive)
{
    struct mill_encode how = mill_encode_default();
    how.tables = (uint8_t)asked;
    how.progressive = progressive;
    return codec__jpeg_tables(&how, shape);
}

static void
size_and_options_choose(void **state)
{
    struct mill_shape usual = shape_420(W, H), small = shape_420(W, 500);
    struct mill_shape giant = shape_420(16000, 16000), cmyk;
    (void)state;
    mill_shape_init(&cmyk, W, H, MILL_CMYK, MILL_OPAQUE, 8);
    assert_int_equal(tables_for(&usual, MILL_TABLES_SAMPLED, false),
                     MILL_TABLES_SAMPLED);
    assert_int_equal(tables_for(&small, MILL_TABLES_SAMPLED, false),
                     MILL_TABLES_EXACT);
    small.h += MCU;
    assert_int_equal(tables_for(&small, MILL_TABLES_SAMPLED, false),
                     MILL_TABLES_SAMPLED);
    assert_int_equal(tables_for(&giant, MILL_TABLES_SAMPLED, false),
                     MILL_TABLES_STANDARD);
    assert_int_equal(tables_for(&giant, MILL_TABLES_EXACT, false),
                     MILL_TABLES_EXACT);
    assert_int_equal(tables_for(&usual, MILL_TABLES_STANDARD, false),
                     MILL_TABLES_STANDARD);
    assert_int_equal(tables_for(&usual, MILL_TABLES_STANDARD, true),
                     MILL_TABLES_EXACT);
    assert_int_equal(tables_for(&cmyk, MILL_TABLES_SAMPLED, false),
                     MILL_TABLES_EXACT);
}

/* ---- bytes and samples --------------------------------------------------- */

/* Waves with some noise in them. */
static unsigned
waves(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    unsigned noise = mill_test_noise(arg, plane, x, y) % 23;
    return (x * (1 + plane) / 3 + (x * y / 97) % 64 + y / 5 + noise) & 0xFF;
}

/* Nothing at all in the rows that are sampled, all there is in the others. */
static unsigned
hidden_noise(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    uint32_t px = plane ? 2 * y : y;
    bool sampled = px / MCU % STEP == STEP / 2;
    return sampled ? 128 : mill_test_noise(arg, plane, x, y);
}

struct made {
    struct codec_file file;
    struct codec_run run; /* what it decodes to */
};

static void
make(struct made *made, enum mill_tables tables,
     unsigned (*value)(const void *, unsigned, uint32_t, uint32_t),
     uint32_t cut, unsigned quality)
{
    struct mill_shape shape = shape_420(W, H);
    struct mill_encode how = mill_encode_default();
    struct mill_err err = {0};
    void *block;
    struct mill_test_source source = {
        .shape = &shape, .cut = cut, .value = value};
    how.tables = (uint8_t)tables;
    how.quality = (uint8_t)quality;
    codec_file_init(&made->file, 1000);
    if (codec_run_encode(&mill_codec_jpeg, &how, &source, &made->file, &err))
        fail_msg("%s", err.text);
    codec_run_init(&made->run);
    if (codec_run_decode_at(&made->run, &mill_codec_jpeg,
                            codec_file_bytes(&made->file), &block))
        fail_msg("%s", made->run.err.text);
    free(block);
}

static void
clear(struct made *made)
{
    codec_run_clear(&made->run);
    codec_file_clear(&made->file);
}

static void
assert_same_samples(struct made *a, struct made *b)
{
    assert_true(mill_test_equal(&a->run.collect, &b->run.collect));
}

static void
sampled_tables_are_nearly_exact(void **state)
{
    struct made standard, sampled, exact;
    (void)state;
    make(&standard, MILL_TABLES_STANDARD, waves, 16, 80);
    make(&sampled, MILL_TABLES_SAMPLED, waves, 16, 80);
    make(&exact, MILL_TABLES_EXACT, waves, 16, 80);
    assert_same_samples(&standard, &sampled);
    assert_same_samples(&standard, &exact);
    size_t saved = standard.file.bytes.n - exact.file.bytes.n;
    assert_true(sampled.file.bytes.n >= exact.file.bytes.n);
    assert_true(sampled.file.bytes.n - exact.file.bytes.n < saved / 4);
    clear(&standard);
    clear(&sampled);
    clear(&exact);
}

static void
symbols_outside_the_sample_have_codes(void **state)
{
    struct mill_shape shape = shape_420(W, H);
    struct made standard, sampled;
    (void)state;
    assert_int_equal(codec__jpeg_sample_step(&shape), STEP);
    make(&standard, MILL_TABLES_STANDARD, hidden_noise, 16, 100);
    make(&sampled, MILL_TABLES_SAMPLED, hidden_noise, 16, 100);
    assert_same_samples(&standard, &sampled);
    clear(&standard);
    clear(&sampled);
}

static void
cuts_change_no_byte(void **state)
{
    struct made one, other;
    (void)state;
    make(&one, MILL_TABLES_SAMPLED, waves, 16, 80);
    make(&other, MILL_TABLES_SAMPLED, waves, MILL_TEST_CUT_MIXED, 80);
    assert_int_equal(one.file.bytes.n, other.file.bytes.n);
    assert_memory_equal(one.file.bytes.at, other.file.bytes.at,
                        one.file.bytes.n);
    clear(&one);
    clear(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_and_options_choose),
        cmocka_unit_test(sampled_tables_are_nearly_exact),
        cmocka_unit_test(symbols_outside_the_sample_have_codes),
        cmocka_unit_test(cuts_change_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
