/* The resizer as a station: bands, memory, early ends, flat pictures; its
 * tables; and its row loops, level against level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mill_test_resample.h"
#include "op/kernel/levels.h"
#include "op/kernel/turn.h"
#include "op/weights.h"

static struct mill_shape
picture(uint32_t w, uint32_t h, unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_YCC, MILL_OPAQUE, depth);
    shape.plane[1] = shape.plane[2] = mill_grid_make(w, h, 2, 2);
    return shape;
}

/* ---- the station --------------------------------------------------------- */

static void
bands_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{40, 30}, {7, 5}, {150, 170}, {71, 8}};
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        for (unsigned depth = 8; depth <= 16; depth += 8)
            for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
                struct mill_shape in = picture(71, 93, depth);
                struct mill_test_source source = {
                    .shape = &in, .value = mill_test_noise, .shift = 2};
                struct mill_resize_params to =
                    mill_test_resize_to(&in, sizes[i][0], sizes[i][1], kernel);
                assert_true(
                    mill_test_op_cuts_agree(&mill_stage_resize, &to, source));
            }
}

static unsigned
flat(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)x, (void)y;
    return *(const unsigned *)arg + plane * 1111;
}

static void
assert_flat(const struct mill_test_collect *made,
            const struct mill_resize_params *to, unsigned level, unsigned depth)
{
    for (unsigned p = 0; p < 3; p++) {
        unsigned want = flat(&level, p, 0, 0) & ((1u << depth) - 1);
        for (uint32_t y = 0; y < to->plane[p].h; y++)
            for (uint32_t x = 0; x < to->plane[p].w; x++)
                if (mill_test_sample(made, p, x, y) != want)
                    fail_msg("plane %u at %u,%u is not %u", p, x, y, want);
    }
}

static void
flat_stays_flat(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {
        {70, 60}, {34, 17}, {20, 12}, {9, 7}, {2, 80}};
    for (unsigned level = 0; level < 256; level += 15)
        for (unsigned depth = 8; depth <= 16; depth += 8)
            for (unsigned i = 0; i < 25; i++) {
                const uint32_t *size = sizes[i / 5];
                struct mill_shape in = picture(601, 83, depth);
                struct mill_test_source source = {
                    .shape = &in, .cut = 16, .value = flat, .arg = &level};
                struct mill_resize_params to =
                    mill_test_resize_to(&in, size[0], size[1], i % 5);
                struct mill_test_collect made;
                mill_test_collect_init(&made);
                assert_true(
                    mill_test_op_run(&mill_stage_resize, &to, &source, &made));
                assert_flat(&made, &to, level, depth);
                mill_test_collect_clear(&made);
            }
}

static void
great_reductions_need_little_memory(void **state)
{
    (void)state;
    struct mill_shape in;
    mill_shape_init(&in, 20000, 15000, MILL_RGB, MILL_PREMULTIPLIED, 16);
    struct mill_resize_params to =
        mill_test_resize_to(&in, 400, 300, MILL_LANCZOS3);
    assert_true(mill_stage_resize.bytes(&to, &in) < 4 << 20);
}

/* One plane, so that no shared table hides what is taken beyond the promise. */
static void
promised_memory_is_enough(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {
        {1000, 20}, {1500, 150}, {3000, 400}, {2000, 300}, {100, 300}};
    for (unsigned kernel = 0; mill_kernel_names[kernel]; kernel++)
        for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
            struct mill_shape in;
            struct mill_test_collect made;
            mill_shape_init(&in, 2000, 300, MILL_GRAY, MILL_OPAQUE, 8);
            struct mill_test_source source = {.shape = &in,
                                              .cut = MILL_TEST_CUT_ALL,
                                              .value = mill_test_noise};
            struct mill_resize_params to =
                mill_test_resize_to(&in, sizes[i][0], sizes[i][1], kernel);
            mill_test_collect_init(&made);
            assert_true(
                mill_test_op_run(&mill_stage_resize, &to, &source, &made));
            mill_test_collect_clear(&made);
        }
}

static void
resize_has_enough_behind_its_last_row(void **state)
{
    (void)state;
    struct mill_err err = {0};
    struct mill_shape in = picture(64, 640, 8);
    struct mill_resize_params to =
        mill_test_resize_to(&in, 32, 320, MILL_LINEAR);
    to.out = (struct mill_rect){0, 0, 32, 16};
    to.plane[0] = mill_grid_make(32, 16, 1, 1);
    to.plane[1] = to.plane[2] = mill_grid_make(32, 16, 2, 2);
    struct mill_test_source source = {
        .shape = &in, .cut = 1, .value = mill_test_noise};
    struct mill_test_collect end;
    struct mill_arena *arena = mill_arena_new(1 << 16);
    mill_test_collect_init(&end);
    struct mill_sink *sink =
        mill_stage_resize.open(&to, &in, &end.sink, arena, &err);
    assert_non_null(sink);
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_ENOUGH);
    assert_int_equal(end.rows, 16);
    mill_test_collect_clear(&end);
    mill_arena_free(arena);
}

