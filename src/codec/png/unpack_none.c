/* No faster unpacking than libpng's: neither library is in this build. */
#if !defined MILL_DEFLATE && !defined MILL_ISAL

#include "own.h"

#include <zlib.h>

uint32_t
codec__png_crc32(uint32_t crc, const uint8_t *at, size_t n)
{
    return (uint32_t)crc32_z(crc, at, n);
}

const struct png_unpacker *const codec__png_unpacker = NULL;

#endif
