/* Inverse DCTs of 8 x 8 coefficients to 8 x 8, 4 x 4, 2 x 2 and 1 sample, for
 * any machine: what libjpeg-turbo's accurate integer method gives.
 *
 * A block is at work in the vectors of dct_vectors.h, and turned between the
 * passes, so that the second goes as the first. libjpeg-turbo's SIMD versions
 * hold 16 bits between the passes, and add pairs in 16 bits; so it is done
 * here, and a block whose columns are too large for that is refused. */
#include "dct_vectors.h"
#include "idct.h"

/* A strip on its way. */
struct work {
    const struct codec__quant *quant;
    uint8_t *to;
    size_t stride;
    bool flat_over;           /* a DC that stood alone is too large */
    vec16 bad;                /* not 0: so is another value */
    vec16 step[8], step_8[8]; /* of dequantising, and eight times as much */
};

/* Of a column's values, their signs taken off, which may miss 1 of each: what a
 * first pass makes of them is at most 5.55 times as much. */
enum { COLUMN_MOST = 5880 - 8 };

/* Steps from here on, eight times as large, are none of 16 bits. */
enum { STEP_END = 4096 };

/* ---- arithmetic ---------------------------------------------------------- */

PART struct wide
sub(struct wide a, struct wide b)
{
    return (struct wide){a.left - b.left, a.right - b.right};
}

/* The upper halves of the products. */
PART vec16
times_high(vec16 v, vec16 by)
{
    int16_t values[8], factors[8];
    memcpy(values, &v, sizeof v);
    memcpy(factors, &by, sizeof by);
    for (unsigned i = 0; i < 8; i++)
        values[i] = (int16_t)(values[i] * factors[i] >> 16);
    memcpy(&v, values, sizeof v);
    return v;
}

PART bool
is_zero(vec16 v)
{
    uint64_t halves[2];
    memcpy(halves, &v, sizeof halves);
    return !(halves[0] | halves[1]);
}

/* ---- sums to samples ----------------------------------------------------- */

/* To 0..255; bits: that are still to be dropped, beyond 16. */
PART vec32
clamp(vec32 pairs, const unsigned bits)
{
    int16_t v[8];
    vec16 samples = (vec16)pairs >> (int)bits;
    memcpy(v, &samples, sizeof v);
    for (unsigned i = 0; i < 8; i++) {
        v[i] = v[i] < 127 ? v[i] : 127;
        v[i] = v[i] > -128 ? v[i] : -128;
    }
    memcpy(&samples, v, sizeof v);
    return (vec32)(samples + 128);
}

/* Four columns' sums, of four rows: each lane four samples side by side. */
PART vec32
fours(vec32 c0, vec32 c1, vec32 c2, vec32 c3, const unsigned bits)
{
    vec32 even = clamp(pair(c0, c2, 16), bits - 16);
    vec32 odd = clamp(pair(c1, c3, 16), bits - 16);
    return IS_BIG ? even << 8 | odd : even | odd << 8;
}

/* Eight columns' sums, of four rows. */
PART void
put_eights(const vec32 c[8], uint8_t *to, size_t stride)
{
    vec32 left = fours(c[0], c[1], c[2], c[3], LAST_8);
    vec32 right = fours(c[4], c[5], c[6], c[7], LAST_8);
    vec32 rows[2] = {zip_low(left, right), zip_high(left, right)};
    for (unsigned y = 0; y < 4; y++, to += stride)
        memcpy(to, (const uint8_t *)rows + (size_t)y * 8, 8);
}

/* ---- 8 x 8 --------------------------------------------------------------- */

/* What a pass gives, and how its halves are kept: all rows of each. */
struct rows8 {
    vec32 left[8], right[8];
};

PART void
set_rows(struct rows8 *out, unsigned i, struct wide even, struct wide odd)
{
    struct wide sum = add(even, odd), gap = sub(even, odd);
    out->left[i] = sum.left;
    out->right[i] = sum.right;
    out->left[7 - i] = gap.left;
    out->right[7 - i] = gap.right;
}

