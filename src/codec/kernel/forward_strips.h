/* Forward DCTs by registers that hold one or two blocks: the zigzag, and blocks
 * one after the other. A level says, besides what forward_lanes.h wants:
 *
 *      ZERO                    0
 *      BLOCKS                  how many blocks a register holds
 *      load(from, a, b, n)     samples of rows a and b of n blocks
 *      put(to, k, v, n)        coefficients k..k+7 to n blocks
 *      put_set(to, is_0, n)    which are not 0; is_0: bytes of those that are
 */
#ifndef CODEC_KERNEL_FORWARD_STRIPS_H
#define CODEC_KERNEL_FORWARD_STRIPS_H

ALWAYS WIDE
upper_of(WIDE low, WIDE high)
{
    return W(blend_epi16)(W(srli_epi32)(low, 16), high, 0xAA);
}

ALWAYS WIDE
row_of(const uint16_t row[16])
{
    return *(const WIDE *)(const void *)row;
}

/* v is 0 where sign is. */
ALWAYS WIDE
signed_as(WIDE v, WIDE sign)
{
    return W(sign_epi16)(v, sign);
}

#include "forward_lanes.h"

/* ---- the zigzag ---------------------------------------------------------- */

enum { NO = -1 };

#define HIGH(i) ((i) < 0 ? -1 : 2 * (i) + 1)
#define LOW(i)  ((i) < 0 ? -1 : 2 * (i))

/* Lanes of 16 bits of v, or 0. */
#define LAY(v, a, b, c, d, e, f, g, h)                                         \
    W(shuffle_epi8)                                                            \
    (v, BYTES(LOW(a), HIGH(a), LOW(b), HIGH(b), LOW(c), HIGH(c), LOW(d),       \
              HIGH(d), LOW(e), HIGH(e), LOW(f), HIGH(f), LOW(g), HIGH(g),      \
              LOW(h), HIGH(h)))

/* v, but of w those lanes whose bits are set. */
#define SET(v, w, lanes) W(blend_epi16)(v, w, lanes)

/* The first half of the zigzag. Most of what stands together in it is of
 * different lanes. */
ALWAYS void
zigzag_first(const WIDE r[8], WIDE z[8])
{
    WIDE a = SET(SET(SET(r[0], r[1], 0x08), r[2], 0x06), r[3], 0x01);
    WIDE b = SET(r[3], r[4], 0x01);
    WIDE c = SET(SET(SET(SET(r[1], r[2], 0x08), r[3], 0x04), r[4], 0x02), r[5],
                 0x01);
    WIDE d = SET(SET(r[4], r[5], 0x02), r[6], 0x01);
    z[0] = LAY(r[0], 0, 1, NO, NO, NO, 2, 3, NO) |
           LAY(r[1], NO, NO, 0, NO, 1, NO, NO, 2) |
           LAY(r[2], NO, NO, NO, 0, NO, NO, NO, NO);
    z[1] =
        LAY(a, 1, 0, NO, NO, 2, 3, 4, 5) | LAY(b, NO, NO, 0, 1, NO, NO, NO, NO);
    z[2] =
        LAY(c, 4, 3, 2, 1, 0, NO, NO, NO) | LAY(d, NO, NO, NO, NO, NO, 0, 1, 2);
    z[3] = LAY(r[3], 3, NO, NO, NO, NO, NO, NO, 4) |
           LAY(r[2], NO, 4, NO, NO, NO, NO, 5, NO) |
           LAY(r[1], NO, NO, 5, NO, NO, 6, NO, NO) |
           LAY(r[0], NO, NO, NO, 6, 7, NO, NO, NO);
}

ALWAYS void
zigzag_last(const WIDE r[8], WIDE z[8])
{
    WIDE a = SET(SET(r[3], r[2], 0x40), r[1], 0x80);
    WIDE b = SET(SET(SET(SET(r[6], r[5], 0x10), r[4], 0x20), r[3], 0x40), r[2],
                 0x80);
    WIDE c = SET(SET(SET(SET(r[7], r[6], 0x10), r[5], 0x20), r[4], 0x40), r[3],
                 0x80);
    WIDE d = SET(r[5], r[4], 0x80);
    z[4] = LAY(r[4], 3, NO, NO, NO, NO, NO, NO, 4) |
           LAY(r[5], NO, 2, NO, NO, NO, NO, 3, NO) |
           LAY(r[6], NO, NO, 1, NO, NO, 2, NO, NO) |
           LAY(r[7], NO, NO, NO, 0, 1, NO, NO, NO);
    z[5] =
        LAY(a, 5, 6, 7, NO, NO, NO, NO, NO) | LAY(b, NO, NO, NO, 7, 6, 5, 4, 3);
    z[6] =
        LAY(c, 2, 3, 4, 5, 6, 7, NO, NO) | LAY(d, NO, NO, NO, NO, NO, NO, 7, 6);
    z[7] = LAY(r[7], NO, 4, 5, NO, NO, NO, 6, 7) |
           LAY(r[6], 5, NO, NO, 6, NO, 7, NO, NO) |
           LAY(r[5], NO, NO, NO, NO, 7, NO, NO, NO);
}

/* ---- strips -------------------------------------------------------------- */

ALWAYS void
blocks(const uint8_t *from, size_t stride, unsigned n,
       const struct codec__divisors *by, struct codec__forward_block *to)
{
    const WIDE samples[4] = {load(from, from + stride, n),
                             load(from + 3 * stride, from + 2 * stride, n),
                             load(from + 7 * stride, from + 6 * stride, n),
                             load(from + 4 * stride, from + 5 * stride, n)};
    WIDE rows[8], z[8], is_0[4];
    transform(samples, rows);
    quantise(rows, by);
    zigzag_first(rows, z);
    zigzag_last(rows, z);
    for (unsigned i = 0; i < 8; i++)
        put(to, i * 8, z[i], n);
    for (unsigned i = 0; i < 4; i++)
        is_0[i] = W(cmpeq_epi8)(W(packs_epi16)(z[2 * i], z[2 * i + 1]), ZERO);
    put_set(to, is_0, n);
}

ALWAYS void
forward_run(const uint8_t *from, size_t stride, unsigned n,
            const struct codec__divisors *by, struct codec__forward_block *to)
{
    unsigned i = 0;
    for (; i + BLOCKS <= n; i += BLOCKS)
        blocks(from + (size_t)i * 8, stride, BLOCKS, by, to + i);
    if (i < n)
        blocks(from + (size_t)i * 8, stride, 1, by, to + i);
}

#endif
