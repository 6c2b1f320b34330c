/* Grids, rectangles and turns: the integer geometry of a picture.
 *
 * A grid is two axes that know nothing of each other, so cropping and mirroring
 * are written once, for an axis. A turn is three bits: do the axes change
 * places, and is the new x axis, the new y axis the old one backwards. All
 * eight turns, their products and their inverses follow from the bits.
 *
 * Pure functions; nothing here touches a sample. */
#include <imgmill/pixel.h>

enum { BACK_X = 1, BACK_Y = 2, SWAP = 4 };

static const uint8_t bits_of_turn[8] = {
    [MILL_TURN_0] = 0,
    [MILL_TURN_90] = SWAP | BACK_X,
    [MILL_TURN_180] = BACK_X | BACK_Y,
    [MILL_TURN_270] = SWAP | BACK_Y,
    [MILL_FLOP] = BACK_X,
    [MILL_FLIP] = BACK_Y,
    [MILL_TRANSPOSE] = SWAP,
    [MILL_TRANSVERSE] = SWAP | BACK_X | BACK_Y,
};

static const uint8_t turn_of_bits[8] = {
    [0] = MILL_TURN_0,
    [BACK_X] = MILL_FLOP,
    [BACK_Y] = MILL_FLIP,
    [BACK_X | BACK_Y] = MILL_TURN_180,
    [SWAP] = MILL_TRANSPOSE,
    [SWAP | BACK_X] = MILL_TURN_90,
    [SWAP | BACK_Y] = MILL_TURN_270,
    [SWAP | BACK_X | BACK_Y] = MILL_TRANSVERSE,
};

/* One direction of a grid. */
struct axis {
    uint32_t n;   /* samples */
    uint8_t step; /* px a sample */
    int8_t at;    /* edge of sample 0, px */
};

static struct axis
axis_x(const struct mill_grid *grid)
{
    return (struct axis){grid->w, grid->sx, grid->x0};
}

static struct axis
axis_y(const struct mill_grid *grid)
{
    return (struct axis){grid->h, grid->sy, grid->y0};
}

static struct mill_grid
grid_of_axes(struct axis x, struct axis y)
{
    return (struct mill_grid){
        .w = x.n, .h = y.n, .sx = x.step, .sy = y.step, .x0 = x.at, .y0 = y.at};
}

/* The fewest samples that reach from `at` to the picture's end. */
static uint32_t
axis_count(uint32_t size, unsigned step, int at)
{
    return (uint32_t)(((uint64_t)size + (uint64_t)-at + step - 1u) / step);
}

static struct axis
axis_crop(struct axis a, uint32_t from, uint32_t size, uint32_t *dropped)
{
    uint64_t into = (uint64_t)from + (uint64_t)-a.at;
    int at = -(int)(into % a.step);
    if (dropped)
        *dropped = (uint32_t)(into / a.step);
    return (struct axis){axis_count(size, a.step, at), a.step, (int8_t)at};
}

static struct axis
axis_back(struct axis a, uint32_t size)
{
    int64_t end = a.at + (int64_t)a.n * a.step;
    return (struct axis){a.n, a.step, (int8_t)((int64_t)size - end)};
}

struct mill_grid
mill_grid_make(uint32_t w, uint32_t h, unsigned sx, unsigned sy)
{
    struct axis x = {axis_count(w, sx, 0), (uint8_t)sx, 0};
    struct axis y = {axis_count(h, sy, 0), (uint8_t)sy, 0};
    return grid_of_axes(x, y);
}

bool
mill_grid_equal(const struct mill_grid *a, const struct mill_grid *b)
{
    return a->w == b->w && a->h == b->h && a->sx == b->sx && a->sy == b->sy &&
           a->x0 == b->x0 && a->y0 == b->y0;
}

struct mill_grid
mill_grid_crop(const struct mill_grid *grid, const struct mill_rect *r,
               uint32_t *dx, uint32_t *dy)
{
    return grid_of_axes(axis_crop(axis_x(grid), r->x, r->w, dx),
                        axis_crop(axis_y(grid), r->y, r->h, dy));
}

struct mill_grid
mill_grid_turn(const struct mill_grid *grid, uint32_t w, uint32_t h,
               enum mill_turn turn)
{
    unsigned bits = bits_of_turn[turn];
    struct axis x = bits & SWAP ? axis_y(grid) : axis_x(grid);
    struct axis y = bits & SWAP ? axis_x(grid) : axis_y(grid);
    if (bits & BACK_X)
        x = axis_back(x, bits & SWAP ? h : w);
    if (bits & BACK_Y)
        y = axis_back(y, bits & SWAP ? w : h);
    return grid_of_axes(x, y);
}

/* The two mirror bits as they stand when x and y change places. */
static unsigned
backs_swapped(unsigned bits)
{
    return (bits & BACK_X ? BACK_Y : 0u) | (bits & BACK_Y ? BACK_X : 0u);
}

enum mill_turn
mill_turn_then(enum mill_turn first, enum mill_turn then)
{
    unsigned a = bits_of_turn[first], b = bits_of_turn[then];
    unsigned moved = b & SWAP ? backs_swapped(a) | (a & SWAP) : a;
    return (enum mill_turn)turn_of_bits[moved ^ b];
}

enum mill_turn
mill_turn_inverse(enum mill_turn turn)
{
    unsigned bits = bits_of_turn[turn];
    if (bits & SWAP)
        bits = SWAP | backs_swapped(bits);
    return (enum mill_turn)turn_of_bits[bits];
}

bool
mill_turn_swaps(enum mill_turn turn)
{
    return bits_of_turn[turn] & SWAP;
}

enum mill_turn
mill_turn_of_orientation(unsigned orientation)
{
    static const uint8_t turns[9] = {
        MILL_TURN_0,    MILL_TURN_0,  MILL_FLOP,       MILL_TURN_180, MILL_FLIP,
        MILL_TRANSPOSE, MILL_TURN_90, MILL_TRANSVERSE, MILL_TURN_270};
    return orientation <= 8 ? (enum mill_turn)turns[orientation] : MILL_TURN_0;
}

struct mill_rect
mill_rect_turn(const struct mill_rect *r, uint32_t w, uint32_t h,
               enum mill_turn turn)
{
    unsigned bits = bits_of_turn[turn];
    struct mill_rect out = *r;
    if (bits & SWAP)
        out = (struct mill_rect){r->y, r->x, r->h, r->w};
    if (bits & BACK_X)
        out.x = (bits & SWAP ? h : w) - (out.x + out.w);
    if (bits & BACK_Y)
        out.y = (bits & SWAP ? w : h) - (out.y + out.h);
    return out;
}
