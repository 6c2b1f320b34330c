/* A run of geometric operations becomes stations, at most three of them:
 *
 *     crop ─► (gray ─►) resize ─► turn
 *
 * The resize is the one place where grids can change for nothing: it makes the
 * grids that whoever takes the picture next wants, seen through the turn that
 * still follows. The first run also settles how to decode. */
#include "planner.h"

/* Steps beside the first plane's when the run resizes, as they are otherwise.
 */
static void
run_steps(const struct recipe__planner *planner, unsigned p, unsigned *sx,
          unsigned *sy)
{
    const struct mill_grid *g = &planner->shape.plane[p];
    const struct mill_grid *first = &planner->shape.plane[0];
    *sx = g->sx;
    *sy = g->sy;
    if (mill_geom_resizes(&planner->run)) {
        *sx = g->sx > first->sx ? g->sx / first->sx : 1;
        *sy = g->sy > first->sy ? g->sy / first->sy : 1;
    }
    if (mill_turn_swaps(planner->run.turn)) {
        unsigned was = *sx;
        *sx = *sy;
        *sy = was;
    }
}

void
recipe__run_shape(const struct recipe__planner *planner,
                  struct mill_shape *shape)
{
    uint32_t w, h;
    unsigned sx, sy;
    enum mill_alpha alpha = planner->shape.alpha;
    if (mill_geom_resizes(&planner->run) && alpha == MILL_STRAIGHT)
        alpha = MILL_PREMULTIPLIED;
    mill_geom_size(&planner->run, &w, &h);
    mill_shape_init(shape, w, h, planner->shape.model, alpha,
                    planner->shape.depth);
    for (unsigned p = 0; p < shape->n_planes; p++) {
        run_steps(planner, p, &sx, &sy);
        shape->plane[p] = mill_grid_make(w, h, sx, sy);
    }
}

/* What comes out of the run, if it resizes, on grids for the taker. */
static void
target_shape(const struct recipe__planner *planner,
             const struct recipe__taker *taker, struct mill_shape *shape)
{
    struct mill_want steps;
    recipe__run_shape(planner, shape);
    if (!recipe__steps(planner, taker, shape, &steps))
        return;
    unsigned colours = mill_model_colours(shape->model);
    for (unsigned p = 0; p < colours; p++)
        shape->plane[p] =
            mill_grid_make(shape->w, shape->h, steps.sx[p] ? steps.sx[p] : 1,
                           steps.sy[p] ? steps.sy[p] : 1);
}

/* ---- how to decode ------------------------------------------------------- */

/* Does a picture shrunk by s leave the resize enough to do? What a decoder
 * drops shows as false detail in the finest frequencies that remain, and the
 * resize takes these away. Less than a half to do is seen: at quality 80 a
 * thumbnail loses .3 dB where 5/4 is left, at quality 96 up to 2.6 dB. */
static bool
leaves_enough(uint32_t in, uint32_t out, unsigned s, bool fast)
{
    const unsigned quarters = !fast ? 8 : s == 2 ? 6 : 5;
    return (uint64_t)in * 4 >= (uint64_t)out * s * quarters;
}

static uint8_t
shrink_for(const struct mill_info *info, const struct mill_geom *run)
{
    if (!mill_geom_resizes(run) || run->kernel == MILL_NEAREST)
        return 1;
    for (unsigned s = 8; s > 1; s /= 2)
        if (info->shrinks & s &&
            leaves_enough(run->in.w, run->w, s, run->fast) &&
            leaves_enough(run->in.h, run->h, s, run->fast))
            return (uint8_t)s;
    return 1;
}

static void
settle(struct recipe__planner *planner)
{
    struct mill_plan *plan = planner->plan;
    plan->decode =
        (struct mill_decode){.shrink = shrink_for(planner->info, &planner->run),
                             .need = planner->run.in,
                             .limits = planner->recipe->limits,
                             .library = planner->recipe->library,
                             .crew = planner->recipe->encode.crew};
    planner->info->codec->shape(planner->info, &plan->decode, &plan->decoded);
    planner->shape = plan->decoded;
    planner->settled = true;
}

/* ---- stations ------------------------------------------------------------ */

static enum mill_status
put_crop(struct recipe__planner *planner, struct mill_err *err)
{
    const struct mill_rect *in = &planner->run.in;
    if (in->w == planner->shape.w && in->h == planner->shape.h)
        return MILL_OK;
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->own.crop.rect = *in;
    return recipe__stage_put(planner, &mill_stage_crop, NULL, err);
}

static enum mill_status
put_gray(struct recipe__planner *planner, struct mill_err *err)
{
    if (!planner->paled)
        return MILL_OK;
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    planner->paled = false;
    stage->own.convert = (struct mill_convert_params){
        MILL_GRAY, planner->shape.alpha, planner->shape.depth};
    return recipe__stage_put(planner, &mill_stage_convert, NULL, err);
}

static enum mill_status
put_resize(struct recipe__planner *planner, const struct mill_shape *target,
           struct mill_err *err)
{
    const struct mill_geom *run = &planner->run;
    const struct recipe__taker self = {.op = &mill_stage_resize};
    if (!mill_geom_resizes(run))
        return MILL_OK;
    enum mill_status status = recipe__satisfy(planner, &self, err);
    if (status != MILL_OK)
        return status;
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->own.resize = (struct mill_resize_params){
        .w = run->w, .h = run->h, .out = run->out, .kernel = run->kernel};
    for (unsigned p = 0; p < target->n_planes; p++)
        stage->own.resize.plane[p] =
            mill_grid_turn(&target->plane[p], target->w, target->h,
                           mill_turn_inverse(run->turn));
    return recipe__stage_put(planner, &mill_stage_resize, NULL, err);
}

static enum mill_status
put_turn(struct recipe__planner *planner, struct mill_err *err)
{
    if (planner->run.turn == MILL_TURN_0)
        return MILL_OK;
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->own.turn.turn = planner->run.turn;
    return recipe__stage_put(planner, &mill_stage_turn, NULL, err);
}

enum mill_status
recipe__run_close(struct recipe__planner *planner,
                  const struct recipe__taker *taker, struct mill_err *err)
{
    struct mill_shape target;
    target_shape(planner, taker, &target);
    if (!planner->settled)
        settle(planner);
    enum mill_status status = put_crop(planner, err);
    if (status == MILL_OK)
        status = put_gray(planner, err);
    if (status == MILL_OK)
        status = put_resize(planner, &target, err);
    if (status == MILL_OK)
        status = put_turn(planner, err);
    planner->run = mill_geom_start(planner->shape.w, planner->shape.h);
    return status;
}
