/* Inverse DCTs by x86-64-v3, two blocks side by side, one in each half of a
 * register.
 *
 * Most blocks of a photograph hold few coefficients, so a pair whose
 * coefficients all stand in the corner of 4 x 4 goes a shorter way, and one of
 * DCs alone is filled. */
#include <immintrin.h>

#define WIDE     __m256i
#define W(name)  _mm256_##name
#define ZERO     _mm256_setzero_si256()
#define LANES(x) _mm256_broadcastsi128_si256(x)
#include "idct_lanes.h"

/* Two blocks and where their samples belong. */
struct pair {
    int16_t *a, *b; /* the same where there is but one */
    const struct codec__quant *quant;
    uint8_t *to;
    size_t stride;
    bool two;
    __m256i over;   /* not 0: a value is too large */
    bool flat_over; /* so is a DC that stood alone */
};

/* ---- coefficients -------------------------------------------------------- */

/* Row r of both blocks, dequantised. */
ALWAYS __m256i
load_row(struct pair *p, const unsigned r)
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
        _mm256_store_si256((__m256i *)(void *)(block + r * 8), ZERO);
}

/* The first n rows; the blocks become 0. */
ALWAYS void
load(struct pair *p, const unsigned n, __m256i r[8])
{
    for (unsigned i = 0; i < n; i++)
        r[i] = load_row(p, i);
    clear(p->a, n);
    clear(p->b, n);
}

/* ---- samples ------------------------------------------------------------- */

/* Two rows of samples, 8 of each block. */
ALWAYS void
put_rows(const struct pair *p, uint8_t *to, __m256i rows)
{
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

ALWAYS void
put_8(const struct pair *p, const __m256i columns[8])
{
    __m256i rows[4];
    bytes_8(columns, rows);
    for (unsigned i = 0; i < 4; i++)
        put_rows(p, p->to + 2 * i * p->stride, rows[i]);
}

ALWAYS void
put_4(const struct pair *p, const __m256i columns[4])
{
    const __m256i order = LANES(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m256i v = _mm256_shuffle_epi8(bytes_4(columns), order);
    __m128i a = _mm256_castsi256_si128(v), b = _mm256_extracti128_si256(v, 1);
    uint64_t rows[4];
    _mm_storeu_si128((__m128i *)rows, _mm_unpacklo_epi32(a, b));
    _mm_storeu_si128((__m128i *)rows + 1, _mm_unpackhi_epi32(a, b));
    for (unsigned y = 0; y < 4; y++)
        memcpy(p->to + y * p->stride, &rows[y], p->two ? 8 : 4);
}

/* A block's four samples. */
ALWAYS void
put_four(uint8_t *to, size_t stride, __m128i v)
{
    uint32_t four = (uint32_t)_mm_cvtsi128_si32(v);
    uint16_t upper = (uint16_t)four, lower = (uint16_t)(four >> 16);
    memcpy(to, &upper, sizeof upper);
    memcpy(to + stride, &lower, sizeof lower);
}

ALWAYS void
put_2(const struct pair *p, __m256i v)
{
    put_four(p->to, p->stride, _mm256_castsi256_si128(v));
    if (p->two)
        put_four(p->to + 2, p->stride, _mm256_extracti128_si256(v, 1));
}

/* ---- pairs --------------------------------------------------------------- */

ALWAYS void
flat(struct pair *p, const unsigned side)
{
    uint64_t a = flat_samples(p->a, p->quant, &p->flat_over);
    uint64_t b = p->two ? flat_samples(p->b, p->quant, &p->flat_over) : 0;
    uint8_t *to = p->to;
    for (unsigned y = 0; y < side; y++, to += p->stride) {
        memcpy(to, &a, side);
        if (p->two)
            memcpy(to + side, &b, side);
    }
}

ALWAYS void
pair_8(struct pair *p, bool corner)
{
    __m256i r[8];
    if (corner) {
        load(p, 4, r);
        corner_8(r);
    } else {
        load(p, 8, r);
        full_8(r);
    }
    put_8(p, r);
}

ALWAYS void
pair_4(struct pair *p, bool corner)
{
    __m256i r[8], columns[4];
    if (corner) {
        load(p, 4, r);
        corner_4(r, columns);
    } else {
        load(p, 8, r);
        full_4(r, columns);
    }
    put_4(p, columns);
}

ALWAYS void
pair_2(struct pair *p, bool corner)
{
    __m256i r[8] = {ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO};
    if (corner)
        load(p, 4, r);
    else
        load(p, 8, r);
    put_2(p, all_2(r));
}

/* ---- strips -------------------------------------------------------------- */

ALWAYS bool
strip_run(const struct codec__strip *strip, const unsigned side)
{
    struct pair p = {.quant = strip->quant,
                     .to = strip->to,
                     .stride = strip->stride,
                     .over = ZERO};
    struct codec__walk walk = codec__walk(strip);
    for (unsigned i = 0; i < strip->n; i += 2, p.to += 2 * side) {
        p.two = i + 1 < strip->n;
        p.a = codec__walk_on(&walk, strip);
        p.b = p.two ? codec__walk_on(&walk, strip) : p.a;
        unsigned a = extent(p.a), b = extent(p.b), most = a > b ? a : b;
        if (most == 1)
            flat(&p, side);
        else if (side == 8)
            pair_8(&p, most == CORNER);
        else if (side == 4)
            pair_4(&p, most == CORNER);
        else
            pair_2(&p, most == CORNER);
    }
    return !p.flat_over && _mm256_testz_si256(p.over, p.over);
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
