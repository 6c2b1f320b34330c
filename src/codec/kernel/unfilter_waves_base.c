/* PNG's filters undone four rows at once, in vectors of the compiler's: NEON's
 * on arm64, SSE2's on x86-64.
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
 * columns are loaded and turned at once. Where a row begins and ends, a small
 * buffer stands for the columns that are not there.
 *
 * For 1 to 4 bytes a px. Rows of wider px, and the one to three that end a
 * raster, go row by row. */
#include "part.h"
#include "unfilter.h"

#include <string.h>

enum { ROWS = 4 };

typedef uint8_t vec __attribute__((vector_size(16)));
typedef uint32_t lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* Four rows, and what each looks at: all ones where it does. */
struct wave {
    uint8_t *row[ROWS];
    const uint8_t *above;
    vec left, corner; /* of the step before; above of this one's corner */
    vec use_left, use_above, use_corner, use_average;
};

/* ---- px in lanes --------------------------------------------------------- */

/* Four px side by side to one a lane, and back. Loads may read, and stores
 * never write, beyond four px. */
PART vec
load(const uint8_t *at, const unsigned px)
{
    const vec none = {0};
    vec v;
    memcpy(&v, at, sizeof v);
    if (px == 3)
        return __builtin_shufflevector(v, none, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7,
                                       8, 16, 9, 10, 11, 16);
    if (px == 2)
        return __builtin_shufflevector(v, none, 0, 1, 16, 16, 2, 3, 16, 16, 4,
                                       5, 16, 16, 6, 7, 16, 16);
    if (px == 1)
        return __builtin_shufflevector(v, none, 0, 16, 16, 16, 1, 16, 16, 16, 2,
                                       16, 16, 16, 3, 16, 16, 16);
    return v;
}

PART void
store(uint8_t *at, vec v, const unsigned px)
{
    if (px == 3)
        v = __builtin_shufflevector(v, v, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13,
                                    14, 3, 7, 11, 15);
    if (px == 2)
        v = __builtin_shufflevector(v, v, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7,
                                    10, 11, 14, 15);
    if (px == 1)
        v = __builtin_shufflevector(v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10,
                                    14, 3, 7, 11, 15);
    memcpy(at, &v, (size_t)4 * px);
}

