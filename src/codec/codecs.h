/* The formats of this room, each descriptor the last thing in its own file, and
 * what they say of the libraries behind them. */
#ifndef CODEC_CODECS_H
#define CODEC_CODECS_H

#include <imgmill/codec.h>

extern const struct mill_codec mill_codec_jpeg, mill_codec_png, mill_codec_pnm;

/* Test builds only: a format that faults on command. */
#ifdef MILL_EVIL
extern const struct mill_codec mill_codec_evil;
#endif

const char *codec__jpeg_version(void);  /* "libjpeg-turbo 2.1.5" */
const char *codec__png_version(void);   /* "1.6.39" */
extern const char codec__png_packers[]; /* ", ISA-L 2.30.0", "" */

#endif
