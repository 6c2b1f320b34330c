/* The inner loops of progressive JPEG, for each instruction-set level: the
 * codes of one scan to coefficients, which wait for the other scans at their
 * places. What scans say a bit at a time of each coefficient is held as maps of
 * 64 bits a block, which at the end settle what the coefficients are. */
#ifndef CODEC_KERNEL_SCANS_H
#define CODEC_KERNEL_SCANS_H

#include "jpeg.h"

enum codec__scan_kind {
    CODEC__DC_FIRST,
    CODEC__DC_REFINE,
    CODEC__AC_FIRST,
    CODEC__AC_REFINE
};

/* What CODEC__CODE_BITS bits begin with. */
struct codec__step {
    int16_t value; /* in its place already, low bits 0 */
    uint8_t used;  /* bits */
    uint8_t run;   /* zeroes before the value, or one of these */
};

enum {
    CODEC__STEP_END = 16,    /* 16 + r: this block and 2^r - 1 others end, and
                                as many more as the next r bits say */
    CODEC__STEP_ZEROES = 31, /* sixteen of them */
    CODEC__STEP_WIDE = 32,   /* used: the code's; value: bits of the value,
                                zeroes before it << 4 */
    CODEC__STEP_LONG,        /* a code that is longer, or none */
    CODEC__STEP_NONE,        /* a code that no sound scan has */
    CODEC__STEP_LAST = 64    /* plus zeroes before the value: the block ends */
};

/* What a code says before its value is known: found is its length << 8 | its
 * symbol, or 0. low: bits that the scan leaves out. */
static inline struct codec__step
codec__step_of(unsigned found, enum codec__scan_kind kind, unsigned low)
{
    unsigned run = found >> 4 & 15, size = found & 15;
    bool is_dc = kind == CODEC__DC_FIRST, ends = found && !is_dc && !size;
    struct codec__step step = {.used = (uint8_t)(found >> 8),
                               .value = (int16_t)(size | run << 4),
                               .run = CODEC__STEP_WIDE};
    if (ends)
        step.run = (uint8_t)(CODEC__STEP_END + run);
    else if (!found || size + low > 15 || (is_dc && run) ||
             (kind == CODEC__AC_REFINE && size != 1))
        step.run = CODEC__STEP_NONE;
    return step;
}

/* What CODEC__BURST_BITS bits of a refining scan begin with where between codes
 * no corrections lie: all values that lie within as a whole, with the zeroes
 * before them, and the end of the block behind them. */
struct codec__burst {
    uint16_t fresh, minus; /* coefficients, as in maps; the first is the lowest
                              bit */
    uint8_t used;          /* bits */
    uint8_t passed;        /* coefficients; CODEC__BLOCK: it is for a step */
    uint8_t ends;          /* the block? */
    uint8_t unused;
};

enum { CODEC__LOWS = 13 }; /* a refining scan gives one of these bits */

enum { CODEC__BURST_BITS = 10, CODEC__BURSTS = 1 << CODEC__BURST_BITS };
enum { CODEC__BURST_MOST = 16 }; /* coefficients that one passes */

/* Where a scan's bits stand. A block, or an MCU, begins only where p is not
 * beyond `limit`; it may read CODEC__BLOCK_BYTES + CODEC__BITS_PAD from there.
 */
struct codec__scan_bits {
    struct codec__bits bits;
    const uint8_t *limit;
};

/* Of each block of a component, which of its coefficients: bit k is coefficient
 * k of the scan. */
struct codec__maps {
    uint64_t *found; /* are other than 0 by now */
    uint64_t *minus; /* of those that a refining scan found, are below 0 */
    uint64_t *more[CODEC__LOWS]; /* have bit i, as a refining scan says */
    unsigned n_more;             /* scans refine bits below this one */
};

/* A component's coefficients first..last, all but their `low` lowest bits. */
struct codec__ac_scan {
    struct codec__scan_bits in;
    const struct codec__step *steps;      /* CODEC__CODES */
    const struct codec__burst *bursts;    /* the same, where it refines */
    const struct codec__huffman *huffman; /* for codes that are longer */
    uint32_t ended;                       /* blocks at whose end it stands */
    uint8_t first, last, low;
    uint8_t end_bits; /* of the code that ends one block; 0: there is none */
};

/* The DCs of an MCU's blocks. */
struct codec__dc_block {
    int16_t *to;
    ptrdiff_t next; /* to the next MCU's */
    unsigned plane; /* of the scan: whose DC went before */
    /* NULL where a bit is added. */
    const struct codec__step *steps;
    const struct codec__huffman *huffman;
};

enum { CODEC__DC_BLOCKS = 10, CODEC__DC_PLANES = 4 };

struct codec__dc_scan {
    struct codec__scan_bits in;
    unsigned n_blocks; /* of an MCU */
    struct codec__dc_block block[CODEC__DC_BLOCKS];
    int before[CODEC__DC_PLANES]; /* DCs */
    uint8_t low;
};

/* The answer of all of these: units that were passed, fewer than asked for when
 * a unit must not begin; or CODEC__SCAN_BAD. */
enum { CODEC__SCAN_BAD = -1 };

/* n blocks of a row, CODEC__PLACE from each other, 0 in this band; what of
 * maps->found is theirs. */
int codec__ac_first_base(struct codec__ac_scan *scan, int16_t *places,
                         uint64_t *found, int n);
int codec__ac_first_v3(struct codec__ac_scan *scan, int16_t *places,
                       uint64_t *found, int n);

/* One bit more of each coefficient of n blocks, from block `at` on. */
int codec__ac_refine_base(struct codec__ac_scan *scan,
                          const struct codec__maps *maps, size_t at, int n);
int codec__ac_refine_v3(struct codec__ac_scan *scan,
                        const struct codec__maps *maps, size_t at, int n);

/* Blocks [at, at + n), the first of them at `places`: what refining scans gave
 * is added, how many coefficients were passed is said, and maps become 0. */
void codec__settle_base(int16_t *places, const struct codec__maps *maps,
                        size_t at, unsigned n);
void codec__settle_v3(int16_t *places, const struct codec__maps *maps,
                      size_t at, unsigned n);

/* n MCUs; their `to` move on. */
int codec__dc_first_base(struct codec__dc_scan *scan, int n);
int codec__dc_first_v3(struct codec__dc_scan *scan, int n);
int codec__dc_refine(struct codec__dc_scan *scan, int n);

/* n blocks side by side that show their DC alone, to a sample each. False: a
 * value is too large; see idct. */
bool codec__dc_samples(const int16_t *restrict dcs, size_t n,
                       const struct codec__quant *quant, uint8_t *restrict to);

#endif
