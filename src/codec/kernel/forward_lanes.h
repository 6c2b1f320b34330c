/* Forward DCTs by x86-64's registers, of one block in each 128 bits.
 *
 * A pass wants sums and differences of what is 7, 5, 3 and 1 apart, two of them
 * side by side for the instruction that multiplies pairs and adds them. In the
 * first pass they are neighbours within a row, so nothing is turned before it;
 * it gives columns, whose values are neighbours again for the second.
 *
 *      two rows        a0 … a7 b0 … b7       samples of 8 bits
 *        ──► pairs     a0 a7 a1 a6 a3 a4 a2 a5 b0 …
 *        ──► sums      a s0 s1 s3 s2 b s0 s1 s3 s2          16 bits
 *      four rows
 *        ──► s01       a s0 s1 b s0 s1 c s0 s1 d s0 s1
 *        ──► products  of rows a, b, c, d      32 bits
 *      eight rows
 *        ──► columns   of two coefficients: rows 0 1 3 2 0 1 3 2
 *                                                7 6 4 5 7 6 4 5
 *        ──► sums      again; the coefficients have the rows' place
 *
 * So coefficients 0, 2, 4, 6 make one half of the second pass, and the others
 * the other half: what it gives stands in the upper halves of 32 bits, and the
 * two halves' are put together, each lane beside its like, in natural order.
 *
 * Ranges. A sample less 128 is within 128. An output of the first pass is four
 * times a sum of eight, so within 4096, or less: sqrt(2) times the sizes of a
 * cosine's eight values make 8 for coefficient 4, and at most 7.25 for the
 * others. Sums of two such are within 8192, of four within 16384, which 16 bits
 * hold. The second pass has its constants twice, all below 22800: 4 gaps times
 * these are below 2^30. What it gives is within 8192: -8192 where all samples
 * are 0.
 *
 * A level says before:
 *
 *      WIDE, W(name), ZERO     its register, an instruction of that width, 0
 *      BYTES(…)                16 bytes, in each of its 128 bits
 *      PICK(a, b, which)       two lanes of 32 bits of a, then two of b
 *      BLOCKS                  how many blocks a register holds
 *      load(from, a, b, n)     samples of rows a and b of n blocks
 *      put(to, k, v, n)        coefficients k..k+7 to n blocks
 *      put_set(to, is_0, n)    which are not 0; is_0: bytes of those that are
 */
#ifndef CODEC_KERNEL_FORWARD_LANES_H
#define CODEC_KERNEL_FORWARD_LANES_H

#include "dct_lanes.h"
#include "forward.h"

/* ---- a pass -------------------------------------------------------------- */

/* Of four rows, or columns: pairs of sums and of gaps. */
struct pairs {
    WIDE s01, s32, d01, d32;
};

/* Bits that the first pass drops. What the second keeps is in the upper half of
 * 32 bits. */
enum { FIRST = 11 };

ALWAYS WIDE
rounded(WIDE v, const bool last)
{
    return add(v, W(set1_epi32)(last ? 1 << 15 : 1 << (FIRST - 1)));
}

/* An odd output: factors of the gaps 0 to 3. */
ALWAYS WIDE
odd(const struct pairs *p, int d0, int d1, int d2, int d3, const bool last)
{
    const int n = last ? 2 : 1;
    WIDE sum = add(dot(p->d01, d0 * n, d1 * n), dot(p->d32, d3 * n, d2 * n));
    return rounded(sum, last);
}

ALWAYS void
pass_odd(const struct pairs *p, WIDE out[8], const bool last)
{
    out[1] = odd(p, F_1175 + F_1501 - F_0899 - F_0390, F_1175, F_1175 - F_0390,
                 F_1175 - F_0899, last);
    out[3] = odd(p, F_1175, F_1175 + F_3072 - F_2562 - F_1961, F_1175 - F_2562,
                 F_1175 - F_1961, last);
    out[5] = odd(p, F_1175 - F_0390, F_1175 - F_2562,
                 F_1175 + F_2053 - F_2562 - F_0390, F_1175, last);
    out[7] = odd(p, F_1175 - F_0899, F_1175 - F_1961, F_1175,
                 F_1175 + F_0298 - F_0899 - F_1961, last);
}

/* That samples are taken less 128 is seen in the first of the first outputs
 * alone; these, and the fifths, are four times the sums. */
