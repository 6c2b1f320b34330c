/* Codes for a block of deflate: lengths that fit how often each symbol occurs,
 * the codes themselves, and the block's head that tells them. */
#ifndef CODEC_PACK_CODES_H
#define CODEC_PACK_CODES_H

#include "codec/kernel/pack.h"

#include <stdbool.h>

enum { PACK_SYMBOLS = 286, PACK_END = 256, PACK_LENGTHS = 19 };

/* A head's parts: symbols of the third alphabet, with their extra bits. */
enum { PACK_HEAD_MOST = PACK_SYMBOLS + 2 };

struct codec__codes {
    struct codec__symbols symbols;
    struct codec__symbol end;
    struct codec__head {
        struct codec__symbol part[PACK_LENGTHS + PACK_HEAD_MOST + 3];
        unsigned n;
    } head;
    uint64_t bits; /* of the whole block: head, symbols, end */
};

/* The best codes for a block of these counts, of no code longer than the
 * loops allow. */
void codec__codes_fit(const struct codec__counts *counts,
                      struct codec__codes *codes);

#endif
