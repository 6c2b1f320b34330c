/* lines FILE... -- RECIPE WORDS: what the work itself costs. The files are read
 * into memory, then converted one after another in this one process, by the
 * task that lanes run, and the outputs thrown away; twice, and the second time,
 * when all memory is warm, is measured. Prints its CPU seconds, and how many
 * bytes the outputs had: as many as the files of a batch that did the same.
 * Freed memory stays, as it does for a lane, and a lane's own memory is the
 * most that there is.
 *
 * A recipe word is NAME=ARGUMENTS of an operation, or f=FORMAT, q=QUALITY,
 * strip=1, compression=fast|default|small. */
#include <imgmill/recipe.h>

#include "slurp.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { WINDOW = 256 << 10, KEPT_BYTES = 128 << 20 };

/* A desk that grants everything, and counts and forgets what is written. */
struct desk {
    struct mill_desk face;
    struct mill_out out;
    uint64_t written;
    uint8_t window[WINDOW];
};

static enum mill_status
grant(struct mill_desk *desk, uint64_t bytes, struct mill_err *err)
{
    (void)desk, (void)bytes, (void)err;
    return MILL_OK;
}

static enum mill_flow
forget(struct mill_out *out, struct mill_err *err)
{
    struct desk *desk = (void *)((char *)out - offsetof(struct desk, out));
    (void)err;
    desk->written += WINDOW - out->left;
    out->at = desk->window;
    out->left = WINDOW;
    return MILL_FLOW_MORE;
}

static struct mill_out *
window_of(struct mill_desk *face, unsigned output)
{
    (void)output;
    return &((struct desk *)face)->out;
}

static double
cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static _Noreturn void
refuse(const char *word, const char *text)
{
    fprintf(stderr, "lines: %s: %s\n", word, text);
    exit(2);
}

static uint8_t
compression_named(const char *word)
{
    static const struct {
        const char *name;
        uint8_t value;
    } names[] = {{"fast", MILL_COMPRESSION_FAST},
                 {"default", MILL_COMPRESSION_DEFAULT},
                 {"small", MILL_COMPRESSION_SMALL}};
    for (size_t i = 0; i < MILL_COUNT(names); i++)
        if (!strcmp(word, names[i].name))
            return names[i].value;
    refuse(word, "no compression");
}

static void
take_word(struct mill_recipe *recipe, const char *word)
{
    const char *value = strchr(word, '=');
    char name[32];
    struct mill_err err = {0};
    if (!value || value - word >= (ptrdiff_t)sizeof name)
        refuse(word, "not NAME=VALUE");
    memcpy(name, word, (size_t)(value - word));
    name[value++ - word] = 0;
    if (!strcmp(name, "f"))
        recipe->format = mill_codec_named(value);
    else if (!strcmp(name, "q"))
        recipe->encode.quality = (uint8_t)atoi(value);
    else if (!strcmp(name, "strip"))
        recipe->keep = 0;
    else if (!strcmp(name, "compression"))
        recipe->encode.compression = compression_named(value);
    else if (mill_recipe_add(recipe, name, value, &err) != MILL_OK)
        refuse(word, err.text);
}

/* How many failed; in *written the bytes of all outputs. */
static unsigned
run_all(const struct mill_task *task, void *state,
        const struct mill_bytes *files, unsigned n, uint64_t *written)
{
    static struct desk desk;
    unsigned failed = 0;
    desk.written = 0;
    for (unsigned i = 0; i < n; i++) {
        struct mill_result result;
        struct mill_err err = {0};
        desk.face = (struct mill_desk){
            .need = grant, .out = window_of, .lane_bytes = KEPT_BYTES};
        desk.out = (struct mill_out){desk.window, WINDOW, forget};
        failed +=
            task->run(state, files[i], &desk.face, &result, &err) != MILL_OK;
    }
    *written = desk.written;
    return failed;
}

int
main(int argc, char **argv)
{
    struct mill_recipe recipe;
    struct mill_err err;
    struct mill_bytes *files = calloc((size_t)argc, sizeof *files);
    int i = 1;
    unsigned n = 0;
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES / 4); /* the most that it takes */
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mill_recipe_init(&recipe);
    recipe.limits.pixels = UINT64_MAX;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        files[n++] = slurp(argv[i]);
    for (i++; i < argc; i++)
        take_word(&recipe, argv[i]);

    struct mill_task task = mill_task_convert(&recipe);
    void *state = task.begin(task.arg, &err);
    if (!n || !state)
        refuse("FILE", "none, or no memory");
    uint64_t written;
    unsigned failed = run_all(&task, state, files, n, &written);
    double begun_s = cpu_s();
    run_all(&task, state, files, n, &written);
    printf("%.4f %llu\n", cpu_s() - begun_s, (unsigned long long)written);
    task.end(state);
    return failed ? 1 : 0;
}
