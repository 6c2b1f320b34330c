/* PNG's filters undone by x86-64-v2, four rows at once.
 *
 * Sub, average and Paeth need the px to the left, so within a row nothing can
 * be done side by side; but a row may follow the one above it by a single px.
 * One register holds a px of each of four rows, of row r the px x = t - r:
 *
 *      row 0  . . . . . t            a step makes all four from the step before
 *      row 1  . . . . t-1            (left) and the one before that (corner);
 *      row 2  . . . t-2              what is above row r is the left of row
 *      row 3  . . t-3                r - 1, moved on by a lane
 *
 * Sub is Paeth with nothing above, up is Paeth with nothing at the left, none
 * is Paeth with neither: masks of each row make all filters one step. Four
 * columns are loaded and transposed at once. Where a row begins and ends, a
 * small buffer stands for the columns that are not there.
 *
 * For 1 to 4 bytes a px. Rows of wider px, and the one to three that end a
 * raster, go row by row. */
#include "unfilter.h"

#include <smmintrin.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

enum { ROWS = 4 };

/* Four rows, and what each looks at: all ones where it does. */
struct wave {
    uint8_t *row[ROWS];
    const uint8_t *above;
    __m128i left, corner; /* of the step before; above of this one's corner */
    __m128i use_left, use_above, use_corner, use_average;
};

/* ---- px in lanes --------------------------------------------------------- */

/* Four px side by side to one a lane, and back. Loads may read and stores
 * never write beyond four px. */
ALWAYS __m128i
load(const uint8_t *at, const unsigned px)
{
    uint32_t four;
    if (px == 4)
        return _mm_loadu_si128((const __m128i *)at);
    if (px == 3)
        return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)at),
                                _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8,
                                              -1, 9, 10, 11, -1));
    if (px == 2)
        return _mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)at));
    memcpy(&four, at, 4);
    return _mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)four));
}

ALWAYS void
store_word(uint8_t *at, __m128i v)
{
    uint32_t four = (uint32_t)_mm_cvtsi128_si32(v);
    memcpy(at, &four, 4);
}

ALWAYS void
store(uint8_t *at, __m128i v, const unsigned px)
{
    const __m128i pack3 =
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m128i pack1 = _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1,
                                        -1, -1, -1, -1, -1);
    if (px == 4) {
        _mm_storeu_si128((__m128i *)at, v);
    } else if (px == 3) {
        v = _mm_shuffle_epi8(v, pack3);
        _mm_storel_epi64((__m128i *)at, v);
        store_word(at + 8, _mm_srli_si128(v, 8));
    } else if (px == 2) {
        _mm_storel_epi64((__m128i *)at, _mm_packus_epi32(v, v));
    } else {
        store_word(at, _mm_shuffle_epi8(v, pack1));
    }
}

ALWAYS void
transpose(__m128i v[ROWS])
{
    __m128i ab_low = _mm_unpacklo_epi32(v[0], v[1]);
    __m128i cd_low = _mm_unpacklo_epi32(v[2], v[3]);
    __m128i ab_high = _mm_unpackhi_epi32(v[0], v[1]);
    __m128i cd_high = _mm_unpackhi_epi32(v[2], v[3]);
    v[0] = _mm_unpacklo_epi64(ab_low, cd_low);
    v[1] = _mm_unpackhi_epi64(ab_low, cd_low);
    v[2] = _mm_unpacklo_epi64(ab_high, cd_high);
    v[3] = _mm_unpackhi_epi64(ab_high, cd_high);
}

/* ---- a step -------------------------------------------------------------- */

/* Paeth's guess, said otherwise than paeth.h does: of left and above the one
 * that is farther from the corner, if it is at least twice as far as the other;
 * else the corner. They lie on two sides of it; who is on the wrong side is, by
 * saturation, not far at all. */
