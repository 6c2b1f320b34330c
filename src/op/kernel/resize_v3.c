/* Rows of 8 bits across, by the instruction that multiplies pairs of 16-bit
 * samples and adds both products. Four rows at a time, for which each weight is
 * read once, and whose sums, of eight lanes each, are added up together; four
 * outputs of each are stored at once. */
#include "resize_row.h"

#include <immintrin.h>

enum { ROWS = OP__ROWS_AT_ONCE, OUTPUTS = 4 };

static inline __m256i
load(const int16_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* The lanes of each added up. */
static inline __m128i
add_up(const __m256i sum[ROWS])
{
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]),
                                    _mm256_hadd_epi32(sum[2], sum[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(all),
                         _mm256_extracti128_si256(all, 1));
}

/* Output j of each row, before it is rounded. */
static inline __m128i
weigh(const struct op__across *across, uint32_t j)
{
    const struct op__taps *x = across->x;
    const int16_t *weight = x->narrow + (size_t)j * x->k;
    const int16_t *row[ROWS];
    __m256i sum[ROWS];
    for (unsigned r = 0; r < ROWS; r++) {
        row[r] = (const int16_t *)across->work[r] + x->first[j];
        sum[r] = _mm256_setzero_si256();
    }
    for (size_t t = 0; t < x->k; t += OP__TAPS_AT_ONCE) {
        __m256i weights = load(weight + t);
        for (unsigned r = 0; r < ROWS; r++)
            sum[r] = _mm256_add_epi32(
                sum[r], _mm256_madd_epi16(load(row[r] + t), weights));
    }
    return add_up(sum);
}

/* made[i]: an output of each row. */
static inline void
store(const struct op__across *across, uint32_t j, const __m128i made[OUTPUTS])
{
    __m128i ab = _mm_unpacklo_epi32(made[0], made[1]);
    __m128i cd = _mm_unpacklo_epi32(made[2], made[3]);
    __m128i ab_high = _mm_unpackhi_epi32(made[0], made[1]);
    __m128i cd_high = _mm_unpackhi_epi32(made[2], made[3]);
    const __m128i row[ROWS] = {_mm_unpacklo_epi64(ab, cd),
                               _mm_unpackhi_epi64(ab, cd),
                               _mm_unpacklo_epi64(ab_high, cd_high),
                               _mm_unpackhi_epi64(ab_high, cd_high)};
    for (unsigned r = 0; r < ROWS; r++)
        _mm_storeu_si128((__m128i *)(void *)(across->to[r] + j), row[r]);
}

void
op__resize_across_8_v3(const struct op__across *across)
{
    const struct op__taps *x = across->x;
    const __m128i half = _mm_set1_epi32(half_of(x));
    const __m128i shift = _mm_cvtsi32_si128(shift_of(x));
    for (unsigned r = 0; r < ROWS; r++)
        centre(across->work[r], across->from[r], across->span);
    for (uint32_t j = 0; j < x->n; j += OUTPUTS) {
        __m128i made[OUTPUTS];
        for (uint32_t i = 0; i < OUTPUTS; i++) {
            uint32_t at = j + i < x->n ? j + i : x->n - 1;
            made[i] = _mm_add_epi32(weigh(across, at), half);
            made[i] = _mm_sra_epi32(made[i], shift);
        }
        store(across, j, made);
    }
}
