/* Row loops of the resizer where whole rows are summed: one row across, the
 * sums, and samples that are only picked. */
#include <string.h>

#include "resize_block.h"

static void
row_8(int32_t *to, const void *from, void *work, uint32_t span,
      const struct op__taps *x)
{
    const uint8_t *restrict source = from;
    int16_t *restrict row = work;
    const int shift = (int)x->bits - OP__MIDDLE_BITS;
    const int32_t half = shift ? 1 << (shift - 1) : 0;
    for (uint32_t i = 0; i < span; i++)
        row[i] = (int16_t)(source[i] - 128);
    for (uint32_t j = 0; j < x->n; j++) {
        const int16_t *sample = row + x->first[j];
        const int16_t *weight = x->narrow + (size_t)j * x->k;
        const uint32_t k = x->k & ~(OP__TAPS_AT_ONCE - 1u);
        int32_t sum = 0;
        for (uint32_t t = 0; t < k; t++)
            sum += sample[t] * weight[t];
        to[j] = (sum + half) >> shift;
    }
}

static void
row_16(int32_t *to, const void *from, void *work, uint32_t span,
       const struct op__taps *x)
{
    const uint16_t *restrict source = from;
    int32_t *restrict row = work;
    const int shift = (int)x->bits - OP__MIDDLE_BITS;
    const int64_t half = INT64_C(1) << (shift - 1);
    for (uint32_t i = 0; i < span; i++)
        row[i] = (int32_t)source[i] - 32768;
    for (uint32_t j = 0; j < x->n; j++) {
        const int32_t *sample = row + x->first[j];
        const int32_t *weight = x->wide + (size_t)j * x->k;
        const uint32_t k = x->k & ~(OP__TAPS_AT_ONCE - 1u);
        int64_t sum = half;
        for (uint32_t t = 0; t < k; t++)
            sum += (int64_t)sample[t] * weight[t];
        to[j] = (int32_t)(sum >> shift);
    }
}

static void
add(int64_t *sum, const int32_t *row, int32_t weight, uint32_t n)
{
    int64_t *restrict to = sum;
    const int32_t *restrict from = row;
    for (uint32_t i = 0; i < n; i++)
        to[i] += (int64_t)from[i] * weight;
}

static int64_t
settled(int64_t sum, int64_t most)
{
    const int64_t half = INT64_C(1) << (OP__SUM_BITS - 1);
    int64_t value = ((sum + half) >> OP__SUM_BITS) + (most + 1) / 2;
    return value < 0 ? 0 : value > most ? most : value;
}

static void
settle_8(void *to, const int64_t *sum, uint32_t n)
{
    uint8_t *restrict row = to;
    for (uint32_t i = 0; i < n; i++)
        row[i] = (uint8_t)settled(sum[i], 255);
}

static void
settle_16(void *to, const int64_t *sum, uint32_t n)
{
    uint16_t *restrict row = to;
    for (uint32_t i = 0; i < n; i++)
        row[i] = (uint16_t)settled(sum[i], 65535);
}

static void
gather_8(void *to, const void *from, const uint32_t *first, uint32_t n)
{
    uint8_t *restrict row = to;
    const uint8_t *restrict source = from;
    for (uint32_t j = 0; j < n; j++)
        row[j] = source[first[j]];
}

static void
gather_16(void *to, const void *from, const uint32_t *first, uint32_t n)
{
    uint16_t *restrict row = to;
    const uint16_t *restrict source = from;
    for (uint32_t j = 0; j < n; j++)
        row[j] = source[first[j]];
}

const struct op__resize_kernels OP__LEVEL(op__resize_kernels) = {
    .block = {OP__LEVEL(op__resize_block_8), OP__LEVEL(op__resize_block_16)},
    .row = {row_8, row_16},
    .add = add,
    .settle = {settle_8, settle_16},
    .gather = {gather_8, gather_16},
};
