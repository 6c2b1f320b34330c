/* Convert and flatten as stations: what they want, give and take; what passes
 * untouched; that neither bands nor the instruction set change a byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mill_test_op.h"
#include "op/kernel/convert.h"
#include "op/kernel/levels.h"

static const struct mill_op *const op = &mill_stage_convert;

static struct mill_shape
shape_of(enum mill_model model, enum mill_alpha alpha, unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, 53, 41, model, alpha, depth);
    return shape;
}

/* 4:2:0 whose chroma begins a px before the picture. */
static struct mill_shape
shape_420(void)
{
    const struct mill_rect part = {1, 1, 53, 41};
    struct mill_shape shape = shape_of(MILL_YCC, MILL_OPAQUE, 8);
    struct mill_grid whole = mill_grid_make(55, 43, 2, 2);
    for (unsigned p = 1; p < 3; p++)
        shape.plane[p] = mill_grid_crop(&whole, &part, NULL, NULL);
    return shape;
}

static struct mill_test_source
noise_of(const struct mill_shape *shape)
{
    return (struct mill_test_source){
        .shape = shape, .cut = MILL_TEST_CUT_ALL, .value = mill_test_noise};
}

static struct mill_want
want_of(const struct mill_shape *in, struct mill_convert_params to)
{
    struct mill_want want = {0};
    op->want(&to, in, &want);
    return want;
}

/* ---- want and shape ------------------------------------------------------ */

static void
formulas_want_equal_grids(void **state)
{
    struct mill_shape in = shape_420();
    (void)state;
    struct mill_want want =
        want_of(&in, (struct mill_convert_params){MILL_RGB, MILL_OPAQUE, 8});
    assert_true(want.grids);
    assert_true(want.sx[2] == 1 && want.sy[2] == 1);
}

static void
a_shrunk_picture_keeps_its_grid(void **state)
{
    struct mill_shape in = shape_of(MILL_YCC, MILL_OPAQUE, 8), out;
    struct mill_convert_params to = {MILL_RGB, MILL_OPAQUE, 8};
    struct mill_err err;
    (void)state;
    for (unsigned p = 0; p < 3; p++)
        in.plane[p] = mill_grid_make(in.w, in.h, 8, 8);
    assert_false(want_of(&in, to).grids);
    assert_int_equal(op->shape(&to, &in, &out, &err), MILL_OK);
    assert_true(mill_grid_equal(&out.plane[2], &in.plane[0]));
    struct mill_test_source source = noise_of(&in);
    assert_true(mill_test_op_cuts_agree(op, &to, source));
    in.plane[1] = in.plane[2] = mill_grid_make(in.w, in.h, 16, 16);
    assert_int_equal(want_of(&in, to).sx[1], 8);
}

static void
what_mixes_no_planes_takes_any_grids(void **state)
{
    static const struct mill_convert_params to[] = {
        {MILL_GRAY, MILL_OPAQUE, 8},   {MILL_GRAY, MILL_OPAQUE, 16},
        {MILL_YCC, MILL_OPAQUE, 16},   {MILL_YCC, MILL_STRAIGHT, 8},
        {MILL_YCC, MILL_STRAIGHT, 16}, {MILL_YCC, MILL_PREMULTIPLIED, 8},
    };
    struct mill_shape in = shape_420();
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(to); i++) {
        assert_false(want_of(&in, to[i]).grids);
        assert_true(mill_test_op_cuts_agree(op, &to[i], noise_of(&in)));
    }
}

static void
what_cannot_be_is_refused(void **state)
{
    struct mill_shape rgba = shape_of(MILL_RGB, MILL_STRAIGHT, 8), out;
    struct mill_shape chroma = shape_420();
    struct mill_convert_params cmyk = {MILL_CMYK, MILL_STRAIGHT, 8};
    struct mill_convert_params opaque = {MILL_RGB, MILL_OPAQUE, 8};
    struct mill_err err;
    (void)state;
    assert_int_equal(op->shape(&cmyk, &rgba, &out, &err), MILL_UNSUPPORTED);
    assert_int_equal(op->shape(&opaque, &rgba, &out, &err), MILL_INTERNAL);
    assert_int_equal(op->shape(&opaque, &chroma, &out, &err), MILL_INTERNAL);
    assert_null(op->open(&cmyk, &rgba, NULL, NULL, &err));
}