static void
senseless_sizes_are_refused(void **state)
{
    (void)state;
    struct mill_shape in = picture(64, 64, 8), out;
    static const struct {
        uint32_t w, h;
        struct mill_rect part;
    } wrong[] = {{0, 5, {0, 0, 1, 1}},
                 {5, 5, {0, 0, 6, 5}},
                 {5, 5, {5, 0, 1, 1}},
                 {5, 5, {0, 0, 0, 5}},
                 {UINT32_MAX, 5, {0, 0, 5, 5}}};
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        struct mill_err err = {0};
        struct mill_resize_params to = mill_test_resize_to(&in, 5, 5, MILL_BOX);
        to.w = wrong[i].w;
        to.h = wrong[i].h;
        to.out = wrong[i].part;
        assert_int_equal(mill_stage_resize.shape(&to, &in, &out, &err),
                         MILL_LIMIT);
    }
}

/* ---- weights ------------------------------------------------------------- */

static void
weights_add_up_to_one(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {
        {100, 37}, {37, 100}, {5000, 3}, {9, 9}};
    struct mill_arena *arena = mill_arena_new(1 << 20);
    for (unsigned i = 0; i < 60; i++) {
        struct mill_err err;
        struct op__weights weights;
        const uint32_t *size = sizes[i % 4];
        const struct op__span in = {size[0], size[0], 0, 1};
        const struct op__span to = {size[1], (size[1] + 1) / 2, -1, 2};
        struct op__axis axis = op__axis_make(&in, size[1], 0, &to, (i / 4) % 5);
        assert_int_equal(op__weights_make(&weights, &axis,
                                          (enum op__form)(i / 20), 16, arena,
                                          &err),
                         MILL_OK);
        const struct op__taps *taps = &weights.taps;
        assert_int_equal(taps->k % 16, 0);
        for (uint32_t j = 0; j < taps->n; j++) {
            int64_t sum = 0;
            for (uint32_t t = 0; t < taps->k; t++)
                sum += taps->wide ? taps->wide[j * taps->k + t]
                                  : taps->narrow[j * taps->k + t];
            assert_int_equal(sum, INT64_C(1) << taps->bits);
        }
        mill_arena_clear(arena);
    }
    mill_arena_free(arena);
}

/* Where outputs lie alike among their samples, and where only some do, each has
 * the weights that it has when it is the only one. */
static void
weights_do_not_depend_on_others(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {
        {320, 200}, {200, 320}, {90, 30}, {97, 89}, {64, 64}};
    struct mill_arena *arena = mill_arena_new(1 << 20);
    for (unsigned i = 0; i < 5 * MILL_COUNT(sizes); i++) {
        struct mill_err err;
        struct op__weights all, one;
        const uint32_t *size = sizes[i / 5];
        const struct op__span in = {size[0], size[0], 0, 1};
        const struct op__span to = {size[1], size[1], 0, 1};
        const struct op__span alone = {size[1], 1, 0, 1};
        struct op__axis axis = op__axis_make(&in, size[1], 0, &to, i % 5);
        assert_int_equal(
            op__weights_make(&all, &axis, OP__FORM_WIDE, 1, arena, &err),
            MILL_OK);
        for (uint32_t j = 0; j < size[1]; j++) {
            axis = op__axis_make(&in, size[1], j, &alone, i % 5);
            assert_int_equal(
                op__weights_make(&one, &axis, OP__FORM_WIDE, 1, arena, &err),
                MILL_OK);
            assert_int_equal(all.taps.first[j] + all.origin, one.origin);
            assert_memory_equal(all.taps.wide + j * all.taps.k, one.taps.wide,
                                all.taps.k * sizeof *one.taps.wide);
        }
        mill_arena_clear(arena);
    }
    mill_arena_free(arena);
}

/* ---- levels -------------------------------------------------------------- */

enum { WIDE = 300, HIGH = 40, SIDE = 16 };

/* What every row loop of a level makes of the same input. */
struct made {
    uint16_t block[2][SIDE][64];
    uint16_t settled[2][WIDE], mirrored[2][WIDE], gathered[2][WIDE];
    uint16_t turned[2][WIDE * HIGH];
    int32_t row[2][OP__ROWS_AT_ONCE][64];
};

