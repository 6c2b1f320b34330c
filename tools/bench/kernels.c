/* kernels [ROUNDS]: what the row loops of operations cost, in nanoseconds a
 * sample (of one plane) at each instruction-set level that this machine has.
 * The levels take turns, and what is printed are medians over ROUNDS, 15 when
 * not said. Rows of ROW samples of noise, warm in the cache. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "op/kernel/blur.h"
#include "op/kernel/convert.h"
#include "op/kernel/levels.h"
#include "op/plane.h"

enum { ROW = 2400, TAPS = 16, LEVELS = 4, ROUNDS_MOST = 99, PAD = 64 };

/* ---- what the loops work on ---------------------------------------------- */

static struct {
    _Alignas(64) uint16_t from[TAPS][ROW + PAD];
    _Alignas(64) uint16_t to[MILL_PLANES][ROW + PAD];
    struct mill_arena *arena;
} bench;

static void
fill_bench(void)
{
    uint32_t noise = 1;
    for (unsigned r = 0; r < TAPS; r++)
        for (unsigned i = 0; i < ROW + PAD; i++) {
            noise = noise * 1664525u + 1013904223u;
            bench.from[r][i] = (uint16_t)(noise >> 18); /* 14 bits */
        }
    bench.arena = mill_arena_new(64 << 20);
}

/* ---- loops of formulas --------------------------------------------------- */

typedef void formula_fn(const struct op__rows *);

static uint64_t
run_formula(formula_fn *formula, unsigned n_planes, unsigned makes)
{
    struct op__rows rows = {
        .n = ROW, .n_planes = n_planes, .level = 128, .background = {1, 2, 3}};
    for (unsigned p = 0; p < MILL_PLANES; p++) {
        rows.from[p] = bench.from[p];
        rows.to[p] = bench.to[p];
    }
    formula(&rows);
    return (uint64_t)makes * ROW;
}

#define FORMULA(name, n_planes, makes)                                         \
    static uint64_t run_##name(const struct op__kernels *level)                \
    {                                                                          \
        return run_formula(level->convert->name[0], n_planes, makes);          \
    }

FORMULA(ycc_of_rgb, 3, 3)
FORMULA(rgb_of_ycc, 3, 3)
FORMULA(gray_of_rgb, 3, 1)
FORMULA(rgb_of_cmyk, 4, 3)
FORMULA(multiply, 3, 3)
FORMULA(divide, 3, 3)
FORMULA(cover_straight, 3, 3)
FORMULA(cover_multiplied, 3, 3)

/* ---- blur ---------------------------------------------------------------- */

/* As of sigma 2: 13 rows. */
static uint64_t
run_weigh(const struct op__kernels *level)
{
    static const uint32_t weights[] = {9, 99, 999, 9999, 9999, 9999, 19999};
    const void *rows[13];
    for (unsigned k = 0; k < MILL_COUNT(rows); k++)
        rows[k] = bench.from[k];
    struct op__weigh weigh = {rows, weights, 6, 17};
    level->blur->weigh[0](&weigh, bench.to[0], ROW);
    return ROW;
}

static uint64_t
run_settle(const struct op__kernels *level)
{
    level->blur->settle[0](bench.to[0], bench.from[0], ROW);
    return ROW;
}

static uint64_t
run_sharpen(const struct op__kernels *level)
{
    level->blur->sharpen[0](bench.to[0], bench.from[0], bench.from[1], ROW,
                            3000, 500);
    return ROW;
}

/* ---- resize: samples that come ------------------------------------------- */

