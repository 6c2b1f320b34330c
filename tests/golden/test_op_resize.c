/* The resizer against double precision: all kernels, both depths, ratios from
 * a twentieth to ten, even and odd sizes, noise and smooth pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mill_test_resample.h"

/* Largest differences from the unrounded value: half a level is rounding. */
static const double most_8 = 0.75, most_16 = 0.6;

struct sizes {
    uint32_t in_w, in_h, w, h;
};

static const struct sizes sizes[] = {
    {64, 48, 32, 24},  {61, 47, 30, 23},  {67, 45, 44, 31},   {90, 70, 29, 11},
    {150, 83, 19, 10}, {190, 170, 11, 9}, {260, 210, 13, 10}, {20, 16, 53, 41},
    {9, 7, 90, 70},    {40, 200, 40, 10}, {200, 30, 9, 30},   {33, 33, 65, 5},
    {1, 1, 7, 5},      {2, 90, 1, 1},     {57, 31, 56, 32}};

static void
check(unsigned kernel, unsigned depth, enum mill_model model, bool smooth)
{
    double worst = 0;
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        struct mill_shape in;
        mill_shape_init(&in, sizes[i].in_w, sizes[i].in_h, model, MILL_OPAQUE,
                        depth);
        struct mill_test_source source = {.shape = &in,
                                          .cut = MILL_TEST_CUT_MIXED,
                                          .value = smooth ? mill_test_smooth
                                                          : mill_test_noise,
                                          .arg = &depth};
        struct mill_resize_params to =
            mill_test_resize_to(&in, sizes[i].w, sizes[i].h, kernel);
        assert_true(mill_test_resample_near(
            &source, &to, depth == 8 ? most_8 : most_16, &worst));
    }
    print_message("kernel %s, %u bits: %.3f\n", mill_kernel_names[kernel],
                  depth, worst);
}

static void
noise_of_8_bits_is_near(void **state)
{
    (void)state;
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        check(kernel, 8, MILL_GRAY, false);
}

static void
smooth_of_8_bits_is_near(void **state)
{
    (void)state;
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        check(kernel, 8, MILL_GRAY, true);
}

static void
noise_of_16_bits_is_near(void **state)
{
    (void)state;
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        check(kernel, 16, MILL_GRAY, false);
}

static void
smooth_of_16_bits_is_near(void **state)
{
    (void)state;
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        check(kernel, 16, MILL_GRAY, true);
}

/* A part of the resized picture: samples beside it still count. */
static void
parts_are_near(void **state)
{
    (void)state;
    double worst = 0;
    struct mill_shape in;
    mill_shape_init(&in, 101, 83, MILL_RGB, MILL_PREMULTIPLIED, 8);
    struct mill_test_source source = {
        .shape = &in, .cut = 5, .value = mill_test_noise};
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++) {
        struct mill_resize_params to = mill_test_resize_to(&in, 47, 44, kernel);
        to.out = (struct mill_rect){13, 9, 20, 31};
        for (unsigned p = 0; p < in.n_planes; p++)
            to.plane[p] = mill_grid_make(20, 31, 1, 1);
        assert_true(mill_test_resample_near(&source, &to, most_8, &worst));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_of_8_bits_is_near),
        cmocka_unit_test(smooth_of_8_bits_is_near),
        cmocka_unit_test(noise_of_16_bits_is_near),
        cmocka_unit_test(smooth_of_16_bits_is_near),
        cmocka_unit_test(parts_are_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
