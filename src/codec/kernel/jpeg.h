/* The inner loops of the JPEG reader, for each instruction-set level: Huffman
 * codes to coefficients, coefficients to samples.
 *
 * What one lookup of CODEC__CODE_BITS bits finds is a whole step: up to two
 * coefficients and the end of the block behind them. Blocks lie one after the
 * other as the scan has them, and each end of a block moves on to the tables
 * of the next without a branch. */
#ifndef CODEC_KERNEL_JPEG_H
#define CODEC_KERNEL_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODEC__CODE_BITS = 11,
    CODEC__CODES = 1 << CODEC__CODE_BITS,
    CODEC__BLOCK = 64,
    /* Where a block is held: its coefficients in natural order; then how many
       of the scan's order were passed, up to the last that may be other than
       0, in its low seven bits; on a 32-byte line. */
    CODEC__PLACE = 80,
    CODEC__PASSED = 64,
    /* Bytes that a block can take: 64 codes of 16 bits, each with 11 more. */
    CODEC__BLOCK_BYTES = CODEC__BLOCK * 4,
    /* Readable bytes behind those, of any value. */
    CODEC__BITS_PAD = 32
};

/* Where coefficient k of the scan stands in its block. Four times, so that k
 * may have flags above it; and at an address whose low nine bits are 0, so that
 * an entry's are k. */
extern const uint8_t codec__zigzag[4 * CODEC__BLOCK];

/* ---- Huffman codes ------------------------------------------------------- */

/* A Huffman table as it is needed for one code at a time. */
struct codec__huffman {
    int32_t most[17];  /* the greatest code of each length; -1: none */
    int32_t first[17]; /* plus the code: its number among all codes */
    uint8_t symbol[256];
    uint16_t single[CODEC__CODES]; /* length << 8 | symbol; 0: longer, or bad */
};

/* What the next CODEC__CODE_BITS bits say. What the next lookup waits for is by
 * itself: tables small enough to stay in the first cache. */
struct codec__pace {
    uint8_t drop;   /* bits that are used */
    uint8_t passed; /* coefficients; the last is v2. CODEC__CODE_RARE: none;
                       CODEC__CODE_ENDS more: and the block ends */
};

/* The first value is the bits that shift leaves, which may be more than were
 * looked up, plus v1, in 16 bits. */
struct codec__code {
    int16_t v1, v2; /* v2 is overwritten by the first where there is but one */
    uint8_t shift;  /* of the 64 bits at hand */
    uint8_t run;    /* zeroes before the first value */
};

enum { CODEC__CODE_RARE = CODEC__BLOCK, CODEC__CODE_ENDS = 128 };

struct codec__lookup {
    struct codec__pace pace[CODEC__CODES];
    struct codec__code code[CODEC__CODES];
    const struct codec__huffman *huffman; /* of the first code */
};

/* A block's place, and where to go on: with its AC codes, or, at its end, with
 * the next block's DC. */
struct codec__block {
    _Alignas(32) int16_t place[CODEC__PASSED + 1];
    const struct codec__lookup *ac;
    const struct codec__lookup *next;
    uintptr_t next_order; /* codec__zigzag */
};

_Static_assert(sizeof(struct codec__block) == CODEC__PLACE * sizeof(int16_t),
               "blocks are as far from each other as places");

/* p: what comes behind the `left` bits at hand, the first of them on top;
 * other bits below them are either 0 or those that follow. */
struct codec__bits {
    const uint8_t *p;
    uint64_t at_hand;
    unsigned left;
};

struct codec__entropy {
    struct codec__bits bits;
    struct codec__block *blocks; /* their coefficients are 0; the DC becomes a
                                    difference */
    const struct codec__lookup *dc; /* of the first block */
};

/* ---- samples ------------------------------------------------------------- */

/* Dequantised values from this one on are left to libjpeg: its variants for
 * different machines part there. */
enum { CODEC__VALUE_END = 8192 };

/* A quantisation table, each row twice: for two blocks side by side. */
struct codec__quant {
    _Alignas(32) int16_t step[8][16];
    _Alignas(32) int16_t most[8][16]; /* the greatest coefficient */
};

/* Blocks that lie side by side in a plane: block i is the scan's
 * (i / group) * jump + i % group, from `places` on. */
struct codec__strip {
    int16_t *places; /* DC as it is; their coefficients become 0 again */
    unsigned group, jump, n;
    unsigned side; /* samples that a block gives, each way: 8, 4, 2, 1 */
    const struct codec__quant *quant;
    uint8_t *to;
    size_t stride;
};

/* A walk over a strip's places. */
struct codec__walk {
    int16_t *place;
    unsigned left; /* in this group */
    size_t past;   /* the group's end, to the next group */
};

static inline struct codec__walk
codec__walk(const struct codec__strip *strip)
{
    return (struct codec__walk){.place = strip->places,
                                .left = strip->group,
                                .past = (size_t)(strip->jump - strip->group) *
                                        CODEC__PLACE};
}

/* The place, and on to the next. */
static inline int16_t *
codec__walk_on(struct codec__walk *walk, const struct codec__strip *strip)
{
    int16_t *place = walk->place;
    walk->place += CODEC__PLACE;
    if (--walk->left == 0) {
        walk->left = strip->group;
        walk->place += walk->past;
    }
    return place;
}

/* ---- the levels ---------------------------------------------------------- */

/* n blocks. False: a code that is none, or too many coefficients. */
bool codec__entropy_base(struct codec__entropy *entropy, unsigned n);
bool codec__entropy_v1(struct codec__entropy *entropy, unsigned n);
bool codec__entropy_v3(struct codec__entropy *entropy, unsigned n);

/* As libjpeg-turbo's accurate integer method, scaled or not. False: values that
 * are too large; the samples are then nothing. */
bool codec__idct_base(const struct codec__strip *strip);
bool codec__idct_v1(const struct codec__strip *strip);
bool codec__idct_v3(const struct codec__strip *strip);

/* For side 1, any level. */
bool codec__idct_1(const struct codec__strip *strip);

#endif
