/* RGB to YCC at 8 bits, by the instruction that multiplies pairs of 16-bit
 * numbers and adds both products.
 *
 * The weights are those of convert_ycc.h, cut to fit 16 bits with a sign: green
 * counts for the luma as 22086 beside red and as 16384 beside blue; the blue
 * chroma's weights are all even and stand here halved, its sum having one bit
 * less; the red chroma's 32768 is a shift. Each sum is the plain one, so each
 * sample is too. 16 samples at a time; what is left at the end of a row is done
 * with samples before it once more, and short rows go the plain way. */
#define SAMPLE uint8_t
#define NAME   ycc_of_few
#include "convert_ycc.h"

#include <immintrin.h>

enum { STEP = 16, MIDDLE = 128 };

static inline __m256i
load(const void *row, uint32_t x)
{
    const uint8_t *at = (const uint8_t *)row + x;
    return _mm256_cvtepu8_epi16(
        _mm_loadu_si128((const __m128i *)(const void *)at));
}

/* 16 samples of 16 bits, none above 255 after this. */
static inline void
store(void *row, uint32_t x, __m256i words)
{
    uint8_t *at = (uint8_t *)row + x;
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words),
                                     _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)(void *)at, bytes);
}

static inline __m256i
weights(int first, int second)
{
    return _mm256_set1_epi32(
        (int)((uint32_t)second << 16 | ((uint32_t)first & 0xFFFF)));
}

/* Half of the 16 samples, as pairs; the results have 32 bits. */
struct half {
    __m256i rg, bg;
    __m256i red; /* times 65536 */
};

static inline __m256i
luma(const struct half *half)
{
    __m256i sum = _mm256_madd_epi16(half->rg, weights(19595, 22086));
    __m256i more = _mm256_madd_epi16(half->bg, weights(7471, 16384));
    sum = _mm256_add_epi32(sum, _mm256_set1_epi32(32768));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, more), 16);
}

static inline __m256i
blueness(const struct half *half)
{
    __m256i sum = _mm256_madd_epi16(half->rg, weights(-5529, -10855));
    __m256i more = _mm256_madd_epi16(half->bg, weights(16384, 0));
    sum = _mm256_add_epi32(sum, _mm256_set1_epi32((MIDDLE << 15) + 16383));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, more), 15);
}

static inline __m256i
redness(const struct half *half)
{
    __m256i sum = _mm256_madd_epi16(half->bg, weights(-5329, -27439));
    __m256i more = _mm256_srli_epi32(half->red, 1);
    sum = _mm256_add_epi32(sum, _mm256_set1_epi32((MIDDLE << 16) + 32767));
    return _mm256_srli_epi32(_mm256_add_epi32(sum, more), 16);
}

static inline void
convert(const struct op__rows *rows, uint32_t x)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i r = load(rows->from[0], x), g = load(rows->from[1], x);
    __m256i b = load(rows->from[2], x);
    struct half low = {_mm256_unpacklo_epi16(r, g), _mm256_unpacklo_epi16(b, g),
                       _mm256_unpacklo_epi16(zero, r)};
    struct half high = {_mm256_unpackhi_epi16(r, g),
                        _mm256_unpackhi_epi16(b, g),
                        _mm256_unpackhi_epi16(zero, r)};
    store(rows->to[0], x, _mm256_packus_epi32(luma(&low), luma(&high)));
    store(rows->to[1], x, _mm256_packus_epi32(blueness(&low), blueness(&high)));
    store(rows->to[2], x, _mm256_packus_epi32(redness(&low), redness(&high)));
}

void
op__ycc_of_rgb_8_v3(const struct op__rows *given)
{
    const struct op__rows rows = *given;
    if (rows.n < STEP || rows.level != MIDDLE) {
        ycc_of_few(given);
        return;
    }
    for (uint32_t x = 0; x + STEP <= rows.n; x += STEP)
        convert(&rows, x);
    convert(&rows, rows.n - STEP);
}
