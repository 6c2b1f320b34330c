/* PNG's filters and what they cost, 32 bytes at once, by x86-64-v3. What is
 * filtered depends on nothing but the picture, so there is no order to keep;
 * the px at the row's left and the bytes that are left over at its right are
 * for the plain loops. */
#include "filter.h"
#include "part.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 32 };

ALWAYS __m256i
load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

/* ---- what the filters take ----------------------------------------------- */

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

/* The costs of 32 bytes, in four sums. */
ALWAYS __m256i
cost_of(__m256i v)
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
    return _mm256_sad_epu8(cost, zero);
}

static uint64_t
total(__m256i sums)
{
    uint64_t part[4];
    _mm256_storeu_si256((__m256i *)part, sums);
    return part[0] + part[1] + part[2] + part[3];
}

void
codec__cost_v3(const struct codec__row *row, uint64_t cost[CODEC__FILTERS])
{
    const uint8_t *at = row->at, *over = row->above;
    size_t px = row->px_bytes, i = px;
    __m256i sum[CODEC__FILTERS] = {0};
    for (; i + LANES <= row->n; i += LANES) {
        __m256i v = load(at + i), left = load(at + i - px);
        __m256i above = load(over + i), corner = load(over + i - px);
        __m256i half = average(left, above);
        __m256i near = choose(left, above, corner);
        sum[0] = _mm256_add_epi64(sum[0], cost_of(v));
        sum[1] = _mm256_add_epi64(sum[1], cost_of(_mm256_sub_epi8(v, left)));
        sum[2] = _mm256_add_epi64(sum[2], cost_of(_mm256_sub_epi8(v, above)));
        sum[3] = _mm256_add_epi64(sum[3], cost_of(_mm256_sub_epi8(v, half)));
        sum[4] = _mm256_add_epi64(sum[4], cost_of(_mm256_sub_epi8(v, near)));
    }
    for (unsigned f = 0; f < CODEC__FILTERS; f++)
        cost[f] = total(sum[f]);
    codec__cost_part(row, 0, px, cost);
    codec__cost_part(row, i, row->n, cost);
}

/* ---- filters ------------------------------------------------------------- */

ALWAYS __m256i
guess(const struct codec__row *row, size_t i, const unsigned filter)
{
    const uint8_t *at = row->at, *over = row->above;
    size_t px = row->px_bytes;
    if (filter == 1)
        return load(at + i - px);
    if (filter == 2)
        return load(over + i);
    if (filter == 3)
        return average(load(at + i - px), load(over + i));
    return choose(load(at + i - px), load(over + i), load(over + i - px));
}

ALWAYS void
apply(const struct codec__row *row, const unsigned filter, uint8_t *out)
{
    size_t i = row->px_bytes;
    for (; i + LANES <= row->n; i += LANES) {
        __m256i v = _mm256_sub_epi8(load(row->at + i), guess(row, i, filter));
        _mm256_storeu_si256((__m256i *)(out + i), v);
    }
    codec__filter_part(row, filter, 0, row->px_bytes, out);
    codec__filter_part(row, filter, i, row->n, out);
}

void
codec__filter_v3(const struct codec__row *row, unsigned filter, uint8_t *to)
{
    *to++ = (uint8_t)filter;
    if (filter == 0)
        memcpy(to, row->at, row->n);
    else if (filter == 1)
        apply(row, 1, to);
    else if (filter == 2)
        apply(row, 2, to);
    else if (filter == 3)
        apply(row, 3, to);
    else
        apply(row, 4, to);
}
