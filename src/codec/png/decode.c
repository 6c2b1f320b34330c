/* PNG to bands.
 *
 *   file ─► libpng ─► 16 rows, px after px ─► planes ─► the sink
 *      └─► our own reader ┘
 *
 * libpng reads the header, and the rows of what is interlaced. Other rows come
 * from our own reader, which is faster and gives the same; but what is unusual
 * it leaves. Then libpng reads from the first row on, those that the sink has
 * are dropped, and it is libpng that judges.
 *
 * Samples come as they are stored: gray below 8 bits is widened, tRNS becomes
 * an alpha plane, 16 bits stay. Of a palette picture libpng gives the indices,
 * and the planes are looked up here, which also finds an index that the palette
 * does not have.
 *
 * A picture that is interlaced has its last pixels in its last pass, so all
 * rows are held before the first band goes out.
 *
 * libpng is entered through the trap for each band and left again before the
 * sink is called. Behind the last row everything up to IEND is read, so that a
 * file that ends early, or holds more pixels than its header says, is never
 * taken for a whole one.
 *
 * To salvage begins as strictly as anything else, so that a file is told to be
 * damaged exactly when it would be refused. At the first damage a libpng that
 * is lenient begins anew, and the rows that the sink has are dropped: a wrong
 * CRC alone stops nothing, the rows that come before it stops are kept, and the
 * rest is blank. Of an interlaced picture each pass fills blocks, which later
 * passes refine; so a first pass is a picture already. A colour that the
 * palette does not have is blank. */
#include "own.h"

#include <string.h>

enum { PALETTE_MOST = 256 };

/* What libpng asks for at a time is lost where it is not all there; so it asks
 * for little when it is lenient. */
enum { BITE_BYTES = 64 };

struct decoding {
    struct png_reader reader;
    const struct mill_decode *how;
    struct mill_sink *sink;
    struct mill_shape shape;
    struct mill_meta meta;
    struct mill_band band;
    unsigned n_channels; /* of a row: 1 with a palette */
    size_t row_bytes;
    uint8_t *rows; /* of one band, or of the whole picture */
    struct png_own own;
    struct png_expand expand; /* of our own rows */
    uint32_t n_wanted;        /* rows that the running work reads */
    uint32_t n_read;          /* of these, rows that hold something */
    bool over;                /* libpng, though lenient, gives no more */
    int passes;
    unsigned n_colours; /* of the palette; 0: none */
    uint8_t colours[4][PALETTE_MOST];
};

/* ---- what libpng is asked for: works of the trap ------------------------- */

static bool
is_lenient(const struct decoding *d)
{
    return d->reader.trap.how;
}

static void
ask_transforms(struct decoding *d)
{
    png_struct *png = d->reader.trap.png;
    if (d->reader.info.facts.palette)
        png_set_packing(png);
    else if (d->reader.info.facts.depth < 8)
        png_set_expand_gray_1_2_4_to_8(png);
    if (d->reader.transparent && !d->reader.info.facts.palette)
        png_set_tRNS_to_alpha(png);
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(png);
    png_set_check_for_invalid_index(png, 0);
    if (is_lenient(d)) {
        png_set_crc_action(png, PNG_CRC_WARN_USE, PNG_CRC_DEFAULT);
        png_set_compression_buffer_size(png, BITE_BYTES);
    }
}

static void
start(void *self)
{
    struct decoding *d = self;
    png_struct *png = d->reader.trap.png;
    ask_transforms(d);
    d->passes = png_set_interlace_handling(png);
    png_read_update_info(png, d->reader.trap.info);
    if (png_get_rowbytes(png, d->reader.trap.info) != d->row_bytes)
        png_error(png, "rows of an unexpected size");
}

static void
read_rows(void *self)
{
    struct decoding *d = self;
    for (d->n_read = 0; d->n_read < d->n_wanted; d->n_read++)
        png_read_row(d->reader.trap.png, d->rows + d->n_read * d->row_bytes,
                     NULL);
}

/* The first pass leaves no row empty when it fills blocks. */
static void
read_passes(void *self)
{
    struct decoding *d = self;
    bool blocks = is_lenient(d);
    d->n_read = 0;
    for (int pass = 0; pass < d->passes; pass++)
        for (uint32_t y = 0; y < d->n_wanted; y++) {
            uint8_t *row = d->rows + y * d->row_bytes;
            png_read_row(d->reader.trap.png, blocks ? NULL : row,
                         blocks ? row : NULL);
            if (pass == 0)
                d->n_read++;
        }
}

