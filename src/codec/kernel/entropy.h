/* Huffman codes to coefficients: the loop, compiled once for each level.
 *
 * The stream is one chain: a lookup says how many bits it used, and only then
 * can the next begin. All else runs beside that chain, so nothing in it may be
 * a branch that is hard to foresee. An end of a block, which is a coin toss, is
 * none: the level says before this, in move_on, how to take either of two
 * stands.
 *
 * How many coefficients were passed is the low end of an address: that of the
 * zigzag's next entry. One test of it finds what is rare: a block that is full,
 * codes that are long, and, since behind the last block the zigzag seems to
 * begin at its end, that all is done.
 *
 * Memory: a lookup passes at least one coefficient and uses at most 27 bits,
 * so a block ends within CODEC__BLOCK_BYTES or is refused. */
#ifndef CODEC_KERNEL_ENTROPY_H
#define CODEC_KERNEL_ENTROPY_H

#include "bits.h"
#include "part.h"
#include "stand.h"

/* In the address of an entry: above all of a block's; behind the zigzag. */
enum { FULL = CODEC__BLOCK, DONE = 4 * CODEC__BLOCK };

static void
next_block(struct stand *s)
{
    s->codes = s->block->next;
    s->order = s->block->next_order;
    s->block++;
}

/* One code by itself: what is too long for the lookup, or ends its block by
 * being the last coefficient. */
static __attribute__((noinline)) bool
rare(struct stand *s)
{
    int16_t *place = s->block->place;
    unsigned k = s->order % CODEC__BLOCK;
    unsigned found =
        one_code(s->codes->huffman, (unsigned)(s->bits.at_hand >> 48));
    unsigned size = found & 15, run = k ? found >> 4 & 15 : 0;
    if (!found)
        return false;
    drop(&s->bits, found >> 8);
    bool ends = k && !size && run != 15;
    if (!ends) {
        k += run;
        if (k >= CODEC__BLOCK)
            return false;
        place[codec__zigzag[k++]] = take_value(&s->bits, size);
        place[CODEC__PASSED] = (int16_t)k;
        s->order += run + 1;
    }
    refill(&s->bits);
    s->codes = s->block->ac;
    if (ends || k == CODEC__BLOCK)
        next_block(s);
    return true;
}

/* One lookup. False: it is for rare. */
ALWAYS bool
look_up(struct stand *s, const bool refills)
{
    const size_t next = s->bits.at_hand >> LOOK_UP;
    const struct codec__pace *pace = &s->codes->pace[next];
    const struct codec__code *code = &s->codes->code[next];
    const size_t passed = pace->passed, used = pace->drop;
    const uint8_t *order = (const uint8_t *)s->order;
    const uintptr_t moved = s->order + passed;
    int16_t *place = s->block->place;
    if (refills)
        refill(&s->bits);
    if (__builtin_expect(moved & (FULL | DONE), 0))
        return false;
    place[order[passed - 1]] = code->v2;
    place[order[code->run]] =
        (int16_t)((int64_t)(s->bits.at_hand >> (code->shift & 63)) + code->v1);
    place[CODEC__PASSED] = (int16_t)moved;
    s->bits.at_hand <<= used & 63;
    s->bits.left -= (unsigned)used;
    move_on(s, (uint8_t)passed, moved);
    return true;
}

/* 56 bits last for two lookups, of 22 at most, and the start of a third. What
 * the loop changes stays in registers: only a copy is lent to rare. */
ALWAYS bool
look_up_all(struct codec__entropy *entropy, const struct codec__block *end)
{
    struct stand s = {entropy->bits, entropy->blocks, entropy->dc,
                      (uintptr_t)codec__zigzag};
    refill(&s.bits);
    for (;;) {
        if (look_up(&s, true) && look_up(&s, false))
            continue;
        if (s.block == end)
            break;
        struct stand lent = s;
        if (!rare(&lent))
            return false;
        s = lent;
    }
    entropy->bits = s.bits;
    return true;
}

ALWAYS bool
entropy_run(struct codec__entropy *entropy, unsigned n)
{
    struct codec__block *last = &entropy->blocks[n - 1];
    last->next_order += DONE;
    bool good = look_up_all(entropy, last + 1);
    last->next_order -= DONE;
    return good;
}

#endif
