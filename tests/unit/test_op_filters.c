/* Blur, sharpen and gamma as stations: bands and instruction sets change no
 * byte, edges and tiny pictures, what passes, what is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mill_test_op.h"
#include "op/blur.h"
#include "op/kernel/blur.h"
#include "op/kernel/levels.h"
#include "op/ops.h"

static struct mill_test_source
noise_of(const struct mill_shape *shape)
{
    return (struct mill_test_source){
        .shape = shape, .cut = MILL_TEST_CUT_ALL, .value = mill_test_noise};
}

static struct op__blur_params
blur_of(double sigma)
{
    return (struct op__blur_params){.sigma = sigma};
}

static struct op__blur_params
sharpen_of(double sigma)
{
    return (struct op__blur_params){
        .sigma = sigma, .sharpens = true, .amount = 1.5, .threshold = 2};
}

/* Three grids: steps 2 and 1, 4 and 2, 1 and 3, none with its origin at 0. */
static struct mill_shape
shape_odd(uint32_t w, uint32_t h, unsigned depth)
{
    static const uint8_t steps[][2] = {{2, 1}, {4, 2}, {1, 3}};
    struct mill_rect part = {5, 7, w, h};
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_YCC, MILL_OPAQUE, depth);
    for (unsigned p = 0; p < 3; p++) {
        struct mill_grid whole =
            mill_grid_make(w + 9, h + 9, steps[p][0], steps[p][1]);
        shape.plane[p] = mill_grid_crop(&whole, &part, NULL, NULL);
    }
    return shape;
}

static struct mill_shape
shape_with_alpha(enum mill_model model, enum mill_alpha alpha)
{
    struct mill_shape shape;
    mill_shape_init(&shape, 37, 43, model, alpha, 8);
    return shape;
}

/* ---- bands --------------------------------------------------------------- */

static void
bands_change_no_byte_of_a_blur(void **state)
{
    static const double sigmas[] = {0.3, 0.7, 1.5, 4, 30};
    (void)state;
    for (unsigned i = 0; i < 2 * MILL_COUNT(sigmas); i++) {
        struct mill_shape shape = shape_odd(61, 87, i & 1 ? 16 : 8);
        struct op__blur_params params = blur_of(sigmas[i / 2]);
        assert_true(
            mill_test_op_cuts_agree(&mill_op_blur, &params, noise_of(&shape)));
        params = sharpen_of(sigmas[i / 2]);
        assert_true(mill_test_op_cuts_agree(&mill_op_sharpen, &params,
                                            noise_of(&shape)));
    }
}

/* The height of bands is the producer's choice: it must not show either. */
static void
band_height_changes_no_byte(void **state)
{
    static const uint32_t heights[] = {1, 2, 5, 16, 64, 200};
    struct op__blur_params params = blur_of(2.3);
    struct mill_test_collect first, other;
    (void)state;
    mill_test_collect_init(&first);
    mill_test_collect_init(&other);
    for (unsigned i = 0; i < MILL_COUNT(heights); i++) {
        struct mill_shape shape = shape_odd(40, 133, 8);
        struct mill_test_source source = noise_of(&shape);
        shape.band_px = heights[i];
        assert_true(mill_test_op_run(&mill_op_blur, &params, &source,
                                     i ? &other : &first));
        assert_true(!i || mill_test_equal(&first, &other));
    }
    mill_test_collect_clear(&first);
    mill_test_collect_clear(&other);
}

/* A coarse plane that waits for rows far below must not let the rings of the
 * others run over. A band as high as the picture holds it all, and so is right.
 */
static void
rings_hold_what_the_slowest_plane_waits_for(void **state)
{
    struct mill_test_collect right, other;
    (void)state;
    mill_test_collect_init(&right);
    mill_test_collect_init(&other);
    for (unsigned i = 0; i < 4 * 3 * 3; i++) {
        static const uint8_t steps[] = {2, 5, 19, 32};
        static const uint32_t heights[] = {200, 7, 16};
        struct op__blur_params params =
            blur_of(steps[i / 9] * 0.25 + i / 3 % 3);
        struct mill_shape shape;
        mill_shape_init(&shape, 5, 200, MILL_YCC, MILL_OPAQUE, 8);
        shape.plane[2] = mill_grid_make(5, 200, 1, steps[i / 9]);
        shape.band_px = heights[i % 3];
        struct mill_test_source source = noise_of(&shape);
        assert_true(mill_test_op_run(&mill_op_blur, &params, &source,
                                     i % 3 ? &other : &right));
        assert_true(i % 3 == 0 || mill_test_equal(&right, &other));
    }
    mill_test_collect_clear(&right);
    mill_test_collect_clear(&other);
}

