/* What several formats of this room need. */
#ifndef CODEC_SHARED_H
#define CODEC_SHARED_H

#include <imgmill/codec.h>

/* MILL_OK, or MILL_LIMIT with both figures and the flag. */
enum mill_status codec__pixels_check(uint32_t w, uint32_t h,
                                     const struct mill_limits *limits,
                                     struct mill_err *err);

/* Goes the decoding on behind this damage? Then it is noted, told if it is the
 * first, and *err is empty again. Only MILL_DAMAGED is ever salvaged. */
bool codec__salvages(const struct mill_decode *how, struct mill_err *err);

/* Row i of the band, whose planes have all step 1: black, transparent. */
void codec__row_blank(const struct mill_band *band,
                      const struct mill_shape *shape, uint32_t i);

/* Does it begin as EXIF does? What does not is broken, and dropped. */
bool codec__is_exif(struct mill_bytes b);

/* Of formats whose rows are px after px: gray or RGB, alpha or none, depth as
 * asked for, every plane with step 1. */
void codec__want_interleaved(const struct mill_encode *how,
                             const struct mill_info *source,
                             const struct mill_shape *in,
                             struct mill_want *want);
/* The bytes of one, if the shape is what was wanted. */
enum mill_status codec__interleaved_row(const struct mill_encode *how,
                                        const struct mill_shape *shape,
                                        size_t *bytes, struct mill_err *err);

/* Bytes of such a row; false: more than memory can address. */
bool codec__row_size(const struct mill_shape *shape, size_t *bytes);

/* n bytes into the window, which is turned as often as it is full. An answer
 * other than more is the window's owner's, and ends the encoding. */
enum mill_flow codec__out_put(struct mill_out *out, const void *at, size_t n,
                              struct mill_err *err);

#endif