/* Rows from `rows` on, 6 or 8, are 0. */
PART void
pass_8(const vec16 r[8], struct rows8 *out, const unsigned rows,
       const unsigned bits)
{
    const bool whole = rows == 8;
    struct wide sum = rounded(times(plus(r[0], r[4]), 8192), bits);
    struct wide gap = rounded(times(minus(r[0], r[4]), 8192), bits);
    struct wide t3 = times(r[2], F_0541 + F_0765), t2 = times(r[2], F_0541);
    vec16 z3 = whole ? plus(r[7], r[3]) : r[3], z4 = plus(r[5], r[1]);
    struct wide w3 = dot(z3, F_1175 - F_1961, z4, F_1175);
    struct wide w4 = dot(z3, F_1175, z4, F_1175 - F_0390);
    struct wide o0 = add(times(r[1], -F_0899), w3);
    struct wide o1 = add(dot(r[5], F_2053 - F_2562, r[3], -F_2562), w4);
    struct wide o2 = add(dot(r[3], F_3072 - F_2562, r[5], -F_2562), w3);
    struct wide o3 = add(times(r[1], F_1501 - F_0899), w4);
    if (whole) {
        t3 = add(t3, times(r[6], F_0541));
        t2 = add(t2, times(r[6], F_0541 - F_1847));
        o0 = add(o0, times(r[7], F_0298 - F_0899));
        o3 = add(o3, times(r[7], -F_0899));
    }
    set_rows(out, 0, add(sum, t3), o3);
    set_rows(out, 1, add(gap, t2), o2);
    set_rows(out, 2, sub(gap, t2), o1);
    set_rows(out, 3, sub(sum, t3), o0);
}

/* The same where rows 4 to 7 are 0. */
PART void
pass_corner(const vec16 r[4], struct rows8 *out, const unsigned bits)
{
    struct wide dc = rounded(times(r[0], 8192), bits);
    struct wide t3 = times(r[2], F_0541 + F_0765), t2 = times(r[2], F_0541);
    set_rows(out, 0, add(dc, t3),
             dot(r[1], F_1501 - F_0899 + F_1175 - F_0390, r[3], F_1175));
    set_rows(out, 1, add(dc, t2),
             dot(r[1], F_1175, r[3], F_3072 - F_2562 + F_1175 - F_1961));
    set_rows(out, 2, sub(dc, t2),
             dot(r[1], F_1175 - F_0390, r[3], F_1175 - F_2562));
    set_rows(out, 3, sub(dc, t3),
             dot(r[1], F_1175 - F_0899, r[3], F_1175 - F_1961));
}

/* Only the first `rows` rows and columns are not 0: 4, 6 or 8. */
PART void
block_8(const vec16 r[8], const struct work *w, const unsigned rows)
{
    struct rows8 sums;
    vec16 columns[8];
    if (rows == 4) {
        pass_corner(r, &sums, FIRST_8);
        turn(sums.left, FIRST_8, columns);
        pass_corner(columns, &sums, LAST_8);
    } else {
        pass_8(r, &sums, rows, FIRST_8);
        turn(sums.left, FIRST_8, columns);
        turn(sums.right, FIRST_8, columns + 4);
        pass_8(columns, &sums, rows, LAST_8);
    }
    put_eights(sums.left, w->to, w->stride);
    put_eights(sums.right, w->to + 4 * w->stride, w->stride);
}

/* ---- 4 x 4 --------------------------------------------------------------- */

/* x for the first four values, y for the last. */
PART struct wide
times_halves(vec16 v, int x, int y)
{
    const int16_t a = (int16_t)x, b = (int16_t)y;
    return times_each(v, (vec16){a, a, a, a, b, b, b, b});
}

