/* Row loops of blur and sharpen: weighted sums of rows, their rounding, and the
 * unsharp mask. Integers only, so the order of the sum changes nothing. The one
 * that costs most, of 8-bit pictures, stands in blur_base.c and blur_v3.c. */
#include "blur.h"
#include "levels.h"

#define NAME   weigh_16
#define SAMPLE uint32_t
#define SUM    uint64_t
#include "blur_weigh.h"

static void
lift_8(void *into, const void *row, uint32_t n)
{
    uint16_t *restrict to = into;
    const uint8_t *from = row;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint16_t)(from[i] << OP__MIDDLE_BITS_8);
}

static void
lift_16(void *into, const void *row, uint32_t n)
{
    uint32_t *restrict to = into;
    const uint16_t *from = row;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint32_t)from[i] << OP__MIDDLE_BITS_16;
}

static void
settle_8(void *into, const void *row, uint32_t n)
{
    uint8_t *restrict to = into;
    const uint16_t *soft = row;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint8_t)((soft[i] + 128u) >> OP__SOFT_BITS);
}

static void
settle_16(void *into, const void *row, uint32_t n)
{
    uint16_t *restrict to = into;
    const uint32_t *soft = row;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint16_t)((soft[i] + 128u) >> OP__SOFT_BITS);
}

/* An edge of 255 levels, sharpened ten times, is below 2^31 here. */
static void
sharpen_8(void *into, const void *row, const void *blurred, uint32_t n,
          int32_t amount, int32_t threshold)
{
    uint8_t *restrict to = into;
    const uint8_t *from = row;
    const uint16_t *soft = blurred;
    enum { BITS = OP__SOFT_BITS + OP__AMOUNT_BITS };
    for (uint32_t i = 0; i < n; i++) {
        int32_t edge = (from[i] << OP__SOFT_BITS) - soft[i];
        int32_t more = edge > threshold || -edge > threshold ? edge : 0;
        int32_t v = (from[i] << BITS) + more * amount;
        v = (v + (1 << (BITS - 1))) >> BITS;
        v = v < 0 ? 0 : v;
        to[i] = (uint8_t)(v > 255 ? 255 : v);
    }
}

static void
sharpen_16(void *into, const void *row, const void *blurred, uint32_t n,
           int32_t amount, int32_t threshold)
{
    uint16_t *restrict to = into;
    const uint16_t *from = row;
    const uint32_t *soft = blurred;
    enum { BITS = OP__SOFT_BITS + OP__AMOUNT_BITS };
    for (uint32_t i = 0; i < n; i++) {
        int32_t edge = (from[i] << OP__SOFT_BITS) - (int32_t)soft[i];
        int32_t more = edge > threshold || -edge > threshold ? edge : 0;
        int64_t v = ((int64_t)from[i] << BITS) + (int64_t)more * amount;
        v = (v + (1 << (BITS - 1))) >> BITS;
        v = v < 0 ? 0 : v;
        to[i] = (uint16_t)(v > 65535 ? 65535 : v);
    }
}

const struct op__blur_kernels OP__LEVEL(op__blur_kernels) = {
    .lift = {lift_8, lift_16},
    .weigh = {OP__LEVEL(op__blur_weigh_8), weigh_16},
    .settle = {settle_8, settle_16},
    .sharpen = {sharpen_8, sharpen_16},
};
