/* The tasks that lanes run: convert an image, say what would be made of it, or
 * only what it is. Bytes to bytes, in the lane's own thread or process.
 *
 *     sniff ─► header ─► plan ─► memory granted ─► line ─► decode drives it
 *
 * A lane keeps one arena, cleared after every image; what an image needs
 * besides lives in its libraries and is freed with the line.
 *
 * With --threads a lane has a crew too, and a second arena: an arena is for one
 * thread, and what is behind the decoder works while that one does. */
#include "line.h"

#include <stddef.h>
#include <stdlib.h>

enum { KEEP_BYTES = 16 << 20 }; /* what the arena may hold between images */

/* Of the lane's own memory: what needs more, because it may have to be held as
 * a whole, is tried in rows first. */
enum { LARGE = 2 };

struct lane {
    struct mill_recipe recipe; /* its steps are the caller's; encode.crew is
                                  crew, or NULL for this image */
    struct mill_crew *crew;    /* NULL: one thread an image */
    struct mill_arena *arena;
    struct mill_arena *behind; /* the line's; the same without a crew */
};

/* One image on its way. */
struct image {
    struct mill_bytes in;
    struct mill_info info;
    struct mill_plan *plan; /* in the arena */

    /* where memory is asked for only if it must be */
    struct mill_hold hold;
    struct mill_desk *desk;
    struct mill_result *result;
    bool held;
};

static void
lane_end(void *state)
{
    struct lane *lane = state;
    if (!lane)
        return;
    mill_crew_free(lane->crew);
    if (lane->behind != lane->arena)
        mill_arena_free(lane->behind);
    mill_arena_free(lane->arena);
    free(lane);
}

static bool
take_crew(struct lane *lane)
{
    lane->behind = lane->arena;
    if (lane->recipe.threads <= 1)
        return true;
    lane->crew = mill_crew_new(lane->recipe.threads);
    lane->behind = mill_arena_new(KEEP_BYTES);
    return lane->crew && lane->behind;
}

static void *
lane_begin(const void *arg, struct mill_err *err)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane) {
        lane->recipe = *(const struct mill_recipe *)arg;
        lane->arena = mill_arena_new(KEEP_BYTES);
    }
    if (lane && lane->arena && take_crew(lane))
        return lane;
    mill_fail(err, MILL_MEMORY, "no memory for a lane");
    lane_end(lane);
    return NULL;
}

static void
lane_clear(struct lane *lane)
{
    mill_arena_clear(lane->arena);
    mill_arena_clear(lane->behind);
}

/* ---- header and plan ----------------------------------------------------- */

static enum mill_status
fail_strange(struct mill_bytes head, struct mill_err *err)
{
    const char *name = mill_codec_strange(head);

    if (!name)
        return mill_fail(err, MILL_FORMAT,
                         "not an image that this build knows");
    return mill_fail(err, MILL_UNSUPPORTED,
                     "%s is not read by this build (imgmill formats lists "
                     "what is)",
                     name);
}

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
        return fail_strange(head, err);
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

/* A small picture is done before a crew is awake. */
static unsigned
threads_for(const struct mill_recipe *recipe, const struct mill_shape *shape,
            const struct mill_desk *desk)
{
    uint64_t px = (uint64_t)shape->w * shape->h;
    if (px < recipe->threads_px)
        return 1;
    if (!desk->threads || px >= recipe->giant_px)
        return recipe->threads;
    return desk->threads;
}

static void
call_crew(struct lane *lane, const struct mill_shape *shape,
          const struct mill_desk *desk)
{
    unsigned threads = threads_for(&lane->recipe, shape, desk);
    bool worth = lane->crew && threads > 1;
    if (worth)
        mill_crew_limit(lane->crew, threads);
    lane->recipe.encode.crew = worth ? lane->crew : NULL;
}

static enum mill_status
plan_anew(struct lane *lane, struct image *image, struct mill_result *result,
          struct mill_err *err)
{
    enum mill_status status =
        mill_plan_make(image->plan, &lane->recipe, &image->info, err);
    if (status == MILL_OK)
        tell_output(image->plan, result);
    return status;
}

static enum mill_status
make_plan(struct lane *lane, struct image *image, const struct mill_desk *desk,
          struct mill_result *result, struct mill_err *err)
{
    enum mill_status status = read_header(image, result, err);
    if (status != MILL_OK)
        return status;
    image->plan = mill_arena_take(lane->arena, sizeof *image->plan, err);
    if (!image->plan)
        return MILL_MEMORY;
    call_crew(lane, &image->info.shape, desk);
    return plan_anew(lane, image, result, err);
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
    status = recipe__line_settle(line, status, err);
    if (status == MILL_OK && out->full(out, err) == MILL_FLOW_FAILED)
        status = (enum mill_status)err->status;
    recipe__line_times(line, spent_ns, result);
    return status;
}

/* What the output is likely to be. */
static uint64_t
expect_bytes(const struct mill_plan *plan)
{
    const struct mill_shape *shape = &plan->encoded;
    uint64_t bytes = mill_u64_mul(shape->w, shape->h);
    unsigned share = plan->format->share ? plan->format->share : 1;
    bytes = mill_u64_mul(bytes, shape->n_planes * (shape->depth / 8u));
    return bytes / share;
}

/* Of work memory and of what the mill will hold of the output until it is
 * written. All of it counts where that is more than an image may have: such an
 * output is refused before it costs anything, wherever it would go. */
