/* Arithmetic of the DCTs by x86-64's registers. A level says before what its
 * register is, WIDE, and W(name) for the instruction of that width. */
#ifndef CODEC_KERNEL_DCT_LANES_H
#define CODEC_KERNEL_DCT_LANES_H

#include "dct.h"
#include "part.h"

#include <stdint.h>

/* Of pairs of 16 bits: the first times x and the second times y, added, in 32
 * bits. */
ALWAYS WIDE
dot(WIDE pairs, int x, int y)
{
    uint32_t both = (uint32_t)(uint16_t)x | (uint32_t)(uint16_t)y << 16;
    return W(madd_epi16)(pairs, W(set1_epi32)((int)both));
}

ALWAYS WIDE
add(WIDE a, WIDE b)
{
    return W(add_epi32)(a, b);
}

ALWAYS WIDE
sub(WIDE a, WIDE b)
{
    return W(sub_epi32)(a, b);
}

#endif
