/* PNM to bands.
 *
 *   raster ─► one row of samples, px after px ─► planes ─► the sink
 *
 * Samples up to 255 are scaled to 8 bits, others to 16, exactly: a sample v of
 * at most `top` becomes v * full / top, to the nearest. In PBM a 1 is black.
 * That a raw raster is long enough is known before the first row. Nothing but
 * one band is held.
 *
 * When damage is salvaged, samples that are too great are as the greatest, and
 * rows from the first on that is not all there are blank. */
#include "codec.h"

#include <string.h>

struct decoding {
    struct pnm_picture pic;
    const struct mill_decode *how;
    struct mill_shape shape;
    struct mill_band band;
    size_t n_samples;   /* in a row */
    void *row;          /* samples as the shape has them */
    uint32_t rows_left; /* that the raster has, as far as is known */
    uint8_t table[256]; /* of samples up to 255 */
    /* Fill row from the raster. */
    enum mill_status (*read_row)(struct decoding *d, struct mill_err *err);
};

static uint32_t
scaled(uint32_t v, uint32_t full, uint32_t top)
{
    return (v * full + top / 2) / top;
}

/* MILL_OK: it is salvaged as the greatest. */
static enum mill_status
too_great(const struct decoding *d, uint32_t v, struct mill_err *err)
{
    mill_fail(err, MILL_DAMAGED, "sample %u above %u", v, d->pic.top);
    return codec__salvages(d->how, err) ? MILL_OK : MILL_DAMAGED;
}

/* ---- rows, by kind ------------------------------------------------------- */

static void
put_sample(struct decoding *d, size_t i, uint32_t v)
{
    if (d->shape.depth == 16)
        ((uint16_t *)d->row)[i] = (uint16_t)scaled(v, 65535, d->pic.top);
    else
        ((uint8_t *)d->row)[i] = d->table[v];
}

static enum mill_status
read_plain(struct decoding *d, struct mill_err *err)
{
    for (size_t i = 0; i < d->n_samples; i++) {
        uint32_t v;
        enum mill_status status =
            codec__pnm_number(&d->pic.raster, 65535, &v, err);
        if (status == MILL_OK && v > d->pic.top)
            status = too_great(d, v, err);
        if (status != MILL_OK)
            return status;
        put_sample(d, i, v < d->pic.top ? v : d->pic.top);
    }
    return MILL_OK;
}

/* Digits need no space between them. */
static enum mill_status
read_plain_bits(struct decoding *d, struct mill_err *err)
{
    for (size_t i = 0; i < d->n_samples; i++) {
        int digit = codec__pnm_skip(&d->pic.raster);
        if (digit < 0)
            return mill_fail(err, MILL_DAMAGED, "truncated");
        if (digit != '0' && digit != '1')
            return mill_fail(err, MILL_DAMAGED, "byte 0x%02x is no bit",
                             (unsigned)digit);
        d->pic.raster.at++;
        ((uint8_t *)d->row)[i] = digit == '0' ? 255 : 0;
    }
    return MILL_OK;
}

/* n bits of a byte, the highest first; 1 is black. */
static inline void
put_bits(uint8_t *restrict row, unsigned byte, size_t n)
{
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)((byte >> (7 - i) & 1) - 1);
}

static enum mill_status
read_bits(struct decoding *d, struct mill_err *err)
{
    const uint8_t *from = d->pic.raster.at;
    const size_t whole = d->n_samples / 8, rest = d->n_samples % 8;
    uint8_t *row = d->row;
    (void)err;
    for (size_t i = 0; i < whole; i++)
        put_bits(row + 8 * i, from[i], 8);
    if (rest)
        put_bits(row + 8 * whole, from[whole], rest);
    d->pic.raster.at += whole + (rest != 0);
    return MILL_OK;
}

static enum mill_status
read_bytes(struct decoding *d, struct mill_err *err)
{
    const uint8_t *from = d->pic.raster.at;
    uint8_t *row = d->row, most = 0;
    for (size_t i = 0; i < d->n_samples; i++) {
        most = from[i] > most ? from[i] : most;
        row[i] = d->table[from[i]];
    }
    d->pic.raster.at += d->n_samples;
    return most > d->pic.top ? too_great(d, most, err) : MILL_OK;
}

static enum mill_status
read_full_bytes(struct decoding *d, struct mill_err *err)
{
    (void)err;
    memcpy(d->row, d->pic.raster.at, d->n_samples);
    d->pic.raster.at += d->n_samples;
    return MILL_OK;
}

static enum mill_status
read_words(struct decoding *d, struct mill_err *err)
{
    const uint8_t *from = d->pic.raster.at;
    uint16_t *row = d->row;
    uint32_t top = d->pic.top;
    for (size_t i = 0; i < d->n_samples; i++) {
        uint32_t v = (uint32_t)from[2 * i] << 8 | from[2 * i + 1];
        if (v > top) {
            if (too_great(d, v, err) != MILL_OK)
                return MILL_DAMAGED;
            v = top;
        }
        row[i] = (uint16_t)(top == 65535 ? v : scaled(v, 65535, top));
    }
    d->pic.raster.at += 2 * d->n_samples;
    return MILL_OK;
}

