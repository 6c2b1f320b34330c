/* JPEG to bands.
 *
 *   bytes ─► libjpeg ─► raw iMCU rows, or CMYK scanlines ─► band ─► sink
 *      └─► our own reader ─► raw MCU rows ┘
 *
 * libjpeg reads the header. Rows of a sequential picture in one scan, and of a
 * progressive one, come from our own readers, which are faster and give the
 * same; but what is unusual they leave. Then libjpeg reads from the first row
 * on, those that the sink has are dropped, and it is libjpeg that judges.
 *
 * Raw: libjpeg writes one iMCU row a call (8 to 32 px high at full size, always
 * whole blocks) straight into the band's rows; a band is one or a few of them.
 * The buffer is that of the picture rounded up to whole iMCUs, so the blocks
 * that stick out at the right and at the bottom have room; the sink is told of
 * the picture's own rows only. At 1/2, 1/4, 1/8 the same calls give fewer
 * samples for the same px.
 *
 * CMYK: scanlines, one at a time, split into planes. Files with an Adobe marker
 * hold the complement of the ink, files without it the ink itself; that is the
 * custom, no standard says so. Our planes are 0 = no ink in either case.
 *
 * Everything runs in the caller's thread, within one trap. A fault in the last
 * byte of the file still fails the image after all bands were given.
 *
 * When damage is salvaged, libjpeg goes on after its warnings: what it has not
 * is gray or the last colour, up to the next restart marker if there are such;
 * of a progressive picture each scan that is there counts. */
#include "codec/shared.h"
#include "scans.h"

#include <string.h>

enum { MARKER_BYTES = 2 };

struct decoding {
    struct jpeg_reader reader;
    const struct mill_decode *how;
    struct mill_sink *sink;
    struct mill_shape shape;
    struct mill_meta meta;
    struct jpeg_progress_mgr progress;
    struct mill_band band; /* the buffer, and what of it is given */
    uint8_t *line;         /* CMYK: one interleaved scanline */
    bool complement;       /* CMYK: the file holds 255 - ink */
    bool library;          /* no own reading, or no more */
    struct jpeg_rows *own; /* NULL: libjpeg reads */
    bool started;          /* libjpeg was, and has rows to give */
    bool noted;            /* metadata that is broken */
    bool begun;            /* the sink was */
    enum mill_flow flow;   /* what it said to that */
    uint32_t y;            /* px rows that it has */
    bool given;            /* all bands; what follows is the file's end */
    size_t sound_bytes;    /* of the file, in which a scan was being read */
};

static void
stop_unless(struct decoding *d, enum mill_status status)
{
    if (status != MILL_OK)
        codec__jpeg_stop(&d->reader.trap);
}

/* ---- limits -------------------------------------------------------------- */

static void
check_scans(j_common_ptr common)
{
    const struct jpeg_reader *reader = common->client_data;
    struct decoding *d = reader->trap.self;
    uint32_t most = d->how->limits.scans;
    if ((uint32_t)reader->jpeg.input_scan_number > most)
        stop_unless(d, mill_fail(d->reader.trap.err, MILL_LIMIT,
                                 "more than %u scans; --max-scans raises it",
                                 most));
}

/* libjpeg calls it before each row of blocks. It has read some bytes ahead, at
 * most up to a marker; so there is sound data from the second row on. */
static void
on_progress(j_common_ptr common)
{
    const struct jpeg_reader *reader = common->client_data;
    struct decoding *d = reader->trap.self;
    check_scans(common);
    if (reader->jpeg.input_scan_number > 1 || reader->jpeg.input_iMCU_row > 1)
        d->sound_bytes = reader->in.n - reader->source.bytes_in_buffer -
                         (reader->jpeg.unread_marker ? MARKER_BYTES : 0);
}

/* libjpeg reads all scans of a picture whose components were never coded, and
 * gives mid-gray for them. */
static void
check_components(struct decoding *d)
{
    const struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    for (int i = 0; i < jpeg->num_components; i++)
        if (!jpeg->comp_info[i].quant_table) {
            mill_fail(d->reader.trap.err, MILL_DAMAGED,
                      "component %d of %d has no scan", i + 1,
                      jpeg->num_components);
            codec__jpeg_stop_or_salvage(&d->reader.trap);
        }
}

