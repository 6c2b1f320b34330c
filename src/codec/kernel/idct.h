/* What the inverse DCTs of all levels share: their constants, and how many bits
 * their passes drop. */
#ifndef CODEC_KERNEL_IDCT_H
#define CODEC_KERNEL_IDCT_H

#include "dct.h"
#include "jpeg.h"
#include "part.h"

enum {
    /* of the 4 x 4, as those in dct.h */
    F_0211 = 1730,
    F_0509 = 4176,
    F_0601 = 4926,
    F_1061 = 8697,
    F_1451 = 11893,
    F_2172 = 17799,
    /* of the 2 x 2 */
    F_0720 = 5906,
    F_0850 = 6967,
    F_1272 = 10426,
    F_3624 = 29692
};

/* Bits that the passes drop. */
enum { FIRST_8 = 11, LAST_8 = 18, FIRST_4 = 12, LAST_4 = 19 };
enum { FIRST_2 = 13, LAST_2 = 20 };

/* Coefficients that a block passes, at most, to keep to a corner of 4 x 4: the
 * first diagonals of the zigzag. */
enum { CORNER = 10 };

/* Where a block's coefficients stand: 1: the DC alone; CORNER; or anywhere. */
ALWAYS unsigned
extent(const int16_t *place)
{
    unsigned passed = (unsigned)place[CODEC__PASSED] & 127;
    if (passed <= 1 || (passed == 2 && !place[1]))
        return 1;
    return passed <= CORNER ? CORNER : CODEC__BLOCK;
}

/* The sample of a block that is nothing but its DC, eight times; the DC becomes
 * 0. *over is set where it is too large. */
ALWAYS uint64_t
flat_samples(int16_t *place, const struct codec__quant *quant, bool *over)
{
    int value = *place * quant->step[0][0];
    int v = ((value * 4 + 16) >> 5) + 128;
    *over |= value >= CODEC__VALUE_END || value <= -CODEC__VALUE_END;
    *place = 0;
    return (uint64_t)(v < 0 ? 0 : v > 255 ? 255 : v) * 0x0101010101010101u;
}

#endif
