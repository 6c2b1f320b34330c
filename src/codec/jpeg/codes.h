/* Huffman tables of JPEG from counts, and the codes of a table. */
#ifndef CODEC_JPEG_CODES_H
#define CODEC_JPEG_CODES_H

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "codec/kernel/tokens.h"

/* How often each symbol occurred. */
struct jpeg_counts {
    uint32_t dc[CODEC__SYMBOLS], ac[CODEC__SYMBOLS];
};

/* What was counted of a table, 0 or 1. */
void codec__jpeg_count_all(struct jpeg_counts *counts,
                           const struct codec__token_counts *from,
                           unsigned table);

/* Every symbol that baseline JPEG knows has occurred, from now on. */
void codec__jpeg_count_legal(struct jpeg_counts *counts);

/* The table that libjpeg makes of the same counts, whose sum is less than
 * 2^30. */
void codec__jpeg_fit_table(const uint32_t counts[CODEC__SYMBOLS],
                           JHUFF_TBL *table);

/* What tokens of a table become, by its DC and its AC. */
void codec__jpeg_codes_of(const JHUFF_TBL *dc, const JHUFF_TBL *ac,
                          struct codec__token_code code[CODEC__SYMBOLS]);

#endif