/* Does libjpeg make of each component what the plan was told? */
static void
check_planes(struct decoding *d)
{
    const struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    for (unsigned p = 0; p < d->shape.n_planes; p++) {
        const struct mill_grid *g = &d->shape.plane[p];
        const jpeg_component_info *c = &jpeg->comp_info[p];
        bool raw = jpeg->raw_data_out;
        uint32_t w = raw ? c->downsampled_width : jpeg->output_width;
        uint32_t h = raw ? c->downsampled_height : jpeg->output_height;
        if (g->w != w || g->h != h)
            stop_unless(d, mill_fail(d->reader.trap.err, MILL_INTERNAL,
                                     "JPEG plane %u is %ux%u, not %ux%u", p, w,
                                     h, g->w, g->h));
    }
}

/* ---- metadata ------------------------------------------------------------ */

/* The profile in one piece: the input's own bytes, or joined in the arena. */
static void
set_icc(struct decoding *d)
{
    const struct jpeg_found *found = &d->reader.found;
    d->meta.icc = found->icc[1];
    if (found->icc_chunks < 2) {
        d->meta.icc.n = found->icc_bytes;
        return;
    }
    uint8_t *at =
        mill_arena_take(d->how->arena, found->icc_bytes, d->reader.trap.err);
    if (!at)
        codec__jpeg_stop(&d->reader.trap);
    d->meta.icc = (struct mill_bytes){at, found->icc_bytes};
    for (unsigned i = 1; i <= found->icc_chunks; i++) {
        memcpy(at, found->icc[i].at, found->icc[i].n);
        at += found->icc[i].n;
    }
}

/* Once; not of a picture in whose scans libjpeg found a fault. */
static void
note_broken(struct decoding *d)
{
    if (d->noted)
        return;
    d->noted = true;
    const struct jpeg_found *found = &d->reader.found;
    *d->how->warnings += (unsigned)found->icc_broken + found->exif_broken;
    *d->how->notes |= (found->icc_broken ? MILL_NOTE_ICC_DROPPED : 0u) |
                      (found->exif_broken ? MILL_NOTE_EXIF_DROPPED : 0u);
}

static void
set_meta(struct decoding *d)
{
    const struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    d->meta.exif = d->reader.found.exif;
    d->meta.xmp = d->reader.found.xmp;
    if (jpeg->saw_JFIF_marker) {
        d->meta.density_unit = jpeg->density_unit;
        d->meta.density_x = jpeg->X_density;
        d->meta.density_y = jpeg->Y_density;
    }
    set_icc(d);
}

/* ---- bands --------------------------------------------------------------- */

static void
take_band(struct decoding *d)
{
    const struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    struct mill_shape padded = codec__jpeg_padded(
        &d->shape, (unsigned)jpeg->max_h_samp_factor * DCTSIZE,
        (unsigned)jpeg->max_v_samp_factor * DCTSIZE);
    stop_unless(d, mill_band_take(&d->band, &padded, d->shape.band_px,
                                  d->how->arena, d->reader.trap.err));
}

/* iMCU row `index` of the band, into its place. */
static void
read_imcu_row(struct decoding *d, unsigned index)
{
    struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    JSAMPROW rows[MILL_PLANES][MAX_SAMP_FACTOR * DCTSIZE];
    JSAMPARRAY planes[MILL_PLANES];
    for (unsigned p = 0; p < d->shape.n_planes; p++) {
        const jpeg_component_info *c = &jpeg->comp_info[p];
        unsigned n = (unsigned)(c->v_samp_factor * c->DCT_scaled_size);
        for (unsigned i = 0; i < n; i++)
            rows[p][i] = mill_rows_at(&d->band.plane[p], index * n + i);
        planes[p] = rows[p];
    }
    jpeg_read_raw_data(
        jpeg, planes,
        (JDIMENSION)(jpeg->max_v_samp_factor * jpeg->min_DCT_scaled_size));
}

static void
read_raw(struct decoding *d)
{
    uint32_t imcu = (uint32_t)d->reader.jpeg.max_v_samp_factor * DCTSIZE;
    for (unsigned i = 0; i * imcu < d->band.n; i++)
        read_imcu_row(d, i);
}

