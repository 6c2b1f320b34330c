/* PNG's filters and what they cost, 32 bytes at once, by x86-64-v3:
 * filter_loops.h has the loops. */
#include "filter.h"
#include "part.h"

#include <immintrin.h>

typedef __m256i vec;
typedef __m256i costs; /* of 64 bits: any number of steps */

enum { LANES = 32, STEPS = 1 << 20 };

/* ---- what the filters take ----------------------------------------------- */

ALWAYS vec
minus(vec a, vec b)
{
    return _mm256_sub_epi8(a, b);
}

/* Rounded down; the instruction rounds up. */
ALWAYS __m256i
average(__m256i a, __m256i b)
{
    __m256i odd = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_set1_epi8(1));
    return _mm256_sub_epi8(_mm256_avg_epu8(a, b), odd);
}

/* As paeth.h has it. The distance to the corner saturates, which is no matter:
 * it is then the greatest. */
ALWAYS __m256i
choose(__m256i left, __m256i above, __m256i corner)
{
    __m256i up = _mm256_subs_epu8(above, corner);
    __m256i down = _mm256_subs_epu8(corner, above);
    __m256i right = _mm256_subs_epu8(left, corner);
    __m256i back = _mm256_subs_epu8(corner, left);
    __m256i to_left = _mm256_or_si256(up, down);
    __m256i to_above = _mm256_or_si256(right, back);
    __m256i plus = _mm256_adds_epu8(up, right);
    __m256i minus = _mm256_adds_epu8(down, back);
    __m256i to_corner = _mm256_or_si256(_mm256_subs_epu8(plus, minus),
                                        _mm256_subs_epu8(minus, plus));
    __m256i least = _mm256_min_epu8(to_above, to_corner);
    __m256i is_above = _mm256_cmpeq_epi8(least, to_above);
    __m256i is_left =
        _mm256_cmpeq_epi8(_mm256_min_epu8(to_left, least), to_left);
    return _mm256_blendv_epi8(_mm256_blendv_epi8(corner, above, is_above), left,
                              is_left);
}

/* ---- costs --------------------------------------------------------------- */

/* Four sums. */
ALWAYS void
add_cost(costs *sum, vec v)
{
    const __m256i small =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(CODEC__COST_SMALL));
    const __m256i large = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(CODEC__COST_LARGE, 0, 0, 0, 0, 0, 0, 0));
    const __m256i zero = _mm256_setzero_si256(), low = _mm256_set1_epi8(15);
    __m256i far = _mm256_abs_epi8(v); /* 128 stays 128 */
    __m256i sixteens = _mm256_and_si256(_mm256_srli_epi16(far, 4), low);
    __m256i of_small =
        _mm256_and_si256(_mm256_shuffle_epi8(small, _mm256_and_si256(far, low)),
                         _mm256_cmpeq_epi8(sixteens, zero));
    __m256i cost =
        _mm256_or_si256(of_small, _mm256_shuffle_epi8(large, sixteens));
    *sum = _mm256_add_epi64(*sum, _mm256_sad_epu8(cost, zero));
}

ALWAYS uint64_t
total(costs sum)
{
    uint64_t part[4];
    _mm256_storeu_si256((__m256i *)part, sum);
    return part[0] + part[1] + part[2] + part[3];
}

#include "filter_loops.h"

void
codec__cost_v3(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    cost_row(row, cost);
}

void
codec__filter_v3(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    filter_row(row, filter, to);
}
