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

/* `one` more, away from 0, for each coefficient that is set; those that are 0
 * go below it where minus is set. */
static inline void
correct(int16_t *coefs, uint64_t set, uint64_t minus, int16_t one)
{
    const __m256i bit =
        _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048,
                          4096, 8192, 16384, INT16_MIN);
    const __m256i ones = _mm256_set1_epi16(one);
    for (unsigned i = 0; i < CODEC__BLOCK / 16; i++, set >>= 16, minus >>= 16) {
        __m256i *at = (__m256i *)(void *)coefs + i, v = _mm256_load_si256(at);
        __m256i is = _mm256_set1_epi16((int16_t)set);
        __m256i below = _mm256_set1_epi16((int16_t)minus);
        is = _mm256_cmpeq_epi16(_mm256_and_si256(is, bit), bit);
        below = _mm256_cmpeq_epi16(_mm256_and_si256(below, bit), bit);
        below = _mm256_or_si256(below, _mm256_srai_epi16(v, 15));
        __m256i step = _mm256_sub_epi16(_mm256_xor_si256(ones, below), below);
        _mm256_store_si256(at, _mm256_add_epi16(v, _mm256_and_si256(is, step)));
    }
}

#include "scans_loops.h"

int
codec__ac_first_v3(struct codec__ac_scan *scan, int16_t *coefs, uint64_t *found,
                   int n)
{
    return first_run(scan, coefs, found, n);
}

int
codec__ac_refine_v3(struct codec__ac_scan *scan, int16_t *coefs,
                    uint64_t *found, int n)
{
    return refine_run(scan, coefs, found, n);
}

int
codec__dc_first_v3(struct codec__dc_scan *scan, int n)
{
    return dc_run(scan, n);
}
