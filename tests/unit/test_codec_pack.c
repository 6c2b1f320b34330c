/* Packing by runs and literals: zlib gives back what was packed, whatever it
 * is; every level of the loops makes the same bytes; nothing is written beyond
 * the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include <imgmill/base.h>

#include "codec/kernel/kernels.h"
#include "codec/png/engine.h"
#include "codec/png/pack_codes.h"

enum { BEHIND = 64, WATCH = 0xA5 };

static uint32_t
noise(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* ---- bytes to pack ------------------------------------------------------- */

static void
random_bytes(uint8_t *at, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)noise(&seed);
}

/* As a filter leaves a photograph: near 0, to both sides. */
static void
residues(uint8_t *at, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)((int)(noise(&seed) % 7 * (noise(&seed) % 5)) - 12);
}

static void
one_value(uint8_t *at, size_t n, uint32_t seed)
{
    memset(at, (int)seed, n);
}

/* Runs of all lengths, at all places. */
static void
runs(uint8_t *at, size_t n, uint32_t seed)
{
    static const unsigned most[] = {2, 6, 12, 70, 130, 300, 1100};
    for (size_t i = 0; i < n;) {
        unsigned value = noise(&seed), run = most[noise(&seed) % 7];
        for (run = 1 + noise(&seed) % run; run && i < n; run--)
            at[i++] = (uint8_t)value;
    }
}

/* Each value half as often as the one before: codes longer than allowed. */
static void
steep(uint8_t *at, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t v = noise(&seed) << 16 | noise(&seed);
        at[i] = (uint8_t)(v ? __builtin_ctz(v) * 7 + i % 2 : 255);
    }
}

static void (*const kinds[])(uint8_t *, size_t, uint32_t) = {
    random_bytes, residues, one_value, runs, steep};

/* A block of its exact size, so that a sanitizer sees what is beyond. */
static uint8_t *
make(unsigned kind, size_t n, uint32_t seed)
{
    uint8_t *at = malloc(n ? n : 1);
    assert_non_null(at);
    kinds[kind](at, n, seed);
    return at;
}

/* ---- the loops ----------------------------------------------------------- */

/* What a level makes of a block. */
struct made {
    uint32_t stretch[CODEC__STRETCHES];
    size_t stretches, bytes;
    struct codec__counts counts;
    uint8_t *at;
};

static struct made *
run_level(const struct codec__kernels *level, const uint8_t *at, size_t n,
          struct codec__codes *codes)
{
    struct made *m = calloc(1, sizeof *m);
    m->stretches = level->stretches(at, n, m->stretch, &m->counts);
    assert_true(m->stretches <= CODEC__STRETCHES);
    codec__codes_fit(&m->counts, codes);
    size_t most = (size_t)(codes->bits / 8) + 1;
    m->at = malloc(most + BEHIND);
    memset(m->at, WATCH, most + BEHIND);
    struct codec__bits_out out = {.at = m->at};
    level->emit(at, m->stretch, m->stretches, &codes->symbols, &out);
    m->bytes = (size_t)(out.at - m->at);
    assert_true(m->bytes <= most);
    assert_true(out.n < 8);
    for (size_t i = most + 8; i < most + BEHIND; i++)
        assert_int_equal(m->at[i], WATCH);
    return m;
}

static void
free_made(struct made *m)
{
    free(m->at);
    free(m);
}

/* Literals and runs are the block's bytes; counts are of them. */
static void
check_stretches(const struct made *m, const uint8_t *at, size_t n)
{
    struct codec__counts counts = {0};
    size_t i = 0;
    for (size_t s = 0; s < m->stretches; s++) {
        uint32_t literals = m->stretch[s] >> CODEC__RUN_BITS;
        uint32_t run = m->stretch[s] & ((1u << CODEC__RUN_BITS) - 1);
        for (; literals; literals--)
            counts.literal[at[i++]]++;
        assert_true(run == 0 || run >= CODEC__RUN_SHORT);
        assert_true(run == 0 || i > 0);
        assert_true(run || s + 1 == m->stretches);
        counts.run[run] += run != 0;
        for (; run; run--, i++)
            assert_int_equal(at[i], at[i - 1]);
    }
    assert_int_equal(i, n);
    assert_memory_equal(&counts, &m->counts, sizeof counts);
}

static void
compare_levels(unsigned kind, size_t n, uint32_t seed)
{
    uint8_t *at = make(kind, n, seed);
    struct codec__codes codes;
    const struct codec__kernels *level;
    struct made *plain = run_level(codec__kernels_at(0), at, n, &codes);
    check_stretches(plain, at, n);
    for (unsigned i = 1; (level = codec__kernels_at(i)); i++) {
        struct made *m = run_level(level, at, n, &codes);
        if (m->bytes != plain->bytes ||
            memcmp(m->at, plain->at, m->bytes) != 0 ||
            memcmp(&m->counts, &plain->counts, sizeof m->counts) != 0)
            fail_msg("%s: kind %u, %zu bytes, seed %u", level->level, kind, n,
                     seed);
        free_made(m);
    }
    free_made(plain);
    free(at);
}

