/* Compression by zlib, where libdeflate is missing. */
#ifndef MILL_DEFLATE

#include "engine.h"

#define ZLIB_CONST
#include <zlib.h>

enum { MEMORY_LEVEL = 8, RAW_WINDOW = -15, LEVEL_MOST = 9 };

/* As zlib's own header counts: window, hashes and what is pending. */
static uint64_t
bytes(unsigned level)
{
    (void)level;
    return sizeof(z_stream) + (280 << 10);
}

static void *
open(unsigned level, struct mill_arena *arena, struct mill_err *err)
{
    z_stream *z = mill_arena_take_zeroed(arena, sizeof *z, err);
    if (level > LEVEL_MOST)
        level = LEVEL_MOST;
    if (!z || deflateInit2(z, (int)level, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
                           Z_DEFAULT_STRATEGY) == Z_OK)
        return z;
    mill_fail(err, MILL_MEMORY, "zlib cannot start");
    return NULL;
}

static size_t
pack(void *self, const uint8_t *at, size_t n, bool last, uint8_t *to,
     size_t room)
{
    z_stream *z = self;
    deflateReset(z);
    z->next_in = at;
    z->avail_in = (uInt)n;
    z->next_out = to;
    z->avail_out = (uInt)room;
    int status = deflate(z, last ? Z_FINISH : Z_FULL_FLUSH);
    bool whole = status == (last ? Z_STREAM_END : Z_OK) && z->avail_out;
    return whole ? z->total_out : 0;
}

static void
shut(void *self)
{
    deflateEnd(self);
}

const struct png_engine codec__by_zlib = {bytes, open, pack, shut};

#endif
