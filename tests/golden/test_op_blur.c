/* Blur, sharpen and gamma against double precision: a Gaussian cut at
 * ceil(3 sigma), normalised, edges repeated, both axes at once. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mill_test_op.h"

/* ---- the reference ------------------------------------------------------- */

static double
bell_weight(double sigma, int k)
{
    int reach = sigma < 0.2 ? 0 : (int)ceil(3 * sigma);
    double whole = 0;
    if (!reach)
        return k == 0;
    for (int i = -reach; i <= reach; i++)
        whole += exp(-i * i / (2 * sigma * sigma));
    return abs(k) > reach ? 0 : exp(-k * k / (2 * sigma * sigma)) / whole;
}

static size_t
place(int64_t at, uint32_t n)
{
    return (size_t)(at < 0 ? 0 : at >= n ? n - 1 : at);
}

/* Blur one axis: of `lines` lines that lie `apart`, n samples each, `step`
 * from one to the next. */
static void
blur_axis(double *at, uint32_t n, size_t step, uint32_t lines, size_t apart,
          double sigma)
{
    int reach = sigma < 0.2 ? 0 : (int)ceil(3 * sigma);
    double *weights = calloc(2 * (size_t)reach + 1, sizeof *weights);
    double *line = calloc(n, sizeof *line);
    for (int k = -reach; k <= reach; k++)
        weights[k + reach] = bell_weight(sigma, k);
    for (uint32_t l = 0; l < lines; l++) {
        double *first = at + l * apart;
        for (uint32_t i = 0; i < n; i++)
            line[i] = first[i * step];
        for (uint32_t i = 0; i < n; i++) {
            double sum = 0;
            for (int k = -reach; k <= reach; k++)
                sum += weights[k + reach] * line[place((int64_t)i + k, n)];
            first[i * step] = sum;
        }
    }
    free(line);
    free(weights);
}

static double *
plane_of(const struct mill_test_source *source, unsigned p)
{
    const struct mill_grid *g = &source->shape->plane[p];
    unsigned mask = source->shape->depth == 8 ? 255 : 65535;
    double *at = calloc((size_t)g->w * g->h, sizeof *at);
    for (uint32_t y = 0; y < g->h; y++)
        for (uint32_t x = 0; x < g->w; x++)
            at[(size_t)y * g->w + x] =
                source->value(source->arg, p, x, y) & mask;
    return at;
}

static double *
blurred(const struct mill_test_source *source, unsigned p, double sigma)
{
    const struct mill_grid *g = &source->shape->plane[p];
    double *at = plane_of(source, p);
    blur_axis(at, g->w, 1, g->h, g->w, sigma / g->sx);
    blur_axis(at, g->h, g->w, g->w, 1, sigma / g->sy);
    return at;
}

/* ---- pictures ------------------------------------------------------------ */

/* Black and white noise: the worst for a weighted sum. */
static unsigned
extremes(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    return mill_test_noise(arg, plane, x, y) & 64 ? 65535 : 0;
}

static unsigned
ramp(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return (x * 3 + y * 5 + plane * 7) & 65535;
}

static unsigned
full(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg, (void)plane, (void)x, (void)y;
    return 65535;
}

typedef unsigned value_fn(const void *, unsigned, uint32_t, uint32_t);
static value_fn *const pictures[] = {mill_test_noise, extremes, ramp, full};

/* Chroma with steps 2 x 2 and 1 x 3 and an odd origin, as after a crop. */
static void
shape_subsampled(struct mill_shape *shape, uint32_t w, uint32_t h,
                 unsigned depth)
{
    const struct mill_rect part = {1, 1, w, h};
    mill_shape_init(shape, w, h, MILL_YCC, MILL_OPAQUE, depth);
    struct mill_grid even = mill_grid_make(w + 2, h + 2, 2, 2);
    struct mill_grid uneven = mill_grid_make(w + 2, h + 2, 1, 3);
    shape->plane[1] = mill_grid_crop(&even, &part, NULL, NULL);
    shape->plane[2] = mill_grid_crop(&uneven, &part, NULL, NULL);
}

/* ---- tests --------------------------------------------------------------- */

static void
parse(const struct mill_op *op, const char *text, void *params)
{
    char copy[64];
    struct mill_args args;
    struct mill_err err = {0};
    snprintf(copy, sizeof copy, "%s", text);
    memset(params, 0, op->params_size);
    assert_int_equal(mill_args_split(&args, op->name, copy, &err), MILL_OK);
    assert_int_equal(op->parse(&args, params, &err), MILL_OK);
}

/* The greatest distance of one plane from what is wanted. */
static double
worst(const struct mill_test_collect *got, unsigned p, const double *wanted)
{
    const struct mill_grid *g = &got->shape.plane[p];
    double most = 0;
    for (uint32_t y = 0; y < g->h; y++)
        for (uint32_t x = 0; x < g->w; x++)
            most = fmax(most, fabs(mill_test_sample(got, p, x, y) -
                                   wanted[(size_t)y * g->w + x]));
    return most;
}