ALWAYS void
pass_even(const struct pairs *p, WIDE out[8], const bool last)
{
    WIDE outer = W(add_epi16)(p->s01, p->s32); /* s0 + s3, s1 + s2 */
    WIDE inner = W(sub_epi16)(p->s01, p->s32);
    const int n = last ? 2 : 1, one = last ? 1 << 14 : 4;
    out[0] = dot(outer, one, one);
    out[4] = dot(outer, one, -one);
    if (last) {
        out[0] = rounded(out[0], true);
        out[4] = rounded(out[4], true);
    } else {
        out[0] = sub(out[0], W(set1_epi32)(128 * 8 * 4));
    }
    out[2] = rounded(dot(inner, (F_0541 + F_0765) * n, F_0541 * n), last);
    out[6] = rounded(dot(inner, F_0541 * n, (F_0541 - F_1847) * n), last);
}

ALWAYS void
pass(const struct pairs *p, WIDE out[8], const bool last)
{
    pass_even(p, out, last);
    pass_odd(p, out, last);
}

/* ---- the first ----------------------------------------------------------- */

/* Sums and gaps of two rows, then of two others. */
ALWAYS struct pairs
pairs_of(WIDE ab, WIDE cd)
{
    const WIDE order =
        BYTES(0, 7, 1, 6, 8, 15, 9, 14, 3, 4, 2, 5, 11, 12, 10, 13);
    const WIDE plus = W(set1_epi16)(0x0101), minus = W(set1_epi16)(-0xFF);
    ab = W(shuffle_epi8)(ab, order);
    cd = W(shuffle_epi8)(cd, order);
    WIDE s_ab = W(maddubs_epi16)(ab, plus), d_ab = W(maddubs_epi16)(ab, minus);
    WIDE s_cd = W(maddubs_epi16)(cd, plus), d_cd = W(maddubs_epi16)(cd, minus);
    return (struct pairs){.s01 = W(unpacklo_epi64)(s_ab, s_cd),
                          .s32 = W(unpackhi_epi64)(s_ab, s_cd),
                          .d01 = W(unpacklo_epi64)(d_ab, d_cd),
                          .d32 = W(unpackhi_epi64)(d_ab, d_cd)};
}

/* Columns i and k: of the rows 0 to 3, and of the others upside down. */
struct columns {
    WIDE sum, gap;
};

ALWAYS struct columns
columns(const WIDE top[8], const WIDE end[8], unsigned i, unsigned k)
{
    WIDE upper = W(packs_epi32)(top[i], top[k]);
    WIDE lower = W(packs_epi32)(end[i], end[k]);
    return (struct columns){.sum = W(add_epi16)(upper, lower),
                            .gap = W(sub_epi16)(upper, lower)};
}

/* Columns i, i + 2, i + 4 and i + 6. */
ALWAYS struct pairs
half_of(const WIDE top[8], const WIDE end[8], unsigned i)
{
    struct columns a = columns(top, end, i, i + 2);
    struct columns b = columns(top, end, i + 4, i + 6);
    return (struct pairs){.s01 = PICK(a.sum, b.sum, 0x88),
                          .s32 = PICK(a.sum, b.sum, 0xDD),
                          .d01 = PICK(a.gap, b.gap, 0x88),
                          .d32 = PICK(a.gap, b.gap, 0xDD)};
}

ALWAYS void
scaled(WIDE out[8])
{
    for (unsigned i = 0; i < 8; i++)
        if (i % 4)
            out[i] = W(srai_epi32)(out[i], FIRST);
}

/* ---- a block ------------------------------------------------------------- */

/* Rows of samples (0 1, 3 2, 7 6, 4 5) to rows of coefficients. */
ALWAYS void
transform(const WIDE samples[4], WIDE rows[8])
{
    WIDE a[8], b[8];
    struct pairs top = pairs_of(samples[0], samples[1]);
    struct pairs end = pairs_of(samples[2], samples[3]);
    pass(&top, a, false);
    pass(&end, b, false);
    scaled(a);
    scaled(b);
    struct pairs even = half_of(a, b, 0), uneven = half_of(a, b, 1);
    pass(&even, a, true);
    pass(&uneven, b, true);
    for (unsigned i = 0; i < 8; i++)
        rows[i] = W(blend_epi16)(W(srli_epi32)(a[i], 16), b[i], 0xAA);
}

ALWAYS WIDE
row_of(const uint16_t row[16])
{
    return *(const WIDE *)(const void *)row;
}

ALWAYS void
quantise(WIDE rows[8], const struct codec__divisors *by)
{
    for (unsigned i = 0; i < 8; i++) {
        WIDE v = W(add_epi16)(W(abs_epi16)(rows[i]), row_of(by->bias[i]));
        v = W(mulhi_epu16)(v, row_of(by->reciprocal[i]));
        v = W(mulhi_epu16)(v, row_of(by->scale[i]));
        rows[i] = W(sign_epi16)(v, rows[i]);
    }
}

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
