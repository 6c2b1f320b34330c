/* Any bytes as a PNM file. */
#include "codec/codecs.h"

#include "decode.h"

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    fuzz_decode(&mill_codec_pnm, at, n);
    return 0;
}
