/* JPEG's inverse DCTs: every level gives what the plain loops give, leaves its
 * coefficients 0, writes its own samples alone, and refuses values that are too
 * large. What settles coefficients: every level gives the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <imgmill/base.h>

#include "codec/kernel/kernels.h"

static uint32_t
noise(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* ---- a strip ------------------------------------------------------------- */

enum { MOST = 9, PLACES = 4 * MOST, STRIDE = 8 * MOST + 3 };

struct strip {
    struct codec__strip s;
    struct codec__quant quant;
    int16_t places[PLACES * CODEC__PLACE] __attribute__((aligned(64)));
    uint8_t samples[8 * STRIDE];
};

/* What a strip holds. */
struct recipe {
    unsigned side, group, jump, n;
    unsigned passed; /* coefficients of a block, at most */
    unsigned step;   /* of the quantisation */
    unsigned range;  /* of dequantised values, about */
    uint32_t seed;
};

static void
set_quant(struct codec__quant *quant, unsigned step)
{
    for (unsigned i = 0; i < 8 * 16; i++) {
        unsigned here = step + i % 8;
        quant->step[i / 16][i % 16] = (int16_t)here;
        quant->most[i / 16][i % 16] = (int16_t)((CODEC__VALUE_END - 1) / here);
    }
}

static void
fill(int16_t *place, const struct recipe *r, uint32_t *state)
{
    unsigned passed = 1 + noise(state) % r->passed;
    int range = (int)(r->range / r->step) + 1;
    for (unsigned k = 0; k < passed; k++)
        if (k == 0 || noise(state) % 3)
            place[codec__zigzag[k]] =
                (int16_t)((int)(noise(state) % (2 * (unsigned)range)) - range);
    place[CODEC__PASSED] = (int16_t)(passed | noise(state) << 7);
}

static void
make(struct strip *t, const struct recipe *r)
{
    uint32_t state = r->seed;
    memset(t, 0, sizeof *t);
    memset(t->samples, 0xA5, sizeof t->samples);
    set_quant(&t->quant, r->step);
    t->s = (struct codec__strip){.places = t->places,
                                 .group = r->group,
                                 .jump = r->jump,
                                 .n = r->n,
                                 .side = r->side,
                                 .quant = &t->quant,
                                 .to = t->samples,
                                 .stride = STRIDE};
    struct codec__walk walk = codec__walk(&t->s);
    for (unsigned i = 0; i < r->n; i++)
        fill(codec__walk_on(&walk, &t->s), r, &state);
}

static bool
is_clear(struct strip *t)
{
    struct codec__walk walk = codec__walk(&t->s);
    int16_t any = 0;
    for (unsigned i = 0; i < t->s.n; i++) {
        int16_t *place = codec__walk_on(&walk, &t->s);
        unsigned n = t->s.side > 1 ? CODEC__BLOCK : 1;
        for (unsigned k = 0; k < n; k++)
            any |= place[k];
    }
    return !any;
}

/* ---- the same ------------------------------------------------------------ */

static void
compare(const struct recipe *r)
{
    static struct strip plain, other;
    const struct codec__kernels *kernels;
    make(&plain, r);
    bool good = codec__kernels_at(0)->idct(&plain.s);
    assert_true(!good || is_clear(&plain));
    for (unsigned i = 1; (kernels = codec__kernels_at(i)); i++) {
        make(&other, r);
        if (!kernels->idct(&other.s) || !good)
            continue;
        assert_true(is_clear(&other));
        if (memcmp(plain.samples, other.samples, sizeof plain.samples) != 0)
            fail_msg("%s: side %u, %u of %u in %u, passed %u, step %u, "
                     "range %u, seed %u",
                     kernels->level, r->side, r->n, r->group, r->jump,
                     r->passed, r->step, r->range, r->seed);
    }
}

static void
every_level_gives_the_same(void **state)
{
    static const unsigned passed[] = {1, 2, 3, 10, 11, 21, 22, 30, 64};
    static const unsigned ranges[] = {60, 500, 1500, 4000, 8000};
    uint32_t seed = 1;
    (void)state;
    for (unsigned side = 1; side <= 8; side *= 2)
        for (unsigned n = 1; n <= MOST; n++)
            for (unsigned p = 0; p < MILL_COUNT(passed); p++)
                for (unsigned i = 0; i < 4 * MILL_COUNT(ranges); i++)
                    compare(&(struct recipe){.side = side,
                                             .group = 1 + i % 4,
                                             .jump = 1 + i % 4 + n % 3,
                                             .n = n,
                                             .passed = passed[p],
                                             .step = 1 + i * 7 % 60,
                                             .range = ranges[i / 4],
                                             .seed = seed++});
}

