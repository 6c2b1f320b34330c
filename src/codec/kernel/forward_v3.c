/* Forward DCTs by x86-64-v3, two blocks side by side, one in each half of a
 * register. */
#include <immintrin.h>

#include "forward.h"
#include "part.h"

#define WIDE       __m256i
#define W(name)    _mm256_##name
#define ZERO       _mm256_setzero_si256()
#define BYTES(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define PICK(a, b, which)                                                      \
    _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),              \
                                          _mm256_castsi256_ps(b), which))

enum { BLOCKS = 2 };

ALWAYS __m256i
load(const uint8_t *a, const uint8_t *b, const unsigned n)
{
    const void *at_a = a, *at_b = b;
    if (n == 1)
        return _mm256_broadcastsi128_si256(
            _mm_unpacklo_epi64(_mm_loadl_epi64(at_a), _mm_loadl_epi64(at_b)));
    __m256i v =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(at_a)),
                                _mm_loadu_si128(at_b), 1);
    return _mm256_permute4x64_epi64(v, 0xD8);
}

ALWAYS void
put(struct codec__forward_block *to, unsigned k, __m256i v, const unsigned n)
{
    _mm_store_si128((__m128i *)(void *)(to[0].zigzag + k),
                    _mm256_castsi256_si128(v));
    if (n > 1)
        _mm_store_si128((__m128i *)(void *)(to[1].zigzag + k),
                        _mm256_extracti128_si256(v, 1));
}

/* Bits of bytes. */
ALWAYS uint64_t
bits(__m256i low, __m256i high)
{
    uint64_t upper = (uint32_t)_mm256_movemask_epi8(high);
    return (uint32_t)_mm256_movemask_epi8(low) | upper << 32;
}

ALWAYS void
put_set(struct codec__forward_block *to, const __m256i is_0[4],
        const unsigned n)
{
    to[0].set = ~bits(_mm256_permute2x128_si256(is_0[0], is_0[1], 0x20),
                      _mm256_permute2x128_si256(is_0[2], is_0[3], 0x20));
    if (n > 1)
        to[1].set = ~bits(_mm256_permute2x128_si256(is_0[0], is_0[1], 0x31),
                          _mm256_permute2x128_si256(is_0[2], is_0[3], 0x31));
}

#include "forward_strips.h"

void
codec__forward_v3(const uint8_t *from, size_t stride, unsigned n,
                  const struct codec__divisors *divisors,
                  struct codec__forward_block *to)
{
    forward_run(from, stride, n, divisors, to);
}
