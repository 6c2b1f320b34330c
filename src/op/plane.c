/* One plane, resized. There are three ways, and the sizes alone decide:
 *
 *   pick    one tap each way: samples are only picked from a ring of source
 *           rows. NEAREST, and planes that stay as they are.
 *   block   up to 32 taps down: a ring of source rows; 16 output rows at a
 *           time, down first, then across.
 *   sum     more taps down (great reductions): source rows go across, four at
 *           a time, then are added, weighed, to the few output rows that they
 *           touch. There is no ring of source rows, only of sums.
 */
#include "plane.h"
#include "kernel/levels.h"

#include <assert.h>
#include <string.h>

enum { LINE = 64 };

enum way { PICK, BLOCK, SUM };

static enum way
way_of(const struct op__plane_plan *plan)
{
    if (op__axis_taps(&plan->y) > OP__BLOCK_TAPS)
        return SUM;
    if (op__axis_taps(&plan->y) == 1 && op__axis_taps(&plan->x) == 1)
        return PICK;
    return BLOCK;
}

bool
op__plane_sums(const struct op__plane_plan *plan)
{
    return way_of(plan) == SUM;
}

/* ---- memory -------------------------------------------------------------- */

static uint32_t
span_of(const struct op__axis *axis)
{
    uint32_t first, last, unused;
    op__axis_reach(axis, 0, &first, &unused);
    op__axis_reach(axis, axis->n_out - 1, &unused, &last);
    return last - first + 1;
}

struct tables {
    enum op__form x, y;
    uint32_t quantum_x, quantum_y;
};

static struct tables
tables_of(const struct op__plane_plan *plan)
{
    const bool wide = plan->depth == 16;
    switch (way_of(plan)) {
    case SUM:
        return (struct tables){wide ? OP__FORM_WIDE : OP__FORM_NARROW,
                               OP__FORM_WIDE, OP__TAPS_AT_ONCE, 1};
    case PICK:
        return (struct tables){OP__FORM_BLOCK, OP__FORM_BLOCK, 1, 1};
    default:
        break;
    }
    enum op__form form = wide ? OP__FORM_WIDE : OP__FORM_BLOCK;
    return (struct tables){form, form, 2, 2};
}

struct sizes {
    uint64_t stride, ring, work, row, block;
};

/* Of rows that go across together, each has work of its own if that is for 8
 * bits, where the rows are worked on side by side. */
static uint64_t
works(const struct op__plane_plan *plan)
{
    return plan->depth == 8 ? OP__ROWS_AT_ONCE : 1;
}

static uint64_t
lines(uint64_t n, uint64_t each)
{
    uint64_t bytes = mill_u64_mul(n, each);
    return bytes > UINT64_MAX / 2 ? bytes : (bytes + LINE - 1) / LINE * LINE;
}

static struct sizes
sizes_of(const struct op__plane_plan *plan)
{
    const uint64_t span = span_of(&plan->x), sample = plan->depth / 8u;
    const uint64_t taps = op__axis_taps(&plan->x) + (uint64_t)OP__TAPS_AT_ONCE;
    struct sizes sizes = {.stride = lines(span, sample) + LINE};
    switch (way_of(plan)) {
    case SUM:
        sizes.stride = lines(plan->x.n_out, sizeof(int64_t));
        sizes.row = OP__ROWS_AT_ONCE * lines(plan->x.n_out, sizeof(int32_t));
        sizes.work = works(plan) * lines(span + taps, plan->depth == 8 ? 2 : 4);
        break;
    case BLOCK:
        sizes.work = lines(span + taps + 16,
                           OP__BLOCK_ROWS * (plan->depth == 8 ? 2 : 4));
        sizes.block = lines(1, sizeof(struct op__block));
        break;
    case PICK:
        break;
    }
    sizes.ring = mill_u64_mul(sizes.stride, plan->ring_rows);
    return sizes;
}

uint64_t
op__plane_bytes(const struct op__plane_plan *plan)
{
    struct sizes sizes = sizes_of(plan);
    struct tables tables = tables_of(plan);
    uint64_t bytes = mill_u64_add(sizes.ring, sizes.work);
    bytes = mill_u64_add(bytes, sizes.row);
    bytes = mill_u64_add(bytes, sizes.block);
    bytes = mill_u64_add(
        bytes, op__weights_bytes(&plan->x, tables.x, tables.quantum_x));
    bytes = mill_u64_add(
        bytes, op__weights_bytes(&plan->y, tables.y, tables.quantum_y));
    return mill_u64_add(bytes, UINT64_C(4) * LINE);
}

