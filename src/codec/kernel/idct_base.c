/* Inverse DCTs of 8 x 8 coefficients to 8 x 8, 4 x 4, 2 x 2 and 1 sample, for
 * any machine: what libjpeg-turbo's accurate integer method gives.
 *
 * Its SIMD versions hold 16 bits between their two passes, and add pairs in 16
 * bits; so it is done here, and a block whose columns are too large for that is
 * refused. Each pass goes down the columns, all eight in one loop that the
 * compiler makes vectors of; between the passes the block is turned. */
#include "idct.h"

#include <string.h>

/* Eight values side by side; the compiler has a register for them, or makes do
 * without. */
struct row {
    __attribute__((vector_size(16))) int16_t of8;
};

/* The same without signs. */
struct sizes {
    __attribute__((vector_size(16))) uint16_t of8;
};

/* Of a column's values, their signs taken off: what a first pass makes of them
 * is at most 5.55 times as much. */
enum { COLUMN_MOST = 5880 };

/* ---- arithmetic ---------------------------------------------------------- */

ALWAYS uint32_t
times(int16_t v, int32_t constant)
{
    return (uint32_t)(v * constant);
}

ALWAYS int16_t
scale(uint32_t sum, const unsigned bits)
{
    return (int16_t)((int32_t)(sum + (1u << (bits - 1))) >> bits);
}

ALWAYS uint8_t
sample(int16_t v)
{
    v = v < 127 ? v : 127;
    v = v > -128 ? v : -128;
    return (uint8_t)(v + 128);
}

/* ---- passes, down the columns -------------------------------------------- */

/* rows: others are 0. */
ALWAYS void
pass_8(int16_t in[8][8], int16_t out[8][8], const unsigned rows,
       const unsigned bits)
{
    for (unsigned c = 0; c < 8; c++) {
        int16_t r0 = in[0][c], r1 = in[1][c], r2 = in[2][c], r3 = in[3][c];
        int16_t r4 = rows > 4 ? in[4][c] : 0, r5 = rows > 4 ? in[5][c] : 0;
        int16_t r6 = rows > 4 ? in[6][c] : 0, r7 = rows > 4 ? in[7][c] : 0;
        int16_t sum = (int16_t)(r0 + r4), gap = (int16_t)(r0 - r4);
        int16_t z3 = (int16_t)(r7 + r3), z4 = (int16_t)(r5 + r1);
        uint32_t t3 = times(r2, F_0541 + F_0765) + times(r6, F_0541);
        uint32_t t2 = times(r2, F_0541) + times(r6, F_0541 - F_1847);
        uint32_t e0 = times(sum, 8192) + t3, e3 = times(sum, 8192) - t3;
        uint32_t e1 = times(gap, 8192) + t2, e2 = times(gap, 8192) - t2;
        uint32_t w3 = times(z3, F_1175 - F_1961) + times(z4, F_1175);
        uint32_t w4 = times(z3, F_1175) + times(z4, F_1175 - F_0390);
        uint32_t o0 = times(r7, F_0298 - F_0899) - times(r1, F_0899) + w3;
        uint32_t o1 = times(r5, F_2053 - F_2562) - times(r3, F_2562) + w4;
        uint32_t o2 = times(r3, F_3072 - F_2562) - times(r5, F_2562) + w3;
        uint32_t o3 = times(r1, F_1501 - F_0899) - times(r7, F_0899) + w4;
        out[0][c] = scale(e0 + o3, bits);
        out[7][c] = scale(e0 - o3, bits);
        out[1][c] = scale(e1 + o2, bits);
        out[6][c] = scale(e1 - o2, bits);
        out[2][c] = scale(e2 + o1, bits);
        out[5][c] = scale(e2 - o1, bits);
        out[3][c] = scale(e3 + o0, bits);
        out[4][c] = scale(e3 - o0, bits);
    }
}

