/* What the PNM files of this room share: the parsed header and the parts of the
 * descriptor. */
#ifndef CODEC_PNM_CODEC_H
#define CODEC_PNM_CODEC_H

#include <imgmill/codec.h>

#include "codec/codecs.h"
#include "codec/shared.h"

/* A place in the file. */
struct pnm_cursor {
    const uint8_t *at, *end;
};

/* The next byte that is neither white space nor in a comment, which is left
 * unread; -1 at the end. */
int codec__pnm_skip(struct pnm_cursor *c);

/* A number behind white space and comments, at most `most`. */
enum mill_status codec__pnm_number(struct pnm_cursor *c, uint32_t most,
                                   uint32_t *number, struct mill_err *err);

struct pnm_picture {
    unsigned kind; /* the digit of the magic number: P1 … P7 */
    uint32_t w, h;
    uint32_t top; /* the greatest sample, 1..65535 */
    uint32_t n_channels;
    enum mill_model model;
    enum mill_alpha alpha;
    struct pnm_cursor raster; /* from the first sample to the file's end */
};

/* Samples are text, not bytes. */
static inline bool
codec__pnm_is_plain(const struct pnm_picture *pic)
{
    return pic->kind <= 3;
}

enum mill_status codec__pnm_parse(struct mill_bytes in, struct pnm_picture *pic,
                                  struct mill_err *err);
struct mill_shape codec__pnm_picture_shape(const struct pnm_picture *pic);

/* ---- the descriptor's parts ---------------------------------------------- */

enum mill_status codec__pnm_info(struct mill_bytes in, struct mill_info *info,
                                 struct mill_err *err);
void codec__pnm_shape(const struct mill_info *info,
                      const struct mill_decode *how, struct mill_shape *shape);
uint64_t codec__pnm_decode_bytes(const struct mill_info *info,
                                 const struct mill_decode *how);
enum mill_status codec__pnm_decode(struct mill_bytes in,
                                   const struct mill_decode *how,
                                   struct mill_sink *sink,
                                   struct mill_err *err);
uint64_t codec__pnm_encode_bytes(const struct mill_encode *how,
                                 const struct mill_shape *shape);
struct mill_sink *codec__pnm_encoder(const struct mill_encode *how,
                                     struct mill_out *out,
                                     struct mill_arena *arena,
                                     struct mill_err *err);

#endif
