/* From a header and the recipe to a line of stations, before a pixel is
 * decoded: every shape and the work memory are known here.
 *
 * The steps are walked once, in order. Geometry is folded into a run; whatever
 * needs pixels closes the run, has the picture brought to what it wants, and
 * puts its own station behind. The encoder closes the last one.
 *
 * geometry.c turns runs into stations, convert.c wants into conversions. It
 * decides only what is to be done, run.c does it. */
#include "planner.h"

enum { LINE_BYTES = 1 << 20 }; /* the line's own structs, and rounding */

/* ---- stages -------------------------------------------------------------- */

struct mill_stage *
recipe__stage_next(struct recipe__planner *planner, struct mill_err *err)
{
    if (planner->plan->n_stages < MILL_STAGES)
        return &planner->plan->stages[planner->plan->n_stages];
    mill_fail(err, MILL_LIMIT, "the recipe needs more than %d stations",
              MILL_STAGES);
    return NULL;
}

enum mill_status
recipe__stage_put(struct recipe__planner *planner, const struct mill_op *op,
                  const void *params, struct mill_err *err)
{
    struct mill_want want = {0};
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->op = op;
    stage->params = params ? params : &stage->own;
    stage->in = stage->out = planner->shape;
    if (op->want)
        op->want(stage->params, &stage->in, &want);
    if (!mill_want_met(&want, &stage->in))
        return mill_fail(err, MILL_INTERNAL, "%s gets what it cannot take",
                         op->name);
    if (op->shape) {
        enum mill_status status =
            op->shape(stage->params, &stage->in, &stage->out, err);
        if (status != MILL_OK)
            return status;
    }
    planner->shape = stage->out;
    planner->plan->n_stages++;
    return MILL_OK;
}

/* ---- steps --------------------------------------------------------------- */

static enum mill_status
fold_step(struct recipe__planner *planner, const struct mill_step *step,
          struct mill_err *err)
{
    const struct recipe__taker any = {0};
    enum mill_fold fold = step->op->fold(step->params, &planner->run, err);
    if (fold == MILL_FOLD_NEW_RUN) {
        enum mill_status status = recipe__run_close(planner, &any, err);
        if (status != MILL_OK)
            return status;
        fold = step->op->fold(step->params, &planner->run, err);
    }
    if (fold == MILL_FOLD_NEW_RUN)
        return mill_fail(err, MILL_INTERNAL, "%s folds into no run",
                         step->op->name);
    return fold == MILL_FOLDED ? MILL_OK : (enum mill_status)err->status;
}

/* Would the step leave the picture as it is? Then it need not close a run. A
 * station that takes no memory is none. */
static bool
is_idle(const struct recipe__planner *planner, const struct mill_step *step)
{
    const struct mill_op *op = step->op;
    struct mill_shape shape, out;
    struct mill_want want = {0};
    struct mill_err err;
    recipe__run_shape(planner, &shape);
    if (op->fold)
        return !op->open || !op->shape ||
               (op->shape(step->params, &shape, &out, &err) == MILL_OK &&
                out.w == shape.w && out.h == shape.h);
    if (op->want)
        op->want(step->params, &shape, &want);
    if (!mill_want_met(&want, &shape))
        return false;
    return !op->open || (op->bytes && !op->bytes(step->params, &shape));
}

static enum mill_status
add_step(struct recipe__planner *planner, const struct mill_step *step,
         struct mill_err *err)
{
    const struct recipe__taker taker = {.op = step->op, .params = step->params};
    enum mill_status status = MILL_OK;
    if (step->op->fold)
        status = fold_step(planner, step, err);
    if (status != MILL_OK || is_idle(planner, step))
        return status;
    if (!step->op->open && recipe__pale(planner, &taker))
        return MILL_OK;
    status = recipe__run_close(planner, &taker, err);
    if (status == MILL_OK)
        status = recipe__satisfy(planner, &taker, err);
    if (status == MILL_OK && step->op->open)
        status = recipe__stage_put(planner, step->op, step->params, err);
    planner->run = mill_geom_start(planner->shape.w, planner->shape.h);
    return status;
}

/* ---- the whole ----------------------------------------------------------- */

static enum mill_status
check_request(const struct recipe__planner *planner, struct mill_err *err)
{
    const struct mill_shape *shape = &planner->info->shape;
    const uint64_t px = (uint64_t)shape->w * shape->h;
    const uint64_t most = planner->recipe->limits.pixels;
    if (px > most)
        return mill_fail(err, MILL_LIMIT,
                         "%u x %u = %llu px is over the limit of %llu px; "
                         "--max-pixels raises it",
                         shape->w, shape->h, (unsigned long long)px,
                         (unsigned long long)most);
    if (!planner->plan->format->encoder)
        return mill_fail(err, MILL_UNSUPPORTED, "%s is only read, not written",
                         planner->plan->format->name);
    return MILL_OK;
}

/* Of a crew and what it needs to work side by side. */
static uint64_t
crew_bytes(const struct recipe__planner *planner)
{
    const struct mill_crew *crew = planner->recipe->encode.crew;
    if (!crew)
        return 0;
    return mill_u64_add(
        mill_crew_bytes(crew),
        mill_u64_add(mill_sink_relay_bytes(&planner->plan->decoded),
                     mill_sink_relay_bytes(&planner->plan->encoded)));
}

static void
count_bytes(struct recipe__planner *planner)
{
    struct mill_plan *plan = planner->plan;
    uint64_t bytes =
        planner->info->codec->decode_bytes(planner->info, &plan->decode);
    for (unsigned i = 0; i < plan->n_stages; i++) {
        const struct mill_stage *stage = &plan->stages[i];
        if (stage->op->bytes)
            bytes = mill_u64_add(bytes,
                                 stage->op->bytes(stage->params, &stage->in));
    }
    bytes = mill_u64_add(bytes, plan->format->encode_bytes(
                                    &planner->recipe->encode, &plan->encoded));
    bytes = mill_u64_add(bytes, crew_bytes(planner));
    plan->need_bytes = mill_u64_add(bytes, LINE_BYTES);
}

static enum mill_status
finish(struct recipe__planner *planner, struct mill_err *err)
{
    const struct recipe__taker encoder = {.encodes = true};
    enum mill_status status = recipe__run_close(planner, &encoder, err);
    if (status == MILL_OK)
        status = recipe__satisfy(planner, &encoder, err);
    if (status != MILL_OK)
        return status;
    planner->plan->encoded = planner->shape;
    count_bytes(planner);
    return MILL_OK;
}

/* Field by field: the stages are many bytes, and need no first value. */
enum mill_status
mill_plan_make(struct mill_plan *plan, const struct mill_recipe *recipe,
               const struct mill_info *info, struct mill_err *err)
{
    struct recipe__planner planner = {
        .plan = plan,
        .recipe = recipe,
        .info = info,
        .shape = info->shape,
        .run = mill_geom_start(info->shape.w, info->shape.h)};
    plan->n_stages = 0;
    plan->format = recipe->format ? recipe->format : info->codec;
    plan->oriented = MILL_TURN_0;
    if (recipe->auto_orient)
        plan->oriented = mill_turn_of_orientation(info->facts.orientation);

    enum mill_status status = check_request(&planner, err);
    mill_geom_turn(&planner.run, plan->oriented);
    for (unsigned i = 0; status == MILL_OK && i < recipe->n_steps; i++)
        status = add_step(&planner, &recipe->steps[i], err);
    return status == MILL_OK ? finish(&planner, err) : status;
}
