/* Unpacking by ISA-L: a stream, so that memory does not grow with the picture.
 *
 * ISA-L keeps its own copy of the last 32 KB, so that what it gave may be
 * changed in place before it goes on. It may still hold output when it has no
 * input left; so a chunk is fetched only when a call gave nothing. */
#ifdef MILL_ISAL

#include "png_own.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

struct stream {
    struct png_idat *idat;
    struct inflate_state isal;
};

uint32_t
codec__png_crc32(uint32_t crc, const uint8_t *at, size_t n)
{
    return crc32_gzip_refl(crc, at, n);
}

/* ISA-L counts bytes in 32 bits. */
static uint64_t
bytes(uint64_t raw_bytes)
{
    return raw_bytes <= UINT32_MAX ? sizeof(struct stream) : 0;
}

/* zlib minds the window that the stream's head declares, ISA-L does not. */
static bool
has_window_for(const struct png_idat *idat, size_t raw_bytes)
{
    unsigned bits = 8u + (idat->left.at[0] >> 4);
    return bits == 15 || (bits < 15 && raw_bytes <= 1u << bits);
}

static void *
open(struct png_idat *idat, size_t raw_bytes, struct mill_arena *arena,
     struct mill_err *err)
{
    while (!idat->left.n)
        if (!codec__png_idat_next(idat))
            return NULL;
    if (!has_window_for(idat, raw_bytes))
        return NULL;
    struct stream *s = mill_arena_take(arena, sizeof *s, err);
    if (!s)
        return NULL;
    s->idat = idat;
    isal_inflate_init(&s->isal);
    s->isal.crc_flag = ISAL_ZLIB;
    return s;
}

/* Up to n bytes, more input if there were none. False: refused. */
static bool
advance(struct stream *s, uint8_t *to, size_t n, size_t *got)
{
    struct mill_bytes *left = &s->idat->left;
    s->isal.next_in = (uint8_t *)(uintptr_t)left->at;
    s->isal.avail_in = (uint32_t)left->n;
    s->isal.next_out = to;
    s->isal.avail_out = (uint32_t)n;
    int status = isal_inflate(&s->isal);
    *left = (struct mill_bytes){s->isal.next_in, s->isal.avail_in};
    *got = n - s->isal.avail_out;
    if (status < 0 || status > ISAL_OUT_OVERFLOW)
        return false;
    if (*got || s->isal.block_state == ISAL_BLOCK_FINISH)
        return true;
    return !left->n && codec__png_idat_next(s->idat);
}

static bool
read(void *state, uint8_t *to, size_t n)
{
    struct stream *s = state;
    while (n) {
        size_t got;
        if (s->isal.block_state == ISAL_BLOCK_FINISH ||
            !advance(s, to, n, &got))
            return false;
        to += got;
        n -= got;
    }
    return true;
}

/* Bytes behind the stream may have been taken into the bit buffer. */
static bool
ends(void *state)
{
    struct stream *s = state;
    while (s->isal.block_state != ISAL_BLOCK_FINISH) {
        uint8_t beyond;
        size_t got;
        if (!advance(s, &beyond, sizeof beyond, &got) || got)
            return false;
    }
    return !s->idat->left.n && s->isal.read_in_length < 8;
}

static const struct png_unpacker by_isal = {bytes, open, read, ends};

const struct png_unpacker *const codec__png_unpacker = &by_isal;

#endif
