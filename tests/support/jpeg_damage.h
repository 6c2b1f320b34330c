/* Small JPEGs, damaged in every way: cut, with a bit flipped, with markers
 * where none belong or not the right ones. libjpeg and our own reader say the
 * same of each, at the scale that its place chooses. */
#ifndef SUPPORT_JPEG_DAMAGE_H
#define SUPPORT_JPEG_DAMAGE_H

#include "jpeg_levels.h"

enum { DAMAGED_FILES = 4, DAMAGE_MARKERS = 6 };

/* From each place to the next: least + place % spread. */
struct damage_stride {
    size_t least, spread;
};

/* What a test's files are, and where they are damaged. */
struct damage {
    struct jpeg_spec (*spec)(unsigned i, unsigned sampling, unsigned w,
                             unsigned h);
    struct damage_stride bytes, bits, markers;
    size_t part; /* markers stand behind 1 / part of the file */
    uint8_t second[DAMAGE_MARKERS]; /* behind an FF */
};

static inline struct mill_buffer
damage_file(const struct damage *d, unsigned i)
{
    static const unsigned sampling[DAMAGED_FILES] = {3, GRAY, 0, 1};
    struct jpeg_spec spec = d->spec(i, sampling[i], 21 + 7 * i, 69 - 15 * i);
    spec.quality = i % 2 ? 60 : 92;
    spec.restart = i < 2 ? 0 : i;
    return jpeg_make(&spec);
}

static inline size_t
damage_next(size_t place, const struct damage_stride *stride)
{
    return place + stride->least + place % stride->spread;
}

static inline void
compare_truncations(const struct damage *d)
{
    for (unsigned i = 0; i < DAMAGED_FILES; i++) {
        struct mill_buffer file = damage_file(d, i);
        for (size_t n = 0; n <= file.n; n = damage_next(n, &d->bytes))
            compare_damaged((struct mill_bytes){file.at, n}, 1u << (n + i) % 4,
                            "cut at", n);
        free(file.at);
    }
}

static inline void
compare_flipped_bits(const struct damage *d)
{
    for (unsigned i = 0; i < DAMAGED_FILES; i++) {
        struct mill_buffer file = damage_file(d, i);
        for (size_t bit = 0; bit < 8 * file.n;
             bit = damage_next(bit, &d->bits)) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            compare_damaged(jpeg_bytes(&file), 1u << (bit + i) % 4,
                            "flipped bit", bit);
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(file.at);
    }
}

static inline void
compare_markers(const struct damage *d)
{
    for (unsigned i = 0; i < DAMAGED_FILES; i++) {
        struct mill_buffer file = damage_file(d, i);
        for (size_t at = file.n / d->part; at + 1 < file.n;
             at = damage_next(at, &d->markers)) {
            uint8_t kept[2] = {file.at[at], file.at[at + 1]};
            file.at[at] = 0xFF;
            file.at[at + 1] = d->second[at % DAMAGE_MARKERS];
            compare_damaged(jpeg_bytes(&file), 1u << at / 6 % 4, "marker", at);
            memcpy(file.at + at, kept, sizeof kept);
        }
        free(file.at);
    }
}

#endif