/* ---- stations ------------------------------------------------------------ */

static void
nothing_to_do_is_no_station(void **state)
{
    struct mill_shape in = shape_420();
    struct mill_convert_params same = {MILL_YCC, MILL_OPAQUE, 8};
    struct mill_flatten_params white = {{255, 255, 255}};
    struct mill_sink next;
    struct mill_err err;
    (void)state;
    assert_ptr_equal(op->open(&same, &in, &next, NULL, &err), &next);
    assert_int_equal(op->bytes(&same, &in), 0);
    assert_ptr_equal(mill_op_flatten.open(&white, &in, &next, NULL, &err),
                     &next);
    assert_int_equal(mill_op_flatten.bytes(&white, &in), 0);
}

static void
bands_change_no_byte(void **state)
{
    static const struct mill_convert_params to[] = {
        {MILL_YCC, MILL_STRAIGHT, 8},
        {MILL_RGB, MILL_PREMULTIPLIED, 8},
        {MILL_GRAY, MILL_PREMULTIPLIED, 16},
        {MILL_YCC, MILL_PREMULTIPLIED, 8},
    };
    struct mill_shape in = shape_of(MILL_RGB, MILL_STRAIGHT, 8);
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(to); i++)
        assert_true(mill_test_op_cuts_agree(op, &to[i], noise_of(&in)));
}

static void
rows_need_not_be_aligned(void **state)
{
    struct mill_shape in = shape_of(MILL_RGB, MILL_STRAIGHT, 16);
    struct mill_convert_params to = {MILL_YCC, MILL_PREMULTIPLIED, 8};
    struct mill_test_source source = noise_of(&in);
    struct mill_test_collect even, odd;
    (void)state;
    mill_test_collect_init(&even);
    mill_test_collect_init(&odd);
    assert_true(mill_test_op_run(op, &to, &source, &even));
    source.shift = 6;
    assert_true(mill_test_op_run(op, &to, &source, &odd));
    assert_true(mill_test_equal(&even, &odd));
    mill_test_collect_clear(&even);
    mill_test_collect_clear(&odd);
}

static void
one_pixel_is_a_picture(void **state)
{
    struct mill_shape in;
    (void)state;
    for (unsigned to = MILL_GRAY; to <= MILL_RGB; to++) {
        struct mill_convert_params params = {to, MILL_PREMULTIPLIED, 16};
        mill_shape_init(&in, 1, 1, MILL_CMYK, MILL_STRAIGHT, 8);
        assert_true(mill_test_op_cuts_agree(op, &params, noise_of(&in)));
    }
}

static void
a_new_alpha_is_full(void **state)
{
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        struct mill_shape in = shape_420();
        struct mill_convert_params to = {MILL_YCC, MILL_STRAIGHT,
                                         (uint8_t)depth};
        struct mill_test_source source = noise_of(&in);
        source.cut = 3;
        assert_true(mill_test_op_run(op, &to, &source, &got));
        for (uint32_t i = 0; i < 53 * 41; i++)
            assert_int_equal(mill_test_sample(&got, 3, i % 53, i / 53),
                             depth == 8 ? 255 : 65535);
    }
    mill_test_collect_clear(&got);
}

static unsigned
neutral(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return plane ? *(const unsigned *)arg : mill_test_noise(NULL, 0, x, y);
}

static void
gray_stays_gray_at_every_depth(void **state)
{
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    for (unsigned i = 0; i < 4; i++) {
        struct mill_shape in = shape_of(MILL_YCC, MILL_OPAQUE, i & 1 ? 16 : 8);
        struct mill_convert_params to = {MILL_RGB, MILL_OPAQUE, i & 2 ? 16 : 8};
        unsigned centre = i & 1 ? 32768 : 128;
        struct mill_test_source source = {
            .shape = &in, .cut = 5, .value = neutral, .arg = &centre};
        assert_true(mill_test_op_run(op, &to, &source, &got));
        for (uint32_t k = 0; k < 53 * 41; k++) {
            unsigned r = mill_test_sample(&got, 0, k % 53, k / 53);
            assert_int_equal(mill_test_sample(&got, 1, k % 53, k / 53), r);
            assert_int_equal(mill_test_sample(&got, 2, k % 53, k / 53), r);
        }
    }
    mill_test_collect_clear(&got);
}

