/* Inverse DCTs by x86-64-v3, two blocks side by side, one in each half of a
 * register; what idct_base.c does, in the same words.
 *
 *      row 0 of block A │ row 0 of block B     a row is 8 values of 16 bits;
 *      row 1 of block A │ row 1 of block B     products of pairs are summed to
 *      …                                       32 bits by one instruction
 *
 * Most blocks of a photograph hold few coefficients, so a pair whose
 * coefficients all stand in the corner of 4 x 4 goes a shorter way, and one of
 * DCs alone is filled. */
#include "idct.h"

#include <immintrin.h>
#include <string.h>

/* Two blocks and where their samples belong. */
struct pair {
    int16_t *a, *b; /* the same where there is but one */
    const struct codec__quant *quant;
    uint8_t *to;
    size_t stride;
    bool two;
    __m256i over; /* not 0: a value is too large */
};

/* ---- arithmetic ---------------------------------------------------------- */

/* Of pairs: the first times x and the second times y, added. */
ALWAYS __m256i
dot(__m256i pairs, int x, int y)
{
    uint32_t both = (uint32_t)(uint16_t)x | (uint32_t)(uint16_t)y << 16;
    return _mm256_madd_epi16(pairs, _mm256_set1_epi32((int)both));
}

ALWAYS __m256i
low(__m256i a, __m256i b)
{
    return _mm256_unpacklo_epi16(a, b);
}

ALWAYS __m256i
high(__m256i a, __m256i b)
{
    return _mm256_unpackhi_epi16(a, b);
}

/* e + o and e - o, scaled. */
ALWAYS void
butterfly(__m256i e, __m256i o, const int bits, __m256i *sum, __m256i *gap)
{
    e = _mm256_add_epi32(e, _mm256_set1_epi32(1 << (bits - 1)));
    *sum = _mm256_srai_epi32(_mm256_add_epi32(e, o), bits);
    *gap = _mm256_srai_epi32(_mm256_sub_epi32(e, o), bits);
}

/* 8192 times each of four values of 16 bits. */
ALWAYS __m256i
raise(__m256i upper_halves)
{
    return _mm256_srai_epi32(upper_halves, 3);
}

/* ---- coefficients -------------------------------------------------------- */

/* Row r of both blocks, dequantised. */
ALWAYS __m256i
load(struct pair *p, const unsigned r)
{
    __m128i a = _mm_load_si128((const __m128i *)(p->a + r * 8));
    __m128i b = _mm_load_si128((const __m128i *)(p->b + r * 8));
    __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
    __m256i most =
        _mm256_load_si256((const __m256i *)(const void *)p->quant->most[r]);
    p->over =
        _mm256_or_si256(p->over, _mm256_subs_epu16(_mm256_abs_epi16(v), most));
    return _mm256_mullo_epi16(
        v, _mm256_load_si256((const __m256i *)(const void *)p->quant->step[r]));
}

ALWAYS void
clear(int16_t *block, const unsigned rows)
{
    for (unsigned r = 0; r < rows; r += 2)
        _mm256_store_si256((__m256i *)(void *)(block + r * 8),
                           _mm256_setzero_si256());
}

ALWAYS void
clear_both(const struct pair *p, const unsigned rows)
{
    clear(p->a, rows);
    clear(p->b, rows);
}

/* ---- 8 x 8 --------------------------------------------------------------- */

/* Four columns of each block. Pairs of rows, and 0 + 4, 0 - 4 raised. */
struct columns {
    __m256i r26, sum, gap, r71, r53, z34;
};

ALWAYS void
half_8(const struct columns *c, const int bits, __m256i out[8])
{
    __m256i t3 = dot(c->r26, F_0541 + F_0765, F_0541);
    __m256i t2 = dot(c->r26, F_0541, F_0541 - F_1847);
    __m256i z3 = dot(c->z34, F_1175 - F_1961, F_1175);
    __m256i z4 = dot(c->z34, F_1175, F_1175 - F_0390);
    __m256i o0 = _mm256_add_epi32(dot(c->r71, F_0298 - F_0899, -F_0899), z3);
    __m256i o3 = _mm256_add_epi32(dot(c->r71, -F_0899, F_1501 - F_0899), z4);
    __m256i o1 = _mm256_add_epi32(dot(c->r53, F_2053 - F_2562, -F_2562), z4);
    __m256i o2 = _mm256_add_epi32(dot(c->r53, -F_2562, F_3072 - F_2562), z3);
    butterfly(_mm256_add_epi32(c->sum, t3), o3, bits, &out[0], &out[7]);
    butterfly(_mm256_add_epi32(c->gap, t2), o2, bits, &out[1], &out[6]);
    butterfly(_mm256_sub_epi32(c->gap, t2), o1, bits, &out[2], &out[5]);
    butterfly(_mm256_sub_epi32(c->sum, t3), o0, bits, &out[3], &out[4]);
}

