/* Tokens of JPEG by x86-64-v3, for its shifts and counts of zeroes. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_v3(const struct codec__forward_block *block, unsigned n,
                 unsigned table, int *dc, struct codec__token_counts *counts,
                 uint16_t *to)
{
    return put_blocks(block, n, table, dc, counts, to);
}

void
codec__spell_v3(const uint16_t *token, size_t n,
                const struct codec__token_code code[2 * CODEC__SYMBOLS],
                struct codec__pen *pen)
{
    put_tokens(token, n, code, pen);
}
