/* Who decides how many threads work inside one image, and that no byte depends
 * on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recipe_make.h"

/* The work memory that a picture is given when the desk has so many threads:
 * more with a crew. */
static uint64_t
need_with(struct mill_bytes in, unsigned threads, uint64_t giant_px,
          uint64_t most_bytes, struct mill_buffer *out)
{
    struct mill_recipe recipe;
    struct recipe_desk desk;
    struct mill_result result;
    struct mill_err err;
    recipe_make(&recipe, "resize 90%", "png");
    recipe.threads = 4;
    recipe.threads_px = 1;
    recipe.giant_px = giant_px;
    recipe_desk_init(&desk);
    desk.face.threads = threads;
    desk.face.most_bytes = most_bytes;
    if (recipe_run_task(mill_task_convert(&recipe), in, &desk, &result, &err))
        fail_msg("%u threads: %s", threads, err.text);
    mill_recipe_clear(&recipe);
    *out = desk.bytes;
    return result.need_bytes;
}

static void
a_desk_says_how_many_threads(void **state)
{
    enum { GIANT = 1 << 30 };
    static const struct {
        unsigned threads;
        uint64_t giant_px;
    } ways[] = {{1, GIANT}, {2, GIANT}, {3, GIANT}, {4, GIANT},
                {9, GIANT}, {0, GIANT}, {1, 1}};
    struct mill_buffer from = recipe_pnm("P6", 600, 900), out[7];
    uint64_t needs[7];
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(ways); i++) {
        needs[i] = need_with(recipe_bytes(&from), ways[i].threads,
                             ways[i].giant_px, 0, &out[i]);
        assert_int_equal(out[i].n, out[0].n);
        assert_memory_equal(out[i].at, out[0].at, out[0].n);
    }
    for (unsigned i = 1; i < 4; i++)
        assert_true(needs[i] > needs[i - 1]);
    for (unsigned i = 4; i < MILL_COUNT(ways); i++)
        assert_int_equal(needs[i], needs[3]);
    for (unsigned i = 0; i < MILL_COUNT(ways); i++)
        mill_buffer_clear(&out[i]);
    mill_buffer_clear(&from);
}

/* Where there is memory for the image and not for its crew. */
static void
memory_is_for_the_image_first(void **state)
{
    struct mill_buffer from = recipe_pnm("P6", 600, 900), out[4];
    struct mill_bytes in = recipe_bytes(&from);
    const unsigned share = mill_codec_named("png")->share;
    const uint64_t output = UINT64_C(3) * 540 * 810 / (share ? share : 1);
    (void)state;
    uint64_t alone = need_with(in, 1, 1 << 30, 0, &out[0]);
    uint64_t crewed = need_with(in, 3, 1 << 30, 0, &out[1]);
    assert_true(crewed > alone);
    assert_int_equal(need_with(in, 3, 1 << 30, crewed + output, &out[2]),
                     crewed);
    assert_int_equal(need_with(in, 3, 1 << 30, crewed + output - 1, &out[3]),
                     alone);
    for (unsigned i = 1; i < MILL_COUNT(out); i++)
        assert_int_equal(out[i].n, out[0].n);
    for (unsigned i = 0; i < MILL_COUNT(out); i++)
        mill_buffer_clear(&out[i]);
    mill_buffer_clear(&from);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_desk_says_how_many_threads),
        cmocka_unit_test(memory_is_for_the_image_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