static void
read_scanlines(struct decoding *d)
{
    struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    size_t n = (size_t)jpeg->output_width * d->shape.n_planes;
    for (uint32_t row = 0; row < d->band.plane[0].n; row++) {
        void *planes[MILL_PLANES];
        for (unsigned p = 0; p < d->shape.n_planes; p++)
            planes[p] = mill_rows_at(&d->band.plane[p], row);
        jpeg_read_scanlines(jpeg, &d->line, 1);
        for (size_t i = 0; d->complement && i < n; i++)
            d->line[i] ^= 0xFF;
        mill_rows_split(planes, d->line, jpeg->output_width, d->shape.n_planes,
                        8);
    }
}

/* MCU row `index` of the band. */
static bool
read_own_row(struct decoding *d, unsigned index)
{
    uint8_t *to[JPEG_OWN_PLANES] = {NULL};
    size_t stride[JPEG_OWN_PLANES] = {0};
    for (unsigned p = 0; p < d->own->n_planes; p++) {
        stride[p] = d->band.plane[p].stride_bytes;
        to[p] = mill_rows_at(&d->band.plane[p], index * d->own->lines[p]);
    }
    return d->own->next(d->own, to, stride);
}

static bool
read_own(struct decoding *d)
{
    uint32_t mcu = d->own->mcu_px;
    for (unsigned i = 0; i * mcu < d->band.n; i++)
        if (!read_own_row(d, i))
            return false;
    return true;
}

static void
place_band(struct decoding *d, uint32_t y)
{
    uint32_t n = d->shape.h - y;
    if (n > d->shape.band_px)
        n = d->shape.band_px;
    mill_band_place(&d->band, &d->shape, y, n);
}

/* Reads all scans, where there are many, and holds their coefficients. */
static void
start_libjpeg(struct decoding *d)
{
    struct mill_hold *hold = d->reader.info.whole ? d->how->hold : NULL;
    if (hold)
        stop_unless(d, hold->ask(hold, d->reader.trap.err));
    jpeg_start_decompress(&d->reader.jpeg);
    d->started = true;
    check_components(d);
    note_broken(d);
}

/* From here on all is libjpeg's: it reads what is above this band once more. */
static void
leave_to_libjpeg(struct decoding *d)
{
    uint32_t end = d->band.y;
    d->own = NULL;
    d->library = true;
    if (!d->started)
        start_libjpeg(d);
    for (uint32_t y = 0; y < end; y += d->band.n) {
        place_band(d, y);
        read_raw(d);
    }
    place_band(d, end);
}

static void
read_band(struct decoding *d)
{
    if (d->own && read_own(d))
        return;
    if (d->own)
        leave_to_libjpeg(d);
    if (d->reader.jpeg.raw_data_out)
        read_raw(d);
    else
        read_scanlines(d);
}

/* What the sink has from an attempt before is dropped. */
static enum mill_flow
push_bands(struct decoding *d)
{
    enum mill_flow flow = MILL_FLOW_MORE;
    for (uint32_t y = 0; flow == MILL_FLOW_MORE && y < d->shape.h;
         y += d->band.n) {
        place_band(d, y);
        read_band(d);
        if (y < d->y)
            continue;
        flow = d->sink->band(d->sink, &d->band, d->reader.trap.err);
        d->y = y + d->band.n;
    }
    return flow;
}

/* ---- the whole ----------------------------------------------------------- */

/* Scans side by side are read before libjpeg has seen but the first's head;
 * one scan, when it is ready to read it. */
static void
start_rows(struct decoding *d)
{
    struct jpeg_reader *reader = &d->reader;
    struct mill_arena *arena = d->how->arena;
    struct mill_err *err = reader->trap.err;
    if (!d->library && reader->info.whole) {
        jpeg_calc_output_dimensions(&reader->jpeg);
        stop_unless(d,
                    codec__jpeg_scans_open(&d->own, reader, codec__kernels(),
                                           d->how->limits.scans, arena, err));
    }
    if (!d->own)
        start_libjpeg(d);
    if (!d->library && !reader->info.whole)
        stop_unless(d, codec__jpeg_own_open(&d->own, reader, codec__kernels(),
                                            arena, err));
}

