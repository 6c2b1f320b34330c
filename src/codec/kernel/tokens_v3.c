/* Tokens of JPEG by x86-64-v3, for its shifts and counts of zeroes. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_v3(const struct codec__forward_block *block, unsigned n, int *dc,
                 struct codec__token_counts *counts, uint16_t *to)
{
    return put_blocks(block, n, dc, counts, to);
}

void
codec__spell_v3(struct codec__spelling *spelling)
{
    spell_all(spelling);
}
