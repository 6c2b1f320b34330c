/* Arithmetic of the DCTs for any machine, in vectors of the compiler's, 128
 * bits each, which have a register where there are such (NEON, SSE2), and are
 * taken apart where not.
 *
 *      a row of eight values ──► products, in two halves of 32 bits
 *                            ──► two rows' sums to pairs of 16 bits in a lane,
 *                                where a lane is a column ──► columns
 *
 * So narrowing is the first step of turning a block. */
#ifndef CODEC_KERNEL_DCT_VECTORS_H
#define CODEC_KERNEL_DCT_VECTORS_H

#include "dct.h"
#include "part.h"

#include <stdint.h>
#include <string.h>

typedef int16_t vec16 __attribute__((vector_size(16), may_alias));
typedef uint16_t size16 __attribute__((vector_size(16), may_alias));
typedef uint32_t vec32 __attribute__((vector_size(16)));

/* What eight values of 16 bits become: the first four and the last. */
struct wide {
    vec32 left, right;
};

enum { IS_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

/* ---- arithmetic ---------------------------------------------------------- */

/* Written so that compilers see what machines have: products of 16 bits by 16
 * bits, in halves. */
PART struct wide
times_each(vec16 v, vec16 by)
{
    int16_t values[8], factors[8];
    int32_t products[8];
    struct wide wide;
    memcpy(values, &v, sizeof v);
    memcpy(factors, &by, sizeof by);
    for (unsigned i = 0; i < 8; i++)
        products[i] = values[i] * factors[i];
    memcpy(&wide, products, sizeof wide);
    return wide;
}

PART struct wide
times(vec16 v, int factor)
{
    return times_each(v, (vec16){0} + (int16_t)factor);
}

/* As in 16 bits. */
PART vec16
plus(vec16 a, vec16 b)
{
    return (vec16)((size16)a + (size16)b);
}

PART vec16
minus(vec16 a, vec16 b)
{
    return (vec16)((size16)a - (size16)b);
}

PART struct wide
add(struct wide a, struct wide b)
{
    return (struct wide){a.left + b.left, a.right + b.right};
}

/* a times x and b times y. */
PART struct wide
dot(vec16 a, int x, vec16 b, int y)
{
    return add(times(a, x), times(b, y));
}

/* So that the bits which a pass drops are rounded. */
PART struct wide
rounded(struct wide sums, const unsigned bits)
{
    uint32_t half = 1u << (bits - 1);
    return (struct wide){sums.left + half, sums.right + half};
}

/* ---- 32 bits to 16 ------------------------------------------------------- */

/* In each lane the first sum and the second, without their lowest bits. */
PART vec32
pair(vec32 first, vec32 second, const unsigned bits)
{
    vec32 low = (IS_BIG ? second : first) >> bits;
    vec32 high = (IS_BIG ? first : second) << (16 - bits);
    return bits == 16 ? low | (high & 0xFFFF0000)
                      : low ^ ((low ^ high) & 0xFFFF0000);
}

PART vec32
zip_low(vec32 a, vec32 b)
{
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}

PART vec32
zip_high(vec32 a, vec32 b)
{
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}

PART vec16
low_halves(vec32 a, vec32 b)
{
    return (vec16)__builtin_shufflevector(a, b, 0, 1, 4, 5);
}

PART vec16
high_halves(vec32 a, vec32 b)
{
    return (vec16)__builtin_shufflevector(a, b, 2, 3, 6, 7);
}

/* Four columns of eight rows' sums. */
PART void
turn(const vec32 rows[8], const unsigned bits, vec16 columns[4])
{
    vec32 r01 = pair(rows[0], rows[1], bits),
          r23 = pair(rows[2], rows[3], bits);
    vec32 r45 = pair(rows[4], rows[5], bits),
          r67 = pair(rows[6], rows[7], bits);
    vec32 top01 = zip_low(r01, r23), top23 = zip_high(r01, r23);
    vec32 end01 = zip_low(r45, r67), end23 = zip_high(r45, r67);
    columns[0] = low_halves(top01, end01);
    columns[1] = high_halves(top01, end01);
    columns[2] = low_halves(top23, end23);
    columns[3] = high_halves(top23, end23);
}

#endif
