/* PNG's rows without libpng.
 *
 *   IDAT, IDAT, … ─► unpacker ─► a window of rows ─► unfilter ─► rows as stored
 *
 * The window holds as many bands as 256 KB do, at least one, and above them
 * the row before, which the filters look at. It is refilled when its last row
 * was given. Runs on the lane's thread; memory comes from the image's arena.
 *
 * What is not certainly right, or too large to be counted in 32 bits, or
 * interlaced, is not ours. */
#include "png_own.h"

#include <string.h>

enum { WINDOW_BYTES = 256 << 10 };

/* A band's rows are always there at once. */
static uint32_t
capacity(size_t stride, uint32_t h)
{
    size_t bands = WINDOW_BYTES / stride / MILL_BAND_PX;
    size_t rows = (bands ? bands : 1) * MILL_BAND_PX;
    return rows < h ? (uint32_t)rows : h;
}

/* Of channels samples a px. */
static uint64_t
row_size(const struct mill_facts *facts, unsigned channels)
{
    return ((uint64_t)channels * facts->depth * facts->w + 7) / 8;
}

/* Where tRNS makes the alpha, a row as stored is less than this one. */
uint64_t
codec__png_own_bytes(const struct mill_info *info)
{
    const struct mill_facts *facts = &info->facts;
    unsigned channels = facts->palette ? 1 : facts->channels;
    uint64_t stride = 1 + row_size(facts, channels);
    if (!codec__png_unpacker || facts->interlaced ||
        stride > UINT32_MAX / (MILL_BAND_PX + 1))
        return 0;
    uint64_t unpacker =
        codec__png_unpacker->bytes(mill_u64_mul(stride, facts->h));
    uint64_t rows = MILL_BAND_PX * stride;
    if (rows < WINDOW_BYTES)
        rows = WINDOW_BYTES;
    return unpacker ? unpacker + rows + stride + CODEC__RASTER_PAD : 0;
}

enum mill_status
codec__png_own_open(struct png_own *own, const struct png_reader *reader,
                    struct mill_arena *arena, struct mill_err *err)
{
    struct mill_err out = {0};
    unsigned channels = png_get_channels(reader->trap.png, reader->trap.info);
    const struct mill_facts *facts = &reader->info.facts;
    *own = (struct png_own){
        .idat = codec__png_idat(reader->in, reader->at - PNG_CHUNK_HEAD_BYTES),
        .h = facts->h,
        .row_bytes = (size_t)row_size(facts, channels),
        .px_bytes = (channels * facts->depth + 7) / 8};
    size_t stride = own->row_bytes + 1;
    own->capacity = capacity(stride, own->h);
    own->window = mill_arena_take(
        arena, stride * ((size_t)own->capacity + 1) + CODEC__RASTER_PAD, &out);
    if (own->window) {
        memset(own->window, 0, stride);
        own->unpacker =
            codec__png_unpacker->open(&own->idat, stride * own->h, arena, &out);
    }
    if (out.status != MILL_OK)
        *err = out;
    return (enum mill_status)out.status;
}

static bool
refill(struct png_own *own)
{
    size_t stride = own->row_bytes + 1;
    uint8_t *rows = own->window + stride;
    uint32_t left = own->h - own->ready;
    uint32_t n = left < own->capacity ? left : own->capacity;
    if (own->ready)
        memcpy(own->window + 1, own->window + own->capacity * stride + 1,
               own->row_bytes);
    if (!codec__png_unpacker->read(own->unpacker, rows, n * stride))
        return false;
    own->first = own->ready;
    own->ready += n;
    return codec__kernels()->unfilter(
        &(struct codec__raster){.rows = rows,
                                .above = own->window + 1,
                                .row_bytes = own->row_bytes,
                                .n = n,
                                .px_bytes = own->px_bytes});
}

static bool
ends_well(struct png_own *own)
{
    return codec__png_unpacker->ends(own->unpacker) &&
           codec__png_idat_ends_well(&own->idat);
}

const uint8_t *
codec__png_own_rows(struct png_own *own, uint32_t n, size_t *stride)
{
    *stride = own->row_bytes + 1;
    if (own->y == own->ready && !refill(own))
        return NULL;
    if (own->y + n == own->h && !ends_well(own))
        return NULL;
    const uint8_t *at = own->window + (own->y - own->first + 1) * *stride + 1;
    own->y += n;
    return at;
}
