/* What the blocks of a baseline JPEG say, before it is known in which codes.
 *
 * A token is a symbol of the Huffman tables and the bits that will follow its
 * code: a word of 16 bits, the symbol on top; where more than 8 bits follow,
 * they have a second word. A block has its DC, then AC up to the end of block,
 * or up to JPEG_ALL_SET where the last coefficient is not 0 and nothing is
 * written for the end. */
#ifndef CODEC_JPEG_TOKENS_H
#define CODEC_JPEG_TOKENS_H

#include <stdint.h>

#include "kernel/forward.h"

enum {
    JPEG_SYMBOLS = 256,
    JPEG_BLOCK_ENDS = 0x00,
    JPEG_ALL_SET = 0x10,    /* no symbol of JPEG's; is written by no bit */
    JPEG_ZEROES = 0xF0,     /* 16 of them */
    JPEG_WORD_BITS = 8,     /* more have a word of their own */
    JPEG_DC_BITS_MOST = 11, /* that follow a code */
    JPEG_AC_BITS_MOST = 10,
    /* Words of a block, whatever it holds; one is written ahead. */
    JPEG_BLOCK_WORDS = 2 * CODEC__BLOCK + 2,
    /* Words that a block of samples can have. Squares of its coefficients sum
       up to those of 64 samples of 128 at most: 16 need more than 8 bits, 17
       by a rounding, and the DC, which is a difference. */
    JPEG_BLOCK_WORDS_LIKELY = CODEC__BLOCK + 1 + 17 + 1
};

/* How often each symbol occurred, JPEG_ALL_SET too. */
struct jpeg_counts {
    uint32_t dc[JPEG_SYMBOLS], ac[JPEG_SYMBOLS];
};

/* The block's tokens from `to` on, and where the next begin; *dc: that of the
 * plane's block before. */
uint16_t *codec__jpeg_tokens(const struct codec__forward_block *block, int *dc,
                             struct jpeg_counts *counts, uint16_t *to);

/* The tokens of a block beside the picture: as the one before it, no AC. */
uint16_t *codec__jpeg_tokens_beside(struct jpeg_counts *counts, uint16_t *to);

#endif
