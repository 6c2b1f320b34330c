/* Weights. Positions and reaches are exact in integers; the weights themselves
 * are made here, and only here, in double, and rounded to fixed point such that
 * those of one output add up to exactly one: each takes what the ones before it
 * have left over by rounding. A flat picture stays flat.
 *
 * A sine for each tap would cost a tenth of a whole thumbnail, so the Lanczos
 * kernel's two sines are turned on from tap to tap, and outputs that lie alike
 * among their samples have their weights from the first of them. */
#include "weights.h"
#include "kernel/levels.h"

#include <math.h>
#include <string.h>

/* ---- where --------------------------------------------------------------- */

struct op__axis
op__axis_make(const struct op__span *in, uint32_t px, uint32_t out,
              const struct op__span *to, unsigned kernel)
{
    const int64_t from_px = in->px;
    const int64_t twice = 2 * ((int64_t)out + to->x0) + to->step;
    return (struct op__axis){.start = twice * from_px -
                                      2 * (int64_t)px * in->x0 -
                                      (int64_t)px * in->step,
                             .step = 2 * (int64_t)to->step * from_px,
                             .den = 2 * (int64_t)px * in->step,
                             .n_in = in->n,
                             .n_out = to->n,
                             .kernel = (uint8_t)kernel};
}

