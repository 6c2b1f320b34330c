/* The loops over a scan's codes, compiled once for each level; before this the
 * level says how it finds and spreads bits (bits_of, nth_of, spread_over).
 *
 * First bits: a lookup gives a coefficient with the zeroes before it, often the
 * end of the block too. The stream is one chain of lookups; which coefficients
 * are other than 0 is noted beside it.
 *
 * One more bit: between two codes lie the correction bits of all coefficients
 * that the code's zeroes pass over. How many these are is a question of the
 * block's bitmap alone. So the bits are gathered as they come, the first on
 * top, and dealt out at the block's end, all at once, to the block's maps: no
 * coefficient is touched. Where no such coefficient is left ahead, codes follow
 * each other, and a lookup gives as many as lie within.
 *
 * Memory: a block has at most 63 codes of 16 bits, each with 10 more or with a
 * correction, so it ends within CODEC__BLOCK_BYTES or is refused. */
#ifndef CODEC_KERNEL_SCANS_LOOPS_H
#define CODEC_KERNEL_SCANS_LOOPS_H

#include "bits.h"
#include "part.h"
#include "scans.h"

#define SELDOM(x) __builtin_expect(!!(x), 0)

enum { LOOKUPS = 4 }; /* for which 56 bits last, each of CODEC__CODE_BITS */

/* Where a block's loop stands. */
struct block {
    struct codec__bits bits;
    uint32_t ended;
    unsigned k; /* the next coefficient */
};

/* The fate of a block. */
enum fate { GOES_ON, ENDS, BAD };

ALWAYS struct codec__step
step_at(const struct codec__step *steps, const struct codec__bits *bits)
{
    return steps[bits->at_hand >> LOOK_UP];
}

static __attribute__((noinline)) struct codec__step
long_step(const struct codec__huffman *huffman, uint64_t at_hand,
          enum codec__scan_kind kind, unsigned low)
{
    unsigned found = one_code(huffman, (unsigned)(at_hand >> 48));
    return codec__step_of(found, kind, low);
}

/* n <= 32 bits that are at hand. */
ALWAYS uint64_t
take(struct codec__bits *bits, unsigned n)
{
    uint64_t taken = bits->at_hand >> 1 >> (63 - n);
    drop(bits, n);
    return taken;
}

ALWAYS void
end_blocks(struct block *b, unsigned r)
{
    b->ended = (1u << r) - 1 + (uint32_t)take(&b->bits, r);
}

/* ---- first bits of AC coefficients --------------------------------------- */

ALWAYS enum fate
put(struct block *b, const struct codec__ac_scan *scan, int value,
    int16_t *place, uint64_t *found)
{
    if (SELDOM(b->k > scan->last))
        return BAD;
    place[codec__zigzag[b->k]] = (int16_t)value;
    *found |= UINT64_C(1) << b->k;
    return b->k++ == scan->last ? ENDS : GOES_ON;
}

/* A coefficient that ends its block, by a code unless it is the band's last. */
ALWAYS enum fate
put_last(struct block *b, const struct codec__ac_scan *scan,
         struct codec__step step, int16_t *place, uint64_t *found)
{
    b->k += step.run - CODEC__STEP_LAST;
    drop(&b->bits, step.used - (b->k == scan->last ? scan->end_bits : 0u));
    return put(b, scan, step.value, place, found) == BAD ? BAD : ENDS;
}

/* The step that was found, or the one of a code too long for that; its bits are
 * passed. */
ALWAYS struct codec__step
whole_step(struct block *b, const struct codec__ac_scan *scan,
           struct codec__step step, enum codec__scan_kind kind)
{
    refill(&b->bits);
    if (step.run == CODEC__STEP_LONG)
        step = long_step(scan->huffman, b->bits.at_hand, kind, scan->low);
    drop(&b->bits, step.used);
    return step;
}

/* What is not a value with the zeroes before it. */
ALWAYS enum fate
first_other(struct block *b, const struct codec__ac_scan *scan,
            struct codec__step step, int16_t *place, uint64_t *found)
{
    if (step.run >= CODEC__STEP_LAST)
        return put_last(b, scan, step, place, found);
    step = whole_step(b, scan, step, CODEC__AC_FIRST);
    if (step.run < CODEC__STEP_ZEROES) {
        end_blocks(b, step.run - CODEC__STEP_END);
        return ENDS;
    }
    if (step.run == CODEC__STEP_ZEROES) {
        b->k += 16;
        return b->k > scan->last ? BAD : GOES_ON;
    }
    if (step.run != CODEC__STEP_WIDE)
        return BAD;
    b->k += (unsigned)step.value >> 4;
    int value = take_value(&b->bits, step.value & 15);
    return put(b, scan, value * (1 << scan->low), place, found);
}

