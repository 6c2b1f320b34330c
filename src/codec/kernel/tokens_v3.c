/* Tokens of JPEG by x86-64-v3.
 *
 * How many coefficients of a block are not 0 nobody foresees, and a branch at
 * the last of them would go wrong in most blocks. So there is one after AT_ONCE
 * of them, and what is written beyond the last is overwritten by what follows.
 * A block with a longer value, or more zeroes than a symbol has, goes by the
 * plain loop. */
#include "tokens_loops.h"

#include <immintrin.h>

enum { AT_ONCE = 6 };

/* ---- blocks that are not usual ------------------------------------------- */

ALWAYS __m256i
sizes_at(const struct codec__forward_block *block, unsigned k)
{
    return _mm256_abs_epi16(
        _mm256_load_si256((const __m256i *)(const void *)(block->zigzag + k)));
}

/* Is there one that is not short, behind the DC? */
ALWAYS bool
has_long(const struct codec__forward_block *block)
{
    const __m256i upper = _mm256_set1_epi16(-SHORT_END);
    __m256i first =
        _mm256_and_si256(sizes_at(block, 0), _mm256_insert_epi16(upper, 0, 0));
    __m256i others = _mm256_or_si256(sizes_at(block, 16), sizes_at(block, 32));
    others = _mm256_or_si256(others, sizes_at(block, 48));
    others = _mm256_and_si256(others, upper);
    return !_mm256_testz_si256(_mm256_or_si256(first, others),
                               _mm256_set1_epi16(-1));
}

/* Are there 16 zeroes before one that is set? set: the DC too. */
ALWAYS bool
has_zeroes(uint64_t set)
{
    uint64_t zeroes = ~set; /* bit k: from k on so many */
    for (unsigned n = 1; n < 16; n *= 2)
        zeroes &= zeroes >> n;
    return _blsi_u64(zeroes) - 1 < set;
}

static __attribute__((noinline)) uint16_t *
put_rare(const struct codec__forward_block *block, unsigned table, int gap,
         uint16_t *to)
{
    return put_block(block, table, gap, to);
}

/* ---- those that are ------------------------------------------------------ */

/* What is set, in its order; where nothing is left the value is of the bytes
 * behind the coefficients. */
ALWAYS void
put_some(const struct codec__forward_block *block, unsigned table,
         uint64_t *set, unsigned *last, uint16_t *to)
{
    const uint8_t *low = (const uint8_t *)block;
#pragma GCC unroll 8
    for (unsigned i = 0; i < AT_ONCE; i++) {
        unsigned k = (unsigned)_tzcnt_u64(*set), run = k - *last - 1;
        unsigned value = short_values[low[2 * k]];
        to[i] = (uint16_t)(table + (run << (4 + CODEC__LOW_BITS)) + value);
        *last = k;
        *set = _blsr_u64(*set);
    }
}

/* All asked at once, for one branch. */
ALWAYS bool
is_rare(const struct codec__forward_block *block, uint64_t set, int gap)
{
    unsigned rare = has_long(block);
    rare |= has_zeroes(set);
    rare |= !is_short(gap);
    return rare != 0;
}

ALWAYS uint16_t *
put_usual(const struct codec__forward_block *block, unsigned table, int gap,
          uint16_t *to)
{
    uint64_t set = block->set | 1;
    unsigned last = 0;
    if (__builtin_expect(is_rare(block, set, gap), 0))
        return put_rare(block, table, gap, to);
    uint16_t *end = to + _mm_popcnt_u64(set);
    bool is_full = set >> (CODEC__BLOCK - 1);
    to = put_short(to, table, short_dc(gap));
    set = _blsr_u64(set);
    for (; to < end; to += AT_ONCE)
        put_some(block, table, &set, &last, to);
    *end = token_of(table, CODEC__BLOCK_ENDS, 0);
    return end + !is_full;
}

/* ---- the loops ----------------------------------------------------------- */

uint16_t *
codec__tokens_v3(struct codec__mcus *mcus, unsigned n, uint16_t *to)
{
    return put_mcus(mcus, n, put_usual, to);
}

void
codec__spell_v3(const uint16_t *token, size_t n,
                const struct codec__token_code code[2 * CODEC__SYMBOLS],
                struct codec__pen *pen)
{
    put_tokens(token, n, code, pen);
}
