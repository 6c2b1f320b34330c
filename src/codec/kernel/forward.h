/* The forward side of JPEG: samples to quantised coefficients, as
 * libjpeg-turbo's accurate integer method has them, in the order in which they
 * are written. */
#ifndef CODEC_KERNEL_FORWARD_H
#define CODEC_KERNEL_FORWARD_H

#include <imgmill/codec.h>

#include <stddef.h>
#include <stdint.h>

#include "jpeg.h"

/* A block as it is written. */
struct codec__forward_block {
    _Alignas(32) int16_t zigzag[CODEC__BLOCK];
    uint64_t set; /* bit k: zigzag[k] is not 0 */
};

/* How coefficients are quantised, by eight times a step: to a size half of that
 * or a little less is added, and then it is multiplied twice; of the products
 * the upper 16 bits are kept. Each row of eight twice: for two blocks side by
 * side. */
struct codec__divisors {
    _Alignas(32) uint16_t bias[8][16];
    _Alignas(32) uint16_t reciprocal[8][16];
    _Alignas(32) uint16_t scale[8][16];
};

/* Of the steps of a quantisation table, 1..255, in natural order. */
void codec__divisors_make(struct codec__divisors *divisors,
                          const uint16_t step[CODEC__BLOCK],
                          enum mill_rounding rounding);

/* n blocks that lie side by side: 8 n samples in each of 8 rows. Each level
 * gives the same; what is quantised away is 0. */
void codec__forward_base(const uint8_t *from, size_t stride, unsigned n,
                         const struct codec__divisors *divisors,
                         struct codec__forward_block *to);
void codec__forward_v2(const uint8_t *from, size_t stride, unsigned n,
                       const struct codec__divisors *divisors,
                       struct codec__forward_block *to);
void codec__forward_v3(const uint8_t *from, size_t stride, unsigned n,
                       const struct codec__divisors *divisors,
                       struct codec__forward_block *to);
void codec__forward_v4(const uint8_t *from, size_t stride, unsigned n,
                       const struct codec__divisors *divisors,
                       struct codec__forward_block *to);

#endif
