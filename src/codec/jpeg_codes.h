/* Huffman tables of JPEG from counts, and the codes of a table. */
#ifndef CODEC_JPEG_CODES_H
#define CODEC_JPEG_CODES_H

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "jpeg_tokens.h"

/* A symbol's code, with room below it for the bits that follow. */
struct jpeg_code {
    uint32_t bits;
    uint32_t n; /* of both; 0: the symbol has no code */
};

struct jpeg_codes {
    struct jpeg_code dc[JPEG_SYMBOLS], ac[JPEG_SYMBOLS];
};

/* Every symbol that baseline JPEG knows has occurred, from now on. */
void codec__jpeg_count_legal(struct jpeg_counts *counts);

/* The table that libjpeg makes of the same counts, whose sum is less than
 * 2^30. */
void codec__jpeg_fit_table(const uint32_t counts[JPEG_SYMBOLS],
                           JHUFF_TBL *table);

void codec__jpeg_codes_of(const JHUFF_TBL *table,
                          struct jpeg_code code[JPEG_SYMBOLS]);

#endif
