/* Grids, rectangles and turns against brute force: a turn is applied to a small
 * array of labels px by px, and a grid is judged by which px its samples cover.
 */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SIDE = 9, TURNS = 8 };

static const unsigned steps[] = {1, 2, 4, 8, 16, 3, 32};

/* A picture of labels. */
struct labels {
    uint32_t w, h;
    int at[SIDE][SIDE]; /* [y][x] */
};

static struct labels
labels_new(uint32_t w, uint32_t h)
{
    struct labels l = {.w = w, .h = h};
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            l.at[y][x] = (int)(y * 100 + x);
    return l;
}

/* Where the px x, y of a w x h picture goes, said turn by turn. */
static void
px_turned(enum mill_turn turn, uint32_t w, uint32_t h, uint32_t x, uint32_t y,
          uint32_t *tx, uint32_t *ty)
{
    const uint32_t to[TURNS][2] = {
        [MILL_TURN_0] = {x, y},
        [MILL_TURN_90] = {h - 1 - y, x}, /* the top row becomes the right one */
        [MILL_TURN_180] = {w - 1 - x, h - 1 - y},
        [MILL_TURN_270] = {y, w - 1 - x}, /* the top row, the left one */
        [MILL_FLOP] = {w - 1 - x, y},
        [MILL_FLIP] = {x, h - 1 - y},
        [MILL_TRANSPOSE] = {y, x},
        [MILL_TRANSVERSE] = {h - 1 - y, w - 1 - x},
    };
    *tx = to[turn][0];
    *ty = to[turn][1];
}

static bool
swaps(enum mill_turn turn)
{
    return turn == MILL_TURN_90 || turn == MILL_TURN_270 ||
           turn == MILL_TRANSPOSE || turn == MILL_TRANSVERSE;
}

static struct labels
labels_turn(const struct labels *l, enum mill_turn turn)
{
    struct labels out = {.w = l->w, .h = l->h};
    if (swaps(turn)) {
        out.w = l->h;
        out.h = l->w;
    }
    for (uint32_t y = 0; y < l->h; y++)
        for (uint32_t x = 0; x < l->w; x++) {
            uint32_t tx, ty;
            px_turned(turn, l->w, l->h, x, y, &tx, &ty);
            out.at[ty][tx] = l->at[y][x];
        }
    return out;
}

static void
assert_labels_equal(const struct labels *a, const struct labels *b)
{
    assert_int_equal(a->w, b->w);
    assert_int_equal(a->h, b->h);
    assert_memory_equal(a->at, b->at, sizeof a->at);
}

static void
turn_then_is_one_turn_after_another(void **state)
{
    (void)state;
    struct labels l = labels_new(3, 2);
    for (int a = 0; a < TURNS; a++)
        for (int b = 0; b < TURNS; b++) {
            struct labels first = labels_turn(&l, (enum mill_turn)a);
            struct labels both = labels_turn(&first, (enum mill_turn)b);
            enum mill_turn one =
                mill_turn_then((enum mill_turn)a, (enum mill_turn)b);
            struct labels once = labels_turn(&l, one);
            assert_labels_equal(&once, &both);
        }
}

static void
turn_inverse_undoes(void **state)
{
    (void)state;
    struct labels l = labels_new(3, 2);
    for (int t = 0; t < TURNS; t++) {
        enum mill_turn turn = (enum mill_turn)t;
        struct labels there = labels_turn(&l, turn);
        struct labels back = labels_turn(&there, mill_turn_inverse(turn));
        assert_labels_equal(&back, &l);
        assert_int_equal(mill_turn_swaps(turn), swaps(turn));
    }
}

/* EXIF says where row 0 and column 0 of the stored image are to be seen:
 * 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right
 * top, 7 right bottom, 8 left bottom. The stored corner 0,0 is at both. */
static void
orientation_puts_row_0_and_column_0_where_exif_says(void **state)
{
    (void)state;
    static const char *const sides[9] = {"",   "TL", "TR", "BR", "BL",
                                         "LT", "RT", "RB", "LB"};
    for (unsigned o = 1; o <= 8; o++) {
        struct labels stored = labels_new(3, 2);
        struct labels seen = labels_turn(&stored, mill_turn_of_orientation(o));
        for (int k = 0; k < 2; k++) {
            char side = sides[o][k];
            /* in the middle of that side lies a px of row 0 / column 0 */
            uint32_t x = side == 'R' ? seen.w - 1 : 0;
            uint32_t y = side == 'B' ? seen.h - 1 : 0;
            bool down = side == 'L' || side == 'R';
            for (uint32_t i = 0; i < (down ? seen.h : seen.w); i++) {
                int label = down ? seen.at[i][x] : seen.at[y][i];
                assert_int_equal(k == 0 ? label / 100 : label % 100, 0);
            }
        }
    }
}

