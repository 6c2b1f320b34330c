/* What the planner refuses, and in which words. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recipe_make.h"

static struct mill_info
rgb_info(void)
{
    return recipe_info("png", 400, 300, MILL_RGB, MILL_OPAQUE, 8, 1, 1);
}

static enum mill_status
plan_status(const struct mill_info *info, struct mill_recipe *recipe,
            struct mill_err *err)
{
    struct mill_plan *plan = malloc(sizeof *plan);
    *err = (struct mill_err){0};
    enum mill_status status = mill_plan_make(plan, recipe, info, err);
    assert_int_equal(status, err->status);
    free(plan);
    return status;
}

static void
too_many_pixels_are_refused_by_name(void **state)
{
    struct mill_recipe recipe;
    struct mill_err err;
    struct mill_info info = recipe_info_jpeg(20000, 20000);
    (void)state;
    recipe_make(&recipe, "", NULL);
    assert_int_equal(plan_status(&info, &recipe, &err), MILL_LIMIT);
    assert_string_equal(err.text,
                        "20000 x 20000 = 400000000 px is over the limit of "
                        "268402689 px; --max-pixels raises it");
    recipe.limits.pixels = 400000000;
    assert_int_equal(plan_status(&info, &recipe, &err), MILL_OK);
    mill_recipe_clear(&recipe);
}

static void
senseless_geometry_is_refused(void **state)
{
    struct mill_recipe recipe;
    struct mill_err err;
    struct mill_info info = rgb_info();
    (void)state;
    recipe_make(&recipe, "crop 100x100+400+0", NULL);
    int status = plan_status(&info, &recipe, &err);
    assert_int_equal(status, MILL_USAGE);
    mill_recipe_clear(&recipe);
}

static void
a_format_that_cannot_be_written_is_refused(void **state)
{
    struct mill_codec mute = *mill_codec_named("png");
    struct mill_recipe recipe;
    struct mill_err err;
    struct mill_info info = rgb_info();
    (void)state;
    recipe_make(&recipe, "", NULL);
    mute.encoder = NULL;
    recipe.format = &mute;
    assert_int_equal(plan_status(&info, &recipe, &err), MILL_UNSUPPORTED);
    mill_recipe_clear(&recipe);
}

/* Two operations that never agree: three stations a step. */
static void
want_even(const void *params, const struct mill_shape *in,
          struct mill_want *want)
{
    (void)params, (void)in;
    *want = (struct mill_want){.models = 1 << MILL_RGB,
                               .grids = true,
                               .sx = {1, 1, 1},
                               .sy = {1, 1, 1}};
}

static void
want_uneven(const void *params, const struct mill_shape *in,
            struct mill_want *want)
{
    (void)params, (void)in;
    *want = (struct mill_want){.models = 1 << MILL_YCC,
                               .grids = true,
                               .sx = {1, 2, 2},
                               .sy = {1, 2, 2}};
}

static struct mill_sink *
open_nothing(const void *params, const struct mill_shape *in,
             struct mill_sink *next, struct mill_arena *arena,
             struct mill_err *err)
{
    (void)params, (void)in, (void)arena, (void)err;
    return next;
}

static void
too_many_stations_are_refused(void **state)
{
    const struct mill_op even = {
        .name = "even", .want = want_even, .open = open_nothing};
    const struct mill_op uneven = {
        .name = "uneven", .want = want_uneven, .open = open_nothing};
    struct mill_recipe recipe;
    struct mill_err err = {0};
    struct mill_info info = recipe_info_jpeg(400, 300);
    (void)state;
    mill_recipe_init(&recipe);
    recipe.n_steps = MILL_STEPS;
    for (unsigned i = 0; i < MILL_STEPS; i++)
        recipe.steps[i].op = i % 2 ? &uneven : &even;
    assert_int_equal(plan_status(&info, &recipe, &err), MILL_OK);
    recipe.format = mill_codec_named("png");
    assert_int_equal(plan_status(&info, &recipe, &err), MILL_LIMIT);
    mill_recipe_clear(&recipe);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_pixels_are_refused_by_name),
        cmocka_unit_test(senseless_geometry_is_refused),
        cmocka_unit_test(a_format_that_cannot_be_written_is_refused),
        cmocka_unit_test(too_many_stations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
