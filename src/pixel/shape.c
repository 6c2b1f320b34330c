/* Shapes: what a picture is made of, whether a shape keeps its own rules, and
 * whether an operation or an encoder can take it as it is.
 *
 * Pure functions over plain structs. */
#include <imgmill/pixel.h>

enum { STEP_MAX = 32 };

unsigned
mill_model_colours(enum mill_model model)
{
    static const uint8_t colours[] = {
        [MILL_GRAY] = 1, [MILL_YCC] = 3, [MILL_RGB] = 3, [MILL_CMYK] = 4};
    return colours[model];
}

const char *
mill_model_name(enum mill_model model)
{
    static const char *const names[] = {[MILL_GRAY] = "gray",
                                        [MILL_YCC] = "ycc",
                                        [MILL_RGB] = "rgb",
                                        [MILL_CMYK] = "cmyk"};
    return names[model];
}

void
mill_shape_init(struct mill_shape *shape, uint32_t w, uint32_t h,
                enum mill_model model, enum mill_alpha alpha, unsigned depth)
{
    unsigned n = mill_model_colours(model) + (alpha != MILL_OPAQUE);
    *shape = (struct mill_shape){.w = w,
                                 .h = h,
                                 .model = model,
                                 .alpha = alpha,
                                 .n_planes = (uint8_t)n,
                                 .depth = (uint8_t)depth,
                                 .band_px = MILL_BAND_PX};
    for (unsigned p = 0; p < n; p++)
        shape->plane[p] = mill_grid_make(w, h, 1, 1);
}

/* Do n samples of `step` px from `at` on cover `size` px with none to spare? */
static bool
axis_fits(uint32_t size, uint32_t n, unsigned step, int at)
{
    int64_t end = at + (int64_t)n * step;
    return step >= 1 && step <= STEP_MAX && n >= 1 && at <= 0 &&
           -at < (int)step && end >= size && end - step < size;
}

static bool
grid_fits(const struct mill_shape *shape, const struct mill_grid *g)
{
    return axis_fits(shape->w, g->w, g->sx, g->x0) &&
           axis_fits(shape->h, g->h, g->sy, g->y0);
}

static enum mill_status
check_planes(const struct mill_shape *shape, struct mill_err *err)
{
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const struct mill_grid *g = &shape->plane[p];
        bool alpha = shape->alpha != MILL_OPAQUE && p + 1u == shape->n_planes;
        if (!grid_fits(shape, g))
            return mill_fail(err, MILL_INTERNAL,
                             "shape: the grid of plane %u (%ux%u, step %ux%u, "
                             "from %d,%d) does not fit %ux%u",
                             p, g->w, g->h, g->sx, g->sy, g->x0, g->y0,
                             shape->w, shape->h);
        if (alpha && (g->sx != 1 || g->sy != 1))
            return mill_fail(err, MILL_INTERNAL,
                             "shape: alpha has step %ux%u, not 1x1", g->sx,
                             g->sy);
    }
    return MILL_OK;
}

enum mill_status
mill_shape_check(const struct mill_shape *shape, struct mill_err *err)
{
    if (!shape->w || !shape->h)
        return mill_fail(err, MILL_INTERNAL, "shape: no pixels (%ux%u)",
                         shape->w, shape->h);
    if ((unsigned)shape->model > MILL_CMYK)
        return mill_fail(err, MILL_INTERNAL, "shape: no such model (%u)",
                         (unsigned)shape->model);
    if ((unsigned)shape->alpha > MILL_PREMULTIPLIED)
        return mill_fail(err, MILL_INTERNAL, "shape: no such alpha (%u)",
                         (unsigned)shape->alpha);
    if (shape->depth != 8 && shape->depth != 16)
        return mill_fail(err, MILL_INTERNAL, "shape: depth %u, not 8 or 16",
                         shape->depth);
    if (!shape->band_px)
        return mill_fail(err, MILL_INTERNAL, "shape: band_px is 0");

    unsigned n =
        mill_model_colours(shape->model) + (shape->alpha != MILL_OPAQUE);
    if (shape->n_planes != n)
        return mill_fail(err, MILL_INTERNAL, "shape: %u planes, %s needs %u",
                         shape->n_planes, mill_model_name(shape->model), n);
    return check_planes(shape, err);
}

static bool
grids_met(const struct mill_want *want, const struct mill_shape *shape)
{
    unsigned colours = mill_model_colours(shape->model);
    for (unsigned p = 0; p < shape->n_planes; p++) {
        unsigned sx = p < colours && want->sx[p] ? want->sx[p] : 1;
        unsigned sy = p < colours && want->sy[p] ? want->sy[p] : 1;
        struct mill_grid g = mill_grid_make(shape->w, shape->h, sx, sy);
        if (!mill_grid_equal(&g, &shape->plane[p]))
            return false;
    }
    return true;
}

bool
mill_want_met(const struct mill_want *want, const struct mill_shape *shape)
{
    unsigned depth = shape->depth == 8 ? 1 : 2;
    if (want->models && !(want->models >> shape->model & 1))
        return false;
    if (want->alphas && !(want->alphas >> shape->alpha & 1))
        return false;
    if (want->depths && !(want->depths & depth))
        return false;
    return !want->grids || grids_met(want, shape);
}
