/* Conversions and flatten against formulas in double precision, sample by
 * sample: every colour at 8 bits, every pair of colour and alpha, and noise for
 * all combinations of models, alphas and depths. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mill_test_op.h"

/* ---- the reference ------------------------------------------------------- */

/* A pixel: colours of [0, 1] (chroma of [-1/2, 1/2]), straight, and alpha. */
struct pixel {
    double c[4], a;
};

static double
clamp(double v, double least, double most)
{
    return v < least ? least : v > most ? most : v;
}

/* A colour sample's zero, as a part of the range. */
static double
zero_of(const struct mill_shape *shape, unsigned p)
{
    if (shape->model != MILL_YCC || p == 0)
        return 0;
    return shape->depth == 8 ? 128 / 255. : 32768 / 65535.;
}

static struct pixel
pixel_read(const struct mill_shape *shape, const unsigned *samples)
{
    double top = shape->depth == 8 ? 255 : 65535;
    unsigned n = mill_model_colours(shape->model);
    struct pixel px = {.a = shape->alpha == MILL_OPAQUE ? 1 : samples[n] / top};
    for (unsigned p = 0; p < n; p++) {
        double v = samples[p] / top;
        if (shape->alpha == MILL_PREMULTIPLIED)
            v = px.a > 0 ? fmin(v / px.a, 1) : 0;
        px.c[p] = v - zero_of(shape, p);
    }
    return px;
}

static void
pixel_model(struct pixel *px, enum mill_model from, enum mill_model to)
{
    double *c = px->c, y, cb, cr;
    if (from == to)
        return;
    if (from == MILL_CMYK)
        for (unsigned p = 0; p < 3; p++)
            c[p] = (1 - c[p]) * (1 - c[3]);
    if (from == MILL_YCC && to == MILL_RGB) {
        y = c[0], cb = c[1], cr = c[2];
        c[0] = clamp(y + 1.402 * cr, 0, 1);
        c[1] = clamp(y - .114 * 1.772 / .587 * cb - .299 * 1.402 / .587 * cr, 0,
                     1);
        c[2] = clamp(y + 1.772 * cb, 0, 1);
    } else if (from == MILL_GRAY) {
        c[1] = c[2] = to == MILL_RGB ? c[0] : 0;
    } else if (from != MILL_YCC && to != MILL_RGB) {
        y = .299 * c[0] + .587 * c[1] + .114 * c[2];
        cb = (c[2] - y) / 1.772, cr = (c[0] - y) / 1.402;
        c[0] = y, c[1] = cb, c[2] = cr;
    }
}

/* The samples, not rounded. */
static void
pixel_write(const struct pixel *px, const struct mill_shape *shape,
            double *samples)
{
    double top = shape->depth == 8 ? 255 : 65535;
    unsigned n = mill_model_colours(shape->model);
    for (unsigned p = 0; p < n; p++) {
        double v = clamp(px->c[p] + zero_of(shape, p), 0, 1);
        samples[p] = top * v * (shape->alpha == MILL_PREMULTIPLIED ? px->a : 1);
    }
    if (shape->alpha != MILL_OPAQUE)
        samples[n] = top * px->a;
}

/* ---- comparing ----------------------------------------------------------- */

/* The greatest distance of a sample from the reference. */
static double
worst(const struct mill_test_collect *got, const struct mill_test_source *in,
      void (*reference)(const struct mill_shape *in, const unsigned *samples,
                        const struct mill_shape *out, double *wanted))
{
    const struct mill_shape *shape = in->shape;
    unsigned mask = shape->depth == 8 ? 255 : 65535;
    double most = 0;
    for (uint32_t y = 0; y < shape->h; y++) {
        for (uint32_t x = 0; x < shape->w; x++) {
            unsigned samples[MILL_PLANES];
            double wanted[MILL_PLANES];
            for (unsigned p = 0; p < shape->n_planes; p++)
                samples[p] = in->value(in->arg, p, x, y) & mask;
            reference(shape, samples, &got->shape, wanted);
            for (unsigned p = 0; p < got->shape.n_planes; p++)
                most = fmax(most,
                            fabs(mill_test_sample(got, p, x, y) - wanted[p]));
        }
    }
    return most;
}