ALWAYS bool
first_block(struct block *b, const struct codec__ac_scan *scan, int16_t *place,
            uint64_t *found)
{
    enum fate fate = GOES_ON;
    b->k = scan->first;
    while (fate == GOES_ON) {
        struct codec__step step = {0};
        refill(&b->bits);
        for (unsigned i = 0; i < LOOKUPS; i++) {
            step = step_at(scan->steps, &b->bits);
            if (step.run >= CODEC__STEP_END)
                break;
            drop(&b->bits, step.used);
            b->k += step.run;
            fate = put(b, scan, step.value, place, found);
            if (fate != GOES_ON)
                return fate == ENDS;
        }
        if (step.run >= CODEC__STEP_END)
            fate = first_other(b, scan, step, place, found);
    }
    return fate == ENDS;
}

ALWAYS int
first_run(struct codec__ac_scan *scan, int16_t *places, uint64_t *found, int n)
{
    struct block b = {scan->in.bits, scan->ended, 0};
    const struct codec__ac_scan fixed = *scan;
    int i = 0;
    while (i < n) {
        if (b.ended) {
            uint32_t left = (uint32_t)(n - i);
            uint32_t over = b.ended < left ? b.ended : left;
            b.ended -= over;
            i += (int)over;
            continue;
        }
        if (SELDOM(b.bits.p > fixed.in.limit))
            break;
        uint64_t now = 0;
        if (!first_block(&b, &fixed, places + (ptrdiff_t)i * CODEC__PLACE,
                         &now))
            return CODEC__SCAN_BAD;
        found[i++] |= now;
    }
    scan->in.bits = b.bits;
    scan->ended = b.ended;
    return i;
}

/* ---- one bit more of AC coefficients ------------------------------------- */

/* What is known of a block of which bits are read. */
struct fixing {
    struct block b;
    uint64_t old;          /* coefficients of the band that have corrections */
    uint64_t zeros;        /* others of it, from k on */
    uint64_t fresh, minus; /* that become other than 0; of these, below 0 */
    uint64_t fixes;        /* correction bits, the last one lowest */
};

/* n corrections, of 56 bits at hand; 24 are left. */
ALWAYS void
take_fixes(struct fixing *f, unsigned n)
{
    if (SELDOM(n > 32)) {
        f->fixes = f->fixes << 32 | take(&f->b.bits, 32);
        refill(&f->b.bits);
        n -= 32;
    }
    f->fixes = f->fixes << n | take(&f->b.bits, n);
}

/* Over `run` zeroes, and the corrections between, to a zero: its bit; 0: there
 * are not so many. */
ALWAYS uint64_t
pass_zeroes(struct fixing *f, unsigned run)
{
    uint64_t bit = nth_of(f->zeros, run);
    refill(&f->b.bits);
    if (SELDOM(!bit))
        return 0;
    unsigned at = (unsigned)__builtin_ctzll(bit);
    take_fixes(f, at - f->b.k - run);
    f->zeros &= ~(bit ^ (bit - 1));
    f->b.k = at + 1;
    return bit;
}

ALWAYS void
add(struct fixing *f, uint64_t bit, bool minus)
{
    f->fresh |= bit;
    f->minus |= bit & -(uint64_t)minus;
}

/* A code while corrections are ahead; 24 bits are at hand, before and after. */
ALWAYS enum fate
refine_code(struct fixing *f, const struct codec__ac_scan *scan)
{
    struct codec__step step = step_at(scan->steps, &f->b.bits);
    if (SELDOM(step.run == CODEC__STEP_LONG))
        step = long_step(scan->huffman, f->b.bits.at_hand, CODEC__AC_REFINE,
                         scan->low);
    drop(&f->b.bits, step.used);
    if (SELDOM(step.run >= CODEC__STEP_END)) {
        if (step.run < CODEC__STEP_ZEROES) {
            refill(&f->b.bits);
            end_blocks(&f->b, step.run - CODEC__STEP_END);
            refill(&f->b.bits);
            take_fixes(f, bits_of(f->old >> f->b.k));
            return ENDS;
        }
        if (step.run == CODEC__STEP_ZEROES)
            return !pass_zeroes(f, 15)   ? BAD
                   : f->b.k > scan->last ? ENDS
                                         : GOES_ON;
        if (step.run != CODEC__STEP_WIDE)
            return BAD;
        step.run = (uint8_t)(step.value >> 4);
        step.value = take(&f->b.bits, 1) ? 1 : -1;
    }
    uint64_t bit = pass_zeroes(f, step.run);
    add(f, bit, step.value < 0);
    return !bit ? BAD : f->b.k > scan->last ? ENDS : GOES_ON;
}

/* No corrections are ahead: a code by itself. */
ALWAYS enum fate
refine_step(struct fixing *f, const struct codec__ac_scan *scan)
{
    struct block *b = &f->b;
    struct codec__step step = step_at(scan->steps, &b->bits);
    step = whole_step(b, scan, step, CODEC__AC_REFINE);
    if (step.run >= CODEC__STEP_END && step.run < CODEC__STEP_ZEROES) {
        end_blocks(b, step.run - CODEC__STEP_END);
        return ENDS;
    }
    if (step.run == CODEC__STEP_ZEROES) {
        b->k += 16;
    } else {
        bool minus = step.value < 0;
        if (step.run == CODEC__STEP_WIDE) {
            step.run = (uint8_t)(step.value >> 4);
            minus = !take(&b->bits, 1);
        }
        if (SELDOM(step.run >= CODEC__STEP_END))
            return BAD;
        b->k += step.run;
        add(f, UINT64_C(1) << (b->k & 63), minus);
        b->k++;
    }
    return b->k <= scan->last ? GOES_ON : b->k == scan->last + 1u ? ENDS : BAD;
}

