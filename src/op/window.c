/* The station that leaves out what lies beside a part of the picture. Only
 * pointers and row numbers move, with one exception. A plane's row that begins
 * above the part and reaches into it belongs to the part's first row, but came
 * in an earlier band, which is gone by then: such rows are kept, and the first
 * picture row is given on as a band of its own, so that no band ever has to
 * join a kept row to others. */
#include <imgmill/op.h>

#include <string.h>

struct window {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_shape in, out;
    struct mill_rect part;
    uint32_t dx[MILL_PLANES], dy[MILL_PLANES]; /* samples left out */
    void *kept[MILL_PLANES]; /* the plane's first row, if it begins above */
    bool keeps;              /* any plane does */
};

static enum mill_status
window_shape(const void *params, const struct mill_shape *in,
             struct mill_shape *out, struct mill_err *err)
{
    const struct mill_rect *r =
        &((const struct mill_crop_params *)params)->rect;
    if (!r->w || !r->h || r->w > in->w || r->h > in->h || r->x > in->w - r->w ||
        r->y > in->h - r->h)
        return mill_fail(err, MILL_INTERNAL, "%ux%u+%u+%u of %ux%u px", r->w,
                         r->h, r->x, r->y, in->w, in->h);
    *out = *in;
    out->w = r->w;
    out->h = r->h;
    for (unsigned p = 0; p < in->n_planes; p++)
        out->plane[p] = mill_grid_crop(&in->plane[p], r, NULL, NULL);
    return MILL_OK;
}

static size_t
kept_bytes(const struct mill_shape *out, unsigned p)
{
    if (out->plane[p].y0 == 0)
        return 0;
    return mill_size_align(out->plane[p].w * mill_shape_sample_bytes(out) + 64,
                           64);
}

static uint64_t
window_bytes(const void *params, const struct mill_shape *in)
{
    struct mill_err err;
    struct mill_shape out = {0};
    uint64_t bytes = sizeof(struct window) + 64;
    if (window_shape(params, in, &out, &err) != MILL_OK)
        return 0;
    for (unsigned p = 0; p < in->n_planes; p++)
        bytes = mill_u64_add(bytes, kept_bytes(&out, p));
    return bytes;
}

/* ---- rows ---------------------------------------------------------------- */

static void
keep_rows(struct window *window, const struct mill_band *band)
{
    for (unsigned p = 0; p < window->in.n_planes; p++) {
        const struct mill_rows *rows = &band->plane[p];
        const size_t sample = mill_shape_sample_bytes(&window->in);
        uint32_t first = window->dy[p];
        if (window->kept[p] && first >= rows->y && first - rows->y < rows->n)
            memcpy(window->kept[p],
                   (uint8_t *)mill_rows_at(rows, first - rows->y) +
                       window->dx[p] * sample,
                   window->out.plane[p].w * sample);
    }
}

/* The part's rows [y, y + n), which the incoming band holds. */
static enum mill_flow
give(struct window *window, const struct mill_band *band, uint32_t y,
     uint32_t n, struct mill_err *err)
{
    const size_t sample = mill_shape_sample_bytes(&window->in);
    struct mill_band made = {0};
    mill_band_place(&made, &window->out, y, n);
    for (unsigned p = 0; p < window->out.n_planes; p++) {
        struct mill_rows *rows = &made.plane[p];
        const struct mill_rows *from = &band->plane[p];
        if (!rows->n)
            continue;
        rows->stride_bytes = from->stride_bytes;
        if (rows->y == 0 && window->kept[p])
            rows->at = window->kept[p];
        else
            rows->at = (uint8_t *)mill_rows_at(from, rows->y + window->dy[p] -
                                                         from->y) +
                       window->dx[p] * sample;
    }
    return window->next->band(window->next, &made, err);
}

/* ---- the station --------------------------------------------------------- */

static enum mill_flow
window_begin(struct mill_sink *sink, const struct mill_shape *shape,
             const struct mill_meta *meta, struct mill_err *err)
{
    struct window *window = (struct window *)sink;
    (void)shape;
    return window->next->begin(window->next, &window->out, meta, err);
}

static enum mill_flow
window_band(struct mill_sink *sink, const struct mill_band *band,
            struct mill_err *err)
{
    struct window *window = (struct window *)sink;
    const uint32_t top = window->part.y, bottom = top + window->part.h;
    enum mill_flow flow = MILL_FLOW_MORE;
    keep_rows(window, band);
    uint32_t y = band->y > top ? band->y : top, end = band->y + band->n;
    end = end < bottom ? end : bottom;
    if (y < end && y == top && window->keeps) {
        flow = give(window, band, 0, 1, err);
        y++;
    }
    if (y < end && flow == MILL_FLOW_MORE)
        flow = give(window, band, y - top, end - y, err);
    if (flow == MILL_FLOW_MORE && end == bottom)
        flow = MILL_FLOW_ENOUGH;
    return flow;
}

static enum mill_flow
window_end(struct mill_sink *sink, struct mill_err *err)
{
    struct window *window = (struct window *)sink;
    return window->next->end(window->next, err);
}

static struct mill_sink *
window_open(const void *params, const struct mill_shape *in,
            struct mill_sink *next, struct mill_arena *arena,
            struct mill_err *err)
{
    struct mill_shape out;
    if (window_shape(params, in, &out, err) != MILL_OK)
        return NULL;
    struct window *window = mill_arena_take(arena, sizeof *window, err);
    if (!window)
        return NULL;
    *window = (struct window){
        .sink = {window_begin, window_band, window_end, NULL},
        .next = next,
        .in = *in,
        .out = out,
        .part = ((const struct mill_crop_params *)params)->rect};
    for (unsigned p = 0; p < in->n_planes; p++) {
        mill_grid_crop(&in->plane[p], &window->part, &window->dx[p],
                       &window->dy[p]);
        size_t n = kept_bytes(&out, p);
        if (!n)
            continue;
        window->keeps = true;
        window->kept[p] = mill_arena_take(arena, n, err);
        if (!window->kept[p])
            return NULL;
    }
    return &window->sink;
}

const struct mill_op mill_stage_crop = {
    .name = "window",
    .usage = "",
    .summary = "a part of the picture",
    .params_size = sizeof(struct mill_crop_params),
    .shape = window_shape,
    .bytes = window_bytes,
    .open = window_open,
};
