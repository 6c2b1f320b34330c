/* Unpacking by ISA-L: a stream, so that memory does not grow with the picture.
 *
 * ISA-L unpacks the deflate stream; zlib's frame around it is read here, since
 * ISA-L's Adler-32 takes five times as long as need be.
 *
 * ISA-L keeps its own copy of the last 32 KB, so that what it gave may be
 * changed in place before it goes on. It may still hold output when it has no
 * input left; so a chunk is fetched only when a call gave nothing. */
#ifdef MILL_ISAL

#include "own.h"
#include "pack.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum { HEAD_BYTES = 2 };

struct stream {
    struct png_idat *idat;
    uint32_t adler; /* of what was given */
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

/* Deflate without a preset dictionary, and a window that all distances lie in:
 * zlib minds what the head declares, ISA-L does not. */
static bool
is_plain(const uint8_t *head, size_t raw_bytes)
{
    unsigned bits = 8u + (head[0] >> 4);
    return (head[0] & 15) == 8 && (head[0] << 8 | head[1]) % 31 == 0 &&
           !(head[1] & 0x20) &&
           (bits == 15 || (bits < 15 && raw_bytes <= 1u << bits));
}

static void *
open(struct png_idat *idat, size_t raw_bytes, struct mill_arena *arena,
     struct mill_err *err)
{
    while (!idat->left.n)
        if (!codec__png_idat_next(idat))
            return NULL;
    if (idat->left.n < HEAD_BYTES || !is_plain(idat->left.at, raw_bytes))
        return NULL;
    struct stream *s = mill_arena_take(arena, sizeof *s, err);
    if (!s)
        return NULL;
    idat->left.at += HEAD_BYTES;
    idat->left.n -= HEAD_BYTES;
    s->idat = idat;
    s->adler = 1;
    isal_inflate_init(&s->isal);
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
    for (size_t i = 0, got; i < n; i += got)
        if (s->isal.block_state == ISAL_BLOCK_FINISH ||
            !advance(s, to + i, n - i, &got))
            return false;
    s->adler = codec__png_adler32(s->adler, to, n);
    return true;
}

/* The byte behind the stream, which may have been taken into the bit buffer. */
static bool
next_byte(struct stream *s, uint8_t *byte)
{
    struct inflate_state *isal = &s->isal;
    if (isal->read_in_length) {
        *byte = (uint8_t)isal->read_in;
        isal->read_in >>= 8;
        isal->read_in_length -= 8;
        return true;
    }
    while (!s->idat->left.n)
        if (!codec__png_idat_next(s->idat))
            return false;
    *byte = *s->idat->left.at++;
    s->idat->left.n--;
    return true;
}

static bool
is_right(struct stream *s)
{
    uint8_t adler[4];
    unsigned bits = (unsigned)s->isal.read_in_length % 8;
    s->isal.read_in >>= bits;
    s->isal.read_in_length -= (int32_t)bits;
    for (unsigned i = 0; i < sizeof adler; i++)
        if (!next_byte(s, &adler[i]))
            return false;
    return codec__png_be32(adler) == s->adler;
}

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
    return is_right(s) && !s->idat->left.n && !s->isal.read_in_length;
}

static const struct png_unpacker by_isal = {bytes, open, read, ends};

const struct png_unpacker *const codec__png_unpacker = &by_isal;

#endif
