/* PNG's filters and what they cost, by x86-64-v2. */
#include "filter_lanes.h"

void
codec__cost_v2(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    cost_row(row, cost);
}

void
codec__filter_v2(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    filter_row(row, filter, to);
}
