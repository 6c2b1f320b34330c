/* Tokens of JPEG for any machine. */
#include "tokens_loops.h"

uint16_t *
codec__tokens_base(struct codec__mcus *mcus, unsigned n, uint16_t *to)
{
    return put_mcus(mcus, n, put_block, to);
}

void
codec__spell_base(const uint16_t *token, size_t n,
                  const struct codec__token_code code[2 * CODEC__SYMBOLS],
                  struct codec__pen *pen)
{
    put_tokens(token, n, code, pen);
}

void
codec__token_count(const uint16_t *token, size_t n,
                   struct codec__token_counts *counts)
{
    for (; n >= CODEC__COUNT_LANES; n -= CODEC__COUNT_LANES)
        for (unsigned lane = 0; lane < CODEC__COUNT_LANES; lane++)
            counts->lane[lane][*token++ >> CODEC__LOW_BITS]++;
    for (; n; n--)
        counts->lane[0][*token++ >> CODEC__LOW_BITS]++;
}
