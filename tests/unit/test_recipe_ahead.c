/* How far a decoder may run ahead: never to the row with which a line says that
 * it has enough, and near to it, for lines that want most of a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mill_test_pixel.h"
#include "recipe/line.h"
#include "recipe_make.h"

/* Rows, one by one, until the line has enough; how many those were. */
static uint32_t
rows_wanted(const struct mill_plan *plan, const struct mill_recipe *recipe,
            struct mill_arena *arena)
{
    struct recipe__line line;
    struct recipe_desk desk;
    struct mill_err err = {0};
    uint32_t notes = 0, y = 0;
    static const struct mill_meta none;
    struct mill_test_source source = {
        .shape = &plan->decoded, .cut = 1, .value = mill_test_noise};
    recipe_desk_init(&desk);
    if (recipe__line_build(&line, plan, recipe, &desk.out, &notes, arena, &err))
        fail_msg("%s", err.text);
    enum mill_flow flow =
        line.head->begin(line.head, &plan->decoded, &none, &err);
    while (flow == MILL_FLOW_MORE && y < plan->decoded.h)
        flow = mill_test__band_push(&source, y++, 1, line.head, &err);
    if (flow == MILL_FLOW_FAILED)
        fail_msg("%s", err.text);
    recipe__line_free(&line);
    mill_buffer_clear(&desk.bytes);
    return y;
}

static void
check(const char *steps, const struct mill_info *info, uint32_t *ahead,
      uint32_t *wanted)
{
    struct mill_plan *plan = malloc(sizeof *plan);
    struct mill_recipe recipe;
    struct mill_err err = {0};
    struct mill_arena *arena = mill_arena_new(0);
    recipe_make(&recipe, steps, "pnm");
    if (mill_plan_make(plan, &recipe, info, &err) != MILL_OK)
        fail_msg("%s: %s", steps, err.text);
    *ahead = recipe__rows_ahead(plan);
    *wanted = rows_wanted(plan, &recipe, arena);
    if (*ahead >= *wanted)
        fail_msg("%s of %ux%u: %u rows ahead, enough with %u", steps,
                 info->shape.w, info->shape.h, *ahead, *wanted);
    mill_recipe_clear(&recipe);
    mill_arena_free(arena);
    free(plan);
}

static void
never_to_the_last_row_that_is_needed(void **state)
{
    static const char *const chains[] = {
        "",
        "crop 60x41+3+7",
        "crop 60x1+3+0",
        "resize 50%",
        "resize 10x",
        "resize 300x,enlarge=yes",
        "resize 300x,enlarge=yes,kernel=nearest",
        "resize 1x1",
        "resize 33%,kernel=box",
        "resize 33%,kernel=nearest; crop 10x3",
        "resize 40x40,fit=cover,gravity=north",
        "resize 80x80,fit=contain; blur 4",
        "crop 31x29+1+1; resize 17x; flip",
        "resize 90x; blur 3; crop 20x5+0+1",
        "resize 200%,enlarge=yes; blur 1; crop 50x50",
        "rotate 90; crop 9x20+5+5; sharpen 1",
        "flop; crop 30x30; gray; resize 20x",
        "rotate 180; crop 30x30",
    };
    static const uint32_t sizes[][2] = {{97, 83}, {160, 128}, {61, 301}};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(chains) * 6; i++) {
        const uint32_t *size = sizes[i / 2 % 3];
        struct mill_info info =
            i % 2 ? recipe_info_jpeg(size[0], size[1])
                  : recipe_info("png", size[0], size[1], MILL_RGB,
                                MILL_STRAIGHT, 16, 1, 1);
        uint32_t ahead, wanted;
        check(chains[i / 6], &info, &ahead, &wanted);
    }
}

static void
far_where_most_is_needed(void **state)
{
    static const char *const chains[] = {"", "resize 50%", "resize 70%; blur 1",
                                         "flop; sharpen 1", "rotate 90"};
    struct mill_info info =
        recipe_info("png", 200, 2000, MILL_RGB, MILL_OPAQUE, 8, 1, 1);
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(chains); i++) {
        uint32_t ahead, wanted;
        check(chains[i], &info, &ahead, &wanted);
        if (ahead + 16 < wanted)
            fail_msg("%s: only %u of %u", chains[i], ahead, wanted);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_to_the_last_row_that_is_needed),
        cmocka_unit_test(far_where_most_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
