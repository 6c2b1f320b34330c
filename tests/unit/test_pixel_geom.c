/* The geometric run against doing one operation after another on a small array
 * of labels. A resize repeats px a whole number of times, which commutes with
 * turns and so can be done in either frame. */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 32, RUNS = 20000, STEPS = 6 };

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

static struct labels
labels_crop(const struct labels *l, const struct mill_rect *r)
{
    struct labels out = {.w = r->w, .h = r->h};
    assert_true(r->x + r->w <= l->w && r->y + r->h <= l->h);
    for (uint32_t y = 0; y < r->h; y++)
        for (uint32_t x = 0; x < r->w; x++)
            out.at[y][x] = l->at[r->y + y][r->x + x];
    return out;
}

static struct labels
labels_resize(const struct labels *l, uint32_t w, uint32_t h)
{
    struct labels out = {.w = w, .h = h};
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            out.at[y][x] = l->at[y * l->h / h][x * l->w / w];
    return out;
}

static struct labels
labels_turn(const struct labels *l, enum mill_turn turn)
{
    bool swaps = mill_turn_swaps(turn);
    struct labels out = {.w = swaps ? l->h : l->w, .h = swaps ? l->w : l->h};
    for (uint32_t y = 0; y < l->h; y++)
        for (uint32_t x = 0; x < l->w; x++) {
            struct mill_rect px = {x, y, 1, 1};
            px = mill_rect_turn(&px, l->w, l->h, turn);
            out.at[px.y][px.x] = l->at[y][x];
        }
    return out;
}

/* The run by its definition. */
static struct labels
labels_run(const struct labels *stored, const struct mill_geom *geom)
{
    struct labels l = labels_crop(stored, &geom->in);
    l = labels_resize(&l, geom->w, geom->h);
    l = labels_crop(&l, &geom->out);
    return labels_turn(&l, geom->turn);
}

static void
assert_labels_equal(const struct labels *a, const struct labels *b)
{
    assert_int_equal(a->w, b->w);
    assert_int_equal(a->h, b->h);
    assert_memory_equal(a->at, b->at, sizeof a->at);
}

static struct mill_rect
random_rect(uint32_t w, uint32_t h)
{
    uint32_t rw = (uint32_t)rand() % w + 1, rh = (uint32_t)rand() % h + 1;
    return (struct mill_rect){(uint32_t)rand() % (w - rw + 1),
                              (uint32_t)rand() % (h - rh + 1), rw, rh};
}

/* One random operation, on the labels and on the run. */
static void
one_step(struct labels *l, struct mill_geom *geom)
{
    uint32_t w = l->w, h = l->h;
    int kind = rand() % 4;
    if (kind == 0) {
        struct mill_rect r = random_rect(w, h);
        assert_true(mill_geom_crop(geom, &r));
        *l = labels_crop(l, &r);
    } else if (kind == 1 && !mill_geom_resizes(geom)) {
        uint32_t to_w = w * (1u + (uint32_t)rand() % 2u);
        uint32_t to_h = h * (1u + (uint32_t)rand() % 3u);
        assert_true(mill_geom_resize(geom, to_w, to_h, 1));
        *l = labels_resize(l, to_w, to_h);
    } else {
        enum mill_turn turn = (enum mill_turn)(rand() % 8);
        mill_geom_turn(geom, turn);
        *l = labels_turn(l, turn);
    }
}

static void
folding_means_one_after_another(void **state)
{
    (void)state;
    srand(7);
    for (int i = 0; i < RUNS; i++) {
        uint32_t w = (uint32_t)rand() % 9 + 1, h = (uint32_t)rand() % 9 + 1;
        struct labels stored = labels_new(w, h), now = stored;
        struct mill_geom geom = mill_geom_start(w, h);
        for (int k = 0; k < STEPS; k++) {
            one_step(&now, &geom);
            struct labels run = labels_run(&stored, &geom);
            assert_labels_equal(&run, &now);
            uint32_t made_w, made_h;
            mill_geom_size(&geom, &made_w, &made_h);
            assert_int_equal(made_w, now.w);
            assert_int_equal(made_h, now.h);
        }
    }
}