ALWAYS __m128i
choose(__m128i left, __m128i above, __m128i corner)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i low = _mm_min_epu8(left, above);
    __m128i high = _mm_max_epu8(left, above);
    __m128i down = _mm_subs_epu8(corner, low);
    __m128i up = _mm_subs_epu8(high, corner);
    __m128i is_high =
        _mm_cmpeq_epi8(_mm_subs_epu8(_mm_adds_epu8(down, down), up), zero);
    __m128i is_low =
        _mm_cmpeq_epi8(_mm_subs_epu8(_mm_adds_epu8(up, up), down), zero);
    corner = _mm_add_epi8(corner, _mm_and_si128(up, is_high));
    return _mm_sub_epi8(corner, _mm_and_si128(down, is_low));
}

/* Rounded down; the instruction rounds up. */
ALWAYS __m128i
average(__m128i a, __m128i b)
{
    __m128i odd = _mm_and_si128(_mm_xor_si128(a, b), _mm_set1_epi8(1));
    return _mm_sub_epi8(_mm_avg_epu8(a, b), odd);
}

/* v: what was stored, of four rows; top: its highest lane is the px above row
 * 0. mixed: the rows have filters other than Paeth. */
ALWAYS __m128i
step(struct wave *w, __m128i v, __m128i top, const bool mixed)
{
    __m128i above = _mm_alignr_epi8(w->left, top, 12), guess;
    if (mixed) {
        guess = choose(_mm_and_si128(w->left, w->use_left),
                       _mm_and_si128(above, w->use_above),
                       _mm_and_si128(w->corner, w->use_corner));
        guess = _mm_blendv_epi8(guess, average(w->left, above), w->use_average);
    } else {
        guess = choose(w->left, above, w->corner);
    }
    w->corner = above;
    w->left = _mm_add_epi8(guess, v);
    return w->left;
}

/* Four columns: v[r] of row r, top of the row above. */
ALWAYS void
columns(struct wave *w, __m128i v[ROWS], __m128i top, const bool mixed)
{
    transpose(v);
    v[0] = step(w, v[0], _mm_slli_si128(top, 12), mixed);
    v[1] = step(w, v[1], _mm_slli_si128(top, 8), mixed);
    v[2] = step(w, v[2], _mm_slli_si128(top, 4), mixed);
    v[3] = step(w, v[3], top, mixed);
    transpose(v);
}

/* ---- four rows ----------------------------------------------------------- */

/* Columns t..t+3, some of which lie outside of some rows. */
ALWAYS void
edge(struct wave *w, size_t t, size_t width, const unsigned px,
     const bool mixed)
{
    uint8_t cell[ROWS + 1][32] = {{0}};
    __m128i v[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < 4; i++)
            if (t + i >= r && t + i - r < width)
                memcpy(cell[r] + i * px, w->row[r] + (t + i - r) * px, px);
    for (size_t i = 0; i < 4 && t + i < width; i++)
        memcpy(cell[ROWS] + i * px, w->above + (t + i) * px, px);
    for (size_t r = 0; r < ROWS; r++)
        v[r] = load(cell[r], px);
    columns(w, v, load(cell[ROWS], px), mixed);
    for (size_t r = 0; r < ROWS; r++)
        store(cell[r], v[r], px);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < 4; i++)
            if (t + i >= r && t + i - r < width)
                memcpy(w->row[r] + (t + i - r) * px, cell[r] + i * px, px);
}

