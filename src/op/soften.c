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

static double
bell(double x, double sigma)
{
    return exp(-x * x / (2 * sigma * sigma));
}

/* Rounding the running sum, not each weight, keeps the whole exact and no error
 * piles up. The middle weight is what is left. */
static void
fill_weights(struct op__gauss *gauss, double sigma)
{
    const uint32_t one = 1u << gauss->bits, reach = gauss->reach;
    double whole = 1, sum = 0;
    uint32_t done = 0;
    for (uint32_t k = 1; k <= reach; k++)
        whole += 2 * bell(k, sigma);
    for (uint32_t k = 0; k < reach; k++) {
        sum += bell(reach - k, sigma) / whole;
        uint32_t until = (uint32_t)(sum * one + 0.5);
        gauss->weights[k] = until - done;
        done = until;
    }
    gauss->weights[reach] = one - 2 * done;
}

/* As many bits as the row loops can take. The middle weight is the greatest. */
static void
make_weights(struct op__gauss *gauss, double sigma, unsigned depth)
{
    gauss->bits = depth == 8 ? OP__WEIGHT_BITS_8 : OP__WEIGHT_BITS_16;
    fill_weights(gauss, sigma);
    while (depth == 8 && gauss->weights[gauss->reach] > OP__WEIGHT_MOST_8) {
        gauss->bits--;
        fill_weights(gauss, sigma);
    }
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
    const uint64_t reach_x = op__soften_reach(plan->sigma_x);
    const uint64_t reach_y = op__soften_reach(plan->sigma_y);
    const uint64_t most = reach_x > reach_y ? reach_x : reach_y;
    struct sizes sizes = {0};
    if (plan->keeps || op__soften_passes(plan))
        sizes.own_row = row_bytes(plan->w, sample);
    if (op__soften_passes(plan))
        return sizes;
    sizes.middle_row = row_bytes(plan->w, 2 * sample);
    sizes.edged = row_bytes(plan->w + 2 * reach_x, 2 * sample);
    sizes.soft = row_bytes(plan->w, 2 * sample);
    sizes.weights_x = row_bytes(reach_x + 1, sizeof(uint32_t));
    sizes.weights_y = row_bytes(reach_y + 1, sizeof(uint32_t));
    sizes.rows = row_bytes(2 * most + 1, sizeof(void *));
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
take_gauss(struct op__gauss *gauss, double sigma, unsigned depth,
           uint64_t bytes, struct mill_arena *arena, struct mill_err *err)
{
    gauss->reach = op__soften_reach(sigma);
    gauss->weights = mill_arena_take(arena, bytes, err);
    if (gauss->weights)
        make_weights(gauss, sigma, depth);
    return gauss->weights;
}

enum mill_status
op__soften_init(struct op__soften *soften, const struct op__soften_plan *plan,
                struct mill_arena *arena, struct mill_err *err)
{
    const struct sizes sizes = sizes_of(plan);
    *soften =
        (struct op__soften){.plan = *plan, .kernels = op__kernels()->blur};
    if (!take_ring(&soften->own, sizes.own_row, plan->ring_rows, arena, err) ||
        !take_ring(&soften->middle, sizes.middle_row, plan->ring_rows, arena,
                   err))
        return (enum mill_status)err->status;
    if (op__soften_passes(plan))
        return MILL_OK;
    if (!take_gauss(&soften->x, plan->sigma_x, plan->depth, sizes.weights_x,
                    arena, err) ||
        !take_gauss(&soften->y, plan->sigma_y, plan->depth, sizes.weights_y,
                    arena, err) ||
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

static bool
is_deep(const struct op__soften *soften)
{
    return soften->plan.depth == 16;
}

/* soften->rows weighed, and made narrower by `fewer` bits. */
static void
weigh(const struct op__soften *soften, void *to, const struct op__gauss *gauss,
      int fewer)
{
    const struct op__weigh weigh = {.rows = soften->rows,
                                    .weights = gauss->weights,
                                    .reach = gauss->reach,
                                    .shift = gauss->bits + (unsigned)fewer};
    soften->kernels->weigh[is_deep(soften)](&weigh, to, soften->plan.w);
}

/* n times the sample at `from`. */
static void
repeat(uint8_t *to, const uint8_t *from, uint32_t n, size_t sample)
{
    for (uint32_t i = 0; i < n; i++)
        memcpy(to + i * sample, from, sample);
}

static void
across(struct op__soften *soften, void *to, const void *row)
{
    const size_t sample = soften->plan.depth / 4u; /* lifted: twice the bits */
    const uint32_t reach = soften->x.reach;
    uint8_t *before = soften->edged, *first = before + reach * sample;
    uint8_t *behind = first + soften->plan.w * sample;
    soften->kernels->lift[is_deep(soften)](first, row, soften->plan.w);
    repeat(before, first, reach, sample);
    repeat(behind, behind - sample, reach, sample);
    for (uint32_t k = 0; k <= 2 * reach; k++)
        soften->rows[k] = before + k * sample;
    weigh(soften, to, &soften->x, 0);
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
    const uint32_t reach = soften->y.reach, last = soften->plan.h - 1;
    const int middle_bits =
        is_deep(soften) ? OP__MIDDLE_BITS_16 : OP__MIDDLE_BITS_8;
    for (uint32_t k = 0; k <= 2 * reach; k++) {
        uint64_t at = (uint64_t)y + k;
        at = at < reach ? 0 : at - reach;
        soften->rows[k] =
            ring_row(&soften->middle, at < last ? (uint32_t)at : last);
    }
    weigh(soften, soften->soft, &soften->y, middle_bits - OP__SOFT_BITS);
    return soften->soft;
}

const void *
op__soften_own(const struct op__soften *soften, uint32_t y)
{
    return ring_row(&soften->own, y);
}
