/* One plane under a Gaussian, row by row.
 *
 *     row ─► edges repeated ─► across ─► ring ─► down ─► row
 *
 * The kernel ends at three sigma; its weights are made in double and rounded to
 * integers that add up to a power of two. Rows above the first and below the
 * last repeat those, by asking the ring for them again. Each axis costs as many
 * products a sample as the kernel has weights. A plane that stays as it is, or
 * whose own rows are wanted beside the blurred ones, keeps those in a second
 * ring. Runs in the line's thread; what a row becomes does not depend on when
 * rows are fed. */
#include "soften.h"

#include "kernel/blur.h"
#include "kernel/levels.h"

#include <math.h>
#include <string.h>

enum { LINE = 64 };

static const double PASSES = 0.2; /* a sigma below this changes nothing */

/* ---- weights ------------------------------------------------------------- */

uint32_t
op__soften_reach(double sigma)
{
    return sigma < PASSES ? 0 : (uint32_t)ceil(3 * sigma);
}

static uint32_t
padded_weights(uint32_t reach)
{
    return (uint32_t)mill_size_align(2 * reach + 1, OP__WEIGHTS_AT_ONCE);
}

static double
bell(double x, double sigma)
{
    return exp(-x * x / (2 * sigma * sigma));
}

/* Rounding the running sum, not each weight, keeps the whole exact and no error
 * piles up. The middle weight is what is left. */
static void
fill_weights(struct op__gauss *gauss, double sigma, unsigned bits)
{
    const uint32_t one = 1u << bits, reach = gauss->reach;
    double whole = 1, sum = 0;
    uint32_t done = 0;
    memset(gauss->weights, 0, gauss->padded * sizeof *gauss->weights);
    for (uint32_t k = 1; k <= reach; k++)
        whole += 2 * bell(k, sigma);
    for (uint32_t k = reach; k > 0; k--) {
        sum += bell(k, sigma) / whole;
        uint32_t until = (uint32_t)(sum * one + 0.5);
        gauss->weights[reach - k] = gauss->weights[reach + k] = until - done;
        done = until;
    }
    gauss->weights[reach] = one - 2 * done;
}

/* ---- memory -------------------------------------------------------------- */

bool
op__soften_passes(const struct op__soften_plan *plan)
{
    return plan->sigma_x < PASSES && plan->sigma_y < PASSES;
}

/* The sizes of everything that one plane takes; 0: not needed. */
struct sizes {
    uint64_t own_row, middle_row; /* one row of a ring */
    uint64_t edged, soft, weights_x, weights_y, rows;
};

static uint64_t
row_bytes(uint64_t samples, unsigned sample_bytes)
{
    return mill_size_align(samples * sample_bytes + LINE, LINE);
}

static struct sizes
sizes_of(const struct op__soften_plan *plan)
{
    const unsigned sample = plan->depth / 8;
    const uint32_t padded_x = padded_weights(op__soften_reach(plan->sigma_x));
    const uint32_t padded_y = padded_weights(op__soften_reach(plan->sigma_y));
    const uint32_t most = padded_x > padded_y ? padded_x : padded_y;
    struct sizes sizes = {0};
    if (plan->keeps || op__soften_passes(plan))
        sizes.own_row = row_bytes(plan->w, sample);
    if (op__soften_passes(plan))
        return sizes;
    sizes.middle_row = row_bytes(plan->w, 2 * sample);
    sizes.edged = row_bytes((uint64_t)plan->w + padded_x, sample);
    sizes.soft = row_bytes(plan->w, 2 * sample);
    sizes.weights_x = row_bytes(padded_x, sizeof(uint32_t));
    sizes.weights_y = row_bytes(padded_y, sizeof(uint32_t));
    sizes.rows = row_bytes(most, sizeof(void *));
    return sizes;
}

uint64_t
op__soften_bytes(const struct op__soften_plan *plan)
{
    struct sizes sizes = sizes_of(plan);
    uint64_t ring_row = sizes.own_row + sizes.middle_row;
    return mill_u64_add(mill_u64_mul(ring_row, plan->ring_rows),
                        sizes.edged + sizes.soft + sizes.weights_x +
                            sizes.weights_y + sizes.rows);
}

static bool
take_ring(struct op__ring *ring, uint64_t row, uint32_t n,
          struct mill_arena *arena, struct mill_err *err)
{
    size_t bytes;
    *ring = (struct op__ring){.stride_bytes = row};
    if (!row)
        return true;
    if (!mill_size_mul(row, n, &bytes)) {
        mill_fail(err, MILL_LIMIT, "a blur over %u rows", n);
        return false;
    }
    ring->n = n;
    ring->at = mill_arena_take(arena, bytes, err);
    return ring->at;
}

