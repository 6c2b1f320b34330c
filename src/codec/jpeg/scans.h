/* Reading the samples of a JPEG in many scans without libjpeg, all scans side
 * by side: the walk that finds them, a scan's tables and bytes, rows of blocks.
 *
 * As with jpeg/own.h: whatever is unusual is libjpeg's, with no word about why.
 */
#ifndef CODEC_JPEG_SCANS_H
#define CODEC_JPEG_SCANS_H

#include "codec/kernel/scans.h"
#include "own.h"

/* ---- the walk ------------------------------------------------------------ */

/* What a scan's header says, and where its bytes are. */
struct jpeg_scan_head {
    uint8_t n, plane[JPEG_OWN_PLANES];       /* in the frame's order */
    uint8_t kind;                            /* enum codec__scan_kind */
    uint8_t first, last, low;                /* coefficients; bits left out */
    uint8_t ended_by;                        /* the marker behind it */
    uint32_t restart;                        /* MCUs between markers */
    struct mill_bytes in;                    /* from its first byte on */
    const JHUFF_TBL *table[JPEG_OWN_PLANES]; /* until the walk goes on */
};

/* From scan to scan, up to the picture's end. */
struct jpeg_walk {
    const struct jpeg_decompress_struct *jpeg;
    struct mill_bytes in; /* a marker is next */
    uint32_t restart;
    JHUFF_TBL tables[2][NUM_HUFF_TBLS]; /* DC, AC */
    bool has[2][NUM_HUFF_TBLS];
    /* Of each coefficient, the lowest bit that was given; UNSEEN: none. */
    int8_t lowest[JPEG_OWN_PLANES][DCTSIZE2];
};

enum jpeg_step { JPEG_STEP_SCAN, JPEG_STEP_END, JPEG_STEP_NOT_OURS };

/* The reader stands behind the head of its first scan, which the walk begins
 * with. */
void codec__jpeg_walk_open(struct jpeg_walk *walk,
                           const struct jpeg_reader *reader);
/* END: all bits of all coefficients were given, in order. */
enum jpeg_step codec__jpeg_walk_on(struct jpeg_walk *walk,
                                   struct jpeg_scan_head *head);

/* ---- tables -------------------------------------------------------------- */

/* A code's bits and value at a lookup. Gives the bits of the code that ends one
 * block; 0: there is none, or it is long. */
unsigned codec__jpeg_steps(struct codec__step steps[CODEC__CODES],
                           const struct codec__huffman *huffman,
                           enum codec__scan_kind kind, unsigned low);

/* Of the steps of a scan that refines AC. */
void codec__jpeg_bursts(struct codec__burst bursts[CODEC__BURSTS],
                        const struct codec__step steps[CODEC__CODES]);

/* ---- a scan -------------------------------------------------------------- */

enum {
    JPEG_SCAN_WINDOW = 4 << 10,
    JPEG_SCAN_PAD = CODEC__BLOCK_BYTES + 2 * CODEC__BITS_PAD,
    JPEG_SCANS_MOST = 64
};

struct jpeg_scan_table {
    struct codec__huffman huffman;
    struct codec__step steps[CODEC__CODES];
};

struct jpeg_scan {
    struct jpeg_scan *next; /* in the file */
    struct jpeg_scan_head head;
    struct jpeg_window window;
    uint32_t left;  /* MCUs up to the next restart */
    uint8_t marker; /* number of that */
    union {
        struct codec__ac_scan ac;
        struct codec__dc_scan dc;
    };
    uint8_t bytes[JPEG_SCAN_WINDOW + JPEG_SCAN_PAD]; /* the window's */
    struct codec__burst *bursts;    /* CODEC__CODES, if it refines AC */
    struct jpeg_scan_table table[]; /* one each for planes with tables */
};

/* ---- rows of all scans --------------------------------------------------- */

/* A plane's coefficients, of one row of MCUs. */
struct jpeg_scans_plane {
    uint32_t w, h;         /* blocks that the picture has */
    uint32_t stride;       /* blocks in a row, whole MCUs */
    unsigned across, down; /* blocks in an MCU */
    unsigned side;         /* samples that a block gives, each way */
    unsigned step;         /* from block to block: a place, or the DC alone */
    int16_t *coefs;        /* of blocks, in places, or the DCs */
    struct codec__maps maps;
    struct codec__quant quant;
};

/* A reading of all scans, for the arena. */
struct jpeg_scans {
    struct jpeg_rows rows; /* first: what the decoder hands back */
    const struct codec__kernels *kernels;
    struct jpeg_scan *scans, **last; /* where the next one is linked */
    uint32_t w, h, y;                /* MCUs; rows of them that were read */
    struct jpeg_scans_plane plane[JPEG_OWN_PLANES];
};

/* Is the picture, of which the first scan's head was read, one for the below,
 * as far as its header tells? */
bool codec__jpeg_is_scans(const struct jpeg_reader *reader);

/* The reader stands behind the head of its first scan; the output's dimensions
 * are known, and no scan was read. most: scans that there may be. *rows is
 * NULL when the picture is for libjpeg. */
enum mill_status codec__jpeg_scans_open(struct jpeg_rows **rows,
                                        const struct jpeg_reader *reader,
                                        const struct codec__kernels *kernels,
                                        uint32_t most, struct mill_arena *arena,
                                        struct mill_err *err);

/* Bytes that the above takes at most. */
uint64_t codec__jpeg_scans_bytes(const struct mill_info *info);

#endif
