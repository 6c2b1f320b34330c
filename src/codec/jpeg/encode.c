/* Bands to JPEG: the last station of a line.
 *
 *   header, metadata ─► libjpeg ───────────────┐
 *   band ─► one row of MCUs ─► our own coder ─► the out window
 *                          └─► libjpeg ────────┘
 *
 * Gray and YCC planes have the sampling of their grids. Bands come in any
 * height; where one does not hold a row of MCUs as it is wanted, its rows are
 * copied into a buffer, where the last column is repeated to the block's edge;
 * below the picture the last row stands in for the missing ones. Baseline is
 * coded by our own (jpeg/coder.c), progressive by libjpeg, which takes the same
 * rows raw. CMYK goes into it as scanlines, as Adobe stores it: complemented,
 * and marked so.
 *
 * All bytes are written straight into the window. Each call from the line
 * enters libjpeg through its own trap; when the window's owner does not want
 * more, or fails, it is left by the trap too, with the answer kept. */
#include "coder.h"

#include <string.h>

struct encoder {
    struct mill_sink sink;
    struct jpeg_trap trap;
    struct jpeg_compress_struct jpeg;
    struct jpeg_destination_mgr window;
    const struct mill_encode *how;
    struct mill_out *out;
    struct mill_arena *arena;
    struct mill_shape shape;
    uint32_t imcu_px;         /* height of an iMCU row; CMYK: 1 */
    struct jpeg_coder *coder; /* NULL: libjpeg takes the samples */
    struct mill_band rows;    /* gathered: one iMCU row */
    uint8_t *line;            /* CMYK: one interleaved scanline */
    enum mill_flow flow;      /* what a trapped call answers */

    struct mill_meta meta;
    const struct mill_band *given; /* while band runs */
};

/* ---- the window ---------------------------------------------------------- */

/* Have the window emptied and open the new one. */
static void
window_turn(struct encoder *e)
{
    struct mill_out *out = e->out;
    e->flow = out->full(out, e->trap.err);
    if (e->flow != MILL_FLOW_MORE)
        codec__jpeg_stop(&e->trap);
    if (!out->left) {
        mill_fail(e->trap.err, MILL_INTERNAL, "an output window of no bytes");
        e->flow = MILL_FLOW_FAILED;
        codec__jpeg_stop(&e->trap);
    }
    e->flow = MILL_FLOW_FAILED;
    e->window.next_output_byte = out->at;
    e->window.free_in_buffer = out->left;
}

static void
window_open(j_compress_ptr jpeg)
{
    struct encoder *e = jpeg->client_data;
    e->window.next_output_byte = e->out->at;
    e->window.free_in_buffer = e->out->left;
    if (!e->out->left)
        window_turn(e);
}

/* libjpeg calls this with the window written to its end, whatever the fields
 * say at that moment. */
static boolean
window_full(j_compress_ptr jpeg)
{
    struct encoder *e = jpeg->client_data;
    e->out->at += e->out->left;
    e->out->left = 0;
    window_turn(e);
    return TRUE;
}

static void
window_close(j_compress_ptr jpeg)
{
    struct encoder *e = jpeg->client_data;
    e->out->at = e->window.next_output_byte;
    e->out->left = e->window.free_in_buffer;
}

/* ---- who codes ----------------------------------------------------------- */

static bool
is_own(const struct mill_encode *how, const struct mill_shape *shape)
{
    return !how->progressive && !how->library && shape->model != MILL_CMYK;
}

/* Does libjpeg, if it codes, hold all coefficients and make tables of them? */
static bool
optimizes(const struct mill_encode *how)
{
    return how->progressive || how->tables != MILL_TABLES_STANDARD;
}

/* ---- begin --------------------------------------------------------------- */

