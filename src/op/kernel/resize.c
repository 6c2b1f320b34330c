/* Row loops of the resizer where whole rows are summed: rows of 16 bits
 * across, the sums, and samples that are only picked. */
#include "resize_block.h"

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
across_16(const struct op__across *across)
{
    for (unsigned r = 0; r < OP__ROWS_AT_ONCE; r++)
        row_16(across->to[r], across->from[r], across->work[r], across->span,
               across->x);
}

static void
add(int64_t *sum, int32_t *const row[OP__ROWS_AT_ONCE],
    const int32_t weight[OP__ROWS_AT_ONCE], uint32_t n)
{
    int64_t *restrict to = sum;
    const int32_t *restrict a = row[0], *restrict b = row[1];
    const int32_t *restrict c = row[2], *restrict d = row[3];
    const int32_t by_a = weight[0], by_b = weight[1];
    const int32_t by_c = weight[2], by_d = weight[3];
    for (uint32_t i = 0; i < n; i++)
        to[i] += (int64_t)a[i] * by_a + (int64_t)b[i] * by_b +
                 (int64_t)c[i] * by_c + (int64_t)d[i] * by_d;
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
    .across = {OP__LEVEL(op__resize_across_8), across_16},
    .add = add,
    .settle = {settle_8, settle_16},
    .gather = {gather_8, gather_16},
};