static void
choose_reader(struct decoding *d)
{
    const struct pnm_picture *pic = &d->pic;
    if (pic->kind == 1)
        d->read_row = read_plain_bits;
    else if (pic->kind == 4)
        d->read_row = read_bits;
    else if (codec__pnm_is_plain(pic))
        d->read_row = read_plain;
    else if (pic->top > 255)
        d->read_row = read_words;
    else
        d->read_row = pic->top == 255 ? read_full_bytes : read_bytes;
}

/* ---- before the first row ------------------------------------------------ */

/* Is the raw raster as long as the header says? */
static enum mill_status
check_length(struct decoding *d, struct mill_err *err)
{
    const struct pnm_picture *pic = &d->pic;
    size_t row, left = (size_t)(pic->raster.end - pic->raster.at);
    size_t px = pic->n_channels * (pic->top > 255 ? 2u : 1u);
    d->rows_left = pic->h;
    if (codec__pnm_is_plain(pic))
        return MILL_OK;
    if (pic->kind == 4)
        row = ((size_t)pic->w + 7) / 8;
    else
        row = pic->w * px;
    if (left / row >= pic->h)
        return MILL_OK;
    d->rows_left = (uint32_t)(left / row);
    mill_fail(err, MILL_DAMAGED, "truncated");
    return d->rows_left && codec__salvages(d->how, err) ? MILL_OK
                                                        : MILL_DAMAGED;
}

static void
fill_table(struct decoding *d)
{
    for (uint32_t v = 0; v < MILL_COUNT(d->table); v++)
        d->table[v] =
            v < d->pic.top ? (uint8_t)scaled(v, 255, d->pic.top) : 255;
}

static enum mill_status
prepare(struct decoding *d, struct mill_err *err)
{
    size_t bytes;
    enum mill_status status =
        codec__pixels_check(d->pic.w, d->pic.h, &d->how->limits, err);
    if (status == MILL_OK)
        status = check_length(d, err);
    if (status != MILL_OK)
        return status;
    d->shape = codec__pnm_picture_shape(&d->pic);
    d->n_samples = (size_t)d->pic.w * d->pic.n_channels;
    fill_table(d);
    choose_reader(d);
    if (!codec__row_size(&d->shape, &bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    d->row = mill_arena_take(d->how->arena, bytes, err);
    if (!d->row)
        return (enum mill_status)err->status;
    return mill_band_take(&d->band, &d->shape, d->shape.band_px, d->how->arena,
                          err);
}

uint64_t
codec__pnm_decode_bytes(const struct mill_info *info,
                        const struct mill_decode *how)
{
    size_t row;
    (void)how;
    if (!codec__row_size(&info->shape, &row))
        return UINT64_MAX;
    return mill_u64_add(row,
                        mill_band_bytes(&info->shape, info->shape.band_px));
}

/* ---- rows to the sink ---------------------------------------------------- */

/* The next row into row i of the band. */
static enum mill_status
fill_row(struct decoding *d, uint32_t i, struct mill_err *err)
{
    void *to[MILL_PLANES];
    bool first = d->band.y + i == 0;
    if (d->rows_left && d->read_row(d, err) != MILL_OK) {
        if (first || !codec__salvages(d->how, err))
            return (enum mill_status)err->status;
        d->rows_left = 0;
    }
    if (!d->rows_left) {
        codec__row_blank(&d->band, &d->shape, i);
        return MILL_OK;
    }
    d->rows_left--;
    for (unsigned p = 0; p < d->shape.n_planes; p++)
        to[p] = mill_rows_at(&d->band.plane[p], i);
    mill_rows_split(to, d->row, d->shape.w, d->shape.n_planes, d->shape.depth);
    return MILL_OK;
}

static enum mill_flow
push(struct decoding *d, struct mill_sink *sink, uint32_t y,
     struct mill_err *err)
{
    uint32_t left = d->shape.h - y;
    uint32_t n = left < d->shape.band_px ? left : d->shape.band_px;
    mill_band_place(&d->band, &d->shape, y, n);
    for (uint32_t i = 0; i < n; i++)
        if (fill_row(d, i, err) != MILL_OK)
            return MILL_FLOW_FAILED;
    return sink->band(sink, &d->band, err);
}

enum mill_status
codec__pnm_decode(struct mill_bytes in, const struct mill_decode *how,
                  struct mill_sink *sink, struct mill_err *err)
{
    static const struct mill_meta nothing;
    struct decoding d = {.how = how};
    enum mill_status status = codec__pnm_parse(in, &d.pic, err);
    if (status == MILL_OK)
        status = prepare(&d, err);
    if (status != MILL_OK)
        return status;
    enum mill_flow flow = sink->begin(sink, &d.shape, &nothing, err);
    for (uint32_t y = 0; y < d.shape.h && flow == MILL_FLOW_MORE; y += d.band.n)
        flow = push(&d, sink, y, err);
    if (flow != MILL_FLOW_FAILED)
        flow = sink->end(sink, err);
    return flow == MILL_FLOW_FAILED ? (enum mill_status)err->status : MILL_OK;
}