static void
reference_convert(const struct mill_shape *in, const unsigned *samples,
                  const struct mill_shape *out, double *wanted)
{
    struct pixel px = pixel_read(in, samples);
    pixel_model(&px, in->model, out->model);
    pixel_write(&px, out, wanted);
}

static double
convert_error(const struct mill_test_source *source,
              const struct mill_convert_params *to)
{
    struct mill_test_collect got;
    mill_test_collect_init(&got);
    assert_true(mill_test_op_run(&mill_stage_convert, to, source, &got));
    double error = worst(&got, source, reference_convert);
    mill_test_collect_clear(&got);
    return error;
}

/* ---- pictures ------------------------------------------------------------ */

/* 4096 x 4096: every triple of 8-bit samples once. */
static unsigned
every_triple(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return (y * 4096 + x) >> 8 * plane;
}

/* Every pair of a colour and an alpha, at 256 x 256 samples; the other planes
 * are the colour too. */
static unsigned
every_pair(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    const struct mill_shape *shape = arg;
    unsigned by = shape->depth == 8 ? 1 : 257;
    return (plane == shape->n_planes - 1u ? y : x) * by;
}

/* Noise with many samples at the ends; premultiplied colours stay below their
 * alpha. */
static unsigned
noise(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    const struct mill_shape *shape = arg;
    unsigned n = mill_test_noise(NULL, plane, x, y);
    unsigned top = shape->depth == 8 ? 255 : 65535, last = shape->n_planes - 1u;
    unsigned v = n >> 16 & top;
    if (n % 5 < 2)
        v = n % 5 ? top : 0;
    if (shape->alpha != MILL_PREMULTIPLIED || plane == last)
        return v;
    return (unsigned)((uint64_t)v * noise(arg, last, x, y) / top);
}

/* ---- tests --------------------------------------------------------------- */

static void
every_colour_is_right(enum mill_model from, enum mill_model to, double most)
{
    struct mill_shape shape;
    mill_shape_init(&shape, 4096, 4096, from, MILL_OPAQUE, 8);
    struct mill_test_source source = {
        .shape = &shape, .cut = MILL_TEST_CUT_ALL, .value = every_triple};
    struct mill_convert_params params = {to, MILL_OPAQUE, 8};
    double error = convert_error(&source, &params);
    if (error > most)
        fail_msg("off by %.4f", error);
}

static void
rgb_to_ycc_is_right_for_every_colour(void **state)
{
    (void)state;
    every_colour_is_right(MILL_RGB, MILL_YCC, 0.51);
}

static void
ycc_to_rgb_is_right_for_every_colour(void **state)
{
    (void)state;
    every_colour_is_right(MILL_YCC, MILL_RGB, 0.51);
}

static void
rgb_to_gray_is_right_for_every_colour(void **state)
{
    (void)state;
    every_colour_is_right(MILL_RGB, MILL_GRAY, 0.51);
}

static void
alpha_is_right_for_every_pair(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        for (unsigned way = 0; way < 2; way++) {
            struct mill_shape shape;
            mill_shape_init(&shape, 256, 256, MILL_RGB,
                            way ? MILL_STRAIGHT : MILL_PREMULTIPLIED, depth);
            struct mill_test_source source = {
                .shape = &shape, .cut = 5, .value = every_pair, .arg = &shape};
            struct mill_convert_params params = {
                MILL_RGB, way ? MILL_PREMULTIPLIED : MILL_STRAIGHT,
                (uint8_t)depth};
            assert_true(convert_error(&source, &params) <= 0.5 + 1e-9);
        }
    }
}

static void
depth_is_right_for_every_sample(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        struct mill_shape shape;
        mill_shape_init(&shape, 256, 256, MILL_GRAY, MILL_OPAQUE, depth);
        struct mill_test_source source = {
            .shape = &shape, .cut = 3, .value = every_triple};
        struct mill_convert_params params = {MILL_GRAY, MILL_OPAQUE,
                                             (uint8_t)(24 - depth)};
        shape.w = 4096;
        shape.plane[0].w = 4096;
        assert_true(convert_error(&source, &params) <= 0.5 + 1e-9);
    }
}

