/* The stations that leave out and that pad: samples, grids, bands, and when
 * they have enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "mill_test_op.h"
#include "op/ops.h"
#include "op/resize.h"

static struct mill_shape
picture(unsigned sx, unsigned sy, unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, 41, 33, MILL_YCC, MILL_OPAQUE, depth);
    shape.plane[1] = shape.plane[2] = mill_grid_make(41, 33, sx, sy);
    return shape;
}

/* Every sample that reaches into the part is there, at its place. */
static void
check_part(const struct mill_shape *in, const struct mill_rect *part)
{
    struct mill_crop_params params = {*part};
    struct mill_test_source source = {
        .shape = in, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    struct mill_test_collect made;
    const unsigned mask = (1u << in->depth) - 1;
    assert_true(mill_test_op_cuts_agree(&mill_stage_crop, &params, source));
    mill_test_collect_init(&made);
    assert_true(mill_test_op_run(&mill_stage_crop, &params, &source, &made));
    for (unsigned p = 0; p < in->n_planes; p++) {
        const struct mill_grid *g = &in->plane[p], *to = &made.shape.plane[p];
        uint32_t dx = part->x / g->sx, dy = part->y / g->sy;
        assert_int_equal(to->x0, -(int)(part->x % g->sx));
        assert_int_equal(to->y0, -(int)(part->y % g->sy));
        for (uint32_t y = 0; y < to->h; y++)
            for (uint32_t x = 0; x < to->w; x++)
                assert_int_equal(mill_test_sample(&made, p, x, y),
                                 mill_test_noise(NULL, p, x + dx, y + dy) &
                                     mask);
    }
    mill_test_collect_clear(&made);
}

static void
parts_keep_their_samples(void **state)
{
    (void)state;
    static const struct mill_rect parts[] = {
        {0, 0, 41, 33}, {1, 1, 20, 20}, {5, 7, 36, 26}, {40, 32, 1, 1},
        {3, 0, 7, 1},   {0, 15, 41, 2}, {2, 4, 8, 8}};
    for (size_t i = 0; i < MILL_COUNT(parts); i++) {
        struct mill_shape full = picture(1, 1, 16), half = picture(2, 2, 8),
                          quarter = picture(4, 4, 8);
        check_part(&full, &parts[i]);
        check_part(&half, &parts[i]);
        check_part(&quarter, &parts[i]);
    }
}

static void
crop_has_enough_behind_its_last_row(void **state)
{
    (void)state;
    struct mill_err err = {0};
    struct mill_shape in = picture(2, 2, 8);
    struct mill_crop_params params = {{3, 3, 10, 5}};
    struct mill_test_source source = {
        .shape = &in, .cut = 4, .value = mill_test_noise};
    struct mill_test_collect end;
    struct mill_arena *arena = mill_arena_new(1 << 16);
    mill_test_collect_init(&end);
    struct mill_sink *sink =
        mill_stage_crop.open(&params, &in, &end.sink, arena, &err);
    assert_non_null(sink);
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_ENOUGH);
    assert_int_equal(end.rows, 5);
    assert_int_equal(end.ends, 1);
    mill_test_collect_clear(&end);
    mill_arena_free(arena);
}

static void
parts_beside_the_picture_are_refused(void **state)
{
    (void)state;
    static const struct mill_rect parts[] = {{0, 0, 42, 1},
                                             {41, 0, 1, 1},
                                             {0, 33, 1, 1},
                                             {1, 1, 0, 1},
                                             {5, 5, UINT32_MAX, 1}};
    struct mill_shape in = picture(1, 1, 8), out;
    for (size_t i = 0; i < MILL_COUNT(parts); i++) {
        struct mill_err err = {0};
        struct mill_crop_params params = {parts[i]};
        assert_int_not_equal(mill_stage_crop.shape(&params, &in, &out, &err),
                             MILL_OK);
    }
}

/* ---- padding ------------------------------------------------------------- */

