/* The table of formats, how one is found in it, and the defaults that belong to
 * no format alone. Constant data and pure functions: any thread may call. */
#include "codecs.h"
#include "kernel/kernels.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#ifdef MILL_EVIL
#define EVIL_CODEC &mill_codec_evil,
#else
#define EVIL_CODEC
#endif

const struct mill_codec *const mill_codecs[] = {
    &mill_codec_jpeg, &mill_codec_png, &mill_codec_pnm, EVIL_CODEC NULL};

const struct mill_codec *
mill_codec_sniff(struct mill_bytes head)
{
    for (unsigned i = 0; mill_codecs[i]; i++)
        if (mill_codecs[i]->sniff && mill_codecs[i]->sniff(head))
            return mill_codecs[i];
    return NULL;
}

static bool
goes_by(const struct mill_codec *codec, const char *name)
{
    if (!strcasecmp(codec->name, name))
        return true;
    for (unsigned i = 0; codec->extensions[i]; i++)
        if (!strcasecmp(codec->extensions[i], name))
            return true;
    return false;
}

const struct mill_codec *
mill_codec_named(const char *name)
{
    for (unsigned i = 0; mill_codecs[i]; i++)
        if (goes_by(mill_codecs[i], name))
            return mill_codecs[i];
    return NULL;
}

/* A name that begins with its only dot (".png") has no extension. */
const struct mill_codec *
mill_codec_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    if (!dot || dot == base)
        return NULL;
    return mill_codec_named(dot + 1);
}

const char *
mill_codec_level(void)
{
    return codec__kernels()->level;
}

char *
mill_codec_versions(char *text, size_t n)
{
    snprintf(text, n, "%s, libpng %s%s", codec__jpeg_version(),
             codec__png_version(), codec__png_packers);
    return text;
}

struct mill_limits
mill_limits_default(void)
{
    return (struct mill_limits){.pixels = 16383u * 16383u, .scans = 100};
}

struct mill_encode
mill_encode_default(void)
{
    return (struct mill_encode){.quality = 80,
                                .subsampling = MILL_SUBSAMPLING_420,
                                .compression = MILL_COMPRESSION_DEFAULT};
}