static bool
axis_equal(const struct op__axis *a, const struct op__axis *b)
{
    return a->start == b->start && a->step == b->step && a->den == b->den &&
           a->n_in == b->n_in && a->n_out == b->n_out && a->kernel == b->kernel;
}

static bool
is_table(const struct op__weights *weights, const struct op__axis *axis,
         enum op__form form, uint32_t quantum)
{
    return axis_equal(&weights->axis, axis) && weights->form == form &&
           weights->quantum == quantum;
}

/* A table that one of the other planes has, or a new one. */
static enum mill_status
take_table(struct op__weights *weights, const struct op__axis *axis,
           enum op__form form, uint32_t quantum, const struct op__plane *others,
           unsigned n, struct mill_arena *arena, struct mill_err *err)
{
    for (unsigned p = 0; p < n; p++) {
        const struct op__weights *had[] = {&others[p].x, &others[p].y};
        for (unsigned i = 0; i < 2; i++) {
            if (is_table(had[i], axis, form, quantum)) {
                *weights = *had[i];
                return MILL_OK;
            }
        }
    }
    return op__weights_make(weights, axis, form, quantum, arena, err);
}

/* Rows across, each so many bytes behind the one before. */
static void
lay_out(struct op__plane *plane, size_t work_bytes, size_t row_bytes)
{
    plane->across =
        (struct op__across){.x = &plane->x.taps, .span = plane->span};
    for (unsigned r = 0; r < OP__ROWS_AT_ONCE; r++) {
        plane->across.work[r] =
            (uint8_t *)plane->work + r % works(&plane->plan) * work_bytes;
        plane->across.to[r] = plane->row + r * row_bytes / sizeof *plane->row;
    }
}

enum mill_status
op__plane_init(struct op__plane *plane, const struct op__plane_plan *plan,
               const struct op__plane *others, unsigned n,
               struct mill_arena *arena, struct mill_err *err)
{
    const struct sizes sizes = sizes_of(plan);
    const struct tables tables = tables_of(plan);
    *plane = (struct op__plane){.plan = *plan,
                                .kernels = op__kernels()->resize,
                                .span = span_of(&plan->x),
                                .stride_bytes = (size_t)sizes.stride};
    if (op__plane_bytes(plan) > SIZE_MAX / 2)
        return mill_fail(err, MILL_LIMIT, "resizing %ux%u samples to %ux%u",
                         plan->x.n_in, plan->y.n_in, plan->x.n_out,
                         plan->y.n_out);
    if (take_table(&plane->x, &plan->x, tables.x, tables.quantum_x, others, n,
                   arena, err) != MILL_OK ||
        take_table(&plane->y, &plan->y, tables.y, tables.quantum_y, others, n,
                   arena, err) != MILL_OK)
        return (enum mill_status)err->status;
    plane->ring = mill_arena_take(arena, (size_t)sizes.ring, err);
    plane->work = mill_arena_take_zeroed(arena, (size_t)sizes.work, err);
    plane->row = mill_arena_take(arena, (size_t)sizes.row, err);
    plane->block = mill_arena_take(arena, (size_t)sizes.block, err);
    if (!plane->ring || !plane->work || !plane->row || !plane->block)
        return (enum mill_status)err->status;
    if (way_of(plan) == SUM)
        lay_out(plane, (size_t)sizes.work / works(plan),
                (size_t)sizes.row / OP__ROWS_AT_ONCE);
    return MILL_OK;
}

/* ---- rows that come ------------------------------------------------------ */

static void *
ring_at(const struct op__plane *plane, uint32_t i)
{
    return plane->ring + i % plane->plan.ring_rows * plane->stride_bytes;
}

/* What n source rows from y on weigh in output row j; others weigh nothing. */
static void
weigh_rows(const struct op__taps *taps, uint32_t j, uint32_t y, uint32_t n,
           int32_t weight[OP__ROWS_AT_ONCE])
{
    for (uint32_t i = 0; i < OP__ROWS_AT_ONCE; i++) {
        uint32_t t = y + i - taps->first[j]; /* great, if that is negative */
        bool counts = i < n && t < taps->k;
        weight[i] = counts ? taps->wide[(size_t)j * taps->k + t] : 0;
    }
}

/* Adds n source rows from y on, counted from the first that counts, to the
 * output rows that they touch. */