static void
orientation_out_of_range_is_no_turn(void **state)
{
    (void)state;
    assert_int_equal(mill_turn_of_orientation(0), MILL_TURN_0);
    assert_int_equal(mill_turn_of_orientation(9), MILL_TURN_0);
    assert_int_equal(mill_turn_of_orientation(~0u), MILL_TURN_0);
}

static void
rect_turn_holds_the_same_px(void **state)
{
    (void)state;
    struct labels l = labels_new(5, 4);
    for (int t = 0; t < TURNS; t++)
        for (uint32_t i = 0; i < 5 * 4 * 5 * 4; i++) {
            struct mill_rect r = {i % 5, i / 5 % 4, i / 20 % 5 + 1,
                                  i / 100 + 1};
            if (r.x + r.w > 5 || r.y + r.h > 4)
                continue;
            enum mill_turn turn = (enum mill_turn)t;
            struct mill_rect to = mill_rect_turn(&r, 5, 4, turn);
            struct labels turned = labels_turn(&l, turn);
            assert_int_equal(to.w * to.h, r.w * r.h);
            for (uint32_t y = to.y; y < to.y + to.h; y++)
                for (uint32_t x = to.x; x < to.x + to.w; x++) {
                    uint32_t lx = (uint32_t)turned.at[y][x] % 100;
                    uint32_t ly = (uint32_t)turned.at[y][x] / 100;
                    assert_in_range(lx, r.x, r.x + r.w - 1);
                    assert_in_range(ly, r.y, r.y + r.h - 1);
                }
        }
}

/* ---- grids --------------------------------------------------------------- */

static void
assert_axis_holds(uint32_t size, uint32_t n, unsigned s, int at)
{
    assert_true(n >= 1 && at <= 0 && at > -(int)s);
    assert_true(at + (int)(n * s) >= (int)size);
    assert_true(at + (int)((n - 1) * s) < (int)size);
}

static void
assert_grid_holds(const struct mill_grid *g, uint32_t w, uint32_t h)
{
    assert_axis_holds(w, g->w, g->sx, g->x0);
    assert_axis_holds(h, g->h, g->sy, g->y0);
}

/* The sample that covers a px; sx, sy may differ. */
static uint32_t
sample_x(const struct mill_grid *g, uint32_t x)
{
    return (uint32_t)((int)x - g->x0) / g->sx;
}

static uint32_t
sample_y(const struct mill_grid *g, uint32_t y)
{
    return (uint32_t)((int)y - g->y0) / g->sy;
}

/* Calls what for grids of every size, several steps, every origin. */
static void
for_each_grid(void (*what)(const struct mill_grid *, uint32_t w, uint32_t h))
{
    for (uint32_t size = 0; size < SIDE * SIDE; size++)
        for (size_t i = 0; i < MILL_COUNT(steps); i++)
            for (unsigned back = 0; back < steps[i]; back++) {
                uint32_t w = size % SIDE + 1, h = size / SIDE + 1;
                unsigned sx = steps[i], sy = steps[(i + size) % 5];
                unsigned x0 = back, y0 = (back + size) % sy;
                struct mill_grid g = {
                    .w = (w + x0 + sx - 1) / sx,
                    .h = (h + y0 + sy - 1) / sy,
                    .sx = (uint8_t)sx,
                    .sy = (uint8_t)sy,
                    .x0 = (int8_t) - (int)x0,
                    .y0 = (int8_t) - (int)y0,
                };
                what(&g, w, h);
            }
}

static void
check_made(const struct mill_grid *g, uint32_t w, uint32_t h)
{
    struct mill_grid made = mill_grid_make(w, h, g->sx, g->sy);
    assert_grid_holds(g, w, h);
    assert_grid_holds(&made, w, h);
    assert_int_equal(made.x0 | made.y0, 0);
    assert_int_equal(made.sx, g->sx);
    assert_int_equal(made.sy, g->sy);
    assert_int_equal(mill_grid_equal(&made, g), g->x0 == 0 && g->y0 == 0);
}

static void
grid_make_covers_with_none_to_spare(void **state)
{
    (void)state;
    for_each_grid(check_made);
}

