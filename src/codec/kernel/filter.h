/* What the levels of filtering share. */
#ifndef CODEC_KERNEL_FILTER_H
#define CODEC_KERNEL_FILTER_H

#include "kernels.h"

/* What a byte that is left after a filter costs when it is coded by how far it
 * is from 0: 6 + 8 log2(1 + |v|), by v from 0 to 15, then by sixteens. */
#define CODEC__COST_SMALL                                                      \
    6, 14, 19, 22, 25, 27, 28, 30, 31, 33, 34, 35, 36, 36, 37, 38
#define CODEC__COST_LARGE 0, 43, 49, 53, 55, 58, 60, 61, 62

void codec__cost_base(const struct codec__row *row,
                      uint64_t cost[CODEC__FILTERS]);
void codec__filter_base(const struct codec__row *row, unsigned filter,
                        uint8_t *to);
void codec__cost_lanes(const struct codec__row *row,
                       uint64_t cost[CODEC__FILTERS]);
void codec__filter_lanes(const struct codec__row *row, unsigned filter,
                         uint8_t *to);
void codec__cost_v2(const struct codec__row *row,
                    uint64_t cost[CODEC__FILTERS]);
void codec__filter_v2(const struct codec__row *row, unsigned filter,
                      uint8_t *to);
void codec__cost_v3(const struct codec__row *row,
                    uint64_t cost[CODEC__FILTERS]);
void codec__filter_v3(const struct codec__row *row, unsigned filter,
                      uint8_t *to);

/* The bytes [from, to) of the row alone; adds to cost. */
void codec__cost_part(const struct codec__row *row, size_t from, size_t to,
                      uint64_t cost[CODEC__FILTERS]);
/* out: where byte 0 of the filtered row belongs. */
void codec__filter_part(const struct codec__row *row, unsigned filter,
                        size_t from, size_t to, uint8_t *out);

#endif
