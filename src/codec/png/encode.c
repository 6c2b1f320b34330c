/* Bands to PNG: the last station of a line.
 *
 *   header, metadata ─► libpng ─┐
 *   planes ─► one row, px after px ─► strips ─► the out window
 *
 * Never interlaced: that makes files larger and holds a picture. EXIF and XMP
 * are written as chunks of our own, before the pixels. A profile goes through
 * libpng, which leaves out one that is broken or of another colour space. The
 * pixels and the end are written without libpng.
 *
 * When the window's owner does not want more, or fails, libpng is left by the
 * trap, and the answer is kept. */
#include "pack.h"

#include <string.h>

struct encoder {
    struct mill_sink sink;
    struct png_trap trap;
    const struct mill_encode *how;
    struct mill_out *out;
    struct mill_arena *arena;
    struct mill_shape shape;
    struct png_strips strips;
    size_t row_bytes;
    uint16_t *row;       /* of 16 bits, in host order; else NULL */
    enum mill_flow flow; /* the last answer of a work, or of the window */

    const struct mill_meta *meta; /* while begin runs */
};

/* ---- memory -------------------------------------------------------------- */

/* libpng's structs, and zlib's window and tables for a profile. */
enum { WRITER_BYTES = 320 << 10 };

uint64_t
codec__png_encode_bytes(const struct mill_encode *how,
                        const struct mill_shape *shape)
{
    size_t row;
    if (!codec__row_size(shape, &row))
        return UINT64_MAX;
    return mill_u64_add(codec__png_strips_bytes(shape, how),
                        mill_u64_add(row, WRITER_BYTES));
}

/* ---- the window ---------------------------------------------------------- */

static void
write_bytes(png_struct *png, uint8_t *at, size_t n)
{
    struct encoder *e = png_get_io_ptr(png);
    e->flow = codec__out_put(e->out, at, n, e->trap.err);
    if (e->flow != MILL_FLOW_MORE)
        codec__png_stop(&e->trap);
    e->flow = MILL_FLOW_FAILED;
}

static void
flush_bytes(png_struct *png)
{
    (void)png;
}

/* The answer to the line: more, or why the work was stopped. */
static enum mill_flow
run(struct encoder *e, void (*work)(void *self), struct mill_err *err)
{
    e->flow = MILL_FLOW_FAILED;
    if (codec__png_run(&e->trap, work, err))
        e->flow = MILL_FLOW_MORE;
    return e->flow;
}

/* ---- begin --------------------------------------------------------------- */

static void
put_exif(struct encoder *e)
{
    struct mill_bytes exif = e->meta->exif;
    if (exif.n && exif.n <= PNG_CHUNK_MOST)
        png_write_chunk(e->trap.png, (const uint8_t *)"eXIf", exif.at, exif.n);
}

static void
put_xmp(struct encoder *e)
{
    /* keyword; not packed, method; no language, no keyword in it */
    static const uint8_t head[] = PNG_XMP_KEYWORD "\0\0\0\0";
    struct mill_bytes xmp = e->meta->xmp;
    png_struct *png = e->trap.png;
    if (!xmp.n || xmp.n > PNG_XMP_MOST)
        return;
    png_write_chunk_start(png, (const uint8_t *)"iTXt",
                          (uint32_t)(sizeof head + xmp.n));
    png_write_chunk_data(png, head, sizeof head);
    png_write_chunk_data(png, xmp.at, xmp.n);
    png_write_chunk_end(png);
}

static void
set_icc(struct encoder *e)
{
    struct mill_bytes icc = e->meta->icc;
    if (icc.n && icc.n <= MILL_META_MOST)
        png_set_iCCP(e->trap.png, e->trap.info, "icc",
                     PNG_COMPRESSION_TYPE_BASE, icc.at, (uint32_t)icc.n);
}

static uint32_t
dots_a_metre(uint16_t density, unsigned unit)
{
    return unit == 2 ? density * 100u : (density * 10000u + 127) / 254;
}

static void
set_density(struct encoder *e)
{
    uint16_t x = e->meta->density_x, y = e->meta->density_y;
    unsigned unit = e->meta->density_unit;
    if (!x || !y)
        return;
    if (unit == 0)
        png_set_pHYs(e->trap.png, e->trap.info, x, y, PNG_RESOLUTION_UNKNOWN);
    else
        png_set_pHYs(e->trap.png, e->trap.info, dots_a_metre(x, unit),
                     dots_a_metre(y, unit), PNG_RESOLUTION_METER);
}