static void
every_level_makes_the_same(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++) {
        for (size_t n = 1; n < 200; n++)
            compare_levels(kind, n, (uint32_t)n);
        compare_levels(kind, 5000 + kind, 9);
        compare_levels(kind, CODEC__PACK_MOST, 4);
    }
    for (uint32_t seed = 0; seed < 300; seed++)
        compare_levels(3, 500 + seed, seed);
}

/* ---- codes --------------------------------------------------------------- */

/* Each twice as often as the one before: a tree as deep as it has leaves. */
static void
no_code_is_too_long(void **state)
{
    struct codec__counts counts = {0};
    struct codec__codes codes;
    double whole = 0;
    (void)state;
    for (unsigned i = 0; i < 17; i++)
        counts.literal[i] = 1u << i;
    codec__codes_fit(&counts, &codes);
    for (unsigned i = 0; i < 256; i++) {
        uint64_t bits = codes.symbols.literal[i].n;
        assert_true(bits <= 14);
        assert_int_equal(bits != 0, counts.literal[i] != 0);
        whole += bits ? 1.0 / (1u << bits) : 0;
    }
    assert_true(whole + 1.0 / (1u << codes.end.n) == 1.0);
}

/* ---- whole streams ------------------------------------------------------- */

static void *
open(struct mill_arena *arena)
{
    struct mill_err err;
    return codec__by_runs.open(0, arena, &err);
}

static void
unpack(const uint8_t *packed, size_t n_packed, const uint8_t *at, size_t n)
{
    uint8_t *back = malloc(n + 1);
    z_stream z = {0};
    z.next_in = packed;
    z.avail_in = (uInt)n_packed;
    z.next_out = back;
    z.avail_out = (uInt)n + 1;
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, n);
    assert_memory_equal(back, at, n);
    inflateEnd(&z);
    free(back);
}

/* In parts, as strips are: the last one alone ends the stream. */
static void
round_trip(void *packer, unsigned kind, size_t n, unsigned parts)
{
    uint8_t *at = make(kind, n, (uint32_t)n + kind);
    size_t room = n + n / 64 + 8192, made = 0, done = 0;
    uint8_t *packed = malloc(room + BEHIND);
    memset(packed, WATCH, room + BEHIND);
    for (unsigned i = 1; i <= parts; i++) {
        size_t part = n * i / parts - done;
        size_t one = codec__by_runs.pack(packer, at + done, part, i == parts,
                                         packed + made, room - made);
        assert_true(one > 0);
        assert_true(one <= part + part / 64 + 64);
        made += one;
        done += part;
    }
    for (unsigned i = 0; i < BEHIND; i++)
        assert_int_equal(packed[room + i], WATCH);
    unpack(packed, made, at, n);
    free(packed);
    free(at);
}

static void
all_comes_back(void **state)
{
    static const size_t sizes[] = {0,
                                   1,
                                   2,
                                   64,
                                   1000,
                                   65535,
                                   65536,
                                   CODEC__PACK_MOST - 1,
                                   CODEC__PACK_MOST,
                                   CODEC__PACK_MOST + 1,
                                   3 * CODEC__PACK_MOST + 5};
    struct mill_arena *arena = mill_arena_new(0);
    void *packer = open(arena);
    (void)state;
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++)
        for (unsigned i = 0; i < MILL_COUNT(sizes); i++)
            for (unsigned parts = 1; parts < 4; parts++)
                round_trip(packer, kind, sizes[i], parts);
    mill_arena_free(arena);
}

/* Either it fits, and nothing is written behind, or it says so. */
static void
rooms_are_kept_to(void **state)
{
    struct mill_arena *arena = mill_arena_new(0);
    void *packer = open(arena);
    uint8_t *packed = malloc(6000 + BEHIND);
    (void)state;
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++) {
        uint8_t *at = make(kind, 5000, 1);
        unsigned fits = 0;
        for (size_t room = 0; room <= 6000; room += room < 40 ? 1 : 37) {
            memset(packed, WATCH, room + BEHIND);
            size_t made =
                codec__by_runs.pack(packer, at, 5000, true, packed, room);
            assert_true(made <= room);
            for (unsigned i = 0; i < BEHIND; i++)
                assert_int_equal(packed[room + i], WATCH);
            if (made)
                unpack(packed, made, at, 5000);
            fits += made > 0;
        }
        assert_true(fits > 0);
        free(at);
    }
    free(packed);
    mill_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_makes_the_same),
        cmocka_unit_test(no_code_is_too_long),
        cmocka_unit_test(all_comes_back),
        cmocka_unit_test(rooms_are_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
