/* What several formats of this room need: the limit on pixels, going on behind
 * damage, what an encoder of interleaved rows takes, and bytes into the window
 * of an output. */
#include "shared.h"

#include <string.h>

enum mill_status
codec__pixels_check(uint32_t w, uint32_t h, const struct mill_limits *limits,
                    struct mill_err *err)
{
    uint64_t px = (uint64_t)w * h;
    if (px <= limits->pixels)
        return MILL_OK;
    return mill_fail(err, MILL_LIMIT,
                     "%u x %u px is over the limit of %llu px; "
                     "--max-pixels raises it",
                     w, h, (unsigned long long)limits->pixels);
}

bool
codec__salvages(const struct mill_decode *how, struct mill_err *err)
{
    if (!how->damage || err->status != MILL_DAMAGED)
        return false;
    if (!(*how->notes & MILL_NOTE_SALVAGED))
        memcpy(how->damage, err->text, MILL_ERR_TEXT);
    *how->notes |= MILL_NOTE_SALVAGED;
    *err = (struct mill_err){0};
    return true;
}

void
codec__row_blank(const struct mill_band *band, const struct mill_shape *shape,
                 uint32_t i)
{
    size_t bytes = shape->w * mill_shape_sample_bytes(shape);
    for (unsigned p = 0; p < shape->n_planes; p++)
        memset(mill_rows_at(&band->plane[p], i), 0, bytes);
}

bool
codec__is_exif(struct mill_bytes b)
{
    return b.n > 4 && (!memcmp(b.at, "II*\0", 4) || !memcmp(b.at, "MM\0*", 4));
}

void
codec__want_interleaved(const struct mill_encode *how,
                        const struct mill_info *source,
                        const struct mill_shape *in, struct mill_want *want)
{
    (void)source, (void)in;
    *want =
        (struct mill_want){.models = 1u << MILL_GRAY | 1u << MILL_RGB,
                           .alphas = 1u << MILL_OPAQUE | 1u << MILL_STRAIGHT,
                           .depths = how->depth == 8    ? 1
                                     : how->depth == 16 ? 2
                                                        : 3,
                           .grids = true};
    memset(want->sx, 1, sizeof want->sx);
    memset(want->sy, 1, sizeof want->sy);
}

bool
codec__row_size(const struct mill_shape *shape, size_t *bytes)
{
    size_t px = shape->n_planes * mill_shape_sample_bytes(shape);
    return mill_size_mul(shape->w, px, bytes);
}

enum mill_status
codec__interleaved_row(const struct mill_encode *how,
                       const struct mill_shape *shape, size_t *bytes,
                       struct mill_err *err)
{
    struct mill_want want;
    codec__want_interleaved(how, NULL, shape, &want);
    if (!mill_want_met(&want, shape))
        return mill_fail(err, MILL_INTERNAL, "no planes that go px after px");
    if (!codec__row_size(shape, bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    return MILL_OK;
}

static enum mill_flow
turn(struct mill_out *out, struct mill_err *err)
{
    enum mill_flow flow = out->full(out, err);
    if (flow == MILL_FLOW_MORE && !out->left) {
        mill_fail(err, MILL_INTERNAL, "an output window of no bytes");
        return MILL_FLOW_FAILED;
    }
    return flow;
}

enum mill_flow
codec__out_put(struct mill_out *out, const void *at, size_t n,
               struct mill_err *err)
{
    const uint8_t *from = at;
    while (n) {
        if (!out->left) {
            enum mill_flow flow = turn(out, err);
            if (flow != MILL_FLOW_MORE)
                return flow;
        }
        size_t part = n < out->left ? n : out->left;
        memcpy(out->at, from, part);
        out->at += part;
        out->left -= part;
        from += part;
        n -= part;
    }
    return MILL_FLOW_MORE;
}
