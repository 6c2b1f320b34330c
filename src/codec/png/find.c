/* The walk over a PNG's chunks, for what libpng would tell too late.
 *
 * Metadata may stand behind the pixels, but orientation must be known before
 * them. The file is whole in memory, so EXIF, XMP and the count of frames are
 * found here by stepping from chunk to chunk, and libpng is told to skip those.
 * Only what is used is read: a chunk's CRC is checked when its payload is
 * wanted. The walk ends where the chunks stop making sense; whether the file is
 * whole is for libpng to judge.
 *
 * Any bytes are safe, and cost little: each is looked at a few times at most,
 * and one packed text is unpacked, up to a limit. */
#include "codec.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

uint32_t
codec__png_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

bool
codec__png_chunk_next(struct mill_bytes in, size_t *at, struct png_chunk *chunk)
{
    size_t left = in.n - *at;
    if (left < PNG_CHUNK_FRAME_BYTES)
        return false;
    uint32_t n = codec__png_be32(in.at + *at);
    if (n > PNG_CHUNK_MOST || n > left - PNG_CHUNK_FRAME_BYTES)
        return false;
    chunk->type = in.at + *at + 4;
    chunk->data = (struct mill_bytes){chunk->type + 4, n};
    *at += PNG_CHUNK_FRAME_BYTES + (size_t)n;
    return true;
}

static bool
is(const struct png_chunk *chunk, const char *type)
{
    return !memcmp(chunk->type, type, 4);
}

static bool
is_sound(const struct png_chunk *chunk)
{
    const uint8_t *end = chunk->data.at + chunk->data.n;
    return crc32(0, chunk->type, (uInt)chunk->data.n + 4) ==
           codec__png_be32(end);
}

/* Drop what this chunk carries. Of a wrong CRC libpng warns by itself. */
static void
drop(struct png_found *found, const struct png_chunk *chunk, uint32_t note)
{
    found->notes |= note;
    if (is_sound(chunk))
        found->mended++;
}

/* ---- EXIF ---------------------------------------------------------------- */

static void
find_exif(struct png_found *found, const struct png_chunk *chunk)
{
    static const uint8_t jpeg_frame[6] = "Exif\0";
    struct mill_bytes b = chunk->data;
    if (found->exif.n)
        return;
    if (b.n >= sizeof jpeg_frame && !memcmp(b.at, jpeg_frame, 6)) {
        b.at += sizeof jpeg_frame;
        b.n -= sizeof jpeg_frame;
    }
    if (is_sound(chunk) && codec__is_exif(b))
        found->exif = b;
    else
        drop(found, chunk, MILL_NOTE_EXIF_DROPPED);
}

/* ---- XMP ----------------------------------------------------------------- */

/* Inflates into room bytes of text; with text NULL it only counts, up to room.
 * False: damaged, or more than that. */
static bool
inflate_text(struct mill_bytes packed, uint8_t *text, size_t room, size_t *n)
{
    uint8_t scratch[4096];
    z_stream z = {.next_in = packed.at, .avail_in = (uInt)packed.n};
    int status = inflateInit(&z);
    *n = 0;
    while (status == Z_OK) {
        z.next_out = text ? text : scratch;
        z.avail_out = text ? (uInt)room : sizeof scratch;
        status = inflate(&z, Z_NO_FLUSH);
        *n = z.total_out;
        if (*n > room || (text && status == Z_OK))
            status = Z_BUF_ERROR;
    }
    inflateEnd(&z);
    return status == Z_STREAM_END;
}

bool
codec__png_unpack(struct mill_bytes packed, uint8_t *text, uint32_t n)
{
    size_t got;
    return inflate_text(packed, text, n, &got) && got == n;
}

/* Take a NUL-ended string off the front. */
static bool
skip_text(struct mill_bytes *b)
{
    const uint8_t *end = b->n ? memchr(b->at, 0, b->n) : NULL;
    if (!end)
        return false;
    b->n -= (size_t)(end + 1 - b->at);
    b->at = end + 1;
    return true;
}

/* keyword 0, packed?, method, language 0, keyword in that language 0, text */
static bool
parse_xmp(struct png_found *found, struct mill_bytes b)
{
    size_t n;
    b.at += sizeof PNG_XMP_KEYWORD;
    b.n -= sizeof PNG_XMP_KEYWORD;
    if (b.n < 2 || b.at[0] > 1 || b.at[1])
        return false;
    found->xmp_packed = b.at[0];
    b.at += 2;
    b.n -= 2;
    if (!skip_text(&b) || !skip_text(&b))
        return false;
    n = b.n;
    if (found->xmp_packed && !inflate_text(b, NULL, MILL_META_MOST, &n))
        return false;
    found->xmp = b;
    found->xmp_bytes = (uint32_t)n;
    return true;
}

static void
find_xmp(struct png_found *found, const struct png_chunk *chunk)
{
    struct mill_bytes b = chunk->data;
    if (found->tried_xmp || b.n < sizeof PNG_XMP_KEYWORD ||
        memcmp(b.at, PNG_XMP_KEYWORD, sizeof PNG_XMP_KEYWORD) != 0)
        return;
    found->tried_xmp = true;
    if (!is_sound(chunk) || !parse_xmp(found, b))
        drop(found, chunk, MILL_NOTE_XMP_DROPPED);
}

/* ---- the walk ------------------------------------------------------------ */

static void
find_frames(struct png_found *found, const struct png_chunk *chunk)
{
    if (chunk->data.n == 8 && is_sound(chunk) &&
        codec__png_be32(chunk->data.at))
        found->frames = codec__png_be32(chunk->data.at);
}

void
codec__png_find(struct mill_bytes in, struct png_found *found)
{
    struct png_chunk chunk;
    size_t at = PNG_SIGNATURE_BYTES;

    *found = (struct png_found){.frames = 1};
    if (in.n < at)
        return;
    while (codec__png_chunk_next(in, &at, &chunk) && !is(&chunk, "IEND")) {
        if (is(&chunk, "eXIf"))
            find_exif(found, &chunk);
        else if (is(&chunk, "iTXt"))
            find_xmp(found, &chunk);
        else if (is(&chunk, "acTL"))
            find_frames(found, &chunk);
        else if (is(&chunk, "iCCP"))
            found->has_icc = true;
    }
}