static struct op__weights
across(struct mill_arena *arena, enum op__form form, uint32_t quantum)
{
    struct mill_err err;
    struct op__weights weights;
    const struct op__span in = {WIDE, WIDE, 0, 1}, to = {61, 61, 0, 1};
    struct op__axis axis = op__axis_make(&in, 61, 0, &to, MILL_LANCZOS3);
    assert_int_equal(
        op__weights_make(&weights, &axis, form, quantum, arena, &err), MILL_OK);
    return weights;
}

static void
make_block(struct made *made, const struct op__resize_kernels *kernels,
           unsigned deep, struct mill_arena *arena, const uint8_t *noise)
{
    static const int16_t narrow[] = {-700, 9000, 9000, -500, -300, -116};
    static const int32_t wide[] = {-9000,  2000000, 2000000,
                                   300000, -90000,  -6696};
    struct mill_err err;
    struct op__weights x =
        across(arena, deep ? OP__FORM_WIDE : OP__FORM_BLOCK, 2);
    struct op__block block = {.x = &x.taps, .span = WIDE, .k = 6, .n = 13};
    for (unsigned r = 0; r < SIDE; r++) {
        block.weights[r] = deep ? (const void *)wide : (const void *)narrow;
        for (unsigned t = 0; t < 6; t++)
            block.rows[r][t] = noise + (r * 3 + t) * 800u;
    }
    block.tall = mill_arena_take_zeroed(arena, (WIDE + 100) * SIDE * 4, &err);
    block.to = made->block[deep];
    block.to_stride_bytes = sizeof made->block[0][0];
    kernels->block[deep](&block);
}

static void
make_rows(struct made *made, const struct op__kernels *level, unsigned deep,
          struct mill_arena *arena, const uint8_t *noise)
{
    struct mill_err err;
    const struct op__resize_kernels *resize = level->resize;
    struct op__weights x =
        across(arena, deep ? OP__FORM_WIDE : OP__FORM_NARROW, 16);
    struct op__across rows = {.x = &x.taps, .span = WIDE};
    int64_t sums[WIDE] = {0};
    uint32_t picks[WIDE];
    for (unsigned r = 0; r < OP__ROWS_AT_ONCE; r++) {
        rows.from[r] = noise + r * 800;
        rows.work[r] = mill_arena_take_zeroed(arena, (WIDE + 64) * 4, &err);
        rows.to[r] = mill_arena_take(arena, sizeof made->row[0][0], &err);
    }
    resize->across[deep](&rows);
    for (unsigned r = 0; r < OP__ROWS_AT_ONCE; r++)
        memcpy(made->row[deep][r], rows.to[r], 61 * sizeof *rows.to[r]);
    for (int i = 0; i < 61; i++)
        resize->add(sums, rows.to,
                    (int32_t[]){70000 * i - 2000000, 9 - i, 0, -7777}, 61);
    resize->settle[deep](made->settled[deep], sums, 61);
    for (uint32_t i = 0; i < WIDE; i++)
        picks[i] = i * 7 % WIDE;
    resize->gather[deep](made->gathered[deep], noise, picks, WIDE);
    level->turn->mirror[deep](made->mirrored[deep], noise, WIDE);
    level->turn->transpose[deep](made->turned[deep], HIGH << deep, noise, 800,
                                 WIDE, HIGH);
}

static void
levels_agree(void **state)
{
    (void)state;
    static struct made made[4];
    static uint16_t noise[HIGH * 2 * 400];
    struct mill_arena *arena = mill_arena_new(1 << 20);
    for (uint32_t i = 0; i < MILL_COUNT(noise); i++)
        noise[i] = (uint16_t)mill_test_noise(NULL, 0, i, 0);
    memset(made, 0, sizeof made);
    for (unsigned i = 0; op__kernels_at(i); i++) {
        const struct op__kernels *level = op__kernels_at(i);
        const void *at = noise;
        for (unsigned deep = 0; deep < 2; deep++) {
            make_block(&made[i], level->resize, deep, arena, at);
            make_rows(&made[i], level, deep, arena, at);
        }
        assert_memory_equal(&made[0], &made[i], sizeof made[0]);
    }
    mill_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_may_be_cut_anywhere),
        cmocka_unit_test(flat_stays_flat),
        cmocka_unit_test(great_reductions_need_little_memory),
        cmocka_unit_test(promised_memory_is_enough),
        cmocka_unit_test(resize_has_enough_behind_its_last_row),
        cmocka_unit_test(senseless_sizes_are_refused),
        cmocka_unit_test(weights_add_up_to_one),
        cmocka_unit_test(weights_do_not_depend_on_others),
        cmocka_unit_test(levels_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
