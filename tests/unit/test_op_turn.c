/* The station that turns: every turn, on even and odd pictures, both depths and
 * subsampled planes; each sample is looked up where the turn says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "mill_test_op.h"

/* Where sample x, y of a turned w x h plane came from; w, h before the turn. */
static void
origin(enum mill_turn turn, uint32_t w, uint32_t h, uint32_t x, uint32_t y,
       uint32_t *from_x, uint32_t *from_y)
{
    const bool swaps = mill_turn_swaps(turn);
    *from_x = swaps ? y : x;
    *from_y = swaps ? x : y;
    if (turn == MILL_FLOP || turn == MILL_TURN_180 || turn == MILL_TURN_270 ||
        turn == MILL_TRANSVERSE)
        *from_x = w - 1 - *from_x;
    if (turn == MILL_FLIP || turn == MILL_TURN_180 || turn == MILL_TURN_90 ||
        turn == MILL_TRANSVERSE)
        *from_y = h - 1 - *from_y;
}

static void
check(const struct mill_shape *in, enum mill_turn turn)
{
    struct mill_turn_params params = {turn};
    struct mill_test_source source = {
        .shape = in, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    struct mill_test_collect made;
    const unsigned mask = (1u << in->depth) - 1;
    assert_true(mill_test_op_cuts_agree(&mill_stage_turn, &params, source));
    mill_test_collect_init(&made);
    assert_true(mill_test_op_run(&mill_stage_turn, &params, &source, &made));
    for (unsigned p = 0; p < in->n_planes; p++) {
        const struct mill_grid *g = &in->plane[p], *to = &made.shape.plane[p];
        assert_int_equal(to->w, mill_turn_swaps(turn) ? g->h : g->w);
        for (uint32_t y = 0; y < to->h; y++)
            for (uint32_t x = 0; x < to->w; x++) {
                uint32_t from_x, from_y;
                origin(turn, g->w, g->h, x, y, &from_x, &from_y);
                assert_int_equal(mill_test_sample(&made, p, x, y),
                                 mill_test_noise(NULL, p, from_x, from_y) &
                                     mask);
            }
    }
    mill_test_collect_clear(&made);
}

static void
check_all_turns(uint32_t w, uint32_t h, unsigned depth, unsigned sx,
                unsigned sy)
{
    struct mill_shape in;
    mill_shape_init(&in, w, h, MILL_YCC, MILL_OPAQUE, depth);
    in.plane[1] = in.plane[2] = mill_grid_make(w, h, sx, sy);
    for (int turn = MILL_TURN_0 + 1; turn <= MILL_TRANSVERSE; turn++)
        check(&in, (enum mill_turn)turn);
}

static void
full_planes_turn(void **state)
{
    (void)state;
    check_all_turns(70, 50, 8, 1, 1);
    check_all_turns(129, 67, 8, 1, 1);
    check_all_turns(41, 99, 16, 1, 1);
    check_all_turns(1, 1, 8, 1, 1);
    check_all_turns(1, 37, 16, 1, 1);
}

static void
subsampled_planes_turn(void **state)
{
    (void)state;
    check_all_turns(70, 50, 8, 2, 2);
    check_all_turns(71, 53, 8, 2, 1);
    check_all_turns(73, 131, 16, 2, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_planes_turn),
        cmocka_unit_test(subsampled_planes_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