ALWAYS void
pass_8(__m256i r[8], const int bits)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i left[8], right[8];
    __m256i sum = _mm256_add_epi16(r[0], r[4]);
    __m256i gap = _mm256_sub_epi16(r[0], r[4]);
    __m256i z3 = _mm256_add_epi16(r[7], r[3]);
    __m256i z4 = _mm256_add_epi16(r[5], r[1]);
    half_8(&(struct columns){.r26 = low(r[2], r[6]),
                             .sum = raise(low(zero, sum)),
                             .gap = raise(low(zero, gap)),
                             .r71 = low(r[7], r[1]),
                             .r53 = low(r[5], r[3]),
                             .z34 = low(z3, z4)},
           bits, left);
    half_8(&(struct columns){.r26 = high(r[2], r[6]),
                             .sum = raise(high(zero, sum)),
                             .gap = raise(high(zero, gap)),
                             .r71 = high(r[7], r[1]),
                             .r53 = high(r[5], r[3]),
                             .z34 = high(z3, z4)},
           bits, right);
    for (unsigned i = 0; i < 8; i++)
        r[i] = _mm256_packs_epi32(left[i], right[i]);
}

ALWAYS void
turn(__m256i r[8])
{
    __m256i mixed[8];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 4; i++) {
            mixed[2 * i] = low(r[i], r[i + 4]);
            mixed[2 * i + 1] = high(r[i], r[i + 4]);
        }
        memcpy(r, mixed, sizeof mixed);
    }
}

/* Rows 0 to 3 alone: pairs of 0 and 2, of 1 and 3. */
ALWAYS void
half_corner(__m256i r02, __m256i r13, const int bits, __m256i out[8])
{
    butterfly(dot(r02, 8192, F_0541 + F_0765),
              dot(r13, F_1501 - F_0899 + F_1175 - F_0390, F_1175), bits,
              &out[0], &out[7]);
    butterfly(dot(r02, 8192, F_0541),
              dot(r13, F_1175, F_3072 - F_2562 + F_1175 - F_1961), bits,
              &out[1], &out[6]);
    butterfly(dot(r02, 8192, -F_0541),
              dot(r13, F_1175 - F_0390, F_1175 - F_2562), bits, &out[2],
              &out[5]);
    butterfly(dot(r02, 8192, -F_0541 - F_0765),
              dot(r13, F_1175 - F_0899, F_1175 - F_1961), bits, &out[3],
              &out[4]);
}

/* Rows are turned on the way, column 0 and 2, 1 and 3 as pairs. */
ALWAYS void
corner_8(struct pair *p, __m256i r[8])
{
    __m256i w[8], right[8];
    for (unsigned i = 0; i < 4; i++)
        r[i] = load(p, i);
    clear_both(p, 4);
    half_corner(low(r[0], r[2]), low(r[1], r[3]), FIRST_8, w);
    __m256i w01 = _mm256_packs_epi32(w[0], w[1]);
    __m256i w23 = _mm256_packs_epi32(w[2], w[3]);
    __m256i w45 = _mm256_packs_epi32(w[4], w[5]);
    __m256i w67 = _mm256_packs_epi32(w[6], w[7]);
    __m256i w02 = low(w01, w23), w13 = high(w01, w23);
    __m256i w46 = low(w45, w67), w57 = high(w45, w67);
    __m256i top01 = low(w02, w13), top23 = high(w02, w13);
    __m256i end01 = low(w46, w57), end23 = high(w46, w57);
    __m256i c0 = _mm256_unpacklo_epi64(top01, end01);
    __m256i c1 = _mm256_unpackhi_epi64(top01, end01);
    __m256i c2 = _mm256_unpacklo_epi64(top23, end23);
    __m256i c3 = _mm256_unpackhi_epi64(top23, end23);
    half_corner(low(c0, c2), low(c1, c3), LAST_8, w);
    half_corner(high(c0, c2), high(c1, c3), LAST_8, right);
    for (unsigned i = 0; i < 8; i++)
        r[i] = _mm256_packs_epi32(w[i], right[i]);
}

