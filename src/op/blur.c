/* Blur by a Gaussian, and the station that sharpen shares with it.
 *
 * Every plane has its own grid, so its own sigma in samples and its own reach;
 * they answer rows at different times. The station feeds one picture row at a
 * time, whatever bands come, and as soon as every plane has what its rows of
 * the next band need, it makes that band: always the rows [k * n, (k + 1) * n)
 * of the picture, n being the shape's band_px. So what goes out does not depend
 * on how bands were cut, and a ring holds a fixed number of rows:
 *
 *     ring of a plane   |-- reach --|-- the band to make --|-- ahead --|
 *
 * where ahead is the longest reach of all planes, in px. Planes that stay as
 * they are wait in a ring too. */
#include "blur.h"
#include "kernel/blur.h"
#include "kernel/levels.h"
#include "ops.h"
#include "soften.h"

#include <math.h>
#include <string.h>

struct blur {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_shape shape;
    struct mill_band made;
    const struct op__blur_kernels *kernels;
    bool sharpens;
    int32_t amount, threshold; /* as the row loops take them */
    uint32_t y;                /* picture rows given on */
    struct op__soften planes[MILL_PLANES];
};

/* ---- what each plane needs ----------------------------------------------- */

static bool
is_touched(const struct op__blur_params *params, const struct mill_shape *in,
           unsigned p)
{
    if (!params->sharpens)
        return true;
    return in->model == MILL_YCC ? p == 0 : p < mill_model_colours(in->model);
}

/* Picture rows that the slowest plane must see beyond those it makes. */
static uint32_t
rows_ahead(const struct op__soften_plan *plans, const struct mill_shape *in)
{
    uint32_t most = 0;
    for (unsigned p = 0; p < in->n_planes; p++) {
        uint32_t reach = op__soften_reach(plans[p].sigma_y);
        uint32_t ahead = (reach + 1) * in->plane[p].sy;
        most = ahead > most ? ahead : most;
    }
    return most;
}

static void
plan_planes(struct op__soften_plan *plans, const struct op__blur_params *params,
            const struct mill_shape *in)
{
    for (unsigned p = 0; p < in->n_planes; p++) {
        const struct mill_grid *g = &in->plane[p];
        double sigma = is_touched(params, in, p) ? params->sigma : 0;
        plans[p] = (struct op__soften_plan){.w = g->w,
                                            .h = g->h,
                                            .depth = in->depth,
                                            .sigma_x = sigma / g->sx,
                                            .sigma_y = sigma / g->sy,
                                            .keeps = params->sharpens};
    }
    uint32_t ahead = rows_ahead(plans, in);
    for (unsigned p = 0; p < in->n_planes; p++) {
        const struct mill_grid *g = &in->plane[p];
        uint64_t rows = ((uint64_t)in->band_px + ahead + 1) / g->sy +
                        op__soften_reach(plans[p].sigma_y) + 3u;
        plans[p].ring_rows = rows < g->h ? (uint32_t)rows : g->h;
    }
}

static bool
all_pass(const struct op__soften_plan *plans, const struct mill_shape *in)
{
    for (unsigned p = 0; p < in->n_planes; p++)
        if (!op__soften_passes(&plans[p]))
            return false;
    return true;
}

uint64_t
op__blur_bytes(const struct op__blur_params *params,
               const struct mill_shape *in)
{
    struct op__soften_plan plans[MILL_PLANES];
    plan_planes(plans, params, in);
    if (all_pass(plans, in))
        return 0;
    uint64_t bytes = mill_band_bytes(in, in->band_px);
    bytes = mill_u64_add(bytes, sizeof(struct blur) + 64);
    for (unsigned p = 0; p < in->n_planes; p++)
        bytes = mill_u64_add(bytes, op__soften_bytes(&plans[p]));
    return bytes;
}

/* ---- making bands -------------------------------------------------------- */

static uint32_t
next_rows(const struct blur *blur)
{
    uint32_t left = blur->shape.h - blur->y;
    return left < blur->shape.band_px ? left : blur->shape.band_px;
}

/* Have all planes been fed what the next band depends on? */
static bool
is_ready(const struct blur *blur)
{
    uint32_t end = blur->y + next_rows(blur);
    if (blur->y == blur->shape.h)
        return false;
    for (unsigned p = 0; p < blur->shape.n_planes; p++) {
        const struct mill_grid *g = &blur->shape.plane[p];
        const struct op__soften *plane = &blur->planes[p];
        uint64_t need = (uint64_t)mill_grid_rows_above(g, end) + plane->y.reach;
        if (plane->fed < (need < g->h ? need : g->h))
            return false;
    }
    return true;
}

