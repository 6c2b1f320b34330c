/* Rows to IDAT chunks.
 *
 *   rows as they are ─► a filter each ─► none after all? ─► pack ─► IDAT
 *
 * Rows are gathered in strips of 1 MB, packed each by itself; so memory does
 * not grow with the picture, and strips could be packed side by side. A strip
 * costs its neighbours' context, some bytes in ten thousand.
 *
 * Each row gets the filter after which its bytes lie nearest to 0. That serves
 * photographs; what was drawn often packs better as it is, because the same
 * rows come again and again. Samples of the strip, packed both ways, decide
 * that for the whole of it, and tell how far it will pack. */
#include "png_pack.h"

#include "png_own.h"

#include <string.h>

enum { STRIP_BYTES = 1 << 20 };
enum { SAMPLES = 2, SAMPLE_BYTES = 32 << 10 }; /* of a strip */
enum { ADLER_BYTES = 4, CRC_BYTES = 4 };

/* ---- memory -------------------------------------------------------------- */

static uint32_t
strip_rows(size_t row_bytes, uint32_t h)
{
    size_t rows = STRIP_BYTES / (row_bytes + 1);
    if (rows < 1)
        rows = 1;
    return rows < h ? (uint32_t)rows : h;
}

/* Packers count in 32 bits. */
static bool
sizes(const struct mill_shape *shape, size_t *row_bytes, size_t *strip_bytes)
{
    if (!codec__row_size(shape, row_bytes) || *row_bytes > UINT32_MAX / 2)
        return false;
    *strip_bytes = strip_rows(*row_bytes, shape->h) * (*row_bytes + 1);
    return true;
}

uint64_t
codec__png_strips_bytes(const struct mill_shape *shape, unsigned compression)
{
    size_t row_bytes, strip_bytes;
    if (!sizes(shape, &row_bytes, &strip_bytes))
        return UINT64_MAX;
    return row_bytes + 2 * (uint64_t)strip_bytes +
           codec__png_packer_bytes(compression, strip_bytes);
}

enum mill_status
codec__png_strips_open(struct png_strips *s, const struct mill_shape *shape,
                       unsigned compression, struct mill_arena *arena,
                       struct mill_err *err)
{
    size_t row_bytes, strip_bytes;
    if (!sizes(shape, &row_bytes, &strip_bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    *s = (struct png_strips){
        .row_bytes = row_bytes,
        .px_bytes =
            (unsigned)(shape->n_planes * mill_shape_sample_bytes(shape)),
        .h = shape->h,
        .capacity = strip_rows(row_bytes, shape->h),
        .adler = 1};
    s->above = mill_arena_take_zeroed(arena, row_bytes, err);
    if (s->above)
        s->plain = mill_arena_take(arena, strip_bytes, err);
    if (s->plain)
        s->filtered = mill_arena_take(arena, strip_bytes, err);
    if (s->filtered)
        s->packer =
            codec__png_packer_open(compression, strip_bytes, arena, err);
    return s->packer ? MILL_OK : (enum mill_status)err->status;
}

/* ---- filters ------------------------------------------------------------- */

static size_t
stride(const struct png_strips *s)
{
    return s->row_bytes + 1;
}

uint8_t *
codec__png_strips_row(struct png_strips *s)
{
    return s->plain + s->n * stride(s) + 1;
}

static unsigned
cheapest(const uint64_t cost[CODEC__FILTERS])
{
    unsigned best = 0;
    for (unsigned f = 1; f < CODEC__FILTERS; f++)
        if (cost[f] < cost[best])
            best = f;
    return best;
}

static void
filter_row(struct png_strips *s)
{
    const struct codec__kernels *kernels = codec__kernels();
    uint8_t *plain = s->plain + s->n * stride(s);
    uint64_t cost[CODEC__FILTERS];
    struct codec__row row = {.at = plain + 1,
                             .above = s->n ? plain - s->row_bytes : s->above,
                             .n = s->row_bytes,
                             .px_bytes = s->px_bytes};
    plain[0] = 0;
    kernels->cost(&row, cost);
    kernels->filter(&row, cheapest(cost), s->filtered + s->n * stride(s));
}

/* ---- a strip ------------------------------------------------------------- */

/* What samples of the strip tell. */
struct findings {
    bool plain;   /* without filters it is smaller */
    size_t ratio; /* of raw to packed bytes */
};

/* Rows of each sample; a strip that is hardly more is its own. */
static uint32_t
sample_rows(const struct png_strips *s)
{
    size_t rows = SAMPLE_BYTES / stride(s);
    if (rows < 1)
        rows = 1;
    return rows * SAMPLES < s->n ? (uint32_t)rows : s->n;
}

static enum mill_status
sample(struct png_strips *s, struct findings *findings, struct mill_err *err)
{
    uint32_t rows = sample_rows(s), n = rows < s->n ? SAMPLES : 1;
    size_t bytes = rows * stride(s), plain = 0, filtered = 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t at = (size_t)((uint64_t)(s->n - rows) * (2 * i + 1) / (2 * n)) *
                    stride(s);
        size_t one =
            codec__png_packer_try(s->packer, s->plain + at, bytes, err);
        size_t other =
            codec__png_packer_try(s->packer, s->filtered + at, bytes, err);
        if (!one || !other)
            return (enum mill_status)err->status;
        plain += one;
        filtered += other;
    }
    findings->plain = plain < filtered;
    if (findings->plain)
        filtered = plain;
    findings->ratio = n * bytes / filtered;
    return MILL_OK;
}

static void
put_be32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The strip's bytes with what PNG has around them: a chunk's frame; before the
 * first zlib's head, behind the last its checksum. */
static struct mill_bytes
frame(struct png_strips *s, uint8_t *packed, size_t n)
{
    if (s->y == s->n) {
        *--packed = 0x01; /* the head's own check */
        *--packed = 0x78; /* deflate, window of 32 KB */
        n += 2;
    }
    if (s->y == s->h) {
        put_be32(packed + n, s->adler);
        n += ADLER_BYTES;
    }
    uint8_t *at = packed - PNG_CHUNK_HEAD_BYTES;
    put_be32(at, (uint32_t)n);
    memcpy(at + 4, "IDAT", 4);
    put_be32(packed + n, codec__png_crc32(0, at + 4, n + 4));
    return (struct mill_bytes){at, n + PNG_CHUNK_FRAME_BYTES};
}

static enum mill_status
pack_strip(struct png_strips *s, struct mill_bytes *chunk, struct mill_err *err)
{
    struct findings findings = {0};
    size_t n = s->n * stride(s), made;
    enum mill_status status = sample(s, &findings, err);
    if (status != MILL_OK)
        return status;
    const uint8_t *raw = findings.plain ? s->plain : s->filtered;
    uint8_t *packed = codec__png_packer_pack(s->packer, raw, n, findings.ratio,
                                             s->y == s->h, &made, err);
    if (!packed)
        return (enum mill_status)err->status;
    s->adler = codec__png_adler32(s->adler, raw, n);
    *chunk = frame(s, packed, made);
    memcpy(s->above, s->plain + n - s->row_bytes, s->row_bytes);
    s->n = 0;
    return MILL_OK;
}

enum mill_status
codec__png_strips_add(struct png_strips *s, struct mill_bytes *chunk,
                      struct mill_err *err)
{
    filter_row(s);
    s->n++;
    s->y++;
    if (s->n == s->capacity || s->y == s->h)
        return pack_strip(s, chunk, err);
    *chunk = (struct mill_bytes){0};
    return MILL_OK;
}
