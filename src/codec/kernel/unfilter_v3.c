/* PNG's filters undone by x86-64-v3, eight rows at once, or twice eight:
 * unfilter_waves.h says how. Wider px, rows of other filters and the rows that
 * are left over are for the level below. */
#include <immintrin.h>

#define HALVES     2
#define WIDE       __m256i
#define W(name)    _mm256_##name
#define ZERO       _mm256_setzero_si256()
#define LANES(x)   _mm256_broadcastsi128_si256(x)
#define FIRST(v)   _mm256_castsi256_si128(v)
#define SECOND(v)  _mm256_extracti128_si256(v, 1)
#define BOTH(a, b) _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1)
#define UP(v, n)   _mm256_slli_si256(v, n)
#define WAVES      2
#define SHORT      48 /* px: less is hardly more than ends */
#include "unfilter_x86.h"

bool
codec__unfilter_v3(const struct codec__raster *raster)
{
    return unfilter(raster, ROWS, codec__unfilter_v2);
}