static void
small_pictures_are_pictures(void **state)
{
    struct op__blur_params soft = blur_of(5), sharp = sharpen_of(5);
    (void)state;
    for (uint32_t i = 0; i < 16; i++) {
        struct mill_shape shape;
        mill_shape_init(&shape, 1 + i % 4, 1 + i / 4, MILL_GRAY, MILL_OPAQUE,
                        i & 1 ? 16 : 8);
        assert_true(
            mill_test_op_cuts_agree(&mill_op_blur, &soft, noise_of(&shape)));
        assert_true(mill_test_op_cuts_agree(&mill_op_sharpen, &sharp,
                                            noise_of(&shape)));
    }
}

/* ---- what comes out ------------------------------------------------------ */

static unsigned
flat(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)x, (void)y;
    return *(const unsigned *)arg + plane * 50;
}

static void
a_flat_picture_stays_flat(void **state)
{
    static const double sigmas[] = {0.3, 1, 3.3, 25, 100};
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    for (unsigned i = 0; i < 2 * 3 * MILL_COUNT(sigmas); i++) {
        unsigned level = i / 2 % 3 * 50 + (i & 1 ? 65385 : 0);
        struct mill_shape shape = shape_odd(31, 29, i & 1 ? 16 : 8);
        struct op__blur_params params = blur_of(sigmas[i / 6]);
        struct mill_test_source source = {
            .shape = &shape, .cut = 3, .value = flat, .arg = &level};
        assert_true(mill_test_op_run(&mill_op_blur, &params, &source, &got));
        for (unsigned p = 0; p < 3; p++)
            for (uint32_t k = 0; k < shape.plane[p].w * shape.plane[p].h; k++)
                assert_int_equal(mill_test_sample(&got, p, k % shape.plane[p].w,
                                                  k / shape.plane[p].w),
                                 (level + p * 50) & (i & 1 ? 65535 : 255));
    }
    mill_test_collect_clear(&got);
}

static void
assert_plane_passes(const struct mill_test_collect *got, unsigned p, bool does)
{
    const struct mill_grid *g = &got->shape.plane[p];
    unsigned changed = 0;
    for (uint32_t k = 0; k < g->w * g->h; k++)
        changed += mill_test_sample(got, p, k % g->w, k / g->w) !=
                   (mill_test_noise(NULL, p, k % g->w, k / g->w) & 255);
    assert_int_equal(changed == 0, does);
}

static void
sharpen_touches_brightness_alone(void **state)
{
    static const struct {
        enum mill_model model;
        unsigned touched;
    } cases[] = {{MILL_GRAY, 1}, {MILL_YCC, 1}, {MILL_CMYK, 4}};
    struct op__blur_params params = sharpen_of(2);
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    for (unsigned i = 0; i < MILL_COUNT(cases); i++) {
        struct mill_shape shape =
            shape_with_alpha(cases[i].model, MILL_PREMULTIPLIED);
        struct mill_test_source source = noise_of(&shape);
        assert_true(mill_test_op_run(&mill_op_sharpen, &params, &source, &got));
        for (unsigned p = 0; p < shape.n_planes; p++)
            assert_plane_passes(&got, p, p >= cases[i].touched);
    }
    mill_test_collect_clear(&got);
}

static void
blur_takes_alpha_too(void **state)
{
    struct mill_shape shape = shape_with_alpha(MILL_RGB, MILL_PREMULTIPLIED);
    struct op__blur_params params = blur_of(1);
    struct mill_test_source source = noise_of(&shape);
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    assert_true(mill_test_op_run(&mill_op_blur, &params, &source, &got));
    for (unsigned p = 0; p < 4; p++)
        assert_plane_passes(&got, p, false);
    mill_test_collect_clear(&got);
}

/* 0.3 px are 0.15 samples of a plane with step 2: that one passes. */
static void
a_coarse_plane_passes_a_small_blur(void **state)
{
    struct mill_shape shape;
    struct op__blur_params params = blur_of(0.3);
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    mill_shape_init(&shape, 37, 43, MILL_YCC, MILL_OPAQUE, 8);
    shape.plane[1] = shape.plane[2] = mill_grid_make(37, 43, 2, 2);
    struct mill_test_source source = noise_of(&shape);
    assert_true(mill_test_op_run(&mill_op_blur, &params, &source, &got));
    assert_plane_passes(&got, 0, false);
    assert_plane_passes(&got, 1, true);
    mill_test_collect_clear(&got);
}

static unsigned
edge(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg, (void)plane, (void)y;
    return x < 20 ? 100 : 110;
}