static void
check_pad(enum mill_model model, enum mill_alpha alpha, unsigned depth,
          bool opaque, const unsigned *background)
{
    struct mill_shape in;
    struct op__resize_params params = {.w = 90,
                                       .h = 75,
                                       .fit = OP__FIT_CONTAIN,
                                       .opaque = opaque,
                                       .background = {255, 0, 0}};
    mill_shape_init(&in, 41, 33, model, alpha, depth);
    struct mill_test_source source = {
        .shape = &in, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    struct mill_test_collect made;
    mill_test_collect_init(&made);
    assert_true(mill_test_op_cuts_agree(&mill_op_resize, &params, source));
    assert_true(mill_test_op_run(&mill_op_resize, &params, &source, &made));
    for (unsigned p = 0; p < in.n_planes; p++)
        for (uint32_t y = 0; y < 75; y++)
            for (uint32_t x = 0; x < 90; x++) {
                bool inside = x >= 24 && x < 65 && y >= 21 && y < 54;
                unsigned want = background[p];
                if (inside)
                    want = mill_test_noise(NULL, p, x - 24, y - 21) &
                           ((1u << depth) - 1);
                assert_int_equal(mill_test_sample(&made, p, x, y), want);
            }
    mill_test_collect_clear(&made);
}

static void
contain_pads_with_the_background(void **state)
{
    (void)state;
    check_pad(MILL_RGB, MILL_OPAQUE, 8, true, (unsigned[]){255, 0, 0});
    check_pad(MILL_RGB, MILL_OPAQUE, 16, false, (unsigned[]){65535, 0, 0});
    check_pad(MILL_YCC, MILL_OPAQUE, 8, true, (unsigned[]){76, 85, 255});
    check_pad(MILL_YCC, MILL_OPAQUE, 16, true,
              (unsigned[]){19595, 21710, 65535});
    check_pad(MILL_CMYK, MILL_OPAQUE, 8, true, (unsigned[]){0, 255, 255, 0});
}

static void
contain_pads_alpha_with_what_was_asked_for(void **state)
{
    (void)state;
    check_pad(MILL_RGB, MILL_STRAIGHT, 8, false, (unsigned[]){0, 0, 0, 0});
    check_pad(MILL_RGB, MILL_STRAIGHT, 8, true, (unsigned[]){255, 0, 0, 255});
    check_pad(MILL_RGB, MILL_PREMULTIPLIED, 16, true,
              (unsigned[]){65535, 0, 0, 65535});
}

/* As a colour behind alpha does. */
static void
contain_makes_gray_colourful_for_its_padding(void **state)
{
    static const struct mill_colour red = {255, 0, 0}, gray = {9, 9, 9};
    struct mill_shape in;
    struct mill_want want = {0};
    struct op__resize_params params = {
        .w = 90, .h = 75, .fit = OP__FIT_CONTAIN, .background = red};
    (void)state;
    mill_shape_init(&in, 41, 33, MILL_GRAY, MILL_OPAQUE, 8);
    mill_op_resize.want(&params, &in, &want);
    assert_int_equal(want.models, 1 << MILL_RGB);
    params.background = gray;
    want = (struct mill_want){0};
    mill_op_resize.want(&params, &in, &want);
    assert_int_equal(want.models, 0);
}

static void
contain_of_the_right_size_is_nothing(void **state)
{
    (void)state;
    struct mill_err err = {0};
    struct mill_shape in = picture(2, 2, 8), out;
    struct mill_want want = {0};
    struct op__resize_params params = {
        .w = 41, .h = 33, .fit = OP__FIT_CONTAIN};
    mill_op_resize.want(&params, &in, &want);
    assert_false(want.grids);
    assert_int_equal(mill_op_resize.shape(&params, &in, &out, &err), MILL_OK);
    assert_memory_equal(&in, &out, sizeof in);
    params = (struct op__resize_params){.w = 90, .h = 90};
    assert_int_equal(mill_op_resize.shape(&params, &in, &out, &err), MILL_OK);
    assert_memory_equal(&in, &out, sizeof in);
    assert_int_equal(mill_op_resize.bytes(&params, &in), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_keep_their_samples),
        cmocka_unit_test(crop_has_enough_behind_its_last_row),
        cmocka_unit_test(parts_beside_the_picture_are_refused),
        cmocka_unit_test(contain_pads_with_the_background),
        cmocka_unit_test(contain_pads_alpha_with_what_was_asked_for),
        cmocka_unit_test(contain_makes_gray_colourful_for_its_padding),
        cmocka_unit_test(contain_of_the_right_size_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
