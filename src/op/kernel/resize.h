/* Row loops of the resizer, and the tables that they read. In the middle,
 * between the two passes, samples are centred on 0. */
#ifndef OP_KERNEL_RESIZE_H
#define OP_KERNEL_RESIZE_H

#include <stddef.h>
#include <stdint.h>

enum {
    OP__BLOCK_ROWS = 16,  /* output rows made at once */
    OP__BLOCK_TAPS = 32,  /* most taps of a block, down the picture */
    OP__NARROW_BITS = 14, /* of a block's 8-bit weights */
    OP__WIDE_BITS = 22,   /* of 32-bit weights */
    OP__MIDDLE_BITS = 14, /* below the point, of what the row loops give */
    OP__SUM_BITS = OP__MIDDLE_BITS + OP__WIDE_BITS,
    OP__TAPS_AT_ONCE = 16, /* k of a table for rows is a multiple of it */
    OP__ROWS_AT_ONCE = 4
};

/* The weights of one axis: output j is the sum over t of sample first[j] + t
 * with weight j * k + t. Weights of one output add up to 1 << bits; one of
 * narrow and wide is NULL. Some of the last of the k taps may weigh nothing and
 * lie beyond the samples. */
struct op__taps {
    uint32_t n, k;
    unsigned bits;
    const uint32_t *first;
    const int16_t *narrow;
    const int32_t *wide;
};

/* Up to 16 output rows from the source rows that they depend on. */
struct op__block {
    const struct op__taps *x;
    uint32_t span; /* samples of each source row */
    uint32_t k;    /* taps down the picture: even, at most OP__BLOCK_TAPS */
    uint32_t n;    /* output rows */
    const void *rows[OP__BLOCK_ROWS][OP__BLOCK_TAPS]; /* 64 bytes behind each
                                                         are readable */
    const void *weights[OP__BLOCK_ROWS]; /* k each, narrow or wide as x's */
    void *tall; /* span + x->k + 16 columns of 16 middle samples: int16_t for 8
                   bits, int32_t for 16 */
    void *to;   /* output row 0 */
    size_t to_stride_bytes;
};

/* Rows to go across, so that a weight is read once for all of them. Who has
 * fewer gives one again. */
struct op__across {
    const struct op__taps *x;
    uint32_t span; /* samples of each row */
    const void *from[OP__ROWS_AT_ONCE];
    void *work[OP__ROWS_AT_ONCE];  /* span + x->k zeroed int16_t, each its own;
                                      of 16 bits int32_t, for all the same. Only
                                      the first span are written */
    int32_t *to[OP__ROWS_AT_ONCE]; /* x->n middle samples, and room for up to a
                                      multiple of OP__ROWS_AT_ONCE */
};

/* [0]: 8-bit samples, [1]: 16-bit. */
struct op__resize_kernels {
    void (*block[2])(const struct op__block *block);
    void (*across[2])(const struct op__across *across);
    /* sum[i] += what each row has at i, times its weight; sums to samples. */
    void (*add)(int64_t *sum, int32_t *const row[OP__ROWS_AT_ONCE],
                const int32_t weight[OP__ROWS_AT_ONCE], uint32_t n);
    void (*settle[2])(void *to, const int64_t *sum, uint32_t n);
    /* to[j] = from[first[j]] */
    void (*gather[2])(void *to, const void *from, const uint32_t *first,
                      uint32_t n);
};

/* In files of their own: this loop is written for the level. */
void op__resize_across_8_base(const struct op__across *across);
void op__resize_across_8_v3(const struct op__across *across);

#endif
