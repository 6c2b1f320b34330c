/* The line of sinks itself, beside its plan: what it takes from the arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recipe/line.h"
#include "recipe_make.h"

static const char *const chains[] = {
    "",
    "resize 50%",
    "resize 20x20,fit=cover; rotate 270",
    "resize 80x80,fit=contain; blur 4",
    "crop 31x29+1+1; resize 17x; flip",
    "resize 40x; blur 1; resize 20x; sharpen 1; gray",
    "gamma 1.5; rotate 90; gray",
    "resize 150%,enlarge=yes; crop 50x50; flatten #102030",
    "rotate 90; blur 2; rotate 90; gamma 2; rotate 90; sharpen 2",
};

static const char *const formats[] = {"jpeg", "png", "pnm"};

/* Decode a file through its line; what the arena gave, over what was planned in
 * *planned, but for stacks of threads. */
static uint64_t
arena_bytes(struct mill_bytes in, const struct mill_recipe *recipe,
            uint64_t *planned)
{
    struct mill_plan *plan = malloc(sizeof *plan);
    struct mill_info info;
    struct mill_err err = {0};
    struct recipe__line line;
    struct recipe_desk desk;
    uint32_t notes = 0, warnings = 0;
    struct mill_arena *arena = mill_arena_new(0), *own = mill_arena_new(0);
    const struct mill_codec *codec = mill_codec_sniff(in);
    recipe_desk_init(&desk);
    assert_int_equal(codec->info(in, &info, &err), MILL_OK);
    assert_int_equal(mill_plan_make(plan, recipe, &info, &err), MILL_OK);
    plan->decode.arena = own; /* a decoder works while its line does */
    plan->decode.warnings = &warnings;
    plan->decode.notes = &notes;
    assert_int_equal(
        recipe__line_build(&line, plan, recipe, &desk.out, &notes, arena, &err),
        MILL_OK);
    assert_int_equal(codec->decode(in, &plan->decode, line.head, &err),
                     MILL_OK);
    uint64_t taken = mill_arena_bytes(arena) + mill_arena_bytes(own);
    recipe__line_free(&line);
    assert_int_equal(line.n_all, 0);
    mill_arena_free(arena);
    mill_arena_free(own);
    mill_buffer_clear(&desk.bytes);
    *planned = plan->need_bytes - mill_crew_bytes(recipe->encode.crew);
    free(plan);
    return taken;
}

static void
no_line_takes_more_than_was_planned(void **state)
{
    struct mill_buffer pnm = recipe_pnm("P7", 167, 145);
    struct mill_crew *crew = mill_crew_new(3);
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(chains) * 18; i++) {
        struct mill_result result;
        struct mill_recipe recipe;
        uint64_t planned;
        struct mill_buffer from =
            recipe_convert(recipe_bytes(&pnm), "", formats[i % 3], &result);
        recipe_make(&recipe, chains[i / 18], formats[i / 3 % 3]);
        recipe.encode.crew = i / 9 % 2 ? crew : NULL;
        uint64_t taken = arena_bytes(recipe_bytes(&from), &recipe, &planned);
        enum { LINE = 1 << 20, LINE_USES = 16 << 10 };
        if (taken > planned - LINE + LINE_USES)
            fail_msg("%s: %llu of %llu", chains[i / 18],
                     (unsigned long long)taken, (unsigned long long)planned);
        mill_recipe_clear(&recipe);
        mill_buffer_clear(&from);
    }
    mill_crew_free(crew);
    mill_buffer_clear(&pnm);
}

static void
a_line_that_was_never_built_is_freed(void **state)
{
    struct recipe__line line = {0};
    (void)state;
    recipe__line_free(&line);
    assert_null(line.head);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_takes_more_than_was_planned),
        cmocka_unit_test(a_line_that_was_never_built_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
