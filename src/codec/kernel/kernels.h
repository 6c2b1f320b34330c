/* The inner loops of PNG and JPEG, for each instruction-set level that the
 * machine may have. The plain loops run anywhere and are what the others are
 * tested against; every level gives the same bytes. */
#ifndef CODEC_KERNELS_H
#define CODEC_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forward.h"
#include "jpeg.h"
#include "pack.h"
#include "scans.h"
#include "tokens.h"

enum { CODEC__FILTERS = 5 }; /* none, sub, up, average, Paeth */

/* Readable bytes behind a raster and behind its row above, of any value. */
enum { CODEC__RASTER_PAD = 32 };

/* n rows as PNG filters them: a byte that names the filter, then row_bytes
 * bytes; row after row without gaps. */
struct codec__raster {
    uint8_t *rows;
    const uint8_t *above; /* the row over the first, unfiltered; no filter byte;
                             lies outside rows */
    size_t row_bytes;
    uint32_t n;
    unsigned px_bytes; /* 1..8: how far left the filters look */
};

/* A row to be filtered: n bytes; those of the row above it, zeroes over the
 * first row. Neither needs padding. */
struct codec__row {
    const uint8_t *at, *above;
    size_t n;
    unsigned px_bytes;
};

struct codec__kernels {
    const char *level;

    /* What the row may cost after each filter, in some eighths of a bit. */
    void (*cost)(const struct codec__row *row, uint64_t cost[CODEC__FILTERS]);

    /* The row after a filter, behind the byte that names it: n + 1 bytes. */
    void (*filter)(const struct codec__row *row, unsigned filter, uint8_t *to);

    /* Undo the filters in place. False: a filter that PNG does not know; which
     * rows were changed is then unsaid. */
    bool (*unfilter)(const struct codec__raster *raster);

    /* Compression: see pack.h. */
    size_t (*stretches)(const uint8_t *at, size_t n, uint32_t *stretch,
                        struct codec__counts *counts);
    void (*emit)(const uint8_t *at, const uint32_t *stretch, size_t n,
                 const struct codec__symbols *symbols,
                 struct codec__bits_out *out);

    /* JPEG: n blocks of coefficients; a strip of blocks to samples. */
    bool (*entropy)(struct codec__entropy *entropy, unsigned n);
    bool (*idct)(const struct codec__strip *strip);

    /* Blocks of samples to quantised coefficients: see forward.h. */
    void (*forward)(const uint8_t *from, size_t stride, unsigned n,
                    const struct codec__divisors *divisors,
                    struct codec__forward_block *to);

    /* Those to tokens, and tokens to bits: see tokens.h. */
    uint16_t *(*tokens)(struct codec__mcus *mcus, unsigned n, uint16_t *to);
    void (*spell)(const uint16_t *token, size_t n,
                  const struct codec__token_code code[2 * CODEC__SYMBOLS],
                  struct codec__pen *pen);

    /* One scan of a progressive JPEG: see scans.h. */
    int (*ac_first)(struct codec__ac_scan *scan, int16_t *places,
                    uint64_t *found, int n);
    int (*ac_refine)(struct codec__ac_scan *scan,
                     const struct codec__maps *maps, size_t at, int n);
    int (*dc_first)(struct codec__dc_scan *scan, int n);
    void (*settle)(int16_t *places, const struct codec__maps *maps, size_t at,
                   unsigned n);
};

/* The best level that this machine has. */
const struct codec__kernels *codec__kernels(void);

/* Level i = 0, 1, … that this machine has; NULL behind the last. For tests. */
const struct codec__kernels *codec__kernels_at(unsigned i);

#endif
