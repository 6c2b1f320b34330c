/* PNG's filters and what they cost, many bytes at once. What is filtered
 * depends on nothing but the picture, so there is no order to keep; the px at
 * the row's left and the bytes that are left over at its right are for the
 * plain loops.
 *
 * A level says before:
 *
 *      vec, LANES              so many bytes
 *      minus, average, choose  of bytes: a - b; (a + b) / 2; of left, above and
 *                              corner the one that Paeth's filter takes
 *      costs                   a sum of what bytes cost, from zeroes on, of
 *                              STEPS vectors at most
 *      add_cost(sum, v)        what those of v cost
 *      total(sum)              all together */
#ifndef CODEC_KERNEL_FILTER_LOOPS_H
#define CODEC_KERNEL_FILTER_LOOPS_H

#include "filter.h"
#include "part.h"

#include <string.h>

ALWAYS vec
load(const uint8_t *at)
{
    vec v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* ---- costs --------------------------------------------------------------- */

/* Up to STEPS vectors from byte i on; where to go on. */
ALWAYS size_t
cost_steps(const struct codec__row *row, size_t i,
           uint64_t cost[CODEC__FILTERS])
{
    const size_t px = row->px_bytes, most = i + (size_t)STEPS * LANES;
    const size_t end = row->n < most ? row->n : most;
    const uint8_t *at = row->at, *over = row->above;
    costs sum[CODEC__FILTERS] = {0};
    for (; i + LANES <= end; i += LANES) {
        vec v = load(at + i), left = load(at + i - px);
        vec above = load(over + i), corner = load(over + i - px);
        vec half = average(left, above), near = choose(left, above, corner);
        add_cost(&sum[0], v);
        add_cost(&sum[1], minus(v, left));
        add_cost(&sum[2], minus(v, above));
        add_cost(&sum[3], minus(v, half));
        add_cost(&sum[4], minus(v, near));
    }
    for (unsigned f = 0; f < CODEC__FILTERS; f++)
        cost[f] += total(sum[f]);
    return i;
}

ALWAYS void
cost_row(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    size_t i = row->px_bytes;
    memset(cost, 0, CODEC__FILTERS * sizeof *cost);
    while (i + LANES <= row->n)
        i = cost_steps(row, i, cost);
    codec__cost_part(row, 0, row->px_bytes, cost);
    codec__cost_part(row, i, row->n, cost);
}

/* ---- filters ------------------------------------------------------------- */

ALWAYS vec
guess(const struct codec__row *row, size_t i, const unsigned filter)
{
    const uint8_t *at = row->at + i, *over = row->above + i;
    const size_t px = row->px_bytes;
    if (filter == 1)
        return load(at - px);
    if (filter == 2)
        return load(over);
    if (filter == 3)
        return average(load(at - px), load(over));
    return choose(load(at - px), load(over), load(over - px));
}

ALWAYS void
apply(const struct codec__row *row, const unsigned filter, uint8_t *to)
{
    size_t i = row->px_bytes;
    for (; i + LANES <= row->n; i += LANES) {
        vec v = minus(load(row->at + i), guess(row, i, filter));
        memcpy(to + i, &v, sizeof v);
    }
    codec__filter_part(row, filter, 0, row->px_bytes, to);
    codec__filter_part(row, filter, i, row->n, to);
}

ALWAYS void
filter_row(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    *to++ = (uint8_t)filter;
    if (filter == 0)
        memcpy(to, row->at, row->n);
    else if (filter == 1)
        apply(row, 1, to);
    else if (filter == 2)
        apply(row, 2, to);
    else if (filter == 3)
        apply(row, 3, to);
    else
        apply(row, 4, to);
}

#endif
