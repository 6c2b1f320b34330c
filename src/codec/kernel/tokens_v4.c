/* Tokens of JPEG by AVX-512: all of a block at once, each coefficient in 8
 * bits. VBMI2 packs what is not 0, and where it stood, to the front:
 *
 *      coefficients   5 0 0 -3 0 1 0 …     places   0 1 2 3 4 5 6 …
 *        ──► values   -3 1 0 0 …                    3 5 0 0 …
 *        ──► runs     2 1 0 0 …
 *
 * Values become size and bits by tables of 128 bytes, and what stands behind
 * the last is the end of the block. So how many there are is a number, and no
 * branch, which would be wrong once in most blocks. A block with a longer
 * value, or more zeroes than a symbol has, goes by the plain loop. */
#include "tokens_loops.h"

#include <immintrin.h>

/* ---- bytes of short values ----------------------------------------------- */

/* By the size of a value: the upper and the lower byte of its token; the lower
 * one if it is negative. */
#define HIGH_BYTE(v)     (ONE(v) >> 8)
#define LOW_BYTE(v)      (ONE(v) & 0xFF)
#define NEGATIVE_BYTE(v) (ONE(-(v)) & 0xFF)

#define SAME(v)       (v)
#define ONE_BEFORE(v) (((v) + 63) % 64)

#define BY_4(of, v) of(v), of((v) + 1), of((v) + 2), of((v) + 3)
#define BY_16(of, v)                                                           \
    BY_4(of, v), BY_4(of, (v) + 4), BY_4(of, (v) + 8), BY_4(of, (v) + 12)
#define BY_64(of, v)                                                           \
    BY_16(of, v), BY_16(of, (v) + 16), BY_16(of, (v) + 32), BY_16(of, (v) + 48)

static const struct {
    _Alignas(64) uint8_t high[SHORT_END], low[SHORT_END], negative[SHORT_END];
    uint8_t place[64], before[64];
} bytes = {{BY_64(HIGH_BYTE, 0), BY_64(HIGH_BYTE, 64)},
           {BY_64(LOW_BYTE, 0), BY_64(LOW_BYTE, 64)},
           {BY_64(NEGATIVE_BYTE, 0), BY_64(NEGATIVE_BYTE, 64)},
           {BY_64(SAME, 0)},
           {BY_64(ONE_BEFORE, 0)}};

ALWAYS __m512i
looked_up(const uint8_t table[SHORT_END], __m512i at)
{
    return _mm512_permutex2var_epi8(_mm512_load_si512(table), at,
                                    _mm512_load_si512(table + 64));
}

/* ---- a block ------------------------------------------------------------- */

/* All coefficients, those beyond 8 bits as the last that they hold. */
ALWAYS __m512i
values_of(const struct codec__forward_block *block)
{
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    __m512i both = _mm512_packs_epi16(_mm512_loadu_si512(block->zigzag),
                                      _mm512_loadu_si512(block->zigzag + 32));
    return _mm512_permutexvar_epi64(order, both);
}

/* How many zeroes are before each of those that are set, in its order; 0 behind
 * the last of them, which are `lanes`. */
ALWAYS __m512i
runs_of(__mmask64 set, __mmask64 lanes)
{
    const __m512i before = _mm512_load_si512(bytes.before);
    __m512i at =
        _mm512_maskz_compress_epi8(set, _mm512_load_si512(bytes.place));
    __m512i last = _mm512_maskz_permutexvar_epi8(~UINT64_C(1), before, at);
    __m512i one_more = _mm512_maskz_sub_epi8(lanes, at, last);
    return _mm512_mask_sub_epi8(one_more, lanes, one_more, _mm512_set1_epi8(1));
}

ALWAYS void
put_words(uint16_t *to, __m256i high, __m256i low)
{
    __m512i upper = _mm512_slli_epi16(_mm512_cvtepu8_epi16(high), 8);
    _mm512_storeu_si512(to, _mm512_or_si512(upper, _mm512_cvtepu8_epi16(low)));
}

/* The first n tokens, or more. */
ALWAYS void
put_values(uint16_t *to, unsigned n, unsigned table, __m512i values,
           __m512i runs)
{
    __m512i size = _mm512_abs_epi8(values);
    __m512i low = _mm512_mask_mov_epi8(looked_up(bytes.low, size),
                                       _mm512_movepi8_mask(values),
                                       looked_up(bytes.negative, size));
    __m512i high = looked_up(bytes.high, size);
    high = _mm512_or_si512(high, _mm512_slli_epi16(runs, 3));
    high = _mm512_or_si512(high, _mm512_set1_epi8((char)(table >> 8)));
    put_words(to, _mm512_castsi512_si256(high), _mm512_castsi512_si256(low));
    if (n > 32)
        put_words(to + 32, _mm512_extracti64x4_epi64(high, 1),
                  _mm512_extracti64x4_epi64(low, 1));
}

static __attribute__((noinline)) uint16_t *
put_rare(const struct codec__forward_block *block, unsigned table, int gap,
         uint16_t *to)
{
    return put_block(block, table, gap, to);
}

ALWAYS uint16_t *
put_packed(const struct codec__forward_block *block, unsigned table, int gap,
           uint16_t *to)
{
    uint64_t set = block->set & ~UINT64_C(1);
    unsigned n = (unsigned)_mm_popcnt_u64(set);
    __mmask64 lanes = _bzhi_u64(~UINT64_C(0), n);
    __m512i values = values_of(block), runs = runs_of(set, lanes);
    uint64_t rare =
        _mm512_mask_cmpge_epu8_mask(set, _mm512_abs_epi8(values),
                                    _mm512_set1_epi8(SHORT_END - 1)) |
        _mm512_cmpgt_epu8_mask(runs, _mm512_set1_epi8(15));
    if (__builtin_expect(rare != 0 || !is_short(gap), 0))
        return put_rare(block, table, gap, to);
    to = put_short(to, table, short_dc(gap));
    put_values(to, n + 1, table, _mm512_maskz_compress_epi8(set, values), runs);
    return to + n + !(set >> (CODEC__BLOCK - 1));
}

/* ---- MCUs ---------------------------------------------------------------- */

uint16_t *
codec__tokens_v4(struct codec__mcus *mcus, unsigned n, uint16_t *to)
{
    return put_mcus(mcus, n, put_packed, to);
}
