/* PNG's filters undone by x86-64's registers, four rows in each 128 bits.
 *
 * Sub, average and Paeth need the px to the left, so within a row nothing can
 * be done side by side; but a row may follow the one above it by a single px.
 * A register holds a px of each of four rows, of row r the px x = t - r:
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
 * A register of two halves holds eight rows. The halves never cross: the upper
 * one follows some columns behind, far enough for what is above it, the last
 * row of the lower one, to have left the registers' chain of steps by then.
 *
 *      row 0  . . . . . . . . . . . . . . t            lower half
 *      row 3  . . . . . . . . . . . t-3
 *      row 4  . . . t-11                               upper half
 *      row 7  t-14
 *
 * A step waits for the one before it longer than it works; so where the rows
 * that come next have such filters too, they go on meanwhile, as a wave of
 * their own, some way behind.
 *
 * A level says before what its register is: WIDE, W(name) for the instruction
 * of that width, ZERO, LANES(x) for x in each half, HALVES, FIRST(v) and
 * SECOND(v) of them, BOTH(a, b) the other way round, UP(v, n) for v moved up by
 * n bytes in each half, AND(a, b), XOR(a, b), and WAVES, how many at once; and
 * of pictures, SHORT: narrower ones are not worth it. For 1 to 4 bytes a px. */
#ifndef CODEC_KERNEL_UNFILTER_WAVES_H
#define CODEC_KERNEL_UNFILTER_WAVES_H

#include "part.h"
#include "unfilter.h"

#include <string.h>

enum { HALF = 4, ROWS = HALVES * HALF, COLUMNS = 4 };
enum { BEHIND = 11 }; /* columns, of the upper half */
enum { LAG = (HALVES - 1) * BEHIND + HALF - 1 }; /* of the last row */
enum { APART = 64 }; /* columns: what is stored has left the CPU */

/* Its rows, and what each looks at: all ones where it does. */
struct wave {
    uint8_t *row[ROWS];
    const uint8_t *above;
    WIDE left, corner; /* of the step before; above of this one's corner */
    __m128i last[2];   /* row 3's columns, of the last two times */
    WIDE use_left, use_above, use_corner, use_average;
};

/* How many columns a row is behind the first. */
PART size_t
lag(size_t r)
{
    return r % HALF + r / HALF * BEHIND;
}

/* The row in the other half of row r's register, if there is one. */
PART size_t
mate(size_t r)
{
    return (r + HALF) % ROWS;
}

/* ---- px in lanes --------------------------------------------------------- */

/* Four px side by side to one a lane, and back. Loads may read 16 bytes, stores
 * never write beyond four px. */
PART WIDE
spread(const unsigned px)
{
    if (px == 3)
        return LANES(_mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10,
                                   11, -1));
    if (px == 2)
        return LANES(_mm_setr_epi8(0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6,
                                   7, -1, -1));
    return LANES(_mm_setr_epi8(0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3,
                               -1, -1, -1));
}

PART WIDE
gather(const unsigned px)
{
    if (px == 3)
        return LANES(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1,
                                   -1, -1, -1));
    if (px == 2)
        return LANES(_mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1,
                                   -1, -1, -1));
    return LANES(_mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                               -1, -1, -1));
}