PART void
transpose(vec v[ROWS])
{
    lanes a = (lanes)v[0], b = (lanes)v[1], c = (lanes)v[2], d = (lanes)v[3];
    lanes ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    lanes cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    lanes ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    lanes cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    v[0] = (vec)__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    v[1] = (vec)__builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    v[2] = (vec)__builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    v[3] = (vec)__builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/* ---- a step -------------------------------------------------------------- */

/* The lesser and the greater, as compilers know them. */
PART void
sort(vec *a, vec *b)
{
    uint8_t x[sizeof *a], y[sizeof *b];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    for (unsigned i = 0; i < sizeof x; i++) {
        uint8_t least = x[i] < y[i] ? x[i] : y[i];
        y[i] = x[i] > y[i] ? x[i] : y[i];
        x[i] = least;
    }
    memcpy(a, x, sizeof x);
    memcpy(b, y, sizeof y);
}

/* a - b, or 0. */
PART vec
beyond(vec a, vec b)
{
    vec least = b;
    sort(&least, &a);
    return a - b;
}

/* Paeth's guess, said otherwise than paeth.h does: of left and above the one
 * that is farther from the corner, if it is at least twice as far as the other;
 * else the corner. They lie on two sides of it; who is on the wrong side is not
 * far at all. */
PART vec
choose(vec left, vec above, vec corner)
{
    sort(&left, &above);
    vec down = beyond(corner, left), up = beyond(above, corner);
    vec is_high = (vec)(down <= up >> 1), is_low = (vec)(up <= down >> 1);
    return corner + (up & is_high) - (down & is_low);
}

/* Rounded down. */
PART vec
average(vec a, vec b)
{
    return (a & b) + ((a ^ b) >> 1);
}

/* v: what was stored, of four rows; above: what stands over each. mixed: the
 * rows have filters other than Paeth. */
PART vec
step(struct wave *w, vec v, lanes above_lanes, const bool mixed)
{
    vec above = (vec)above_lanes, guess;
    if (mixed) {
        guess = choose(w->left & w->use_left, above & w->use_above,
                       w->corner & w->use_corner);
        guess = (guess & ~w->use_average) |
                (average(w->left, above) & w->use_average);
    } else {
        guess = choose(w->left, above, w->corner);
    }
    w->corner = above;
    w->left = guess + v;
    return w->left;
}

/* What stands over each row: px i of the four of the row above them; then the
 * px that the rows gave in the step before. */
#define ABOVE(top, w, i)                                                       \
    __builtin_shufflevector((lanes)(top), (lanes)(w)->left, i, 4, 5, 6)

/* Four columns: v[r] of row r, top of the row above. */
PART void
columns(struct wave *w, vec v[ROWS], vec top, const bool mixed)
{
    transpose(v);
    v[0] = step(w, v[0], ABOVE(top, w, 0), mixed);
    v[1] = step(w, v[1], ABOVE(top, w, 1), mixed);
    v[2] = step(w, v[2], ABOVE(top, w, 2), mixed);
    v[3] = step(w, v[3], ABOVE(top, w, 3), mixed);
    transpose(v);
}

/* ---- four rows ----------------------------------------------------------- */

/* Columns t..t+3, some of which lie outside of some rows. */
PART void
edge(struct wave *w, size_t t, size_t width, const unsigned px,
     const bool mixed)
{
    uint8_t cell[ROWS + 1][32] = {{0}};
    vec v[ROWS];
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

PART void
inside(struct wave *w, size_t t, const unsigned px, const bool mixed)
{
    vec v[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        v[r] = load(w->row[r] + (t - r) * px, px);
    columns(w, v, load(w->above + t * px, px), mixed);
    for (size_t r = 0; r < ROWS; r++)
        store(w->row[r] + (t - r) * px, v[r], px);
}

PART void
run(const struct wave *given, size_t width, const unsigned px, const bool mixed)
{
    struct wave w = *given;
    size_t t = 0;
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

static vec
mask(const uint8_t *filter, unsigned which)
{
    lanes use;
    for (unsigned r = 0; r < ROWS; r++)
        use[r] = which >> filter[r] & 1 ? UINT32_MAX : 0;
    return (vec)use;
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

PART vec
load_eight(const uint8_t *at)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    return (vec)(halves){eight, 0};
}

/* Px of 3 bytes and more, one at a time. As many as eight bytes are read at the
 * last one too: the next row's, or the padding. */
PART void
by_px(uint8_t *row, const uint8_t *above, size_t n, const unsigned px,
      const unsigned filter)
{
    vec left = {0}, corner = {0}, guess;
    for (size_t i = 0; i < n; i += px) {
        vec v = load_eight(row + i), top = load_eight(above + i);
        if (filter == 1)
            guess = left;
        else if (filter == 3)
            guess = average(left, top);
        else
            guess = choose(left, top, corner);
        left = v + guess;
        corner = top;
        uint64_t eight = ((halves)left)[0];
        memcpy(row + i, &eight, px);
    }
}

#define DEFINE_ROW(px)                                                         \
    static void row_##px(uint8_t *row, const uint8_t *above, size_t n,         \
                         unsigned filter)                                      \
    {                                                                          \
        if (filter == 1)                                                       \
            by_px(row, above, n, px, 1);                                       \
        else if (filter == 3)                                                  \
            by_px(row, above, n, px, 3);                                       \
        else                                                                   \
            by_px(row, above, n, px, 4);                                       \
    }

DEFINE_ROW(3)
DEFINE_ROW(4)
DEFINE_ROW(6)
DEFINE_ROW(8)

static void (*const rows_of[])(uint8_t *row, const uint8_t *above, size_t n,
                               unsigned filter) = {
    [3] = row_3, [4] = row_4, [6] = row_6, [8] = row_8};

static void
one_row(uint8_t *row, const uint8_t *above, size_t n, unsigned px,
        unsigned filter)
{
    bool serial = filter == 1 || filter > 2;
    if (serial && rows_of[px])
        rows_of[px](row, above, n, filter);
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
codec__unfilter_waves(const struct codec__raster *raster)
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