static bool
copies(const struct op__axis *axis)
{
    return axis->kernel == MILL_NEAREST ||
           (axis->step == axis->den && axis->start % axis->den == 0);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static uint32_t
clamp(int64_t i, uint32_t n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : (uint32_t)i;
}

/* Twice the distance, in units of 1 / den samples, within which samples weigh
 * something. */
static int64_t
twice_support(const struct op__axis *axis)
{
    static const uint8_t support[] = {
        [MILL_LANCZOS3] = 3, [MILL_MITCHELL] = 2, [MILL_LINEAR] = 1};
    int64_t wide = axis->step > axis->den ? axis->step : axis->den;
    if (axis->kernel == MILL_BOX)
        return wide + axis->den;
    return 2 * support[axis->kernel] * wide;
}

/* As op__axis_reach, but as if there were samples beside the edges too. */
static void
reach_beyond(const struct op__axis *axis, uint32_t j, int64_t *first,
             int64_t *last)
{
    const int64_t at = axis->start + j * axis->step;
    if (copies(axis)) {
        *first = *last = floor_div(2 * at + axis->den, 2 * axis->den);
        return;
    }
    const int64_t support = twice_support(axis);
    *first = floor_div(2 * at - support, 2 * axis->den) + 1;
    *last = -floor_div(-(2 * at + support), 2 * axis->den) - 1;
}

void
op__axis_reach(const struct op__axis *axis, uint32_t j, uint32_t *first,
               uint32_t *last)
{
    int64_t from, to;
    reach_beyond(axis, j, &from, &to);
    *first = clamp(from, axis->n_in);
    *last = clamp(to, axis->n_in);
}

uint32_t
op__axis_taps(const struct op__axis *axis)
{
    if (copies(axis))
        return 1;
    int64_t most = -floor_div(-twice_support(axis), axis->den);
    return most < axis->n_in ? (uint32_t)most : axis->n_in;
}

/* ---- how much ------------------------------------------------------------ */

/* A sine that goes on by a fixed angle. */
struct swing {
    double sine, cosine, step_sine, step_cosine;
};

static struct swing
swing_from(double angle, double step)
{
    return (struct swing){sin(angle), cos(angle), sin(step), cos(step)};
}

static void
swing_on(struct swing *s)
{
    double sine = s->sine * s->step_cosine + s->cosine * s->step_sine;
    s->cosine = s->cosine * s->step_cosine - s->sine * s->step_sine;
    s->sine = sine;
}

static double
mitchell(double x)
{
    x = fabs(x);
    if (x < 1)
        return (7 * x * x * x - 12 * x * x + 16.0 / 3) / 6;
    return (-7.0 / 3 * x * x * x + 12 * x * x - 20 * x + 32.0 / 3) / 6;
}

/* How much of a sample, `far` from the middle of a box, lies under it. */
static double
overlap(double far, double width)
{
    double right = fmin(far + 0.5, width / 2);
    double left = fmax(far - 0.5, -width / 2);
    return fmax(right - left, 0);
}

static double
plain_weight(unsigned kernel, double far, double width)
{
    switch (kernel) {
    case MILL_MITCHELL:
        return mitchell(far / width);
    case MILL_LINEAR:
        return 1 - fabs(far / width);
    default:
        return overlap(far, width);
    }
}

/* The weights of output j, not yet adding up to 1, over samples from the axis'
 * own first one on. Returns their sum. */
static double
weigh(const struct op__axis *axis, uint32_t j, double *weights)
{
    const int64_t at = axis->start + j * axis->step;
    const double den = (double)axis->den;
    const double width = axis->step > axis->den ? (double)axis->step / den : 1;
    const double turn = 3.14159265358979323846 / width;
    int64_t first, last;
    double sum = 0;
    reach_beyond(axis, j, &first, &last);
    const uint32_t from = clamp(first, axis->n_in);
    double far = (double)(first * axis->den - at) / den;
    struct swing whole = swing_from(far * turn, turn);
    struct swing third = swing_from(far * turn / 3, turn / 3);
    for (int64_t i = first; i <= last; i++) {
        double x = turn * ((double)(i * axis->den - at) / den), weight;
        if (axis->kernel != MILL_LANCZOS3)
            weight = plain_weight(axis->kernel, x / turn, width);
        else
            weight = fabs(x) < 1e-6 ? 1 : 3 * whole.sine * third.sine / (x * x);
        weights[clamp(i, axis->n_in) - from] += weight;
        sum += weight;
        swing_on(&whole);
        swing_on(&third);
    }
    return sum;
}

/* ---- tables -------------------------------------------------------------- */

static uint32_t
padded_taps(const struct op__axis *axis, uint32_t quantum)
{
    uint64_t k = ((uint64_t)op__axis_taps(axis) + quantum - 1) / quantum;
    return (uint32_t)(k * quantum);
}

static uint64_t
table_bytes(const struct op__axis *axis, enum op__form form, uint32_t quantum)
{
    uint64_t one = form == OP__FORM_WIDE ? sizeof(int32_t) : sizeof(int16_t);
    uint64_t n = mill_u64_mul(axis->n_out, padded_taps(axis, quantum));
    return mill_u64_mul(n, one);
}

uint64_t
op__weights_bytes(const struct op__axis *axis, enum op__form form,
                  uint32_t quantum)
{
    uint64_t bytes = table_bytes(axis, form, quantum);
    bytes = mill_u64_add(bytes, axis->n_out * (uint64_t)sizeof(uint32_t));
    bytes = mill_u64_add(bytes, op__axis_taps(axis) * (uint64_t)sizeof(double));
    return mill_u64_add(bytes, UINT64_C(3) * 64);
}

/* Rounds the n weights of output j into the table. False: one does not fit. */
static bool
settle(struct op__weights *weights, void *table, uint32_t j,
       const double *exact, double sum, uint32_t n)
{
    const double one = (double)(INT64_C(1) << weights->taps.bits);
    const size_t at = (size_t)j * weights->taps.k;
    double so_far = 0;
    int64_t given = 0;
    for (uint32_t t = 0; t < n; t++) {
        so_far += exact[t];
        int64_t upto = llrint(so_far / sum * one);
        int64_t weight = upto - given;
        given = upto;
        if (weights->form == OP__FORM_WIDE)
            ((int32_t *)table)[at + t] = (int32_t)weight;
        else if (weight > INT16_MAX || weight < INT16_MIN)
            return false;
        else
            ((int16_t *)table)[at + t] = (int16_t)weight;
    }
    return true;
}

/* Outputs so far apart lie alike among their samples: 5 for 8 to 5. */
static int64_t
period_of(const struct op__axis *axis)
{
    int64_t a = axis->den, b = axis->step;
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return axis->den / a;
}

/* No sample beside the edges would weigh anything. */
static bool
is_inside(const struct op__axis *axis, int64_t j)
{
    int64_t from, to;
    if (j < 0)
        return false;
    reach_beyond(axis, (uint32_t)j, &from, &to);
    return from >= 0 && to < axis->n_in;
}

/* The weights of output j. */
static bool
fill_one(struct op__weights *weights, void *table, uint32_t j, double *exact)
{
    const struct op__axis *axis = &weights->axis;
    const uint32_t k = op__axis_taps(axis);
    double sum = 1;
    memset(exact, 0, k * sizeof *exact);
    if (copies(axis))
        exact[0] = 1;
    else
        sum = weigh(axis, j, exact);
    return settle(weights, table, j, exact, sum, k);
}

static bool
fill(struct op__weights *weights, uint32_t *first, uint8_t *table,
     double *exact)
{
    const struct op__axis *axis = &weights->axis;
    const size_t one =
        weights->form == OP__FORM_WIDE ? sizeof(int32_t) : sizeof(int16_t);
    const size_t row = weights->taps.k * one;
    const int64_t period = period_of(axis);
    uint32_t last;
    op__axis_reach(axis, 0, &weights->origin, &last);
    for (uint32_t j = 0; j < axis->n_out; j++) {
        op__axis_reach(axis, j, &first[j], &last);
        first[j] -= weights->origin;
        if (is_inside(axis, j) && is_inside(axis, j - period))
            memcpy(table + j * row, table + (size_t)(j - period) * row, row);
        else if (!fill_one(weights, table, j, exact))
            return false;
    }
    return true;
}

/* Weights become small when they are many: room for more bits. */
static unsigned
bits_to_try(const struct op__axis *axis, enum op__form form)
{
    unsigned bits = OP__NARROW_BITS;
    if (form == OP__FORM_WIDE)
        return OP__WIDE_BITS;
    if (form == OP__FORM_NARROW)
        while (bits < 21 &&
               axis->step >> (bits - OP__NARROW_BITS + 1) >= axis->den)
            bits++;
    return bits;
}

enum mill_status
op__weights_make(struct op__weights *weights, const struct op__axis *axis,
                 enum op__form form, uint32_t quantum, struct mill_arena *arena,
                 struct mill_err *err)
{
    uint64_t bytes = table_bytes(axis, form, quantum);
    if (bytes > SIZE_MAX / 2)
        return mill_fail(err, MILL_LIMIT, "resizing %u samples to %u",
                         axis->n_in, axis->n_out);
    void *table = mill_arena_take_zeroed(arena, (size_t)bytes, err);
    uint32_t *first = mill_arena_take(arena, axis->n_out * sizeof *first, err);
    double *exact =
        mill_arena_take(arena, op__axis_taps(axis) * sizeof *exact, err);
    if (!table || !first || !exact)
        return (enum mill_status)err->status;
    *weights = (struct op__weights){
        .axis = *axis,
        .form = form,
        .quantum = quantum,
        .taps = {.n = axis->n_out,
                 .k = padded_taps(axis, quantum),
                 .bits = bits_to_try(axis, form),
                 .first = first,
                 .narrow = form == OP__FORM_WIDE ? NULL : table,
                 .wide = form == OP__FORM_WIDE ? table : NULL}};
    while (!fill(weights, first, table, exact))
        weights->taps.bits--;
    return MILL_OK;
}
