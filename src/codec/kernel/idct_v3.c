/* Inverse DCTs by x86-64-v3, two blocks side by side, one in each half of a
 * register. */
#include <immintrin.h>

#define WIDE     __m256i
#define W(name)  _mm256_##name
#define ZERO     _mm256_setzero_si256()
#define LANES(x) _mm256_broadcastsi128_si256(x)
#include "idct_lanes.h"

/* Two blocks and where their samples belong. */
struct work {
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
load_row(struct work *w, const unsigned r)
{
    __m128i a = _mm_load_si128((const __m128i *)(w->a + r * 8));
    __m128i b = _mm_load_si128((const __m128i *)(w->b + r * 8));
    __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
    __m256i most =
        _mm256_load_si256((const __m256i *)(const void *)w->quant->most[r]);
    w->over =
        _mm256_or_si256(w->over, _mm256_subs_epu16(_mm256_abs_epi16(v), most));
    return _mm256_mullo_epi16(
        v, _mm256_load_si256((const __m256i *)(const void *)w->quant->step[r]));
}

ALWAYS void
clear(int16_t *block, const unsigned rows)
{
    for (unsigned r = 0; r < rows; r += 2)
        _mm256_store_si256((__m256i *)(void *)(block + r * 8), ZERO);
}

/* The first n rows; the blocks become 0. */
ALWAYS void
load(struct work *w, const unsigned n, __m256i r[8])
{
    for (unsigned i = 0; i < n; i++)
        r[i] = load_row(w, i);
    clear(w->a, n);
    clear(w->b, n);
}

/* ---- samples ------------------------------------------------------------- */

/* Two rows of samples, 8 of each block. */
ALWAYS void
put_rows(const struct work *w, uint8_t *to, __m256i rows)
{
    rows = _mm256_permute4x64_epi64(rows, 0xD8);
    __m128i upper = _mm256_castsi256_si128(rows);
    __m128i lower = _mm256_extracti128_si256(rows, 1);
    if (w->two) {
        _mm_storeu_si128((__m128i *)(void *)to, upper);
        _mm_storeu_si128((__m128i *)(void *)(to + w->stride), lower);
    } else {
        _mm_storel_epi64((__m128i *)(void *)to, upper);
        _mm_storel_epi64((__m128i *)(void *)(to + w->stride), lower);
    }
}

ALWAYS void
put_8(const struct work *w, const __m256i columns[8])
{
    __m256i rows[4];
    bytes_8(columns, rows);
    for (unsigned i = 0; i < 4; i++)
        put_rows(w, w->to + 2 * i * w->stride, rows[i]);
}

ALWAYS void
put_4(const struct work *w, const __m256i columns[4])
{
    const __m256i order = LANES(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m256i v = _mm256_shuffle_epi8(bytes_4(columns), order);
    __m128i a = _mm256_castsi256_si128(v), b = _mm256_extracti128_si256(v, 1);
    uint64_t rows[4];
    _mm_storeu_si128((__m128i *)rows, _mm_unpacklo_epi32(a, b));
    _mm_storeu_si128((__m128i *)rows + 1, _mm_unpackhi_epi32(a, b));
    for (unsigned y = 0; y < 4; y++)
        memcpy(w->to + y * w->stride, &rows[y], w->two ? 8 : 4);
}

ALWAYS void
put_2(const struct work *w, __m256i v)
{
    put_four(w->to, w->stride, _mm256_castsi256_si128(v));
    if (w->two)
        put_four(w->to + 2, w->stride, _mm256_extracti128_si256(v, 1));
}

ALWAYS void
flat(struct work *w, const unsigned side)
{
    uint64_t a = flat_samples(w->a, w->quant, &w->flat_over);
    uint64_t b = w->two ? flat_samples(w->b, w->quant, &w->flat_over) : 0;
    uint8_t *to = w->to;
    for (unsigned y = 0; y < side; y++, to += w->stride) {
        memcpy(to, &a, side);
        if (w->two)
            memcpy(to + side, &b, side);
    }
}

/* ---- strips -------------------------------------------------------------- */

enum { BLOCKS = 2 };

ALWAYS unsigned
take(struct work *w, struct codec__walk *walk, const struct codec__strip *strip,
     unsigned left)
{
    w->two = left > 1;
    w->a = codec__walk_on(walk, strip);
    w->b = w->two ? codec__walk_on(walk, strip) : w->a;
    unsigned a = extent(w->a), b = extent(w->b);
    return a > b ? a : b;
}

ALWAYS bool
is_zero(__m256i v)
{
    return _mm256_testz_si256(v, v);
}

#include "idct_strips.h"

bool
codec__idct_v3(const struct codec__strip *strip)
{
    return strip_run(strip);
}