ALWAYS void
pass_4(int16_t in[8][8], int16_t out[8][8], const unsigned rows,
       const unsigned bits)
{
    for (unsigned c = 0; c < 8; c++) {
        int16_t r1 = in[1][c], r3 = in[3][c], r5 = rows > 4 ? in[5][c] : 0;
        int16_t r6 = rows > 4 ? in[6][c] : 0, r7 = rows > 4 ? in[7][c] : 0;
        uint32_t even = times(in[0][c], 16384);
        uint32_t t = times(in[2][c], F_1847) - times(r6, F_0765);
        uint32_t o0 = times(r1, F_1061) + times(r5, F_1451) -
                      times(r3, F_2172) - times(r7, F_0211);
        uint32_t o2 = times(r1, F_2562) + times(r3, F_0899) -
                      times(r5, F_0601) - times(r7, F_0509);
        out[0][c] = scale(even + t + o2, bits);
        out[3][c] = scale(even + t - o2, bits);
        out[1][c] = scale(even - t + o0, bits);
        out[2][c] = scale(even - t - o0, bits);
    }
}

/* Rows become columns by three rounds of mixing row i with row i + 4. */
ALWAYS void
turn(int16_t rows[8][8])
{
    struct row a[8], b[8];
    memcpy(a, rows, sizeof a);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 4; i++) {
            b[2 * i].of8 = __builtin_shufflevector(a[i].of8, a[i + 4].of8, 0, 8,
                                                   1, 9, 2, 10, 3, 11);
            b[2 * i + 1].of8 = __builtin_shufflevector(
                a[i].of8, a[i + 4].of8, 4, 12, 5, 13, 6, 14, 7, 15);
        }
        memcpy(a, b, sizeof a);
    }
    memcpy(rows, a, sizeof a);
}

/* ---- blocks -------------------------------------------------------------- */

/* The upper left n x n of the rows. */
ALWAYS void
put(int16_t rows[8][8], const struct codec__strip *strip, uint8_t *to,
    const unsigned n)
{
    for (unsigned y = 0; y < n; y++, to += strip->stride) {
        struct row v, over, under;
        memcpy(&v, rows[y], sizeof v);
        over.of8 = v.of8 > 127;
        under.of8 = v.of8 < -128;
        v.of8 = ((v.of8 ^ 128) | over.of8) & ~under.of8;
        v.of8 &= 255;
        __attribute__((vector_size(8))) uint8_t of8 =
            __builtin_convertvector(v.of8, __typeof__(of8));
        memcpy(to, &of8, n);
    }
}

ALWAYS void
block_8(int16_t in[8][8], const struct codec__strip *strip, uint8_t *to,
        const unsigned rows)
{
    int16_t work[8][8];
    pass_8(in, work, rows, FIRST_8);
    turn(work);
    pass_8(work, in, rows, LAST_8);
    turn(in);
    put(in, strip, to, 8);
}

ALWAYS void
block_4(int16_t in[8][8], const struct codec__strip *strip, uint8_t *to,
        const unsigned rows)
{
    int16_t work[8][8] = {{0}};
    pass_4(in, work, rows, FIRST_4);
    turn(work);
    pass_4(work, in, rows, LAST_4);
    turn(in);
    put(in, strip, to, 4);
}

ALWAYS uint32_t
odd_2(int16_t v1, int16_t v3, int16_t v5, int16_t v7)
{
    return times(v1, F_3624) - times(v3, F_1272) + times(v5, F_0850) -
           times(v7, F_0720);
}

/* Rows and columns 2, 4 and 6 do not count. */
static void
block_2(int16_t in[8][8], const struct codec__strip *strip, uint8_t *to)
{
    int16_t work[2][8];
    for (unsigned c = 0; c < 8; c++) {
        uint32_t even = times(in[0][c], 1 << 15);
        uint32_t odd = odd_2(in[1][c], in[3][c], in[5][c], in[7][c]);
        work[0][c] = scale(even + odd, FIRST_2);
        work[1][c] = scale(even - odd, FIRST_2);
    }
    for (unsigned y = 0; y < 2; y++, to += strip->stride) {
        const int16_t *w = work[y];
        uint32_t even = times(w[0], 1 << 15);
        uint32_t odd = odd_2(w[1], w[3], w[5], w[7]);
        to[0] = sample(scale(even + odd, LAST_2));
        to[1] = sample(scale(even - odd, LAST_2));
    }
}

