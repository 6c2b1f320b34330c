/* PNG's filters undone by x86-64-v2, four rows at once, or twice four:
 * unfilter_waves.h says how. Rows of px wider than 4 bytes, and the few that
 * end a raster, go row by row. */
#include <smmintrin.h>

#define HALVES     1
#define WIDE       __m128i
#define W(name)    _mm_##name
#define ZERO       _mm_setzero_si128()
#define LANES(x)   (x)
#define FIRST(v)   (v)
#define SECOND(v)  (v)
#define BOTH(a, b) (a)
#define UP(v, n)   _mm_slli_si128(v, n)
#define WAVES      2
#define SHORT      1
#include "unfilter_x86.h"

/* ---- single rows --------------------------------------------------------- */

/* Running sums of px over 16 bytes, of which whole px count. */
ALWAYS void
sub(uint8_t *row, size_t n, const unsigned px)
{
    const __m128i last3 =
        _mm_setr_epi8(9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9);
    const __m128i last4 = _mm_setr_epi8(12, 13, 14, 15, 12, 13, 14, 15, 12, 13,
                                        14, 15, 12, 13, 14, 15);
    const __m128i last = px == 3 ? last3 : last4;
    __m128i before = _mm_setzero_si128();
    size_t i = 0;
    for (; i + 16 <= n; i += 4 * px) {
        __m128i v = _mm_loadu_si128((const __m128i *)(row + i));
        v = _mm_add_epi8(v,
                         px == 3 ? _mm_slli_si128(v, 3) : _mm_slli_si128(v, 4));
        v = _mm_add_epi8(v,
                         px == 3 ? _mm_slli_si128(v, 6) : _mm_slli_si128(v, 8));
        v = _mm_add_epi8(v, before);
        _mm_storel_epi64((__m128i *)(row + i), v);
        store_word(row + i + 8, _mm_extract_epi32(v, 2));
        if (px == 4)
            store_word(row + i + 12, _mm_extract_epi32(v, 3));
        before = _mm_shuffle_epi8(v, last);
    }
    for (i = i > px ? i : px; i < n; i++)
        row[i] = (uint8_t)(row[i] + row[i - px]);
}

/* Px of 6 or 8 bytes, one at a time; 8 bytes can be read at the last one too:
 * the next row's filter byte and first byte, or the padding. */
ALWAYS void
wide(uint8_t *row, const uint8_t *above, size_t n, const unsigned px,
     const unsigned filter)
{
    __m128i left = ZERO, corner = ZERO;
    for (size_t i = 0; i < n; i += px) {
        __m128i v = _mm_loadl_epi64((const __m128i *)(row + i));
        __m128i top = _mm_loadl_epi64((const __m128i *)(above + i));
        if (filter == 1)
            left = _mm_add_epi8(v, left);
        else if (filter == 3)
            left = _mm_add_epi8(v, average(left, top));
        else
            left = add_paeth(v, left, top, corner);
        corner = top;
        uint64_t bytes = (uint64_t)_mm_cvtsi128_si64(left);
        memcpy(row + i, &bytes, px);
    }
}

ALWAYS void
wide_any(uint8_t *row, const uint8_t *above, size_t n, const unsigned px,
         unsigned filter)
{
    if (filter == 1)
        wide(row, above, n, px, 1);
    else if (filter == 3)
        wide(row, above, n, px, 3);
    else
        wide(row, above, n, px, 4);
}

static bool
one_row(const struct codec__raster *raster)
{
    uint8_t *row = raster->rows + 1;
    const uint8_t *above = raster->above;
    const size_t n = raster->row_bytes;
    const unsigned px = raster->px_bytes, filter = raster->rows[0];
    const bool serial = filter == 1 || filter > 2;
    if (filter >= CODEC__FILTERS)
        return false;
    if (serial && px == 6)
        wide_any(row, above, n, 6, filter);
    else if (serial && px == 8)
        wide_any(row, above, n, 8, filter);
    else if (filter == 1 && px == 3)
        sub(row, n, 3);
    else if (filter == 1 && px == 4)
        sub(row, n, 4);
    else
        codec__unfilter_row(row, above, n, px, filter);
    return true;
}

bool
codec__unfilter_v2(const struct codec__raster *raster)
{
    return unfilter(raster, 1, one_row);
}
