/* The recipe itself: steps from words, defaults, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recipe_make.h"

static void
a_new_recipe_changes_nothing_but_the_orientation(void **state)
{
    struct mill_recipe recipe;
    (void)state;
    mill_recipe_init(&recipe);
    assert_true(recipe.auto_orient);
    assert_int_equal(recipe.n_steps, 0);
    assert_null(recipe.format);
    assert_int_equal(recipe.keep,
                     MILL_KEEP_ICC | MILL_KEEP_EXIF | MILL_KEEP_XMP);
    assert_int_equal(recipe.encode.quality, 80);
    assert_int_equal(recipe.background.r, 255);
    assert_true(recipe.limits.pixels == 268402689);
    mill_recipe_clear(&recipe);
}

static void
steps_stand_in_their_order(void **state)
{
    struct mill_recipe recipe;
    (void)state;
    recipe_make(&recipe, "resize 10x10; gray; blur 2", NULL);
    assert_int_equal(recipe.n_steps, 3);
    assert_ptr_equal(recipe.steps[0].op, mill_op_named("resize"));
    assert_ptr_equal(recipe.steps[1].op, mill_op_named("gray"));
    assert_ptr_equal(recipe.steps[2].op, mill_op_named("blur"));
    mill_recipe_clear(&recipe);
    assert_int_equal(recipe.n_steps, 0);
}

/* A text that a caller owns stays whole. */
static void
the_text_is_not_cut_up(void **state)
{
    static const char text[] = "10x10,fit=cover,gravity=north";
    struct mill_recipe recipe;
    struct mill_err err = {0};
    (void)state;
    mill_recipe_init(&recipe);
    assert_int_equal(mill_recipe_add(&recipe, "resize", text, &err), MILL_OK);
    mill_recipe_clear(&recipe);
}

static void
assert_refused(const char *op, const char *text, const char *word)
{
    struct mill_recipe recipe;
    struct mill_err err = {0};
    mill_recipe_init(&recipe);
    assert_int_equal(mill_recipe_add(&recipe, op, text, &err), MILL_USAGE);
    assert_int_equal(err.status, MILL_USAGE);
    assert_non_null(strstr(err.text, word));
    assert_int_equal(recipe.n_steps, 0);
    mill_recipe_clear(&recipe);
}

static void
wrong_words_are_refused_with_what_was_wrong(void **state)
{
    (void)state;
    assert_refused("polish", "", "polish");
    assert_refused("turn", "", "turn");
    assert_refused("resize", "", "resize");
    assert_refused("resize", "10x10,fit=round", "round");
    assert_refused("resize", "10x10,,fit=cover", "resize");
    assert_refused("crop", "banana", "banana");
}

static void
there_is_an_end_to_steps(void **state)
{
    struct mill_recipe recipe;
    struct mill_err err = {0};
    (void)state;
    mill_recipe_init(&recipe);
    for (unsigned i = 0; i < MILL_STEPS; i++)
        assert_int_equal(mill_recipe_add(&recipe, "flip", "", &err), MILL_OK);
    assert_int_equal(mill_recipe_add(&recipe, "flip", "", &err), MILL_USAGE);
    assert_int_equal(recipe.n_steps, MILL_STEPS);
    mill_recipe_clear(&recipe);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_recipe_changes_nothing_but_the_orientation),
        cmocka_unit_test(steps_stand_in_their_order),
        cmocka_unit_test(the_text_is_not_cut_up),
        cmocka_unit_test(wrong_words_are_refused_with_what_was_wrong),
        cmocka_unit_test(there_is_an_end_to_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
