/* Huffman codes to coefficients: the loop, compiled once for each level.
 *
 * The stream is one chain: a lookup says how many bits it used, and only then
 * can the next begin. All else runs beside that chain, so nothing in it may be
 * a branch that is hard to foresee. An end of a block, which is a coin toss,
 * masks three moves: to the next block's place, to its node, to its tables.
 *
 * Memory: a lookup passes at least one coefficient and uses at most 27 bits,
 * so a block ends within CODEC__BLOCK_BYTES or is refused. */
#ifndef CODEC_KERNEL_ENTROPY_H
#define CODEC_KERNEL_ENTROPY_H

#include "bits.h"

/* Where the loop stands. */
struct stand {
    struct codec__bits bits;
    const struct codec__node *node;
    const struct codec__code *codes;
    unsigned k; /* coefficients passed in this block */
    int16_t *place;
};

static void
next_block(struct stand *s)
{
    s->codes = s->node->ac + s->node->to_dc;
    s->node += s->node->step;
    s->place += CODEC__PLACE;
    s->k = 0;
}

/* One code by itself: what is too long for the lookup, or ends its block by
 * being the last coefficient. */
static __attribute__((noinline)) bool
rare(struct stand *s)
{
    const struct codec__node *node = s->node;
    bool is_ac = s->k;
    unsigned found = one_code(is_ac ? node->ac_codes : node->dc_codes,
                              (unsigned)(s->bits.at_hand >> 48));
    unsigned size = found & 15, run = is_ac ? found >> 4 & 15 : 0;
    if (!found)
        return false;
    drop(&s->bits, found >> 8);
    bool ends = is_ac && !size && run != 15;
    if (!ends) {
        s->k += run;
        if (s->k >= CODEC__BLOCK)
            return false;
        s->place[codec__zigzag[s->k++]] = take_value(&s->bits, size);
        s->place[CODEC__PASSED] = (int16_t)s->k;
    }
    refill(&s->bits);
    s->codes = node->ac;
    if (ends || s->k == CODEC__BLOCK)
        next_block(s);
    return true;
}

/* One lookup. False: it is for rare. */
static inline __attribute__((always_inline)) bool
look_up(struct stand *s, const bool refills)
{
    const struct codec__code *code = s->codes + (s->bits.at_hand >> LOOK_UP);
    const struct codec__node *node = s->node;
    const ptrdiff_t used = code->drop, ends = used >> 7;
    const uint8_t *order = codec__zigzag + s->k;
    const size_t step = code->passed, next = s->k + step;
    if (refills)
        refill(&s->bits);
    if (__builtin_expect(next >= CODEC__BLOCK, 0))
        return false;
    s->place[order[step - 1]] = code->v2;
    s->place[order[code->run]] =
        (int16_t)((int64_t)(s->bits.at_hand >> (code->shift & 63)) + code->v1);
    s->place[CODEC__PASSED] = (int16_t)next;
    s->bits.at_hand <<= used & 63;
    s->bits.left -= (unsigned)used;
    s->place += ends & CODEC__PLACE;
    s->codes = node->ac + (node->to_dc & ends);
    s->node = node + (node->step & ends);
    s->k = (unsigned)(next & ~(size_t)ends);
    return true;
}

/* 56 bits last for two lookups, of 22 at most, and the start of a third. What
 * the loop changes stays in registers: only a copy is lent to rare. */
static inline __attribute__((always_inline)) bool
entropy_run(struct codec__entropy *entropy, unsigned n)
{
    const int16_t *end = entropy->places + (size_t)n * CODEC__PLACE;
    struct stand s = {entropy->bits, entropy->ring, entropy->dc, 0,
                      entropy->places};
    refill(&s.bits);
    while (s.place < end) {
        if (look_up(&s, true) && (s.place >= end || look_up(&s, false)))
            continue;
        struct stand lent = s;
        if (!rare(&lent))
            return false;
        s = lent;
    }
    s.bits.left &= 63;
    entropy->bits = s.bits;
    return true;
}

#endif
