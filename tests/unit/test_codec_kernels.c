/* The row loops of PNG: every level gives what the plain loops give, and the
 * plain loops what the standard says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <imgmill/base.h>

#include "codec/kernel/kernels.h"

static uint32_t
noise(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* A block of its exact size, so that a sanitizer sees what is beyond. */
struct raster {
    struct codec__raster r;
    uint8_t *above, *rows;
    size_t n;
};

static void
raster_make(struct raster *t, size_t row_bytes, uint32_t n, unsigned px,
            uint32_t seed)
{
    t->n = (row_bytes + 1) * n + CODEC__RASTER_PAD;
    t->rows = malloc(t->n);
    t->above = malloc(row_bytes + CODEC__RASTER_PAD);
    for (size_t i = 0; i < t->n; i++)
        t->rows[i] = (uint8_t)noise(&seed);
    for (size_t i = 0; i < row_bytes + CODEC__RASTER_PAD; i++)
        t->above[i] = (uint8_t)noise(&seed);
    for (uint32_t y = 0; y < n; y++)
        t->rows[y * (row_bytes + 1)] =
            (uint8_t)(seed % 3 ? noise(&seed) % CODEC__FILTERS : seed / 7 % 5);
    t->r = (struct codec__raster){.rows = t->rows,
                                  .above = t->above,
                                  .row_bytes = row_bytes,
                                  .n = n,
                                  .px_bytes = px};
}

static void
raster_clear(struct raster *t)
{
    free(t->rows);
    free(t->above);
}

/* ---- unfilter ------------------------------------------------------------ */

/* The standard's own words, in its order. */
static unsigned
guess(unsigned filter, unsigned a, unsigned b, unsigned c)
{
    int p = (int)(a + b) - (int)c;
    int pa = abs(p - (int)a), pb = abs(p - (int)b), pc = abs(p - (int)c);
    switch (filter) {
    case 1:
        return a;
    case 2:
        return b;
    case 3:
        return (a + b) / 2;
    case 4:
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    default:
        return 0;
    }
}

static void
by_the_book(struct codec__raster *r)
{
    const uint8_t *above = r->above;
    uint8_t *row = r->rows + 1;
    for (uint32_t y = 0; y < r->n; y++, row += r->row_bytes + 1) {
        unsigned filter = row[-1];
        for (size_t i = 0; i < r->row_bytes; i++) {
            unsigned a = i < r->px_bytes ? 0 : row[i - r->px_bytes];
            unsigned c = i < r->px_bytes ? 0 : above[i - r->px_bytes];
            row[i] = (uint8_t)(row[i] + guess(filter, a, above[i], c));
        }
        above = row;
    }
}

static void
compare_unfilter(const struct codec__kernels *kernels, size_t row_bytes,
                 uint32_t n, unsigned px, uint32_t seed)
{
    struct raster ours, book;
    raster_make(&ours, row_bytes, n, px, seed);
    raster_make(&book, row_bytes, n, px, seed);
    by_the_book(&book.r);
    assert_true(kernels->unfilter(&ours.r));
    if (memcmp(ours.rows, book.rows, ours.n) != 0)
        fail_msg("%s: %u rows of %zu bytes, px of %u, seed %u", kernels->level,
                 n, row_bytes, px, seed);
    raster_clear(&ours);
    raster_clear(&book);
}

static void
every_level_unfilters_by_the_book(void **state)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 6, 8};
    static const uint32_t heights[] = {7, 8, 9, 16, 21};
    const struct codec__kernels *kernels;
    (void)state;
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++)
        for (unsigned p = 0; p < MILL_COUNT(sizes); p++) {
            for (uint32_t w = 1; w < 40; w++)
                for (uint32_t n = 1; n < 12; n++)
                    compare_unfilter(kernels, (size_t)w * sizes[p], n, sizes[p],
                                     w * 1000 + n * 7 + p);
            for (uint32_t w = 72; w < 96; w++)
                for (uint32_t n = 0; n < 3 * MILL_COUNT(heights); n++)
                    compare_unfilter(kernels, (size_t)w * sizes[p],
                                     heights[n / 3], sizes[p], w * 100 + n);
        }
}

