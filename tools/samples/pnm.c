/* Pictures to the six kinds of PNM and to PAM. */
#include "samples.h"

#include <stdarg.h>

static void add_format(struct mill_buffer *out, const char *fmt, ...)
    MILL_PRINTF(2, 3);

static void
add_format(struct mill_buffer *out, const char *fmt, ...)
{
    char text[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    samples__add_text(out, text);
}

static unsigned
scaled(unsigned value, unsigned maxval)
{
    return (value * maxval + 127) / 255;
}

static void
add_binary(struct mill_buffer *out, unsigned value, unsigned maxval)
{
    unsigned sample = scaled(value, maxval);
    if (maxval > 255)
        samples__add_u16(out, sample);
    else
        samples__add(out, &(uint8_t){(uint8_t)sample}, 1);
}

/* Bits of a row of P4: 1 is black. */
static void
add_bits(struct mill_buffer *out, const uint8_t *rgb, unsigned w)
{
    for (unsigned x = 0; x < w; x += 8) {
        uint8_t bits = 0;
        for (unsigned i = 0; i < 8 && x + i < w; i++)
            if (samples__luma(rgb + (x + i) * 3) < 128)
                bits |= (uint8_t)(0x80 >> i);
        samples__add(out, &bits, 1);
    }
}

static void
add_pixel(struct mill_buffer *out, const uint8_t *rgb,
          const struct pnm_how *how)
{
    unsigned luma = samples__luma(rgb);
    switch (how->kind) {
    case 1:
        samples__add_text(out, luma < 128 ? "1 " : "0 ");
        break;
    case 2:
        add_format(out, "%u ", scaled(luma, how->maxval));
        break;
    case 3:
        for (unsigned c = 0; c < 3; c++)
            add_format(out, "%u ", scaled(rgb[c], how->maxval));
        break;
    case 5:
        add_binary(out, luma, how->maxval);
        break;
    default:
        for (unsigned c = 0; c < 3; c++)
            add_binary(out, rgb[c], how->maxval);
    }
}

static void
add_row(struct mill_buffer *out, const uint8_t *rgb, unsigned w,
        const struct pnm_how *how)
{
    if (how->kind == 4) {
        add_bits(out, rgb, w);
        return;
    }
    for (unsigned x = 0; x < w; x++) {
        add_pixel(out, rgb + (size_t)x * 3, how);
        /* Lines of plain PNM have at most 70 characters. */
        if (how->kind <= 3 && (x % 5 == 4 || x + 1 == w))
            samples__add_text(out, "\n");
    }
}

void
samples__pnm(struct mill_buffer *out, const struct picture *picture,
             const struct pnm_how *how)
{
    add_format(out, "P%u\n", how->kind);
    if (how->comment)
        add_format(out, "# %s\n", how->comment);
    add_format(out, "%u %u\n", picture->w, picture->h);
    if (how->kind != 1 && how->kind != 4)
        add_format(out, "%u\n", how->maxval);
    for (unsigned y = 0; y < picture->h; y++)
        add_row(out, picture->rgb + (size_t)y * picture->w * 3, picture->w,
                how);
}

void
samples__pam(struct mill_buffer *out, const struct picture *picture,
             unsigned maxval)
{
    add_format(out,
               "P7\nWIDTH %u\nHEIGHT %u\nDEPTH 4\nMAXVAL %u\n"
               "TUPLTYPE RGB_ALPHA\nENDHDR\n",
               picture->w, picture->h, maxval);
    for (unsigned y = 0; y < picture->h; y++)
        for (unsigned x = 0; x < picture->w; x++) {
            size_t i = (size_t)y * picture->w + x;
            for (unsigned c = 0; c < 3; c++)
                add_binary(out, picture->rgb[i * 3 + c], maxval);
            add_binary(out, samples__alpha(picture, x, y), maxval);
        }
}
