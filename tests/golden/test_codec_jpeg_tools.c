/* JPEGs as libjpeg-turbo's tools make them, cjpeg alone or jpegtran behind it,
 * read by our own readers and by libjpeg: the same at every scale. Pictures,
 * sizes and what the tools are told are drawn: 2500 of them with
 * IMGMILL_TEST_FULL, else a share; IMGMILL_TEST_SEED draws others. */
#include "codec_both.h"
#include "scratch.h"
#include "slurp.h"

#include <spawn.h>
#include <sys/wait.h>

extern const struct mill_codec mill_codec_jpeg;

enum { FILES = 2500, SHARE = 120, PX_MOST = 1 << 20 };
enum { NO_TOOLS = 77 };

struct drawing {
    uint32_t seed;
    unsigned w, h;
};

static uint32_t
draw(struct drawing *d)
{
    d->seed = d->seed * 1664525 + 1013904223;
    return d->seed >> 16;
}

static unsigned
below(struct drawing *d, unsigned n)
{
    return draw(d) % n;
}

static bool
one_in(struct drawing *d, unsigned n)
{
    return below(d, n) == 0;
}

/* ---- the picture --------------------------------------------------------- */

/* Slopes with noise on them: none, a little, much. Sizes are small, some wide
 * or high enough for several windows and rows. */
static void
write_picture(struct drawing *d)
{
    static const unsigned most[] = {9, 70, 70, 300};
    unsigned noise = 1u << below(d, 9), slope = 1 + below(d, 5);
    d->w = 1 + below(d, most[below(d, 4)]);
    d->h = 1 + below(d, most[below(d, 4)]);
    FILE *file = fopen("in.ppm", "wb");
    assert_non_null(file);
    fprintf(file, "P6\n%u %u\n255\n", d->w, d->h);
    for (unsigned y = 0; y < d->h; y++)
        for (unsigned x = 0; x < d->w; x++)
            for (unsigned c = 0; c < 3; c++)
                fputc((int)((x * slope + y * (c + 1) + below(d, noise)) & 255),
                      file);
    assert_int_equal(fclose(file), 0);
}

/* ---- what the tools are told --------------------------------------------- */

static const char *const samplings[] = {
    "1x1",         "2x1",         "1x2", "2x2", "2x2",         "2x2",
    "4x1",         "1x4",         "4x2", "2x4", "2x1,1x2,1x1", "1x1,2x2,1x1",
    "2x2,2x1,1x2", "2x2,2x2,1x1", "3x1", "4x4"};

static const char *const scripts[] = {
    "0; 1; 2;",
    "0; 1 2;",
    "1; 0 2;",
    "0 1 2;",
    "0 1 2: 0-0, 0, 0; 0: 1-63, 0, 0; 2: 1-63, 0, 0; 1: 1-63, 0, 0;",
    ("0 1 2: 0-0, 0, 2; 0: 1-5, 0, 2; 2: 1-63, 0, 1; 1: 1-63, 0, 1;"
     "0: 6-63, 0, 2; 0: 1-63, 2, 1; 0 1 2: 0-0, 2, 1; 0 1 2: 0-0, 1, 0;"
     "2: 1-63, 1, 0; 1: 1-63, 1, 0; 0: 1-63, 1, 0;"),
    ("0: 0-0, 0, 0; 1: 0-0, 0, 0; 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0;"
     "2: 1-63, 0, 0;"),
    "0 1 2: 0-0, 0, 0; 0: 1-9, 0, 0; 0: 10-63, 0, 0;"};

static const char *const turns[] = {"-rotate 90", "-rotate 270",
                                    "-flip horizontal", "-transpose",
                                    "-crop 20x20+8+8"};

static void
write_script(struct drawing *d)
{
    FILE *file = fopen("scans", "w");
    assert_non_null(file);
    fprintf(file, "%s\n", scripts[below(d, MILL_COUNT(scripts))]);
    assert_int_equal(fclose(file), 0);
}