/* A burst that reaches the band's last coefficient is gone through by steps:
 * there the block ends without a code. */
ALWAYS enum fate
refine_rest(struct fixing *f, const struct codec__ac_scan *scan)
{
    refill(&f->b.bits);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        struct codec__burst burst =
            scan->bursts[f->b.bits.at_hand >> (64 - CODEC__BURST_BITS)];
        if (SELDOM(f->b.k + burst.passed > scan->last))
            return refine_step(f, scan);
        drop(&f->b.bits, burst.used);
        f->fresh |= (uint64_t)burst.fresh << f->b.k;
        f->minus |= (uint64_t)burst.minus << f->b.k;
        f->b.k += burst.passed;
        if (burst.ends)
            return ENDS;
    }
    return GOES_ON;
}

/* What was gathered is the block's. */
ALWAYS void
deal(const struct fixing *f, const struct codec__maps *maps, uint64_t *more,
     size_t at)
{
    more[at] |= spread_over(f->old, f->fixes, bits_of(f->old)) | f->fresh;
    maps->found[at] |= f->fresh;
    maps->minus[at] |= f->minus;
}

ALWAYS bool
refine_block(struct fixing *f, const struct codec__ac_scan *scan)
{
    enum fate fate = GOES_ON;
    f->b.k = scan->first;
    refill(&f->b.bits);
    while (fate == GOES_ON && f->old >> f->b.k)
        fate = refine_code(f, scan);
    while (fate == GOES_ON)
        fate = refine_rest(f, scan);
    return fate == ENDS;
}

ALWAYS int
refine_run(struct codec__ac_scan *scan, const struct codec__maps *maps,
           size_t at, int n)
{
    const struct codec__ac_scan fixed = *scan;
    const struct codec__maps known = *maps;
    const uint64_t band =
        ~UINT64_C(0) << fixed.first & ~UINT64_C(0) >> (63 - fixed.last);
    uint64_t *more = known.more[fixed.low];
    struct fixing f = {.b = {scan->in.bits, scan->ended, 0}};
    int i = 0;
    for (; i < n; i++, at++) {
        f.old = known.found[at] & band;
        if (f.b.ended && !f.old) {
            f.b.ended--;
            continue;
        }
        if (SELDOM(f.b.bits.p > fixed.in.limit))
            break;
        f.zeros = ~f.old & band;
        f.fixes = f.fresh = f.minus = 0;
        if (f.b.ended) {
            f.b.ended--;
            refill(&f.b.bits);
            take_fixes(&f, bits_of(f.old));
        } else if (!refine_block(&f, &fixed)) {
            return CODEC__SCAN_BAD;
        }
        deal(&f, &known, more, at);
    }
    scan->in.bits = f.b.bits;
    scan->ended = f.b.ended;
    return i;
}

/* ---- maps ---------------------------------------------------------------- */

/* How many coefficients were passed, up to the last that was found. */
ALWAYS int16_t
passed_of(uint64_t found)
{
    return (int16_t)(64 - __builtin_clzll(found | 1));
}

ALWAYS void
clear_maps(const struct codec__maps *maps, size_t at)
{
    maps->found[at] = maps->minus[at] = 0;
    for (unsigned low = 0; low < maps->n_more; low++)
        maps->more[low][at] = 0;
}

/* ---- DCs ----------------------------------------------------------------- */

enum { DC_MOST = CODEC__VALUE_END - 1 };

/* A difference. False: a code that is none. */
ALWAYS bool
dc_step(struct codec__bits *bits, const struct codec__dc_block *block,
        unsigned low, int *value)
{
    struct codec__step step = step_at(block->steps, bits);
    if (SELDOM(step.run == CODEC__STEP_LONG))
        step = long_step(block->huffman, bits->at_hand, CODEC__DC_FIRST, low);
    drop(bits, step.used);
    *value = step.value;
    if (SELDOM(step.run == CODEC__STEP_WIDE))
        *value = take_value(bits, (unsigned)step.value) * (1 << low);
    return step.run != CODEC__STEP_NONE;
}

ALWAYS int
dc_run(struct codec__dc_scan *scan, int n)
{
    struct codec__bits bits = scan->in.bits;
    int i = 0;
    for (; i < n && bits.p <= scan->in.limit; i++)
        for (unsigned j = 0; j < scan->n_blocks; j++) {
            struct codec__dc_block *block = &scan->block[j];
            int value;
            refill(&bits);
            if (!dc_step(&bits, block, scan->low, &value))
                return CODEC__SCAN_BAD;
            value += scan->before[block->plane];
            if (SELDOM((unsigned)(value + DC_MOST) > 2 * DC_MOST))
                return CODEC__SCAN_BAD;
            scan->before[block->plane] = value;
            *block->to = (int16_t)value;
            block->to += block->next;
        }
    scan->in.bits = bits;
    return i;
}

#endif
