/* The weighted sum of rows of 8-bit pictures, by the instruction that
 * multiplies pairs of 16-bit samples and adds both products.
 *
 *     rows k, 2 reach - k ──add──► p ──┐
 *                                      interleave ──► multiply, add ──► sums
 *     the next two rows   ──add──► q ──┘
 *
 * 64 samples at a time, all rows for them, so that the sums stay in registers.
 * Interleaving leaves each sum in the lane from which packing takes it back.
 * What is left at the end of a row is done with samples before it once more;
 * rows shorter than that go the plain way. */
#include "blur.h"

#include <immintrin.h>

#define NAME   weigh_few
#define SAMPLE uint16_t
#define SUM    uint32_t
#include "blur_weigh.h"

enum { LANES = 16, VECTORS = 4, STEP = LANES * VECTORS };

struct sums {
    __m256i low[VECTORS], high[VECTORS];
};

static inline __m256i
load(const uint16_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* Two of 15 bits, one for each sample of a pair. */
static inline __m256i
weights_of(uint32_t first, uint32_t second)
{
    return _mm256_set1_epi32((int)(second << 16 | first));
}

static inline void
add(struct sums *sums, unsigned v, __m256i first, __m256i second,
    __m256i weights)
{
    __m256i low = _mm256_unpacklo_epi16(first, second);
    __m256i high = _mm256_unpackhi_epi16(first, second);
    low = _mm256_madd_epi16(low, weights);
    high = _mm256_madd_epi16(high, weights);
    sums->low[v] = _mm256_add_epi32(sums->low[v], low);
    sums->high[v] = _mm256_add_epi32(sums->high[v], high);
}

static inline __m256i
both(const uint16_t *a, const uint16_t *b)
{
    return _mm256_add_epi16(load(a), load(b));
}

/* STEP samples from x on. */
static inline void
weigh_step(const struct op__weigh *weigh, uint16_t *to, size_t x)
{
    const uint16_t *const *row = (const uint16_t *const *)weigh->rows;
    const uint16_t *const *twin = row + 2 * (size_t)weigh->reach;
    const uint16_t *own = row[weigh->reach] + x;
    const uint32_t *weight = weigh->weights;
    const __m128i shift = _mm_cvtsi32_si128((int)weigh->shift);
    const __m256i half = _mm256_set1_epi32(1 << (weigh->shift - 1));
    struct sums sums;
    for (unsigned v = 0; v < VECTORS; v++)
        sums.low[v] = sums.high[v] = half;
    for (; twin - row >= 4; row += 2, twin -= 2, weight += 2) {
        const uint16_t *a = row[0] + x, *b = twin[0] + x;
        const uint16_t *c = row[1] + x, *d = twin[-1] + x;
        __m256i pair = weights_of(weight[0], weight[1]);
        for (unsigned v = 0; v < VECTORS; v++, a += LANES, b += LANES)
            add(&sums, v, both(a, b), both(c + v * LANES, d + v * LANES), pair);
    }
    bool one = row < twin;
    const uint16_t *a = *row + x, *b = *twin + x;
    __m256i last = weights_of(one ? weight[0] : 0, weight[one]);
    for (unsigned v = 0; v < VECTORS; v++, a += LANES, b += LANES)
        add(&sums, v, both(a, b), load(own + v * LANES), last);
    for (unsigned v = 0; v < VECTORS; v++) {
        __m256i low = _mm256_srl_epi32(sums.low[v], shift);
        __m256i high = _mm256_srl_epi32(sums.high[v], shift);
        _mm256_storeu_si256((__m256i *)(void *)(to + x + v * LANES),
                            _mm256_packus_epi32(low, high));
    }
}

void
op__blur_weigh_8_v3(const struct op__weigh *weigh, void *to, uint32_t n)
{
    if (n < STEP) {
        weigh_few(weigh, to, n);
        return;
    }
    for (uint32_t x = 0; x + STEP <= n; x += STEP)
        weigh_step(weigh, to, x);
    weigh_step(weigh, to, n - STEP);
}
