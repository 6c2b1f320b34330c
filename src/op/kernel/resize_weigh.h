/* Blocks of 8-bit samples, weighed: taps rows, or taps columns of 16 rows, of
 * which the number is a constant wherever these are called.
 *
 * A product is (a * b + 2^14) >> 15. That is one instruction from SSSE3 on, as
 * compilers find; and one of NEON's, which they do not, since it saturates
 * where both are -32768, as no weight is. */
#ifndef OP_KERNEL_RESIZE_WEIGH_H
#define OP_KERNEL_RESIZE_WEIGH_H

#include "resize_block.h"

#ifdef __ARM_NEON

#include <arm_neon.h>

OP__INLINE int16x8_t
product(int16x8_t a, int16_t weight)
{
    return vqrdmulhq_n_s16(a, weight);
}

OP__INLINE void
add_rows(int16_t *restrict to, const void *const *rows, const int16_t *weights,
         uint32_t n, const unsigned taps, const int first)
{
    for (uint32_t i = 0; i < n; i += 8) {
        int16x8_t sum = first ? vdupq_n_s16(0) : vld1q_s16(to + i);
#pragma GCC unroll 6
        for (unsigned t = 0; t < taps; t++) {
            uint8x8_t p = vld1_u8((const uint8_t *)rows[t] + i);
            int16x8_t sample = vreinterpretq_s16_u16(vshll_n_u8(p, 8));
            sample = veorq_s16(sample, vdupq_n_s16(INT16_MIN));
            sum = vaddq_s16(sum, product(sample, weights[t]));
        }
        vst1q_s16(to + i, sum);
    }
}

OP__INLINE void
add_columns(int16_t *sum, const int16_t *from, const int16_t *weight,
            const unsigned taps)
{
    for (unsigned r = 0; r < OP__BLOCK_ROWS; r += 8) {
        int16x8_t more = vld1q_s16(sum + r);
#pragma GCC unroll 6
        for (unsigned t = 0; t < taps; t++) {
            int16x8_t column = vld1q_s16(from + t * OP__BLOCK_ROWS + r);
            more = vaddq_s16(more, product(column, weight[t]));
        }
        vst1q_s16(sum + r, more);
    }
}

#else

OP__INLINE int16_t
product(int16_t a, int16_t b)
{
    return (int16_t)(((((int32_t)a * b) >> 14) + 1) >> 1);
}

OP__INLINE void
add_rows(int16_t *restrict to, const void *const *rows, const int16_t *weights,
         uint32_t n, const unsigned taps, const int first)
{
    const uint8_t *restrict row[6];
    int16_t weight[6];
    for (unsigned t = 0; t < taps; t++) {
        row[t] = rows[t];
        weight[t] = weights[t];
    }
    for (uint32_t i = 0; i < n; i++) {
        int16_t sum = first ? 0 : to[i];
#pragma GCC unroll 6
        for (unsigned t = 0; t < taps; t++)
            sum = (int16_t)(sum + product((int16_t)((row[t][i] - 128) * 256),
                                          weight[t]));
        to[i] = sum;
    }
}

OP__INLINE void
add_columns(int16_t *sum, const int16_t *from, const int16_t *weight,
            const unsigned taps)
{
    for (unsigned r = 0; r < OP__BLOCK_ROWS; r++) {
        int16_t more = sum[r];
#pragma GCC unroll 6
        for (unsigned t = 0; t < taps; t++)
            more = (int16_t)(more +
                             product(from[t * OP__BLOCK_ROWS + r], weight[t]));
        sum[r] = more;
    }
}

#endif

#endif