static void
blur_is_right(const struct mill_shape *shape, value_fn *value, double sigma,
              double most)
{
    max_align_t params[16];
    char text[32];
    struct mill_test_collect got;
    struct mill_test_source source = {
        .shape = shape, .cut = MILL_TEST_CUT_MIXED, .value = value};
    snprintf(text, sizeof text, "%g", sigma);
    parse(mill_op_named("blur"), text, params);
    mill_test_collect_init(&got);
    assert_true(mill_test_op_run(mill_op_named("blur"), params, &source, &got));
    for (unsigned p = 0; p < shape->n_planes; p++) {
        double *wanted = blurred(&source, p, sigma);
        double error = worst(&got, p, wanted);
        free(wanted);
        if (error > most)
            fail_msg("sigma %g, plane %u: off by %.3f", sigma, p, error);
    }
    mill_test_collect_clear(&got);
}

static void
blur_is_within_a_level(void **state)
{
    static const double sigmas[] = {0.3, 0.5, 1, 2, 7.3, 40, 100};
    struct mill_shape shape;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(sigmas); i++) {
        for (unsigned k = 0; k < MILL_COUNT(pictures); k++) {
            shape_subsampled(&shape, 83, 61, 8);
            blur_is_right(&shape, pictures[k], sigmas[i], 0.6);
            shape_subsampled(&shape, 83, 61, 16);
            blur_is_right(&shape, pictures[k], sigmas[i], 0.6);
        }
    }
}

static double
unsharp(double v, double soft, double amount, double threshold)
{
    return fabs(v - soft) > threshold ? v + amount * (v - soft) : v;
}

/* Where a sample differs from its blur by just the threshold, both answers are
 * right. */
static void
sharpen_is_right(const struct mill_shape *shape, value_fn *value,
                 const char *text, double sigma, double amount,
                 double threshold)
{
    max_align_t params[16];
    struct mill_test_collect got;
    struct mill_test_source source = {
        .shape = shape, .cut = MILL_TEST_CUT_MIXED, .value = value};
    const size_t n = (size_t)shape->plane[0].w * shape->plane[0].h;
    const double top = shape->depth == 8 ? 255 : 65535;
    const double level = shape->depth == 8 ? 1 : 257;
    parse(mill_op_named("sharpen"), text, params);
    mill_test_collect_init(&got);
    assert_true(
        mill_test_op_run(mill_op_named("sharpen"), params, &source, &got));
    double *v = plane_of(&source, 0), *soft = blurred(&source, 0, sigma);
    for (size_t i = 0; i < n; i++) {
        double wanted = unsharp(v[i], soft[i], amount, threshold * level);
        double off = fabs(mill_test_sample(&got, 0, i % shape->plane[0].w,
                                           (uint32_t)(i / shape->plane[0].w)) -
                          fmin(fmax(wanted, 0), top));
        double near = fabs(fabs(v[i] - soft[i]) - threshold * level);
        if (off > level && near > 0.05 * level)
            fail_msg("%s: %g, soft %g: off by %.3f", text, v[i], soft[i], off);
    }
    free(v);
    free(soft);
    for (unsigned p = 1; p < shape->n_planes; p++) {
        double *same = plane_of(&source, p);
        assert_true(worst(&got, p, same) == 0);
        free(same);
    }
    mill_test_collect_clear(&got);
}

static void
sharpen_is_within_a_level(void **state)
{
    struct mill_shape shape;
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        for (unsigned k = 0; k < MILL_COUNT(pictures); k++) {
            shape_subsampled(&shape, 75, 53, depth);
            sharpen_is_right(&shape, pictures[k], "1", 1, 1, 0);
            sharpen_is_right(&shape, pictures[k], "2.5,amount=0.7,threshold=9",
                             2.5, 0.7, 9);
            sharpen_is_right(&shape, pictures[k], "0.6,amount=10", 0.6, 10, 0);
        }
    }
}

static void
gamma_is_right(unsigned depth, const char *text, double gamma)
{
    max_align_t params[16];
    struct mill_shape shape;
    struct mill_test_collect got;
    double top = depth == 8 ? 255 : 65535;
    mill_shape_init(&shape, 97, 64, MILL_RGB, MILL_STRAIGHT, depth);
    struct mill_test_source source = {
        .shape = &shape, .cut = MILL_TEST_CUT_MIXED, .value = mill_test_noise};
    parse(mill_op_named("gamma"), text, params);
    mill_test_collect_init(&got);
    assert_true(
        mill_test_op_run(mill_op_named("gamma"), params, &source, &got));
    for (unsigned p = 0; p < 4; p++) {
        double *wanted = plane_of(&source, p);
        for (size_t i = 0; p < 3 && i < 97 * 64; i++)
            wanted[i] = top * pow(wanted[i] / top, 1 / gamma);
        assert_true(worst(&got, p, wanted) <= 0.5 + 1e-6);
        free(wanted);
    }
    mill_test_collect_clear(&got);
}

static void
gamma_is_rounded_right(void **state)
{
    (void)state;
    for (unsigned depth = 8; depth <= 16; depth += 8) {
        gamma_is_right(depth, "2.2", 2.2);
        gamma_is_right(depth, "0.1", 0.1);
        gamma_is_right(depth, "10", 10);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blur_is_within_a_level),
        cmocka_unit_test(sharpen_is_within_a_level),
        cmocka_unit_test(gamma_is_rounded_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
