/* The formats of this room, each descriptor the last thing in its own file. */
#ifndef CODEC_CODECS_H
#define CODEC_CODECS_H

#include <imgmill/codec.h>

extern const struct mill_codec mill_codec_jpeg, mill_codec_png, mill_codec_pnm;

/* "libjpeg-turbo 2.1.5" */
const char *codec__jpeg_version(void);

#endif
