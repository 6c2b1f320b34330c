/* PNG's filters and what they cost, byte by byte: for every machine, and the
 * oracle of the levels above. */
#include "filter.h"
#include "paeth.h"

#include <string.h>

static const uint8_t small[] = {CODEC__COST_SMALL};
static const uint8_t large[] = {CODEC__COST_LARGE};

static unsigned
cost_of(unsigned v)
{
    unsigned far = (uint8_t)v < 128 ? (uint8_t)v : 256u - (uint8_t)v;
    return far < 16 ? small[far] : large[far / 16];
}

/* What the filters 1 to 4 take from byte i. */
struct guesses {
    unsigned left, above, average, paeth;
};

static struct guesses
guess(const struct codec__row *row, size_t i)
{
    unsigned px = row->px_bytes, above = row->above[i];
    unsigned left = i < px ? 0 : row->at[i - px];
    unsigned corner = i < px ? 0 : row->above[i - px];
    return (struct guesses){
        left, above, (left + above) / 2,
        (unsigned)paeth((int)left, (int)above, (int)corner)};
}

void
codec__cost_part(const struct codec__row *row, size_t from, size_t to,
                 uint64_t cost[CODEC__FILTERS])
{
    for (size_t i = from; i < to; i++) {
        struct guesses g = guess(row, i);
        unsigned v = row->at[i];
        cost[0] += cost_of(v);
        cost[1] += cost_of(v - g.left);
        cost[2] += cost_of(v - g.above);
        cost[3] += cost_of(v - g.average);
        cost[4] += cost_of(v - g.paeth);
    }
}

void
codec__cost_base(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    memset(cost, 0, CODEC__FILTERS * sizeof *cost);
    codec__cost_part(row, 0, row->n, cost);
}

void
codec__filter_part(const struct codec__row *row, unsigned filter, size_t from,
                   size_t to, uint8_t *out)
{
    for (size_t i = from; i < to; i++) {
        struct guesses g = guess(row, i);
        const unsigned of[] = {0, g.left, g.above, g.average, g.paeth};
        out[i] = (uint8_t)(row->at[i] - of[filter]);
    }
}

void
codec__filter_base(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    to[0] = (uint8_t)filter;
    codec__filter_part(row, filter, 0, row->n, to + 1);
}