static void
set_sampling(struct encoder *e)
{
    struct jpeg_compress_struct *jpeg = &e->jpeg;
    uint8_t sx[MILL_PLANES], sy[MILL_PLANES];
    for (unsigned p = 0; p < e->shape.n_planes; p++) {
        sx[p] = e->shape.plane[p].sx;
        sy[p] = e->shape.plane[p].sy;
    }
    unsigned h = codec__jpeg_factor(sx, e->shape.n_planes);
    unsigned v = codec__jpeg_factor(sy, e->shape.n_planes);
    for (unsigned p = 0; p < e->shape.n_planes; p++) {
        jpeg->comp_info[p].h_samp_factor = (int)(h / sx[p]);
        jpeg->comp_info[p].v_samp_factor = (int)(v / sy[p]);
    }
    e->imcu_px = jpeg->raw_data_in ? v * DCTSIZE : 1;
}

static J_COLOR_SPACE
space_of(enum mill_model model)
{
    if (model == MILL_GRAY)
        return JCS_GRAYSCALE;
    return model == MILL_CMYK ? JCS_CMYK : JCS_YCbCr;
}

static void
set_options(struct encoder *e)
{
    struct jpeg_compress_struct *jpeg = &e->jpeg;
    jpeg->image_width = e->shape.w;
    jpeg->image_height = e->shape.h;
    jpeg->input_components = e->shape.n_planes;
    jpeg->in_color_space = space_of(e->shape.model);
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, jpeg->in_color_space);
    jpeg_set_quality(jpeg, e->how->quality, TRUE);
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->raw_data_in = e->shape.model != MILL_CMYK;
    jpeg->optimize_coding = !is_own(e->how, &e->shape) && optimizes(e->how);
    if (e->how->progressive)
        jpeg_simple_progression(jpeg);
    if (e->meta.density_x && e->meta.density_y) {
        jpeg->density_unit = e->meta.density_unit;
        jpeg->X_density = e->meta.density_x;
        jpeg->Y_density = e->meta.density_y;
    }
    set_sampling(e);
}

static void
write_app1(struct encoder *e, const char *tag, size_t tag_n,
           struct mill_bytes payload)
{
    jpeg_write_m_header(&e->jpeg, JPEG_APP0 + 1, (unsigned)(tag_n + payload.n));
    for (size_t i = 0; i < tag_n; i++)
        jpeg_write_m_byte(&e->jpeg, tag[i]);
    for (size_t i = 0; i < payload.n; i++)
        jpeg_write_m_byte(&e->jpeg, payload.at[i]);
}

static void
write_meta(struct encoder *e)
{
    static const char exif_tag[] = "Exif\0";
    static const char xmp_tag[] = "http://ns.adobe.com/xap/1.0/";
    const struct mill_meta *meta = &e->meta;
    if (meta->exif.n && meta->exif.n <= JPEG_EXIF_MOST)
        write_app1(e, exif_tag, sizeof exif_tag, meta->exif);
    if (meta->xmp.n && meta->xmp.n <= JPEG_XMP_MOST)
        write_app1(e, xmp_tag, sizeof xmp_tag, meta->xmp);
    if (meta->icc.n && meta->icc.n <= JPEG_ICC_MOST)
        jpeg_write_icc_profile(&e->jpeg, meta->icc.at, (unsigned)meta->icc.n);
}

/* What stands between the bands and whoever codes. */
static void
take_rows(struct encoder *e)
{
    enum mill_status status = MILL_OK;
    if (e->jpeg.raw_data_in) {
        struct mill_shape padded = codec__jpeg_padded(
            &e->shape, MAX_SAMP_FACTOR * DCTSIZE, e->imcu_px);
        status = mill_band_take(&e->rows, &padded, e->imcu_px, e->arena,
                                e->trap.err);
    } else {
        e->line = mill_arena_take(
            e->arena, (size_t)e->shape.w * e->shape.n_planes, e->trap.err);
    }
    if (status != MILL_OK || (!e->jpeg.raw_data_in && !e->line))
        codec__jpeg_stop(&e->trap);
}

static void
open_coder(struct encoder *e)
{
    e->coder = codec__jpeg_coder_open(&e->jpeg, e->how, &e->shape, e->arena,
                                      e->trap.err);
    if (!e->coder)
        codec__jpeg_stop(&e->trap);
}

