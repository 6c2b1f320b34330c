/* PNG's filters and what they cost, sixteen bytes at once, in vectors of the
 * compiler's: filter_loops.h has the loops. What a byte costs is looked up in a
 * vector by the instruction that arm64 and x86-64-v2 have for that, and for
 * which compilers have no common name; elsewhere byte by byte. */
#ifndef CODEC_KERNEL_FILTER_LANES_H
#define CODEC_KERNEL_FILTER_LANES_H

#include "filter.h"
#include "guess.h"

enum { LANES = 16 };

ALWAYS vec
minus(vec a, vec b)
{
    return a - b;
}

/* How far from 0. */
ALWAYS vec
far_of(vec v)
{
    vec other = -v;
    sort(&v, &other);
    return v;
}

/* index: below 16 each. */
#if defined __ARM_NEON

#include <arm_neon.h>

#define LOOKS_UP 1

ALWAYS vec
look_up(vec table, vec index)
{
    return vqtbl1q_u8(table, index);
}

#elif defined __SSSE3__

#include <tmmintrin.h>

#define LOOKS_UP 1

ALWAYS vec
look_up(vec table, vec index)
{
    return (vec)_mm_shuffle_epi8((__m128i)table, (__m128i)index);
}

#else

#define LOOKS_UP 0

#endif

#if LOOKS_UP

/* Of pairs of bytes, which cost 2 * 62 at most. */
typedef uint16_t costs __attribute__((vector_size(16)));

enum { STEPS = UINT16_MAX / 124 };

ALWAYS void
add_cost(costs *sum, vec v)
{
    const vec small = {CODEC__COST_SMALL}, large = {CODEC__COST_LARGE};
    vec far = far_of(v), sixteens = far >> 4;
    vec of_small = look_up(small, far & 15) & (vec)(sixteens == 0);
    costs cost = (costs)(of_small | look_up(large, sixteens));
    *sum += (cost & UINT8_MAX) + (cost >> 8);
}

ALWAYS uint64_t
total(costs sum)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < sizeof sum / sizeof sum[0]; i++)
        all += sum[i];
    return all;
}

#else

typedef uint64_t costs;

enum { STEPS = 1 << 20 };

ALWAYS void
add_cost(costs *sum, vec v)
{
    static const uint8_t small[] = {CODEC__COST_SMALL};
    static const uint8_t large[] = {CODEC__COST_LARGE};
    uint8_t far[LANES];
    v = far_of(v);
    memcpy(far, &v, sizeof v);
    for (unsigned i = 0; i < LANES; i++)
        *sum += far[i] < 16 ? small[far[i]] : large[far[i] / 16];
}

ALWAYS uint64_t
total(costs sum)
{
    return sum;
}

#endif

#include "filter_loops.h"

#endif
