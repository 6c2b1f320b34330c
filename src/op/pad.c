/* Padding: the second half of `resize fit=contain`. The picture that comes is
 * no larger than the box; it is laid into the box by gravity, amid the
 * background that was asked for; if none was, amid transparency when it has
 * alpha, else amid white. Planes must have step 1, since padding may begin at
 * an odd pixel.
 *
 *     blank blank blank      one band of nothing but background, sent as often
 *     blank image blank      as it takes; and one whose middle is overwritten
 *     blank blank blank      with the rows that come, its sides never
 */
#include "colour.h"
#include "gravity.h"
#include "kernel/convert.h"
#include "kernel/levels.h"
#include "resize.h"

#include <string.h>

struct pad {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_shape in, out;
    struct mill_rect part; /* of the box: the picture */
    struct mill_band blank, made;
    uint32_t y; /* rows of the box given on */
};

static bool
is_needed(const struct op__resize_params *params, const struct mill_shape *in)
{
    return params->fit == OP__FIT_CONTAIN && params->w && params->h &&
           (in->w != params->w || in->h != params->h);
}

void
op__pad_want(const void *params, const struct mill_shape *in,
             struct mill_want *want)
{
    const struct op__resize_params *resize = params;
    if (!is_needed(params, in))
        return;
    if (op__colour_is_foreign(&resize->background, in))
        want->models = 1 << MILL_RGB;
    want->grids = true;
    memset(want->sx, 1, sizeof want->sx);
    memset(want->sy, 1, sizeof want->sy);
}

enum mill_status
op__pad_shape(const void *what, const struct mill_shape *in,
              struct mill_shape *out, struct mill_err *err)
{
    const struct op__resize_params *params = what;
    *out = *in;
    if (!is_needed(params, in))
        return MILL_OK;
    if (in->w > params->w || in->h > params->h)
        return mill_fail(err, MILL_INTERNAL, "%ux%u px to pad to %ux%u", in->w,
                         in->h, params->w, params->h);
    mill_shape_init(out, params->w, params->h, in->model, in->alpha, in->depth);
    return MILL_OK;
}

uint64_t
op__pad_bytes(const void *params, const struct mill_shape *in)
{
    struct mill_err err;
    struct mill_shape out;
    if (!is_needed(params, in) ||
        op__pad_shape(params, in, &out, &err) != MILL_OK)
        return 0;
    uint64_t bands = mill_u64_mul(2, mill_band_bytes(&out, out.band_px));
    return mill_u64_add(bands, sizeof(struct pad) + 64);
}

/* ---- the background ------------------------------------------------------ */

static void
fill_rows(struct mill_band *band, const struct mill_shape *shape,
          const struct op__resize_params *params)
{
    const struct op__convert_kernels *kernels = op__kernels()->convert;
    const bool deep = shape->depth == 16;
    const unsigned alpha = mill_model_colours(shape->model);
    uint32_t levels[MILL_PLANES] = {0};
    if (params->opaque || shape->alpha == MILL_OPAQUE) {
        op__colour_levels(&params->background, shape, levels);
        if (shape->alpha != MILL_OPAQUE)
            levels[alpha] = deep ? UINT16_MAX : UINT8_MAX;
    }
    for (unsigned p = 0; p < shape->n_planes; p++)
        for (uint32_t i = 0; i < shape->band_px && i < shape->h; i++)
            kernels->fill[deep](
                &(struct op__rows){.to = {mill_rows_at(&band->plane[p], i)},
                                   .n = shape->plane[p].w,
                                   .level = levels[p]});
}

/* ---- the station --------------------------------------------------------- */

/* Blank rows up to row `end` of the box. */
static enum mill_flow
give_blank(struct pad *pad, uint32_t end, struct mill_err *err)
{
    enum mill_flow flow = MILL_FLOW_MORE;
    while (pad->y < end && flow == MILL_FLOW_MORE) {
        uint32_t n = end - pad->y;
        n = n < pad->out.band_px ? n : pad->out.band_px;
        mill_band_place(&pad->blank, &pad->out, pad->y, n);
        pad->y += n;
        flow = pad->next->band(pad->next, &pad->blank, err);
    }
    return flow;
}

/* Rows [y, y + n) of the incoming band, counted from its first. */
static enum mill_flow
give_rows(struct pad *pad, const struct mill_band *band, uint32_t y, uint32_t n,
          struct mill_err *err)
{
    const size_t sample = mill_shape_sample_bytes(&pad->in);
    mill_band_place(&pad->made, &pad->out, pad->y, n);
    for (unsigned p = 0; p < pad->in.n_planes; p++)
        for (uint32_t i = 0; i < n; i++)
            memcpy((uint8_t *)mill_rows_at(&pad->made.plane[p], i) +
                       pad->part.x * sample,
                   mill_rows_at(&band->plane[p], y + i), pad->in.w * sample);
    pad->y += n;
    return pad->next->band(pad->next, &pad->made, err);
}

static enum mill_flow
pad_begin(struct mill_sink *sink, const struct mill_shape *shape,
          const struct mill_meta *meta, struct mill_err *err)
{
    struct pad *pad = (struct pad *)sink;
    (void)shape;
    return pad->next->begin(pad->next, &pad->out, meta, err);
}

static enum mill_flow
pad_band(struct mill_sink *sink, const struct mill_band *band,
         struct mill_err *err)
{
    struct pad *pad = (struct pad *)sink;
    enum mill_flow flow = MILL_FLOW_MORE;
    if (pad->y < pad->part.y)
        flow = give_blank(pad, pad->part.y, err);
    for (uint32_t y = 0; y < band->n && flow == MILL_FLOW_MORE;) {
        uint32_t n = band->n - y;
        n = n < pad->out.band_px ? n : pad->out.band_px;
        flow = give_rows(pad, band, y, n, err);
        y += n;
    }
    if (flow == MILL_FLOW_MORE && band->y + band->n == pad->in.h)
        flow = give_blank(pad, pad->out.h, err);
    return flow;
}

static enum mill_flow
pad_end(struct mill_sink *sink, struct mill_err *err)
{
    struct pad *pad = (struct pad *)sink;
    return pad->next->end(pad->next, err);
}

struct mill_sink *
op__pad_open(const void *what, const struct mill_shape *in,
             struct mill_sink *next, struct mill_arena *arena,
             struct mill_err *err)
{
    const struct op__resize_params *params = what;
    struct mill_shape out;
    if (!is_needed(params, in))
        return next;
    if (op__pad_shape(params, in, &out, err) != MILL_OK)
        return NULL;
    struct pad *pad = mill_arena_take(arena, sizeof *pad, err);
    if (!pad)
        return NULL;
    *pad = (struct pad){
        .sink = {pad_begin, pad_band, pad_end, NULL},
        .next = next,
        .in = *in,
        .out = out,
        .part = op__gravity_place(params->gravity, in->w, in->h, out.w, out.h)};
    if (mill_band_take(&pad->blank, &out, out.band_px, arena, err) != MILL_OK ||
        mill_band_take(&pad->made, &out, out.band_px, arena, err) != MILL_OK)
        return NULL;
    fill_rows(&pad->blank, &out, params);
    fill_rows(&pad->made, &out, params);
    return &pad->sink;
}
