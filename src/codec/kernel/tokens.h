/* What the blocks of a baseline JPEG say: first as tokens, while it is not yet
 * known in which codes, then as bits.
 *
 * A token is a symbol of the Huffman tables and the bits that will follow its
 * code: a word of 16 bits, the symbol on top; where more than 8 bits follow,
 * they have a second word. A block has its DC, then AC up to the end of block,
 * or up to CODEC__ALL_SET where the last coefficient is not 0 and nothing is
 * written for the end. */
#ifndef CODEC_KERNEL_TOKENS_H
#define CODEC_KERNEL_TOKENS_H

#include <stdint.h>

#include "forward.h"

enum {
    CODEC__SYMBOLS = 256,
    CODEC__BLOCK_ENDS = 0x00,
    CODEC__ALL_SET = 0x10, /* no symbol of JPEG's; is written by no bit */
    CODEC__ZEROES = 0xF0,  /* 16 of them */
    CODEC__WORD_BITS = 8,  /* that follow; more have a word of their own */
    CODEC__SCAN_PLANES = 3,
    /* Words of a block, whatever it holds; one is written ahead. */
    CODEC__BLOCK_WORDS = 2 * CODEC__BLOCK + 2,
    /* Words that a block of samples can have. Squares of its coefficients sum
       up to those of 64 samples of 128 at most: 16 need more than 8 bits, 17
       by a rounding, and the DC, which is a difference. */
    CODEC__BLOCK_WORDS_LIKELY = CODEC__BLOCK + 1 + 17 + 1,
    /* Tables of counts side by side, so that the same symbol again need not
       wait for its own count to be stored. */
    CODEC__COUNT_LANES = 4
};

/* How often each symbol occurred, CODEC__ALL_SET too; lanes add up. */
struct codec__token_counts {
    uint32_t dc[CODEC__SYMBOLS];
    uint32_t ac[CODEC__COUNT_LANES][CODEC__SYMBOLS];
};

/* A symbol's code, with room below it for the bits that follow. */
struct codec__token_code {
    uint32_t bits;
    uint32_t n; /* of both; 0: the symbol has no code */
};

struct codec__token_codes {
    struct codec__token_code dc[CODEC__SYMBOLS], ac[CODEC__SYMBOLS];
};

/* Tokens on their way to bits, the first bit on top. */
struct codec__spelling {
    const uint16_t *token;
    uint64_t mcus; /* that are left */
    unsigned n_planes;
    struct {
        unsigned blocks; /* in an MCU */
        const struct codec__token_codes *codes;
    } plane[CODEC__SCAN_PLANES];

    uint64_t held;       /* the newest bits, 64 - room of them not yet stored */
    int room;            /* 64 at first */
    uint8_t *at;         /* where they go, */
    const uint8_t *full; /* up to here; an MCU behind it has room */
};

/* The tokens of n blocks one after the other, from `to` on, and where the next
 * begin; *dc: that of the plane's block before. */
uint16_t *codec__tokens_base(const struct codec__forward_block *block,
                             unsigned n, int *dc,
                             struct codec__token_counts *counts, uint16_t *to);
uint16_t *codec__tokens_v3(const struct codec__forward_block *block, unsigned n,
                           int *dc, struct codec__token_counts *counts,
                           uint16_t *to);

/* The bits of MCU after MCU, until none is left or the room is full. */
void codec__spell_base(struct codec__spelling *spelling);
void codec__spell_v3(struct codec__spelling *spelling);

#endif