static void
make_row(struct blur *blur, struct op__soften *plane, void *to, uint32_t y)
{
    const struct op__blur_kernels *kernels = blur->kernels;
    const uint32_t w = plane->plan.w;
    const bool wide = plane->plan.depth == 16;
    if (op__soften_passes(&plane->plan)) {
        memcpy(to, op__soften_own(plane, y), (size_t)w << wide);
        return;
    }
    const void *soft = op__soften_make(plane, y);
    if (blur->sharpens)
        kernels->sharpen[wide](to, op__soften_own(plane, y), soft, w,
                               blur->amount, blur->threshold);
    else
        kernels->settle[wide](to, soft, w);
}

static enum mill_flow
give_band(struct blur *blur, struct mill_err *err)
{
    struct mill_band *made = &blur->made;
    mill_band_place(made, &blur->shape, blur->y, next_rows(blur));
    for (unsigned p = 0; p < blur->shape.n_planes; p++)
        for (uint32_t i = 0; i < made->plane[p].n; i++)
            make_row(blur, &blur->planes[p], mill_rows_at(&made->plane[p], i),
                     made->plane[p].y + i);
    blur->y += made->n;
    return blur->next->band(blur->next, made, err);
}

/* ---- the station --------------------------------------------------------- */

static enum mill_flow
blur_begin(struct mill_sink *sink, const struct mill_shape *shape,
           const struct mill_meta *meta, struct mill_err *err)
{
    struct blur *blur = (struct blur *)sink;
    return blur->next->begin(blur->next, shape, meta, err);
}

static enum mill_flow
blur_band(struct mill_sink *sink, const struct mill_band *band,
          struct mill_err *err)
{
    struct blur *blur = (struct blur *)sink;
    enum mill_flow flow = MILL_FLOW_MORE;
    for (uint32_t y = band->y; y < band->y + band->n; y++) {
        for (unsigned p = 0; p < blur->shape.n_planes; p++) {
            const struct mill_rows *rows = &band->plane[p];
            const struct mill_grid *g = &blur->shape.plane[p];
            uint32_t end = mill_grid_rows_above(g, y + 1);
            for (uint32_t r = mill_grid_rows_above(g, y); r < end; r++)
                op__soften_feed(&blur->planes[p],
                                mill_rows_at(rows, r - rows->y));
        }
        while (flow == MILL_FLOW_MORE && is_ready(blur))
            flow = give_band(blur, err);
        if (flow != MILL_FLOW_MORE)
            return flow;
    }
    return MILL_FLOW_MORE;
}

static enum mill_flow
blur_end(struct mill_sink *sink, struct mill_err *err)
{
    struct blur *blur = (struct blur *)sink;
    return blur->next->end(blur->next, err);
}

struct mill_sink *
op__blur_open(const struct op__blur_params *params, const struct mill_shape *in,
              struct mill_sink *next, struct mill_arena *arena,
              struct mill_err *err)
{
    struct op__soften_plan plans[MILL_PLANES];
    plan_planes(plans, params, in);
    if (all_pass(plans, in))
        return next;
    struct blur *blur = mill_arena_take(arena, sizeof *blur, err);
    if (!blur)
        return NULL;
    double levels = in->depth == 8 ? 1 : 257;
    *blur = (struct blur){
        .sink = {blur_begin, blur_band, blur_end, NULL},
        .next = next,
        .shape = *in,
        .kernels = op__kernels()->blur,
        .sharpens = params->sharpens,
        .amount = (int32_t)lround(params->amount * (1 << OP__AMOUNT_BITS)),
        .threshold =
            (int32_t)lround(params->threshold * levels * (1 << OP__SOFT_BITS))};
    for (unsigned p = 0; p < in->n_planes; p++)
        if (op__soften_init(&blur->planes[p], &plans[p], arena, err) != MILL_OK)
            return NULL;
    if (mill_band_take(&blur->made, in, in->band_px, arena, err) != MILL_OK)
        return NULL;
    return &blur->sink;
}

/* ---- the operation ------------------------------------------------------- */

static enum mill_status
blur_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    struct op__blur_params *blur = params;
    enum mill_status status = mill_args_check(args, 1, 1, NULL, err);
    if (status != MILL_OK)
        return status;
    return mill_args_number(args, "sigma", args->positional[0], 0.3, 100,
                            &blur->sigma, err);
}

static void
blur_want(const void *params, const struct mill_shape *in,
          struct mill_want *want)
{
    (void)params, (void)in;
    want->alphas = 1 << MILL_OPAQUE | 1 << MILL_PREMULTIPLIED;
}

static uint64_t
blur_bytes(const void *params, const struct mill_shape *in)
{
    return op__blur_bytes(params, in);
}

static struct mill_sink *
blur_open(const void *params, const struct mill_shape *in,
          struct mill_sink *next, struct mill_arena *arena,
          struct mill_err *err)
{
    return op__blur_open(params, in, next, arena, err);
}

const struct mill_op mill_op_blur = {
    .name = "blur",
    .usage = "SIGMA",
    .summary = "soften by a Gaussian, sigma in pixels, 0.3 to 100",
    .params_size = sizeof(struct op__blur_params),
    .parse = blur_parse,
    .want = blur_want,
    .bytes = blur_bytes,
    .open = blur_open,
};
