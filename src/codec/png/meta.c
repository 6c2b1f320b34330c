/* What a PNG's reader has found beside the pixels, as metadata that a sink may
 * hold: in the image's arena where it is not the input's own bytes. */
#include "codec.h"

#include <string.h>

/* libpng's own copy goes when the reader is closed; what is lent must stay. */
static enum mill_status
load_icc(const struct png_reader *reader, struct mill_arena *arena,
         struct mill_bytes *icc, struct mill_err *err)
{
    *icc = (struct mill_bytes){0};
    if (!reader->icc.n)
        return MILL_OK;
    uint8_t *at = mill_arena_take(arena, reader->icc.n, err);
    if (!at)
        return (enum mill_status)err->status;
    memcpy(at, reader->icc.at, reader->icc.n);
    *icc = (struct mill_bytes){at, reader->icc.n};
    return MILL_OK;
}

static enum mill_status
load_xmp(const struct png_found *found, struct mill_arena *arena,
         struct mill_bytes *xmp, struct mill_err *err)
{
    *xmp = found->xmp;
    if (!found->xmp_packed || !found->xmp.n)
        return MILL_OK;
    uint8_t *at = mill_arena_take(arena, found->xmp_bytes, err);
    if (!at)
        return (enum mill_status)err->status;
    if (!codec__png_unpack(found->xmp, at, found->xmp_bytes))
        return mill_fail(err, MILL_INTERNAL, "a text unpacks but once");
    *xmp = (struct mill_bytes){at, found->xmp_bytes};
    return MILL_OK;
}

/* Dots a metre as dots an inch, to the nearest; 0: too many. */
static uint16_t
dots_an_inch(uint32_t a_metre)
{
    uint64_t n = ((uint64_t)a_metre * 254 + 5000) / 10000;
    return n <= UINT16_MAX ? (uint16_t)n : 0;
}

static void
load_density(const struct png_reader *reader, struct mill_meta *meta)
{
    uint32_t x, y;
    int unit;
    if (!png_get_pHYs(reader->trap.png, reader->trap.info, &x, &y, &unit))
        return;
    if (unit == PNG_RESOLUTION_METER) {
        meta->density_x = dots_an_inch(x);
        meta->density_y = dots_an_inch(y);
        meta->density_unit = 1;
    } else if (x <= UINT16_MAX && y <= UINT16_MAX) {
        meta->density_x = (uint16_t)x;
        meta->density_y = (uint16_t)y;
    }
    if (!meta->density_x || !meta->density_y)
        meta->density_x = meta->density_y = meta->density_unit = 0;
}

enum mill_status
codec__png_meta(const struct png_reader *reader, struct mill_arena *arena,
                struct mill_meta *meta, struct mill_err *err)
{
    *meta = (struct mill_meta){.exif = reader->found.exif};
    load_density(reader, meta);
    enum mill_status status = load_icc(reader, arena, &meta->icc, err);
    if (status == MILL_OK)
        status = load_xmp(&reader->found, arena, &meta->xmp, err);
    return status;
}
