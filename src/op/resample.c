/* The station that resizes: every plane from its own grid to its own grid.
 *
 * Planes need unequal stretches of what comes for the same output rows, chroma
 * the longest. So the station goes from output band to output band: it knows
 * for each the picture row up to which every plane must have been fed, feeds
 * exactly to there, makes the band, and goes on. What goes out, and when, does
 * not depend on how bands were cut; and how many rows each plane's ring must
 * hold is found beforehand by walking through all bands without pixels. */
#include "kernel/levels.h"
#include "ops.h"
#include "plane.h"

#include <string.h>

enum { SIDE_MAX = 1 << 28, ROWS = 16 };

struct resample_plan {
    struct mill_shape in, out;
    struct op__plane_plan planes[MILL_PLANES];
};

struct resample {
    struct mill_sink sink;
    struct mill_sink *next;
    struct resample_plan plan;
    struct mill_band made;
    uint32_t y;    /* output rows given on */
    uint32_t need; /* picture rows that the next band needs */
    struct op__plane planes[MILL_PLANES];
};

/* ---- the plan ------------------------------------------------------------ */

static bool
params_fit(const struct mill_resize_params *params, const struct mill_shape *in)
{
    const struct mill_rect *out = &params->out;
    return params->w && params->h && params->w <= SIDE_MAX &&
           params->h <= SIDE_MAX && in->w <= SIDE_MAX && in->h <= SIDE_MAX &&
           out->w && out->h && out->w <= params->w && out->h <= params->h &&
           out->x <= params->w - out->w && out->y <= params->h - out->h &&
           params->kernel <= MILL_BOX;
}

/* Chroma of half the height still fills blocks. */
static uint32_t
band_px(const struct mill_shape *out)
{
    for (unsigned p = 0; p < out->n_planes; p++)
        if (out->plane[p].sy > 1)
            return 2 * ROWS;
    return ROWS;
}

static enum mill_status
resample_shape(const void *what, const struct mill_shape *in,
               struct mill_shape *out, struct mill_err *err)
{
    const struct mill_resize_params *params = what;
    if (!params_fit(params, in))
        return mill_fail(err, MILL_LIMIT,
                         "%ux%u+%u+%u of %ux%u px, from %ux%u px",
                         params->out.w, params->out.h, params->out.x,
                         params->out.y, params->w, params->h, in->w, in->h);
    *out = *in;
    out->w = params->out.w;
    out->h = params->out.h;
    memcpy(out->plane, params->plane, sizeof out->plane);
    out->band_px = band_px(out);
    return MILL_OK;
}

static void
plan_axes(struct resample_plan *plan, const struct mill_resize_params *params)
{
    const struct mill_rect *part = &params->out;
    for (unsigned p = 0; p < plan->in.n_planes; p++) {
        const struct mill_grid *g = &plan->in.plane[p];
        const struct mill_grid *to = &plan->out.plane[p];
        const struct op__span x = {plan->in.w, g->w, g->x0, g->sx};
        const struct op__span y = {plan->in.h, g->h, g->y0, g->sy};
        const struct op__span to_x = {part->w, to->w, to->x0, to->sx};
        const struct op__span to_y = {part->h, to->h, to->y0, to->sy};
        plan->planes[p] = (struct op__plane_plan){
            .x = op__axis_make(&x, params->w, part->x, &to_x, params->kernel),
            .y = op__axis_make(&y, params->h, part->y, &to_y, params->kernel),
            .depth = plan->in.depth};
    }
}

/* Picture rows that must have come before output rows up to `end` can be made;
 * at least `before`. */
static uint32_t
rows_needed(const struct resample_plan *plan, uint32_t end, uint32_t before)
{
    for (unsigned p = 0; p < plan->in.n_planes; p++) {
        const struct mill_grid *g = &plan->in.plane[p];
        uint32_t rows = mill_grid_rows_above(&plan->out.plane[p], end);
        uint32_t first, last;
        if (!rows)
            continue;
        op__axis_reach(&plan->planes[p].y, rows - 1, &first, &last);
        int64_t top = g->y0 + (int64_t)last * g->sy;
        uint32_t need = top > 0 ? (uint32_t)top + 1 : 1;
        before = need > before ? need : before;
    }
    return before;
}

static uint32_t
band_end(const struct resample_plan *plan, uint32_t y)
{
    uint32_t left = plan->out.h - y;
    return y + (left < plan->out.band_px ? left : plan->out.band_px);
}

/* Source rows that lie in the ring, with `fed` rows fed, before output row y is
 * made. */
static uint32_t
rows_held(const struct op__axis *axis, uint32_t y, uint32_t fed)
{
    uint32_t first, last;
    if (y >= axis->n_out)
        return 1;
    op__axis_reach(axis, y, &first, &last);
    return fed > first ? fed - first : 1;
}

/* Sums that are under way then; *begun goes on from call to call. */
static uint32_t
sums_held(const struct op__axis *axis, uint32_t y, uint32_t fed,
          uint32_t *begun)
{
    uint32_t first, last;
    for (; *begun < axis->n_out; ++*begun) {
        op__axis_reach(axis, *begun, &first, &last);
        if (first >= fed)
            break;
    }
    return *begun > y ? *begun - y : 1;
}

