/* Rows of 8-bit samples across: what the levels share. */
#ifndef OP_KERNEL_RESIZE_ROW_H
#define OP_KERNEL_RESIZE_ROW_H

#include "resize.h"

static inline void
centre(int16_t *restrict to, const uint8_t *restrict from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (int16_t)(from[i] - 128);
}

static inline int
shift_of(const struct op__taps *x)
{
    return (int)x->bits - OP__MIDDLE_BITS;
}

static inline int32_t
half_of(const struct op__taps *x)
{
    return shift_of(x) ? 1 << (shift_of(x) - 1) : 0;
}

#endif
