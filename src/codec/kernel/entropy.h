/* Huffman codes to coefficients: the loop, compiled once for each level.
 *
 * The stream is one chain: a lookup says how many bits it used, and only then
 * can the next begin. All else runs beside that chain, so nothing in it may be
 * a branch that is hard to foresee. An end of a block, which is a coin toss,
 * masks three moves: to the next block's place, to its node, to its tables.
 *
 * Memory: a lookup passes at least one coefficient and uses at most 27 bits,
 * so a block ends within CODEC__BLOCK_BYTES or is refused. */
#ifndef CODEC_KERNEL_ENTROPY_H
#define CODEC_KERNEL_ENTROPY_H

#include "jpeg.h"

#include <endian.h>
#include <string.h>

enum { LOOK_UP = 64 - CODEC__CODE_BITS };

/* Where the loop stands. */
struct place {
    struct codec__bits bits;
    const struct codec__node *node;
    const struct codec__code *codes;
    unsigned k; /* coefficients passed in this block */
    size_t at;  /* of the block */
};

/* At least 56 bits at hand. */
static inline void
refill(struct codec__bits *bits)
{
    uint64_t next;
    memcpy(&next, bits->p, sizeof next);
    bits->at_hand |= be64toh(next) >> (bits->left & 63);
    bits->p += (~bits->left >> 3) & 7;
    bits->left |= 56;
}

static inline void
drop(struct codec__bits *bits, unsigned n)
{
    bits->at_hand <<= n;
    bits->left -= n;
}

/* length << 8 | symbol; 0: a code that is none. */
static unsigned
one_code(const struct codec__huffman *huffman, unsigned next16)
{
    unsigned found = huffman->single[next16 >> (16 - CODEC__CODE_BITS)];
    for (unsigned n = CODEC__CODE_BITS + 1; !found && n <= 16; n++) {
        int32_t code = (int32_t)(next16 >> (16 - n));
        if (code <= huffman->most[n])
            found = n << 8 | huffman->symbol[huffman->first[n] + code];
    }
    return found;
}

static int16_t
take_value(struct codec__bits *bits, unsigned size)
{
    if (!size)
        return 0;
    int value = (int)(bits->at_hand >> (64 - size));
    drop(bits, size);
    return (int16_t)(value >> (size - 1) ? value : value + 1 - (1 << size));
}

static void
next_block(struct place *place)
{
    place->codes = place->node->ac + place->node->to_dc;
    place->node += place->node->step;
    place->at += CODEC__BLOCK;
    place->k = 0;
}

/* One code by itself: what is too long for the lookup, or ends its block by
 * being the last coefficient. The bits were refilled. */
static __attribute__((noinline)) bool
rare(const struct codec__entropy *entropy, struct place *place)
{
    const struct codec__node *node = place->node;
    bool is_ac = place->k;
    unsigned found = one_code(is_ac ? node->ac_codes : node->dc_codes,
                              (unsigned)(place->bits.at_hand >> 48));
    unsigned size = found & 15, run = is_ac ? found >> 4 & 15 : 0;
    if (!found)
        return false;
    drop(&place->bits, found >> 8);
    bool ends = is_ac && !size && run != 15;
    if (!ends) {
        place->k += run;
        if (place->k >= CODEC__BLOCK)
            return false;
        entropy->block[place->at + codec__zigzag[place->k++]] =
            take_value(&place->bits, size);
        entropy->passed[place->at] = (uint8_t)place->k;
    }
    place->codes = node->ac;
    if (ends || place->k == CODEC__BLOCK)
        next_block(place);
    return true;
}

static inline __attribute__((always_inline)) bool
entropy_run(struct codec__entropy *entropy, unsigned n)
{
    const size_t end = (size_t)n * CODEC__BLOCK;
    int16_t *const block = entropy->block;
    uint8_t *const passed = entropy->passed;
    struct place place = {entropy->bits, entropy->ring, entropy->dc, 0, 0};
    refill(&place.bits);
    while (place.at < end) {
        const struct codec__code *code =
            place.codes + (place.bits.at_hand >> LOOK_UP);
        const struct codec__node *node = place.node;
        const int used = code->drop;
        const ptrdiff_t ends = used >> 7;
        refill(&place.bits);
        const unsigned step = code->passed, k = place.k + step;
        if (__builtin_expect(k >= CODEC__BLOCK, 0)) {
            if (!rare(entropy, &place))
                return false;
            continue;
        }
        const uint8_t *order = codec__zigzag + place.k;
        block[place.at + order[(ptrdiff_t)step - 1]] = code->v2;
        block[place.at + order[code->run]] =
            (int16_t)((int64_t)(place.bits.at_hand >> (code->shift & 63)) +
                      code->v1);
        passed[place.at] = (uint8_t)k;
        place.bits.at_hand <<= used & 63;
        place.bits.left -= (unsigned)used;
        place.at += (size_t)(ends & CODEC__BLOCK);
        place.codes = node->ac + (node->to_dc & ends);
        place.node = node + (node->step & ends);
        place.k = k & ~(unsigned)ends;
    }
    place.bits.left &= 63;
    entropy->bits = place.bits;
    return true;
}

#endif
