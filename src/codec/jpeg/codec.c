/* JPEG's descriptor: reading is in jpeg/decode.c, writing in jpeg/encode.c;
 * each has libjpeg-turbo behind what is our own. */
#include "codec.h"

#define TEXT_OF(x)  #x
#define VALUE_OF(x) TEXT_OF(x)

const char *
codec__jpeg_version(void)
{
    return "libjpeg-turbo " VALUE_OF(LIBJPEG_TURBO_VERSION);
}

static bool
sniff(struct mill_bytes head)
{
    return head.n >= 3 && head.at[0] == 0xFF && head.at[1] == 0xD8 &&
           head.at[2] == 0xFF;
}

static const char *const extensions[] = {"jpg", "jpeg", "jpe", "jfif", NULL};

const struct mill_codec mill_codec_jpeg = {
    .name = "jpeg",
    .summary = "JPEG: baseline and progressive; gray, YCbCr, RGB, CMYK",
    .extensions = extensions,
    .sniff = sniff,
    .info = codec__jpeg_info,
    .shape = codec__jpeg_shape,
    .decode_bytes = codec__jpeg_decode_bytes,
    .try_rows = codec__jpeg_try_rows,
    .decode = codec__jpeg_decode,
    .want = codec__jpeg_want,
    .share = 8,
    .carries_icc = true,
    .carries_exif = true,
    .carries_xmp = true,
    .icc_most = JPEG_ICC_MOST,
    .exif_most = JPEG_EXIF_MOST,
    .xmp_most = JPEG_XMP_MOST,
    .encode_bytes = codec__jpeg_encode_bytes,
    .encoder = codec__jpeg_encoder,
};
