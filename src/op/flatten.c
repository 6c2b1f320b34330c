/* Alpha away: the picture over a background of one colour,
 * out = c * a + background * (1 - a) with one rounding, straight or
 * premultiplied. The background is the colour in the picture's own model. An
 * opaque picture passes: there is no station. Rows are independent of each
 * other: it keeps nothing between bands. */
#include "colour.h"
#include "kernel/convert.h"
#include "kernel/levels.h"
#include "ops.h"

struct flatten {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_shape in, out;
    struct mill_band made;
    void (*cover)(const struct op__rows *);
    struct op__rows rows; /* planes and background; pointers for each row */
};

static enum mill_status
flatten_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    struct mill_flatten_params *flatten = params;
    enum mill_status status = mill_args_check(args, 0, 1, NULL, err);
    if (status != MILL_OK)
        return status;
    const char *text = args->n_positional ? args->positional[0] : "white";
    if (!mill_colour_parse(text, &flatten->background))
        return mill_fail(err, MILL_USAGE,
                         "--%s: a colour is white, black, #rgb or #rrggbb, "
                         "not \"%s\"",
                         args->op, text);
    return MILL_OK;
}

static void
flatten_want(const void *params, const struct mill_shape *in,
             struct mill_want *want)
{
    const struct mill_flatten_params *flatten = params;
    if (in->alpha == MILL_OPAQUE)
        return;
    if (op__colour_is_foreign(&flatten->background, in))
        want->models = 1 << MILL_RGB;
    want->grids = true; /* alpha's: step 1 */
    for (unsigned p = 0; p < in->n_planes; p++)
        want->sx[p] = want->sy[p] = 1;
}

static enum mill_status
flatten_shape(const void *params, const struct mill_shape *in,
              struct mill_shape *out, struct mill_err *err)
{
    (void)params, (void)err;
    *out = *in;
    out->alpha = MILL_OPAQUE;
    out->n_planes = (uint8_t)mill_model_colours(in->model);
    return MILL_OK;
}

static uint64_t
flatten_bytes(const void *params, const struct mill_shape *in)
{
    struct mill_err err;
    struct mill_shape out;
    if (in->alpha == MILL_OPAQUE)
        return 0;
    flatten_shape(params, in, &out, &err);
    return mill_u64_add(sizeof(struct flatten) + 64,
                        mill_band_bytes(&out, out.band_px));
}

static enum mill_flow
flatten_begin(struct mill_sink *sink, const struct mill_shape *shape,
              const struct mill_meta *meta, struct mill_err *err)
{
    struct flatten *flatten = (struct flatten *)sink;
    (void)shape;
    return flatten->next->begin(flatten->next, &flatten->out, meta, err);
}

static enum mill_flow
flatten_band(struct mill_sink *sink, const struct mill_band *band,
             struct mill_err *err)
{
    struct flatten *flatten = (struct flatten *)sink;
    struct op__rows *rows = &flatten->rows;
    struct mill_band *made = &flatten->made;
    mill_band_place(made, &flatten->out, band->y, band->n);
    for (uint32_t i = 0; i < made->plane[0].n; i++) {
        for (unsigned p = 0; p < flatten->in.n_planes; p++)
            rows->from[p] = mill_rows_at(&band->plane[p], i);
        for (unsigned p = 0; p < flatten->out.n_planes; p++)
            rows->to[p] = mill_rows_at(&made->plane[p], i);
        flatten->cover(rows);
    }
    return flatten->next->band(flatten->next, made, err);
}

static enum mill_flow
flatten_end(struct mill_sink *sink, struct mill_err *err)
{
    struct flatten *flatten = (struct flatten *)sink;
    return flatten->next->end(flatten->next, err);
}

static struct mill_sink *
flatten_open(const void *params, const struct mill_shape *in,
             struct mill_sink *next, struct mill_arena *arena,
             struct mill_err *err)
{
    const struct mill_flatten_params *what = params;
    const struct op__convert_kernels *kernels = op__kernels()->convert;
    if (in->alpha == MILL_OPAQUE)
        return next;
    struct flatten *flatten = mill_arena_take(arena, sizeof *flatten, err);
    if (!flatten)
        return NULL;
    *flatten = (struct flatten){
        .sink = {flatten_begin, flatten_band, flatten_end, NULL},
        .next = next,
        .in = *in,
        .cover = in->alpha == MILL_STRAIGHT
                     ? kernels->cover_straight[in->depth == 16]
                     : kernels->cover_multiplied[in->depth == 16]};
    flatten_shape(params, in, &flatten->out, err);
    flatten->rows.n = in->plane[0].w;
    flatten->rows.n_planes = flatten->out.n_planes;
    op__colour_levels(&what->background, in, flatten->rows.background);
    if (mill_band_take(&flatten->made, &flatten->out, in->band_px, arena,
                       err) != MILL_OK)
        return NULL;
    return &flatten->sink;
}

const struct mill_op mill_op_flatten = {
    .name = "flatten",
    .usage = "[COLOUR]",
    .summary = "transparency away, over a colour (default white)",
    .params_size = sizeof(struct mill_flatten_params),
    .parse = flatten_parse,
    .want = flatten_want,
    .shape = flatten_shape,
    .bytes = flatten_bytes,
    .open = flatten_open,
};
