/* Strips of rows to packed bytes: who compresses, at which level.
 *
 *   samples ─► trial ─► a way ─► packed
 *
 * Filtered photographs are for runs (png/pack_runs.c): they have no other
 * matches that pay. Where a library finds such, it packs; where it finds them
 * in rows without filters rather, so it is done. What is smooth packs to next
 * to nothing, in no time, so it gets more of it. Which way a strip goes depends
 * on nothing but its rows and the option.
 *
 * Never by ISA-L, fast as it is: what 2.30 packs at its levels 1 and 2 depends
 * on where in memory it works. Of 1500 processes that packed the same 162
 * bytes, 6 had other bytes (as good, but other). */
#include "pack.h"

#include "engine.h"

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

/* Who compresses, opened when it is first needed. */
struct choice {
    const struct png_engine *engine;
    unsigned level;
    void *state;
};

enum { RUNS, TRY, PLAIN, SMOOTH, CHOICES };

/* How an option minds the picture. A library must pack a sample, in haste, to
 * less than a share of what runs do; a level above that of the haste gains more
 * than the sample says. */
struct manner {
    unsigned level;
    unsigned smooth_level;
    unsigned smooth;       /* from this ratio on, of raw to packed by runs */
    unsigned share;        /* in percent */
    unsigned smooth_share; /* the same, of what is smooth */
    size_t sample;         /* bytes */
    bool both;             /* try runs on the whole strip too */
};

/* By MILL_COMPRESSION_FAST and what follows it. */
static const struct manner manners[] = {
    {.level = 1,
     .smooth_level = 2,
     .smooth = 16,
     .share = 95,
     .smooth_share = 105,
     .sample = 8 << 10},
    {.level = 4,
     .smooth_level = 6,
     .smooth = 8,
     .share = 95,
     .smooth_share = 111,
     .sample = 16 << 10},
    {.level = 8,
     .smooth_level = 8,
     .smooth = 8,
     .share = 125,
     .smooth_share = 125,
     .sample = 32 << 10,
     .both = true},
};

struct png_packer {
    struct choice choice[CHOICES];
    const struct manner *manner; /* NULL: a level that is kept to */
    struct mill_arena *arena;
    uint8_t *packed;
    size_t room;
};

static const struct manner *
manner_of(unsigned compression)
{
    return compression < MILL_COMPRESSION_FAST
               ? NULL
               : &manners[compression - MILL_COMPRESSION_FAST];
}

static void
choose(struct choice *choice, unsigned compression)
{
    const struct manner *manner = manner_of(compression);
    choice[RUNS] = (struct choice){&codec__by_runs, 0, NULL};
    choice[TRY] = (struct choice){&PACKER, 1, NULL};
    choice[PLAIN] =
        (struct choice){&PACKER, manner ? manner->level : compression, NULL};
    choice[SMOOTH] = (struct choice){
        &PACKER, manner ? manner->smooth_level : compression, NULL};
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
    *p = (struct png_packer){.manner = manner_of(compression),
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

/* ---- the way ------------------------------------------------------------- */

enum { SAMPLE_KEPT = 32 << 10 };   /* for a level that is kept to */
enum { SAMPLE_SMOOTH = 64 << 10 }; /* small ones miss what is rare */

static bool
is_smooth(const struct manner *m, const struct png_trial *trial)
{
    return m && trial->raw / m->smooth > trial->runs;
}

size_t
codec__png_packer_sample(const struct png_packer *p,
                         const struct png_trial *trial)
{
    if (!trial->raw)
        return p->manner ? p->manner->sample : SAMPLE_KEPT;
    bool more = is_smooth(p->manner, trial) && trial->raw < SAMPLE_SMOOTH;
    return more ? SAMPLE_SMOOTH : 0;
}

enum mill_status
codec__png_packer_try(struct png_packer *p, const uint8_t *filtered,
                      const uint8_t *plain, size_t n, struct png_trial *trial,
                      struct mill_err *err)
{
    size_t runs = pack(p, RUNS, filtered, n, true, err);
    size_t one = runs ? pack(p, TRY, filtered, n, true, err) : 0;
    size_t other = one ? pack(p, TRY, plain, n, true, err) : 0;
    if (!other)
        return (enum mill_status)err->status;
    trial->raw += n;
    trial->runs += runs;
    trial->filtered += one;
    trial->plain += other;
    return MILL_OK;
}

struct png_choice
codec__png_packer_choose(const struct png_packer *p,
                         const struct png_trial *trial)
{
    const struct manner *m = p->manner;
    struct png_choice way = {trial->plain < trial->filtered, PLAIN};
    size_t least = way.plain ? trial->plain : trial->filtered;
    if (!m)
        return way;
    bool smooth = is_smooth(m, trial);
    uint64_t share = smooth ? m->smooth_share : m->share;
    if ((uint64_t)least * 100 >= trial->runs * share)
        return (struct png_choice){false, RUNS};
    if (smooth)
        way.by = SMOOTH;
    return way;
}

uint8_t *
codec__png_packer_pack(struct png_packer *p, struct png_choice way,
                       const uint8_t *at, size_t n, bool last, size_t *made,
                       struct mill_err *err)
{
    bool both = p->manner && p->manner->both && !way.plain && way.by != RUNS;
    size_t by_runs = both ? pack(p, RUNS, at, n, last, err) : 0;
    *made = pack(p, way.by, at, n, last, err);
    if (by_runs && by_runs < *made)
        *made = pack(p, RUNS, at, n, last, err);
    return *made ? p->packed : NULL;
}
