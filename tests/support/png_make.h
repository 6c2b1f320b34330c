/* PNGs for tests: files of every kind made by libpng from a drawn picture, and
 * files taken apart into chunks and put together anew, for what libpng would
 * not write. */
#ifndef PNG_MAKE_H
#define PNG_MAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include <zlib.h>

#include "mill_test_pixel.h"

struct png_spec {
    uint32_t w, h;
    int type, depth, interlace; /* libpng's own constants */
    bool transparent;           /* write tRNS */
    unsigned n_palette;         /* 0: as many as the depth can name */
    void (*chunks)(png_struct *png, png_info *info); /* may be NULL */
};

static inline unsigned
png_spec_channels(const struct png_spec *spec)
{
    static const unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[spec->type];
}

static inline unsigned
png_spec_colours(const struct png_spec *spec)
{
    return spec->n_palette ? spec->n_palette : 1u << spec->depth;
}

/* Entry i of the palette: red, green, blue, alpha. */
static inline uint8_t
png_drawn_colour(unsigned i, unsigned c)
{
    return (uint8_t)(i * (37 + 22 * c) + 11 * c);
}

/* What the tRNS of gray and RGB names: the sample of px 0, 0. */
static inline unsigned
png_drawn(const struct png_spec *spec, uint32_t x, uint32_t y, unsigned c)
{
    unsigned v = mill_test_noise(NULL, c, x / 2, y) & ((1u << spec->depth) - 1);
    if (spec->type == PNG_COLOR_TYPE_PALETTE)
        v %= png_spec_colours(spec);
    return v;
}

/* One row as PNG packs it: high bits first, high bytes first. */
static inline void
png_drawn_row(const struct png_spec *spec, uint32_t y, uint8_t *row, size_t n)
{
    unsigned channels = png_spec_channels(spec), depth = (unsigned)spec->depth;
    size_t bit = 0;
    memset(row, 0, n);
    for (uint32_t x = 0; x < spec->w; x++)
        for (unsigned c = 0; c < channels; c++) {
            unsigned v = png_drawn(spec, x, y, c);
            for (unsigned b = 0; b < depth; b++, bit++)
                row[bit / 8] |=
                    (uint8_t)((v >> (depth - 1 - b) & 1) << (7 - bit % 8));
        }
}

static inline void
png_make__transparent(const struct png_spec *spec, png_struct *png,
                      png_info *info)
{
    uint8_t alpha[256];
    png_color_16 key = {.red = (uint16_t)png_drawn(spec, 0, 0, 0),
                        .green = (uint16_t)png_drawn(spec, 0, 0, 1),
                        .blue = (uint16_t)png_drawn(spec, 0, 0, 2),
                        .gray = (uint16_t)png_drawn(spec, 0, 0, 0)};
    for (unsigned i = 0; i < 256; i++)
        alpha[i] = png_drawn_colour(i, 3);
    if (spec->type == PNG_COLOR_TYPE_PALETTE) /* the last one has none */
        png_set_tRNS(png, info, alpha, (int)png_spec_colours(spec) - 1, NULL);
    else
        png_set_tRNS(png, info, NULL, 0, &key);
}

static inline void
png_make__header(const struct png_spec *spec, png_struct *png, png_info *info)
{
    png_color palette[256];
    for (unsigned i = 0; i < 256; i++)
        palette[i] = (png_color){png_drawn_colour(i, 0), png_drawn_colour(i, 1),
                                 png_drawn_colour(i, 2)};
    png_set_IHDR(png, info, spec->w, spec->h, spec->depth, spec->type,
                 spec->interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (spec->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, (int)png_spec_colours(spec));
    if (spec->transparent)
        png_make__transparent(spec, png, info);
    if (spec->chunks)
        spec->chunks(png, info);
    png_write_info(png, info);
}

static inline void
png_make__write(png_struct *png, uint8_t *at, size_t n)
{
    if (!mill_buffer_append(png_get_io_ptr(png), at, n))
        abort();
}

static inline void
png_make__flush(png_struct *png)
{
    (void)png;
}

/* Clear it after. A spec that libpng refuses aborts. */
static inline struct mill_buffer
png_make(const struct png_spec *spec)
{
    struct mill_buffer file = {0};
    size_t n =
        ((size_t)spec->w * png_spec_channels(spec) * (unsigned)spec->depth +
         7) /
        8;
    uint8_t *row = malloc(n);
    png_struct *png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_info *info = png_create_info_struct(png);
    png_set_write_fn(png, &file, png_make__write, png_make__flush);
    png_make__header(spec, png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < spec->h; y++) {
            png_drawn_row(spec, y, row, n);
            png_write_row(png, row);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
    return file;
}

static inline struct mill_bytes
png_bytes(const struct mill_buffer *file)
{
    return (struct mill_bytes){file->at, file->n};
}

/* ---- chunks -------------------------------------------------------------- */

static inline void
png_put_be32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline uint32_t
png_get_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static inline void
png_put_signature(struct mill_buffer *file)
{
    static const uint8_t signature[] = {0x89, 'P',  'N',  'G',
                                        '\r', '\n', 0x1A, '\n'};
    if (!mill_buffer_append(file, signature, sizeof signature))
        abort();
}

static inline void
png_put_chunk(struct mill_buffer *file, const char *type, const void *data,
              size_t n)
{
    uint8_t head[8], tail[4];
    uint32_t crc = (uint32_t)crc32(0, (const uint8_t *)type, 4);
    if (n)
        crc = (uint32_t)crc32(crc, data, (uInt)n);
    png_put_be32(head, (uint32_t)n);
    memcpy(head + 4, type, 4);
    png_put_be32(tail, crc);
    if (!mill_buffer_append(file, head, 8) ||
        !mill_buffer_append(file, data, n) ||
        !mill_buffer_append(file, tail, 4))
        abort();
}

static inline void
png_put_header(struct mill_buffer *file, uint32_t w, uint32_t h, uint8_t depth,
               uint8_t type)
{
    uint8_t data[13] = {[8] = depth, [9] = type};
    png_put_be32(data, w);
    png_put_be32(data + 4, h);
    png_put_chunk(file, "IHDR", data, sizeof data);
}

/* Raw rows (filter bytes and all) as one IDAT. */
static inline void
png_put_pixels(struct mill_buffer *file, const uint8_t *rows, size_t n)
{
    uLongf packed_n = compressBound(n);
    uint8_t *packed = malloc(packed_n);
    if (compress(packed, &packed_n, rows, n) != Z_OK)
        abort();
    png_put_chunk(file, "IDAT", packed, packed_n);
    free(packed);
}

/* Where the first chunk of a type begins (its length field); the file must have
 * one. */
static inline size_t
png_find_chunk(const struct mill_buffer *file, const char *type)
{
    size_t at = 8;
    while (memcmp(file->at + at + 4, type, 4) != 0) {
        at += 12 + (size_t)png_get_be32(file->at + at);
        if (at >= file->n)
            abort();
    }
    return at;
}

/* A copy of the file with a chunk put before the first one of type `before`. */
static inline struct mill_buffer
png_with_chunk(const struct mill_buffer *file, const char *before,
               const char *type, const void *data, size_t n)
{
    struct mill_buffer copy = {0};
    size_t at = png_find_chunk(file, before);
    if (!mill_buffer_append(&copy, file->at, at))
        abort();
    png_put_chunk(&copy, type, data, n);
    if (!mill_buffer_append(&copy, file->at + at, file->n - at))
        abort();
    return copy;
}

#endif
