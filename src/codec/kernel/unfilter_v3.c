/* PNG's filters undone by x86-64-v3, eight rows at once, or twice eight.
 *
 * Two waves of four rows, as in unfilter_v2.c, lie in the halves of one
 * register and never cross: the upper one follows some columns behind, far
 * enough for what is above it, the last row of the lower one, to have left the
 * registers' chain of steps by then.
 *
 *      row 0  . . . . . . . . . . . . . . t            lower half
 *      row 3  . . . . . . . . . . . t-3
 *      row 4  . . . t-11                               upper half
 *      row 7  t-14
 *
 * A step waits for the one before it longer than it works; so where the next
 * eight rows have such filters too, they go on meanwhile, some way behind.
 *
 * For 1 to 4 bytes a px. Wider px, rows of other filters and the rows that are
 * left over are for the level below. */
#include "unfilter.h"

#include <immintrin.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

enum { HALF = 4, ROWS = 2 * HALF, COLUMNS = 4 };
enum { BEHIND = 11 };             /* columns, of the upper half */
enum { LAG = BEHIND + HALF - 1 }; /* of the last row */
enum { WAVES = 2, APART = 64 };   /* columns: what is stored has left the CPU */

/* Eight rows, and what each looks at: all ones where it does. */
struct wave {
    uint8_t *row[ROWS];
    const uint8_t *above;
    __m256i left, corner; /* of the step before; above of this one's corner */
    __m128i last[2];      /* row 3's columns, of the last two times */
    __m256i use_left, use_above, use_corner, use_average;
};

/* How many columns a row is behind the first. */
ALWAYS size_t
lag(size_t r)
{
    return r < HALF ? r : BEHIND + r - HALF;
}

/* ---- px in lanes --------------------------------------------------------- */

/* Four px side by side to one a lane, of two rows, and back. Loads may read and
 * stores never write beyond four px. */
ALWAYS __m256i
spread(const unsigned px)
{
    if (px == 3)
        return _mm256_broadcastsi128_si256(_mm_setr_epi8(
            0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
    if (px == 2)
        return _mm256_broadcastsi128_si256(_mm_setr_epi8(
            0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6, 7, -1, -1));
    return _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3, -1, -1, -1));
}

ALWAYS __m256i
gather(const unsigned px)
{
    if (px == 3)
        return _mm256_broadcastsi128_si256(_mm_setr_epi8(
            0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    if (px == 2)
        return _mm256_broadcastsi128_si256(_mm_setr_epi8(
            0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1));
    return _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
}

ALWAYS __m256i
load(const uint8_t *low, const uint8_t *high, const unsigned px)
{
    __m256i v = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low)),
        _mm_loadu_si128((const __m128i *)high), 1);
    return px == 4 ? v : _mm256_shuffle_epi8(v, spread(px));
}

ALWAYS void
store_word(uint8_t *at, int v)
{
    memcpy(at, &v, sizeof v);
}

ALWAYS void
store_half(uint8_t *at, __m128i v, const unsigned px)
{
    if (px == 4)
        _mm_storeu_si128((__m128i *)at, v);
    else if (px > 1)
        _mm_storel_epi64((__m128i *)at, v);
    if (px == 3)
        store_word(at + 8, _mm_extract_epi32(v, 2));
    if (px == 1)
        store_word(at, _mm_cvtsi128_si32(v));
}

ALWAYS void
store(uint8_t *low, uint8_t *high, __m256i v, const unsigned px)
{
    if (px < 4)
        v = _mm256_shuffle_epi8(v, gather(px));
    store_half(low, _mm256_castsi256_si128(v), px);
    store_half(high, _mm256_extracti128_si256(v, 1), px);
}