static void
an_unknown_filter_is_told(void **state)
{
    const struct codec__kernels *kernels;
    (void)state;
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++)
        for (uint32_t y = 0; y < 9; y++) {
            struct raster t;
            raster_make(&t, 30, 9, 3, 5);
            t.rows[y * 31] = (uint8_t)(5 + 50 * (y % 6));
            assert_false(kernels->unfilter(&t.r));
            raster_clear(&t);
        }
}

/* ---- filter -------------------------------------------------------------- */

/* Undone, the filtered row is the row. */
static void
compare_filter(const struct codec__kernels *kernels, const struct raster *t,
               unsigned filter)
{
    size_t n = t->r.row_bytes;
    uint8_t *made = malloc(n + 1 + CODEC__RASTER_PAD);
    struct codec__row row = {t->rows + 1, t->above, n, t->r.px_bytes};
    struct codec__raster back = {made, t->above, n, 1, t->r.px_bytes};
    kernels->filter(&row, filter, made);
    assert_int_equal(made[0], filter);
    assert_true(codec__kernels_at(0)->unfilter(&back));
    if (memcmp(made + 1, t->rows + 1, n) != 0)
        fail_msg("%s: filter %u of %zu bytes, px of %u", kernels->level, filter,
                 n, row.px_bytes);
    free(made);
}

static void
compare_cost(const struct codec__kernels *kernels, const struct raster *t)
{
    size_t n = t->r.row_bytes;
    uint64_t ours[CODEC__FILTERS], plain[CODEC__FILTERS];
    uint8_t *block = malloc(n); /* no padding behind */
    memcpy(block, t->rows + 1, n);
    struct codec__row row = {block, t->above, n, t->r.px_bytes};
    kernels->cost(&row, ours);
    codec__kernels_at(0)->cost(&row, plain);
    assert_memory_equal(ours, plain, sizeof ours);
    free(block);
}

static void
every_level_filters_what_unfilters(void **state)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 6, 8};
    const struct codec__kernels *kernels;
    (void)state;
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++)
        for (unsigned p = 0; p < MILL_COUNT(sizes); p++)
            for (uint32_t w = 1; w < 60; w++) {
                struct raster t;
                raster_make(&t, (size_t)w * sizes[p], 1, sizes[p], w * 10 + p);
                for (unsigned f = 0; f < CODEC__FILTERS; f++)
                    compare_filter(kernels, &t, f);
                compare_cost(kernels, &t);
                raster_clear(&t);
            }
}

/* Nothing costs more than what is as far from 0 as can be. */
static void
sums_of_long_rows_fit(void **state)
{
    enum { LONG = 40000, DEAREST = 62 };
    const struct codec__kernels *kernels;
    struct raster t;
    (void)state;
    raster_make(&t, LONG, 1, 3, 1);
    memset(t.rows + 1, 128, LONG);
    memset(t.above, 0, LONG);
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++) {
        struct codec__row row = {t.rows + 1, t.above, LONG, 3};
        uint64_t cost[CODEC__FILTERS];
        kernels->cost(&row, cost);
        assert_int_equal(cost[0], (uint64_t)LONG * DEAREST);
        assert_int_equal(cost[2], (uint64_t)LONG * DEAREST);
        compare_cost(kernels, &t);
    }
    raster_clear(&t);
}

static void
costs_grow_with_distance(void **state)
{
    uint64_t before = 0;
    (void)state;
    for (unsigned v = 0; v <= 128; v++) {
        uint8_t at = (uint8_t)v, minus = (uint8_t)(256 - v), above = 0;
        uint64_t cost[CODEC__FILTERS], mirror[CODEC__FILTERS];
        codec__kernels()->cost(&(struct codec__row){&at, &above, 1, 1}, cost);
        codec__kernels()->cost(&(struct codec__row){&minus, &above, 1, 1},
                               mirror);
        assert_true(cost[0] >= before);
        assert_int_equal(cost[0], mirror[0]);
        before = cost[0];
    }
    assert_int_equal(before, 62);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_unfilters_by_the_book),
        cmocka_unit_test(an_unknown_filter_is_told),
        cmocka_unit_test(every_level_filters_what_unfilters),
        cmocka_unit_test(sums_of_long_rows_fit),
        cmocka_unit_test(costs_grow_with_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
