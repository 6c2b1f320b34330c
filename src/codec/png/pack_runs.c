/* Compression of our own: literals, and runs of the byte before.
 *
 *   block ─► stretches, counts ─► codes ─► bits; or stored, if that is less
 *
 * What a filter leaves of a photograph is small numbers without order. There
 * other matches than runs save nothing, since their distance costs what the
 * literals would have, and most of a compressor's time goes into looking for
 * them. So this one does not look: it is several times as fast as libraries
 * at their quickest, and smaller. Where rows come again, it is larger.
 *
 * Each block has codes of its own, and is read twice: to count, and to pack.
 * The result depends on nothing but the bytes. */
#include "codec/kernel/kernels.h"
#include "engine.h"
#include "pack_codes.h"

#include <string.h>

enum { STORED_MOST = 65535, STORED_HEAD = 5 };
enum { STORED, STATIC, DYNAMIC }; /* kinds of blocks */
enum { ROOM_BEHIND = 16 };        /* bits out, and the end */

struct runs {
    uint32_t stretch[CODEC__STRETCHES];
    struct codec__counts counts;
    struct codec__codes codes;
};

static uint64_t
bytes(unsigned level)
{
    (void)level;
    return sizeof(struct runs);
}

static void *
open(unsigned level, struct mill_arena *arena, struct mill_err *err)
{
    (void)level;
    return mill_arena_take(arena, sizeof(struct runs), err);
}

/* ---- blocks -------------------------------------------------------------- */

static void
put(struct codec__bits_out *out, uint64_t bits, uint64_t n)
{
    out->held |= bits << out->n;
    for (out->n += n; out->n >= 8; out->n -= 8) {
        *out->at++ = (uint8_t)out->held;
        out->held >>= 8;
    }
}

/* To a whole byte, by zeroes. */
static void
fill(struct codec__bits_out *out)
{
    put(out, 0, -out->n & 7);
}

static void
put_head(struct codec__bits_out *out, unsigned kind, bool last)
{
    put(out, kind << 1 | last, 3);
}

/* n may be 0. */
static void
put_stored(struct codec__bits_out *out, const uint8_t *at, size_t n, bool last)
{
    do {
        size_t part = n < STORED_MOST ? n : STORED_MOST;
        put_head(out, STORED, last && part == n);
        fill(out);
        put(out, part, 16);
        put(out, ~part & 0xFFFF, 16);
        memcpy(out->at, at, part);
        out->at += part;
        at += part;
        n -= part;
    } while (n);
}

static void
put_coded(struct codec__bits_out *out, const struct runs *r, const uint8_t *at,
          size_t stretches, bool last)
{
    const struct codec__codes *codes = &r->codes;
    put_head(out, DYNAMIC, last);
    for (unsigned i = 0; i < codes->head.n; i++)
        put(out, codes->head.part[i].bits, codes->head.part[i].n);
    codec__kernels()->emit(at, r->stretch, stretches, &codes->symbols, out);
    put(out, codes->end.bits, codes->end.n);
}

static size_t
stored_bytes(size_t n)
{
    return n + (n / STORED_MOST + 1) * STORED_HEAD;
}

/* False: no room. */
static bool
pack_block(struct runs *r, const uint8_t *at, size_t n, bool last,
           struct codec__bits_out *out, const uint8_t *end)
{
    size_t stretches =
        codec__kernels()->stretches(at, n, r->stretch, &r->counts);
    codec__codes_fit(&r->counts, &r->codes);
    size_t coded = (size_t)(r->codes.bits / 8) + 1, stored = stored_bytes(n);
    if ((size_t)(end - out->at) < (coded < stored ? coded : stored))
        return false;
    if (coded < stored)
        put_coded(out, r, at, stretches, last);
    else
        put_stored(out, at, n, last);
    return true;
}

static size_t
pack(void *self, const uint8_t *at, size_t n, bool last, uint8_t *to,
     size_t room)
{
    struct codec__bits_out out = {.at = to};
    if (room < ROOM_BEHIND)
        return 0;
    for (size_t done = 0; done < n;) {
        size_t part = n - done < CODEC__PACK_MOST ? n - done : CODEC__PACK_MOST;
        if (!pack_block(self, at + done, part, last && done + part == n, &out,
                        to + room - ROOM_BEHIND))
            return 0;
        done += part;
    }
    if (!last || !n)
        put_stored(&out, at, 0, last);
    fill(&out);
    return (size_t)(out.at - to);
}

static void
shut(void *self)
{
    (void)self;
}

const struct png_engine codec__by_runs = {bytes, open, pack, shut};
