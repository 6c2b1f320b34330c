/* The loops over tokens, compiled once for each level. */
#ifndef CODEC_KERNEL_TOKENS_LOOPS_H
#define CODEC_KERNEL_TOKENS_LOOPS_H

#include "part.h"
#include "tokens.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* ---- blocks to tokens ---------------------------------------------------- */

/* A value that is not 0. Negative ones are written less one, so that their
 * first bit is 0. The second word is there or is overwritten. */
ALWAYS uint16_t *
put_value(uint16_t *to, unsigned run, int value, uint32_t *counts)
{
    unsigned bits = 32 - (unsigned)__builtin_clz((unsigned)abs(value));
    unsigned low = (unsigned)(value - (value < 0)) & ((1u << bits) - 1);
    unsigned symbol = run << 4 | bits;
    counts[symbol]++;
    to[0] = (uint16_t)(symbol << 8 | (low & 0xFF));
    to[1] = (uint16_t)low;
    return to + 1 + (bits > CODEC__WORD_BITS);
}

ALWAYS uint16_t *
put_symbol(uint16_t *to, unsigned symbol, uint32_t *counts)
{
    counts[symbol]++;
    *to = (uint16_t)(symbol << 8);
    return to + 1;
}

/* Seldom, so it stays out of the loop. */
static __attribute__((noinline)) uint16_t *
put_zeroes(uint16_t *to, unsigned n, uint32_t *counts)
{
    for (; n; n--)
        to = put_symbol(to, CODEC__ZEROES, counts);
    return to;
}

ALWAYS uint16_t *
put_block(const struct codec__forward_block *block, int gap,
          struct codec__token_counts *counts, uint16_t *to)
{
    uint64_t set = block->set & ~UINT64_C(1);
    unsigned last = 0;
    to =
        gap ? put_value(to, 0, gap, counts->dc) : put_symbol(to, 0, counts->dc);
    for (; set; set &= set - 1) {
        unsigned k = (unsigned)__builtin_ctzll(set), run = k - last - 1;
        uint32_t *lane = counts->ac[k % CODEC__COUNT_LANES];
        if (__builtin_expect(run > 15, 0)) {
            to = put_zeroes(to, run / 16, lane);
            run %= 16;
        }
        to = put_value(to, run, block->zigzag[k], lane);
        last = k;
    }
    return put_symbol(
        to, last == CODEC__BLOCK - 1 ? CODEC__ALL_SET : CODEC__BLOCK_ENDS,
        counts->ac[0]);
}

ALWAYS uint16_t *
put_blocks(const struct codec__forward_block *block, unsigned n, int *dc,
           struct codec__token_counts *counts, uint16_t *to)
{
    int before = *dc;
    for (; n; n--, block++) {
        to = put_block(block, block->zigzag[0] - before, counts, to);
        before = block->zigzag[0];
    }
    *dc = before;
    return to;
}

/* ---- tokens to bits ------------------------------------------------------ */

/* Where the loop stands, in registers. */
struct pen {
    uint64_t held;
    int room;
    uint8_t *at;
};

/* What is held above the newest 64 - room bits was stored. */
ALWAYS void
put_bits(struct pen *pen, uint64_t bits, int n)
{
    pen->room -= n;
    if (__builtin_expect(pen->room >= 0, 1)) {
        pen->held = pen->held << n | bits;
        return;
    }
    uint64_t full = pen->held << (pen->room + n) | bits >> -pen->room;
    full = htobe64(full);
    memcpy(pen->at, &full, sizeof full);
    pen->at += sizeof full;
    pen->held = bits;
    pen->room += 64;
}

ALWAYS void
put_code(struct pen *pen, struct codec__token_code code, unsigned low)
{
    put_bits(pen, code.bits | low, (int)code.n);
}

/* Most tokens are followed by 1 to 8 bits. Of the others, those by more have a
 * second word, and two of those by none end the block. */
ALWAYS const uint16_t *
spell_block(struct pen *pen, const uint16_t *token,
            const struct codec__token_codes *codes)
{
    unsigned word = *token++, follow = word >> 8;
    unsigned low = follow > CODEC__WORD_BITS ? *token++ : word & 0xFF;
    put_code(pen, codes->dc[follow], low);
    for (;;) {
        word = *token++;
        follow = word >> 8 & 15;
        low = word & 0xFF;
        if (__builtin_expect(follow - 1 >= CODEC__WORD_BITS, 0)) {
            if (!follow && word >> 8 != CODEC__ZEROES)
                break;
            if (follow)
                low = *token++;
        }
        put_code(pen, codes->ac[word >> 8], low);
    }
    put_code(pen, codes->ac[word >> 8], 0);
    return token;
}

ALWAYS void
spell_all(struct codec__spelling *spelling)
{
    struct pen pen = {spelling->held, spelling->room, spelling->at};
    const uint16_t *token = spelling->token;
    uint64_t mcus = spelling->mcus;
    for (; mcus && pen.at < spelling->full; mcus--)
        for (unsigned p = 0; p < spelling->n_planes; p++)
            for (unsigned i = spelling->plane[p].blocks; i; i--)
                token = spell_block(&pen, token, spelling->plane[p].codes);
    spelling->token = token;
    spelling->mcus = mcus;
    spelling->held = pen.held;
    spelling->room = pen.room;
    spelling->at = pen.at;
}

#endif
