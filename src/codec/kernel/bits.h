/* Bits and codes of a JPEG's scan, as all loops over scans take them. */
#ifndef CODEC_KERNEL_BITS_H
#define CODEC_KERNEL_BITS_H

#include "jpeg.h"

#include <endian.h>
#include <string.h>

enum { LOOK_UP = 64 - CODEC__CODE_BITS };

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
static inline unsigned
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

static inline int16_t
take_value(struct codec__bits *bits, unsigned size)
{
    if (!size)
        return 0;
    int value = (int)(bits->at_hand >> (64 - size));
    drop(bits, size);
    return (int16_t)(value >> (size - 1) ? value : value + 1 - (1 << size));
}

#endif