static void
set_header(struct encoder *e)
{
    const struct mill_shape *shape = &e->shape;
    int type = shape->model == MILL_RGB ? PNG_COLOR_MASK_COLOR : 0;
    if (shape->alpha != MILL_OPAQUE)
        type |= PNG_COLOR_MASK_ALPHA;
    png_set_IHDR(e->trap.png, e->trap.info, shape->w, shape->h, shape->depth,
                 type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
}

/* A work of the trap. */
static void
write_header(void *self)
{
    struct encoder *e = self;
    png_struct *png = e->trap.png;

    png_set_write_fn(png, e, write_bytes, flush_bytes);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, MILL_META_MOST);
    png_set_option(png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_benign_errors(png, 1);
    set_header(e);
    set_icc(e);
    set_density(e);
    png_write_info(png, e->trap.info);
    put_exif(e);
    put_xmp(e);
}

static enum mill_status
check_shape(struct encoder *e, struct mill_err *err)
{
    if (codec__interleaved_row(e->how, &e->shape, &e->row_bytes, err) !=
        MILL_OK)
        return (enum mill_status)err->status;
    if (e->shape.w > PNG_UINT_31_MAX || e->shape.h > PNG_UINT_31_MAX)
        return mill_fail(err, MILL_UNSUPPORTED,
                         "%u x %u px; PNG ends at %u on a side", e->shape.w,
                         e->shape.h, PNG_UINT_31_MAX);
    return MILL_OK;
}

static enum mill_status
take_row(struct encoder *e, struct mill_err *err)
{
    if (e->shape.depth != 16)
        return MILL_OK;
    e->row = mill_arena_take(e->arena, e->row_bytes, err);
    return e->row ? MILL_OK : MILL_MEMORY;
}

static enum mill_flow
begin(struct mill_sink *sink, const struct mill_shape *shape,
      const struct mill_meta *meta, struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;

    e->shape = *shape;
    e->meta = meta;
    if (check_shape(e, err) != MILL_OK ||
        codec__png_strips_open(&e->strips, shape, e->how, e->arena, err) !=
            MILL_OK ||
        take_row(e, err) != MILL_OK ||
        codec__png_trap_open(&e->trap, PNG_WAY_WRITE, e, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    return run(e, write_header, err);
}

/* ---- rows ---------------------------------------------------------------- */

/* High byte first. */
static void
store_16(uint8_t *restrict to, const uint16_t *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = (uint8_t)(from[i] >> 8);
        to[2 * i + 1] = (uint8_t)from[i];
    }
}

/* In the strip rows begin on odd bytes too, which 16 bits must not. */
static void
join_row(const struct encoder *e, const struct mill_band *given, uint32_t i,
         uint8_t *to)
{
    const void *from[MILL_PLANES];
    for (unsigned p = 0; p < e->shape.n_planes; p++)
        from[p] = mill_rows_at(&given->plane[p], i);
    mill_rows_join(e->row ? (void *)e->row : to, from, e->shape.w,
                   e->shape.n_planes, e->shape.depth);
    if (e->row)
        store_16(to, e->row, e->row_bytes / 2);
}

static enum mill_flow
add_row(struct encoder *e, struct mill_err *err)
{
    struct mill_bytes chunk = {0};
    enum mill_flow flow = MILL_FLOW_MORE;
    codec__png_strips_add(&e->strips);
    do {
        if (codec__png_strips_take(&e->strips, &chunk, err) != MILL_OK)
            return MILL_FLOW_FAILED;
        flow = codec__out_put(e->out, chunk.at, chunk.n, err);
    } while (flow == MILL_FLOW_MORE && chunk.n);
    return flow;
}

static enum mill_flow
band(struct mill_sink *sink, const struct mill_band *given,
     struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    e->flow = MILL_FLOW_MORE;
    for (uint32_t i = 0; i < given->n && e->flow == MILL_FLOW_MORE; i++) {
        join_row(e, given, i, codec__png_strips_row(&e->strips));
        e->flow = add_row(e, err);
    }
    return e->flow;
}

static enum mill_flow
end(struct mill_sink *sink, struct mill_err *err)
{
    static const uint8_t iend[] = {0,   0,   0,    0,    'I',  'E',
                                   'N', 'D', 0xAE, 0x42, 0x60, 0x82};
    struct encoder *e = (struct encoder *)sink;
    if (e->flow == MILL_FLOW_MORE)
        e->flow = codec__out_put(e->out, iend, sizeof iend, err);
    return e->flow;
}

static void
let_go(struct mill_sink *sink)
{
    struct encoder *e = (struct encoder *)sink;
    codec__png_trap_close(&e->trap);
    codec__png_strips_close(&e->strips);
}

struct mill_sink *
codec__png_encoder(const struct mill_encode *how, struct mill_out *out,
                   struct mill_arena *arena, struct mill_err *err)
{
    struct encoder *e = mill_arena_take(arena, sizeof *e, err);
    if (!e)
        return NULL;
    *e = (struct encoder){.sink = {begin, band, end, let_go},
                          .how = how,
                          .out = out,
                          .arena = arena,
                          .flow = MILL_FLOW_MORE};
    return &e->sink;
}
