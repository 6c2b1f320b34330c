/* RGB to YCC in plain C, for one depth. The includer sets, and this file lets
 * go of,
 *   SAMPLE  the type of a sample
 *   NAME    the function's */
#ifndef OP_KERNEL_CONVERT_YCC_H
#define OP_KERNEL_CONVERT_YCC_H

#include "convert.h"

/* The weights of T.871 in 1/65536: they add up to 65536, and 0 for chroma. */
static inline uint32_t
op__luma(uint32_t r, uint32_t g, uint32_t b)
{
    return (19595u * r + 38470u * g + 7471u * b + 32768u) >> 16;
}

#endif

/* Chroma is summed about the middle. The ends of that sum, 0.5 below and 0.5
 * above the range, fall inside it because the half that rounds is one unit
 * short; so 32 bits hold it at either depth. Then it is moved to the centre.
 * In a function of its own, for `restrict` says to gcc what it needs to know
 * only of parameters. */
static void
ycc_row(SAMPLE *restrict y, SAMPLE *restrict cb, SAMPLE *restrict cr,
        const SAMPLE *restrict r, const SAMPLE *restrict g,
        const SAMPLE *restrict b, uint32_t n, uint32_t centre)
{
    const uint32_t top = (SAMPLE)-1, middle = top / 2 + 1;
    const uint32_t half = (middle << 16) + 32767u, move = centre - middle;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t blue = half + 32768u * b[i] - 11058u * r[i] - 21710u * g[i];
        uint32_t red = half + 32768u * r[i] - 27439u * g[i] - 5329u * b[i];
        blue = (blue >> 16) + move;
        red = (red >> 16) + move;
        y[i] = (SAMPLE)op__luma(r[i], g[i], b[i]);
        cb[i] = (SAMPLE)(blue < top ? blue : top);
        cr[i] = (SAMPLE)(red < top ? red : top);
    }
}

static void
NAME(const struct op__rows *rows)
{
    ycc_row(rows->to[0], rows->to[1], rows->to[2], rows->from[0], rows->from[1],
            rows->from[2], rows->n, rows->level);
}

#undef SAMPLE
#undef NAME