PART __m128i
load_half(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

PART WIDE
load(const uint8_t *low, const uint8_t *high, const unsigned px)
{
    WIDE v = BOTH(load_half(low), load_half(high));
    (void)high;
    return px == 4 ? v : W(shuffle_epi8)(v, spread(px));
}

PART void
store_word(uint8_t *at, int v)
{
    memcpy(at, &v, sizeof v);
}

PART void
store_half(uint8_t *at, __m128i v, const unsigned px)
{
    if (px == 4)
        _mm_storeu_si128((__m128i *)(void *)at, v);
    else if (px > 1)
        _mm_storel_epi64((__m128i *)(void *)at, v);
    if (px == 3)
        store_word(at + 8, _mm_extract_epi32(v, 2));
    if (px == 1)
        store_word(at, _mm_cvtsi128_si32(v));
}

PART void
store(uint8_t *low, uint8_t *high, WIDE v, const unsigned px)
{
    if (px < 4)
        v = W(shuffle_epi8)(v, gather(px));
    store_half(low, FIRST(v), px);
    if (HALVES > 1)
        store_half(high, SECOND(v), px);
}

/* In each half for itself. */
PART void
transpose(WIDE v[HALF])
{
    WIDE ab_low = W(unpacklo_epi32)(v[0], v[1]);
    WIDE cd_low = W(unpacklo_epi32)(v[2], v[3]);
    WIDE ab_high = W(unpackhi_epi32)(v[0], v[1]);
    WIDE cd_high = W(unpackhi_epi32)(v[2], v[3]);
    v[0] = W(unpacklo_epi64)(ab_low, cd_low);
    v[1] = W(unpackhi_epi64)(ab_low, cd_low);
    v[2] = W(unpacklo_epi64)(ab_high, cd_high);
    v[3] = W(unpackhi_epi64)(ab_high, cd_high);
}

/* ---- a step -------------------------------------------------------------- */

/* v and Paeth's guess, said otherwise than paeth.h does: of left and above the
 * one that is farther from the corner, if it is at least twice as far as the
 * other; else the corner. They lie on two sides of it; who is on the wrong side
 * is, by saturation, not far at all. */
PART WIDE
add_paeth(WIDE v, WIDE left, WIDE above, WIDE corner)
{
    WIDE low = W(min_epu8)(left, above), high = W(max_epu8)(left, above);
    WIDE down = W(subs_epu8)(corner, low), up = W(subs_epu8)(high, corner);
    WIDE is_high =
        W(cmpeq_epi8)(W(subs_epu8)(W(adds_epu8)(down, down), up), ZERO);
    WIDE is_low = W(cmpeq_epi8)(W(subs_epu8)(W(adds_epu8)(up, up), down), ZERO);
    WIDE px = W(add_epi8)(v, corner);
    px = W(add_epi8)(px, AND(up, is_high));
    return W(sub_epi8)(px, AND(down, is_low));
}

/* Rounded down; the instruction rounds up. */
PART WIDE
average(WIDE a, WIDE b)
{
    WIDE odd = AND(XOR(a, b), W(set1_epi8)(1));
    return W(sub_epi8)(W(avg_epu8)(a, b), odd);
}

/* v: what was stored; top: the highest lane of each half is the px above its
 * first row. mixed: the rows have filters other than Paeth. */
PART WIDE
step(struct wave *w, WIDE v, WIDE top, const bool mixed)
{
    WIDE above = W(alignr_epi8)(w->left, top, 12), px;
    if (mixed) {
        px = add_paeth(v, AND(w->left, w->use_left), AND(above, w->use_above),
                       AND(w->corner, w->use_corner));
        WIDE half = W(add_epi8)(v, average(w->left, above));
        px = W(blendv_epi8)(px, half, w->use_average);
    } else {
        px = add_paeth(v, w->left, above, w->corner);
    }
    w->corner = above;
    return w->left = px;
}

/* Four columns: v[r] of rows r and r + 4, top of the row above row 0. */
PART void
columns(struct wave *w, WIDE v[HALF], __m128i top_low, const bool mixed)
{
    WIDE top = BOTH(top_low, w->last[1]);
    transpose(v);
    v[0] = step(w, v[0], UP(top, 12), mixed);
    v[1] = step(w, v[1], UP(top, 8), mixed);
    v[2] = step(w, v[2], UP(top, 4), mixed);
    v[3] = step(w, v[3], top, mixed);
    transpose(v);
    w->last[1] = w->last[0];
    w->last[0] = FIRST(v[3]);
}

/* ---- the rows of a wave -------------------------------------------------- */

PART __m128i
load_top(const uint8_t *at, const unsigned px)
{
    return FIRST(load(at, at, px));
}

/* Columns t..t+3, some of which lie outside of some rows. */
PART void
edge(struct wave *w, size_t t, size_t width, const unsigned px,
     const bool mixed)
{
    uint8_t cell[ROWS + 1][32] = {{0}};
    WIDE v[HALF];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            if (t + i >= lag(r) && t + i - lag(r) < width)
                memcpy(cell[r] + i * px, w->row[r] + (t + i - lag(r)) * px, px);
    for (size_t i = 0; i < COLUMNS && t + i < width; i++)
        memcpy(cell[ROWS] + i * px, w->above + (t + i) * px, px);
    for (size_t r = 0; r < HALF; r++)
        v[r] = load(cell[r], cell[mate(r)], px);
    columns(w, v, load_top(cell[ROWS], px), mixed);
    for (size_t r = 0; r < HALF; r++)
        store(cell[r], cell[mate(r)], v[r], px);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            if (t + i >= lag(r) && t + i - lag(r) < width)
                memcpy(w->row[r] + (t + i - lag(r)) * px, cell[r] + i * px, px);
}

PART uint8_t *
place(const struct wave *w, size_t r, size_t t, const unsigned px)
{
    return w->row[r] + (t - lag(r)) * px;
}

PART void
inside(struct wave *w, size_t t, const unsigned px, const bool mixed)
{
    WIDE v[HALF];
    for (size_t r = 0; r < HALF; r++)
        v[r] = load(place(w, r, t, px), place(w, mate(r), t, px), px);
    columns(w, v, load_top(w->above + t * px, px), mixed);
    for (size_t r = 0; r < HALF; r++)
        store(place(w, r, t, px), place(w, mate(r), t, px), v[r], px);
}

/* ---- waves --------------------------------------------------------------- */

/* Columns t..t+3 of the first of n waves, and what then is the others' turn. */
PART void
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

PART void
run(const struct wave *given, const unsigned n, size_t width, const unsigned px,
    const bool mixed)
{
    struct wave w[WAVES];
    size_t t = 0, late = LAG + (n - 1) * APART;
    for (unsigned k = 0; k < n; k++)
        w[k] = given[k];
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
        if (n < WAVES && mixed)                                                \
            run(w, 1, width, px, true);                                        \
        else if (n < WAVES)                                                    \
            run(w, 1, width, px, false);                                       \
        else if (mixed)                                                        \
            run(w, WAVES, width, px, true);                                    \
        else                                                                   \
            run(w, WAVES, width, px, false);                                   \
    }

DEFINE_RUN(1)
DEFINE_RUN(2)
DEFINE_RUN(3)
DEFINE_RUN(4)

static void (*const runs[])(const struct wave *w, unsigned n, size_t width,
                            bool mixed) = {NULL, run_1, run_2, run_3, run_4};

static WIDE
mask(const uint8_t *filter, unsigned which)
{
    uint32_t lane[ROWS];
    WIDE v;
    for (unsigned r = 0; r < ROWS; r++)
        lane[r] = which >> filter[r] & 1 ? UINT32_MAX : 0;
    memcpy(&v, lane, sizeof v);
    return v;
}

static struct wave
wave_of(uint8_t *rows, const uint8_t *above, size_t stride,
        const uint8_t *filter)
{
    struct wave w = {.above = above,
                     .left = ZERO,
                     .corner = ZERO,
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

/* A wave costs less than two rows of Paeth; up and none are cheap by
 * themselves, and so is sub in px of 3 and 4 bytes. */
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

/* rest: undoes up to `rows` rows otherwise. */
PART bool
unfilter(const struct codec__raster *raster, uint32_t rows,
         bool (*rest)(const struct codec__raster *raster))
{
    struct codec__raster left = *raster;
    while (left.n) {
        struct codec__raster part = left;
        uint8_t filter[WAVES * ROWS];
        unsigned n = count_waves(&left, filter);
        part.n = n ? n * ROWS : left.n < rows ? left.n : rows;
        if (n)
            waves(&part, n, filter);
        else if (!rest(&part))
            return false;
        left.rows += part.n * (left.row_bytes + 1);
        left.above = left.rows - left.row_bytes;
        left.n -= part.n;
    }
    return true;
}

#endif
