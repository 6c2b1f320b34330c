/* Tokens of JPEG for every machine. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_base(const struct codec__forward_block *block, unsigned n,
                   int *dc, struct codec__token_counts *counts, uint16_t *to)
{
    return put_blocks(block, n, dc, counts, to);
}

void
codec__spell_base(struct codec__spelling *spelling)
{
    spell_all(spelling);
}