/* ---- refusals ------------------------------------------------------------ */

/* One coefficient, of so many eighths of the most, and some more. A level may
 * refuse what 16 bits do not hold between the passes; 5 eighths they do. */
static bool
takes(const struct codec__kernels *kernels, unsigned side, unsigned k,
      int eighths, int more)
{
    static struct strip t;
    make(&t, &(struct recipe){.side = side,
                              .group = 1,
                              .jump = 1,
                              .n = 3,
                              .passed = 1,
                              .step = 3,
                              .range = 1,
                              .seed = k});
    unsigned at = codec__zigzag[k];
    int16_t *place = t.places + CODEC__PLACE;
    place[at] = (int16_t)(t.quant.most[at / 8][at % 8] * eighths / 8 + more);
    place[CODEC__PASSED] = (int16_t)(k + 1);
    return kernels->idct(&t.s);
}

static void
what_is_too_large_is_refused(void **state)
{
    const struct codec__kernels *kernels;
    (void)state;
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            for (unsigned k = 0; k < CODEC__BLOCK; k++) {
                assert_true(takes(kernels, 8, k, sign * 5, 0));
                assert_false(takes(kernels, 8, k, sign * 8, sign));
            }
            for (unsigned side = 1; side <= 8; side *= 2) {
                assert_true(takes(kernels, side, 0, sign * 8, 0));
                assert_false(takes(kernels, side, 0, sign * 8, sign));
            }
        }
}

/* A flat block of value v is v everywhere, at any size. */
static void
flat_blocks_are_flat(void **state)
{
    const struct codec__kernels *kernels;
    static struct strip t;
    (void)state;
    for (unsigned i = 0; (kernels = codec__kernels_at(i)); i++)
        for (unsigned side = 1; side <= 8; side *= 2)
            for (int v = 0; v < 256; v++) {
                make(&t, &(struct recipe){.side = side,
                                          .group = 1,
                                          .jump = 1,
                                          .n = 1,
                                          .passed = 1,
                                          .step = 1,
                                          .range = 1});
                t.places[0] = (int16_t)((v - 128) * 8);
                assert_true(kernels->idct(&t.s));
                for (unsigned y = 0; y < side; y++)
                    for (unsigned x = 0; x < STRIDE; x++)
                        assert_int_equal(t.samples[y * STRIDE + x],
                                         x < side ? v : 0xA5);
            }
}

/* As blocks of one sample, among them one too many on either side. */
static void
dcs_in_a_row_are_blocks(void **state)
{
    static const unsigned steps[] = {1, 2, 7, 16, 255};
    static struct strip t;
    int16_t dcs[2 * MOST - 1];
    uint8_t samples[2 * MOST];
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(steps); i++)
        for (int dc = -2 * CODEC__VALUE_END / (int)steps[i];
             dc <= 2 * CODEC__VALUE_END / (int)steps[i]; dc++) {
            make(&t, &(struct recipe){.side = 1,
                                      .group = 1,
                                      .jump = 1,
                                      .n = 1,
                                      .passed = 1,
                                      .step = steps[i],
                                      .range = 1});
            for (unsigned k = 0; k < MILL_COUNT(dcs); k++)
                dcs[k] = (int16_t)(k % 2 ? 0 : dc);
            t.places[0] = (int16_t)dc;
            samples[MILL_COUNT(dcs)] = 0xA5;
            bool good = codec__idct_1(&t.s);
            assert_int_equal(
                codec__dc_samples(dcs, MILL_COUNT(dcs), &t.quant, samples),
                good);
            assert_int_equal(samples[MILL_COUNT(dcs)], 0xA5);
            for (unsigned k = 0; good && k < MILL_COUNT(dcs); k++)
                assert_int_equal(samples[k], k % 2 ? 128 : t.samples[0]);
        }
}

/* ---- maps ---------------------------------------------------------------- */

enum { BLOCKS = 5, BEFORE = 2 }; /* settled; before the first of them */

