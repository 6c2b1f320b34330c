/* A small profile that is one: a header and one tag. The tag is noise, because
 * libpng takes a profile that packs into few bytes for a broken one. */
#ifndef ICC_MAKE_H
#define ICC_MAKE_H

#include <stdint.h>
#include <string.h>

enum { ICC_TAG_AT = 144, ICC_TAG_BYTES = 128, ICC_MADE_BYTES = 272 };

/* space: "RGB ", "GRAY", … */
static inline void
icc_make(uint8_t profile[ICC_MADE_BYTES], const char *space)
{
    static const uint8_t d50[] = {0x00, 0x00, 0xF6, 0xD6, 0x00, 0x01,
                                  0x00, 0x00, 0x00, 0x00, 0xD3, 0x2D};
    uint32_t noise = 1;
    memset(profile, 0, ICC_MADE_BYTES);
    profile[2] = ICC_MADE_BYTES >> 8;
    profile[3] = ICC_MADE_BYTES & 255;
    profile[8] = 4;
    memcpy(profile + 12, "mntr", 4);
    memcpy(profile + 16, space, 4);
    memcpy(profile + 20, "XYZ ", 4);
    memcpy(profile + 36, "acsp", 4);
    memcpy(profile + 68, d50, sizeof d50);
    profile[131] = 1;
    memcpy(profile + 132, "test", 4);
    profile[139] = ICC_TAG_AT;
    profile[143] = ICC_TAG_BYTES;
    for (unsigned i = 0; i < ICC_TAG_BYTES; i++) {
        noise = noise * 1664525u + 1013904223u;
        profile[ICC_TAG_AT + i] = (uint8_t)(noise >> 24);
    }
}

#endif
