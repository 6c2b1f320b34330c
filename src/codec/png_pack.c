/* Strips of rows to packed bytes: which library, at which level.
 *
 * What is smooth packs in no time, and there a quick level is far
 * worse than a slow one, so its level is raised. Which level a strip gets
 * depends on nothing but its rows and the option.
 *
 * Never by ISA-L, fast as it is: what 2.30 packs at its levels 1 and 2 depends
 * on where in memory it works. Of 1500 processes that packed the same 162
 * bytes, 6 had other bytes (as good, but other). */
#include "png_pack.h"

#include "png_engine.h"

#ifdef MILL_DEFLATE

#include <libdeflate.h>
#define PACKER codec__by_libdeflate

uint32_t
codec__png_adler32(uint32_t adler, const uint8_t *at, size_t n)
{
    return libdeflate_adler32(adler, at, n);
}

#else

#include <zlib.h>
#define PACKER codec__by_zlib

uint32_t
codec__png_adler32(uint32_t adler, const uint8_t *at, size_t n)
{
    return (uint32_t)adler32_z(adler, at, n);
}

#endif

/* A library at a level, opened when it is first needed. */
struct choice {
    const struct png_engine *engine;
    unsigned level;
    void *state;
};

enum { TRY, PLAIN, SMOOTH, CHOICES };

/* Smooth is what samples of pack to less than one part in: */
enum { SMOOTH_FAST = 10, SMOOTH_ELSE = 4 };

struct png_packer {
    struct choice choice[CHOICES];
    size_t smooth;
    struct mill_arena *arena;
    uint8_t *packed;
    size_t room;
};

static void
choose(struct choice *choice, unsigned compression)
{
    const struct choice quick = {&PACKER, 1, NULL};
    choice[TRY] = quick;
    choice[PLAIN] = choice[SMOOTH] =
        (struct choice){&PACKER, compression, NULL};
    if (compression == MILL_COMPRESSION_FAST) {
        choice[PLAIN] = quick;
        choice[SMOOTH].level = 2;
    } else if (compression == MILL_COMPRESSION_DEFAULT) {
        choice[PLAIN].level = 1;
        choice[SMOOTH].level = 4;
    } else if (compression == MILL_COMPRESSION_SMALL) {
        choice[PLAIN].level = 7;
        choice[SMOOTH].level = 8;
    }
}

/* Of noise all libraries make stored blocks, of some KB at least. */
static size_t
packed_most(size_t n)
{
    return n + n / 64 + 8192;
}

uint64_t
codec__png_packer_bytes(unsigned compression, size_t strip_bytes)
{
    struct choice choice[CHOICES];
    uint64_t bytes = sizeof(struct png_packer) + packed_most(strip_bytes) +
                     2 * PNG_PACKED_ROOM;
    choose(choice, compression);
    for (unsigned i = 0; i < CHOICES; i++)
        bytes += choice[i].engine->bytes(choice[i].level);
    return bytes;
}

struct png_packer *
codec__png_packer_open(unsigned compression, size_t strip_bytes,
                       struct mill_arena *arena, struct mill_err *err)
{
    struct png_packer *p = mill_arena_take(arena, sizeof *p, err);
    if (!p)
        return NULL;
    *p = (struct png_packer){.smooth = compression == MILL_COMPRESSION_FAST
                                           ? SMOOTH_FAST
                                           : SMOOTH_ELSE,
                             .arena = arena,
                             .room = packed_most(strip_bytes)};
    uint8_t *at = mill_arena_take(arena, p->room + 2 * PNG_PACKED_ROOM, err);
    if (!at)
        return NULL;
    p->packed = at + PNG_PACKED_ROOM;
    choose(p->choice, compression);
    return p;
}

void
codec__png_packer_close(struct png_packer *p)
{
    for (unsigned i = 0; p && i < CHOICES; i++)
        if (p->choice[i].state)
            p->choice[i].engine->close(p->choice[i].state);
}

static size_t
pack(struct png_packer *p, unsigned which, const uint8_t *at, size_t n,
     bool last, struct mill_err *err)
{
    struct choice *choice = &p->choice[which];
    if (!choice->state)
        choice->state = choice->engine->open(choice->level, p->arena, err);
    if (!choice->state)
        return 0;
    size_t made =
        choice->engine->pack(choice->state, at, n, last, p->packed, p->room);
    if (!made)
        mill_fail(err, MILL_INTERNAL, "a strip that does not pack");
    return made;
}

uint8_t *
codec__png_packer_pack(struct png_packer *p, const uint8_t *at, size_t n,
                       size_t ratio, bool last, size_t *made,
                       struct mill_err *err)
{
    unsigned which = ratio >= p->smooth ? SMOOTH : PLAIN;
    *made = pack(p, which, at, n, last, err);
    return *made ? p->packed : NULL;
}

size_t
codec__png_packer_try(struct png_packer *p, const uint8_t *at, size_t n,
                      struct mill_err *err)
{
    return pack(p, TRY, at, n, true, err);
}