struct maps {
    struct codec__maps maps;
    uint64_t bits[2 + CODEC__LOWS][BEFORE + BLOCKS + 1];
    int16_t places[BLOCKS * CODEC__PLACE] __attribute__((aligned(64)));
};

/* Coefficient k of a block: a value above the bits that are refined, or one
 * that a refining scan finds. */
static void
make_coefficient(struct maps *t, unsigned block, unsigned k, uint32_t *state)
{
    uint64_t bit = UINT64_C(1) << k;
    unsigned at = BEFORE + block, n = t->maps.n_more;
    unsigned low = n ? noise(state) % n : 0;
    if (!n || noise(state) % 2) {
        int value = 1 << n;
        low = n;
        t->places[block * CODEC__PLACE + codec__zigzag[k]] =
            (int16_t)(noise(state) % 2 ? value : -value);
    } else {
        t->maps.more[low][at] |= bit;
        t->maps.minus[at] |= noise(state) % 2 ? bit : 0;
    }
    t->maps.found[at] |= bit;
    while (low--)
        t->maps.more[low][at] |= noise(state) % 2 ? bit : 0;
}

static void
make_maps(struct maps *t, unsigned n_more, uint32_t state)
{
    memset(t, 0, sizeof *t);
    t->maps.found = t->bits[0];
    t->maps.minus = t->bits[1];
    t->maps.n_more = n_more;
    for (unsigned low = 0; low < n_more; low++)
        t->maps.more[low] = t->bits[2 + low];
    for (unsigned i = 0; i < MILL_COUNT(t->bits); i++)
        t->bits[i][BEFORE - 1] = t->bits[i][BEFORE + BLOCKS] = ~UINT64_C(0);
    for (unsigned block = 1; block < BLOCKS; block++)
        for (unsigned k = 1; k < CODEC__BLOCK; k++)
            if (noise(&state) % (block * block) == 0)
                make_coefficient(t, block, k, &state);
}

static void
check_maps(const struct maps *t)
{
    for (unsigned i = 0; i < 2 + t->maps.n_more; i++)
        for (unsigned at = 0; at < BEFORE + BLOCKS + 1; at++)
            assert_true(
                t->bits[i][at] ==
                (at == BEFORE - 1 || at == BEFORE + BLOCKS ? ~UINT64_C(0) : 0));
}

static void
every_level_settles_alike(void **state)
{
    const struct codec__kernels *kernels;
    static struct maps plain, t;
    (void)state;
    for (unsigned seed = 0; seed < 50 * (CODEC__LOWS + 1); seed++) {
        unsigned n_more = seed % (CODEC__LOWS + 1);
        make_maps(&plain, n_more, seed);
        codec__settle_base(plain.places, &plain.maps, BEFORE, BLOCKS);
        check_maps(&plain);
        assert_int_equal(plain.places[CODEC__PASSED], 1);
        for (unsigned i = 1; (kernels = codec__kernels_at(i)); i++) {
            make_maps(&t, n_more, seed);
            kernels->settle(t.places, &t.maps, BEFORE, BLOCKS);
            check_maps(&t);
            assert_memory_equal(t.places, plain.places, sizeof t.places);
        }
    }
}

/* Bit 1 of a value below 0, and bits 1 and 0 of one that was 0. */
static void
bits_are_added_away_from_0(void **state)
{
    static struct maps t;
    (void)state;
    make_maps(&t, 2, 0);
    memset(t.places, 0, sizeof t.places);
    memset(t.bits, 0, sizeof t.bits);
    t.places[codec__zigzag[5]] = -4;
    t.maps.found[0] = 1 << 5 | 1 << 9;
    t.maps.minus[0] = 1 << 9;
    t.maps.more[1][0] = 1 << 5 | 1 << 9;
    t.maps.more[0][0] = 1 << 9;
    codec__settle_base(t.places, &t.maps, 0, 1);
    assert_int_equal(t.places[codec__zigzag[5]], -6);
    assert_int_equal(t.places[codec__zigzag[9]], -3);
    assert_int_equal(t.places[CODEC__PASSED], 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_the_same),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(flat_blocks_are_flat),
        cmocka_unit_test(dcs_in_a_row_are_blocks),
        cmocka_unit_test(every_level_settles_alike),
        cmocka_unit_test(bits_are_added_away_from_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
