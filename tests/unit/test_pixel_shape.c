/* Shapes: which keep the rules, and which a want takes. */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct mill_shape
ycc_420(uint32_t w, uint32_t h)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_YCC, MILL_OPAQUE, 8);
    shape.plane[1] = shape.plane[2] = mill_grid_make(w, h, 2, 2);
    return shape;
}

static struct mill_shape
rgba(uint32_t w, uint32_t h, unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_RGB, MILL_STRAIGHT, depth);
    return shape;
}

static void
models_have_their_planes_and_names(void **state)
{
    (void)state;
    static const char *const names[] = {"gray", "ycc", "rgb", "cmyk"};
    static const unsigned colours[] = {1, 3, 3, 4};
    for (int m = MILL_GRAY; m <= MILL_CMYK; m++) {
        struct mill_shape shape;
        struct mill_err err = {0};
        enum mill_model model = (enum mill_model)m;
        assert_string_equal(mill_model_name(model), names[m]);
        assert_int_equal(mill_model_colours(model), colours[m]);
        mill_shape_init(&shape, 3, 2, model, MILL_PREMULTIPLIED, 16);
        assert_int_equal(shape.n_planes, colours[m] + 1);
        assert_int_equal(shape.band_px, MILL_BAND_PX);
        assert_int_equal(mill_shape_sample_bytes(&shape), 2);
        assert_int_equal(mill_shape_check(&shape, &err), MILL_OK);
    }
}

static void
check_takes_subsampled_and_shifted_planes(void **state)
{
    (void)state;
    struct mill_err err = {0};
    struct mill_shape shape = ycc_420(5, 7);
    assert_int_equal(mill_shape_check(&shape, &err), MILL_OK);
    shape.plane[1].x0 = -1; /* 3 samples: -1..5 */
    assert_int_equal(mill_shape_check(&shape, &err), MILL_OK);
}

/* The shape is refused and the text names what is wrong. */
static void
assert_refused(const struct mill_shape *shape, const char *word)
{
    struct mill_err err = {0};
    assert_int_equal(mill_shape_check(shape, &err), MILL_INTERNAL);
    assert_int_equal(err.status, MILL_INTERNAL);
    assert_non_null(strstr(err.text, word));
}

static void
check_refuses_wrong_fields(void **state)
{
    (void)state;
    struct mill_shape good = ycc_420(5, 7);
    struct mill_shape bad[8] = {good, good, good, good, good, good, good, good};
    static const char *const words[8] = {"no pixels", "no pixels", "model",
                                         "alpha",     "depth",     "band_px",
                                         "planes",    "planes"};
    bad[0].w = 0;
    bad[1].h = 0;
    bad[2].model = (enum mill_model)4;
    bad[3].alpha = (enum mill_alpha)3;
    bad[4].depth = 12;
    bad[5].band_px = 0;
    bad[6].n_planes = 4;
    bad[7].n_planes = 2;
    for (size_t i = 0; i < MILL_COUNT(bad); i++)
        assert_refused(&bad[i], words[i]);
}

static void
check_refuses_grids_that_do_not_fit(void **state)
{
    (void)state;
    static const struct mill_grid wrong[] = {
        {2, 4, 2, 2, 0, 0},  /* too narrow */
        {2, 4, 5, 2, 0, 0},  /* one to spare: it begins at the edge */
        {3, 3, 2, 2, 0, 0},  /* too short */
        {3, 2, 2, 7, 0, 0},  /* a row to spare */
        {4, 4, 2, 2, -2, 0}, /* sample 0 is not in the picture */
        {3, 5, 2, 2, 0, -2}, /* nor is row 0 */
        {3, 4, 2, 2, 1, 0},  /* begins inside it */
        {3, 4, 2, 2, 0, 1},  {3, 4, 0, 2, 0, 0},  {3, 4, 2, 0, 0, 0},
        {1, 4, 33, 2, 0, 0}, {3, 1, 2, 33, 0, 0}, {0, 4, 2, 2, 0, 0},
        {3, 0, 2, 2, 0, 0}};
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        struct mill_shape shape = ycc_420(5, 7);
        shape.plane[2] = wrong[i];
        assert_refused(&shape, "plane 2");
    }
}

static void
check_refuses_coarse_alpha(void **state)
{
    (void)state;
    struct mill_shape shape = rgba(6, 4, 8);
    shape.plane[3] = mill_grid_make(6, 4, 2, 1);
    assert_refused(&shape, "alpha has step");
}

static void
an_empty_want_takes_all(void **state)
{
    (void)state;
    struct mill_want want = {0};
    struct mill_shape shape = rgba(6, 4, 16);
    assert_true(mill_want_met(&want, &shape));
    shape = ycc_420(5, 7);
    assert_true(mill_want_met(&want, &shape));
}

static void
want_looks_at_model_alpha_and_depth(void **state)
{
    (void)state;
    struct mill_shape shape = rgba(6, 4, 16);
    const uint8_t rgb = 1 << MILL_RGB, straight = 1 << MILL_STRAIGHT;
    struct mill_want want = {.models = rgb, .alphas = straight, .depths = 2};
    assert_true(mill_want_met(&want, &shape));
    want.models = 1 << MILL_YCC | 1 << MILL_GRAY | 1 << MILL_CMYK;
    assert_false(mill_want_met(&want, &shape));
    want.models = rgb;
    want.alphas = 1 << MILL_OPAQUE | 1 << MILL_PREMULTIPLIED;
    assert_false(mill_want_met(&want, &shape));
    want.alphas = straight;
    want.depths = 1;
    assert_false(mill_want_met(&want, &shape));
    want.depths = 3;
    assert_true(mill_want_met(&want, &shape));
}

static void
want_looks_at_grids_when_asked(void **state)
{
    (void)state;
    struct mill_shape shape = ycc_420(5, 7);
    struct mill_want want = {.sx = {1, 2, 2}, .sy = {1, 2, 2}, .grids = true};
    assert_true(mill_want_met(&want, &shape));
    shape.plane[1].x0 = -1;
    assert_false(mill_want_met(&want, &shape));
    want.grids = false;
    assert_true(mill_want_met(&want, &shape));
}

static void
want_without_steps_means_step_1(void **state)
{
    (void)state;
    struct mill_shape coarse = ycc_420(5, 7), full = rgba(6, 4, 8);
    struct mill_want want = {.grids = true};
    assert_false(mill_want_met(&want, &coarse));
    assert_true(mill_want_met(&want, &full));
    want.sx[3] = want.sy[3] = 2; /* alpha: has no effect */
    assert_true(mill_want_met(&want, &full));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_have_their_planes_and_names),
        cmocka_unit_test(check_takes_subsampled_and_shifted_planes),
        cmocka_unit_test(check_refuses_wrong_fields),
        cmocka_unit_test(check_refuses_grids_that_do_not_fit),
        cmocka_unit_test(check_refuses_coarse_alpha),
        cmocka_unit_test(an_empty_want_takes_all),
        cmocka_unit_test(want_looks_at_model_alpha_and_depth),
        cmocka_unit_test(want_looks_at_grids_when_asked),
        cmocka_unit_test(want_without_steps_means_step_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
