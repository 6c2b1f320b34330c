/* The search for runs in vectors of the compiler's. */
#include "pack_loops.h"

typedef uint8_t vec __attribute__((vector_size(16)));

/* Of eight bytes, each all ones or none, one bit each; the product brings them
 * together at the top. */
ALWAYS uint64_t
bits_of(uint64_t bytes)
{
    bytes = le64toh(bytes) & 0x0101010101010101;
    return bytes * 0x0102040810204080 >> 56;
}

ALWAYS uint64_t
same_as_before(const uint8_t *at)
{
    uint64_t same = 0;
    for (unsigned i = 0; i < WORD; i += sizeof(vec)) {
        vec now, before;
        uint64_t halves[2];
        memcpy(&now, at + i, sizeof now);
        memcpy(&before, at + i - 1, sizeof before);
        now = (vec)(now == before);
        memcpy(halves, &now, sizeof now);
        same |= (bits_of(halves[0]) | bits_of(halves[1]) << 8) << i;
    }
    return same;
}

#include "pack_words.h"

size_t
codec__stretches_lanes(const uint8_t *at, size_t n, uint32_t *stretch,
                       struct codec__counts *counts)
{
    return search_all(at, n, stretch, counts);
}