ALWAYS void
full_8(struct pair *p, __m256i r[8])
{
    for (unsigned i = 0; i < 8; i++)
        r[i] = load(p, i);
    clear_both(p, 8);
    pass_8(r, FIRST_8);
    turn(r);
    pass_8(r, LAST_8);
}

/* Two rows of samples, 8 of each block. */
ALWAYS void
put_rows(const struct pair *p, uint8_t *to, __m256i rows)
{
    rows = _mm256_add_epi8(rows, _mm256_set1_epi8(-128));
    rows = _mm256_permute4x64_epi64(rows, 0xD8);
    __m128i upper = _mm256_castsi256_si128(rows);
    __m128i lower = _mm256_extracti128_si256(rows, 1);
    if (p->two) {
        _mm_storeu_si128((__m128i *)(void *)to, upper);
        _mm_storeu_si128((__m128i *)(void *)(to + p->stride), lower);
    } else {
        _mm_storel_epi64((__m128i *)(void *)to, upper);
        _mm_storel_epi64((__m128i *)(void *)(to + p->stride), lower);
    }
}

/* c: columns. */
ALWAYS void
put_8(const struct pair *p, const __m256i c[8])
{
    __m256i c02 = _mm256_packs_epi16(c[0], c[2]);
    __m256i c13 = _mm256_packs_epi16(c[1], c[3]);
    __m256i c46 = _mm256_packs_epi16(c[4], c[6]);
    __m256i c57 = _mm256_packs_epi16(c[5], c[7]);
    __m256i c01 = _mm256_unpacklo_epi8(c02, c13);
    __m256i c23 = _mm256_unpackhi_epi8(c02, c13);
    __m256i c45 = _mm256_unpacklo_epi8(c46, c57);
    __m256i c67 = _mm256_unpackhi_epi8(c46, c57);
    __m256i left_top = low(c01, c23), left_end = high(c01, c23);
    __m256i right_top = low(c45, c67), right_end = high(c45, c67);
    uint8_t *to = p->to;
    put_rows(p, to, _mm256_unpacklo_epi32(left_top, right_top));
    to += 2 * p->stride;
    put_rows(p, to, _mm256_unpackhi_epi32(left_top, right_top));
    to += 2 * p->stride;
    put_rows(p, to, _mm256_unpacklo_epi32(left_end, right_end));
    to += 2 * p->stride;
    put_rows(p, to, _mm256_unpackhi_epi32(left_end, right_end));
}

/* ---- 4 x 4 --------------------------------------------------------------- */

/* Pairs of rows 0 and nothing, 2 and 6, 1 and 5, 3 and 7. */
ALWAYS void
half_4(__m256i r0, __m256i r26, __m256i r15, __m256i r37, const int bits,
       __m256i out[4])
{
    __m256i even = dot(r0, 16384, 0), t = dot(r26, F_1847, -F_0765);
    __m256i o0 =
        _mm256_add_epi32(dot(r15, F_1061, F_1451), dot(r37, -F_2172, -F_0211));
    __m256i o2 =
        _mm256_add_epi32(dot(r15, F_2562, -F_0601), dot(r37, F_0899, -F_0509));
    butterfly(_mm256_add_epi32(even, t), o2, bits, &out[0], &out[3]);
    butterfly(_mm256_sub_epi32(even, t), o0, bits, &out[1], &out[2]);
}

ALWAYS void
corner_4(struct pair *p, __m256i out[4])
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i r0 = load(p, 0), r1 = load(p, 1), r2 = load(p, 2);
    __m256i r3 = load(p, 3), w[4];
    clear_both(p, 4);
    half_4(low(r0, zero), low(r2, zero), low(r1, zero), low(r3, zero), FIRST_4,
           w);
    __m256i w01 = _mm256_packs_epi32(w[0], w[1]);
    __m256i w23 = _mm256_packs_epi32(w[2], w[3]);
    __m256i w02 = low(w01, w23), w13 = high(w01, w23);
    __m256i c01 = low(w02, w13), c23 = high(w02, w13);
    half_4(low(c01, zero), low(c23, zero), high(c01, zero), high(c23, zero),
           LAST_4, out);
}

