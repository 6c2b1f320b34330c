/* Grid to grid against double precision: subsampled planes to full ones and
 * back, at the same size and while resizing, odd sizes, and planes that begin
 * left of and above the picture, as after an odd crop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mill_test_resample.h"

struct steps {
    uint8_t sx, sy;
};

static const struct steps steps[] = {{1, 1}, {2, 2}, {2, 1}, {1, 2}, {4, 1}};

static const unsigned kernels[] = {MILL_LINEAR, MILL_BOX, MILL_LANCZOS3,
                                   MILL_MITCHELL};

/* A YCC picture of 47 x 35 px cut out of a larger one at x, y. */
static struct mill_shape
cut_shape(const struct steps *chroma, unsigned depth, uint32_t x, uint32_t y)
{
    struct mill_shape shape;
    const struct mill_rect part = {x, y, 47, 35};
    mill_shape_init(&shape, part.w, part.h, MILL_YCC, MILL_OPAQUE, depth);
    for (unsigned p = 1; p < 3; p++) {
        struct mill_grid g = mill_grid_make(64, 48, chroma->sx, chroma->sy);
        shape.plane[p] = mill_grid_crop(&g, &part, NULL, NULL);
    }
    return shape;
}

static void
check(const struct mill_shape *in, const struct steps *chroma, uint32_t w,
      uint32_t h, unsigned kernel, int8_t before)
{
    double worst = 0;
    struct mill_test_source source = {
        .shape = in, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    struct mill_resize_params to = mill_test_resize_to(in, w, h, kernel);
    for (unsigned p = 1; p < 3; p++) {
        const struct mill_rect part = {(uint32_t)before, (uint32_t)before, w,
                                       h};
        struct mill_grid g =
            mill_grid_make(w + 8, h + 8, chroma->sx, chroma->sy);
        to.plane[p] = mill_grid_crop(&g, &part, NULL, NULL);
    }
    assert_true(mill_test_resample_near(&source, &to,
                                        in->depth == 8 ? 0.75 : 0.6, &worst));
}

static void
check_all(uint32_t w, uint32_t h, unsigned depth, int8_t before)
{
    for (size_t from = 0; from < MILL_COUNT(steps); from++)
        for (size_t to = 0; to < MILL_COUNT(steps); to++)
            for (size_t k = 0; k < MILL_COUNT(kernels); k++) {
                uint32_t odd = (uint32_t)(from + to + k) % 4;
                struct mill_shape in =
                    cut_shape(&steps[from], depth, odd, 3 - odd);
                check(&in, &steps[to], w, h, kernels[k], before);
            }
}

static void
grids_change_at_the_same_size(void **state)
{
    (void)state;
    check_all(47, 35, 8, 0);
    check_all(47, 35, 16, 0);
}

static void
grids_change_while_resizing(void **state)
{
    (void)state;
    check_all(23, 18, 8, 0);
    check_all(91, 50, 8, 0);
    check_all(31, 29, 16, 0);
}

static void
outputs_may_begin_beside_the_picture(void **state)
{
    (void)state;
    check_all(29, 21, 8, 1);
    check_all(47, 35, 8, 3);
}

/* 4:2:0 at full size is 4:4:4 at half: chroma is the same samples. */
static void
planes_that_fit_pass_unchanged(void **state)
{
    (void)state;
    double worst = 0;
    struct mill_shape in;
    mill_shape_init(&in, 60, 40, MILL_YCC, MILL_OPAQUE, 8);
    in.plane[1] = in.plane[2] = mill_grid_make(60, 40, 2, 2);
    struct mill_test_source source = {
        .shape = &in, .cut = 16, .value = mill_test_noise};
    struct mill_resize_params to =
        mill_test_resize_to(&in, 30, 20, MILL_MITCHELL);
    to.plane[1] = to.plane[2] = mill_grid_make(30, 20, 1, 1);
    struct mill_test_collect made;
    mill_test_collect_init(&made);
    assert_true(mill_test_op_run(&mill_stage_resize, &to, &source, &made));
    for (uint32_t y = 0; y < 20; y++)
        for (uint32_t x = 0; x < 30; x++)
            assert_int_equal(mill_test_sample(&made, 1, x, y),
                             mill_test_noise(NULL, 1, x, y) & 255);
    mill_test_collect_clear(&made);
    assert_true(mill_test_resample_near(&source, &to, 0.75, &worst));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids_change_at_the_same_size),
        cmocka_unit_test(grids_change_while_resizing),
        cmocka_unit_test(outputs_may_begin_beside_the_picture),
        cmocka_unit_test(planes_that_fit_pass_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
