/* What the blocks of a baseline JPEG say: first as tokens, while it is not yet
 * known in which codes, then as bits.
 *
 * A token is a word of 16 bits: which of two tables, a symbol of it, and up to
 * 7 of the bits that follow the symbol's code. What is left of them stands in a
 * second token, whose symbol has no code. So tokens are written one after the
 * other without a look at blocks, planes or MCUs. DC and AC are one table:
 * symbols of DC stand where AC has none. */
#ifndef CODEC_KERNEL_TOKENS_H
#define CODEC_KERNEL_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "forward.h"

enum {
    /* A symbol is two digits of 16. The second one says what follows it: 0 to
       10 bits behind a code of AC, whose run is the first; or what the first
       one is: bits behind a code of DC; bits of the token before. */
    CODEC__SYMBOLS = 256,
    CODEC__BLOCK_ENDS = 0x00,
    CODEC__ZEROES = 0xF0, /* 16 of them */
    CODEC__DC = 0xF,
    CODEC__REST = 0xE,

    CODEC__LOW_BITS = 7, /* of a token: those that follow the code */
    CODEC__TABLE_BIT = 1 << 15,

    /* Tokens of a block, whatever it holds: for each so many are writable. */
    CODEC__BLOCK_TOKENS = 2 * CODEC__BLOCK + 1,
    CODEC__MCU_BLOCKS = 10, /* at most */
    /* Tables of counts side by side, so that the same symbol again need not
       wait for its own count to be stored. */
    CODEC__COUNT_LANES = 4
};

/* The blocks of an MCU in the order of the scan, and where those of the next
 * one lie. */
struct codec__mcus {
    struct codec__mcu_block {
        const struct codec__forward_block *at;
        uint16_t step;  /* blocks from here to the next MCU's */
        uint16_t table; /* 0, or CODEC__TABLE_BIT */
        int *dc;        /* that of the plane's block before */
    } block[CODEC__MCU_BLOCKS];
    unsigned n; /* blocks */
};

/* How often each symbol of both tables occurred; lanes add up. What is no
 * symbol is counted too. */
struct codec__token_counts {
    uint32_t lane[CODEC__COUNT_LANES][2 * CODEC__SYMBOLS];
};

/* What a token becomes: a code, with room below it for the bits of a token. */
struct codec__token_code {
    uint32_t bits;
    uint32_t n; /* of both, at most 23; 0: the symbol has no code */
};

/* Bits on their way out. */
struct codec__pen {
    uint64_t held; /* not yet stored, the first on top; 0 below them */
    unsigned n;    /* of those: less than 8 */
    uint8_t *at;   /* where they go; 3 bytes a token and 8 more are writable */
};

/* The tokens of n MCUs one after the other, from `to` on, and where the next
 * begin. The MCUs are used up. */
uint16_t *codec__tokens_base(struct codec__mcus *mcus, unsigned n,
                             uint16_t *to);
uint16_t *codec__tokens_v3(struct codec__mcus *mcus, unsigned n, uint16_t *to);
uint16_t *codec__tokens_v4(struct codec__mcus *mcus, unsigned n, uint16_t *to);

/* Adds up n tokens. */
void codec__token_count(const uint16_t *token, size_t n,
                        struct codec__token_counts *counts);

/* The bits of n tokens; code: of both tables. */
void codec__spell_base(const uint16_t *token, size_t n,
                       const struct codec__token_code code[2 * CODEC__SYMBOLS],
                       struct codec__pen *pen);
void codec__spell_v3(const uint16_t *token, size_t n,
                     const struct codec__token_code code[2 * CODEC__SYMBOLS],
                     struct codec__pen *pen);

#endif
