/* Blocks of 16 rows of 16-bit samples: the order of resize_8.c with 22-bit
 * weights, 32-bit samples in the middle (14 bits below the point), and sums in
 * 64 bits, so that only the middle and the end are rounded. */
#include "resize_block.h"

enum { STRIP = 128, TILE = 32, ROWS = OP__BLOCK_ROWS };

/* Loops that must not be copied into their callers: gcc 12 forgets there that
 * the pointers are apart, or sees a count of 16 turns and takes the loop apart,
 * and leaves plain scalar code. */
#define OP__APART static __attribute__((noinline))

/* Two taps down. */
OP__APART void
add_rows(int64_t *restrict sum, const uint16_t *restrict a,
         const uint16_t *restrict b, const int32_t weight[2], uint32_t n)
{
    const int32_t by_a = weight[0], by_b = weight[1];
    for (uint32_t i = 0; i < n; i++)
        sum[i] += (int64_t)((int32_t)a[i] - 32768) * by_a +
                  (int64_t)((int32_t)b[i] - 32768) * by_b;
}

/* Two taps across, of n rows. */
OP__APART void
add_columns(int64_t *restrict sum, const int32_t *restrict a,
            const int32_t *restrict b, const int32_t weight[2], uint32_t n)
{
    const int32_t by_a = weight[0], by_b = weight[1];
    for (uint32_t r = 0; r < n; r++)
        sum[r] += (int64_t)a[r] * by_a + (int64_t)b[r] * by_b;
}

OP__APART void
settle(uint16_t *restrict to, const int64_t *restrict sum, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int64_t value = (sum[i] >> OP__SUM_BITS) + 32768;
        to[i] = (uint16_t)(value < 0 ? 0 : value > 65535 ? 65535 : value);
    }
}

/* Samples [x, x + n) of one row of the middle, into its lane of tall. */
static void
middle_row(int32_t *restrict tall, const struct op__block *block, uint32_t r,
           uint32_t x, uint32_t n)
{
    const int32_t *weights = block->weights[r];
    const int shift = OP__WIDE_BITS - OP__MIDDLE_BITS;
    int64_t sum[STRIP];
    for (uint32_t i = 0; i < n; i++)
        sum[i] = 1 << (shift - 1);
    for (uint32_t t = 0; t < block->k; t += 2)
        add_rows(sum, (const uint16_t *)block->rows[r][t] + x,
                 (const uint16_t *)block->rows[r][t + 1] + x, weights + t, n);
    for (uint32_t i = 0; i < n; i++)
        tall[(size_t)(x + i) * ROWS + r] = (int32_t)(sum[i] >> shift);
}

/* Output j of so many rows. */
static void
across(int64_t *sum, const struct op__block *block, uint32_t j, uint32_t rows)
{
    const struct op__taps *x = block->x;
    const int32_t *from =
        (const int32_t *)block->tall + (size_t)x->first[j] * ROWS;
    const int32_t *weight = x->wide + (size_t)j * x->k;
    for (unsigned r = 0; r < ROWS; r++)
        sum[r] = INT64_C(1) << (OP__SUM_BITS - 1);
    for (uint32_t t = 0; t < x->k; t += 2, from += 2 * ROWS)
        add_columns(sum, from, from + ROWS, weight + t, rows);
}

static void
give_tile(const struct op__block *block, const uint16_t *tile, uint32_t j,
          uint32_t n)
{
    for (uint32_t r = 0; r < block->n; r++) {
        uint8_t *row = (uint8_t *)block->to + r * block->to_stride_bytes;
        uint16_t *to = (uint16_t *)(void *)row + j;
        for (uint32_t i = 0; i < n; i++)
            to[i] = tile[i * ROWS + r];
    }
}

void
OP__LEVEL(op__resize_block_16)(const struct op__block *block)
{
    const struct op__taps *x = block->x;
    const uint32_t rows = (block->n + 3) & ~3u; /* of any value, the last */
    int64_t sums[TILE * ROWS];
    uint16_t tile[TILE * ROWS];
    for (uint32_t at = 0; at < block->span; at += STRIP) {
        uint32_t n = block->span - at < STRIP ? block->span - at : STRIP;
        for (uint32_t r = 0; r < block->n; r++)
            middle_row(block->tall, block, r, at, n);
    }
    for (uint32_t j = 0; j < x->n; j += TILE) {
        uint32_t n = x->n - j < TILE ? x->n - j : TILE;
        for (uint32_t i = 0; i < n; i++)
            across(sums + i * ROWS, block, j + i, rows);
        settle(tile, sums, n * ROWS);
        give_tile(block, tile, j, n);
    }
}