/* Walks through all output bands for what the rings must hold. */
static void
plan_rings(struct resample_plan *plan)
{
    uint32_t begun[MILL_PLANES] = {0}, need = 0;
    for (uint32_t y = 0; y < plan->out.h; y = band_end(plan, y)) {
        need = rows_needed(plan, band_end(plan, y), need);
        for (unsigned p = 0; p < plan->in.n_planes; p++) {
            struct op__plane_plan *plane = &plan->planes[p];
            uint32_t fed = mill_grid_rows_above(&plan->in.plane[p], need);
            uint32_t row = mill_grid_rows_above(&plan->out.plane[p], y);
            uint32_t held = op__plane_sums(plane)
                                ? sums_held(&plane->y, row, fed, &begun[p])
                                : rows_held(&plane->y, row, fed);
            if (held > plane->ring_rows)
                plane->ring_rows = held;
        }
    }
}

static enum mill_status
plan_make(struct resample_plan *plan, const struct mill_resize_params *params,
          const struct mill_shape *in, struct mill_err *err)
{
    plan->in = *in;
    if (resample_shape(params, in, &plan->out, err) != MILL_OK)
        return (enum mill_status)err->status;
    plan_axes(plan, params);
    plan_rings(plan);
    return MILL_OK;
}

static uint64_t
resample_bytes(const void *params, const struct mill_shape *in)
{
    struct resample_plan plan;
    struct mill_err err;
    if (plan_make(&plan, params, in, &err) != MILL_OK)
        return 0;
    uint64_t bytes = mill_band_bytes(&plan.out, plan.out.band_px);
    bytes = mill_u64_add(bytes, sizeof(struct resample) + 64);
    for (unsigned p = 0; p < in->n_planes; p++)
        bytes = mill_u64_add(bytes, op__plane_bytes(&plan.planes[p]));
    return bytes;
}

static void
resample_want(const void *params, const struct mill_shape *in,
              struct mill_want *want)
{
    (void)params, (void)in;
    want->alphas = 1 << MILL_OPAQUE | 1 << MILL_PREMULTIPLIED;
}

/* ---- the station --------------------------------------------------------- */

static enum mill_flow
resample_begin(struct mill_sink *sink, const struct mill_shape *shape,
               const struct mill_meta *meta, struct mill_err *err)
{
    struct resample *resample = (struct resample *)sink;
    (void)shape;
    return resample->next->begin(resample->next, &resample->plan.out, meta,
                                 err);
}

/* Feeds the planes up to picture row `end`, as far as the band goes. */
static void
feed(struct resample *resample, const struct mill_band *band, uint32_t end)
{
    for (unsigned p = 0; p < resample->plan.in.n_planes; p++) {
        uint32_t stop = mill_grid_rows_above(&resample->plan.in.plane[p], end);
        op__plane_feed(&resample->planes[p], &band->plane[p], stop);
    }
}

static enum mill_flow
give(struct resample *resample, struct mill_err *err)
{
    const struct resample_plan *plan = &resample->plan;
    struct mill_band *made = &resample->made;
    mill_band_place(made, &plan->out, resample->y,
                    band_end(plan, resample->y) - resample->y);
    for (unsigned p = 0; p < plan->out.n_planes; p++) {
        const struct mill_rows *rows = &made->plane[p];
        op__plane_make(&resample->planes[p], rows->y, rows->n, rows->at,
                       rows->stride_bytes);
    }
    resample->y += made->n;
    if (resample->y < plan->out.h)
        resample->need =
            rows_needed(plan, band_end(plan, resample->y), resample->need);
    return resample->next->band(resample->next, made, err);
}

static enum mill_flow
resample_band(struct mill_sink *sink, const struct mill_band *band,
              struct mill_err *err)
{
    struct resample *resample = (struct resample *)sink;
    const uint32_t end = band->y + band->n;
    while (resample->need <= end) {
        feed(resample, band, resample->need);
        enum mill_flow flow = give(resample, err);
        if (flow != MILL_FLOW_MORE)
            return flow;
        if (resample->y == resample->plan.out.h)
            return MILL_FLOW_ENOUGH;
    }
    feed(resample, band, end);
    return MILL_FLOW_MORE;
}

static enum mill_flow
resample_end(struct mill_sink *sink, struct mill_err *err)
{
    struct resample *resample = (struct resample *)sink;
    return resample->next->end(resample->next, err);
}

static struct mill_sink *
resample_open(const void *params, const struct mill_shape *in,
              struct mill_sink *next, struct mill_arena *arena,
              struct mill_err *err)
{
    struct resample *resample = mill_arena_take(arena, sizeof *resample, err);
    if (!resample)
        return NULL;
    *resample = (struct resample){
        .sink = {resample_begin, resample_band, resample_end, NULL},
        .next = next};
    struct resample_plan *plan = &resample->plan;
    if (plan_make(plan, params, in, err) != MILL_OK)
        return NULL;
    for (unsigned p = 0; p < in->n_planes; p++)
        if (op__plane_init(&resample->planes[p], &plan->planes[p],
                           resample->planes, p, arena, err) != MILL_OK)
            return NULL;
    if (mill_band_take(&resample->made, &plan->out, plan->out.band_px, arena,
                       err) != MILL_OK)
        return NULL;
    resample->need = rows_needed(plan, band_end(plan, 0), 0);
    return &resample->sink;
}

const struct mill_op mill_stage_resize = {
    .name = "resample",
    .usage = "",
    .summary = "another size, or other grids",
    .params_size = sizeof(struct mill_resize_params),
    .want = resample_want,
    .shape = resample_shape,
    .bytes = resample_bytes,
    .open = resample_open,
};
