/* What must happen to a picture before somebody takes it: transparency away,
 * another model, alpha or depth, other grids; in this order, each at most once,
 * and nothing that is not asked for.
 *
 *     flatten ─► (equal grids ─►) convert ─► grids
 *
 * Each of these is asked for its own wants too. Pictures with alpha have all
 * planes at step 1, since no format has them otherwise and no resize makes
 * them so; therefore grids never change under straight alpha. */
#include "planner.h"

/* What the taker would want of a shape. */
static void
ask(const struct recipe__planner *planner, const struct recipe__taker *taker,
    const struct mill_shape *shape, struct mill_want *want)
{
    *want = (struct mill_want){0};
    if (taker->encodes)
        planner->plan->format->want(&planner->recipe->encode, planner->info,
                                    shape, want);
    else if (taker->op && taker->op->want)
        taker->op->want(taker->params, shape, want);
}

/* ---- what to convert to -------------------------------------------------- */

/* The nearest model that is allowed; itself when none is. */
static enum mill_model
model_for(const struct mill_want *want, enum mill_model model)
{
    static const uint8_t nearest[][4] = {
        [MILL_GRAY] = {MILL_GRAY, MILL_RGB, MILL_YCC, MILL_CMYK},
        [MILL_YCC] = {MILL_YCC, MILL_RGB, MILL_GRAY, MILL_CMYK},
        [MILL_RGB] = {MILL_RGB, MILL_YCC, MILL_GRAY, MILL_CMYK},
        [MILL_CMYK] = {MILL_CMYK, MILL_RGB, MILL_YCC, MILL_GRAY}};
    for (unsigned i = 0; want->models && i < 4; i++)
        if (want->models >> nearest[model][i] & 1)
            return (enum mill_model)nearest[model][i];
    return model;
}

static enum mill_alpha
alpha_for(const struct mill_want *want, enum mill_alpha alpha)
{
    if (!want->alphas || want->alphas >> alpha & 1)
        return alpha;
    return want->alphas >> MILL_STRAIGHT & 1 ? MILL_STRAIGHT
                                             : MILL_PREMULTIPLIED;
}

static uint8_t
depth_for(const struct mill_want *want, uint8_t depth)
{
    if (want->depths == 1)
        return 8;
    return want->depths == 2 ? 16 : depth;
}

/* False when nothing but the grids is to change. */
static bool
must_convert(const struct mill_want *want, const struct mill_shape *shape,
             struct mill_convert_params *to)
{
    to->model = model_for(want, shape->model);
    to->alpha = alpha_for(want, shape->alpha);
    to->depth = depth_for(want, shape->depth);
    return to->model != shape->model || to->alpha != shape->alpha ||
           to->depth != shape->depth;
}

static bool
must_flatten(const struct mill_want *want, const struct mill_shape *shape)
{
    return shape->alpha != MILL_OPAQUE && want->alphas == 1 << MILL_OPAQUE;
}

bool
recipe__steps(const struct recipe__planner *planner,
              const struct recipe__taker *taker, const struct mill_shape *shape,
              struct mill_want *steps)
{
    struct mill_want want;
    struct mill_convert_params to;
    ask(planner, taker, shape, &want);
    *steps = (struct mill_want){0};
    if (must_flatten(&want, shape)) {
        struct mill_flatten_params flatten = {planner->recipe->background};
        mill_op_flatten.want(&flatten, shape, steps);
        return steps->grids;
    }
    if (must_convert(&want, shape, &to) && to.model != shape->model)
        mill_stage_convert.want(&to, shape, steps);
    else
        *steps = want;
    return steps->grids;
}

/* Planes are dropped, or every sample is changed alone: either may as well be
 * done before crops and turns, the first before a resize too. */