static void
begin_work(void *self)
{
    struct encoder *e = self;
    jpeg_create_compress(&e->jpeg);
    e->jpeg.client_data = e;
    e->jpeg.dest = &e->window;
    e->window.init_destination = window_open;
    e->window.empty_output_buffer = window_full;
    e->window.term_destination = window_close;
    set_options(e);
    take_rows(e);
    if (is_own(e->how, &e->shape))
        open_coder(e);
    jpeg_start_compress(&e->jpeg, TRUE);
    write_meta(e);
    if (e->coder)
        codec__jpeg_coder_start(e->coder);
}

static enum mill_status
check_shape(const struct mill_shape *shape, struct mill_err *err)
{
    uint8_t sx[MILL_PLANES], sy[MILL_PLANES];
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const struct mill_grid *g = &shape->plane[p];
        sx[p] = g->sx;
        sy[p] = g->sy;
        if (g->x0 || g->y0)
            return mill_fail(err, MILL_INTERNAL,
                             "JPEG encoder: plane %u begins beside the picture",
                             p);
    }
    if (shape->model == MILL_RGB || shape->alpha != MILL_OPAQUE ||
        shape->depth != 8 || !codec__jpeg_can_sample(sx, sy, shape->n_planes))
        return mill_fail(err, MILL_INTERNAL,
                         "JPEG encoder: not a shape that it wants");
    if (shape->w > JPEG_MAX_DIMENSION || shape->h > JPEG_MAX_DIMENSION)
        return mill_fail(err, MILL_UNSUPPORTED,
                         "JPEG holds at most %ld px a side, not %ux%u",
                         JPEG_MAX_DIMENSION, shape->w, shape->h);
    return MILL_OK;
}

/* Run one call's work; what the window answered if it stopped it. */
static enum mill_flow
trapped(struct encoder *e, void (*work)(void *self), struct mill_err *err)
{
    e->flow = MILL_FLOW_FAILED;
    if (codec__jpeg_run(&e->trap, work, err))
        e->flow = MILL_FLOW_MORE;
    return e->flow;
}

