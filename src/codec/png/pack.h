/* Packing the pixels of a PNG without libpng: strips of rows, the filter of
 * each row, and who compresses. */
#ifndef CODEC_PNG_PACK_H
#define CODEC_PNG_PACK_H

#include "codec.h"
#include "codec/kernel/kernels.h"

/* ---- compression --------------------------------------------------------- */

/* Compresses strips of up to a fixed size, each by itself. */
struct png_packer;

/* Bytes of a packer for strips of strip_bytes, at its highest. */
uint64_t codec__png_packer_bytes(unsigned compression, size_t strip_bytes);

/* compression: as in mill_encode. NULL: *err. Close it. */
struct png_packer *codec__png_packer_open(unsigned compression,
                                          size_t strip_bytes,
                                          struct mill_arena *arena,
                                          struct mill_err *err);
void codec__png_packer_close(struct png_packer *packer); /* NULL is fine */

/* What samples of a strip take, packed in haste; they add up. */
struct png_trial {
    size_t raw;
    size_t runs;     /* filtered, by runs alone */
    size_t filtered; /* by a library */
    size_t plain;    /* the same, without filters */
};

/* Bytes that each sample should have, about, after what a trial has told; raw =
 * 0: nothing yet. 0: enough is known. */
size_t codec__png_packer_sample(const struct png_packer *packer,
                                const struct png_trial *trial);

/* Try n bytes, both ways. */
enum mill_status codec__png_packer_try(struct png_packer *packer,
                                       const uint8_t *filtered,
                                       const uint8_t *plain, size_t n,
                                       struct png_trial *trial,
                                       struct mill_err *err);

/* How to pack a strip. */
struct png_choice {
    bool plain; /* without filters */
    unsigned by;
};
struct png_choice codec__png_packer_choose(const struct png_packer *packer,
                                           const struct png_trial *trial);

/* A part of a raw deflate stream: it ends on a byte, refers to nothing before
 * it, and is the stream's last if so wished. The bytes live until the next
 * call; there are PNG_PACKED_ROOM writable ones before and behind them. NULL:
 * *err. */
enum { PNG_PACKED_ROOM = 16 };
uint8_t *codec__png_packer_pack(struct png_packer *packer,
                                struct png_choice way, const uint8_t *at,
                                size_t n, bool last, size_t *made,
                                struct mill_err *err);

/* As zlib's adler32. */
uint32_t codec__png_adler32(uint32_t adler, const uint8_t *at, size_t n);

/* ---- strips -------------------------------------------------------------- */

/* Rows that are filtered and packed by themselves. */
struct png_strip {
    struct mill_errand errand; /* packs it */
    struct png_packer *packer;
    size_t row_bytes;
    unsigned px_bytes;
    uint8_t *plain;    /* rows as they are, each behind a byte 0; right before
                          them stands the row above, or zeroes */
    uint8_t *filtered; /* room for the same rows, filtered */
    uint32_t n;        /* rows in it */
    bool last;         /* of the picture */

    /* what packing makes */
    uint8_t *packed; /* as from the packer; NULL: err */
    size_t n_packed;
    uint32_t adler; /* of what was packed, before it was */
    struct mill_err err;
};

/* png/strip.c: pack the n rows. Touches nothing but the strip. */
void codec__png_strip_pack(struct png_strip *strip);

/* Rows on their way into IDAT chunks. */
struct png_strips {
    struct mill_crew *crew;     /* NULL: who adds rows packs */
    struct png_strip *strips;   /* n, used in turn */
    struct mill_arena **arenas; /* n, of their packers; with a crew */
    unsigned n;
    unsigned filled, taken; /* strips, ever */
    uint8_t *above;         /* the row over the strip, behind a byte 0 */
    uint32_t h, capacity;   /* rows; of a strip */
    uint32_t y;             /* rows so far */
    uint32_t adler;         /* of the strips taken */
};

/* how: compression and crew. */
uint64_t codec__png_strips_bytes(const struct mill_shape *shape,
                                 const struct mill_encode *how);
enum mill_status codec__png_strips_open(struct png_strips *strips,
                                        const struct mill_shape *shape,
                                        const struct mill_encode *how,
                                        struct mill_arena *arena,
                                        struct mill_err *err);
void codec__png_strips_close(struct png_strips *strips); /* {0} is fine */

/* Where the next row is to be put, as PNG stores it. */
uint8_t *codec__png_strips_row(struct png_strips *strips);
/* The row is there. */
void codec__png_strips_add(struct png_strips *strips);
/* After each row, until it gives none. *chunk: a whole IDAT, to be written at
 * once; {0}: none. */
enum mill_status codec__png_strips_take(struct png_strips *strips,
                                        struct mill_bytes *chunk,
                                        struct mill_err *err);

#endif