static uint64_t
resize(const struct op__kernels *level, unsigned depth, uint32_t out,
       uint32_t rows)
{
    struct mill_err err;
    struct op__span in = {ROW, ROW, 0, 1}, to = {out, out, 0, 1};
    struct op__axis axis = op__axis_make(&in, out, 0, &to, MILL_LANCZOS3);
    struct op__plane_plan plan = {axis, axis, depth, rows};
    struct op__plane plane;
    uint32_t first, last, fed = 0;
    mill_arena_clear(bench.arena);
    const size_t stride = (size_t)(ROW + PAD) * depth / 8;
    uint8_t *made = mill_arena_take(bench.arena, 16 * stride, &err);
    if (!made || op__plane_init(&plane, &plan, NULL, 0, bench.arena, &err))
        abort();
    plane.kernels = level->resize;
    for (uint32_t y = 0; y + 16 <= out; y += 16) {
        op__axis_reach(&axis, y + 15, &first, &last);
        for (; fed <= last; fed = plane.fed) {
            struct mill_rows from = {.at = bench.from,
                                     .stride_bytes = sizeof bench.from[0],
                                     .y = fed,
                                     .n = TAPS};
            uint32_t left = last + 1 - fed;
            op__plane_feed(&plane, &from, fed + (left < TAPS ? left : TAPS));
        }
        op__plane_make(&plane, y, 16, made, stride);
    }
    return (uint64_t)fed * ROW;
}

static uint64_t
run_two_thirds(const struct op__kernels *level)
{
    return resize(level, 8, ROW * 2 / 3, 64);
}

static uint64_t
run_half(const struct op__kernels *level)
{
    return resize(level, 8, ROW / 2, 64);
}

static uint64_t
run_half_16(const struct op__kernels *level)
{
    return resize(level, 16, ROW / 2, 64);
}

static uint64_t
run_fifth(const struct op__kernels *level)
{
    return resize(level, 8, ROW / 5, 160);
}

static uint64_t
run_tenth(const struct op__kernels *level)
{
    return resize(level, 8, ROW / 10, 256);
}

/* ---- all of it ----------------------------------------------------------- */

static const struct {
    const char *name;
    uint64_t (*run)(const struct op__kernels *level); /* samples done */
} loops[] = {
    {"ycc of rgb", run_ycc_of_rgb},
    {"rgb of ycc", run_rgb_of_ycc},
    {"gray of rgb", run_gray_of_rgb},
    {"rgb of cmyk", run_rgb_of_cmyk},
    {"multiply", run_multiply},
    {"divide", run_divide},
    {"cover straight", run_cover_straight},
    {"cover multiplied", run_cover_multiplied},
    {"blur, 13 rows", run_weigh},
    {"settle", run_settle},
    {"sharpen", run_sharpen},
    {"resize 2/3", run_two_thirds},
    {"resize 1/2", run_half},
    {"resize 1/5", run_fifth},
    {"resize 1/10", run_tenth},
    {"16 bits, 1/2", run_half_16},
};

static double
cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ns a sample, over about two milliseconds. */
static double
time_loop(unsigned loop, const struct op__kernels *level)
{
    double begun = cpu_ns(), now = begun;
    uint64_t samples = 0;
    for (; now - begun < 2e6; now = cpu_ns())
        for (unsigned i = 0; i < 8; i++)
            samples += loops[loop].run(level);
    return (now - begun) / (double)samples;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    static double ns[LEVELS][ROUNDS_MOST];
    int said = argc > 1 ? atoi(argv[1]) : 15;
    unsigned rounds = said > 0 && said <= ROUNDS_MOST ? (unsigned)said : 15;
    fill_bench();
    printf("%-20s", "ns a sample");
    for (unsigned l = 0; l < LEVELS && op__kernels_at(l); l++)
        printf("%12s", op__kernels_at(l)->level);
    printf("\n");
    for (unsigned i = 0; i < MILL_COUNT(loops); i++) {
        for (unsigned r = 0; r < rounds; r++)
            for (unsigned l = 0; l < LEVELS && op__kernels_at(l); l++)
                ns[l][r] = time_loop(i, op__kernels_at(l));
        printf("%-20s", loops[i].name);
        for (unsigned l = 0; l < LEVELS && op__kernels_at(l); l++) {
            qsort(ns[l], rounds, sizeof ns[l][0], compare);
            printf("%12.3f", ns[l][rounds / 2]);
        }
        printf("\n");
    }
    mill_arena_free(bench.arena);
    return 0;
}