static void
check_crops(const struct mill_grid *g, uint32_t w, uint32_t h)
{
    for (uint32_t i = 0; i < w * w * h; i++) {
        struct mill_rect r = {i % w, i / w / w, i / w % w + 1, 0};
        r.h = (i * 7) % (h - r.y) + 1;
        if (r.x + r.w > w)
            continue;
        uint32_t dx, dy;
        struct mill_grid c = mill_grid_crop(g, &r, &dx, &dy);
        assert_grid_holds(&c, r.w, r.h);
        assert_int_equal(c.sx, g->sx);
        assert_int_equal(c.sy, g->sy);
        for (uint32_t x = 0; x < r.w; x++)
            assert_int_equal(sample_x(&c, x) + dx, sample_x(g, x + r.x));
        for (uint32_t y = 0; y < r.h; y++)
            assert_int_equal(sample_y(&c, y) + dy, sample_y(g, y + r.y));
        /* the same edges, not only the same cover */
        assert_int_equal(c.x0 + (int)r.x, g->x0 + (int)(dx * g->sx));
        assert_int_equal(c.y0 + (int)r.y, g->y0 + (int)(dy * g->sy));
    }
}

static void
grid_crop_keeps_samples_over_their_px(void **state)
{
    (void)state;
    for_each_grid(check_crops);
}

/* Sample i, j of the plane after the turn is sample tx, ty of a plane of
 * g->w x g->h labels that was turned: both must cover the same px. */
static void
check_turns(const struct mill_grid *g, uint32_t w, uint32_t h)
{
    for (int k = 0; k < TURNS; k++) {
        enum mill_turn turn = (enum mill_turn)k;
        struct mill_grid t = mill_grid_turn(g, w, h, turn);
        assert_grid_holds(&t, swaps(turn) ? h : w, swaps(turn) ? w : h);
        for (uint32_t i = 0; i < w * h; i++) {
            uint32_t x = i % w, y = i / w, px, py, sx, sy;
            px_turned(turn, w, h, x, y, &px, &py);
            px_turned(turn, g->w, g->h, sample_x(g, x), sample_y(g, y), &sx,
                      &sy);
            assert_int_equal(sample_x(&t, px), sx);
            assert_int_equal(sample_y(&t, py), sy);
        }
        struct mill_grid back =
            mill_grid_turn(&t, swaps(turn) ? h : w, swaps(turn) ? w : h,
                           mill_turn_inverse(turn));
        assert_true(mill_grid_equal(&back, g));
    }
}

static void
grid_turn_keeps_samples_over_their_px(void **state)
{
    (void)state;
    for_each_grid(check_turns);
}

static void
check_rows_above(const struct mill_grid *g, uint32_t w, uint32_t h)
{
    (void)w;
    for (uint32_t y = 0; y <= h; y++) {
        uint32_t n = 0;
        for (uint32_t r = 0; r < g->h; r++) {
            int top = g->y0 + (int)(r * g->sy);
            n += (top > 0 ? top : 0) < (int)y;
        }
        assert_int_equal(mill_grid_rows_above(g, y), n);
    }
    assert_int_equal(mill_grid_rows_above(g, h), g->h);
}

static void
rows_above_counts_top_edges(void **state)
{
    (void)state;
    for_each_grid(check_rows_above);
}

static void
grids_reach_the_largest_picture(void **state)
{
    (void)state;
    uint32_t most = UINT32_MAX;
    struct mill_grid g = mill_grid_make(most, most, 32, 1);
    assert_int_equal(g.w, 1u << 27);
    assert_int_equal(g.h, most);
    struct mill_grid t = mill_grid_turn(&g, most, most, MILL_TURN_90);
    assert_int_equal(t.h, 1u << 27);
    assert_int_equal(t.y0, 0);
    t = mill_grid_turn(&g, most, most, MILL_FLOP);
    assert_int_equal(t.x0, -1);
    struct mill_rect last = {most - 1, most - 1, 1, 1};
    struct mill_grid c = mill_grid_crop(&t, &last, NULL, NULL);
    assert_grid_holds(&c, 1, 1);
    assert_int_equal(c.x0, -31);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turn_then_is_one_turn_after_another),
        cmocka_unit_test(turn_inverse_undoes),
        cmocka_unit_test(orientation_puts_row_0_and_column_0_where_exif_says),
        cmocka_unit_test(orientation_out_of_range_is_no_turn),
        cmocka_unit_test(rect_turn_holds_the_same_px),
        cmocka_unit_test(grid_make_covers_with_none_to_spare),
        cmocka_unit_test(grid_crop_keeps_samples_over_their_px),
        cmocka_unit_test(grid_turn_keeps_samples_over_their_px),
        cmocka_unit_test(rows_above_counts_top_edges),
        cmocka_unit_test(grids_reach_the_largest_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