static void
crop_before_a_resize_is_a_hard_edge(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){10, 5, 80, 40}));
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){1, 2, 60, 30}));
    assert_memory_equal(&geom.in, (&(struct mill_rect){11, 7, 60, 30}),
                        sizeof geom.in);
    assert_memory_equal(&geom.out, (&(struct mill_rect){0, 0, 60, 30}),
                        sizeof geom.out);
    assert_false(mill_geom_resizes(&geom));
}

static void
crop_after_a_resize_leaves_in_alone(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    mill_geom_turn(&geom, MILL_TURN_90);
    assert_true(mill_geom_resize(&geom, 20, 40, 3));
    assert_int_equal(geom.w, 40);
    assert_int_equal(geom.h, 20);
    assert_int_equal(geom.kernel, 3);
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){0, 0, 20, 10}));
    assert_memory_equal(&geom.in, (&(struct mill_rect){0, 0, 100, 50}),
                        sizeof geom.in);
    assert_memory_equal(&geom.out, (&(struct mill_rect){0, 0, 10, 20}),
                        sizeof geom.out);
}

static void
a_second_resize_begins_a_new_run(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    assert_true(mill_geom_resize(&geom, 20, 10, 1));
    struct mill_geom before = geom;
    assert_false(mill_geom_resize(&geom, 40, 20, 2));
    assert_memory_equal(&geom, &before, sizeof geom);
}

static void
a_resize_to_the_same_size_is_none(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    mill_geom_turn(&geom, MILL_TURN_270);
    assert_true(mill_geom_resize(&geom, 50, 100, 2));
    assert_false(mill_geom_resizes(&geom));
    assert_int_equal(geom.kernel, 0);
    assert_true(mill_geom_resize(&geom, 25, 50, 1));
    assert_true(mill_geom_resize(&geom, 25, 50, 2));
    assert_int_equal(geom.kernel, 1);
}

static void
crop_beyond_the_picture_is_refused(void **state)
{
    (void)state;
    static const struct mill_rect wrong[] = {
        {0, 0, 51, 1},  {0, 0, 1, 101},        {50, 0, 1, 1},
        {0, 100, 1, 1}, {0, 0, 0, 1},          {0, 0, 1, 0},
        {1, 0, 50, 1},  {UINT32_MAX, 0, 2, 1}, {2, 0, UINT32_MAX, 1},
        {0, 1, 1, 100}, {0, 2, 1, UINT32_MAX}};
    struct mill_geom geom = mill_geom_start(100, 50);
    mill_geom_turn(&geom, MILL_TRANSPOSE);
    struct mill_geom before = geom;
    for (size_t i = 0; i < MILL_COUNT(wrong); i++)
        assert_false(mill_geom_crop(&geom, &wrong[i]));
    assert_memory_equal(&geom, &before, sizeof geom);
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){49, 99, 1, 1}));
}

static bool
is_nothing(const struct mill_geom *geom, uint32_t w, uint32_t h)
{
    struct mill_rect all = {0, 0, w, h};
    return geom->turn == MILL_TURN_0 && !mill_geom_resizes(geom) &&
           memcmp(&geom->in, &all, sizeof all) == 0 &&
           memcmp(&geom->out, &all, sizeof all) == 0;
}

static void
nothing_is_nothing(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    assert_true(is_nothing(&geom, 100, 50));
    mill_geom_turn(&geom, MILL_FLIP);
    assert_false(is_nothing(&geom, 100, 50));
    mill_geom_turn(&geom, MILL_FLIP);
    assert_true(is_nothing(&geom, 100, 50));
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){0, 0, 100, 50}));
    assert_true(is_nothing(&geom, 100, 50));
}

static void
a_resize_or_a_crop_is_something(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(100, 50);
    assert_true(mill_geom_resize(&geom, 100, 49, 1));
    assert_false(is_nothing(&geom, 100, 50));
    geom = mill_geom_start(100, 50);
    assert_true(mill_geom_crop(&geom, &(struct mill_rect){0, 0, 100, 49}));
    assert_false(is_nothing(&geom, 100, 50));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_means_one_after_another),
        cmocka_unit_test(crop_before_a_resize_is_a_hard_edge),
        cmocka_unit_test(crop_after_a_resize_leaves_in_alone),
        cmocka_unit_test(a_second_resize_begins_a_new_run),
        cmocka_unit_test(a_resize_to_the_same_size_is_none),
        cmocka_unit_test(crop_beyond_the_picture_is_refused),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(a_resize_or_a_crop_is_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
