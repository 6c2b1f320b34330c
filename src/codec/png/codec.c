/* PNG's descriptor, and what it says of the libraries behind it. */
#include "codec.h"

#include <string.h>

#ifdef MILL_ISAL
#include <isa-l.h>
#define TEXT(number)    TEXT_OF(number)
#define TEXT_OF(number) #number
#define ISAL                                                                   \
    ", ISA-L " TEXT(ISAL_MAJOR_VERSION) "." TEXT(ISAL_MINOR_VERSION) "." TEXT( \
        ISAL_PATCH_VERSION)
#else
#define ISAL ""
#endif

#ifdef MILL_DEFLATE
#include <libdeflate.h>
#define LIBDEFLATE ", libdeflate " LIBDEFLATE_VERSION_STRING
#else
#define LIBDEFLATE ""
#endif

const char codec__png_packers[] = ISAL LIBDEFLATE;

const char *
codec__png_version(void)
{
    return png_get_libpng_ver(NULL);
}

static bool
sniff(struct mill_bytes head)
{
    static const uint8_t signature[PNG_SIGNATURE_BYTES] = {
        0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    return head.n >= sizeof signature &&
           !memcmp(head.at, signature, sizeof signature);
}

static const char *const extensions[] = {"png", NULL};

const struct mill_codec mill_codec_png = {
    .name = "png",
    .summary = "PNG: all depths and kinds; of an animation the first frame",
    .extensions = extensions,
    .sniff = sniff,
    .info = codec__png_info,
    .shape = codec__png_shape,
    .decode_bytes = codec__png_decode_bytes,
    .decode = codec__png_decode,
    .want = codec__want_interleaved,
    .share = 2,
    .carries_icc = true,
    .carries_exif = true,
    .carries_xmp = true,
    .icc_most = MILL_META_MOST,
    .exif_most = PNG_CHUNK_MOST,
    .xmp_most = PNG_XMP_MOST,
    .encode_bytes = codec__png_encode_bytes,
    .encoder = codec__png_encoder,
};
