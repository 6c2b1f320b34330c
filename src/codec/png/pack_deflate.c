/* Compression by libdeflate: smaller than others at the same speed.
 *
 * It cannot leave a stream open. So the bit that says "the last block" is
 * cleared behind its back, and an empty stored block brings the end to a whole
 * byte, as other libraries' flush does. */
#ifdef MILL_DEFLATE

#include "deflate_walk.h"
#include "engine.h"

#include <libdeflate.h>
#include <string.h>

enum { LEVEL_LARGE = 10 }; /* from here on it needs more memory */

static uint64_t
bytes(unsigned level)
{
    return level < LEVEL_LARGE ? 700 << 10 : 9 << 20;
}

static void *
open(unsigned level, struct mill_arena *arena, struct mill_err *err)
{
    struct libdeflate_compressor *library =
        libdeflate_alloc_compressor((int)level);
    (void)arena;
    if (!library)
        mill_fail(err, MILL_MEMORY, "libdeflate cannot start");
    return library;
}

/* The size of the stream that goes on behind these n bytes; 0: no room. */
static size_t
leave_open(uint8_t *at, size_t n, size_t room)
{
    static const uint8_t empty_stored[] = {0, 0, 0xFF, 0xFF};
    struct codec__walk walk;
    if (room - n < sizeof empty_stored + 1 + CODEC__WALK_PAD ||
        !codec__deflate_walk((struct mill_bytes){at, n}, &walk))
        return 0;
    at[walk.last / 8] &= (uint8_t) ~(1u << walk.last % 8);
    size_t end = (size_t)((walk.end + 3 + 7) / 8); /* with a block's head */
    if (end > n)
        at[n] = 0;
    memcpy(at + end, empty_stored, sizeof empty_stored);
    return end + sizeof empty_stored;
}

static size_t
pack(void *self, const uint8_t *at, size_t n, bool last, uint8_t *to,
     size_t room)
{
    size_t made = libdeflate_deflate_compress(self, at, n, to, room);
    return made && !last ? leave_open(to, made, room) : made;
}

static void
shut(void *self)
{
    libdeflate_free_compressor(self);
}

const struct png_engine codec__by_libdeflate = {bytes, open, pack, shut};

#endif
