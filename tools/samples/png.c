/* Pictures to PNG in every colour type and depth. A refusal of the library ends
 * the program. */
#include "samples.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* Levels of red, green and blue in the palette of 256. */
enum { CUBE = 6 };

static void
append(png_structp png, png_bytep at, png_size_t n)
{
    samples__add(png_get_io_ptr(png), at, n);
}

static void
flush(png_structp png)
{
    (void)png;
}

static _Noreturn void
refuse(png_structp png, png_const_charp why)
{
    (void)png;
    fprintf(stderr, "make-samples: libpng: %s\n", why);
    abort();
}

/* From dark blue to pale yellow; in 256, a cube of colours instead. */
static unsigned
make_palette(png_color *palette, unsigned depth)
{
    unsigned n = depth == 8 ? CUBE * CUBE * CUBE : 1u << depth;
    for (unsigned i = 0; i < n; i++) {
        unsigned t = i * 255 / (n - 1);
        palette[i] = (png_color){(png_byte)t, (png_byte)(20 + t * 220 / 255),
                                 (png_byte)(70 + t * 90 / 255)};
        if (depth == 8)
            palette[i] = (png_color){(png_byte)(i / (CUBE * CUBE) * 51),
                                     (png_byte)(i / CUBE % CUBE * 51),
                                     (png_byte)(i % CUBE * 51)};
    }
    return n;
}

/* value 0..255 to 0..levels - 1; an ordered pattern of 2 x 2 hides the steps.
 */
static unsigned
quantized(unsigned value, unsigned levels, unsigned x, unsigned y)
{
    static const unsigned pattern[4] = {32, 160, 224, 96};
    unsigned dither = pattern[(y & 1) * 2 + (x & 1)];
    return (value * (levels - 1) + dither * 255 / 256) / 255;
}

static unsigned
index_of(const uint8_t *rgb, unsigned depth, unsigned x, unsigned y)
{
    if (depth < 8)
        return quantized(samples__luma(rgb), 1u << depth, x, y);
    return quantized(rgb[0], CUBE, x, y) * CUBE * CUBE +
           quantized(rgb[1], CUBE, x, y) * CUBE + quantized(rgb[2], CUBE, x, y);
}

/* A sample of the wanted depth; the low byte of a deep one is not a copy. */
static uint8_t *
put_sample(uint8_t *out, unsigned value, unsigned depth, unsigned x, unsigned y)
{
    if (depth < 8) {
        *out++ = (uint8_t)quantized(value, 1u << depth, x, y);
        return out;
    }
    *out++ = (uint8_t)value;
    if (depth == 16)
        *out++ = (uint8_t)(value == 255 ? 255 : (x * 7 + y * 13) & 255);
    return out;
}

static void
make_row(const struct picture *picture, const struct png_how *how, unsigned y,
         uint8_t *out)
{
    const uint8_t *rgb = picture->rgb + (size_t)y * picture->w * 3;
    for (unsigned x = 0; x < picture->w; x++, rgb += 3) {
        if (how->colour == PNG_COLOR_TYPE_PALETTE) {
            *out++ = (uint8_t)index_of(rgb, how->depth, x, y);
            continue;
        }
        if (how->colour & PNG_COLOR_MASK_COLOR)
            for (unsigned c = 0; c < 3; c++)
                out = put_sample(out, rgb[c], how->depth, x, y);
        else
            out = put_sample(out, samples__luma(rgb), how->depth, x, y);
        if (how->colour & PNG_COLOR_MASK_ALPHA)
            out = put_sample(out, samples__alpha(picture, x, y), how->depth, x,
                             y);
    }
}

/* libpng looks for a text's end itself, and copies it. */
static void
set_xmp(png_structp png, png_infop info, const struct mill_buffer *xmp)
{
    char *ended = samples__take(xmp->n + 1);
    memcpy(ended, xmp->at, xmp->n);
    ended[xmp->n] = 0;
    png_text text = {.compression = PNG_ITXT_COMPRESSION_NONE,
                     .key = (char[]){"XML:com.adobe.xmp"},
                     .text = ended,
                     .itxt_length = xmp->n,
                     .lang = (char[]){""},
                     .lang_key = (char[]){""}};
    png_set_text(png, info, &text, 1);
    free(ended);
}

static void
set_metadata(png_structp png, png_infop info, const struct png_how *how)
{
    if (how->icc)
        png_set_iCCP(png, info, "sRGB-like", PNG_COMPRESSION_TYPE_BASE,
                     how->icc->at, (png_uint_32)how->icc->n);
    if (how->exif)
        png_set_eXIf_1(png, info, (png_uint_32)how->exif->n, how->exif->at);
    if (how->xmp)
        set_xmp(png, info, how->xmp);
}

static void
set_head(png_structp png, png_infop info, const struct picture *picture,
         const struct png_how *how)
{
    static const png_byte half[] = {96};
    png_color palette[PNG_MAX_PALETTE_LENGTH];
    png_set_IHDR(png, info, picture->w, picture->h, (int)how->depth,
                 how->colour,
                 how->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (how->colour == PNG_COLOR_TYPE_PALETTE) {
        unsigned n = make_palette(palette, how->depth);
        png_set_PLTE(png, info, palette, (int)n);
    }
    if (how->clear_entry)
        png_set_tRNS(png, info, half, 1, NULL);
    if (how->clear_colour)
        png_set_tRNS(
            png, info, NULL, 0,
            &(png_color_16){.red = 24, .green = 40, .blue = 90, .gray = 41});
    set_metadata(png, info, how);
}

/* Rows of eight bytes a pixel at most, one behind the other. */
static void
write_picture(png_structp png, const struct picture *picture,
              const struct png_how *how)
{
    size_t stride = (size_t)picture->w * 8;
    uint8_t *all = samples__take(stride * picture->h);
    png_bytep *rows = samples__take(sizeof *rows * picture->h);
    for (unsigned y = 0; y < picture->h; y++) {
        rows[y] = all + stride * y;
        make_row(picture, how, y, rows[y]);
    }
    png_write_image(png, rows);
    free(rows);
    free(all);
}

void
samples__png(struct mill_buffer *out, const struct picture *picture,
             const struct png_how *how)
{
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, refuse, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, append, flush);
    png_set_compression_level(png, 9);
    set_head(png, info, picture, how);
    png_write_info(png, info);
    png_set_packing(png);
    write_picture(png, picture, how);
    if (how->late_exif)
        png_write_chunk(png, (png_const_bytep) "eXIf", how->late_exif->at,
                        how->late_exif->n);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

void
samples__png_black(struct mill_buffer *out, unsigned w, unsigned h)
{
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, refuse, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t *row = calloc(1, w / 8 + 1);
    if (!row)
        abort();
    png_set_write_fn(png, out, append, flush);
    png_set_compression_level(png, 9);
    png_set_IHDR(png, info, w, h, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < h; y++)
        png_write_row(png, row);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
}