static void
start(struct decoding *d)
{
    struct jpeg_decompress_struct *jpeg = &d->reader.jpeg;
    jpeg->scale_num = 1;
    jpeg->scale_denom = d->how->shrink;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->raw_data_out = d->shape.model != MILL_CMYK;
    jpeg->out_color_space =
        jpeg->raw_data_out ? jpeg->jpeg_color_space : JCS_CMYK;
    d->complement = jpeg->saw_Adobe_marker;
    d->progress.progress_monitor = on_progress;
    jpeg->progress = &d->progress;
    d->started = false;
    start_rows(d);
    check_planes(d);
}

static void
begin(struct decoding *d)
{
    struct mill_err *err = d->reader.trap.err;
    take_band(d);
    if (d->shape.model == MILL_CMYK) {
        size_t n = (size_t)d->reader.jpeg.output_width * d->shape.n_planes;
        d->line = mill_arena_take(d->how->arena, n, err);
        if (!d->line)
            codec__jpeg_stop(&d->reader.trap);
    }
    set_meta(d);
    d->begun = true;
    d->flow = d->sink->begin(d->sink, &d->shape, &d->meta, err);
}

static void
check_shrink(struct decoding *d)
{
    unsigned shrink = d->how->shrink;
    if (!(shrink & d->reader.info.shrinks) || (shrink & (shrink - 1)))
        stop_unless(d, mill_fail(d->reader.trap.err, MILL_INTERNAL,
                                 "JPEG cannot be shrunk by %u", shrink));
    if (shrink > 1)
        *d->how->notes |= MILL_NOTE_SHRUNK;
}

static void
decode_work(void *self)
{
    struct decoding *d = self;
    struct jpeg_reader *reader = &d->reader;
    struct mill_err *err = reader->trap.err;

    codec__jpeg_header(reader);
    check_shrink(d);
    codec__jpeg_shape(&reader->info, d->how, &d->shape);
    stop_unless(
        d, codec__pixels_check(d->shape.w, d->shape.h, &d->how->limits, err));
    check_scans((j_common_ptr)&reader->jpeg);
    reader->trap.how = d->how;
    start(d);
    if (!d->begun)
        begin(d);
    enum mill_flow flow = d->flow;
    if (flow == MILL_FLOW_MORE)
        flow = push_bands(d);
    if (flow != MILL_FLOW_FAILED)
        note_broken(d);
    d->given = flow == MILL_FLOW_MORE && !d->own;
    if (d->given)
        jpeg_finish_decompress(&reader->jpeg);
    d->given = false;
    if (flow != MILL_FLOW_FAILED)
        flow = d->sink->end(d->sink, err);
    if (flow == MILL_FLOW_FAILED)
        codec__jpeg_stop(&reader->trap);
}

static bool
attempt(struct decoding *d, struct mill_bytes in, struct mill_err *err)
{
    codec__jpeg_open(&d->reader, in, d);
    bool done = codec__jpeg_run(&d->reader.trap, decode_work, err);
    codec__jpeg_close(&d->reader);
    return done;
}

/* Damage that libjpeg could not get over is behind the last row, or stands
 * between two scans: then the file is taken to end before it. */
static bool
salvage(struct decoding *d, struct mill_bytes in, struct mill_err *err)
{
    bool between = !d->started && d->sound_bytes;
    if ((!between && !d->given) || !codec__salvages(d->how, err))
        return false;
    in.n = d->sound_bytes;
    return between ? attempt(d, in, err)
                   : d->sink->end(d->sink, err) != MILL_FLOW_FAILED;
}

enum mill_status
codec__jpeg_decode(struct mill_bytes in, const struct mill_decode *how,
                   struct mill_sink *sink, struct mill_err *err)
{
    struct decoding d = {.how = how, .sink = sink, .library = how->library};
    bool done = attempt(&d, in, err) || salvage(&d, in, err);
    *how->warnings += d.reader.trap.mended;
    if (how->by_library && !d.own)
        *how->by_library = true;
    return done ? MILL_OK : (enum mill_status)err->status;
}
