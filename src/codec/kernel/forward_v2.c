/* Forward DCTs by x86-64-v2, a block at a time: SSSE3 has instructions for
 * bytes in any order and for pairs of them. */
#include <smmintrin.h>

#include "forward.h"
#include "part.h"

#define WIDE       __m128i
#define W(name)    _mm_##name
#define ZERO       _mm_setzero_si128()
#define BYTES(...) _mm_setr_epi8(__VA_ARGS__)
#define PICK(a, b, which)                                                      \
    _mm_castps_si128(                                                          \
        _mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), which))

enum { BLOCKS = 1 };

ALWAYS __m128i
load(const uint8_t *a, const uint8_t *b, unsigned n)
{
    const void *at_a = a, *at_b = b;
    (void)n;
    return _mm_unpacklo_epi64(_mm_loadl_epi64(at_a), _mm_loadl_epi64(at_b));
}

ALWAYS void
put(struct codec__forward_block *to, unsigned k, __m128i v, unsigned n)
{
    (void)n;
    _mm_store_si128((__m128i *)(void *)(to->zigzag + k), v);
}

ALWAYS void
put_set(struct codec__forward_block *to, const __m128i is_0[4], unsigned n)
{
    uint64_t bits = 0;
    (void)n;
    for (unsigned i = 0; i < 4; i++)
        bits |= (uint64_t)_mm_movemask_epi8(is_0[i]) << (i * 16);
    to->set = ~bits;
}

#include "forward_strips.h"

void
codec__forward_v2(const uint8_t *from, size_t stride, unsigned n,
                  const struct codec__divisors *divisors,
                  struct codec__forward_block *to)
{
    forward_run(from, stride, n, divisors, to);
}