/* The block's values; it is zeroed. False: some are too large. */
ALWAYS bool
dequantise(int16_t *place, const struct codec__quant *quant, int16_t to[8][8],
           const unsigned rows)
{
    struct sizes sum = {{0}};
    struct row over = {{0}};
    for (unsigned r = 0; r < rows; r++) {
        struct sizes v, minus, size, step, most;
        memcpy(&v, place + r * 8, sizeof v);
        memcpy(&step, quant->step[r], sizeof step);
        memcpy(&most, quant->most[r], sizeof most);
        minus.of8 = -(v.of8 >> 15);
        size.of8 = (v.of8 ^ minus.of8) - minus.of8;
        over.of8 |= size.of8 > most.of8;
        sum.of8 += size.of8 * step.of8;
        v.of8 *= step.of8;
        memcpy(to[r], &v, sizeof v);
    }
    memset(place, 0, rows * 8 * sizeof *place);
    over.of8 |= sum.of8 > COLUMN_MOST;
    uint64_t halves[2];
    memcpy(halves, &over, sizeof halves);
    return !(halves[0] | halves[1]);
}

/* rows: the coefficients stand in as many rows and columns. */
ALWAYS bool
block(int16_t *place, const struct codec__strip *strip, uint8_t *to,
      const unsigned side, const unsigned rows)
{
    int16_t values[8][8] = {{0}};
    bool good = dequantise(place, strip->quant, values, rows);
    if (side == 8)
        block_8(values, strip, to, rows);
    else if (side == 4)
        block_4(values, strip, to, rows);
    else
        block_2(values, strip, to);
    return good;
}

/* All coefficients but the DC are 0. */
ALWAYS bool
flat(int16_t *place, const struct codec__strip *strip, uint8_t *to,
     const unsigned side)
{
    bool over = false;
    uint64_t v = flat_samples(place, strip->quant, &over);
    for (unsigned y = 0; y < side; y++, to += strip->stride)
        memcpy(to, &v, side);
    return !over;
}

/* ---- strips -------------------------------------------------------------- */

ALWAYS bool
strip_run(const struct codec__strip *strip, const unsigned side)
{
    bool good = true;
    struct codec__walk walk = codec__walk(strip);
    uint8_t *to = strip->to;
    for (unsigned i = 0; i < strip->n; i++, to += side) {
        int16_t *place = codec__walk_on(&walk, strip);
        unsigned most = extent(place);
        if (most == 1)
            good &= flat(place, strip, to, side);
        else if (most == CORNER)
            good &= block(place, strip, to, side, 4);
        else
            good &= block(place, strip, to, side, 8);
    }
    return good;
}

/* The DC alone is looked at, and what else stands in the block is left; values
 * beyond all samples wrap as libjpeg's do. */
bool
codec__idct_1(const struct codec__strip *strip)
{
    bool good = true;
    struct codec__walk walk = codec__walk(strip);
    for (unsigned i = 0; i < strip->n; i++) {
        int16_t *dc = codec__walk_on(&walk, strip);
        int value = *dc * strip->quant->step[0][0];
        uint32_t ten_bits = (uint32_t)((value + 4) >> 3) << 22;
        good &= value < CODEC__VALUE_END && value > -CODEC__VALUE_END;
        strip->to[i] = sample((int16_t)((int32_t)ten_bits >> 22));
        *dc = 0;
    }
    return good;
}

bool
codec__idct_base(const struct codec__strip *strip)
{
    if (strip->side == 8)
        return strip_run(strip, 8);
    if (strip->side == 4)
        return strip_run(strip, 4);
    if (strip->side == 2)
        return strip_run(strip, 2);
    return codec__idct_1(strip);
}
