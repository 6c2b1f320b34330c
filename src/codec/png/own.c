/* PNG's rows without libpng.
 *
 *   IDAT, IDAT, … ─► unpacker ─► windows of rows ─► unfilter ─► rows as stored
 *
 * A window holds as many bands as 256 KB do, at least one, and above them the
 * row before, which the filters look at. There is one, refilled when its last
 * row was given, on the lane's thread. With a crew there are some more, and the
 * unpacking, which is the longest part of a PNG's way, is an errand:
 *
 *   windows in turn:   … free [given] [unpacked] [being unpacked] free …
 *
 * Nothing that is unpacked ahead is looked at before its turn, so what becomes
 * of a file does not depend on how far that was. Memory comes from the image's
 * arena.
 *
 * What is not certainly right, or too large to be counted in 32 bits, or
 * interlaced, is not ours. */
#include "own.h"

#include <limits.h>
#include <string.h>

enum { WINDOW_BYTES = 256 << 10 };

/* ---- sizes --------------------------------------------------------------- */

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

/* Never more than the picture fills. */
static unsigned
places(uint32_t capacity, uint32_t h, const struct mill_crew *crew)
{
    uint32_t windows = h / capacity + (h % capacity != 0);
    unsigned most = crew ? PNG_WINDOWS : 1;
    return windows < most ? windows : most;
}

/* Where tRNS makes the alpha, a row as stored is less than this one. */
uint64_t
codec__png_own_bytes(const struct mill_info *info, const struct mill_crew *crew)
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
    rows += stride + CODEC__RASTER_PAD;
    return unpacker ? unpacker + (crew ? PNG_WINDOWS : 1) * rows : 0;
}

/* ---- windows ------------------------------------------------------------- */

static uint8_t *
window_at(const struct png_own *own, unsigned window)
{
    return own->at[window % own->n_places];
}

static uint32_t
rows_before(const struct png_own *own, unsigned window)
{
    uint64_t rows = (uint64_t)window * own->capacity;
    return rows < own->h ? (uint32_t)rows : own->h;
}

/* The next window, whose place is free. */
static bool
unpack(struct png_own *own)
{
    const size_t stride = own->row_bytes + 1;
    const unsigned window = atomic_load(&own->unpacked);
    uint32_t n = rows_before(own, window + 1) - rows_before(own, window);
    if (!codec__png_unpacker->read(own->unpacker,
                                   window_at(own, window) + stride, n * stride))
        return false;
    atomic_store(&own->unpacked, window + 1);
    return true;
}

static bool
may_unpack(const struct png_own *own)
{
    unsigned window = atomic_load(&own->unpacked);
    return !atomic_load(&own->over) && rows_before(own, window) < own->h &&
           window - atomic_load(&own->done) < own->n_places;
}

/* One window a run, so that the decoder hears of each. */
static void
unpack_ahead(struct mill_errand *errand)
{
    struct png_own *own =
        (struct png_own *)((char *)errand - offsetof(struct png_own, errand));
    if (may_unpack(own) && !unpack(own))
        atomic_store(&own->over, true);
    if (may_unpack(own))
        mill_crew_post(own->crew, errand);
}

static bool
is_settled(const void *of)
{
    const struct png_own *own = of;
    return atomic_load(&own->unpacked) > own->window || atomic_load(&own->over);
}

/* The places of the windows before this one are free. Who drives waits for all
 * others, so it may help with anything. */
static bool
wait_for_window(struct png_own *own)
{
    if (!own->crew)
        return unpack(own);
    atomic_store(&own->done, own->window);
    mill_crew_post(own->crew, &own->errand);
    mill_crew_wait(own->crew, MILL_RANK_STATIONS, is_settled, own);
    return atomic_load(&own->unpacked) > own->window;
}

/* ---- open and close ------------------------------------------------------ */

static bool
take_windows(struct png_own *own, struct mill_arena *arena,
             struct mill_err *err)
{
    const size_t stride = own->row_bytes + 1;
    const size_t bytes =
        stride * ((size_t)own->capacity + 1) + CODEC__RASTER_PAD;
    for (unsigned i = 0; i < own->n_places; i++)
        if (!(own->at[i] = mill_arena_take(arena, bytes, err)))
            return false;
    memset(own->at[0], 0, stride);
    return true;
}

enum mill_status
codec__png_own_open(struct png_own *own, const struct png_reader *reader,
                    struct mill_crew *crew, struct mill_arena *arena,
                    struct mill_err *err)
{
    struct mill_err out = {0};
    unsigned channels = png_get_channels(reader->trap.png, reader->trap.info);
    const struct mill_facts *facts = &reader->info.facts;
    *own = (struct png_own){
        .idat = codec__png_idat(reader->in, reader->at - PNG_CHUNK_HEAD_BYTES),
        .h = facts->h,
        .row_bytes = (size_t)row_size(facts, channels),
        .px_bytes = (channels * facts->depth + 7) / 8,
        .errand = {.run = unpack_ahead, .rank = MILL_RANK_UNPACK}};
    own->window = UINT_MAX;
    own->capacity = capacity(own->row_bytes + 1, own->h);
    own->n_places = places(own->capacity, own->h, crew);
    own->crew = own->n_places > 1 ? crew : NULL;
    if (take_windows(own, arena, &out))
        own->unpacker = codec__png_unpacker->open(
            &own->idat, (own->row_bytes + 1) * own->h, arena, &out);
    if (out.status != MILL_OK)
        *err = out;
    return (enum mill_status)out.status;
}

void
codec__png_own_close(struct png_own *own)
{
    atomic_store(&own->over, true);
    if (own->crew)
        mill_crew_settle(own->crew, &own->errand);
    own->unpacker = NULL;
}

/* ---- rows ---------------------------------------------------------------- */

/* The row above a window is the last of the window before it, whose place, if
 * it is the only one, is about to be filled anew. */
static bool
turn(struct png_own *own)
{
    const size_t stride = own->row_bytes + 1;
    const uint8_t *before = window_at(own, own->window);
    uint8_t *window = window_at(own, ++own->window);
    if (own->window)
        memcpy(window + 1, before + own->capacity * stride + 1, own->row_bytes);
    if (!wait_for_window(own))
        return false;
    uint32_t first = own->ready;
    own->ready = rows_before(own, own->window + 1);
    return codec__kernels()->unfilter(
        &(struct codec__raster){.rows = window + stride,
                                .above = window + 1,
                                .row_bytes = own->row_bytes,
                                .n = own->ready - first,
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
    if (own->y == own->ready && !turn(own))
        return NULL;
    if (own->y + n == own->h && !ends_well(own))
        return NULL;
    uint32_t first = rows_before(own, own->window);
    const uint8_t *at =
        window_at(own, own->window) + (own->y - first + 1) * *stride + 1;
    own->y += n;
    return at;
}