static void
there_and_back_is_the_same_picture(void **state)
{
    struct mill_shape in = shape_420();
    struct mill_convert_params up = {MILL_YCC, MILL_OPAQUE, 16};
    struct mill_convert_params down = {MILL_YCC, MILL_OPAQUE, 8};
    struct mill_shape wide;
    struct mill_err err = {0};
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_test_source source = noise_of(&in);
    struct mill_test_collect got, plain;
    (void)state;
    mill_test_collect_init(&got);
    mill_test_collect_init(&plain);
    assert_int_equal(op->shape(&up, &in, &wide, &err), MILL_OK);
    struct mill_sink *sink = op->open(&down, &wide, &got.sink, arena, &err);
    sink = op->open(&up, &in, sink, arena, &err);
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_MORE);
    assert_int_equal(mill_test_drive(&source, &plain.sink, &err),
                     MILL_FLOW_MORE);
    assert_true(mill_test_equal(&got, &plain));
    mill_test_collect_clear(&got);
    mill_test_collect_clear(&plain);
    mill_arena_free(arena);
}

static void
enough_and_failed_come_back(void **state)
{
    struct mill_shape in = shape_of(MILL_RGB, MILL_OPAQUE, 8);
    struct mill_convert_params to = {MILL_YCC, MILL_OPAQUE, 8};
    struct mill_test_source source = noise_of(&in);
    struct mill_err err = {0};
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_test_collect got;
    (void)state;
    source.cut = 4;
    mill_test_collect_init(&got);
    got.enough_at = 8;
    struct mill_sink *sink = op->open(&to, &in, &got.sink, arena, &err);
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_ENOUGH);
    assert_int_equal(got.bands, 2);
    assert_int_equal(got.ends, 1);
    mill_test_collect_clear(&got);
    got.fail_at = 1;
    assert_int_equal(mill_test_drive(&source, sink, &err), MILL_FLOW_FAILED);
    assert_int_equal(got.bands, 1);
    mill_test_collect_clear(&got);
    mill_arena_free(arena);
}

/* ---- flatten ------------------------------------------------------------- */

static void
flatten_wants_colour_for_a_coloured_background(void **state)
{
    struct mill_shape in = shape_of(MILL_GRAY, MILL_STRAIGHT, 8);
    struct mill_flatten_params red = {{255, 0, 0}}, gray = {{7, 7, 7}};
    struct mill_want want = {0};
    (void)state;
    mill_op_flatten.want(&gray, &in, &want);
    assert_int_equal(want.models, 0);
    mill_op_flatten.want(&red, &in, &want);
    assert_int_equal(want.models, 1 << MILL_RGB);
}

static unsigned
brighter_than_alpha(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg, (void)x, (void)y;
    return plane ? 100 : 255;
}

/* A sharpened premultiplied colour may lie above its alpha. */
static void
colours_above_alpha_are_clamped(void **state)
{
    struct mill_shape in = shape_of(MILL_GRAY, MILL_PREMULTIPLIED, 8);
    struct mill_test_source source = {
        .shape = &in, .cut = 16, .value = brighter_than_alpha};
    struct mill_flatten_params white = {{255, 255, 255}};
    struct mill_convert_params straight = {MILL_GRAY, MILL_STRAIGHT, 8};
    struct mill_test_collect got;
    (void)state;
    mill_test_collect_init(&got);
    assert_true(mill_test_op_run(&mill_op_flatten, &white, &source, &got));
    assert_int_equal(mill_test_sample(&got, 0, 52, 40), 255);
    assert_true(mill_test_op_run(op, &straight, &source, &got));
    assert_int_equal(mill_test_sample(&got, 0, 52, 40), 255);
    mill_test_collect_clear(&got);
}

static void
flatten_is_the_same_for_all_bands(void **state)
{
    struct mill_flatten_params red = {{255, 0, 0}};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct mill_shape in =
            shape_of(i & 1 ? MILL_YCC : MILL_RGB,
                     i & 2 ? MILL_STRAIGHT : MILL_PREMULTIPLIED, 8);
        assert_true(
            mill_test_op_cuts_agree(&mill_op_flatten, &red, noise_of(&in)));
    }
}

/* ---- instruction sets ---------------------------------------------------- */

enum { N = 1021, ROUNDS = 40 };

