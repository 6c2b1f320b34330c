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
 *      WIDE, W(name)           its register, an instruction of that width
 *      BYTES(…)                16 bytes, in each of its 128 bits
 *      PICK(a, b, which)       two lanes of 32 bits of a, then two of b
 *      upper_of(a, b)          upper halves of 32 bits: a's low, b's high
 *      row_of(row)             of the divisors, for each block
 *      signed_as(v, by)        v, negative where `by` is; 0 where it is 0 */
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
        rows[i] = upper_of(a[i], b[i]);
}

ALWAYS void
quantise(WIDE rows[8], const struct codec__divisors *by)
{
    for (unsigned i = 0; i < 8; i++) {
        WIDE v = W(add_epi16)(W(abs_epi16)(rows[i]), row_of(by->bias[i]));
        v = W(mulhi_epu16)(v, row_of(by->reciprocal[i]));
        v = W(mulhi_epu16)(v, row_of(by->scale[i]));
        rows[i] = signed_as(v, rows[i]);
    }
}

#endif
