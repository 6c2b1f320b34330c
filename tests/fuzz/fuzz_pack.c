/* Any bytes, packed by runs at every level of the loops: zlib gives them back,
 * and all levels make the same. The first byte says whether the others are the
 * bytes themselves or values and lengths of runs by turns. */
#include "fuzz.h"

#include "codec/png/engine.h"
#include "codec/png/pack_codes.h"

#include "codec/kernel/kernels.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

enum { MOST = 400 << 10, ROOM = MOST + MOST / 64 + 8192, LENGTH_STEP = 7 };

struct bench {
    uint8_t raw[MOST], packed[ROOM], back[MOST + 1];
    uint32_t stretch[2][CODEC__STRETCHES];
    struct codec__counts counts[2];
};

static size_t
spread(const uint8_t *at, size_t n, uint8_t *raw)
{
    size_t made = 0;
    for (size_t i = 1; i < n; i++) {
        uint8_t value = at[i];
        size_t run = 1;
        if (at[0] & 1 && i + 1 < n)
            run += (size_t)at[++i] * (at[0] & 2 ? LENGTH_STEP : 1);
        for (; run && made < MOST; run--)
            raw[made++] = value;
    }
    return made;
}

static void
compare_levels(struct bench *b, size_t n)
{
    const struct codec__kernels *level;
    size_t plain = codec__kernels_at(0)->stretches(b->raw, n, b->stretch[0],
                                                   &b->counts[0]);
    for (unsigned i = 1; (level = codec__kernels_at(i)); i++) {
        size_t made = level->stretches(b->raw, n, b->stretch[1], &b->counts[1]);
        FUZZ_HOLDS(made == plain);
        FUZZ_HOLDS(memcmp(b->stretch[0], b->stretch[1],
                          made * sizeof **b->stretch) == 0);
        FUZZ_HOLDS(memcmp(&b->counts[0], &b->counts[1], sizeof b->counts[0]) ==
                   0);
    }
}

static void
unpack(struct bench *b, size_t packed, size_t n)
{
    z_stream z = {.next_in = b->packed,
                  .avail_in = (uInt)packed,
                  .next_out = b->back,
                  .avail_out = sizeof b->back};
    FUZZ_HOLDS(inflateInit2(&z, -15) == Z_OK);
    FUZZ_HOLDS(inflate(&z, Z_FINISH) == Z_STREAM_END);
    FUZZ_HOLDS(z.avail_in == 0 && z.total_out == n);
    FUZZ_HOLDS(memcmp(b->raw, b->back, n) == 0);
    inflateEnd(&z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct mill_arena *arena = mill_arena_new(0);
    struct bench *b = malloc(sizeof *b);
    struct mill_err err;
    void *packer = arena ? codec__by_runs.open(0, arena, &err) : NULL;
    FUZZ_HOLDS(b && packer);
    size_t raw = n ? spread(at, n, b->raw) : 0, half = raw / 2;
    if (raw && raw <= CODEC__PACK_MOST)
        compare_levels(b, raw);
    size_t first =
        codec__by_runs.pack(packer, b->raw, half, false, b->packed, ROOM);
    FUZZ_HOLDS(first);
    size_t second = codec__by_runs.pack(packer, b->raw + half, raw - half, true,
                                        b->packed + first, ROOM - first);
    FUZZ_HOLDS(second);
    unpack(b, first + second, raw);
    free(b);
    mill_arena_free(arena);
    return 0;
}
