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

/* Short values are those that one token has room for. They are looked up, each
 * as a token of AC without table and run: number of bits, and bits. */
enum { SHORT_END = 1 << CODEC__LOW_BITS };

#define SIZE(v) (31 - __builtin_clz(2 * ((v) < 0 ? -(v) : (v)) + 1))
#define ONE(v)                                                                 \
    (SIZE(v) << CODEC__LOW_BITS |                                              \
     (((v) < 0 ? (v)-1 : (v)) & ((1 << SIZE(v)) - 1)))
#define TWO(v)   ONE(v), ONE((v) + 1)
#define EIGHT(v) TWO(v), TWO((v) + 2), TWO((v) + 4), TWO((v) + 6)
#define MANY(v)  EIGHT(v), EIGHT((v) + 8), EIGHT((v) + 16), EIGHT((v) + 24)

/* By their low bytes; -128 is none itself. */
static const uint16_t short_values[2 * SHORT_END] = {
    MANY(0),    MANY(32),  MANY(64),  MANY(96),
    MANY(-128), MANY(-96), MANY(-64), MANY(-32)};

ALWAYS bool
is_short(int v)
{
    return __builtin_expect(abs(v) < SHORT_END, 1);
}

ALWAYS unsigned
short_value(int v)
{
    return short_values[(uint8_t)v];
}

ALWAYS uint16_t *
put_short(uint16_t *to, unsigned table, unsigned token)
{
    *to = (uint16_t)(table | token);
    return to + 1;
}

/* Longer values and many zeroes are seldom: they stay out of the loop. symbol:
 * but for their number of bits. */
static __attribute__((noinline)) uint16_t *
put_long(uint16_t *to, unsigned table, unsigned symbol, int v)
{
    unsigned n = 32 - (unsigned)__builtin_clz((unsigned)abs(v));
    unsigned bits = (unsigned)(v - (v < 0)) & ((1u << n) - 1);
    unsigned rest = n - CODEC__LOW_BITS;
    symbol |= symbol == CODEC__DC ? n << 4 : n;
    *to++ = token_of(table, symbol, bits >> rest);
    *to++ = token_of(table, rest << 4 | CODEC__REST, bits & ((1u << rest) - 1));
    return to;
}

static __attribute__((noinline)) uint16_t *
put_zeroes(uint16_t *to, unsigned table, unsigned n)
{
    for (; n; n--)
        *to++ = token_of(table, CODEC__ZEROES, 0);
    return to;
}

/* A short value of DC, its number of bits moved to the first digit. */
ALWAYS unsigned
short_dc(int v)
{
    unsigned value = short_value(v), low = value & (SHORT_END - 1);
    return (value - low) << 4 | CODEC__DC << CODEC__LOW_BITS | low;
}

ALWAYS uint16_t *
put_block(const struct codec__forward_block *block, unsigned table, int gap,
          uint16_t *to)
{
    uint64_t set = block->set & ~UINT64_C(1);
    unsigned last = 0;
    if (is_short(gap))
        to = put_short(to, table, short_dc(gap));
    else
        to = put_long(to, table, CODEC__DC, gap);
    for (; set; set &= set - 1) {
        unsigned k = (unsigned)__builtin_ctzll(set), run = k - last - 1;
        int v = block->zigzag[k];
        last = k;
        if (__builtin_expect(run > 15, 0)) {
            to = put_zeroes(to, table, run / 16);
            run %= 16;
        }
        if (is_short(v))
            to = put_short(to, table,
                           run << (4 + CODEC__LOW_BITS) | short_value(v));
        else
            to = put_long(to, table, run << 4, v);
    }
    *to = token_of(table, CODEC__BLOCK_ENDS, 0);
    return to + (last != CODEC__BLOCK - 1);
}

/* A block's tokens; gap: its DC less the one before. */
typedef uint16_t *put_block_fn(const struct codec__forward_block *block,
                               unsigned table, int gap, uint16_t *to);

ALWAYS uint16_t *
put_mcus(struct codec__mcus *mcus, unsigned n, put_block_fn *put, uint16_t *to)
{
    struct codec__mcu_block *end = mcus->block + mcus->n;
    for (; n; n--)
        for (struct codec__mcu_block *b = mcus->block; b < end; b++) {
            const struct codec__forward_block *block = b->at;
            int dc = block->zigzag[0], gap = dc - *b->dc;
            *b->dc = dc;
            b->at = block + b->step;
            to = put(block, b->table, gap, to);
        }
    return to;
}

/* ---- tokens to bits ------------------------------------------------------ */

/* n: 1 to 56. All bytes that are whole are stored, and what is behind them, to
 * be overwritten: how many they are nobody foresees, so there is no branch. */
ALWAYS void
put_bits(struct codec__pen *pen, uint64_t bits, unsigned n)
{
    pen->n += n;
    pen->held |= bits << (64 - pen->n);
    uint64_t bytes = htobe64(pen->held);
    memcpy(pen->at, &bytes, sizeof bytes);
    pen->at += pen->n / 8;
    pen->held <<= pen->n & ~7u;
    pen->n %= 8;
}

ALWAYS struct codec__token_code
spelled(unsigned token, const struct codec__token_code *code)
{
    struct codec__token_code c = code[token >> CODEC__LOW_BITS];
    c.bits |= token & ((1u << CODEC__LOW_BITS) - 1);
    return c;
}

/* Two as one: they need not wait for the bits before them. At most 46 bits. */
struct joined {
    uint64_t bits;
    unsigned n;
};

ALWAYS struct joined
joined(const uint16_t token[2], const struct codec__token_code *code)
{
    struct codec__token_code a = spelled(token[0], code);
    struct codec__token_code b = spelled(token[1], code);
    return (struct joined){(uint64_t)a.bits << b.n | b.bits, a.n + b.n};
}

/* Four at once, where they are not the longest. */
ALWAYS void
put_tokens(const uint16_t *token, size_t n,
           const struct codec__token_code *code, struct codec__pen *lent)
{
    struct codec__pen pen = *lent;
    for (; n >= 4; n -= 4, token += 4) {
        struct joined a = joined(token, code), b = joined(token + 2, code);
        if (__builtin_expect(a.n + b.n > 56, 0)) {
            put_bits(&pen, a.bits, a.n);
            put_bits(&pen, b.bits, b.n);
        } else {
            put_bits(&pen, a.bits << b.n | b.bits, a.n + b.n);
        }
    }
    for (; n; n--, token++) {
        struct codec__token_code a = spelled(*token, code);
        put_bits(&pen, a.bits, a.n);
    }
    *lent = pen;
}

#endif
