/* Compression by ISA-L, at its level 1: about as small as zlib's level 6, in a
 * tenth of the time. Its levels 2 and 3 are slower and no smaller. */
#ifdef MILL_ISAL

#include "png_engine.h"

#include <isa-l/igzip_lib.h>

struct state {
    struct isal_zstream isal;
    uint8_t level[ISAL_DEF_LVL1_DEFAULT];
};

static uint64_t
bytes(unsigned level)
{
    (void)level;
    return sizeof(struct state);
}

static void *
open(unsigned level, struct mill_arena *arena, struct mill_err *err)
{
    (void)level;
    return mill_arena_take(arena, sizeof(struct state), err);
}

static size_t
pack(void *self, const uint8_t *at, size_t n, bool last, uint8_t *to,
     size_t room)
{
    struct state *state = self;
    struct isal_zstream *isal = &state->isal;
    isal_deflate_init(isal);
    isal->level = 1;
    isal->level_buf = state->level;
    isal->level_buf_size = sizeof state->level;
    isal->end_of_stream = last;
    isal->flush = last ? NO_FLUSH : FULL_FLUSH;
    isal->next_in = (uint8_t *)(uintptr_t)at;
    isal->avail_in = (uint32_t)n;
    isal->next_out = to;
    isal->avail_out = (uint32_t)room;
    if (isal_deflate(isal) != COMP_OK || isal->avail_in || !isal->avail_out)
        return 0;
    return isal->total_out;
}

static void
shut(void *self)
{
    (void)self;
}

const struct png_engine codec__by_isal = {bytes, open, pack, shut};

#endif
