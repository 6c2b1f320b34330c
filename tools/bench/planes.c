/* planes [-r ROUNDS] FILE...: what reading JPEGs costs, to planes that nobody
 * looks at. libjpeg-turbo, with all its SIMD, against our own reader at each
 * instruction-set level that this machine has, at each scale; one after the
 * other in each round, so that a slow minute is slow for all. Prints medians of
 * CPU seconds of all files together, and how often each level goes into the
 * library's.
 *
 * The program is linked so that it is asked which level to take. */
#include <imgmill/codec.h>

#include "codec/kernel/kernels.h"
#include "slurp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCALES = 4, READERS = 8, ROUNDS = 9, ROUNDS_MOST = 999 };
enum { ARENA_BYTES = 16 << 20 };

struct bench {
    const struct codec__kernels *level; /* NULL: the library */
    struct mill_arena *arena;
    struct mill_bytes *files;
    char **names;
    size_t n;
};

/* What the room is told when it asks which level this machine has. */
static const struct codec__kernels *chosen;

const struct codec__kernels *__wrap_codec__kernels(void);

const struct codec__kernels *
__wrap_codec__kernels(void)
{
    return chosen;
}

/* ---- a sink that forgets ------------------------------------------------- */

static enum mill_flow
begin(struct mill_sink *sink, const struct mill_shape *shape,
      const struct mill_meta *meta, struct mill_err *err)
{
    (void)sink, (void)shape, (void)meta, (void)err;
    return MILL_FLOW_MORE;
}

static enum mill_flow
forget(struct mill_sink *sink, const struct mill_band *band,
       struct mill_err *err)
{
    (void)sink, (void)band, (void)err;
    return MILL_FLOW_MORE;
}

static enum mill_flow
end(struct mill_sink *sink, struct mill_err *err)
{
    (void)sink, (void)err;
    return MILL_FLOW_MORE;
}

/* ---- reading ------------------------------------------------------------- */

static void
read_planes(const struct bench *bench, size_t i, unsigned shrink)
{
    uint32_t warnings = 0, notes = 0;
    struct mill_err err = {0};
    struct mill_sink sink = {begin, forget, end, NULL};
    struct mill_decode how = {.shrink = (uint8_t)shrink,
                              .limits = mill_limits_default(),
                              .library = !bench->level,
                              .arena = bench->arena,
                              .warnings = &warnings,
                              .notes = &notes};
    const struct mill_codec *codec = mill_codec_named("jpeg");
    struct mill_bytes in = bench->files[i];
    if (codec->decode(in, &how, &sink, &err) != MILL_OK)
        fprintf(stderr, "planes: %s: %s\n", bench->names[i], err.text);
    mill_arena_clear(bench->arena);
}

static double
cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double
measure(struct bench *bench, const struct codec__kernels *level,
        unsigned shrink)
{
    bench->level = chosen = level;
    double before = cpu_seconds();
    for (size_t i = 0; i < bench->n; i++)
        read_planes(bench, i, shrink);
    return cpu_seconds() - before;
}

/* ---- figures ------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
median(double *times, unsigned n)
{
    qsort(times, n, sizeof *times, by_value);
    return times[n / 2];
}

/* levels[0] is NULL. */
static void
compare(struct bench *bench, const struct codec__kernels *const *levels,
        unsigned n_levels, unsigned rounds, unsigned shrink)
{
    static double times[READERS][ROUNDS_MOST];
    double library = 0;
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < n_levels; i++)
            times[i][round] = measure(bench, levels[i], shrink);
    for (unsigned i = 0; i < n_levels; i++) {
        double s = median(times[i], rounds);
        library = i ? library : s;
        printf("1/%u  %-10s %8.4f s  %5.2f\n", shrink,
               i ? levels[i]->level : "library", s, library / s);
    }
    fflush(stdout);
}

int
main(int argc, char **argv)
{
    const struct codec__kernels *levels[READERS] = {NULL};
    unsigned n_levels = 1, rounds = ROUNDS;
    int first = 1;
    if (argc > 2 && !strcmp(argv[1], "-r")) {
        rounds = (unsigned)strtoul(argv[2], NULL, 10);
        first = 3;
    }
    if (first >= argc || !rounds || rounds > ROUNDS_MOST) {
        fprintf(stderr, "usage: planes [-r ROUNDS] FILE...\n");
        return 2;
    }
    while (n_levels < READERS && codec__kernels_at(n_levels - 1)) {
        levels[n_levels] = codec__kernels_at(n_levels - 1);
        n_levels++;
    }
    struct bench bench = {.arena = mill_arena_new(ARENA_BYTES),
                          .names = argv + first,
                          .n = (size_t)(argc - first)};
    bench.files = calloc(bench.n, sizeof *bench.files);
    for (size_t i = 0; i < bench.n; i++)
        bench.files[i] = slurp(bench.names[i]);
    for (unsigned shrink = 1; shrink <= 1u << (SCALES - 1); shrink *= 2)
        compare(&bench, levels, n_levels, rounds, shrink);
    for (size_t i = 0; i < bench.n; i++)
        free((void *)(uintptr_t)bench.files[i].at);
    free(bench.files);
    mill_arena_free(bench.arena);
    return 0;
}
