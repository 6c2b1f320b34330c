/* Tokens of JPEG by x86-64-v3, for its shifts and counts of zeroes. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_v3(struct codec__mcus *mcus, unsigned n, uint16_t *to)
{
    return put_mcus(mcus, n, put_block, to);
}

void
codec__spell_v3(const uint16_t *token, size_t n,
                const struct codec__token_code code[2 * CODEC__SYMBOLS],
                struct codec__pen *pen)
{
    put_tokens(token, n, code, pen);
}
