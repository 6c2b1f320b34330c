/* Progressive JPEG's codes to coefficients, DCs to samples, for any machine. */
#include "scans.h"

static inline unsigned
bits_of(uint64_t bits)
{
    const uint64_t fours = 0x0F0F0F0F0F0F0F0F, twos = 0x3333333333333333;
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & twos) + (bits >> 2 & twos);
    return (unsigned)(((bits + (bits >> 4)) & fours) * 0x0101010101010101 >>
                      56);
}

/* Bit n of those that are set, counted from the lowest; 0: there are fewer. */
static inline uint64_t
nth_of(uint64_t bits, unsigned n)
{
    for (; n; n--)
        bits &= bits - 1;
    return bits & -bits;
}

/* The n bits, the highest of them first, in the places that are set. */
static inline uint64_t
spread_over(uint64_t places, uint64_t bits, unsigned n)
{
    uint64_t spread = 0;
    for (bits = n ? bits << (64 - n) : 0; bits; bits <<= 1) {
        spread |= places & -places & -(bits >> 63);
        places &= places - 1;
    }
    return spread;
}

#include "scans_loops.h"

int
codec__ac_first_base(struct codec__ac_scan *scan, int16_t *places,
                     uint64_t *found, int n)
{
    return first_run(scan, places, found, n);
}

int
codec__ac_refine_base(struct codec__ac_scan *scan,
                      const struct codec__maps *maps, size_t at, int n)
{
    return refine_run(scan, maps, at, n);
}

/* `one` more, away from 0, for each coefficient that is set; those that are 0
 * go below it where minus is set. */
static void
add_bits(int16_t *place, uint64_t set, uint64_t minus, int16_t one)
{
    for (; set; set &= set - 1) {
        unsigned k = (unsigned)__builtin_ctzll(set);
        int16_t *at = place + codec__zigzag[k];
        bool below = *at < 0 || (minus >> k & 1);
        *at = (int16_t)(*at + (below ? -one : one));
    }
}

void
codec__settle_base(int16_t *places, const struct codec__maps *maps, size_t at,
                   unsigned n)
{
    for (size_t end = at + n; at < end; at++, places += CODEC__PLACE) {
        for (unsigned low = 0; low < maps->n_more; low++)
            add_bits(places, maps->more[low][at], maps->minus[at],
                     (int16_t)(1 << low));
        places[CODEC__PASSED] = passed_of(maps->found[at]);
        clear_maps(maps, at);
    }
}

int
codec__dc_first_base(struct codec__dc_scan *scan, int n)
{
    return dc_run(scan, n);
}

/* A bit a block: no level does better. */
int
codec__dc_refine(struct codec__dc_scan *scan, int n)
{
    struct codec__bits bits = scan->in.bits;
    int i = 0;
    for (; i < n && bits.p <= scan->in.limit; i++) {
        refill(&bits);
        for (unsigned j = 0; j < scan->n_blocks; j++) {
            struct codec__dc_block *block = &scan->block[j];
            *block->to |= (int16_t)(take(&bits, 1) << scan->low);
            block->to += block->next;
        }
    }
    scan->in.bits = bits;
    return i;
}

/* Values beyond all samples wrap as libjpeg's do, at 10 bits. */
bool
codec__dc_samples(const int16_t *restrict dcs, size_t n,
                  const struct codec__quant *quant, uint8_t *restrict to)
{
    const int16_t step = quant->step[0][0];
    int over = 0;
    for (size_t i = 0; i < n; i++) {
        int value = dcs[i] * step;
        int v = (int)((uint32_t)((value + 4) >> 3) << 22) >> 22;
        v = v < 127 ? v : 127;
        v = v > -128 ? v : -128;
        over |= (value >= CODEC__VALUE_END) | (value <= -CODEC__VALUE_END);
        to[i] = (uint8_t)(v + 128);
    }
    return !over;
}