bool
recipe__pale(struct recipe__planner *planner, const struct recipe__taker *taker)
{
    const enum mill_model had = planner->shape.model;
    struct mill_want want;
    struct mill_convert_params to;
    struct mill_shape paled;
    struct mill_err err;
    ask(planner, taker, &planner->shape, &want);
    if (planner->settled || !must_convert(&want, &planner->shape, &to) ||
        to.model != MILL_GRAY || to.alpha != planner->shape.alpha ||
        to.depth != planner->shape.depth)
        return false;
    if (had != MILL_YCC && mill_geom_resizes(&planner->run))
        return false;
    if (mill_stage_convert.shape(&to, &planner->shape, &paled, &err) != MILL_OK)
        return false;
    planner->shape = paled;
    return planner->paled = true;
}

/* ---- stations ------------------------------------------------------------ */

/* A box where planes only lose samples; else a tent, which grows with the ratio
 * too. */
static enum mill_kernel
kernel_for(const struct mill_shape *shape, const struct mill_grid *to)
{
    bool loses = false, gains = false;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const struct mill_grid *from = &shape->plane[p];
        loses |= to[p].sx > from->sx || to[p].sy > from->sy;
        gains |= to[p].sx < from->sx || to[p].sy < from->sy;
    }
    return loses && !gains ? MILL_BOX : MILL_LINEAR;
}

static enum mill_status
change_grids(struct recipe__planner *planner, const struct mill_want *want,
             struct mill_err *err)
{
    const struct mill_shape *shape = &planner->shape;
    unsigned colours = mill_model_colours(shape->model);
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    struct mill_resize_params *to = &stage->own.resize;
    *to = (struct mill_resize_params){
        .w = shape->w, .h = shape->h, .out = {0, 0, shape->w, shape->h}};
    for (unsigned p = 0; p < shape->n_planes; p++) {
        unsigned sx = p < colours && want->sx[p] ? want->sx[p] : 1;
        unsigned sy = p < colours && want->sy[p] ? want->sy[p] : 1;
        to->plane[p] = mill_grid_make(shape->w, shape->h, sx, sy);
    }
    to->kernel = (uint8_t)kernel_for(shape, to->plane);
    return recipe__stage_put(planner, &mill_stage_resize, NULL, err);
}

static enum mill_status
flatten(struct recipe__planner *planner, struct mill_err *err)
{
    struct mill_flatten_params params = {planner->recipe->background};
    struct recipe__taker taker = {.op = &mill_op_flatten, .params = &params};
    enum mill_status status = recipe__satisfy(planner, &taker, err);
    if (status != MILL_OK)
        return status;
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->own.flatten = params;
    return recipe__stage_put(planner, &mill_op_flatten, NULL, err);
}

static enum mill_status
convert(struct recipe__planner *planner, const struct mill_want *want,
        struct mill_err *err)
{
    struct mill_convert_params to;
    struct mill_want own = {0};
    if (!must_convert(want, &planner->shape, &to))
        return MILL_OK;
    mill_stage_convert.want(&to, &planner->shape, &own);
    if (!mill_want_met(&own, &planner->shape)) {
        enum mill_status status = change_grids(planner, &own, err);
        if (status != MILL_OK)
            return status;
    }
    struct mill_stage *stage = recipe__stage_next(planner, err);
    if (!stage)
        return (enum mill_status)err->status;
    stage->own.convert = to;
    return recipe__stage_put(planner, &mill_stage_convert, NULL, err);
}

enum mill_status
recipe__satisfy(struct recipe__planner *planner,
                const struct recipe__taker *taker, struct mill_err *err)
{
    struct mill_want want;
    enum mill_status status = MILL_OK;
    ask(planner, taker, &planner->shape, &want);
    if (must_flatten(&want, &planner->shape)) {
        status = flatten(planner, err);
        ask(planner, taker, &planner->shape, &want);
    }
    if (status == MILL_OK)
        status = convert(planner, &want, err);
    if (status != MILL_OK)
        return status;
    ask(planner, taker, &planner->shape, &want);
    if (!mill_want_met(&want, &planner->shape))
        status = change_grids(planner, &want, err);
    if (status == MILL_OK && !mill_want_met(&want, &planner->shape))
        status = mill_fail(err, MILL_INTERNAL, "a picture that %s cannot take",
                           taker->encodes ? planner->plan->format->name
                                          : taker->op->name);
    return status;
}
