/* libFuzzer's mutations of PNGs with the chunks' CRCs put right again, three
 * times of four; with wrong ones few would come past the first chunk. */
#include "fuzz.h"

#include <zlib.h>

enum { SIGNATURE_BYTES = 8, FRAME_BYTES = 12 };

size_t LLVMFuzzerMutate(uint8_t *at, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *at, size_t n, size_t most,
                               unsigned seed);

static void
mend(uint8_t *at, size_t n)
{
    while (n >= FRAME_BYTES) {
        size_t data = (size_t)at[0] << 24 | (size_t)at[1] << 16 |
                      (size_t)at[2] << 8 | at[3];
        if (data > n - FRAME_BYTES)
            return;
        uint32_t crc = (uint32_t)crc32(0, at + 4, (uInt)data + 4);
        for (unsigned i = 0; i < 4; i++)
            at[8 + data + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += FRAME_BYTES + data;
        n -= FRAME_BYTES + data;
    }
}

size_t
LLVMFuzzerCustomMutator(uint8_t *at, size_t n, size_t most, unsigned seed)
{
    n = LLVMFuzzerMutate(at, n, most);
    if (n > SIGNATURE_BYTES && seed % 4)
        mend(at + SIGNATURE_BYTES, n - SIGNATURE_BYTES);
    return n;
}
