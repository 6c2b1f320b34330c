/* Packing by runs and literals, by x86-64-v3: runs are looked for in 64 bytes
 * at once; bits are shifted by BMI2. */
#include "pack_loops.h"

#include <immintrin.h>

enum { WORD = 64, STEP = WORD - CODEC__RUN_LEAST + 1 };

/* Bit i: byte i is as the one before it. */
static inline uint64_t
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

/* Where the run ends of which byte i is the first that is not yet seen. */
static size_t
run_end(const uint8_t *at, size_t i, size_t n)
{
    for (; i + WORD <= n; i += WORD) {
        uint64_t other = ~same_as_before(at + i);
        if (other)
            return i + (unsigned)__builtin_ctzll(other);
    }
    while (i < n && at[i] == at[i - 1])
        i++;
    return i;
}

/* The runs that begin in the next STEP bytes. Where to go on. */
static inline size_t
search_word(struct found *f, size_t i, size_t n)
{
    uint64_t same = same_as_before(f->at + i), pairs = same & same >> 1;
    uint64_t starts = pairs & pairs >> 2 & same >> 4;
    while (starts) {
        unsigned start = (unsigned)__builtin_ctzll(starts);
        uint64_t behind = ~same & UINT64_MAX << start;
        if (!behind) {
            size_t end = run_end(f->at, i + WORD, n);
            add_run(f, i + start, end);
            return end;
        }
        add_run(f, i + start, i + (unsigned)__builtin_ctzll(behind));
        starts &= ~(behind ^ (behind - 1)); /* all below the run's end */
    }
    return i + STEP;
}

size_t
codec__stretches_v3(const uint8_t *at, size_t n, uint32_t *stretch,
                    struct codec__counts *counts)
{
    struct found found = {at, 0, stretch, counts};
    size_t i = 1;
    count_all(at, n, counts);
    while (i + WORD <= n)
        i = search_word(&found, i, n);
    search_rest(&found, i, n);
    return end_search(&found, n, stretch);
}

void
codec__emit_v3(const uint8_t *at, const uint32_t *stretch, size_t n,
               const struct codec__symbols *symbols,
               struct codec__bits_out *out)
{
    emit_all(at, stretch, n, symbols, out);
}
