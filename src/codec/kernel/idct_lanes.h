/* The inverse DCTs of x86-64's registers: what idct_base.c does, in the same
 * words, for one block in each 128 bits.
 *
 *      row 0 of block A │ row 0 of block B     a row is 8 values of 16 bits;
 *      row 1 of block A │ row 1 of block B     products of pairs are summed to
 *      …                                       32 bits by one instruction
 *
 * A level says before what its register is: WIDE, W(name) for the instruction
 * of that width, ZERO, and LANES(x) for x in each of its lanes. SSE2 has one,
 * AVX2 two. Sums are narrowed with saturation, as libjpeg-turbo does it on
 * these machines. */
#ifndef CODEC_KERNEL_IDCT_LANES_H
#define CODEC_KERNEL_IDCT_LANES_H

#include "dct_lanes.h"
#include "idct.h"

#include <string.h>

/* ---- arithmetic ---------------------------------------------------------- */

ALWAYS WIDE
low(WIDE a, WIDE b)
{
    return W(unpacklo_epi16)(a, b);
}

ALWAYS WIDE
high(WIDE a, WIDE b)
{
    return W(unpackhi_epi16)(a, b);
}

/* e + o and e - o, scaled; e holds what rounds them. */
ALWAYS void
butterfly(WIDE e, WIDE o, const int bits, WIDE *sum, WIDE *gap)
{
    *sum = W(srai_epi32)(add(e, o), bits);
    *gap = W(srai_epi32)(sub(e, o), bits);
}

ALWAYS WIDE
rounded(WIDE e, const int bits)
{
    return add(e, W(set1_epi32)(1 << (bits - 1)));
}

/* The second of a pair that rounds, by the same instruction that multiplies the
 * first. */
enum { ROUND = 32 };

ALWAYS WIDE
dot_rounded(WIDE pairs, int x, const int bits)
{
    return dot(pairs, x, (1 << (bits - 1)) / ROUND);
}

/* ---- 8 x 8 --------------------------------------------------------------- */

/* Four columns of each block, as pairs: rows, and of 0 + 4 and 0 - 4 each with
 * ROUND. */
struct columns {
    WIDE r26, sum, gap, r71, r53, z34;
};

ALWAYS void
half_8(const struct columns *c, const int bits, WIDE out[8])
{
    WIDE t3 = dot(c->r26, F_0541 + F_0765, F_0541);
    WIDE t2 = dot(c->r26, F_0541, F_0541 - F_1847);
    WIDE z3 = dot(c->z34, F_1175 - F_1961, F_1175);
    WIDE z4 = dot(c->z34, F_1175, F_1175 - F_0390);
    WIDE o0 = add(dot(c->r71, F_0298 - F_0899, -F_0899), z3);
    WIDE o3 = add(dot(c->r71, -F_0899, F_1501 - F_0899), z4);
    WIDE o1 = add(dot(c->r53, F_2053 - F_2562, -F_2562), z4);
    WIDE o2 = add(dot(c->r53, -F_2562, F_3072 - F_2562), z3);
    WIDE sum = dot_rounded(c->sum, 8192, bits);
    WIDE gap = dot_rounded(c->gap, 8192, bits);
    butterfly(add(sum, t3), o3, bits, &out[0], &out[7]);
    butterfly(add(gap, t2), o2, bits, &out[1], &out[6]);
    butterfly(sub(gap, t2), o1, bits, &out[2], &out[5]);
    butterfly(sub(sum, t3), o0, bits, &out[3], &out[4]);
}

ALWAYS void
pass_8(WIDE r[8], const int bits)
{
    const WIDE round = W(set1_epi16)(ROUND);
    WIDE left[8], right[8];
    WIDE sum = W(add_epi16)(r[0], r[4]), gap = W(sub_epi16)(r[0], r[4]);
    WIDE z3 = W(add_epi16)(r[7], r[3]), z4 = W(add_epi16)(r[5], r[1]);
    half_8(&(struct columns){.r26 = low(r[2], r[6]),
                             .sum = low(sum, round),
                             .gap = low(gap, round),
                             .r71 = low(r[7], r[1]),
                             .r53 = low(r[5], r[3]),
                             .z34 = low(z3, z4)},
           bits, left);
    half_8(&(struct columns){.r26 = high(r[2], r[6]),
                             .sum = high(sum, round),
                             .gap = high(gap, round),
                             .r71 = high(r[7], r[1]),
                             .r53 = high(r[5], r[3]),
                             .z34 = high(z3, z4)},
           bits, right);
    for (unsigned i = 0; i < 8; i++)
        r[i] = W(packs_epi32)(left[i], right[i]);
}

ALWAYS void
turn(WIDE r[8])
{
    WIDE mixed[8];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 4; i++) {
            mixed[2 * i] = low(r[i], r[i + 4]);
            mixed[2 * i + 1] = high(r[i], r[i + 4]);
        }
        memcpy(r, mixed, sizeof mixed);
    }
}

