/* PNG's filters undone in vectors, four rows in each 128 bits, for 1 to 4 bytes
 * a px.
 *
 * Sub, average and Paeth need the px to the left, so within a row nothing can
 * be done side by side; but a row may follow the one above it by a single px.
 * A vector holds a px of each of four rows, of row r the px x = t - r:
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
 * A vector of two halves holds eight rows. The halves never cross: the upper
 * one follows some columns behind, far enough for what is above it, the last
 * row of the lower one, to have left the vectors' chain of steps by then.
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
 * A level says before:
 *
 *      WIDE, HALVES            its vector, and how many 128 bits that are
 *      WAVES                   how many at once
 *      SHORT                   narrower pictures, in px, are not worth it
 *      load(low, high, px)     four px each, one a lane; high: of the upper
 *                              half, if there is one. 16 bytes may be read
 *      store(low, high, v, px) back; no byte more is written
 *      transpose(v)            each half for itself
 *      plus, average, add_paeth, pick
 *                              of bytes: a + b; (a + b) / 2; v + Paeth's guess;
 *                              the second where a mask is set
 *      ABOVE(left, top, i)     what stands over each row: lane i of top; then
 *                              the lanes of left, but for the last
 *      JOIN(a, b)              their first halves side by side */
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
    WIDE last[2];      /* row 3's columns, of the last two times */
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

/* ---- a step -------------------------------------------------------------- */

/* v: what was stored, of each row; above: what stands over it. mixed: the rows
 * have filters other than Paeth. */
PART WIDE
step(struct wave *w, WIDE v, WIDE above, const bool mixed)
{
    WIDE px;
    if (mixed) {
        px = add_paeth(v, w->left & w->use_left, above & w->use_above,
                       w->corner & w->use_corner);
        px = pick(px, plus(v, average(w->left, above)), w->use_average);
    } else {
        px = add_paeth(v, w->left, above, w->corner);
    }
    w->corner = above;
    return w->left = px;
}

/* Four columns: v[r] of rows r and r + 4, top of the row above row 0. */
PART void
columns(struct wave *w, WIDE v[HALF], WIDE top, const bool mixed)
{
    top = JOIN(top, w->last[1]);
    transpose(v);
    v[0] = step(w, v[0], ABOVE(w->left, top, 0), mixed);
    v[1] = step(w, v[1], ABOVE(w->left, top, 1), mixed);
    v[2] = step(w, v[2], ABOVE(w->left, top, 2), mixed);
    v[3] = step(w, v[3], ABOVE(w->left, top, 3), mixed);
    transpose(v);
    w->last[1] = w->last[0];
    w->last[0] = v[3];
}

/* ---- the rows of a wave -------------------------------------------------- */

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
    columns(w, v, load(cell[ROWS], cell[ROWS], px), mixed);
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
    const uint8_t *top = w->above + t * px;
    columns(w, v, load(top, top, px), mixed);
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