static bool
take_gauss(struct op__gauss *gauss, double sigma, unsigned bits, uint64_t bytes,
           struct mill_arena *arena, struct mill_err *err)
{
    gauss->reach = op__soften_reach(sigma);
    gauss->padded = padded_weights(gauss->reach);
    gauss->weights = mill_arena_take(arena, bytes, err);
    if (gauss->weights)
        fill_weights(gauss, sigma, bits);
    return gauss->weights;
}

enum mill_status
op__soften_init(struct op__soften *soften, const struct op__soften_plan *plan,
                struct mill_arena *arena, struct mill_err *err)
{
    const struct sizes sizes = sizes_of(plan);
    const unsigned bits =
        plan->depth == 8 ? OP__WEIGHT_BITS_8 : OP__WEIGHT_BITS_16;
    *soften =
        (struct op__soften){.plan = *plan, .kernels = op__kernels()->blur};
    if (!take_ring(&soften->own, sizes.own_row, plan->ring_rows, arena, err) ||
        !take_ring(&soften->middle, sizes.middle_row, plan->ring_rows, arena,
                   err))
        return (enum mill_status)err->status;
    if (op__soften_passes(plan))
        return MILL_OK;
    if (!take_gauss(&soften->x, plan->sigma_x, bits, sizes.weights_x, arena,
                    err) ||
        !take_gauss(&soften->y, plan->sigma_y, bits, sizes.weights_y, arena,
                    err) ||
        !(soften->edged = mill_arena_take(arena, sizes.edged, err)) ||
        !(soften->soft = mill_arena_take(arena, sizes.soft, err)) ||
        !(soften->rows = mill_arena_take(arena, sizes.rows, err)))
        return (enum mill_status)err->status;
    return MILL_OK;
}

/* ---- rows ---------------------------------------------------------------- */

static void *
ring_row(const struct op__ring *ring, uint32_t y)
{
    return ring->at + (size_t)(y % ring->n) * ring->stride_bytes;
}

/* n samples of one value. */
static void
repeat(void *to, const void *sample, uint32_t n, unsigned sample_bytes)
{
    uint16_t wide, *to_16 = to;
    if (sample_bytes == 1) {
        memset(to, *(const uint8_t *)sample, n);
        return;
    }
    memcpy(&wide, sample, sizeof wide);
    for (uint32_t i = 0; i < n; i++)
        to_16[i] = wide;
}

static void
across(struct op__soften *soften, void *to, const uint8_t *row)
{
    const struct op__gauss *x = &soften->x;
    const uint32_t w = soften->plan.w, behind = x->padded - x->reach;
    const unsigned sample = soften->plan.depth / 8;
    uint8_t *middle = soften->edged + (size_t)x->reach * sample;
    repeat(soften->edged, row, x->reach, sample);
    memcpy(middle, row, (size_t)w * sample);
    repeat(middle + (size_t)w * sample, row + (size_t)(w - 1) * sample, behind,
           sample);
    for (uint32_t k = 0; k < x->padded; k++)
        soften->rows[k] = soften->edged + (size_t)k * sample;
    if (soften->plan.depth == 8)
        soften->kernels->across_8(to, (const uint8_t *const *)soften->rows,
                                  x->weights, x->padded, w);
    else
        soften->kernels->across_16(to, (const uint16_t *const *)soften->rows,
                                   x->weights, x->padded, w);
}

void
op__soften_feed(struct op__soften *soften, const void *row)
{
    uint32_t y = soften->fed++;
    size_t bytes = (size_t)soften->plan.w * (soften->plan.depth / 8);
    if (soften->own.n)
        memcpy(ring_row(&soften->own, y), row, bytes);
    if (soften->middle.n)
        across(soften, ring_row(&soften->middle, y), row);
}

const void *
op__soften_make(struct op__soften *soften, uint32_t y)
{
    const struct op__gauss *down = &soften->y;
    const uint32_t last = soften->plan.h - 1;
    for (uint32_t k = 0; k < down->padded; k++) {
        uint64_t at = (uint64_t)y + (k <= 2 * down->reach ? k : 0);
        at = at < down->reach ? 0 : at - down->reach;
        soften->rows[k] =
            ring_row(&soften->middle, at < last ? (uint32_t)at : last);
    }
    if (soften->plan.depth == 8)
        soften->kernels->down_8(soften->soft,
                                (const uint16_t *const *)soften->rows,
                                down->weights, down->padded, soften->plan.w);
    else
        soften->kernels->down_16(soften->soft,
                                 (const uint32_t *const *)soften->rows,
                                 down->weights, down->padded, soften->plan.w);
    return soften->soft;
}

const void *
op__soften_own(const struct op__soften *soften, uint32_t y)
{
    return ring_row(&soften->own, y);
}