/* How the scans are to be; gray has no others than one. */
static void
tell_scans(struct drawing *d, FILE *to, bool gray)
{
    unsigned way = below(d, 6);
    if (way < 2)
        fputs(" -progressive", to);
    else if (way == 2 && !gray)
        fputs(" -scans scans", to);
    else if (way == 3)
        fputs(" -optimize", to);
    if (one_in(d, 3))
        fprintf(to, " -restart %u%s", 1 + below(d, 9), one_in(d, 2) ? "B" : "");
    if (one_in(d, 40))
        fputs(" -arithmetic", to);
}

static void
tell_cjpeg(struct drawing *d, FILE *to, bool gray)
{
    fprintf(to, "cjpeg -quality %u", 1 + below(d, 100));
    if (one_in(d, 6))
        fprintf(to, ",%u", 1 + below(d, 100));
    if (gray)
        fputs(" -grayscale", to);
    else
        fprintf(to, " -sample %s", samplings[below(d, MILL_COUNT(samplings))]);
    if (one_in(d, 30))
        fputs(" -rgb", to);
    if (one_in(d, 4))
        fputs(one_in(d, 2) ? " -dct fast" : " -dct float", to);
    tell_scans(d, to, gray);
    fputs(" in.ppm", to);
}

static void
tell_jpegtran(struct drawing *d, FILE *to, bool gray)
{
    fputs(" | jpegtran", to);
    if (one_in(d, 3))
        fprintf(to, " %s", turns[below(d, MILL_COUNT(turns))]);
    tell_scans(d, to, gray);
}

/* ---- the files ----------------------------------------------------------- */

/* What it prints; NULL: the tool refused, as it may. */
static struct mill_bytes
run_tools(const char *command)
{
    char line[512];
    snprintf(line, sizeof line, "set -o pipefail; (%s) >out.jpg 2>said",
             command);
    char *const words[] = {(char[]){"bash"}, (char[]){"-c"}, line, NULL};
    pid_t child;
    int status;
    assert_int_equal(posix_spawnp(&child, words[0], NULL, NULL, words, environ),
                     0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status ? (struct mill_bytes){0} : slurp("out.jpg");
}

/* Returns at how many scales it was ours; -1: there is no such file. */
static int
compare_file(struct drawing *d, size_t i)
{
    char command[384];
    struct codec_both_how how = {.codec = &mill_codec_jpeg};
    bool gray = one_in(d, 6);
    int ours = 0;
    FILE *to = fmemopen(command, sizeof command, "w");
    assert_non_null(to);
    write_picture(d);
    write_script(d);
    tell_cjpeg(d, to, gray);
    if (one_in(d, 3))
        tell_jpegtran(d, to, gray);
    assert_int_equal(fclose(to), 0);
    struct mill_bytes in = run_tools(command);
    for (how.shrink = 1; in.n && how.shrink <= 8; how.shrink *= 2)
        ours += codec_both_compare(in, &how, PX_MOST, command, i);
    free((void *)(uintptr_t)in.at);
    return in.at ? ours : -1;
}

static void
what_tools_make_is_the_same(void **state)
{
    const char *seed = getenv("IMGMILL_TEST_SEED");
    struct drawing d = {.seed = seed ? (uint32_t)strtoul(seed, NULL, 10) : 1};
    size_t n = getenv("IMGMILL_TEST_FULL") ? FILES : SHARE, i = 0;
    unsigned ours = 0, refused = 0;
    (void)state;
    print_message("seed %u\n", d.seed);
    for (; i < n + refused && refused <= n; i++) {
        int here = compare_file(&d, i);
        refused += here < 0;
        ours += here > 0 ? (unsigned)here : 0;
    }
    print_message("%zu files, %u of %zu readings our own\n", n, ours, 4 * n);
    assert_int_equal(i - refused, n);
    assert_true(ours > 3 * n);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_tools_make_is_the_same,
                                        scratch_setup, scratch_teardown),
    };
    if (system("cjpeg -version >/dev/null 2>&1 && "
               "jpegtran -version >/dev/null 2>&1") != 0) {
        printf("no cjpeg or no jpegtran: libjpeg-turbo-progs has them\n");
        return NO_TOOLS;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