/* Rows to columns of samples around 0. */
ALWAYS void
full_8(WIDE r[8])
{
    pass_8(r, FIRST_8);
    turn(r);
    pass_8(r, LAST_8);
}

/* Rows 0 to 3 alone: pairs of 0 and 2, of 1 and 3. */
ALWAYS void
half_corner(WIDE r02, WIDE r13, const int bits, WIDE out[8])
{
    butterfly(rounded(dot(r02, 8192, F_0541 + F_0765), bits),
              dot(r13, F_1501 - F_0899 + F_1175 - F_0390, F_1175), bits,
              &out[0], &out[7]);
    butterfly(rounded(dot(r02, 8192, F_0541), bits),
              dot(r13, F_1175, F_3072 - F_2562 + F_1175 - F_1961), bits,
              &out[1], &out[6]);
    butterfly(rounded(dot(r02, 8192, -F_0541), bits),
              dot(r13, F_1175 - F_0390, F_1175 - F_2562), bits, &out[2],
              &out[5]);
    butterfly(rounded(dot(r02, 8192, -F_0541 - F_0765), bits),
              dot(r13, F_1175 - F_0899, F_1175 - F_1961), bits, &out[3],
              &out[4]);
}

/* The same of rows 0 to 3. They are turned on the way, column 0 and 2, 1 and 3
 * as pairs. */
ALWAYS void
corner_8(WIDE r[8])
{
    WIDE w[8], right[8];
    half_corner(low(r[0], r[2]), low(r[1], r[3]), FIRST_8, w);
    WIDE w01 = W(packs_epi32)(w[0], w[1]), w23 = W(packs_epi32)(w[2], w[3]);
    WIDE w45 = W(packs_epi32)(w[4], w[5]), w67 = W(packs_epi32)(w[6], w[7]);
    WIDE w02 = low(w01, w23), w13 = high(w01, w23);
    WIDE w46 = low(w45, w67), w57 = high(w45, w67);
    WIDE top01 = low(w02, w13), top23 = high(w02, w13);
    WIDE end01 = low(w46, w57), end23 = high(w46, w57);
    WIDE c0 = W(unpacklo_epi64)(top01, end01);
    WIDE c1 = W(unpackhi_epi64)(top01, end01);
    WIDE c2 = W(unpacklo_epi64)(top23, end23);
    WIDE c3 = W(unpackhi_epi64)(top23, end23);
    half_corner(low(c0, c2), low(c1, c3), LAST_8, w);
    half_corner(high(c0, c2), high(c1, c3), LAST_8, right);
    for (unsigned i = 0; i < 8; i++)
        r[i] = W(packs_epi32)(w[i], right[i]);
}

/* Columns to pairs of rows of bytes: 0 and 1, 2 and 3, … */
ALWAYS void
bytes_8(const WIDE c[8], WIDE rows[4])
{
    WIDE c02 = W(packs_epi16)(c[0], c[2]), c13 = W(packs_epi16)(c[1], c[3]);
    WIDE c46 = W(packs_epi16)(c[4], c[6]), c57 = W(packs_epi16)(c[5], c[7]);
    WIDE c01 = W(unpacklo_epi8)(c02, c13), c23 = W(unpackhi_epi8)(c02, c13);
    WIDE c45 = W(unpacklo_epi8)(c46, c57), c67 = W(unpackhi_epi8)(c46, c57);
    WIDE left_top = low(c01, c23), left_end = high(c01, c23);
    WIDE right_top = low(c45, c67), right_end = high(c45, c67);
    rows[0] = W(unpacklo_epi32)(left_top, right_top);
    rows[1] = W(unpackhi_epi32)(left_top, right_top);
    rows[2] = W(unpacklo_epi32)(left_end, right_end);
    rows[3] = W(unpackhi_epi32)(left_end, right_end);
    for (unsigned i = 0; i < 4; i++)
        rows[i] = W(add_epi8)(rows[i], W(set1_epi8)(-128));
}

/* ---- 4 x 4 --------------------------------------------------------------- */

/* Pairs of row 0 and ROUND, of rows 2 and 6, 1 and 5, 3 and 7. */
ALWAYS void
half_4(WIDE r0, WIDE r26, WIDE r15, WIDE r37, const int bits, WIDE out[4])
{
    WIDE even = dot_rounded(r0, 16384, bits), t = dot(r26, F_1847, -F_0765);
    WIDE o0 = add(dot(r15, F_1061, F_1451), dot(r37, -F_2172, -F_0211));
    WIDE o2 = add(dot(r15, F_2562, -F_0601), dot(r37, F_0899, -F_0509));
    butterfly(add(even, t), o2, bits, &out[0], &out[3]);
    butterfly(sub(even, t), o0, bits, &out[1], &out[2]);
}