static void
sum_rows(struct op__plane *plane, uint32_t y, uint32_t n)
{
    const struct op__taps *taps = &plane->y.taps;
    const uint32_t w = plane->plan.x.n_out;
    int32_t weight[OP__ROWS_AT_ONCE];
    while (plane->ended < plane->begun &&
           y - taps->first[plane->ended] >= taps->k)
        plane->ended++;
    for (; plane->begun < taps->n && taps->first[plane->begun] < y + n;
         plane->begun++)
        memset(ring_at(plane, plane->begun), 0, w * sizeof(int64_t));
    if (plane->ended == plane->begun)
        return;
    plane->kernels->across[plane->plan.depth == 16](&plane->across);
    for (uint32_t j = plane->ended; j < plane->begun; j++) {
        weigh_rows(taps, j, y, n, weight);
        plane->kernels->add(ring_at(plane, j), plane->across.to, weight, w);
    }
}

/* The part of row y that counts. */
static const uint8_t *
row_at(const struct op__plane *plane, const struct mill_rows *rows, uint32_t y)
{
    const uint8_t *row = mill_rows_at(rows, y - rows->y);
    return row + plane->x.origin * (plane->plan.depth / 8u);
}

static void
feed_sums(struct op__plane *plane, const struct mill_rows *rows, uint32_t n)
{
    const uint32_t y = plane->fed;
    for (uint32_t i = 0; i < OP__ROWS_AT_ONCE; i++)
        plane->across.from[i] = row_at(plane, rows, i < n ? y + i : y);
    sum_rows(plane, y - plane->y.origin, n);
    plane->fed += n;
}

static void
feed_ring(struct op__plane *plane, const struct mill_rows *rows)
{
    const size_t sample = plane->plan.depth / 8u;
    memcpy(ring_at(plane, plane->fed), row_at(plane, rows, plane->fed),
           plane->span * sample);
    plane->fed++;
}

void
op__plane_feed(struct op__plane *plane, const struct mill_rows *rows,
               uint32_t stop)
{
    const bool sums = way_of(&plane->plan) == SUM;
    while (plane->fed < stop) {
        uint32_t left = stop - plane->fed;
        if (plane->fed < plane->y.origin)
            plane->fed++;
        else if (sums)
            feed_sums(plane, rows,
                      left < OP__ROWS_AT_ONCE ? left : OP__ROWS_AT_ONCE);
        else
            feed_ring(plane, rows);
    }
}

/* ---- rows that go -------------------------------------------------------- */

/* Source row that is tap t of output row y; behind the last, that one. */
static const void *
tap_row(const struct op__plane *plane, uint32_t y, uint32_t t)
{
    const uint32_t first = plane->y.taps.first[y] + plane->y.origin;
    uint32_t i = first + t;
    assert(first < plane->fed && plane->fed - first <= plane->plan.ring_rows);
    return ring_at(plane, i < plane->fed ? i : plane->fed - 1);
}

static void
make_block(struct op__plane *plane, uint32_t y, uint32_t n, void *to,
           size_t to_stride_bytes)
{
    struct op__block *block = plane->block;
    const struct op__taps *taps = &plane->y.taps;
    block->x = &plane->x.taps;
    block->span = plane->span;
    block->k = taps->k;
    block->n = n;
    block->tall = plane->work;
    block->to = to;
    block->to_stride_bytes = to_stride_bytes;
    for (uint32_t r = 0; r < n; r++) {
        const size_t at = (size_t)(y + r) * taps->k;
        block->weights[r] = taps->wide ? (const void *)(taps->wide + at)
                                       : (const void *)(taps->narrow + at);
        for (uint32_t t = 0; t < taps->k; t++)
            block->rows[r][t] = tap_row(plane, y + r, t);
    }
    plane->kernels->block[plane->plan.depth == 16](block);
}

static void
make_row(struct op__plane *plane, uint32_t y, void *to)
{
    const unsigned deep = plane->plan.depth == 16;
    const uint32_t n = plane->plan.x.n_out;
    if (way_of(&plane->plan) == SUM)
        plane->kernels->settle[deep](to, ring_at(plane, y), n);
    else if (plane->span == n && plane->plan.x.kernel != MILL_NEAREST)
        memcpy(to, tap_row(plane, y, 0), (size_t)n << deep);
    else
        plane->kernels->gather[deep](to, tap_row(plane, y, 0),
                                     plane->x.taps.first, n);
}

void
op__plane_make(struct op__plane *plane, uint32_t y, uint32_t n, void *to,
               size_t to_stride_bytes)
{
    const bool in_blocks = way_of(&plane->plan) == BLOCK;
    uint8_t *at = to;
    while (n) {
        uint32_t some = !in_blocks           ? 1
                        : n < OP__BLOCK_ROWS ? n
                                             : OP__BLOCK_ROWS;
        if (in_blocks)
            make_block(plane, y, some, at, to_stride_bytes);
        else
            make_row(plane, y, at);
        at += some * to_stride_bytes;
        y += some;
        n -= some;
    }
}