static uint64_t
bytes_of(const struct image *image)
{
    const struct mill_plan *plan = image->plan;
    const struct mill_desk *desk = image->desk;
    uint64_t expected = expect_bytes(plan);
    uint64_t all = mill_u64_add(plan->need_bytes, expected);
    if (!desk->held_bytes || expected <= desk->held_bytes ||
        (desk->most_bytes && all > desk->most_bytes))
        return all;
    return mill_u64_add(plan->need_bytes, desk->held_bytes);
}

/* A large picture that goes by in rows after all is planned so. It is decoded
 * twice then, and takes no other's memory. */
static enum mill_status
plan_in_rows(struct lane *lane, struct image *image, uint64_t own,
             struct mill_result *result, struct mill_err *err)
{
    struct mill_info rows = image->info;
    struct mill_decode how = image->plan->decode;
    const struct mill_codec *codec = image->info.codec;
    rows.whole = false;
    if (!image->info.whole || !codec->try_rows ||
        image->plan->need_bytes / LARGE <= own ||
        codec->decode_bytes(&rows, &how) > own)
        return MILL_OK;
    how.arena = mill_arena_new(0);
    if (how.arena)
        codec->try_rows(image->in, &how, &image->info);
    mill_arena_free(how.arena);
    return image->info.whole ? MILL_OK : plan_anew(lane, image, result, err);
}

/* An image for which there is memory, but none for a crew too, goes without. */
static enum mill_status
plan_alone(struct lane *lane, struct image *image, uint64_t most,
           struct mill_result *result, struct mill_err *err)
{
    if (!lane->recipe.encode.crew || !most || bytes_of(image) <= most)
        return MILL_OK;
    lane->recipe.encode.crew = NULL;
    return plan_anew(lane, image, result, err);
}

/* The decoder has to hold it after all, perhaps for a second time. */
static enum mill_status
hold_all(struct mill_hold *hold, struct mill_err *err)
{
    struct image *image =
        (struct image *)((char *)hold - offsetof(struct image, hold));
    if (image->held)
        return MILL_OK;
    image->held = true;
    image->result->need_bytes = image->plan->need_bytes;
    return image->desk->need(image->desk, bytes_of(image), err);
}

/* Has the lane enough for it, as long as it goes by in rows? Then it begins
 * without asking. Not with a crew: what is behind the decoder talks to the mill
 * in mid-image, and nobody else may meanwhile. */
static bool
begins_in_rows(const struct lane *lane, struct image *image, uint64_t own)
{
    const struct mill_plan *plan = image->plan;
    const struct mill_codec *codec = image->info.codec;
    struct mill_info rows = image->info;
    rows.whole = false;
    if (!image->info.whole || !image->info.facts.own || !codec->try_rows ||
        plan->decode.library || lane->recipe.encode.crew ||
        bytes_of(image) == UINT64_MAX)
        return false;
    uint64_t saved = codec->decode_bytes(&image->info, &plan->decode) -
                     codec->decode_bytes(&rows, &plan->decode);
    if (bytes_of(image) - saved > own)
        return false;
    image->result->need_bytes = plan->need_bytes - saved;
    return true;
}

/* What the image needs beyond its lane's own is granted when this comes back,
 * or will be asked for by the decoder. */
static enum mill_status
take_memory(struct lane *lane, struct image *image, struct mill_err *err)
{
    struct mill_desk *desk = image->desk;
    struct mill_plan *plan = image->plan;
    uint64_t own = desk->lane_bytes;
    if (bytes_of(image) > own && begins_in_rows(lane, image, own)) {
        plan->decode.hold = &image->hold;
        return MILL_OK;
    }
    enum mill_status status =
        plan_in_rows(lane, image, own, image->result, err);
    if (status == MILL_OK)
        status = plan_alone(lane, image, desk->most_bytes, image->result, err);
    if (status == MILL_OK && bytes_of(image) > own)
        status = desk->need(desk, bytes_of(image), err);
    return status;
}

static enum mill_status
convert(struct lane *lane, struct image *image, struct mill_err *err)
{
    bool by_library = false;
    struct recipe__line line = {0};
    struct mill_plan *plan = image->plan;
    struct mill_result *result = image->result;
    enum mill_status status = take_memory(lane, image, err);
    if (status != MILL_OK)
        return status;

    struct mill_out *out = image->desk->out(image->desk, 0);
    plan->decode.arena = lane->arena;
    plan->decode.warnings = &result->warnings;
    plan->decode.notes = &result->notes;
    plan->decode.by_library = &by_library;
    plan->decode.damage = lane->recipe.salvage ? result->damage : NULL;
    status = recipe__line_build(&line, plan, &lane->recipe, out, &result->notes,
                                lane->behind, err);
    if (status == MILL_OK)
        status = drive(image, &line, out, result, err);
    result->notes |= by_library ? MILL_NOTE_LIBRARY : 0u;
    recipe__line_free(&line);
    return status;
}

/* ---- the three tasks ----------------------------------------------------- */

static enum mill_status
run_convert(void *state, struct mill_bytes in, struct mill_desk *desk,
            struct mill_result *result, struct mill_err *err)
{
    struct lane *lane = state;
    struct image image = {
        .in = in, .hold = {hold_all}, .desk = desk, .result = result};
    *result = (struct mill_result){0};
    enum mill_status status = make_plan(lane, &image, desk, result, err);
    if (status == MILL_OK)
        status = convert(lane, &image, err);
    lane_clear(lane);
    return status;
}

static enum mill_status
run_plan(void *state, struct mill_bytes in, struct mill_desk *desk,
         struct mill_result *result, struct mill_err *err)
{
    struct lane *lane = state;
    struct image image = {.in = in};
    *result = (struct mill_result){0};
    enum mill_status status = make_plan(lane, &image, desk, result, err);
    lane_clear(lane);
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
