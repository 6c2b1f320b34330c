/* The tasks that lanes run: convert an image, say what would be made of it, or
 * only what it is. Bytes to bytes, in the lane's own thread or process.
 *
 *     sniff ─► header ─► plan ─► memory granted ─► line ─► decode drives it
 *
 * A lane keeps one arena, cleared after every image; what an image needs
 * besides lives in its libraries and is freed with the line. */
#include "line.h"

#include <stdlib.h>

enum { KEEP_BYTES = 16 << 20 }; /* what the arena may hold between images */

struct lane {
    const struct mill_recipe *recipe;
    struct mill_arena *arena;
};

/* One image on its way. */
struct image {
    struct mill_bytes in;
    struct mill_info info;
    struct mill_plan *plan; /* in the arena */
};

static void *
lane_begin(const void *arg, struct mill_err *err)
{
    struct lane *lane = malloc(sizeof *lane);
    struct mill_arena *arena = mill_arena_new(KEEP_BYTES);
    if (!lane || !arena) {
        mill_fail(err, MILL_MEMORY, "no memory for a lane");
        mill_arena_free(arena);
        free(lane);
        return NULL;
    }
    *lane = (struct lane){arg, arena};
    return lane;
}

static void
lane_end(void *state)
{
    struct lane *lane = state;
    if (!lane)
        return;
    mill_arena_free(lane->arena);
    free(lane);
}

/* ---- header and plan ----------------------------------------------------- */

static enum mill_status
read_header(struct image *image, struct mill_result *result,
            struct mill_err *err)
{
    struct mill_bytes head = image->in;
    if (!head.n)
        return mill_fail(err, MILL_FORMAT, "the file is empty");
    if (head.n > MILL_SNIFF_BYTES)
        head.n = MILL_SNIFF_BYTES;
    const struct mill_codec *codec = mill_codec_sniff(head);
    if (!codec)
        return mill_fail(err, MILL_FORMAT,
                         "not an image that this build knows");
    if (!codec->info)
        return mill_fail(err, MILL_UNSUPPORTED, "%s is only written, not read",
                         codec->name);
    enum mill_status status = codec->info(image->in, &image->info, err);
    if (status == MILL_OK)
        result->facts = image->info.facts;
    return status;
}

static void
tell_output(const struct mill_plan *plan, struct mill_result *result)
{
    const char *name = plan->format->name;
    result->n_outputs = 1;
    result->out[0].w = plan->encoded.w;
    result->out[0].h = plan->encoded.h;
    for (size_t i = 0; i + 1 < sizeof result->out[0].format && name[i]; i++)
        result->out[0].format[i] = name[i];
    result->need_bytes = plan->need_bytes;
    if (plan->oriented != MILL_TURN_0)
        result->notes |= MILL_NOTE_ORIENTED;
}

static enum mill_status
make_plan(const struct lane *lane, struct image *image,
          struct mill_result *result, struct mill_err *err)
{
    enum mill_status status = read_header(image, result, err);
    if (status != MILL_OK)
        return status;
    image->plan = mill_arena_take(lane->arena, sizeof *image->plan, err);
    if (!image->plan)
        return MILL_MEMORY;
    status = mill_plan_make(image->plan, lane->recipe, &image->info, err);
    if (status == MILL_OK)
        tell_output(image->plan, result);
    return status;
}

/* ---- converting ---------------------------------------------------------- */

/* Drives the line; the clocks have what was spent behind the decoder. */
static enum mill_status
drive(const struct image *image, struct recipe__line *line,
      struct mill_out *out, struct mill_result *result, struct mill_err *err)
{
    uint64_t start_ns = mill_now_ns();
    enum mill_status status = image->info.codec->decode(
        image->in, &image->plan->decode, line->head, err);
    uint64_t spent_ns = mill_now_ns() - start_ns;
    if (status == MILL_OK && out->full(out, err) == MILL_FLOW_FAILED)
        status = (enum mill_status)err->status;
    result->decode_ns = spent_ns - line->behind_ns;
    result->filter_ns = line->behind_ns - line->encode_ns;
    result->encode_ns = line->encode_ns;
    return status;
}

/* What the mill will hold of the output until it is written. */
static uint64_t
expect_bytes(const struct mill_plan *plan)
{
    const struct mill_shape *shape = &plan->encoded;
    uint64_t bytes = mill_u64_mul(shape->w, shape->h);
    unsigned share = plan->format->share ? plan->format->share : 1;
    bytes = mill_u64_mul(bytes, shape->n_planes * (shape->depth / 8u));
    return bytes / share;
}

static enum mill_status
convert(const struct lane *lane, struct image *image, struct mill_desk *desk,
        struct mill_result *result, struct mill_err *err)
{
    struct recipe__line line = {0};
    struct mill_plan *plan = image->plan;
    enum mill_status status = MILL_OK;
    uint64_t bytes = mill_u64_add(plan->need_bytes, expect_bytes(plan));
    if (bytes > desk->lane_bytes)
        status = desk->need(desk, bytes, err);
    if (status != MILL_OK)
        return status;

    struct mill_out *out = desk->out(desk, 0);
    plan->decode.arena = lane->arena;
    plan->decode.warnings = &result->warnings;
    plan->decode.notes = &result->notes;
    plan->decode.damage = lane->recipe->salvage ? result->damage : NULL;
    status = recipe__line_build(&line, plan, lane->recipe, out, &result->notes,
                                lane->arena, err);
    if (status == MILL_OK)
        status = drive(image, &line, out, result, err);
    recipe__line_free(&line);
    return status;
}

/* ---- the three tasks ----------------------------------------------------- */

static enum mill_status
run_convert(void *state, struct mill_bytes in, struct mill_desk *desk,
            struct mill_result *result, struct mill_err *err)
{
    struct lane *lane = state;
    struct image image = {.in = in};
    *result = (struct mill_result){0};
    enum mill_status status = make_plan(lane, &image, result, err);
    if (status == MILL_OK)
        status = convert(lane, &image, desk, result, err);
    mill_arena_clear(lane->arena);
    return status;
}

static enum mill_status
run_plan(void *state, struct mill_bytes in, struct mill_desk *desk,
         struct mill_result *result, struct mill_err *err)
{
    struct lane *lane = state;
    struct image image = {.in = in};
    (void)desk;
    *result = (struct mill_result){0};
    enum mill_status status = make_plan(lane, &image, result, err);
    mill_arena_clear(lane->arena);
    return status;
}

static enum mill_status
run_info(void *state, struct mill_bytes in, struct mill_desk *desk,
         struct mill_result *result, struct mill_err *err)
{
    struct image image = {.in = in};
    (void)state, (void)desk;
    *result = (struct mill_result){0};
    return read_header(&image, result, err);
}

struct mill_task
mill_task_convert(const struct mill_recipe *recipe)
{
    return (struct mill_task){lane_begin, run_convert, lane_end, recipe};
}

struct mill_task
mill_task_plan(const struct mill_recipe *recipe)
{
    return (struct mill_task){lane_begin, run_plan, lane_end, recipe};
}

struct mill_task
mill_task_info(const struct mill_recipe *recipe)
{
    return (struct mill_task){lane_begin, run_info, lane_end, recipe};
}
