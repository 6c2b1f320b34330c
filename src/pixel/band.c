/* Bands: how the rows of a picture lie in memory.
 *
 * A band's buffer is one block, plane after plane. A row begins on a 64-byte
 * line and is followed by at least 64 bytes of its own, so a kernel may load a
 * whole vector beyond the last sample. A stride that is a multiple of the page
 * would put every row into the same few cache sets, so such strides get one
 * more line. */
#include <imgmill/pixel.h>

enum { LINE = 64, PAGE = 4096 };

/* Rows that any band of px picture rows needs at most. The band at the top has
 * the most: only there a row that begins above the picture counts too. */
static uint32_t
rows_at_most(const struct mill_grid *g, uint32_t px)
{
    uint32_t n = mill_grid_rows_above(g, px);
    return n ? n : 1;
}

static bool
stride_of(uint32_t w, size_t sample_bytes, size_t *stride)
{
    size_t row;
    if (!mill_size_mul(w, sample_bytes, &row) ||
        !mill_size_add(row, LINE, &row) || row > SIZE_MAX - 2 * LINE)
        return false;
    row = mill_size_align(row, LINE);
    *stride = row % PAGE ? row : row + LINE;
    return true;
}

/* The bytes of one plane's rows. */
static bool
plane_size(const struct mill_shape *shape, unsigned p, uint32_t px,
           size_t *stride, size_t *bytes)
{
    const struct mill_grid *g = &shape->plane[p];
    return stride_of(g->w, mill_shape_sample_bytes(shape), stride) &&
           mill_size_mul(*stride, rows_at_most(g, px), bytes);
}

static bool
band_size(const struct mill_shape *shape, uint32_t px, size_t *total)
{
    *total = 0;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        size_t stride, bytes;
        if (!plane_size(shape, p, px, &stride, &bytes) ||
            !mill_size_add(*total, bytes, total))
            return false;
    }
    return true;
}

uint64_t
mill_band_bytes(const struct mill_shape *shape, uint32_t px)
{
    size_t total;
    return band_size(shape, px, &total) ? total : UINT64_MAX;
}

enum mill_status
mill_band_take(struct mill_band *band, const struct mill_shape *shape,
               uint32_t px, struct mill_arena *arena, struct mill_err *err)
{
    size_t total;
    if (!band_size(shape, px, &total))
        return mill_fail(err, MILL_LIMIT,
                         "%u rows of %ux%u px are more than memory can address",
                         px, shape->w, shape->h);
    uint8_t *at = mill_arena_take(arena, total, err);
    if (!at)
        return (enum mill_status)err->status;

    *band = (struct mill_band){0};
    for (unsigned p = 0; p < shape->n_planes; p++) {
        size_t stride, bytes;
        plane_size(shape, p, px, &stride, &bytes);
        band->plane[p].at = at;
        band->plane[p].stride_bytes = stride;
        at += bytes;
    }
    return MILL_OK;
}

void
mill_band_place(struct mill_band *band, const struct mill_shape *shape,
                uint32_t y, uint32_t n)
{
    band->y = y;
    band->n = n;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        struct mill_rows *rows = &band->plane[p];
        rows->y = mill_grid_rows_above(&shape->plane[p], y);
        rows->n = mill_grid_rows_above(&shape->plane[p], y + n) - rows->y;
    }
}

struct mill_band
mill_band_part(const struct mill_band *whole, const struct mill_shape *shape,
               uint32_t y, uint32_t n)
{
    struct mill_band part = *whole;
    mill_band_place(&part, shape, y, n);
    for (unsigned p = 0; p < shape->n_planes; p++) {
        struct mill_rows *rows = &part.plane[p];
        const struct mill_rows *from = &whole->plane[p];
        if (rows->n)
            rows->at = mill_rows_at(from, rows->y - from->y);
    }
    return part;
}
