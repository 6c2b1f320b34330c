/* Blocks to tokens. Pure functions; counts are the caller's. */
#include "jpeg_tokens.h"

#include <stdlib.h>

static inline uint16_t *
put_symbol(uint16_t *to, unsigned symbol, uint32_t *counts)
{
    counts[symbol]++;
    *to = (uint16_t)(symbol << 8);
    return to + 1;
}

/* A value that is not 0. Negative ones are written less one, so that their
 * first bit is 0. The second word is there or is overwritten: how many bits a
 * value has is a toss of a coin, so there is no branch on it. */
static inline uint16_t *
put_value(uint16_t *to, unsigned run, int value, uint32_t *counts)
{
    unsigned bits = 32 - (unsigned)__builtin_clz((unsigned)abs(value));
    unsigned low = (unsigned)(value - (value < 0)) & ((1u << bits) - 1);
    unsigned symbol = run << 4 | bits;
    counts[symbol]++;
    to[0] = (uint16_t)(symbol << 8 | (low & 0xFF));
    to[1] = (uint16_t)low;
    return to + 1 + (bits > JPEG_WORD_BITS);
}

uint16_t *
codec__jpeg_tokens(const struct codec__forward_block *block, int *dc,
                   struct jpeg_counts *counts, uint16_t *to)
{
    int gap = block->zigzag[0] - *dc;
    uint64_t set = block->set & ~UINT64_C(1);
    unsigned last = 0;
    *dc = block->zigzag[0];
    to =
        gap ? put_value(to, 0, gap, counts->dc) : put_symbol(to, 0, counts->dc);
    for (; set; set &= set - 1) {
        unsigned k = (unsigned)__builtin_ctzll(set), run = k - last - 1;
        for (; run > 15; run -= 16)
            to = put_symbol(to, JPEG_ZEROES, counts->ac);
        to = put_value(to, run, block->zigzag[k], counts->ac);
        last = k;
    }
    return put_symbol(to,
                      last == CODEC__BLOCK - 1 ? JPEG_ALL_SET : JPEG_BLOCK_ENDS,
                      counts->ac);
}

uint16_t *
codec__jpeg_tokens_beside(struct jpeg_counts *counts, uint16_t *to)
{
    to = put_symbol(to, 0, counts->dc);
    return put_symbol(to, JPEG_BLOCK_ENDS, counts->ac);
}
