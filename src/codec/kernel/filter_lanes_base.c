/* PNG's filters and what they cost, in vectors of the compiler's. */
#include "filter_lanes.h"

void
codec__cost_lanes(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    cost_row(row, cost);
}

void
codec__filter_lanes(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    filter_row(row, filter, to);
}
