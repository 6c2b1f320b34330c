/* Rows to IDAT chunks: rows are gathered in strips of 1 MB, and the packed
 * strips put together, in their order, to one stream.
 *
 *   rows ─► strip ─► png/strip.c ─► frame, checksum ─► IDAT
 *
 * Strips are packed each by itself (png/strip.c), so memory does not grow with
 * the picture, and a crew packs some of them while the next one is filled. That
 * costs a strip its neighbours' context, some bytes in ten thousand.
 *
 *   strips in turn:   taken ... [packed] [being packed] [being filled]
 */
#include "own.h"
#include "pack.h"

#include <string.h>

enum { STRIP_BYTES = 1 << 20 };
enum { LOST_BYTES = 320 << 10 }; /* of a packer's own arena */
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

/* One for each thread to pack, and one to be filled; never more than the
 * picture has. How rows are cut does not depend on it. */
static unsigned
count(const struct mill_shape *shape, uint32_t capacity,
      const struct mill_crew *crew)
{
    uint32_t strips = shape->h / capacity + (shape->h % capacity != 0);
    unsigned n = mill_crew_size(crew);
    n += n > 1;
    return n < strips ? n : strips;
}

uint64_t
codec__png_strips_bytes(const struct mill_shape *shape,
                        const struct mill_encode *how)
{
    size_t row_bytes, strip_bytes;
    if (!sizes(shape, &row_bytes, &strip_bytes))
        return UINT64_MAX;
    unsigned n = count(shape, strip_rows(row_bytes, shape->h), how->crew);
    uint64_t bytes = row_bytes + 1 + 2 * (uint64_t)strip_bytes +
                     codec__png_packer_bytes(how->compression, strip_bytes) +
                     sizeof(struct png_strip) + (n > 1 ? LOST_BYTES : 0);
    return mill_u64_add(row_bytes + 1, mill_u64_mul(n, bytes));
}

/* A packer takes memory while it packs, on any thread; so with a crew each has
 * an arena of its own. */
static struct mill_arena *
packer_arena(struct png_strips *s, unsigned i, struct mill_arena *arena,
             struct mill_err *err)
{
    if (s->n == 1)
        return arena;
    s->arenas[i] = mill_arena_new(0);
    if (!s->arenas[i])
        mill_fail(err, MILL_MEMORY, "no memory for a strip");
    return s->arenas[i];
}

static void
pack(struct mill_errand *errand)
{
    codec__png_strip_pack((struct png_strip *)errand);
}

static bool
open_strip(struct png_strips *s, unsigned i, const struct png_strip *like,
           unsigned compression, struct mill_arena *arena, struct mill_err *err)
{
    struct png_strip *strip = &s->strips[i];
    size_t stride = like->row_bytes + 1, bytes = s->capacity * stride;
    struct mill_arena *own = packer_arena(s, i, arena, err);
    uint8_t *above = own ? mill_arena_take(arena, stride + bytes, err) : NULL;
    *strip = *like;
    if (above)
        strip->filtered = mill_arena_take(arena, bytes, err);
    if (strip->filtered)
        strip->packer = codec__png_packer_open(compression, bytes, own, err);
    if (!strip->packer)
        return false;
    strip->plain = above + stride;
    return true;
}

static bool
take_strips(struct png_strips *s, size_t row_bytes, struct mill_arena *arena,
            struct mill_err *err)
{
    s->above = mill_arena_take_zeroed(arena, row_bytes + 1, err);
    if (s->above)
        s->strips =
            mill_arena_take_zeroed(arena, s->n * sizeof *s->strips, err);
    if (s->strips)
        s->arenas =
            mill_arena_take_zeroed(arena, s->n * sizeof *s->arenas, err);
    return s->arenas;
}

enum mill_status
codec__png_strips_open(struct png_strips *s, const struct mill_shape *shape,
                       const struct mill_encode *how, struct mill_arena *arena,
                       struct mill_err *err)
{
    size_t row_bytes, strip_bytes;
    *s = (struct png_strips){.crew = how->crew, .h = shape->h, .adler = 1};
    if (!sizes(shape, &row_bytes, &strip_bytes))
        return mill_fail(err, MILL_LIMIT, "rows that no memory can address");
    struct png_strip like = {
        .errand = {.run = pack, .rank = MILL_RANK_PARTS},
        .row_bytes = row_bytes,
        .px_bytes =
            (unsigned)(shape->n_planes * mill_shape_sample_bytes(shape))};
    s->capacity = strip_rows(row_bytes, shape->h);
    s->n = count(shape, s->capacity, how->crew);
    bool opened = take_strips(s, row_bytes, arena, err);
    for (unsigned i = 0; opened && i < s->n; i++)
        opened = open_strip(s, i, &like, how->compression, arena, err);
    return opened ? MILL_OK : (enum mill_status)err->status;
}

void
codec__png_strips_close(struct png_strips *s)
{
    for (unsigned i = 0; s->arenas && i < s->n; i++) {
        if (s->n > 1)
            mill_crew_settle(s->crew, &s->strips[i].errand);
        codec__png_packer_close(s->strips[i].packer);
        mill_arena_free(s->arenas[i]);
    }
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
    if (!s->taken) {
        *--packed = 0x01; /* the head's own check */
        *--packed = 0x78; /* deflate, window of 32 KB */
        n += 2;
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

static struct png_strip *
at_turn(struct png_strips *s, unsigned turn)
{
    return &s->strips[turn % s->n];
}

uint8_t *
codec__png_strips_row(struct png_strips *s)
{
    struct png_strip *strip = at_turn(s, s->filled);
    size_t stride = strip->row_bytes + 1;
    if (!strip->n)
        memcpy(strip->plain - stride, s->above, stride);
    return strip->plain + strip->n * stride + 1;
}

void
codec__png_strips_add(struct png_strips *s)
{
    struct png_strip *strip = at_turn(s, s->filled);
    size_t stride = strip->row_bytes + 1;
    strip->n++;
    s->y++;
    strip->last = s->y == s->h;
    if (strip->n < s->capacity && !strip->last)
        return;
    memcpy(s->above, strip->plain + (strip->n - 1) * stride, stride);
    s->filled++;
    if (s->n == 1)
        codec__png_strip_pack(strip);
    else
        mill_crew_post(s->crew, &strip->errand);
}

/* A strip is taken when its place is wanted, or when no rows follow. */
enum mill_status
codec__png_strips_take(struct png_strips *s, struct mill_bytes *chunk,
                       struct mill_err *err)
{
    struct png_strip *strip = at_turn(s, s->taken);
    unsigned under_way = s->filled - s->taken;
    *chunk = (struct mill_bytes){0};
    if (!under_way || (under_way < s->n && s->y < s->h))
        return MILL_OK;
    if (s->n > 1)
        mill_crew_settle(s->crew, &strip->errand);
    if (!strip->packed) {
        *err = strip->err;
        return (enum mill_status)err->status;
    }
    *chunk = frame(s, strip);
    strip->n = 0;
    s->taken++;
    return MILL_OK;
}