/* Every combination; 16-bit results within 2 levels. */
static void
noise_is_right(const struct mill_shape *in,
               const struct mill_convert_params *to)
{
    struct mill_test_source source = {
        .shape = in, .cut = MILL_TEST_CUT_MIXED, .value = noise, .arg = in};
    double error = convert_error(&source, to);
    double most = to->depth == 8 ? 0.55 : 2;
    if (error > most)
        fail_msg("%s %d %d to %s %d %d: off by %.3f",
                 mill_model_name(in->model), in->alpha, in->depth,
                 mill_model_name(to->model), to->alpha, to->depth, error);
}

static void
every_alpha_and_depth(enum mill_model from, enum mill_model to)
{
    for (unsigned i = 0; i < 3 * 3 * 2 * 2; i++) {
        struct mill_shape in;
        enum mill_alpha had = i % 3;
        struct mill_convert_params params = {to, i / 3 % 3, i / 18 ? 16 : 8};
        if (params.alpha == MILL_OPAQUE && had != MILL_OPAQUE)
            continue;
        mill_shape_init(&in, 129, 97, from, had, i / 9 % 2 ? 16 : 8);
        noise_is_right(&in, &params);
    }
}

static void
all_conversions_are_right(void **state)
{
    (void)state;
    for (unsigned from = MILL_GRAY; from <= MILL_CMYK; from++)
        for (unsigned to = MILL_GRAY; to <= MILL_CMYK; to++)
            if (to != MILL_CMYK || from == to)
                every_alpha_and_depth(from, to);
}

/* ---- flatten ------------------------------------------------------------- */

static const struct mill_colour backgrounds[] = {
    {255, 255, 255}, {0, 0, 0}, {200, 17, 90}, {1, 254, 128}};

static struct mill_colour background; /* of the run that is compared */

static void
reference_flatten(const struct mill_shape *in, const unsigned *samples,
                  const struct mill_shape *out, double *wanted)
{
    struct pixel px = pixel_read(in, samples);
    struct pixel over = {
        {background.r / 255., background.g / 255., background.b / 255.}, 1};
    if (in->model == MILL_CMYK)
        for (unsigned p = 0; p < 3; p++)
            over.c[p] = 1 - over.c[p];
    else
        pixel_model(&over, MILL_RGB, in->model);
    for (unsigned p = 0; p < 4; p++)
        px.c[p] = px.c[p] * px.a + over.c[p] * (1 - px.a);
    px.a = 1;
    pixel_write(&px, out, wanted);
}

/* The background is rounded to a sample of the model, then the sum. */
static void
flatten_is_right(const struct mill_shape *in,
                 unsigned (*value)(const void *, unsigned, uint32_t, uint32_t))
{
    struct mill_flatten_params params = {background};
    struct mill_test_source source = {
        .shape = in, .cut = MILL_TEST_CUT_MIXED, .value = value, .arg = in};
    struct mill_test_collect got;
    bool rounds_twice = in->model == MILL_YCC || in->model == MILL_GRAY;
    mill_test_collect_init(&got);
    assert_true(mill_test_op_run(&mill_op_flatten, &params, &source, &got));
    assert_int_equal(got.shape.alpha, MILL_OPAQUE);
    double error = worst(&got, &source, reference_flatten);
    if (error > (rounds_twice ? 1 : 0.5) + 1e-6)
        fail_msg("%s: off by %.3f", mill_model_name(in->model), error);
    mill_test_collect_clear(&got);
}

static void
flatten_is_right_for_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4 * 2 * 2 * MILL_COUNT(backgrounds); i++) {
        struct mill_shape in;
        background = backgrounds[i / 16];
        if (i % 4 == MILL_GRAY)
            background.g = background.b = background.r;
        enum mill_alpha alpha = i / 4 % 2 ? MILL_STRAIGHT : MILL_PREMULTIPLIED;
        mill_shape_init(&in, 256, 256, i % 4, alpha, i / 8 % 2 ? 16 : 8);
        flatten_is_right(&in, noise);
        if (alpha == MILL_STRAIGHT)
            flatten_is_right(&in, every_pair);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rgb_to_ycc_is_right_for_every_colour),
        cmocka_unit_test(ycc_to_rgb_is_right_for_every_colour),
        cmocka_unit_test(rgb_to_gray_is_right_for_every_colour),
        cmocka_unit_test(alpha_is_right_for_every_pair),
        cmocka_unit_test(depth_is_right_for_every_sample),
        cmocka_unit_test(all_conversions_are_right),
        cmocka_unit_test(flatten_is_right_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