/* Rows to sums of four rows; row 4 does not count. */
PART void
pass_4(const vec16 r[8], struct wide out[4], const unsigned rows)
{
    struct wide even = rounded(times(r[0], 16384), FIRST_4);
    struct wide t = times(r[2], F_1847);
    struct wide o0 = dot(r[1], F_1061, r[3], -F_2172);
    struct wide o2 = dot(r[1], F_2562, r[3], F_0899);
    if (rows > 4) {
        o0 = add(o0, times(r[5], F_1451));
        o2 = add(o2, times(r[5], -F_0601));
    }
    if (rows == 8) {
        t = add(t, times(r[6], -F_0765));
        o0 = add(o0, times(r[7], -F_0211));
        o2 = add(o2, times(r[7], -F_0509));
    }
    out[0] = add(add(even, t), o2);
    out[3] = sub(add(even, t), o2);
    out[1] = add(sub(even, t), o0);
    out[2] = sub(sub(even, t), o0);
}

/* Two columns in each of c: 0 and 1, 2 and 3, 4 and 5, 6 and 7. */
PART vec32
last_4(const vec16 c[4], const unsigned columns)
{
    struct wide c01 = times_halves(c[0], 16384, F_1061);
    struct wide c23 = times_halves(c[1], F_1847, -F_2172);
    vec32 even = rounded(c01, LAST_4).left, t = c23.left;
    vec32 o0 = c01.right + c23.right;
    vec32 o2 = times(c[0], F_2562).right + times(c[1], F_0899).right;
    if (columns > 4) {
        o0 += times(c[2], F_1451).right;
        o2 -= times(c[2], F_0601).right;
    }
    if (columns == 8) {
        struct wide c67 = times_halves(c[3], F_0765, F_0211);
        t -= c67.left;
        o0 -= c67.right;
        o2 -= times(c[3], F_0509).right;
    }
    return fours(even + t + o2, even - t + o0, even - t - o0, even + t - o2,
                 LAST_4);
}

PART void
block_4(const vec16 r[8], const struct work *w, const unsigned rows)
{
    struct wide sums[4];
    vec16 c[4];
    pass_4(r, sums, rows);
    vec32 r01 = pair(sums[0].left, sums[1].left, FIRST_4);
    vec32 r23 = pair(sums[2].left, sums[3].left, FIRST_4);
    c[0] = (vec16)zip_low(r01, r23);
    c[1] = (vec16)zip_high(r01, r23);
    if (rows > 4) {
        r01 = pair(sums[0].right, sums[1].right, FIRST_4);
        r23 = pair(sums[2].right, sums[3].right, FIRST_4);
        c[2] = (vec16)zip_low(r01, r23);
        c[3] = (vec16)zip_high(r01, r23);
    }
    vec32 lines = last_4(c, rows);
    for (unsigned y = 0; y < 4; y++)
        memcpy(w->to + y * w->stride, (const uint8_t *)&lines + (size_t)y * 4,
               4);
}

/* ---- 2 x 2 --------------------------------------------------------------- */

PART uint8_t
sample(int v)
{
    v = v < 127 ? v : 127;
    v = v > -128 ? v : -128;
    return (uint8_t)(v + 128);
}

/* Rows and columns 2, 4 and 6 do not count. */
PART void
block_2(const vec16 r[8], const struct work *w, const unsigned rows)
{
    const vec16 by_c03 = {0, 0, F_3624, F_3624, 0, 0, -F_1272, -F_1272};
    const vec16 by_c47 = {0, 0, F_0850, F_0850, 0, 0, -F_0720, -F_0720};
    struct wide dc = times(r[0], 16384);
    struct wide even = rounded(add(dc, dc), FIRST_2);
    struct wide odd = dot(r[1], F_3624, r[3], -F_1272);
    if (rows > 4)
        odd = add(odd, dot(r[5], F_0850, r[7], -F_0720));
    struct wide upper = add(even, odd), lower = sub(even, odd);
    vec16 c03 = (vec16)pair(upper.left, lower.left, FIRST_2);
    vec16 c47 = (vec16)pair(upper.right, lower.right, FIRST_2);
    struct wide sums = times_each(c03, by_c03);
    if (rows > 4)
        sums = add(sums, times_each(c47, by_c47));
    vec32 odds = sums.left + sums.right;
    for (unsigned y = 0; y < 2; y++) {
        uint32_t two = ((uint32_t)c03[y] << 15) + (1u << (LAST_2 - 1));
        uint8_t *to = w->to + y * w->stride;
        to[0] = sample((int32_t)(two + odds[2 + y]) >> LAST_2);
        to[1] = sample((int32_t)(two - odds[2 + y]) >> LAST_2);
    }
}

