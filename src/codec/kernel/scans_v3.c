/* Progressive JPEG's codes to coefficients by x86-64-v3: BMI2 finds the zero
 * that a code means, and deals correction bits out, by one instruction each;
 * AVX2 adds them to sixteen coefficients at a time. */
#include "scans.h"

#include <immintrin.h>

static inline unsigned
bits_of(uint64_t bits)
{
    return (unsigned)_mm_popcnt_u64(bits);
}

/* Bit n of those that are set, counted from the lowest; 0: there are fewer. */
static inline uint64_t
nth_of(uint64_t bits, unsigned n)
{
    return _pdep_u64(UINT64_C(1) << n, bits);
}

static inline uint64_t
turned(uint64_t bits)
{
    const uint64_t fours = 0x0F0F0F0F0F0F0F0F, twos = 0x3333333333333333;
    const uint64_t ones = 0x5555555555555555;
    bits = __builtin_bswap64(bits);
    bits = (bits >> 4 & fours) | (bits & fours) << 4;
    bits = (bits >> 2 & twos) | (bits & twos) << 2;
    return (bits >> 1 & ones) | (bits & ones) << 1;
}

/* The n bits, the highest of them first, in the places that are set. */
static inline uint64_t
spread_over(uint64_t places, uint64_t bits, unsigned n)
{
    return n ? _pdep_u64(turned(bits) >> (64 - n), places) : 0;
}

#include "scans_loops.h"

int
codec__ac_first_v3(struct codec__ac_scan *scan, int16_t *places,
                   uint64_t *found, int n)
{
    return first_run(scan, places, found, n);
}

int
codec__ac_refine_v3(struct codec__ac_scan *scan, const struct codec__maps *maps,
                    size_t at, int n)
{
    return refine_run(scan, maps, at, n);
}

int
codec__dc_first_v3(struct codec__dc_scan *scan, int n)
{
    return dc_run(scan, n);
}

/* ---- settling ------------------------------------------------------------ */

/* For each place, in natural order, what the scan's number of it is. */
#define PLACES(F)                                                              \
    F(0), F(1), F(5), F(6), F(14), F(15), F(27), F(28), F(2), F(4), F(7),      \
        F(13), F(16), F(26), F(29), F(42), F(3), F(8), F(12), F(17), F(25),    \
        F(30), F(41), F(43), F(9), F(11), F(18), F(24), F(31), F(40), F(44),   \
        F(53), F(10), F(19), F(23), F(32), F(39), F(45), F(52), F(54), F(20),  \
        F(22), F(33), F(38), F(46), F(51), F(55), F(60), F(21), F(34), F(37),  \
        F(47), F(50), F(56), F(59), F(61), F(35), F(36), F(48), F(49), F(57),  \
        F(58), F(62), F(63)

enum { GROUP = 16 }; /* places in a register */

/* Which byte of a map a place's bit is in, and which of that. */
#define BYTE_OF(k) (int16_t)(0x8000 | (k) >> 3)
#define BIT_OF(k)  1 << ((k)&7)
static const _Alignas(32) int16_t bytes[CODEC__BLOCK] = {PLACES(BYTE_OF)};
static const _Alignas(32) int16_t bits[CODEC__BLOCK] = {PLACES(BIT_OF)};

/* -1 for each place of the group whose bit is set. */
ALWAYS __m256i
spread(uint64_t map, const unsigned group)
{
    __m256i byte = _mm256_load_si256((const __m256i *)bytes + group);
    __m256i bit = _mm256_load_si256((const __m256i *)bits + group);
    __m256i all = _mm256_set1_epi64x((int64_t)map);
    __m256i own = _mm256_and_si256(_mm256_shuffle_epi8(all, byte), bit);
    return _mm256_cmpeq_epi16(own, bit);
}

/* Sixteen places at a time: the bits that were given make a number, which is
 * added away from 0. */
ALWAYS void
settle_block(int16_t *place, const struct codec__maps *maps, size_t at,
             const unsigned n_more)
{
    for (unsigned group = 0; group < CODEC__BLOCK / GROUP; group++) {
        __m256i *to = (__m256i *)(void *)place + group;
        __m256i v = _mm256_load_si256(to), less = _mm256_setzero_si256();
        __m256i below = spread(maps->minus[at], group);
        for (unsigned low = n_more; low--;)
            less = _mm256_add_epi16(_mm256_add_epi16(less, less),
                                    spread(maps->more[low][at], group));
        below = _mm256_or_si256(below, _mm256_srai_epi16(v, 15));
        less = _mm256_sub_epi16(_mm256_xor_si256(less, below), below);
        _mm256_store_si256(to, _mm256_sub_epi16(v, less));
    }
}

ALWAYS void
settle_run(int16_t *places, const struct codec__maps *maps, size_t at,
           unsigned n, const unsigned n_more)
{
    for (size_t end = at + n; at < end; at++, places += CODEC__PLACE) {
        uint64_t found = maps->found[at];
        places[CODEC__PASSED] = passed_of(found);
        if (!found)
            continue;
        settle_block(places, maps, at, n_more);
        clear_maps(maps, at);
    }
}

/* Most pictures have two bits to refine, or one. */
void
codec__settle_v3(int16_t *places, const struct codec__maps *maps, size_t at,
                 unsigned n)
{
    if (maps->n_more == 1)
        settle_run(places, maps, at, n, 1);
    else if (maps->n_more == 2)
        settle_run(places, maps, at, n, 2);
    else
        settle_run(places, maps, at, n, maps->n_more);
}
