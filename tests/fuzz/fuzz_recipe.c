/* Any text as a recipe: six bytes say which picture is drawn and in what format
 * it comes, each line behind them is an operation with its arguments. What can
 * be planned is converted, if it is small. */
#include <imgmill/recipe.h>

#include <string.h>

#include "fuzz.h"

enum { HEAD_BYTES = 6, PX_MOST = 1 << 14, MEMORY_MOST = 32 << 20 };

/* ---- a lane -------------------------------------------------------------- */

struct lane {
    struct mill_desk desk;
    struct mill_out out;
    struct mill_buffer bytes;
    uint8_t window[512];
};

static enum mill_status
lane_need(struct mill_desk *desk, uint64_t bytes, struct mill_err *err)
{
    (void)desk;
    if (bytes <= MEMORY_MOST)
        return MILL_OK;
    return mill_fail(err, MILL_LIMIT, "too much");
}

static enum mill_flow
lane_full(struct mill_out *out, struct mill_err *err)
{
    struct lane *lane =
        (struct lane *)((char *)out - offsetof(struct lane, out));
    size_t n = sizeof lane->window - out->left;
    (void)err;
    FUZZ_HOLDS(mill_buffer_append(&lane->bytes, lane->window, n));
    out->at = lane->window;
    out->left = sizeof lane->window;
    return MILL_FLOW_MORE;
}

static struct mill_out *
lane_out(struct mill_desk *desk, unsigned output)
{
    FUZZ_HOLDS(output == 0);
    return &((struct lane *)desk)->out;
}

/* What the task makes of the bytes; it stands in lane->bytes. */
static enum mill_status
run(struct mill_task task, struct mill_bytes in, struct lane *lane,
    struct mill_result *result)
{
    struct mill_err err = {0};
    *lane =
        (struct lane){.desk = {.need = lane_need, .out = lane_out},
                      .out = {lane->window, sizeof lane->window, lane_full}};
    void *state = task.begin(task.arg, &err);
    FUZZ_HOLDS(state);
    enum mill_status status = task.run(state, in, &lane->desk, result, &err);
    FUZZ_HOLDS(status != MILL_INTERNAL);
    FUZZ_HOLDS(status == MILL_OK || err.text[0]);
    task.end(state);
    return status;
}

/* ---- the picture --------------------------------------------------------- */

/* A PAM of noise. */
static struct mill_buffer
draw(const uint8_t *how)
{
    static const char *const kinds[] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB",
                                        "RGB_ALPHA"};
    char head[160];
    unsigned w = how[0] % 41 + 1, h = how[1] % 41 + 1,
             channels = how[2] % 4 + 1;
    unsigned depth = how[3] % 2 + 1, noise = how[5];
    struct mill_buffer file = {0};
    int n =
        snprintf(head, sizeof head,
                 "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE "
                 "%s\nENDHDR\n",
                 w, h, channels, depth == 1 ? 255 : 65535, kinds[channels - 1]);
    FUZZ_HOLDS(mill_buffer_append(&file, head, (size_t)n));
    for (unsigned i = 0; i < w * h * channels * depth; i++) {
        noise = noise * 1664525u + 1013904223u;
        uint8_t byte = (uint8_t)(noise >> 24);
        FUZZ_HOLDS(mill_buffer_append(&file, &byte, 1));
    }
    return file;
}

static const struct mill_codec *
codec_of(unsigned which)
{
    static const char *const names[] = {"pnm", "png", "jpeg"};
    return mill_codec_named(names[which % MILL_COUNT(names)]);
}

/* The PAM in the format that the bytes want. */
static void
restate(struct mill_buffer *file, const uint8_t *how)
{
    struct mill_recipe recipe;
    struct mill_result result;
    struct lane lane;
    mill_recipe_init(&recipe);
    recipe.format = codec_of(how[4]);
    recipe.encode.subsampling = how[4] / 4 % 3;
    recipe.encode.progressive = how[4] / 16 % 2;
    FUZZ_HOLDS(run(mill_task_convert(&recipe),
                   (struct mill_bytes){file->at, file->n}, &lane,
                   &result) == MILL_OK);
    mill_recipe_clear(&recipe);
    mill_buffer_clear(file);
    *file = lane.bytes;
}

/* ---- the recipe ---------------------------------------------------------- */

static void
add_line(struct mill_recipe *recipe, char *line)
{
    struct mill_err err = {0};
    char *space = strchr(line, ' ');
    if (space)
        *space = 0;
    enum mill_status status =
        mill_recipe_add(recipe, line, space ? space + 1 : "", &err);
    FUZZ_HOLDS(status == MILL_OK || (status == MILL_USAGE && err.text[0]));
}

static void
parse(struct mill_recipe *recipe, const uint8_t *at, size_t n)
{
    char *text = malloc(n + 1), *rest = text;
    memcpy(text, at, n);
    text[n] = 0;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        add_line(recipe, line);
    free(text);
}

static void
convert(const struct mill_recipe *recipe, struct mill_bytes in)
{
    struct mill_result plan, done;
    struct lane lane;
    enum mill_status status = run(mill_task_plan(recipe), in, &lane, &plan);
    if (status != MILL_OK || (uint64_t)plan.out[0].w * plan.out[0].h > PX_MOST)
        return;
    status = run(mill_task_convert(recipe), in, &lane, &done);
    FUZZ_HOLDS(status == MILL_OK || status == MILL_LIMIT);
    if (status == MILL_OK) {
        FUZZ_HOLDS(done.out[0].w == plan.out[0].w);
        FUZZ_HOLDS(done.out[0].h == plan.out[0].h);
        FUZZ_HOLDS(lane.bytes.n > 0);
    }
    mill_buffer_clear(&lane.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct mill_recipe recipe;
    if (n < HEAD_BYTES)
        return 0;
    mill_recipe_init(&recipe);
    parse(&recipe, at + HEAD_BYTES, n - HEAD_BYTES);
    recipe.format = codec_of(at[5]);
    struct mill_buffer file = draw(at);
    restate(&file, at);
    convert(&recipe, (struct mill_bytes){file.at, file.n});
    mill_buffer_clear(&file);
    mill_recipe_clear(&recipe);
    return 0;
}