ALWAYS void
full_4(struct pair *p, __m256i out[4])
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i r0 = load(p, 0), r1 = load(p, 1), r2 = load(p, 2), r3 = load(p, 3);
    __m256i r5 = load(p, 5), r6 = load(p, 6), r7 = load(p, 7);
    __m256i left[4], right[4], w[4];
    clear_both(p, 8);
    half_4(low(r0, zero), low(r2, r6), low(r1, r5), low(r3, r7), FIRST_4, left);
    half_4(high(r0, zero), high(r2, r6), high(r1, r5), high(r3, r7), FIRST_4,
           right);
    for (unsigned i = 0; i < 4; i++)
        w[i] = _mm256_packs_epi32(left[i], right[i]);
    __m256i w02 = low(w[0], w[2]), w13 = low(w[1], w[3]);
    __m256i v02 = high(w[0], w[2]), v13 = high(w[1], w[3]);
    __m256i c01 = low(w02, w13), c23 = high(w02, w13);
    __m256i c45 = low(v02, v13), c67 = high(v02, v13);
    half_4(low(c01, zero), low(c23, c67), high(c01, c45), high(c23, c67),
           LAST_4, out);
}

ALWAYS void
put_4(const struct pair *p, const __m256i c[4])
{
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m256i v = _mm256_packs_epi16(_mm256_packs_epi32(c[0], c[1]),
                                   _mm256_packs_epi32(c[2], c[3]));
    v = _mm256_add_epi8(v, _mm256_set1_epi8(-128));
    v = _mm256_shuffle_epi8(v, order);
    __m128i a = _mm256_castsi256_si128(v), b = _mm256_extracti128_si256(v, 1);
    uint64_t rows[4];
    _mm_storeu_si128((__m128i *)rows, _mm_unpacklo_epi32(a, b));
    _mm_storeu_si128((__m128i *)rows + 1, _mm_unpackhi_epi32(a, b));
    for (unsigned y = 0; y < 4; y++)
        memcpy(p->to + y * p->stride, &rows[y], p->two ? 8 : 4);
}

/* ---- 2 x 2 --------------------------------------------------------------- */

/* Of columns 1, 3, 5, 7, the others 0: two sums a block, in even lanes. */
ALWAYS __m256i
odd_columns(__m256i left, __m256i right)
{
    const __m256i by =
        _mm256_setr_epi16(0, F_3624, 0, -F_1272, 0, F_0850, 0, -F_0720, 0,
                          F_3624, 0, -F_1272, 0, F_0850, 0, -F_0720);
    __m256i sums = _mm256_madd_epi16(_mm256_packs_epi32(left, right), by);
    sums = _mm256_add_epi32(sums, _mm256_shuffle_epi32(sums, 0x4E));
    return _mm256_add_epi32(sums, _mm256_shuffle_epi32(sums, 0xB1));
}

/* A block's samples from its half: left and right of the upper row in the first
 * lanes, of the lower row behind them. */
ALWAYS void
put_2(uint8_t *to, size_t stride, __m128i v)
{
    v = _mm_packs_epi32(v, v);
    v = _mm_add_epi8(_mm_packs_epi16(v, v), _mm_set1_epi8(-128));
    uint32_t four = (uint32_t)_mm_cvtsi128_si32(v);
    uint16_t upper = (uint16_t)four, lower = (uint16_t)(four >> 16);
    memcpy(to, &upper, sizeof upper);
    memcpy(to + stride, &lower, sizeof lower);
}

