/* Unpacking by libdeflate, where ISA-L is missing. It knows no streams: the
 * picture's whole raster is unpacked before its first row is given, so this is
 * for pictures that are not large. */
#if defined MILL_DEFLATE && !defined MILL_ISAL

#include "own.h"

#include <libdeflate.h>
#include <string.h>

enum { RAW_MOST = 48 << 20 };
enum { LIBRARY_BYTES = 16 << 10 };

struct raster {
    uint8_t *at;
    size_t left;
};

uint32_t
codec__png_crc32(uint32_t crc, const uint8_t *at, size_t n)
{
    return libdeflate_crc32(crc, at, n);
}

/* What a stream that is worth unpacking so can have. */
static size_t
packed_most(size_t raw_bytes)
{
    return raw_bytes + raw_bytes / 8 + 1024;
}

static uint64_t
bytes(uint64_t raw_bytes)
{
    if (raw_bytes > RAW_MOST)
        return 0;
    return raw_bytes + packed_most(raw_bytes) + LIBRARY_BYTES +
           sizeof(struct raster);
}

/* All data of the run, side by side; {0}: too long, or damaged. */
static struct mill_bytes
gather(struct png_idat *idat, size_t most, struct mill_arena *arena,
       struct mill_err *err)
{
    uint8_t *to = mill_arena_take(arena, most, err);
    size_t n = 0;
    while (to && codec__png_idat_next(idat)) {
        if (idat->left.n > most - n)
            return (struct mill_bytes){0};
        memcpy(to + n, idat->left.at, idat->left.n);
        n += idat->left.n;
    }
    return (struct mill_bytes){to, n};
}

/* zlib minds the window that the stream's head declares, libdeflate does not.
 */
static bool
has_window_for(struct mill_bytes packed, size_t raw_bytes)
{
    if (!packed.n)
        return false;
    unsigned bits = 8u + (packed.at[0] >> 4);
    return bits == 15 || (bits < 15 && raw_bytes <= 1u << bits);
}

static bool
unpack(struct mill_bytes packed, uint8_t *to, size_t n)
{
    struct libdeflate_decompressor *library = libdeflate_alloc_decompressor();
    size_t used = 0, made = 0;
    if (!library)
        return false;
    bool whole =
        libdeflate_zlib_decompress_ex(library, packed.at, packed.n, to, n,
                                      &used, &made) == LIBDEFLATE_SUCCESS &&
        used == packed.n && made == n;
    libdeflate_free_decompressor(library);
    return whole;
}

static void *
open(struct png_idat *idat, size_t raw_bytes, struct mill_arena *arena,
     struct mill_err *err)
{
    struct raster *r = mill_arena_take(arena, sizeof *r, err);
    uint8_t *at = r ? mill_arena_take(arena, raw_bytes, err) : NULL;
    if (!at)
        return NULL;
    *r = (struct raster){at, raw_bytes};
    struct mill_bytes packed = gather(idat, packed_most(raw_bytes), arena, err);
    if (!has_window_for(packed, raw_bytes) || !unpack(packed, at, raw_bytes))
        return NULL;
    return r;
}

static bool
read(void *state, uint8_t *to, size_t n)
{
    struct raster *r = state;
    memcpy(to, r->at, n);
    r->at += n;
    r->left -= n;
    return true;
}

static bool
ends(void *state)
{
    const struct raster *r = state;
    return !r->left;
}

static const struct png_unpacker by_libdeflate = {bytes, open, read, ends};

const struct png_unpacker *const codec__png_unpacker = &by_libdeflate;

#endif
