/* Bytes to deflate's symbols and these to bits: what the levels share.
 *
 * Of all that deflate could refer to, only the byte before is looked at: a run
 * of it is packed as one match of distance 1, all else as literals. Stretches
 * say where: some literals, then a run. */
#ifndef CODEC_KERNEL_PACK_H
#define CODEC_KERNEL_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Shorter runs pack better as literals, and the pictures of JPEGs whose colour
 * has half the resolution have many of 5. */
enum { CODEC__RUN_LEAST = 5, CODEC__RUN_MOST = 258, CODEC__RUN_SHORT = 3 };

/* Of a block, so that positions are small and codes fit what is near. */
enum { CODEC__PACK_MOST = 128 << 10 };

/* Each ends in a run, and what is before a run is no part of it. */
enum { CODEC__STRETCHES = CODEC__PACK_MOST / (CODEC__RUN_LEAST + 1) + 2 };

/* literals << CODEC__RUN_BITS | run; the run of the last may be 0 */
enum { CODEC__RUN_BITS = 9 };

/* How often each literal, and each length of a run. */
struct codec__counts {
    uint32_t literal[256];
    uint32_t run[CODEC__RUN_MOST + 1];
};

/* n bits, of which the lowest comes first. As wide as what it is added to. */
struct codec__symbol {
    uint64_t bits, n;
};

/* Literals have 14 bits at most, runs 20. */
struct codec__symbols {
    struct codec__symbol literal[256];
    struct codec__symbol run[CODEC__RUN_MOST + 1];
};

/* Bits on their way out, the lowest first. */
struct codec__bits_out {
    uint8_t *at;   /* 8 bytes behind all that is put are writable */
    uint64_t held; /* those not yet stored, */
    uint64_t n;    /* of this number: fewer than 8 between calls */
};

/* The stretches of a block of 1 to CODEC__PACK_MOST bytes; counts are set. How
 * many. */
size_t codec__stretches_base(const uint8_t *at, size_t n, uint32_t *stretch,
                             struct codec__counts *counts);
size_t codec__stretches_lanes(const uint8_t *at, size_t n, uint32_t *stretch,
                              struct codec__counts *counts);
size_t codec__stretches_v3(const uint8_t *at, size_t n, uint32_t *stretch,
                           struct codec__counts *counts);

/* n stretches of the bytes at `at`. */
void codec__emit_base(const uint8_t *at, const uint32_t *stretch, size_t n,
                      const struct codec__symbols *symbols,
                      struct codec__bits_out *out);
void codec__emit_v3(const uint8_t *at, const uint32_t *stretch, size_t n,
                    const struct codec__symbols *symbols,
                    struct codec__bits_out *out);

#endif
