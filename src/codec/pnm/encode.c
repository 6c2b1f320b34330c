/* Bands to PNM: the last station of a line. Gray makes a PGM, RGB a PPM, and
 * with alpha either is a PAM; always raw, 8 bits a sample or 16 with the high
 * byte first. Holds one row. */
#include "codec.h"

#include <stdio.h>

struct encoder {
    struct mill_sink sink;
    const struct mill_encode *how;
    struct mill_out *out;
    struct mill_arena *arena;
    struct mill_shape shape;
    void *row; /* one row, px after px */
    size_t row_bytes;
};

uint64_t
codec__pnm_encode_bytes(const struct mill_encode *how,
                        const struct mill_shape *shape)
{
    size_t row;
    (void)how;
    return codec__row_size(shape, &row) ? row : UINT64_MAX;
}

/* ---- the header ---------------------------------------------------------- */

static enum mill_flow
put_header(struct encoder *e, struct mill_err *err)
{
    const struct mill_shape *shape = &e->shape;
    bool rgb = shape->model == MILL_RGB;
    unsigned top = shape->depth == 16 ? 65535 : 255;
    char text[128];
    int n;
    if (shape->alpha == MILL_OPAQUE)
        n = snprintf(text, sizeof text, "P%c\n%u %u\n%u\n", rgb ? '6' : '5',
                     shape->w, shape->h, top);
    else
        n = snprintf(text, sizeof text,
                     "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\n"
                     "TUPLTYPE %s_ALPHA\nENDHDR\n",
                     shape->w, shape->h, shape->n_planes, top,
                     rgb ? "RGB" : "GRAYSCALE");
    return codec__out_put(e->out, text, (size_t)n, err);
}

static enum mill_flow
begin(struct mill_sink *sink, const struct mill_shape *shape,
      const struct mill_meta *meta, struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    (void)meta;

    e->shape = *shape;
    if (codec__interleaved_row(e->how, shape, &e->row_bytes, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    e->row = mill_arena_take(e->arena, e->row_bytes, err);
    return e->row ? put_header(e, err) : MILL_FLOW_FAILED;
}

/* ---- rows ---------------------------------------------------------------- */

/* Host order to high byte first. */
static void
order_bytes(uint16_t *at, size_t n)
{
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        return;
    for (size_t i = 0; i < n; i++)
        at[i] = __builtin_bswap16(at[i]);
}

static enum mill_flow
band(struct mill_sink *sink, const struct mill_band *given,
     struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    enum mill_flow flow = MILL_FLOW_MORE;
    for (uint32_t i = 0; i < given->n && flow == MILL_FLOW_MORE; i++) {
        const void *from[MILL_PLANES];
        for (unsigned p = 0; p < e->shape.n_planes; p++)
            from[p] = mill_rows_at(&given->plane[p], i);
        mill_rows_join(e->row, from, e->shape.w, e->shape.n_planes,
                       e->shape.depth);
        if (e->shape.depth == 16)
            order_bytes(e->row, e->row_bytes / 2);
        flow = codec__out_put(e->out, e->row, e->row_bytes, err);
    }
    return flow;
}

static enum mill_flow
end(struct mill_sink *sink, struct mill_err *err)
{
    (void)sink;
    (void)err;
    return MILL_FLOW_MORE;
}

struct mill_sink *
codec__pnm_encoder(const struct mill_encode *how, struct mill_out *out,
                   struct mill_arena *arena, struct mill_err *err)
{
    struct encoder *e = mill_arena_take(arena, sizeof *e, err);
    if (!e)
        return NULL;
    *e = (struct encoder){.sink = {begin, band, end, NULL},
                          .how = how,
                          .out = out,
                          .arena = arena};
    return &e->sink;
}
