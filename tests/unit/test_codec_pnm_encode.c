/* PNM encoding: which of the formats is written, byte for byte, and that what
 * is drawn comes back. */
#include "codec_run.h"

#include "codec/codecs.h"

static const struct mill_encode how;

static unsigned
counted(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return 'A' + plane + 4 * x + 8 * y;
}

/* The 2 x 2 px picture of counted() as a file. */
static void
assert_written(enum mill_model model, enum mill_alpha alpha, unsigned depth,
               const char *want, size_t n)
{
    struct mill_shape shape;
    struct mill_test_source source = {
        .shape = &shape, .cut = 1, .value = counted};
    struct codec_file file;
    struct mill_err err;
    mill_shape_init(&shape, 2, 2, model, alpha, depth);
    codec_file_init(&file, 5);
    assert_int_equal(
        codec_run_encode(&mill_codec_pnm, &how, &source, &file, &err),
        MILL_FLOW_MORE);
    assert_int_equal(file.bytes.n, n);
    assert_memory_equal(file.bytes.at, want, n);
    codec_file_clear(&file);
}

#define ASSERT_WRITTEN(model, alpha, depth, want)                              \
    assert_written(model, alpha, depth, want, sizeof(want) - 1)

static void
gray_is_a_pgm(void **state)
{
    (void)state;
    ASSERT_WRITTEN(MILL_GRAY, MILL_OPAQUE, 8, "P5\n2 2\n255\nAEIM");
}

static void
rgb_is_a_ppm(void **state)
{
    (void)state;
    ASSERT_WRITTEN(MILL_RGB, MILL_OPAQUE, 8, "P6\n2 2\n255\nABCEFGIJKMNO");
}

static void
words_have_the_high_byte_first(void **state)
{
    (void)state;
    ASSERT_WRITTEN(MILL_GRAY, MILL_OPAQUE, 16, "P5\n2 2\n65535\n\0A\0E\0I\0M");
}

static void
alpha_makes_a_pam(void **state)
{
    (void)state;
    ASSERT_WRITTEN(MILL_GRAY, MILL_STRAIGHT, 8,
                   "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\n"
                   "TUPLTYPE GRAYSCALE_ALPHA\nENDHDR\nABEFIJMN");
    ASSERT_WRITTEN(MILL_RGB, MILL_STRAIGHT, 8,
                   "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\n"
                   "TUPLTYPE RGB_ALPHA\nENDHDR\nABCDEFGHIJKLMNOP");
}

static void
comes_back(struct mill_shape shape)
{
    struct mill_test_source source = {
        .shape = &shape, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    unsigned mask = shape.depth == 16 ? 0xFFFF : 0xFF;
    struct codec_file file;
    struct codec_run run;
    struct mill_err err;
    void *block;
    codec_file_init(&file, 100);
    codec_run_init(&run);
    assert_int_equal(
        codec_run_encode(&mill_codec_pnm, &how, &source, &file, &err),
        MILL_FLOW_MORE);
    assert_int_equal(codec_run_decode_at(&run, &mill_codec_pnm,
                                         codec_file_bytes(&file), &block),
                     MILL_OK);
    assert_int_equal(run.collect.shape.n_planes, shape.n_planes);
    for (unsigned p = 0; p < shape.n_planes; p++)
        for (uint32_t y = 0; y < shape.h; y++)
            for (uint32_t x = 0; x < shape.w; x++)
                assert_int_equal(mill_test_sample(&run.collect, p, x, y),
                                 mill_test_noise(NULL, p, x, y) & mask);
    codec_run_clear(&run);
    codec_file_clear(&file);
    free(block);
}

static void
every_shape_comes_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct mill_shape shape;
        mill_shape_init(&shape, 37, 41, i % 2 ? MILL_RGB : MILL_GRAY,
                        i / 2 % 2 ? MILL_STRAIGHT : MILL_OPAQUE,
                        i / 4 ? 16 : 8);
        comes_back(shape);
    }
}

static void
owner_of_the_window_decides(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct mill_shape shape;
        struct mill_test_source source = {
            .shape = &shape, .cut = 3, .value = mill_test_noise};
        struct codec_file file;
        struct mill_err err = {0};
        mill_shape_init(&shape, 90, 90, MILL_RGB, MILL_OPAQUE, 8);
        codec_file_init(&file, 64);
        file.most = i / 2 ? 3000 : 1;
        file.then = i % 2 ? MILL_FLOW_FAILED : MILL_FLOW_ENOUGH;
        assert_int_equal(
            codec_run_encode(&mill_codec_pnm, &how, &source, &file, &err),
            file.then);
        assert_int_equal(err.status, i % 2 ? MILL_WRITE : MILL_OK);
        assert_true(file.bytes.n < file.most + 64);
        codec_file_clear(&file);
    }
}

static void
planes_that_pnm_has_not_are_refused(void **state)
{
    struct mill_shape shape;
    struct mill_test_source source = {
        .shape = &shape, .cut = 3, .value = mill_test_noise};
    struct codec_file file;
    struct mill_err err;
    (void)state;
    mill_shape_init(&shape, 9, 9, MILL_YCC, MILL_OPAQUE, 8);
    codec_file_init(&file, 64);
    assert_int_equal(
        codec_run_encode(&mill_codec_pnm, &how, &source, &file, &err),
        MILL_FLOW_FAILED);
    assert_int_equal(err.status, MILL_INTERNAL);
    codec_file_clear(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gray_is_a_pgm),
        cmocka_unit_test(rgb_is_a_ppm),
        cmocka_unit_test(words_have_the_high_byte_first),
        cmocka_unit_test(alpha_makes_a_pam),
        cmocka_unit_test(every_shape_comes_back),
        cmocka_unit_test(owner_of_the_window_decides),
        cmocka_unit_test(planes_that_pnm_has_not_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
