/* Tokens of JPEG for any machine. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_base(const struct codec__forward_block *block, unsigned n,
                   unsigned table, int *dc, struct codec__token_counts *counts,
                   uint16_t *to)
{
    return put_blocks(block, n, table, dc, counts, to);
}

void
codec__spell_base(const uint16_t *token, size_t n,
                  const struct codec__token_code code[2 * CODEC__SYMBOLS],
                  struct codec__pen *pen)
{
    put_tokens(token, n, code, pen);
}
