/* PNG's filters undone four rows at once, or twice four, in vectors of the
 * compiler's: unfilter_waves.h says how. Rows of px wider than 4 bytes, and the
 * few that end a raster, go row by row. */
#include "guess.h"

typedef uint32_t lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

/* ---- px in lanes --------------------------------------------------------- */

/* Four px side by side to one a lane, and back. There is no upper half. */
PART vec
load(const uint8_t *at, const uint8_t *high, const unsigned px)
{
    const vec none = {0};
    vec v;
    (void)high;
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
store(uint8_t *at, uint8_t *high, vec v, const unsigned px)
{
    (void)high;
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
transpose(vec v[4])
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

PART vec
plus(vec a, vec b)
{
    return a + b;
}

PART vec
add_paeth(vec v, vec left, vec above, vec corner)
{
    return v + choose(left, above, corner);
}

PART vec
pick(vec first, vec second, vec mask)
{
    return (first & ~mask) | (second & mask);
}

#define ABOVE(left, top, i)                                                    \
    (vec) __builtin_shufflevector((lanes)(top), (lanes)(left), i, 4, 5, 6)
#define JOIN(a, b) (a)

#define WIDE   vec
#define HALVES 1
#define WAVES  2
#define SHORT  1
#include "unfilter_waves.h"

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

static bool
one_row(const struct codec__raster *raster)
{
    uint8_t *row = raster->rows + 1;
    const uint8_t *above = raster->above;
    const unsigned px = raster->px_bytes, filter = raster->rows[0];
    const bool serial = filter == 1 || filter > 2;
    if (filter >= CODEC__FILTERS)
        return false;
    if (serial && rows_of[px])
        rows_of[px](row, above, raster->row_bytes, filter);
    else
        codec__unfilter_row(row, above, raster->row_bytes, px, filter);
    return true;
}

bool
codec__unfilter_waves(const struct codec__raster *raster)
{
    return unfilter(raster, 1, one_row);
}
