/* Reading the samples of a sequential Huffman JPEG without libjpeg: tables for
 * several coefficients a lookup, the scan's bytes, rows of blocks.
 *
 * Whatever is unusual ends our own reading, with no word about why: libjpeg
 * then reads the same rows from the first and judges them. */
#ifndef CODEC_JPEG_OWN_H
#define CODEC_JPEG_OWN_H

#include "codec.h"
#include "codec/kernel/kernels.h"

enum { JPEG_OWN_PLANES = 3 };

/* An own reading, of whatever kind. */
struct jpeg_rows {
    /* The next row of MCUs, whole blocks, the first sample of each plane at
       `to`. False: it is for libjpeg. The last row is given only when the
       picture's end marker follows. */
    bool (*next)(struct jpeg_rows *rows, uint8_t *const to[JPEG_OWN_PLANES],
                 const size_t stride[JPEG_OWN_PLANES]);
    unsigned n_planes;
    unsigned lines[JPEG_OWN_PLANES]; /* of a plane, in a row of MCUs */
    uint32_t mcu_px;                 /* its height at full size */
};

/* ---- tables -------------------------------------------------------------- */

/* False: not a table that 8-bit samples need. */
bool codec__jpeg_huffman(struct codec__huffman *huffman, const JHUFF_TBL *table,
                         bool is_dc);

/* What first's codes begin and ac's go on with; first == ac: within a block.
 * skips: of the AC coefficients only their number matters. */
void codec__jpeg_codes(struct codec__lookup *codes,
                       const struct codec__huffman *first,
                       const struct codec__huffman *ac, bool skips);

/* Steps for dequantising, and the greatest coefficients. */
void codec__jpeg_quant(struct codec__quant *quant, const JQUANT_TBL *table);

/* ---- the scan's bytes ---------------------------------------------------- */

enum {
    JPEG_BATCH = 24, /* blocks that are decoded at once, at most */
    JPEG_BATCH_BYTES = JPEG_BATCH * CODEC__BLOCK_BYTES,
    JPEG_WINDOW_BYTES = JPEG_BATCH_BYTES + (32 << 10),
    JPEG_WINDOW_PAD = JPEG_BATCH_BYTES + CODEC__BITS_PAD
};

/* The bytes between two markers, the zeroes behind each FF taken out. */
struct jpeg_window {
    struct mill_bytes in; /* not yet in the window */
    const uint8_t *end;   /* of what the window holds */
    bool last;            /* a marker, or the file's end, is next in `in` */
    uint8_t *bytes;
    size_t n;   /* it can hold; `pad` more lie behind */
    size_t pad; /* of fewer than these it is filled up */
};

/* bytes: n + pad, which live as long. */
void codec__jpeg_window_open(struct jpeg_window *window, struct mill_bytes in,
                             uint8_t *bytes, size_t n, size_t pad);
/* Where the next marker's data begins. */
void codec__jpeg_window_begin(struct jpeg_window *window,
                              struct codec__bits *bits);
/* A pad of bytes at least, or all that are left. */
void codec__jpeg_window_fill(struct jpeg_window *window,
                             struct codec__bits *bits);
/* Were no more bits used than there are, and does a marker end them, as far as
 * is known? libjpeg stops a little before the end of a file that has none. */
bool codec__jpeg_window_is_sound(const struct jpeg_window *window,
                                 const struct codec__bits *bits);
/* Is the last byte in use, and this marker next? Then behind it. */
bool codec__jpeg_window_marker(struct jpeg_window *window,
                               struct codec__bits *bits, uint8_t marker);

/* ---- rows of blocks ------------------------------------------------------ */

struct jpeg_own_plane {
    unsigned across, down; /* blocks in an MCU */
    unsigned first;        /* of these, among the MCU's blocks */
    unsigned side;         /* samples that a block gives, each way */
    int dc;                /* of the block before */
    struct codec__quant quant;
};

/* A reading of one scan; large, for the arena. */
struct jpeg_own {
    struct jpeg_rows rows; /* first: what the decoder hands back */
    const struct codec__kernels *kernels;
    struct jpeg_window window;
    struct codec__entropy entropy;
    unsigned n_blocks;      /* of an MCU */
    uint32_t w, h, y;       /* MCUs; rows of them that were read */
    uint32_t restart, left; /* MCUs between markers; up to the next */
    uint8_t marker;         /* number of the next restart */
    struct jpeg_own_plane plane[JPEG_OWN_PLANES];
    const struct codec__lookup *ac_of[D_MAX_BLOCKS_IN_MCU]; /* DC's before */
    struct codec__huffman dc[JPEG_OWN_PLANES], ac[JPEG_OWN_PLANES];
    struct codec__lookup codes[2 * JPEG_OWN_PLANES];
    _Alignas(64) struct codec__block blocks[JPEG_BATCH];
    uint8_t bytes[JPEG_WINDOW_BYTES + JPEG_WINDOW_PAD]; /* the window's */
};

/* Is the picture, of which the first scan's head was read, one for the below?
 */
bool codec__jpeg_is_own(const struct jpeg_reader *reader);

/* The reader stands behind the head of its first scan, which libjpeg has made
 * ready to read. *rows is NULL when the picture is for libjpeg. */
enum mill_status codec__jpeg_own_open(struct jpeg_rows **rows,
                                      const struct jpeg_reader *reader,
                                      const struct codec__kernels *kernels,
                                      struct mill_arena *arena,
                                      struct mill_err *err);

/* Bytes that the above takes at most. */
uint64_t codec__jpeg_own_bytes(const struct mill_info *info);

#endif