/* A step of 10 levels is at most 5 from its blur. */
static void
threshold_leaves_small_edges(void **state)
{
    struct mill_shape shape;
    struct op__blur_params params = sharpen_of(2);
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    mill_shape_init(&shape, 40, 20, MILL_GRAY, MILL_OPAQUE, 8);
    struct mill_test_source source = {.shape = &shape, .cut = 4, .value = edge};
    for (unsigned i = 0; i < 2; i++) {
        params.threshold = i ? 6 : 1;
        assert_true(mill_test_op_run(&mill_op_sharpen, &params, &source, &got));
        unsigned left = mill_test_sample(&got, 0, 19, 9);
        assert_int_equal(left == 100, i);
        assert_int_equal(mill_test_sample(&got, 0, 2, 9), 100);
    }
    mill_test_collect_clear(&got);
}

/* ---- what is wanted and taken -------------------------------------------- */

static void
neighbours_want_premultiplied_alpha(void **state)
{
    struct mill_shape straight = shape_with_alpha(MILL_RGB, MILL_STRAIGHT);
    struct op__blur_params params = sharpen_of(1);
    struct mill_want blur = {0}, sharpen = {0};
    (void)state;
    mill_op_blur.want(&params, &straight, &blur);
    mill_op_sharpen.want(&params, &straight, &sharpen);
    assert_int_equal(blur.models, 0);
    assert_int_equal(blur.alphas, 1 << MILL_OPAQUE | 1 << MILL_PREMULTIPLIED);
    assert_int_equal(sharpen.alphas, blur.alphas);
    assert_int_equal(sharpen.models & 1 << MILL_RGB, 0);
}

static void
nothing_to_do_is_no_station(void **state)
{
    struct mill_shape shape = shape_with_alpha(MILL_YCC, MILL_OPAQUE);
    struct op__blur_params soft = blur_of(0.3), none = sharpen_of(1);
    struct mill_want want = {0};
    struct mill_sink next;
    struct mill_err err;
    double gamma = 1;
    (void)state;
    none.amount = 0;
    for (unsigned p = 0; p < 3; p++)
        shape.plane[p] = mill_grid_make(37, 43, 2, 2);
    assert_ptr_equal(mill_op_blur.open(&soft, &shape, &next, NULL, &err),
                     &next);
    assert_ptr_equal(mill_op_sharpen.open(&none, &shape, &next, NULL, &err),
                     &next);
    assert_ptr_equal(mill_op_gamma.open(&gamma, &shape, &next, NULL, &err),
                     &next);
    mill_op_gamma.want(&gamma, &shape, &want);
    mill_op_sharpen.want(&none, &shape, &want);
    assert_true(mill_want_met(&want, &shape));
}

/* Rings follow the reach and the bands, never the picture's height. */
static void
memory_does_not_grow_with_height(void **state)
{
    struct op__blur_params params = blur_of(10);
    struct mill_shape low, high;
    (void)state;
    mill_shape_init(&low, 100, 1000, MILL_YCC, MILL_OPAQUE, 8);
    mill_shape_init(&high, 100, 1000000, MILL_YCC, MILL_OPAQUE, 8);
    assert_int_equal(mill_op_blur.bytes(&params, &low),
                     mill_op_blur.bytes(&params, &high));
}

static void
enough_stops_a_blur(void **state)
{
    struct mill_shape shape = shape_with_alpha(MILL_GRAY, MILL_OPAQUE);
    struct op__blur_params params = blur_of(1);
    struct mill_test_source source = noise_of(&shape);
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_err err = {0};
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    got.enough_at = 16;
    struct mill_sink *sink =
        mill_op_blur.open(&params, &shape, &got.sink, arena, &err);
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_ENOUGH);
    assert_int_equal(got.bands, 1);
    assert_int_equal(got.ends, 1);
    mill_test_collect_clear(&got);
    mill_arena_free(arena);
}

static void
gamma_leaves_alpha(void **state)
{
    struct mill_shape shape = shape_with_alpha(MILL_RGB, MILL_STRAIGHT);
    struct mill_test_source source = noise_of(&shape);
    struct mill_test_collect got;
    double gamma = 0.5;
    (void)state;
    mill_test_collect_init(&got);
    assert_true(mill_test_op_cuts_agree(&mill_op_gamma, &gamma, source));
    assert_true(mill_test_op_run(&mill_op_gamma, &gamma, &source, &got));
    for (unsigned p = 0; p < 4; p++)
        assert_plane_passes(&got, p, p == 3);
    mill_test_collect_clear(&got);
}

/* ---- instruction sets ---------------------------------------------------- */

enum { N = 1500, REACH = 5, ROWS = 2 * REACH + 1 };

static uint32_t from_32[ROWS][N], soft_32[2][N];
static uint16_t from_16[ROWS][N], soft_16[2][N], to_16[2][N];
static uint8_t from_8[ROWS][N], to_8[2][N];