static enum mill_flow
encoder_begin(struct mill_sink *sink, const struct mill_shape *shape,
              const struct mill_meta *meta, struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    if (check_shape(shape, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    e->shape = *shape;
    e->meta = *meta;
    return trapped(e, begin_work, err);
}

/* ---- bands --------------------------------------------------------------- */

/* The row of MCUs that begins at picture row y is the part's, as it lies: whole
 * blocks, and all that are wanted. */
static bool
is_whole(const struct encoder *e, const struct mill_band *part)
{
    if (part->n != e->imcu_px)
        return false;
    for (unsigned p = 0; p < e->shape.n_planes; p++)
        if (e->shape.plane[p].w % DCTSIZE)
            return false;
    return true;
}

/* The part's rows to their places in the buffer, their last sample repeated to
 * the end of the block; at the picture's end the last row too. */
static void
gather(struct encoder *e, const struct mill_band *part)
{
    for (unsigned p = 0; p < e->shape.n_planes; p++) {
        const struct mill_grid *g = &e->shape.plane[p];
        const struct mill_rows *from = &part->plane[p];
        struct mill_rows *to = &e->rows.plane[p];
        size_t edge = mill_size_align(g->w, DCTSIZE);
        uint32_t first =
            mill_grid_rows_above(g, part->y / e->imcu_px * e->imcu_px);
        for (uint32_t i = 0; i < from->n; i++) {
            uint8_t *row = mill_rows_at(to, from->y - first + i);
            memcpy(row, mill_rows_at(from, i), g->w);
            memset(row + g->w, row[g->w - 1], edge - g->w);
        }
        uint32_t n = from->y + from->n - first;
        for (uint32_t i = n; n == g->h - first && i < e->imcu_px / g->sy; i++)
            memcpy(mill_rows_at(to, i), mill_rows_at(to, n - 1), edge);
    }
}

/* Rows of each plane, as many as an iMCU has, to libjpeg. */
static void
write_rows(struct encoder *e, const struct mill_band *from)
{
    JSAMPROW rows[MILL_PLANES][MAX_SAMP_FACTOR * DCTSIZE];
    JSAMPARRAY planes[MILL_PLANES];
    for (unsigned p = 0; p < e->shape.n_planes; p++) {
        for (uint32_t i = 0; i < e->imcu_px / e->shape.plane[p].sy; i++)
            rows[p][i] = mill_rows_at(&from->plane[p], i);
        planes[p] = rows[p];
    }
    jpeg_write_raw_data(&e->jpeg, planes, e->imcu_px);
}

static void
write_raw(struct encoder *e)
{
    uint32_t stop = e->given->y + e->given->n, to;
    for (uint32_t y = e->given->y; y < stop; y = to) {
        to = (y / e->imcu_px + 1) * e->imcu_px;
        to = to < stop ? to : stop;
        struct mill_band part = mill_band_part(e->given, &e->shape, y, to - y);
        const struct mill_band *from = is_whole(e, &part) ? &part : &e->rows;
        if (from == &e->rows)
            gather(e, &part);
        if (to % e->imcu_px && to != e->shape.h)
            return;
        if (e->coder)
            codec__jpeg_coder_row(e->coder, from);
        else
            write_rows(e, from);
    }
}

static void
write_scanlines(struct encoder *e)
{
    size_t n = (size_t)e->shape.w * e->shape.n_planes;
    for (uint32_t row = 0; row < e->given->n; row++) {
        const void *planes[MILL_PLANES];
        for (unsigned p = 0; p < e->shape.n_planes; p++)
            planes[p] = mill_rows_at(&e->given->plane[p], row);
        mill_rows_join(e->line, planes, e->shape.w, e->shape.n_planes, 8);
        for (size_t i = 0; i < n; i++)
            e->line[i] ^= 0xFF;
        jpeg_write_scanlines(&e->jpeg, &e->line, 1);
    }
}

static void
band_work(void *self)
{
    struct encoder *e = self;
    if (e->jpeg.raw_data_in)
        write_raw(e);
    else
        write_scanlines(e);
}

static enum mill_flow
encoder_band(struct mill_sink *sink, const struct mill_band *band,
             struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    e->given = band;
    return trapped(e, band_work, err);
}

/* ---- the rest ------------------------------------------------------------ */

static void
end_work(void *self)
{
    struct encoder *e = self;
    if (e->coder)
        codec__jpeg_coder_end(e->coder);
    else
        jpeg_finish_compress(&e->jpeg);
}

/* After the window had enough there is nothing to finish. */
static enum mill_flow
encoder_end(struct mill_sink *sink, struct mill_err *err)
{
    struct encoder *e = (struct encoder *)sink;
    return e->flow == MILL_FLOW_ENOUGH ? e->flow : trapped(e, end_work, err);
}

static void
encoder_free(struct mill_sink *sink)
{
    struct encoder *e = (struct encoder *)sink;
    jpeg_destroy_compress(&e->jpeg);
}

struct mill_sink *
codec__jpeg_encoder(const struct mill_encode *how, struct mill_out *out,
                    struct mill_arena *arena, struct mill_err *err)
{
    struct encoder *e = mill_arena_take_zeroed(arena, sizeof *e, err);
    if (!e)
        return NULL;
    e->sink = (struct mill_sink){.begin = encoder_begin,
                                 .band = encoder_band,
                                 .end = encoder_end,
                                 .free = encoder_free};
    e->how = how;
    e->out = out;
    e->arena = arena;
    codec__jpeg_trap_init(&e->trap, e, MILL_INTERNAL);
    e->jpeg.err = &e->trap.manager;
    return &e->sink;
}

uint64_t
codec__jpeg_encode_bytes(const struct mill_encode *how,
                         const struct mill_shape *shape)
{
    enum { IMCU_MOST = MAX_SAMP_FACTOR * DCTSIZE };
    struct mill_shape padded = codec__jpeg_padded(shape, IMCU_MOST, IMCU_MOST);
    uint64_t bytes = mill_band_bytes(&padded, IMCU_MOST);
    if (is_own(how, shape))
        bytes = mill_u64_add(bytes, codec__jpeg_coder_bytes(how, shape));
    else if (optimizes(how))
        bytes = mill_u64_add(bytes, codec__jpeg_coefficient_bytes(shape));
    return mill_u64_add(bytes, JPEG_FIXED_BYTES);
}
