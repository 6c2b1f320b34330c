/* What the PNG files of this room share: the trap that catches libpng's errors,
 * the chunks that are found without libpng, the reader that both info and
 * decode begin with, and the parts of the descriptor. */
#ifndef CODEC_PNG_CODEC_H
#define CODEC_PNG_CODEC_H

#include "codec/codecs.h"
#include "codec/shared.h"

#include <imgmill/codec.h>

#include <png.h>

/* ---- the trap ------------------------------------------------------------ */

/* One libpng object, for reading or writing, and where its errors go. {0} is
 * closed. */
struct png_trap {
    png_struct *png;
    png_info *info;
    void (*work)(void *self);
    void *self;
    struct mill_err *err;          /* of the call that runs now */
    const struct mill_decode *how; /* while damage is salvaged; else NULL */
    bool reading;
    bool no_memory;  /* an allocation has failed */
    uint32_t mended; /* warnings that no pixel can suffer from */
};

enum png_way { PNG_WAY_READ, PNG_WAY_WRITE };

/* self is what works are called with. Close in any state after. */
enum mill_status codec__png_trap_open(struct png_trap *trap, enum png_way way,
                                      void *self, struct mill_err *err);
void codec__png_trap_close(struct png_trap *trap);

/* work(self), in which libpng may be called and codec__png_stop may be. False
 * when it was stopped: *err is filled. */
bool codec__png_run(struct png_trap *trap, void (*work)(void *self),
                    struct mill_err *err);

/* Chunks that no pixel depends on and that we have no use for, or find without
 * libpng: it checks their CRCs and drops them. */
enum { PNG_SKIPPED = 15 };
extern const uint8_t codec__png_skipped[PNG_SKIPPED][5];

/* Leave the running work; the trap's err must have been filled. */
_Noreturn void codec__png_stop(struct png_trap *trap);

/* ---- chunks that are found without libpng -------------------------------- */

#define PNG_XMP_KEYWORD "XML:com.adobe.xmp" /* of an iTXt chunk */

enum { PNG_SIGNATURE_BYTES = 8 };
enum { PNG_CHUNK_HEAD_BYTES = 8 };   /* length and type */
enum { PNG_CHUNK_FRAME_BYTES = 12 }; /* these and the CRC behind the data */

struct png_chunk {
    const uint8_t *type; /* 4 bytes, its data right behind */
    struct mill_bytes data;
};

uint32_t codec__png_be32(const uint8_t *at);

/* The chunk at *at, which moves behind it; false at the end of all sense. */
bool codec__png_chunk_next(struct mill_bytes in, size_t *at,
                           struct png_chunk *chunk);

/* Metadata wherever it stands in the file; bytes lie in the input. */
struct png_found {
    struct mill_bytes exif, xmp;
    bool tried_xmp;     /* the first one counts, whatever it is worth */
    bool xmp_packed;    /* xmp is a zlib stream */
    uint32_t xmp_bytes; /* of the text itself */
    uint32_t frames;    /* as acTL says; else 1 */
    bool has_icc;
    uint32_t notes;  /* what was there and had to be dropped */
    uint32_t mended; /* of these, those that libpng will not warn about */
};

void codec__png_find(struct mill_bytes in, struct png_found *found);

/* Inflate a zlib stream of found->xmp_bytes bytes. False: damaged. */
bool codec__png_unpack(struct mill_bytes packed, uint8_t *text, uint32_t n);

/* ---- reading ------------------------------------------------------------- */

/* A file in memory, its header read. */
struct png_reader {
    struct png_trap trap;
    struct mill_bytes in;
    size_t at; /* libpng's place in it */
    struct png_found found;
    bool transparent;      /* has a tRNS chunk */
    struct mill_bytes icc; /* libpng's own; gone when closed */
    struct mill_info info;
};

/* Reads up to the first IDAT. self: for the trap; the reader lies in it. Close
 * in any state after. */
enum mill_status codec__png_open(struct png_reader *reader,
                                 struct mill_bytes in, void *self,
                                 struct mill_err *err);
void codec__png_close(struct png_reader *reader);

/* Of the reader's picture: in the input, or in the arena. */
enum mill_status codec__png_meta(const struct png_reader *reader,
                                 struct mill_arena *arena,
                                 struct mill_meta *meta, struct mill_err *err);

/* ---- the descriptor's parts ---------------------------------------------- */

/* Payloads of one chunk; XMP has its keyword and five more bytes before it. */
enum { PNG_CHUNK_MOST = 0x7FFFFFFF };
enum { PNG_XMP_MOST = PNG_CHUNK_MOST - (int)sizeof PNG_XMP_KEYWORD - 4 };

enum mill_status codec__png_info(struct mill_bytes in, struct mill_info *info,
                                 struct mill_err *err);
void codec__png_shape(const struct mill_info *info,
                      const struct mill_decode *how, struct mill_shape *shape);
uint64_t codec__png_decode_bytes(const struct mill_info *info,
                                 const struct mill_decode *how);
enum mill_status codec__png_decode(struct mill_bytes in,
                                   const struct mill_decode *how,
                                   struct mill_sink *sink,
                                   struct mill_err *err);
uint64_t codec__png_encode_bytes(const struct mill_encode *how,
                                 const struct mill_shape *shape);
struct mill_sink *codec__png_encoder(const struct mill_encode *how,
                                     struct mill_out *out,
                                     struct mill_arena *arena,
                                     struct mill_err *err);

#endif
