/* A weighted sum of rows, in plain C. The includer sets, and this file lets go
 * of,
 *   NAME    the function's
 *   SAMPLE  the type of a sample, uint16_t or uint32_t
 *   SUM     an unsigned type of twice the bits
 * Sums are kept for a block of samples that stays in the nearest cache; two
 * pairs of rows at a time, or one, are added to them. The loop is a function of
 * its own because `restrict` tells gcc what it needs to know only there. */
#ifndef OP_KERNEL_BLUR_WEIGH_H
#define OP_KERNEL_BLUR_WEIGH_H

#include "blur.h"

#include <stdbool.h>

enum { OP__WEIGH_BLOCK = 512 };

#define OP__WEIGH_LOOP(name)  OP__WEIGH_JOIN(name, _pairs)
#define OP__WEIGH_JOIN(a, b)  OP__WEIGH_JOIN2(a, b)
#define OP__WEIGH_JOIN2(a, b) a##b

#endif

static __attribute__((noinline)) void
OP__WEIGH_LOOP(NAME)(SUM *restrict sums, const SAMPLE *restrict a,
                     const SAMPLE *restrict b, const SAMPLE *restrict c,
                     const SAMPLE *restrict d, const SAMPLE weights[2],
                     uint32_t n)
{
    const SAMPLE v = weights[0], w = weights[1];
    for (uint32_t i = 0; i < n; i++) {
        SAMPLE outer = (SAMPLE)(a[i] + b[i]), inner = (SAMPLE)(c[i] + d[i]);
        sums[i] += (SUM)outer * v + (SUM)inner * w;
    }
}

static void
NAME(const struct op__weigh *weigh, void *into, uint32_t n)
{
    SAMPLE *restrict to = into;
    const SAMPLE *const *rows = (const SAMPLE *const *)weigh->rows;
    const unsigned reach = weigh->reach, shift = weigh->shift;
    const SAMPLE middle = (SAMPLE)weigh->weights[reach];
    SUM sums[OP__WEIGH_BLOCK];
    for (uint32_t x = 0; x < n; x += OP__WEIGH_BLOCK) {
        uint32_t m = n - x < OP__WEIGH_BLOCK ? n - x : OP__WEIGH_BLOCK;
        const SAMPLE *own = rows[reach] + x;
        for (uint32_t i = 0; i < m; i++)
            sums[i] = (SUM)own[i] * middle + ((SUM)1 << (shift - 1));
        for (unsigned k = 0; k < reach; k += 2) {
            bool two = k + 1 < reach;
            const SAMPLE w[2] = {(SAMPLE)weigh->weights[k],
                                 two ? (SAMPLE)weigh->weights[k + 1] : 0};
            OP__WEIGH_LOOP(NAME)
            (sums, rows[k] + x, rows[2 * reach - k] + x, rows[k + two] + x,
             rows[2 * reach - k - two] + x, w, m);
        }
        for (uint32_t i = 0; i < m; i++)
            to[x + i] = (SAMPLE)(sums[i] >> shift);
    }
}

#undef NAME
#undef SAMPLE
#undef SUM
