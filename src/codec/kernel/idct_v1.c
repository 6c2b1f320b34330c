/* Inverse DCTs by SSE2, which every x86-64 has: a block at a time, its rows in
 * a register each. */
#include <emmintrin.h>

#define WIDE     __m128i
#define W(name)  _mm_##name
#define ZERO     _mm_setzero_si128()
#define LANES(x) (x)
#include "idct_lanes.h"

/* A block and where its samples belong. */
struct work {
    int16_t *place;
    const struct codec__quant *quant;
    uint8_t *to;
    size_t stride;
    __m128i over;   /* not 0: a value is too large */
    bool flat_over; /* so is a DC that stood alone */
};

/* ---- coefficients -------------------------------------------------------- */

/* The first n rows, dequantised; the block becomes 0. */
ALWAYS void
load(struct work *w, const unsigned n, __m128i r[8])
{
    for (unsigned i = 0; i < n; i++) {
        __m128i *at = (__m128i *)(void *)(w->place + i * 8);
        __m128i v = _mm_load_si128(at);
        __m128i size = _mm_max_epi16(v, _mm_sub_epi16(ZERO, v));
        size = _mm_subs_epu16(
            size, *(const __m128i *)(const void *)w->quant->most[i]);
        w->over = _mm_or_si128(w->over, size);
        r[i] = _mm_mullo_epi16(
            v, *(const __m128i *)(const void *)w->quant->step[i]);
        _mm_store_si128(at, ZERO);
    }
}

/* ---- samples ------------------------------------------------------------- */

ALWAYS void
put_8(const struct work *w, const __m128i columns[8])
{
    __m128i rows[4];
    uint8_t *to = w->to;
    bytes_8(columns, rows);
    for (unsigned i = 0; i < 4; i++, to += 2 * w->stride) {
        _mm_storel_epi64((__m128i *)(void *)to, rows[i]);
        _mm_storel_epi64((__m128i *)(void *)(to + w->stride),
                         _mm_unpackhi_epi64(rows[i], rows[i]));
    }
}

ALWAYS void
put_4(const struct work *w, const __m128i columns[4])
{
    uint32_t rows[4];
    __m128i v = bytes_4(columns);
    v = _mm_unpacklo_epi8(v, _mm_unpackhi_epi64(v, v)); /* 0 and 2, 1 and 3 */
    v = _mm_unpacklo_epi8(v, _mm_unpackhi_epi64(v, v));
    _mm_storeu_si128((__m128i *)(void *)rows, v);
    for (unsigned y = 0; y < 4; y++)
        memcpy(w->to + y * w->stride, &rows[y], sizeof *rows);
}

ALWAYS void
put_2(const struct work *w, __m128i v)
{
    put_four(w->to, w->stride, v);
}

ALWAYS void
flat(struct work *w, const unsigned side)
{
    uint64_t v = flat_samples(w->place, w->quant, &w->flat_over);
    uint8_t *to = w->to;
    for (unsigned y = 0; y < side; y++, to += w->stride)
        memcpy(to, &v, side);
}

/* ---- strips -------------------------------------------------------------- */

enum { BLOCKS = 1 };

ALWAYS unsigned
take(struct work *w, struct codec__walk *walk, const struct codec__strip *strip,
     unsigned left)
{
    (void)left;
    w->place = codec__walk_on(walk, strip);
    return extent(w->place);
}

ALWAYS bool
is_zero(__m128i v)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(v, ZERO)) == 0xFFFF;
}

#include "idct_strips.h"

bool
codec__idct_v1(const struct codec__strip *strip)
{
    return strip_run(strip);
}