ALWAYS void
inside(struct wave *w, size_t t, const unsigned px, const bool mixed)
{
    __m128i v[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        v[r] = load(w->row[r] + (t - r) * px, px);
    columns(w, v, load(w->above + t * px, px), mixed);
    for (size_t r = 0; r < ROWS; r++)
        store(w->row[r] + (t - r) * px, v[r], px);
}

ALWAYS void
run(const struct wave *given, size_t width, const unsigned px, const bool mixed)
{
    struct wave w = *given;
    size_t t = 0;
    w.left = w.corner = _mm_setzero_si128();
    edge(&w, t, width, px, mixed);
    for (t = 4; t + 4 <= width; t += 4)
        inside(&w, t, px, mixed);
    for (; t < width + ROWS - 1; t += 4)
        edge(&w, t, width, px, mixed);
}

#define DEFINE_RUN(px)                                                         \
    static void run_##px(const struct wave *w, size_t width, bool mixed)       \
    {                                                                          \
        if (mixed)                                                             \
            run(w, width, px, true);                                           \
        else                                                                   \
            run(w, width, px, false);                                          \
    }

DEFINE_RUN(1)
DEFINE_RUN(2)
DEFINE_RUN(3)
DEFINE_RUN(4)

static void (*const runs[])(const struct wave *w, size_t width,
                            bool mixed) = {NULL, run_1, run_2, run_3, run_4};

static __m128i
mask(const uint8_t *filter, unsigned which)
{
    uint32_t lane[ROWS];
    for (unsigned r = 0; r < ROWS; r++)
        lane[r] = which >> filter[r] & 1 ? UINT32_MAX : 0;
    return _mm_loadu_si128((const __m128i *)lane);
}

static void
four_rows(const struct codec__raster *raster, uint8_t *rows,
          const uint8_t *above, const uint8_t *filter)
{
    struct wave w = {.above = above,
                     .use_left = mask(filter, 1 << 1 | 1 << 4),
                     .use_above = mask(filter, 1 << 2 | 1 << 4),
                     .use_corner = mask(filter, 1 << 4),
                     .use_average = mask(filter, 1 << 3)};
    unsigned n_paeth = 0;
    for (unsigned r = 0; r < ROWS; r++) {
        w.row[r] = rows + r * (raster->row_bytes + 1) + 1;
        n_paeth += filter[r] == 4;
    }
    runs[raster->px_bytes](&w, raster->row_bytes / raster->px_bytes,
                           n_paeth < ROWS);
}

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
        store_word(row + i + 8, _mm_srli_si128(v, 8));
        if (px == 4)
            store_word(row + i + 12, _mm_srli_si128(v, 12));
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
    __m128i left = _mm_setzero_si128(), corner = left, guess;
    for (size_t i = 0; i < n; i += px) {
        __m128i v = _mm_loadl_epi64((const __m128i *)(row + i));
        __m128i top = _mm_loadl_epi64((const __m128i *)(above + i));
        if (filter == 1)
            guess = left;
        else if (filter == 3)
            guess = average(left, top);
        else
            guess = choose(left, top, corner);
        left = _mm_add_epi8(v, guess);
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

static void
one_row(uint8_t *row, const uint8_t *above, size_t n, unsigned px,
        unsigned filter)
{
    bool serial = filter == 1 || filter > 2;
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
}

/* ---- a raster ------------------------------------------------------------ */

/* Four rows at once cost about what one row of Paeth, or of average, costs;
 * up and none are cheap by themselves, and so is sub in px of 3 and 4 bytes. */
static bool
is_worth_it(const uint8_t *filter, unsigned px)
{
    unsigned worth = 0;
    for (unsigned r = 0; r < ROWS; r++)
        worth += filter[r] > 2 ? 3 : filter[r] == 1 && px < 3 ? 2 : 0;
    return px <= 4 && worth > 3;
}

static bool
read_filters(const struct codec__raster *raster, const uint8_t *row, unsigned n,
             uint8_t *filter)
{
    for (unsigned r = 0; r < n; r++) {
        filter[r] = row[r * (raster->row_bytes + 1)];
        if (filter[r] >= CODEC__FILTERS)
            return false;
    }
    return true;
}

bool
codec__unfilter_v2(const struct codec__raster *raster)
{
    size_t stride = raster->row_bytes + 1;
    const uint8_t *above = raster->above;
    uint8_t *row = raster->rows;
    for (uint32_t y = 0, n; y < raster->n; y += n) {
        uint8_t filter[ROWS] = {0};
        n = raster->n - y < ROWS ? raster->n - y : ROWS;
        if (!read_filters(raster, row, n, filter))
            return false;
        if (n == ROWS && is_worth_it(filter, raster->px_bytes)) {
            four_rows(raster, row, above, filter);
        } else {
            one_row(row + 1, above, raster->row_bytes, raster->px_bytes,
                    filter[0]);
            n = 1;
        }
        row += n * stride;
        above = row - stride + 1;
    }
    return true;
}