static void
finish(void *self)
{
    struct decoding *d = self;
    png_read_end(d->reader.trap.png, NULL);
}

static enum mill_status
run(struct decoding *d, void (*work)(void *self), struct mill_err *err)
{
    if (codec__png_run(&d->reader.trap, work, err))
        return MILL_OK;
    return (enum mill_status)err->status;
}

/* Rows [y, y + n) into d->rows: all, or those that a lenient libpng has. */
static enum mill_status
read_some(struct decoding *d, void (*work)(void *self), uint32_t y, uint32_t n,
          struct mill_err *err)
{
    d->n_wanted = n;
    d->n_read = 0;
    if (d->over || run(d, work, err) == MILL_OK)
        return MILL_OK;
    d->over = is_lenient(d) && (d->n_read || y) && codec__salvages(d->how, err);
    return d->over ? MILL_OK : (enum mill_status)err->status;
}

static uint32_t
rows_at(const struct decoding *d, uint32_t y)
{
    uint32_t left = d->shape.h - y;
    return left < d->shape.band_px ? left : d->shape.band_px;
}

/* Of what a libpng that begins anew gives, the sink has the rows above y. */
static enum mill_status
skip_rows(struct decoding *d, uint32_t y, struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    for (uint32_t i = 0; i < y && status == MILL_OK; i += d->n_wanted)
        status = read_some(d, read_rows, i, rows_at(d, i), err);
    return status;
}

static enum mill_status
begin_leniently(struct decoding *d, struct mill_err *err)
{
    struct mill_bytes in = d->reader.in;
    codec__png_close(&d->reader);
    enum mill_status status = codec__png_open(&d->reader, in, d, err);
    if (status != MILL_OK)
        return status;
    d->reader.trap.how = d->how;
    return run(d, start, err);
}

/* Rows [y, y + n) by libpng; leniently, if they are damaged and salvaged. What
 * has no row at all is not salvaged. */
static enum mill_status
read_by_libpng(struct decoding *d, void (*work)(void *self), uint32_t y,
               uint32_t n, struct mill_err *err)
{
    enum mill_status status = read_some(d, work, y, n, err);
    if (status != MILL_DAMAGED || is_lenient(d) || !d->how->damage)
        return status;
    struct mill_err found = *err;
    *err = (struct mill_err){0};
    status = begin_leniently(d, err);
    if (status == MILL_OK)
        status = skip_rows(d, y, err);
    if (status == MILL_OK)
        status = read_some(d, work, y, n, err);
    if (status == MILL_OK)
        codec__salvages(d->how, &found);
    return status;
}

/* ---- what is known before the first row ---------------------------------- */

static void
load_palette(struct decoding *d)
{
    png_color *palette = NULL;
    uint8_t *alpha = NULL;
    int n = 0, n_alpha = 0;
    png_get_PLTE(d->reader.trap.png, d->reader.trap.info, &palette, &n);
    png_get_tRNS(d->reader.trap.png, d->reader.trap.info, &alpha, &n_alpha,
                 NULL);
    for (int i = 0; i < n; i++) {
        d->colours[0][i] = palette[i].red;
        d->colours[1][i] = palette[i].green;
        d->colours[2][i] = palette[i].blue;
        d->colours[3][i] = i < n_alpha ? alpha[i] : 255;
    }
    d->n_colours = (unsigned)n;
}

/* ---- memory -------------------------------------------------------------- */

static uint32_t
rows_held(const struct mill_info *info)
{
    uint32_t h = info->shape.h, band = info->shape.band_px;
    return info->whole || h < band ? h : band;
}

static unsigned
row_channels(const struct mill_info *info)
{
    return info->facts.palette ? 1 : info->shape.n_planes;
}

static bool
row_size(const struct mill_info *info, size_t *bytes)
{
    size_t px = row_channels(info) * mill_shape_sample_bytes(&info->shape);
    return mill_size_mul(info->shape.w, px, bytes);
}

