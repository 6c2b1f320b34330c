/* What the JPEG files of this room share: the trap that catches libjpeg's
 * errors, the reader that both info and decode begin with, and the parts of the
 * descriptor. */
#ifndef CODEC_JPEG_H
#define CODEC_JPEG_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <imgmill/codec.h>

#include "codec/codecs.h"

/* ---- the trap ------------------------------------------------------------ */

/* Stands in for libjpeg's error manager, which would print and exit. */
struct jpeg_trap {
    struct jpeg_error_mgr manager; /* first: libjpeg hands it back to us */
    jmp_buf back;
    void (*work)(void *self);
    void *self;
    struct mill_err *err;          /* of the call that runs now */
    const struct mill_decode *how; /* behind the header, while reading */
    enum mill_status blame;        /* of errors with no status of their own */
    uint32_t mended;               /* warnings that no pixel can suffer from */
};

/* Ready for jpeg_create_…: jpeg->err = &trap->manager. */
void codec__jpeg_trap_init(struct jpeg_trap *trap, void *self,
                           enum mill_status blame);

/* work(self), in which libjpeg may be called and codec__jpeg_stop may be. False
 * when it was stopped: *err is filled. */
bool codec__jpeg_run(struct jpeg_trap *trap, void (*work)(void *self),
                     struct mill_err *err);

/* Leave the running work; the trap's err must have been filled. */
_Noreturn void codec__jpeg_stop(struct jpeg_trap *trap);

/* The same, unless it is damage that is salvaged. */
void codec__jpeg_stop_or_salvage(struct jpeg_trap *trap);

/* ---- reading ------------------------------------------------------------- */

enum { JPEG_CHUNKS = 256 }; /* ICC chunks are numbered 1..255 */

/* Metadata segments before the first scan; all bytes lie in the input. */
struct jpeg_found {
    struct mill_bytes exif, xmp;
    struct mill_bytes icc[JPEG_CHUNKS]; /* by chunk number */
    unsigned icc_chunks;                /* 0: no profile */
    size_t icc_bytes;
    bool icc_broken; /* chunks are missing, twice there or at odds */
    bool exif_broken;
};

/* A decompressor over bytes in memory. */
struct jpeg_reader {
    struct jpeg_trap trap;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_source_mgr source;
    struct mill_bytes in;
    struct jpeg_found found;
    struct mill_info info;
};

/* Zeroes the reader; close it in any state after. */
void codec__jpeg_open(struct jpeg_reader *reader, struct mill_bytes in,
                      void *self);
void codec__jpeg_close(struct jpeg_reader *reader);

/* Inside the trap: read the header and fill reader->found and info. */
void codec__jpeg_header(struct jpeg_reader *reader);

/* Was no row of blocks read yet? */
bool codec__jpeg_is_empty(const struct jpeg_decompress_struct *jpeg);

void codec__jpeg_find(struct mill_bytes in, struct jpeg_found *found);

/* The picture rounded up to whole iMCUs of w x h px: what libjpeg writes into
 * and reads from raw rows. */
struct mill_shape codec__jpeg_padded(const struct mill_shape *shape, unsigned w,
                                     unsigned h);

/* ---- sampling ------------------------------------------------------------ */

/* The sampling factor of a plane with step 1 beside planes with these steps:
 * the least that all of them divide; 0: above what JPEG allows. */
unsigned codec__jpeg_factor(const uint8_t *steps, unsigned n);

/* Can one interleaved scan hold planes with these steps? A plane with step 1 in
 * each direction is what JPEG counts its px by. */
bool codec__jpeg_can_sample(const uint8_t *sx, const uint8_t *sy, unsigned n);

/* ---- the descriptor's parts ---------------------------------------------- */

/* Payloads that one segment holds, its own framing taken off. */
enum { JPEG_EXIF_MOST = 65527, JPEG_XMP_MOST = 65504 };
enum { JPEG_ICC_MOST = 255 * 65519 };

/* Bytes of libjpeg's own structs and tables, whatever the picture. */
enum { JPEG_FIXED_BYTES = 96 << 10 };

/* Coefficient arrays of a whole picture: 2 bytes a sample, whole iMCUs. */
uint64_t codec__jpeg_coefficient_bytes(const struct mill_shape *shape);

enum mill_status codec__jpeg_info(struct mill_bytes in, struct mill_info *info,
                                  struct mill_err *err);
void codec__jpeg_shape(const struct mill_info *info,
                       const struct mill_decode *how, struct mill_shape *shape);
uint64_t codec__jpeg_decode_bytes(const struct mill_info *info,
                                  const struct mill_decode *how);
void codec__jpeg_try_rows(struct mill_bytes in, const struct mill_decode *how,
                          struct mill_info *info);
enum mill_status codec__jpeg_decode(struct mill_bytes in,
                                    const struct mill_decode *how,
                                    struct mill_sink *sink,
                                    struct mill_err *err);
void codec__jpeg_want(const struct mill_encode *how,
                      const struct mill_info *source,
                      const struct mill_shape *in, struct mill_want *want);
uint64_t codec__jpeg_encode_bytes(const struct mill_encode *how,
                                  const struct mill_shape *shape);
struct mill_sink *codec__jpeg_encoder(const struct mill_encode *how,
                                      struct mill_out *out,
                                      struct mill_arena *arena,
                                      struct mill_err *err);

#endif
