/* Forward DCTs by AVX-512, four blocks side by side, one in each 128 bits of a
 * register. The zigzag is an instruction for half a block, once its rows stand
 * in one register. */
#include <immintrin.h>

#include "forward.h"
#include "part.h"

#define WIDE       __m512i
#define W(name)    _mm512_##name
#define BYTES(...) _mm512_broadcast_i32x4(_mm_setr_epi8(__VA_ARGS__))
#define PICK(a, b, which)                                                      \
    _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a),              \
                                          _mm512_castsi512_ps(b), which))

ALWAYS __m512i
upper_of(__m512i low, __m512i high)
{
    return _mm512_mask_blend_epi16(0xAAAAAAAA, _mm512_srli_epi32(low, 16),
                                   high);
}

ALWAYS __m512i
row_of(const uint16_t row[16])
{
    return _mm512_broadcast_i64x4(
        _mm256_load_si256((const __m256i *)(const void *)row));
}

/* v is 0 already where sign is. */
ALWAYS __m512i
signed_as(__m512i v, __m512i sign)
{
    return _mm512_mask_sub_epi16(v, _mm512_movepi16_mask(sign),
                                 _mm512_setzero_si512(), v);
}

#include "forward_lanes.h"

/* ---- blocks -------------------------------------------------------------- */

enum { BLOCKS = 4 };

/* Samples of rows a and b of those blocks whose bits are set. */
ALWAYS __m512i
load(const uint8_t *a, const uint8_t *b, __mmask8 which)
{
    const __m512i sides = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    __m256i of_a = _mm256_maskz_loadu_epi64(which, a);
    __m256i of_b = _mm256_maskz_loadu_epi64(which, b);
    return _mm512_permutex2var_epi64(_mm512_castsi256_si512(of_a), sides,
                                     _mm512_castsi256_si512(of_b));
}

/* Four rows of four blocks to four blocks of four rows. */
ALWAYS void
turn(const __m512i rows[4], __m512i blocks[4])
{
    __m512i a = _mm512_shuffle_i64x2(rows[0], rows[1], 0x44);
    __m512i b = _mm512_shuffle_i64x2(rows[0], rows[1], 0xEE);
    __m512i c = _mm512_shuffle_i64x2(rows[2], rows[3], 0x44);
    __m512i d = _mm512_shuffle_i64x2(rows[2], rows[3], 0xEE);
    blocks[0] = _mm512_shuffle_i64x2(a, c, 0x88);
    blocks[1] = _mm512_shuffle_i64x2(a, c, 0xDD);
    blocks[2] = _mm512_shuffle_i64x2(b, d, 0x88);
    blocks[3] = _mm512_shuffle_i64x2(b, d, 0xDD);
}

/* The zigzag's halves, by the place in 64 coefficients. */
ALWAYS void
put(__m512i top, __m512i end, struct codec__forward_block *to)
{
    __m512i first = _mm512_cvtepu8_epi16(
        _mm256_loadu_si256((const __m256i *)(const void *)codec__zigzag));
    __m512i last = _mm512_cvtepu8_epi16(_mm256_loadu_si256(
        (const __m256i *)(const void *)(codec__zigzag + 32)));
    first = _mm512_permutex2var_epi16(top, first, end);
    last = _mm512_permutex2var_epi16(top, last, end);
    _mm512_storeu_si512(to->zigzag, first);
    _mm512_storeu_si512(to->zigzag + 32, last);
    to->set = _mm512_test_epi16_mask(first, first) |
              (uint64_t)_mm512_test_epi16_mask(last, last) << 32;
}

ALWAYS void
blocks(const uint8_t *from, size_t stride, unsigned n,
       const struct codec__divisors *by, struct codec__forward_block *to)
{
    __mmask8 which = (__mmask8)((1u << n) - 1);
    const __m512i samples[4] = {
        load(from, from + stride, which),
        load(from + 3 * stride, from + 2 * stride, which),
        load(from + 7 * stride, from + 6 * stride, which),
        load(from + 4 * stride, from + 5 * stride, which)};
    __m512i rows[8], top[4], end[4];
    transform(samples, rows);
    quantise(rows, by);
    turn(rows, top);
    turn(rows + 4, end);
#pragma GCC unroll 4
    for (unsigned i = 0; i < n; i++)
        put(top[i], end[i], to + i);
}

void
codec__forward_v4(const uint8_t *from, size_t stride, unsigned n,
                  const struct codec__divisors *divisors,
                  struct codec__forward_block *to)
{
    unsigned i = 0;
    for (; i + BLOCKS <= n; i += BLOCKS)
        blocks(from + (size_t)i * 8, stride, BLOCKS, divisors, to + i);
    if (i < n)
        blocks(from + (size_t)i * 8, stride, n - i, divisors, to + i);
}