ALWAYS void
pair_2(struct pair *p, const unsigned rows)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i r0 = load(p, 0), r1 = load(p, 1), r3 = load(p, 3);
    __m256i r5 = rows > 4 ? load(p, 5) : zero,
            r7 = rows > 4 ? load(p, 7) : zero;
    __m256i a[2], b[2]; /* upper and lower row; their left and right columns */
    clear_both(p, rows);
    __m256i odd = _mm256_add_epi32(dot(low(r1, r3), F_3624, -F_1272),
                                   dot(low(r5, r7), F_0850, -F_0720));
    butterfly(_mm256_srai_epi32(low(zero, r0), 1), odd, FIRST_2, &a[0], &b[0]);
    odd = _mm256_add_epi32(dot(high(r1, r3), F_3624, -F_1272),
                           dot(high(r5, r7), F_0850, -F_0720));
    butterfly(_mm256_srai_epi32(high(zero, r0), 1), odd, FIRST_2, &a[1], &b[1]);
    __m256i even = _mm256_slli_epi32(_mm256_unpacklo_epi64(a[0], b[0]), 15);
    odd =
        _mm256_unpacklo_epi64(odd_columns(a[0], a[1]), odd_columns(b[0], b[1]));
    __m256i left, right;
    butterfly(even, odd, LAST_2, &left, &right);
    __m256i v = _mm256_unpacklo_epi32(_mm256_shuffle_epi32(left, 0x08),
                                      _mm256_shuffle_epi32(right, 0x08));
    put_2(p->to, p->stride, _mm256_castsi256_si128(v));
    if (p->two)
        put_2(p->to + 2, p->stride, _mm256_extracti128_si256(v, 1));
}

/* ---- pairs --------------------------------------------------------------- */

/* 1: the DC alone; the corner; or all. */
ALWAYS unsigned
extent(const int16_t *block)
{
    int passed = block[CODEC__PASSED];
    if (passed <= 1 || (passed == 2 && !block[1]))
        return 1;
    return passed <= CORNER ? CORNER : CODEC__BLOCK;
}

ALWAYS uint64_t
flat_value(struct pair *p, int16_t *block)
{
    int value = *block * p->quant->step[0][0];
    int v = ((value * 4 + 16) >> 5) + 128;
    bool over = value >= CODEC__VALUE_END || value <= -CODEC__VALUE_END;
    p->over = _mm256_or_si256(p->over, _mm256_set1_epi16(over));
    *block = 0;
    return (uint64_t)(v < 0 ? 0 : v > 255 ? 255 : v) * 0x0101010101010101u;
}

ALWAYS void
flat(struct pair *p, const unsigned side)
{
    uint64_t a = flat_value(p, p->a), b = p->two ? flat_value(p, p->b) : 0;
    uint8_t *to = p->to;
    for (unsigned y = 0; y < side; y++, to += p->stride) {
        memcpy(to, &a, side);
        if (p->two)
            memcpy(to + side, &b, side);
    }
}

ALWAYS void
pair_8(struct pair *p, unsigned most)
{
    __m256i columns[8];
    if (most == CORNER)
        corner_8(p, columns);
    else
        full_8(p, columns);
    put_8(p, columns);
}

ALWAYS void
pair_4(struct pair *p, unsigned most)
{
    __m256i columns[4];
    if (most == CORNER)
        corner_4(p, columns);
    else
        full_4(p, columns);
    put_4(p, columns);
}

ALWAYS void
one_pair(struct pair *p, unsigned most, const unsigned side)
{
    if (most == 1)
        flat(p, side);
    else if (side == 8)
        pair_8(p, most);
    else if (side == 4)
        pair_4(p, most);
    else if (most == CORNER)
        pair_2(p, 4);
    else
        pair_2(p, 8);
}

/* ---- strips -------------------------------------------------------------- */

ALWAYS bool
strip_run(const struct codec__strip *strip, const unsigned side)
{
    struct pair p = {.quant = strip->quant,
                     .to = strip->to,
                     .stride = strip->stride,
                     .over = _mm256_setzero_si256()};
    struct codec__walk walk = codec__walk(strip);
    for (unsigned i = 0; i < strip->n; i += 2, p.to += 2 * side) {
        p.two = i + 1 < strip->n;
        p.a = codec__walk_on(&walk, strip);
        p.b = p.two ? codec__walk_on(&walk, strip) : p.a;
        unsigned a = extent(p.a), b = extent(p.b);
        one_pair(&p, a > b ? a : b, side);
    }
    return _mm256_testz_si256(p.over, p.over);
}

bool
codec__idct_v3(const struct codec__strip *strip)
{
    if (strip->side == 8)
        return strip_run(strip, 8);
    if (strip->side == 4)
        return strip_run(strip, 4);
    if (strip->side == 2)
        return strip_run(strip, 2);
    return codec__idct_1(strip);
}
