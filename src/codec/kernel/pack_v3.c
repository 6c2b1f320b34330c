/* Packing by runs and literals, by x86-64-v3: bytes are compared 32 at once;
 * bits are shifted by BMI2. */
#include "pack_loops.h"

#include <immintrin.h>

ALWAYS uint64_t
same_as_before(const uint8_t *at)
{
    uint64_t bits[2];
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *half = at + WORD / 2 * i;
        __m256i now = _mm256_loadu_si256((const __m256i *)half);
        __m256i before = _mm256_loadu_si256((const __m256i *)(half - 1));
        bits[i] =
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(now, before));
    }
    return bits[0] | bits[1] << WORD / 2;
}

#include "pack_words.h"

size_t
codec__stretches_v3(const uint8_t *at, size_t n, uint32_t *stretch,
                    struct codec__counts *counts)
{
    return search_all(at, n, stretch, counts);
}

void
codec__emit_v3(const uint8_t *at, const uint32_t *stretch, size_t n,
               const struct codec__symbols *symbols,
               struct codec__bits_out *out)
{
    emit_all(at, stretch, n, symbols, out);
}