/* In each half for itself. */
ALWAYS void
transpose(__m256i v[HALF])
{
    __m256i ab_low = _mm256_unpacklo_epi32(v[0], v[1]);
    __m256i cd_low = _mm256_unpacklo_epi32(v[2], v[3]);
    __m256i ab_high = _mm256_unpackhi_epi32(v[0], v[1]);
    __m256i cd_high = _mm256_unpackhi_epi32(v[2], v[3]);
    v[0] = _mm256_unpacklo_epi64(ab_low, cd_low);
    v[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
    v[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
    v[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

/* ---- a step -------------------------------------------------------------- */

/* v and Paeth's guess, said otherwise than paeth.h does: of left and above the
 * one that is farther from the corner, if it is at least twice as far as the
 * other; else the corner. They lie on two sides of it; who is on the wrong side
 * is, by saturation, not far at all. */
ALWAYS __m256i
add_paeth(__m256i v, __m256i left, __m256i above, __m256i corner)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i low = _mm256_min_epu8(left, above);
    __m256i high = _mm256_max_epu8(left, above);
    __m256i down = _mm256_subs_epu8(corner, low);
    __m256i up = _mm256_subs_epu8(high, corner);
    __m256i is_high = _mm256_cmpeq_epi8(
        _mm256_subs_epu8(_mm256_adds_epu8(down, down), up), zero);
    __m256i is_low = _mm256_cmpeq_epi8(
        _mm256_subs_epu8(_mm256_adds_epu8(up, up), down), zero);
    __m256i px = _mm256_add_epi8(v, corner);
    px = _mm256_add_epi8(px, _mm256_and_si256(up, is_high));
    return _mm256_sub_epi8(px, _mm256_and_si256(down, is_low));
}

/* Rounded down; the instruction rounds up. */
ALWAYS __m256i
average(__m256i a, __m256i b)
{
    __m256i odd = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_set1_epi8(1));
    return _mm256_sub_epi8(_mm256_avg_epu8(a, b), odd);
}

/* v: what was stored, of eight rows; top: the highest lane of each half is the
 * px above its first row. mixed: the rows have filters other than Paeth. */
ALWAYS __m256i
step(struct wave *w, __m256i v, __m256i top, const bool mixed)
{
    __m256i above = _mm256_alignr_epi8(w->left, top, 12), px;
    if (mixed) {
        px = add_paeth(v, _mm256_and_si256(w->left, w->use_left),
                       _mm256_and_si256(above, w->use_above),
                       _mm256_and_si256(w->corner, w->use_corner));
        __m256i half = _mm256_add_epi8(v, average(w->left, above));
        px = _mm256_blendv_epi8(px, half, w->use_average);
    } else {
        px = add_paeth(v, w->left, above, w->corner);
    }
    w->corner = above;
    return w->left = px;
}

/* Four columns: v[r] of rows r and r + 4, top of the row above row 0. */
ALWAYS void
columns(struct wave *w, __m256i v[HALF], __m128i top_low, const bool mixed)
{
    __m256i top =
        _mm256_inserti128_si256(_mm256_castsi128_si256(top_low), w->last[1], 1);
    transpose(v);
    v[0] = step(w, v[0], _mm256_slli_si256(top, 12), mixed);
    v[1] = step(w, v[1], _mm256_slli_si256(top, 8), mixed);
    v[2] = step(w, v[2], _mm256_slli_si256(top, 4), mixed);
    v[3] = step(w, v[3], top, mixed);
    transpose(v);
    w->last[1] = w->last[0];
    w->last[0] = _mm256_castsi256_si128(v[3]);
}

/* ---- eight rows ---------------------------------------------------------- */

ALWAYS __m128i
load_top(const uint8_t *at, const unsigned px)
{
    return _mm256_castsi256_si128(load(at, at, px));
}

/* Columns t..t+3, some of which lie outside of some rows. */
ALWAYS void
edge(struct wave *w, size_t t, size_t width, const unsigned px,
     const bool mixed)
{
    uint8_t cell[ROWS + 1][32] = {{0}};
    __m256i v[HALF];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            if (t + i >= lag(r) && t + i - lag(r) < width)
                memcpy(cell[r] + i * px, w->row[r] + (t + i - lag(r)) * px, px);
    for (size_t i = 0; i < COLUMNS && t + i < width; i++)
        memcpy(cell[ROWS] + i * px, w->above + (t + i) * px, px);
    for (size_t r = 0; r < HALF; r++)
        v[r] = load(cell[r], cell[r + HALF], px);
    columns(w, v, load_top(cell[ROWS], px), mixed);
    for (size_t r = 0; r < HALF; r++)
        store(cell[r], cell[r + HALF], v[r], px);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            if (t + i >= lag(r) && t + i - lag(r) < width)
                memcpy(w->row[r] + (t + i - lag(r)) * px, cell[r] + i * px, px);
}

ALWAYS void
inside(struct wave *w, size_t t, const unsigned px, const bool mixed)
{
    __m256i v[HALF];
    for (size_t r = 0; r < HALF; r++)
        v[r] = load(w->row[r] + (t - lag(r)) * px,
                    w->row[r + HALF] + (t - lag(r + HALF)) * px, px);
    columns(w, v, load_top(w->above + t * px, px), mixed);
    for (size_t r = 0; r < HALF; r++)
        store(w->row[r] + (t - lag(r)) * px,
              w->row[r + HALF] + (t - lag(r + HALF)) * px, v[r], px);
}

/* Columns t..t+3 of the first of n waves, and what then is the others' turn. */
ALWAYS void
advance(struct wave *w, const unsigned n, size_t t, size_t width,
        const unsigned px, const bool mixed)
{
    for (unsigned k = 0; k < n && t >= k * APART; k++) {
        size_t own = t - k * APART;
        if (own >= LAG && own + COLUMNS <= width)
            inside(&w[k], own, px, mixed);
        else if (own < width + LAG)
            edge(&w[k], own, width, px, mixed);
    }
}

ALWAYS void
run(const struct wave *given, const unsigned n, size_t width, const unsigned px,
    const bool mixed)
{
    struct wave w[WAVES] = {given[0], given[n - 1]};
    size_t t = 0, late = LAG + (n - 1) * APART;
    for (; t < late; t += COLUMNS)
        advance(w, n, t, width, px, mixed);
    for (; t + COLUMNS <= width; t += COLUMNS)
        for (unsigned k = 0; k < n; k++)
            inside(&w[k], t - k * APART, px, mixed);
    for (; t < width + late; t += COLUMNS)
        advance(w, n, t, width, px, mixed);
}

#define DEFINE_RUN(px)                                                         \
    static void run_##px(const struct wave *w, unsigned n, size_t width,       \
                         bool mixed)                                           \
    {                                                                          \
        if (n == 1 && mixed)                                                   \
            run(w, 1, width, px, true);                                        \
        else if (n == 1)                                                       \
            run(w, 1, width, px, false);                                       \
        else if (mixed)                                                        \
            run(w, 2, width, px, true);                                        \
        else                                                                   \
            run(w, 2, width, px, false);                                       \
    }

DEFINE_RUN(1)
DEFINE_RUN(2)
DEFINE_RUN(3)
DEFINE_RUN(4)

static void (*const runs[])(const struct wave *w, unsigned n, size_t width,
                            bool mixed) = {NULL, run_1, run_2, run_3, run_4};

static __m256i
mask(const uint8_t *filter, unsigned which)
{
    uint32_t lane[ROWS];
    for (unsigned r = 0; r < ROWS; r++)
        lane[r] = which >> filter[r] & 1 ? UINT32_MAX : 0;
    return _mm256_loadu_si256((const __m256i *)lane);
}

static struct wave
wave_of(uint8_t *rows, const uint8_t *above, size_t stride,
        const uint8_t *filter)
{
    struct wave w = {.above = above,
                     .left = _mm256_setzero_si256(),
                     .corner = _mm256_setzero_si256(),
                     .last = {_mm_setzero_si128(), _mm_setzero_si128()},
                     .use_left = mask(filter, 1 << 1 | 1 << 4),
                     .use_above = mask(filter, 1 << 2 | 1 << 4),
                     .use_corner = mask(filter, 1 << 4),
                     .use_average = mask(filter, 1 << 3)};
    for (unsigned r = 0; r < ROWS; r++)
        w.row[r] = rows + r * stride + 1;
    return w;
}

static void
waves(const struct codec__raster *raster, unsigned n, const uint8_t *filter)
{
    struct wave w[WAVES];
    size_t stride = raster->row_bytes + 1;
    const uint8_t *above = raster->above;
    uint8_t *rows = raster->rows;
    bool mixed = false;
    for (unsigned k = 0; k < n; k++) {
        w[k] = wave_of(rows, above, stride, filter + k * ROWS);
        rows += ROWS * stride;
        above = rows - stride + 1;
    }
    for (unsigned r = 0; r < n * ROWS; r++)
        mixed |= filter[r] != 4;
    runs[raster->px_bytes](w, n, raster->row_bytes / raster->px_bytes, mixed);
}

/* ---- a raster ------------------------------------------------------------ */

enum { SHORT = 48 }; /* px: such rows are hardly more than their ends */

/* Eight rows at once cost less than two rows of Paeth. */
static bool
is_worth_it(const struct codec__raster *raster, uint32_t y, uint8_t *filter)
{
    unsigned worth = 0;
    if (raster->n < y + ROWS)
        return false;
    for (unsigned r = 0; r < ROWS; r++) {
        filter[r] = raster->rows[(y + r) * (raster->row_bytes + 1)];
        if (filter[r] >= CODEC__FILTERS)
            return false;
        worth += filter[r] > 2 || (filter[r] == 1 && raster->px_bytes < 3);
    }
    return worth > 1;
}

/* From the first row on. */
static unsigned
count_waves(const struct codec__raster *raster, uint8_t *filter)
{
    unsigned n = 0;
    if (raster->px_bytes > 4 || raster->row_bytes < SHORT * raster->px_bytes)
        return 0;
    while (n < WAVES && is_worth_it(raster, n * ROWS, filter + n * ROWS))
        n++;
    return n;
}

bool
codec__unfilter_v3(const struct codec__raster *raster)
{
    struct codec__raster left = *raster;
    while (left.n) {
        struct codec__raster part = left;
        uint8_t filter[WAVES * ROWS];
        unsigned n = count_waves(&left, filter);
        part.n = n ? n * ROWS : left.n < ROWS ? left.n : ROWS;
        if (n)
            waves(&part, n, filter);
        else if (!codec__unfilter_v2(&part))
            return false;
        left.rows += part.n * (left.row_bytes + 1);
        left.above = left.rows - left.row_bytes;
        left.n -= part.n;
    }
    return true;
}
