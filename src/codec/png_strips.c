/* Rows to IDAT chunks: rows are gathered in strips of 1 MB, and the packed
 * strips put together, in their order, to one stream.
 *
 *   rows ─► strip ─► png_strip.c ─► frame, checksum ─► IDAT
 *
 * Strips are packed each by itself (png_strip.c), so memory does not grow with
 * the picture. That costs a strip its neighbours' context, some bytes in ten
 * thousand. */
#include "png_pack.h"

#include "png_own.h"

#include <string.h>

enum { STRIP_BYTES = 1 << 20 };
enum { ADLER_BYTES = 4, ADLER_BASE = 65521 };

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

static enum mill_status
open_strip(struct png_strip *strip, const struct mill_shape *shape,
           unsigned compression, struct mill_arena *arena, struct mill_err *err)
{
    size_t row_bytes, strip_bytes;
    if (!sizes(shape, &row_bytes, &strip_bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    *strip = (struct png_strip){
        .row_bytes = row_bytes,
        .px_bytes =
            (unsigned)(shape->n_planes * mill_shape_sample_bytes(shape))};
    uint8_t *above = mill_arena_take(arena, row_bytes + 1 + strip_bytes, err);
    if (above)
        strip->filtered = mill_arena_take(arena, strip_bytes, err);
    if (strip->filtered)
        strip->packer =
            codec__png_packer_open(compression, strip_bytes, arena, err);
    if (!strip->packer)
        return (enum mill_status)err->status;
    strip->plain = above + row_bytes + 1;
    memset(above, 0, row_bytes + 1);
    return MILL_OK;
}

enum mill_status
codec__png_strips_open(struct png_strips *s, const struct mill_shape *shape,
                       unsigned compression, struct mill_arena *arena,
                       struct mill_err *err)
{
    *s = (struct png_strips){.h = shape->h, .adler = 1};
    if (open_strip(&s->strip, shape, compression, arena, err) != MILL_OK)
        return (enum mill_status)err->status;
    s->capacity = strip_rows(s->strip.row_bytes, shape->h);
    return MILL_OK;
}

void
codec__png_strips_close(struct png_strips *s)
{
    codec__png_packer_close(s->strip.packer);
}

/* ---- the stream ---------------------------------------------------------- */

/* Of two runs of bytes, one behind the other, the second n long: as zlib's
 * adler32_combine. */
static uint32_t
adler_join(uint32_t first, uint32_t second, uint64_t n)
{
    uint64_t a1 = first & 0xFFFF, b1 = first >> 16;
    uint64_t a2 = second & 0xFFFF, b2 = second >> 16;
    uint64_t a = (a1 + a2 + ADLER_BASE - 1) % ADLER_BASE;
    uint64_t b =
        (b1 + b2 + n % ADLER_BASE * (a1 + ADLER_BASE - 1)) % ADLER_BASE;
    return (uint32_t)(b << 16 | a);
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
frame(struct png_strips *s, const struct png_strip *strip)
{
    uint8_t *packed = strip->packed;
    size_t n = strip->n_packed;
    s->adler = adler_join(s->adler, strip->adler,
                          (uint64_t)strip->n * (strip->row_bytes + 1));
    if (!s->begun) {
        *--packed = 0x01; /* the head's own check */
        *--packed = 0x78; /* deflate, window of 32 KB */
        n += 2;
        s->begun = true;
    }
    if (strip->last) {
        put_be32(packed + n, s->adler);
        n += ADLER_BYTES;
    }
    uint8_t *at = packed - PNG_CHUNK_HEAD_BYTES;
    put_be32(at, (uint32_t)n);
    memcpy(at + 4, "IDAT", 4);
    put_be32(packed + n, codec__png_crc32(0, at + 4, n + 4));
    return (struct mill_bytes){at, n + PNG_CHUNK_FRAME_BYTES};
}

/* ---- rows ---------------------------------------------------------------- */

uint8_t *
codec__png_strips_row(struct png_strips *s)
{
    return s->strip.plain + s->strip.n * (s->strip.row_bytes + 1) + 1;
}

/* The next strip's rows stand below the last one of this. */
static void
begin_next(struct png_strip *strip)
{
    size_t n = strip->row_bytes + 1;
    memcpy(strip->plain - n, strip->plain + (strip->n - 1) * n, n);
    strip->n = 0;
}

enum mill_status
codec__png_strips_add(struct png_strips *s, struct mill_bytes *chunk,
                      struct mill_err *err)
{
    struct png_strip *strip = &s->strip;
    *chunk = (struct mill_bytes){0};
    strip->n++;
    s->y++;
    strip->last = s->y == s->h;
    if (strip->n < s->capacity && !strip->last)
        return MILL_OK;
    codec__png_strip_pack(strip);
    if (!strip->packed) {
        *err = strip->err;
        return (enum mill_status)err->status;
    }
    *chunk = frame(s, strip);
    begin_next(strip);
    return MILL_OK;
}
