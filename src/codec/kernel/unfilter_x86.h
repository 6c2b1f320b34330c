/* What a wave of unfiltering does with px in x86-64's registers, four rows in
 * each 128 bits: unfilter_waves.h says how, and comes behind.
 *
 * A level says before what its register is: WIDE, W(name) for the instruction
 * of that width, ZERO, LANES(x) for x in each half, HALVES, FIRST(v) and
 * SECOND(v) of them, BOTH(a, b) the other way round, and UP(v, n) for v moved
 * up by n bytes in each half. */
#ifndef CODEC_KERNEL_UNFILTER_X86_H
#define CODEC_KERNEL_UNFILTER_X86_H

#include "part.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Four px side by side to one a lane, and back. */
PART WIDE
spread(const unsigned px)
{
    if (px == 3)
        return LANES(_mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10,
                                   11, -1));
    if (px == 2)
        return LANES(_mm_setr_epi8(0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6,
                                   7, -1, -1));
    return LANES(_mm_setr_epi8(0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3,
                               -1, -1, -1));
}

PART WIDE
gather(const unsigned px)
{
    if (px == 3)
        return LANES(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1,
                                   -1, -1, -1));
    if (px == 2)
        return LANES(_mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1,
                                   -1, -1, -1));
    return LANES(_mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                               -1, -1, -1));
}

PART __m128i
load_half(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

PART WIDE
load(const uint8_t *low, const uint8_t *high, const unsigned px)
{
    WIDE v = BOTH(load_half(low), load_half(high));
    (void)high;
    return px == 4 ? v : W(shuffle_epi8)(v, spread(px));
}

PART void
store_word(uint8_t *at, int v)
{
    memcpy(at, &v, sizeof v);
}

PART void
store_half(uint8_t *at, __m128i v, const unsigned px)
{
    if (px == 4)
        _mm_storeu_si128((__m128i *)(void *)at, v);
    else if (px > 1)
        _mm_storel_epi64((__m128i *)(void *)at, v);
    if (px == 3)
        store_word(at + 8, _mm_extract_epi32(v, 2));
    if (px == 1)
        store_word(at, _mm_cvtsi128_si32(v));
}

PART void
store(uint8_t *low, uint8_t *high, WIDE v, const unsigned px)
{
    if (px < 4)
        v = W(shuffle_epi8)(v, gather(px));
    store_half(low, FIRST(v), px);
    if (HALVES > 1)
        store_half(high, SECOND(v), px);
}

/* In each half for itself. */
PART void
transpose(WIDE v[4])
{
    WIDE ab_low = W(unpacklo_epi32)(v[0], v[1]);
    WIDE cd_low = W(unpacklo_epi32)(v[2], v[3]);
    WIDE ab_high = W(unpackhi_epi32)(v[0], v[1]);
    WIDE cd_high = W(unpackhi_epi32)(v[2], v[3]);
    v[0] = W(unpacklo_epi64)(ab_low, cd_low);
    v[1] = W(unpackhi_epi64)(ab_low, cd_low);
    v[2] = W(unpacklo_epi64)(ab_high, cd_high);
    v[3] = W(unpackhi_epi64)(ab_high, cd_high);
}

/* v and Paeth's guess, said otherwise than paeth.h does: of left and above the
 * one that is farther from the corner, if it is at least twice as far as the
 * other; else the corner. They lie on two sides of it; who is on the wrong side
 * is, by saturation, not far at all. */
PART WIDE
add_paeth(WIDE v, WIDE left, WIDE above, WIDE corner)
{
    WIDE low = W(min_epu8)(left, above), high = W(max_epu8)(left, above);
    WIDE down = W(subs_epu8)(corner, low), up = W(subs_epu8)(high, corner);
    WIDE is_high =
        W(cmpeq_epi8)(W(subs_epu8)(W(adds_epu8)(down, down), up), ZERO);
    WIDE is_low = W(cmpeq_epi8)(W(subs_epu8)(W(adds_epu8)(up, up), down), ZERO);
    WIDE px = W(add_epi8)(v, corner);
    px = W(add_epi8)(px, up & is_high);
    return W(sub_epi8)(px, down & is_low);
}

/* Rounded down; the instruction rounds up. */
PART WIDE
average(WIDE a, WIDE b)
{
    WIDE odd = (a ^ b) & W(set1_epi8)(1);
    return W(sub_epi8)(W(avg_epu8)(a, b), odd);
}

PART WIDE
plus(WIDE a, WIDE b)
{
    return W(add_epi8)(a, b);
}

/* Of each byte the second, where the mask is set. */
PART WIDE
pick(WIDE first, WIDE second, WIDE mask)
{
    return W(blendv_epi8)(first, second, mask);
}

#define ABOVE(left, top, i) W(alignr_epi8)(left, UP(top, 12 - 4 * (i)), 12)
#define JOIN(a, b)          BOTH(FIRST(a), FIRST(b))

#include "unfilter_waves.h"

#endif
