/* Blocks of 16 rows of 8-bit samples, in 16-bit arithmetic.
 *
 *      source rows ──down──► strip: 16 rows of the middle, 512 samples wide
 *            strip ──turn──► tall: column after column, 16 rows in each
 *             tall ─across─► tile: 64 outputs of 16 rows, ──turn──► rows
 *
 * Down first: it runs along rows as they lie. Then each vector holds one column
 * of 16 rows, so that all its samples are weighed alike across, too.
 *
 * A product is (a * b + 2^14) >> 15 (resize_weigh.h). A sample is (p - 128) *
 * 256, so down gives 7 bits below the point, and across, which halves that to
 * leave room for overshoot, 6. The kernels' weights add up to less than 1.6 in
 * absolute value: 1.6 * 16384 and 1.6^2 * 8192 fit. Each tap rounds by at most
 * half a unit, so more than 32 taps are summed exactly in 32 bits instead. */
#include "resize_block.h"
#include "resize_weigh.h"
#include "transpose.h"

#include <string.h>

enum { STRIP = 512, TILE = 64, ROWS = OP__BLOCK_ROWS, EXACT_ABOVE = 32 };
enum { POINT = 6, HALF = 1 << (POINT - 1) }; /* of what across gives */

/* Loops that must not be copied into their callers: of five copies gcc 12
 * leaves one as plain scalar code. */
#define OP__APART static __attribute__((noinline))

/* ---- down ---------------------------------------------------------------- */

#define ADDER(name, k, begins)                                                 \
    OP__APART void name(int16_t *to, const void *const *rows,                  \
                        const int16_t *w, uint32_t n)                          \
    {                                                                          \
        add_rows(to, rows, w, n, k, begins);                                   \
    }

ADDER(begin_two, 2, 1)
ADDER(begin_six, 6, 1)
ADDER(add_two, 2, 0)
ADDER(add_four, 4, 0)
ADDER(add_six, 6, 0)

/* Samples [x, x + n) of one row of the middle. */
static void
middle_row(int16_t *to, const struct op__block *block, uint32_t r, uint32_t x,
           uint32_t n)
{
    const int16_t *weights = block->weights[r];
    const void *rows[OP__BLOCK_TAPS];
    uint32_t k = block->k, t = k >= 6 ? 6 : 2;
    for (uint32_t i = 0; i < k; i++)
        rows[i] = (const uint8_t *)block->rows[r][i] + x;
    if (t == 6)
        begin_six(to, rows, weights, n);
    else
        begin_two(to, rows, weights, n);
    for (; k - t >= 6; t += 6)
        add_six(to, rows + t, weights + t, n);
    if (k - t >= 4) {
        add_four(to, rows + t, weights + t, n);
        t += 4;
    }
    if (k - t >= 2)
        add_two(to, rows + t, weights + t, n);
}

static void
make_middle(const struct op__block *block)
{
    int16_t strip[ROWS][STRIP + 16];
    int16_t *tall = block->tall;
    for (uint32_t r = block->n; r < ROWS; r++)
        memset(strip[r], 0, sizeof strip[r]);
    for (uint32_t x = 0; x < block->span; x += STRIP) {
        uint32_t n = block->span - x < STRIP ? block->span - x : STRIP;
        n = (n + 7) & ~7u;
        for (uint32_t r = 0; r < block->n; r++)
            middle_row(strip[r], block, r, x, n);
        for (uint32_t i = 0; i < n; i += 8) {
            int16_t *to = tall + (size_t)(x + i) * ROWS;
            op__transpose_words(to, ROWS * 2, &strip[0][i], sizeof strip[0]);
            op__transpose_words(to + 8, ROWS * 2, &strip[8][i],
                                sizeof strip[0]);
        }
    }
}

/* ---- across -------------------------------------------------------------- */

/* Output j of 16 rows, with 6 bits below the point. */
OP__INLINE void
across(int16_t *restrict to, const int16_t *restrict tall,
       const struct op__taps *x, uint32_t j)
{
    const int16_t *from = tall + (size_t)x->first[j] * ROWS;
    const int16_t *weight = x->narrow + (size_t)j * x->k;
    int16_t sum[ROWS];
    uint32_t k = x->k;
    for (unsigned r = 0; r < ROWS; r++)
        sum[r] = HALF;
    for (; k >= 6; k -= 6, from += 6 * ROWS, weight += 6)
        add_columns(sum, from, weight, 6);
    for (; k >= 2; k -= 2, from += 2 * ROWS, weight += 2)
        add_columns(sum, from, weight, 2);
    memcpy(to, sum, sizeof sum);
}

OP__INLINE void
across_exactly(int16_t *restrict to, const int16_t *restrict tall,
               const struct op__taps *x, uint32_t j)
{
    const int16_t *from = tall + (size_t)x->first[j] * ROWS;
    const int16_t *weight = x->narrow + (size_t)j * x->k;
    int32_t sum[ROWS];
    for (unsigned r = 0; r < ROWS; r++)
        sum[r] = HALF << (OP__NARROW_BITS + 1);
    for (uint32_t t = 0; t < x->k; t++)
        for (unsigned r = 0; r < ROWS; r++)
            sum[r] += from[t * ROWS + r] * weight[t];
    for (unsigned r = 0; r < ROWS; r++)
        to[r] = (int16_t)(sum[r] >> (OP__NARROW_BITS + 1));
}

/* A tile at a time: gcc takes a loop over one output's 16 rows apart before it
 * could see a vector in it. */
OP__APART void
settle(uint8_t *restrict to, const int16_t *restrict sum, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int16_t value = (int16_t)((sum[i] >> POINT) + 128);
        value = value < 0 ? 0 : value;
        to[i] = (uint8_t)(value > 255 ? 255 : value);
    }
}

/* Outputs [j, j + n) of the tile's columns to rows. */
static void
give_tile(const struct op__block *block, const uint8_t *tile, uint32_t j,
          uint32_t n)
{
    uint8_t rows[ROWS][TILE];
    for (uint32_t i = 0; i < n; i += 16)
        op__transpose_bytes(&rows[0][i], TILE, tile + (size_t)i * ROWS, ROWS);
    for (uint32_t r = 0; r < block->n; r++) {
        uint8_t *to = (uint8_t *)block->to + r * block->to_stride_bytes + j;
        if (n == TILE)
            memcpy(to, rows[r], TILE);
        else
            memcpy(to, rows[r], n);
    }
}

void
OP__LEVEL(op__resize_block_8)(const struct op__block *block)
{
    const struct op__taps *x = block->x;
    int16_t sums[TILE * ROWS] = {0};
    uint8_t tile[TILE * ROWS];
    make_middle(block);
    for (uint32_t j = 0; j < x->n; j += TILE) {
        uint32_t n = x->n - j < TILE ? x->n - j : TILE;
        if (x->k <= EXACT_ABOVE)
            for (uint32_t i = 0; i < n; i++)
                across(sums + i * ROWS, block->tall, x, j + i);
        else
            for (uint32_t i = 0; i < n; i++)
                across_exactly(sums + i * ROWS, block->tall, x, j + i);
        settle(tile, sums, TILE * ROWS);
        give_tile(block, tile, j, n);
    }
}
