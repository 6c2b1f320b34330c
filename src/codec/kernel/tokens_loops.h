/* The loops over tokens, compiled once for each level. */
#ifndef CODEC_KERNEL_TOKENS_LOOPS_H
#define CODEC_KERNEL_TOKENS_LOOPS_H

#include "part.h"
#include "tokens.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* ---- blocks to tokens ---------------------------------------------------- */

ALWAYS uint16_t
token_of(unsigned table, unsigned symbol, unsigned low)
{
    return (uint16_t)(table | symbol << CODEC__LOW_BITS | low);
}

/* How a value is written: so many bits, these. */
struct value {
    unsigned n, bits;
};

/* Negative ones are written less one, so that their first bit is 0. */
ALWAYS struct value
value_of(int v)
{
    unsigned n = v ? 32 - (unsigned)__builtin_clz((unsigned)abs(v)) : 0;
    return (struct value){n, (unsigned)(v - (v < 0)) & ((1u << n) - 1)};
}

ALWAYS uint16_t *
put_value(uint16_t *to, unsigned table, unsigned symbol, struct value value)
{
    if (__builtin_expect(value.n > CODEC__LOW_BITS, 0)) {
        unsigned rest = value.n - CODEC__LOW_BITS;
        *to++ = token_of(table, symbol, value.bits >> rest);
        symbol = rest << 4 | CODEC__REST;
        value.bits &= (1u << rest) - 1;
    }
    *to++ = token_of(table, symbol, value.bits);
    return to;
}

/* Seldom, so it stays out of the loop. */
static __attribute__((noinline)) uint16_t *
put_zeroes(uint16_t *to, unsigned table, unsigned n, uint32_t *counts)
{
    for (; n; n--) {
        *to++ = token_of(table, CODEC__ZEROES, 0);
        counts[CODEC__ZEROES]++;
    }
    return to;
}

ALWAYS uint16_t *
put_block(const struct codec__forward_block *block, unsigned table, int gap,
          struct codec__token_counts *counts, uint16_t *to)
{
    struct value dc = value_of(gap);
    uint64_t set = block->set & ~UINT64_C(1);
    unsigned last = 0;
    counts->lane[0][dc.n << 4 | CODEC__DC]++;
    to = put_value(to, table, dc.n << 4 | CODEC__DC, dc);
    for (; set; set &= set - 1) {
        unsigned k = (unsigned)__builtin_ctzll(set), run = k - last - 1;
        uint32_t *lane = counts->lane[k % CODEC__COUNT_LANES];
        struct value value = value_of(block->zigzag[k]);
        if (__builtin_expect(run > 15, 0)) {
            to = put_zeroes(to, table, run / 16, lane);
            run %= 16;
        }
        lane[run << 4 | value.n]++;
        to = put_value(to, table, run << 4 | value.n, value);
        last = k;
    }
    unsigned ends = last != CODEC__BLOCK - 1;
    counts->lane[1][CODEC__BLOCK_ENDS] += ends;
    *to = token_of(table, CODEC__BLOCK_ENDS, 0);
    return to + ends;
}

ALWAYS uint16_t *
put_blocks(const struct codec__forward_block *block, unsigned n, unsigned table,
           int *dc, struct codec__token_counts *counts, uint16_t *to)
{
    int before = *dc;
    for (; n; n--, block++) {
        to = put_block(block, table, block->zigzag[0] - before, counts, to);
        before = block->zigzag[0];
    }
    *dc = before;
    return to;
}

/* ---- tokens to bits ------------------------------------------------------ */

/* What is held above the newest 64 - room bits was stored. n: less than 64. */
ALWAYS void
put_bits(struct codec__pen *pen, uint64_t bits, int n)
{
    pen->room -= n;
    if (pen->room >= 0) {
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

ALWAYS struct codec__token_code
spelled(uint16_t token, const struct codec__token_code *code)
{
    struct codec__token_code c = code[token >> CODEC__LOW_BITS];
    c.bits |= token & ((1u << CODEC__LOW_BITS) - 1);
    return c;
}

/* Two at once: they need not wait for the bits before them. */
ALWAYS void
put_tokens(const uint16_t *token, size_t n,
           const struct codec__token_code *code, struct codec__pen *lent)
{
    struct codec__pen pen = *lent;
    for (; n >= 2; n -= 2, token += 2) {
        struct codec__token_code a = spelled(token[0], code);
        struct codec__token_code b = spelled(token[1], code);
        put_bits(&pen, (uint64_t)a.bits << b.n | b.bits, (int)(a.n + b.n));
    }
    if (n) {
        struct codec__token_code a = spelled(*token, code);
        put_bits(&pen, a.bits, (int)a.n);
    }
    *lent = pen;
}

#endif