/* Samples as far as they go; soft ones of 16 bits. */
static void
draw_rows(unsigned round)
{
    for (unsigned k = 0; k < ROWS; k++) {
        for (uint32_t i = 0; i < N; i++) {
            unsigned noise = mill_test_noise(NULL, k, i, round);
            from_32[k][i] = (noise & 0xFFFFu) << OP__MIDDLE_BITS_16;
            from_16[k][i] = (uint16_t)((noise & 0xFFu) << OP__MIDDLE_BITS_8);
            from_8[k][i] = (uint8_t)noise;
            soft_16[0][i] = soft_16[1][i] = (uint16_t)noise;
        }
    }
}

/* Any reach, and a middle weight that just fits. */
static void
weigh_level(const struct op__blur_kernels *kernels, unsigned at, unsigned reach,
            uint32_t n)
{
    static const uint32_t w_8[] = {1, 20000, 30000, 4000, 16385, 32767};
    static const uint32_t w_16[] = {99, 1u << 26, 1u << 25, 3, 7, 1u << 27};
    const void *rows_16[ROWS], *rows_32[ROWS];
    for (unsigned k = 0; k < ROWS; k++) {
        rows_16[k] = from_16[k];
        rows_32[k] = from_32[k];
    }
    struct op__weigh narrow = {rows_16, w_8 + REACH - reach, reach, 18};
    struct op__weigh wide = {rows_32, w_16 + REACH - reach, reach, 28};
    kernels->weigh[0](&narrow, soft_16[at], n);
    kernels->weigh[1](&wide, soft_32[at], n);
}

static void
run_level(const struct op__blur_kernels *kernels, unsigned at, uint32_t n)
{
    kernels->settle[0](to_8[at], soft_16[at], n / 2);
    kernels->sharpen[0](to_8[at] + n / 2, from_8[0], soft_16[at], n / 2, 3000,
                        500);
    kernels->lift[0](soft_16[at], from_8[0], n);
    kernels->settle[1](to_16[at], soft_32[at], n / 2);
    kernels->sharpen[1](to_16[at] + n / 2, from_16, soft_32[at], n / 2, 3000,
                        500);
    kernels->lift[1](soft_32[at], from_16[1], n);
}

static void
levels_weigh_alike(void **state)
{
    static const uint32_t wide[] = {1, 2, 31, 32, 33, 63, 64, 65, 511, N};
    (void)state;
    for (unsigned l = 1; op__kernels_at(l); l++) {
        for (unsigned i = 0; i < MILL_COUNT(wide) * (REACH + 1); i++) {
            uint32_t n = wide[i / (REACH + 1)];
            draw_rows(i);
            weigh_level(op__kernels_at(0)->blur, 0, i % (REACH + 1), n);
            weigh_level(op__kernels_at(l)->blur, 1, i % (REACH + 1), n);
            assert_memory_equal(soft_16[0], soft_16[1], sizeof soft_16[0]);
            assert_memory_equal(soft_32[0], soft_32[1], sizeof soft_32[0]);
        }
    }
}

static void
levels_give_the_same_bytes(void **state)
{
    (void)state;
    for (unsigned l = 1; op__kernels_at(l); l++) {
        for (unsigned round = 0; round < 40; round++) {
            draw_rows(round);
            run_level(op__kernels_at(0)->blur, 0, N - round);
            run_level(op__kernels_at(l)->blur, 1, N - round);
            assert_memory_equal(to_8[0], to_8[1], sizeof to_8[0]);
            assert_memory_equal(to_16[0], to_16[1], sizeof to_16[0]);
            assert_memory_equal(soft_16[0], soft_16[1], sizeof soft_16[0]);
            assert_memory_equal(soft_32[0], soft_32[1], sizeof soft_32[0]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_change_no_byte_of_a_blur),
        cmocka_unit_test(band_height_changes_no_byte),
        cmocka_unit_test(rings_hold_what_the_slowest_plane_waits_for),
        cmocka_unit_test(small_pictures_are_pictures),
        cmocka_unit_test(a_flat_picture_stays_flat),
        cmocka_unit_test(sharpen_touches_brightness_alone),
        cmocka_unit_test(blur_takes_alpha_too),
        cmocka_unit_test(a_coarse_plane_passes_a_small_blur),
        cmocka_unit_test(threshold_leaves_small_edges),
        cmocka_unit_test(neighbours_want_premultiplied_alpha),
        cmocka_unit_test(nothing_to_do_is_no_station),
        cmocka_unit_test(memory_does_not_grow_with_height),
        cmocka_unit_test(enough_stops_a_blur),
        cmocka_unit_test(gamma_leaves_alpha),
        cmocka_unit_test(levels_weigh_alike),
        cmocka_unit_test(levels_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
