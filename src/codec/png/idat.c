/* The run of IDAT chunks and what stands behind it, without libpng.
 *
 * The file is whole in memory, so data is unpacked where it lies. A chunk is
 * known to be sound before a byte of it is used. */
#include "own.h"

#include <string.h>

/* Of a chunk that needs no second look; libpng judges longer ones. */
enum { LENGTH_MOST = 16 << 20 };

static bool
is_sound(const struct png_chunk *chunk)
{
    const uint8_t *end = chunk->data.at + chunk->data.n;
    return codec__png_crc32(0, chunk->type, chunk->data.n + 4) ==
           codec__png_be32(end);
}

struct png_idat
codec__png_idat(struct mill_bytes in, size_t first)
{
    return (struct png_idat){.in = in, .at = first};
}

/* The first chunk may be of any length: libpng has let it pass. */
static bool
is_idat(const struct png_chunk *chunk)
{
    return !memcmp(chunk->type, "IDAT", 4);
}

bool
codec__png_idat_next(struct png_idat *idat)
{
    struct png_chunk chunk;
    bool first = !idat->left.at;
    size_t at = idat->at;
    if (!codec__png_chunk_next(idat->in, &at, &chunk) || !is_idat(&chunk) ||
        (!first && chunk.data.n > LENGTH_MOST) || !is_sound(&chunk))
        return false;
    idat->at = at;
    idat->left = chunk.data;
    return true;
}

static bool
is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Behind the pixels nothing but its own frame counts of a chunk, if it is not
 * one that must not be there. */
static bool
is_plain(const struct png_chunk *chunk)
{
    for (unsigned i = 0; i < 4; i++)
        if (!is_letter(chunk->type[i]))
            return false;
    return chunk->data.n <= LENGTH_MOST &&
           memcmp(chunk->type, "IHDR", 4) != 0 && !is_idat(chunk) &&
           is_sound(chunk);
}

bool
codec__png_idat_ends_well(struct png_idat *idat)
{
    struct png_chunk chunk;
    size_t at = idat->at;
    while (codec__png_chunk_next(idat->in, &at, &chunk)) {
        if (!is_plain(&chunk))
            return false;
        if (!memcmp(chunk.type, "IEND", 4))
            return chunk.data.n == 0;
    }
    return false;
}