/* ---- blocks -------------------------------------------------------------- */

/* The first n rows' values; they become 0. Eight times a value in 16 bits, of
 * which the sign alone is left above its lowest 16, was below 8192. */
PART void
load(struct work *w, int16_t *place, const unsigned n, vec16 r[8])
{
    vec16 bad = {0};
    size16 sum = {0};
    for (unsigned i = 0; i < n; i++) {
        vec16 v = *(const vec16 *)(const void *)(place + (size_t)i * 8);
        r[i] = (vec16)((size16)v * (size16)w->step[i]);
        vec16 sign = r[i] >> 15;
        bad |= sign ^ times_high(v, w->step_8[i]);
        sum += (size16)(r[i] ^ sign);
    }
    memset(place, 0, n * 8 * sizeof *place);
    w->bad |= bad | (vec16)(sum > COLUMN_MOST);
}

typedef void way(struct work *w, int16_t *place);

/* A way for blocks whose first `rows` rows and columns alone are not 0: each by
 * itself, for in one function they would take each other's registers. */
#define WAY(name, block, rows)                                                 \
    static __attribute__((noinline)) void name(struct work *w, int16_t *place) \
    {                                                                          \
        vec16 r[8];                                                            \
        load(w, place, rows, r);                                               \
        block(r, w, rows);                                                     \
    }

WAY(corner_8, block_8, 4)
WAY(middle_8, block_8, 6)
WAY(full_8, block_8, 8)
WAY(corner_4, block_4, 4)
WAY(middle_4, block_4, 6)
WAY(full_4, block_4, 8)
WAY(corner_2, block_2, 4)
WAY(full_2, block_2, 8)

/* All coefficients but the DC are 0. */
PART void
flat(struct work *w, int16_t *place, const unsigned side)
{
    uint64_t v = flat_samples(place, w->quant, &w->flat_over);
    uint8_t *to = w->to;
    for (unsigned y = 0; y < side; y++, to += w->stride)
        memcpy(to, &v, side);
}

/* Coefficients that a block passes, at most, to keep to a corner of 6 x 6. */
enum { MIDDLE = 21 };

/* ---- strips -------------------------------------------------------------- */

/* False: a step is too large. */
PART bool
begin(struct work *w, const struct codec__strip *strip)
{
    vec16 all = {0};
    *w = (struct work){
        .quant = strip->quant, .to = strip->to, .stride = strip->stride};
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&w->step[i], strip->quant->step[i], sizeof *w->step);
        w->step_8[i] = (vec16)((size16)w->step[i] << 3);
        all |= w->step[i];
    }
    return is_zero(all & -STEP_END);
}

PART bool
strip_run(const struct codec__strip *strip, const unsigned side, way *corner,
          way *middle, way *full)
{
    struct work w;
    struct codec__walk walk = codec__walk(strip);
    bool good = begin(&w, strip);
    for (unsigned i = 0; good && i < strip->n; i++, w.to += side) {
        int16_t *place = codec__walk_on(&walk, strip);
        unsigned most = extent(place);
        if (most == 1)
            flat(&w, place, side);
        else if (most == CORNER)
            corner(&w, place);
        else if ((place[CODEC__PASSED] & 127) <= MIDDLE)
            middle(&w, place);
        else
            full(&w, place);
    }
    return good && !w.flat_over && is_zero(w.bad);
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
        strip->to[i] = sample((int32_t)ten_bits >> 22);
        *dc = 0;
    }
    return good;
}

bool
codec__idct_base(const struct codec__strip *strip)
{
    if (strip->side == 8)
        return strip_run(strip, 8, corner_8, middle_8, full_8);
    if (strip->side == 4)
        return strip_run(strip, 4, corner_4, middle_4, full_4);
    if (strip->side == 2)
        return strip_run(strip, 2, corner_2, full_2, full_2);
    return codec__idct_1(strip);
}