/* Rows 0 to 3 to columns of 32 bits. */
ALWAYS void
corner_4(const WIDE r[8], WIDE out[4])
{
    const WIDE round = W(set1_epi16)(ROUND);
    WIDE w[4];
    half_4(low(r[0], round), low(r[2], ZERO), low(r[1], ZERO), low(r[3], ZERO),
           FIRST_4, w);
    WIDE w01 = W(packs_epi32)(w[0], w[1]), w23 = W(packs_epi32)(w[2], w[3]);
    WIDE w02 = low(w01, w23), w13 = high(w01, w23);
    WIDE c01 = low(w02, w13), c23 = high(w02, w13);
    half_4(low(c01, round), low(c23, ZERO), high(c01, ZERO), high(c23, ZERO),
           LAST_4, out);
}

/* All rows but 4, which does not count. */
ALWAYS void
full_4(const WIDE r[8], WIDE out[4])
{
    const WIDE round = W(set1_epi16)(ROUND);
    WIDE left[4], right[4], w[4];
    half_4(low(r[0], round), low(r[2], r[6]), low(r[1], r[5]), low(r[3], r[7]),
           FIRST_4, left);
    half_4(high(r[0], round), high(r[2], r[6]), high(r[1], r[5]),
           high(r[3], r[7]), FIRST_4, right);
    for (unsigned i = 0; i < 4; i++)
        w[i] = W(packs_epi32)(left[i], right[i]);
    WIDE w02 = low(w[0], w[2]), w13 = low(w[1], w[3]);
    WIDE v02 = high(w[0], w[2]), v13 = high(w[1], w[3]);
    WIDE c01 = low(w02, w13), c23 = high(w02, w13);
    WIDE c45 = low(v02, v13), c67 = high(v02, v13);
    half_4(low(c01, round), low(c23, c67), high(c01, c45), high(c23, c67),
           LAST_4, out);
}

/* Columns to bytes, column after column. */
ALWAYS WIDE
bytes_4(const WIDE c[4])
{
    WIDE v =
        W(packs_epi16)(W(packs_epi32)(c[0], c[1]), W(packs_epi32)(c[2], c[3]));
    return W(add_epi8)(v, W(set1_epi8)(-128));
}

/* ---- 2 x 2 --------------------------------------------------------------- */

/* Of columns 1, 3, 5, 7, the others 0: two sums a block, in even lanes. */
ALWAYS WIDE
odd_columns(WIDE left, WIDE right)
{
    const WIDE by =
        LANES(_mm_setr_epi16(0, F_3624, 0, -F_1272, 0, F_0850, 0, -F_0720));
    WIDE sums = W(madd_epi16)(W(packs_epi32)(left, right), by);
    sums = add(sums, W(shuffle_epi32)(sums, 0x4E));
    return add(sums, W(shuffle_epi32)(sums, 0xB1));
}

/* Rows 0, 1, 3, 5 and 7 count. Four bytes a block: left and right of the upper
 * row, of the lower. */
ALWAYS WIDE
all_2(const WIDE r[8])
{
    WIDE a[2], b[2]; /* upper and lower row; their left and right columns */
    WIDE odd = add(dot(low(r[1], r[3]), F_3624, -F_1272),
                   dot(low(r[5], r[7]), F_0850, -F_0720));
    butterfly(rounded(W(srai_epi32)(low(ZERO, r[0]), 1), FIRST_2), odd, FIRST_2,
              &a[0], &b[0]);
    odd = add(dot(high(r[1], r[3]), F_3624, -F_1272),
              dot(high(r[5], r[7]), F_0850, -F_0720));
    butterfly(rounded(W(srai_epi32)(high(ZERO, r[0]), 1), FIRST_2), odd,
              FIRST_2, &a[1], &b[1]);
    WIDE even = W(slli_epi32)(W(unpacklo_epi64)(a[0], b[0]), 15);
    WIDE left, right;
    odd = W(unpacklo_epi64)(odd_columns(a[0], a[1]), odd_columns(b[0], b[1]));
    butterfly(rounded(even, LAST_2), odd, LAST_2, &left, &right);
    WIDE v = W(unpacklo_epi32)(W(shuffle_epi32)(left, 0x08),
                               W(shuffle_epi32)(right, 0x08));
    v = W(packs_epi32)(v, v);
    return W(add_epi8)(W(packs_epi16)(v, v), W(set1_epi8)(-128));
}

/* The four bytes of one block, to its samples. */
ALWAYS void
put_four(uint8_t *to, size_t stride, __m128i v)
{
    uint32_t four = (uint32_t)_mm_cvtsi128_si32(v);
    uint16_t upper = (uint16_t)four, lower = (uint16_t)(four >> 16);
    memcpy(to, &upper, sizeof upper);
    memcpy(to + stride, &lower, sizeof lower);
}

#endif
