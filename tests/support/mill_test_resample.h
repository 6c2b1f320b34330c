/* What a resized picture should be, in double precision: for each output sample
 * the sum over all input samples around it, both ways at once, straight from
 * the definition in op.h. And a drawn picture put through the station and held
 * against that. */
#ifndef MILL_TEST_RESAMPLE_H
#define MILL_TEST_RESAMPLE_H

#include <math.h>

#include "mill_test_op.h"

static inline double
mill_test__sinc(double x)
{
    return x == 0 ? 1 : sin(M_PI * x) / (M_PI * x);
}

/* The kernel's own curve, at x of its unit. */
static inline double
mill_test__curve(unsigned kernel, double x)
{
    const double a = fabs(x), b = 1.0 / 3, c = 1.0 / 3;
    switch (kernel) {
    case MILL_LANCZOS3:
        return a < 3 ? mill_test__sinc(a) * mill_test__sinc(a / 3) : 0;
    case MILL_MITCHELL:
        if (a < 1)
            return ((12 - 9 * b - 6 * c) * a * a * a +
                    (-18 + 12 * b + 6 * c) * a * a + (6 - 2 * b)) /
                   6;
        if (a < 2)
            return ((-b - 6 * c) * a * a * a + (6 * b + 30 * c) * a * a +
                    (-12 * b - 48 * c) * a + (8 * b + 24 * c)) /
                   6;
        return 0;
    default:
        return a < 1 ? 1 - a : 0;
    }
}

/* Of sample i, for the position s at a ratio. */
static inline double
mill_test__weight(unsigned kernel, double i, double s, double ratio)
{
    const double grown = ratio > 1 ? ratio : 1;
    if (ratio == 1 && fabs(s - round(s)) < 1e-9)
        return fabs(i - s) < 0.5 ? 1 : 0;
    if (kernel == MILL_NEAREST)
        return floor(s + 0.5 + 1e-9) == i ? 1 : 0;
    if (kernel != MILL_BOX)
        return mill_test__curve(kernel, (i - s) / grown);
    double from = fmax(i - 0.5, s - grown / 2);
    double to = fmin(i + 0.5, s + grown / 2);
    return to > from ? to - from : 0;
}

struct mill_test_axis {
    double s, ratio;
    int32_t n, from, to; /* samples; those that may weigh something */
};

static inline struct mill_test_axis
mill_test__axis(double out, double x0, double step, uint32_t j, double in_px,
                double px, double in_x0, double in_step, uint32_t n)
{
    struct mill_test_axis axis;
    double at = out + x0 + (j + 0.5) * step;
    axis.s = (at * in_px / px - in_x0) / in_step - 0.5;
    axis.ratio = step * in_px / (px * in_step);
    double reach = 3 * (axis.ratio > 1 ? axis.ratio : 1) + 1;
    axis.n = (int32_t)n;
    axis.from = (int32_t)floor(axis.s - reach);
    axis.to = (int32_t)ceil(axis.s + reach);
    return axis;
}

static inline uint32_t
mill_test__edge(int32_t i, int32_t n)
{
    return (uint32_t)(i < 0 ? 0 : i >= n ? n - 1 : i);
}

/* Sample x, y of plane p of what the source becomes. */
static inline double
mill_test_resampled(const struct mill_test_source *source,
                    const struct mill_resize_params *r, unsigned p, uint32_t x,
                    uint32_t y)
{
    const struct mill_shape *in = source->shape;
    const struct mill_grid *g = &in->plane[p], *to = &r->plane[p];
    const unsigned mask = (1u << in->depth) - 1;
    struct mill_test_axis h = mill_test__axis(r->out.x, to->x0, to->sx, x,
                                              in->w, r->w, g->x0, g->sx, g->w);
    struct mill_test_axis v = mill_test__axis(r->out.y, to->y0, to->sy, y,
                                              in->h, r->h, g->y0, g->sy, g->h);
    double sum = 0, weights = 0;
    for (int32_t i = v.from; i <= v.to; i++) {
        double down = mill_test__weight(r->kernel, i, v.s, v.ratio);
        if (down == 0)
            continue;
        for (int32_t k = h.from; k <= h.to; k++) {
            double weight =
                down * mill_test__weight(r->kernel, k, h.s, h.ratio);
            if (weight == 0)
                continue;
            weights += weight;
            sum +=
                weight * (source->value(source->arg, p, mill_test__edge(k, h.n),
                                        mill_test__edge(i, v.n)) &
                          mask);
        }
    }
    return fmin(fmax(sum / weights, 0), mask);
}

/* Does the station stay within `most` levels of that? Prints where it does
 * not, or stores the largest difference in *worst. */
static inline bool
mill_test_resample_near(const struct mill_test_source *source,
                        const struct mill_resize_params *params, double most,
                        double *worst)
{
    struct mill_test_collect made;
    mill_test_collect_init(&made);
    bool near = mill_test_op_run(&mill_stage_resize, params, source, &made);
    for (unsigned p = 0; near && p < source->shape->n_planes; p++) {
        const struct mill_grid *g = &params->plane[p];
        for (uint32_t y = 0; near && y < g->h; y++)
            for (uint32_t x = 0; near && x < g->w; x++) {
                double want = mill_test_resampled(source, params, p, x, y);
                double off = fabs(want - mill_test_sample(&made, p, x, y));
                *worst = fmax(*worst, off);
                near = off <= most;
                if (!near)
                    fprintf(stderr,
                            "kernel %u, %ux%u to %ux%u, plane %u, %u,%u: "
                            "%.3f became %u\n",
                            params->kernel, source->shape->w, source->shape->h,
                            params->w, params->h, p, x, y, want,
                            mill_test_sample(&made, p, x, y));
            }
    }
    mill_test_collect_clear(&made);
    return near;
}

/* A picture with slopes, waves and a hard edge; in 16 bits. */
static inline unsigned
mill_test_smooth(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    double wave = sin(x * 0.21 + plane) * cos(y * 0.17);
    unsigned edge = (x / 13 + y / 9 + plane) % 3 == 0;
    unsigned depth = *(const unsigned *)arg;
    double level = edge ? 0.97 : 0.5 + 0.48 * wave;
    return (unsigned)(level * ((1u << depth) - 1));
}

/* To w x h px, whole, every plane on the grid of its steps with origin 0. */
static inline struct mill_resize_params
mill_test_resize_to(const struct mill_shape *in, uint32_t w, uint32_t h,
                    unsigned kernel)
{
    struct mill_resize_params params = {
        .w = w, .h = h, .out = {0, 0, w, h}, .kernel = (uint8_t)kernel};
    for (unsigned p = 0; p < in->n_planes; p++)
        params.plane[p] =
            mill_grid_make(w, h, in->plane[p].sx, in->plane[p].sy);
    return params;
}

#endif
