/* Our own coder of baseline JPEG, gray and YCC: rows of samples to the bits of
 * one scan, and the markers around it. Metadata and what stands before the
 * frame are libjpeg's, and so is whatever is not baseline. */
#ifndef CODEC_JPEG_CODER_H
#define CODEC_JPEG_CODER_H

#include "codec/kernel/kernels.h"

#include "codec.h"
#include "codes.h"

enum {
    JPEG_CODER_PLANES = 3,
    JPEG_PIECE_BLOCKS = 96,   /* that are made at once: they stay in a cache */
    JPEG_STAGE_TOKENS = 2048, /* that are written at once */
};

/* What an MCU has of a plane, and the plane's own blocks; others are beside
 * the picture. */
struct jpeg_coder_plane {
    uint32_t columns, rows; /* blocks */
    unsigned across, down;  /* blocks of an MCU */
    unsigned table;         /* 0 or 1: of steps and of codes */
    int dc;                 /* of the block before */
    unsigned first;         /* of its blocks in the piece */
};

struct jpeg_coder {
    struct jpeg_compress_struct *jpeg; /* the markers' */
    const struct codec__kernels *kernels;
    struct jpeg_coder_plane plane[JPEG_CODER_PLANES];
    unsigned n_planes, n_tables;
    uint32_t mcus;       /* in a row */
    uint32_t y;          /* rows of MCUs so far */
    unsigned piece_mcus; /* of one row that are made at once */

    struct codec__divisors divisors[2];
    struct codec__token_counts counts;
    struct codec__token_code codes[2 * CODEC__SYMBOLS];
    bool coded; /* the scan has its codes */
    uint16_t *tokens, *next;
    size_t room; /* for so many; they are written before a piece has none */

    struct codec__forward_block blocks[JPEG_PIECE_BLOCKS];
    struct codec__pen pen; /* in the stage */
    uint8_t stage[3 * JPEG_STAGE_TOKENS + 8];
};

/* Bytes that the coder takes of the arena at its highest. */
uint64_t codec__jpeg_coder_bytes(const struct mill_encode *how,
                                 const struct mill_shape *shape);

/* jpeg: all is set, nothing is started. NULL: *err. */
struct jpeg_coder *codec__jpeg_coder_open(struct jpeg_compress_struct *jpeg,
                                          const struct mill_encode *how,
                                          const struct mill_shape *shape,
                                          struct mill_arena *arena,
                                          struct mill_err *err);

/* All else runs inside the trap. Once, behind the metadata; then each row of
 * MCUs, whole blocks of each plane; then the end. */
void codec__jpeg_coder_start(struct jpeg_coder *coder);
void codec__jpeg_coder_row(struct jpeg_coder *coder,
                           const struct mill_band *rows);
void codec__jpeg_coder_end(struct jpeg_coder *coder);

/* ---- parts --------------------------------------------------------------- */

/* jpeg/markers.c: from jpeg's fields, as libjpeg writes them. */
void codec__jpeg_write_frame(struct jpeg_compress_struct *jpeg);
void codec__jpeg_write_scan(struct jpeg_compress_struct *jpeg);
void codec__jpeg_write_end(struct jpeg_compress_struct *jpeg);
/* n bytes into libjpeg's window. */
void codec__jpeg_put(struct jpeg_compress_struct *jpeg, const uint8_t *at,
                     size_t n);

/* jpeg/bits.c: the tokens that are held, in their codes; then none are. */
void codec__jpeg_write_tokens(struct jpeg_coder *coder);
/* The last bits, filled up to a byte by ones. */
void codec__jpeg_write_bits(struct jpeg_coder *coder);

#endif