static enum mill_status
take_memory(struct decoding *d, struct mill_err *err)
{
    const struct mill_info *info = &d->reader.info;
    size_t bytes;
    if (!row_size(info, &d->row_bytes) ||
        !mill_size_mul(d->row_bytes, rows_held(info), &bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    d->n_channels = row_channels(info);
    d->rows = mill_arena_take(d->how->arena, bytes, err);
    if (!d->rows)
        return (enum mill_status)err->status;
    return mill_band_take(&d->band, &d->shape, d->shape.band_px, d->how->arena,
                          err);
}

/* libpng's structs with zlib's window. */
enum { READER_BYTES = 96 << 10 };

uint64_t
codec__png_decode_bytes(const struct mill_info *info,
                        const struct mill_decode *how)
{
    size_t row;
    if (!row_size(info, &row))
        return UINT64_MAX;
    uint64_t bytes = mill_u64_mul(row, (uint64_t)rows_held(info) + 2);
    bytes =
        mill_u64_add(bytes, mill_band_bytes(&info->shape, info->shape.band_px));
    if (!how->library)
        bytes = mill_u64_add(bytes, codec__png_own_bytes(info, how->crew));
    bytes = mill_u64_add(bytes, 3 * (uint64_t)info->facts.icc_bytes);
    bytes = mill_u64_add(bytes, info->facts.xmp_bytes);
    return mill_u64_add(bytes, READER_BYTES);
}

/* ---- rows to the sink ---------------------------------------------------- */

static unsigned
greatest(const uint8_t *at, size_t n)
{
    uint8_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = at[i] > most ? at[i] : most;
    return most;
}

static void
look_up(uint8_t *restrict to, const uint8_t *restrict index, size_t n,
        const uint8_t *restrict colours)
{
    for (size_t i = 0; i < n; i++)
        to[i] = colours[index[i]];
}

static void
fill_row(struct decoding *d, uint32_t i, const uint8_t *row)
{
    void *to[MILL_PLANES];
    for (unsigned p = 0; p < d->shape.n_planes; p++)
        to[p] = mill_rows_at(&d->band.plane[p], i);
    if (!d->n_colours)
        mill_rows_split(to, row, d->shape.w, d->n_channels, d->shape.depth);
    for (unsigned p = 0; d->n_colours && p < d->shape.n_planes; p++)
        look_up(to[p], row, d->shape.w, d->colours[p]);
}

static enum mill_status
check_indices(const struct decoding *d, const uint8_t *rows, size_t stride,
              uint32_t n, struct mill_err *err)
{
    if (!d->n_colours)
        return MILL_OK;
    unsigned most = 0;
    for (uint32_t i = 0; i < n; i++) {
        unsigned of_row = greatest(rows + i * stride, d->row_bytes);
        most = of_row > most ? of_row : most;
    }
    if (most < d->n_colours)
        return MILL_OK;
    mill_fail(err, MILL_DAMAGED, "colour %u of a palette of %u", most,
              d->n_colours);
    return codec__salvages(d->how, err) ? MILL_OK : MILL_DAMAGED;
}

/* Picture rows [y, y + n), of which n_read begin at rows, stride bytes apart,
 * and others are blank. */
static enum mill_flow
push(struct decoding *d, uint32_t y, uint32_t n, uint32_t n_read,
     const uint8_t *rows, size_t stride, struct mill_err *err)
{
    if (check_indices(d, rows, stride, n_read, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    mill_band_place(&d->band, &d->shape, y, n);
    for (uint32_t i = 0; i < n; i++)
        if (i < n_read)
            fill_row(d, i, rows + i * stride);
        else
            codec__row_blank(&d->band, &d->shape, i);
    return d->sink->band(d->sink, &d->band, err);
}

static enum mill_flow
push_own(struct decoding *d, uint32_t y, uint32_t n, const uint8_t *rows,
         size_t stride, struct mill_err *err)
{
    if (!d->expand.row)
        return push(d, y, n, n, rows, stride, err);
    for (uint32_t i = 0; i < n; i++)
        d->expand.row(&d->expand, d->rows + i * d->row_bytes,
                      rows + i * stride);
    return push(d, y, n, n, d->rows, d->row_bytes, err);
}

static enum mill_flow
push_rows(struct decoding *d, uint32_t y, uint32_t n, struct mill_err *err)
{
    if (d->own.unpacker) {
        size_t stride;
        const uint8_t *rows = codec__png_own_rows(&d->own, n, &stride);
        if (rows)
            return push_own(d, y, n, rows, stride, err);
        codec__png_own_close(&d->own);
        if (skip_rows(d, y, err) != MILL_OK)
            return MILL_FLOW_FAILED;
    }
    if (read_by_libpng(d, read_rows, y, n, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    return push(d, y, n, d->n_read, d->rows, d->row_bytes, err);
}

static enum mill_flow
push_all(struct decoding *d, struct mill_err *err)
{
    enum mill_flow flow = MILL_FLOW_MORE;
    uint32_t n;
    for (uint32_t y = 0; y < d->shape.h && flow == MILL_FLOW_MORE; y += n) {
        n = rows_at(d, y);
        flow = push_rows(d, y, n, err);
    }
    return flow;
}

static enum mill_flow
push_interlaced(struct decoding *d, struct mill_err *err)
{
    enum mill_flow flow = MILL_FLOW_MORE;
    uint32_t h = d->shape.h, n;
    if (read_by_libpng(d, read_passes, 0, h, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    for (uint32_t y = 0; y < h && flow == MILL_FLOW_MORE; y += n) {
        uint32_t left = d->n_read > y ? d->n_read - y : 0;
        n = rows_at(d, y);
        flow = push(d, y, n, left < n ? left : n, d->rows + y * d->row_bytes,
                    d->row_bytes, err);
    }
    return flow;
}

/* Behind the last row: all up to IEND, which our own reader has judged. */
static enum mill_flow
read_end(struct decoding *d, struct mill_err *err)
{
    if (d->own.unpacker || d->over || run(d, finish, err) == MILL_OK ||
        codec__salvages(d->how, err))
        return MILL_FLOW_MORE;
    return MILL_FLOW_FAILED;
}

static enum mill_status
drive(struct decoding *d, struct mill_err *err)
{
    enum mill_flow flow = d->sink->begin(d->sink, &d->shape, &d->meta, err);
    if (flow == MILL_FLOW_MORE)
        flow =
            d->reader.info.whole ? push_interlaced(d, err) : push_all(d, err);
    if (flow == MILL_FLOW_MORE)
        flow = read_end(d, err);
    if (flow != MILL_FLOW_FAILED)
        flow = d->sink->end(d->sink, err);
    return flow == MILL_FLOW_FAILED ? (enum mill_status)err->status : MILL_OK;
}

static enum mill_status
open_own(struct decoding *d, struct mill_err *err)
{
    if (d->how->library || !codec__png_own_bytes(&d->reader.info, d->how->crew))
        return MILL_OK;
    codec__png_expand_init(&d->expand, &d->reader);
    return codec__png_own_open(&d->own, &d->reader, d->how->crew, d->how->arena,
                               err);
}

static enum mill_status
prepare(struct decoding *d, struct mill_err *err)
{
    const struct mill_info *info = &d->reader.info;
    enum mill_status status =
        codec__pixels_check(info->shape.w, info->shape.h, &d->how->limits, err);
    if (status != MILL_OK)
        return status;
    codec__png_shape(info, d->how, &d->shape);
    if (info->facts.palette)
        load_palette(d);
    status = codec__png_meta(&d->reader, d->how->arena, &d->meta, err);
    if (status == MILL_OK)
        status = take_memory(d, err);
    if (status == MILL_OK)
        status = open_own(d, err);
    return status == MILL_OK ? run(d, start, err) : status;
}

enum mill_status
codec__png_decode(struct mill_bytes in, const struct mill_decode *how,
                  struct mill_sink *sink, struct mill_err *err)
{
    struct decoding d = {.how = how, .sink = sink};
    enum mill_status status = codec__png_open(&d.reader, in, &d, err);
    if (status == MILL_OK)
        status = prepare(&d, err);
    if (status == MILL_OK)
        status = drive(&d, err);
    *how->warnings += d.reader.trap.mended + d.reader.found.mended;
    *how->notes |= d.reader.found.notes;
    if (how->by_library && !d.own.unpacker)
        *how->by_library = true;
    codec__png_own_close(&d.own);
    codec__png_close(&d.reader);
    return status;
}