typedef void loop_fn(const struct op__rows *);

/* Run a loop at two levels on noise; the sample behind the last must stay. */
static void
loops_agree(loop_fn *base, loop_fn *other, struct op__rows rows)
{
    static _Alignas(64) uint16_t from[MILL_PLANES][N], to[2][4][N + 1];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned p = 0; p < MILL_PLANES; p++) {
            for (uint32_t i = 0; i < N; i++)
                from[p][i] = (uint16_t)mill_test_noise(NULL, p, i, round);
            rows.from[p] = from[p];
        }
        memset(to, 0x77, sizeof to);
        rows.n = N - round;
        for (unsigned level = 0; level < 2; level++) {
            for (unsigned p = 0; p < 4; p++)
                rows.to[p] = to[level][p];
            (level ? other : base)(&rows);
        }
        assert_memory_equal(to[0], to[1], sizeof to[0]);
    }
}

/* Every colour under every alpha, at every level. */
static void
dividing_is_exact(void **state)
{
    (void)state;
    for (unsigned l = 0; op__kernels_at(l); l++) {
        for (unsigned a = 0; a < 256; a++) {
            uint8_t colour[256], alpha[256], to[256];
            struct op__rows rows = {
                .from = {colour, alpha}, .to = {to}, .n = 256, .n_planes = 1};
            memset(alpha, (int)a, sizeof alpha);
            for (unsigned c = 0; c < 256; c++)
                colour[c] = (uint8_t)c;
            op__kernels_at(l)->convert->divide[0](&rows);
            for (unsigned c = 0; c < 256; c++) {
                unsigned v = c < a ? c : a;
                assert_int_equal(to[c], a ? (2 * v * 255 + a) / (2 * a) : 0);
            }
        }
    }
}

static void
levels_give_the_same_bytes(void **state)
{
    const struct op__convert_kernels *a = op__kernels_at(0)->convert;
    (void)state;
    for (unsigned l = 1; op__kernels_at(l); l++) {
        const struct op__convert_kernels *b = op__kernels_at(l)->convert;
        for (unsigned wide = 0; wide < 2; wide++) {
            struct op__rows rows = {.n_planes = 3,
                                    .level = wide ? 32896 : 128,
                                    .background = {1, 100, 255}};
            loops_agree(a->gray_of_rgb[wide], b->gray_of_rgb[wide], rows);
            loops_agree(a->ycc_of_rgb[wide], b->ycc_of_rgb[wide], rows);
            loops_agree(a->rgb_of_ycc[wide], b->rgb_of_ycc[wide], rows);
            loops_agree(a->rgb_of_cmyk[wide], b->rgb_of_cmyk[wide], rows);
            loops_agree(a->fill[wide], b->fill[wide], rows);
            loops_agree(a->multiply[wide], b->multiply[wide], rows);
            loops_agree(a->divide[wide], b->divide[wide], rows);
            loops_agree(a->cover_straight[wide], b->cover_straight[wide], rows);
            loops_agree(a->cover_multiplied[wide], b->cover_multiplied[wide],
                        rows);
        }
        struct op__rows rows = {.n_planes = 1, .delta = -128};
        loops_agree(a->widen, b->widen, rows);
        loops_agree(a->narrow, b->narrow, rows);
        loops_agree(a->shift, b->shift, rows);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_want_equal_grids),
        cmocka_unit_test(a_shrunk_picture_keeps_its_grid),
        cmocka_unit_test(what_mixes_no_planes_takes_any_grids),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(nothing_to_do_is_no_station),
        cmocka_unit_test(bands_change_no_byte),
        cmocka_unit_test(rows_need_not_be_aligned),
        cmocka_unit_test(one_pixel_is_a_picture),
        cmocka_unit_test(a_new_alpha_is_full),
        cmocka_unit_test(gray_stays_gray_at_every_depth),
        cmocka_unit_test(there_and_back_is_the_same_picture),
        cmocka_unit_test(enough_and_failed_come_back),
        cmocka_unit_test(flatten_wants_colour_for_a_coloured_background),
        cmocka_unit_test(colours_above_alpha_are_clamped),
        cmocka_unit_test(flatten_is_the_same_for_all_bands),
        cmocka_unit_test(dividing_is_exact),
        cmocka_unit_test(levels_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
