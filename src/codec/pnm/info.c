/* The headers of the PNM family: PBM, PGM and PPM, plain (P1 P2 P3) or raw
 * (P4 P5 P6), and PAM (P7).
 *
 * A header is words between white space; a comment runs from '#' to the end of
 * its line. One byte of white space, or one comment, ends it. PAM names each of
 * its numbers and ends with a line of its own. Any bytes are safe: nothing is
 * read but through a cursor that knows its end. Only the first picture of a
 * file is looked at. */
#include "codec.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_MOST = 0x7FFFFFFF, TOP_MOST = 65535, CHANNELS_MOST = 4 };

/* ---- words --------------------------------------------------------------- */

static bool
is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Behind the end of the line. */
static void
skip_line(struct pnm_cursor *c)
{
    while (c->at < c->end && *c->at != '\n' && *c->at != '\r')
        c->at++;
    if (c->at < c->end)
        c->at++;
}

int
codec__pnm_skip(struct pnm_cursor *c)
{
    while (c->at < c->end && (is_space(*c->at) || *c->at == '#'))
        if (*c->at == '#')
            skip_line(c);
        else
            c->at++;
    return c->at < c->end ? *c->at : -1;
}

enum mill_status
codec__pnm_number(struct pnm_cursor *c, uint32_t most, uint32_t *number,
                  struct mill_err *err)
{
    uint64_t value = 0;
    int next = codec__pnm_skip(c);
    if (next < 0)
        return mill_fail(err, MILL_DAMAGED, "truncated");
    if (!is_digit(next))
        return mill_fail(err, MILL_DAMAGED, "byte 0x%02x is no number",
                         (unsigned)next);
    for (; c->at < c->end && is_digit(*c->at); c->at++) {
        value = value * 10 + (uint64_t)(*c->at - '0');
        if (value > most)
            return mill_fail(err, MILL_DAMAGED, "a number above %u", most);
    }
    *number = (uint32_t)value;
    return MILL_OK;
}

/* A word of capitals into n bytes of room; "" when there is none that fits. */
static void
read_word(struct pnm_cursor *c, char *word, size_t n)
{
    size_t i = 0;
    codec__pnm_skip(c);
    for (; c->at < c->end && !is_space(*c->at); c->at++, i++)
        if (i + 1 < n)
            word[i] = (char)*c->at;
    word[i < n ? i : 0] = 0;
}

/* ---- P1 to P6 ------------------------------------------------------------ */

static enum mill_status
end_header(struct pnm_cursor *c, struct mill_err *err)
{
    if (c->at == c->end)
        return mill_fail(err, MILL_DAMAGED, "truncated");
    if (*c->at == '#')
        skip_line(c);
    else if (is_space(*c->at))
        c->at++;
    else
        return mill_fail(err, MILL_DAMAGED, "the header does not end");
    return MILL_OK;
}

static enum mill_status
parse_numbers(struct pnm_cursor *c, struct pnm_picture *pic,
              struct mill_err *err)
{
    bool bits = pic->kind == 1 || pic->kind == 4;
    bool colour = pic->kind == 3 || pic->kind == 6;
    enum mill_status status = codec__pnm_number(c, SIDE_MOST, &pic->w, err);
    if (status == MILL_OK)
        status = codec__pnm_number(c, SIDE_MOST, &pic->h, err);
    pic->top = 1;
    if (status == MILL_OK && !bits)
        status = codec__pnm_number(c, TOP_MOST, &pic->top, err);
    pic->n_channels = colour ? 3 : 1;
    return status == MILL_OK ? end_header(c, err) : status;
}

/* ---- P7 ------------------------------------------------------------------ */

struct pam_kind {
    const char *name;
    uint32_t n_channels, top_most;
};

static const struct pam_kind pam_kinds[] = {
    {"BLACKANDWHITE", 1, 1},
    {"GRAYSCALE", 1, TOP_MOST},
    {"RGB", 3, TOP_MOST},
    {"BLACKANDWHITE_ALPHA", 2, 1},
    {"GRAYSCALE_ALPHA", 2, TOP_MOST},
    {"RGB_ALPHA", 4, TOP_MOST},
};

enum { WORD_BYTES = 24 };

/* A file need not name its kind; the number of channels then says it. */
static enum mill_status
check_kind(const char *name, const struct pnm_picture *pic,
           struct mill_err *err)
{
    const struct pam_kind *kind = NULL;
    if (!*name)
        return MILL_OK;
    for (unsigned i = 0; i < MILL_COUNT(pam_kinds); i++)
        if (!strcmp(pam_kinds[i].name, name))
            kind = &pam_kinds[i];
    if (!kind)
        return mill_fail(err, MILL_UNSUPPORTED, "PAM of type %s", name);
    if (kind->n_channels != pic->n_channels || pic->top > kind->top_most)
        return mill_fail(err, MILL_DAMAGED, "%s with %u channels up to %u",
                         name, pic->n_channels, pic->top);
    return MILL_OK;
}

/* One line behind its first word. */
static enum mill_status
parse_field(struct pnm_cursor *c, const char *word, char *kind,
            struct pnm_picture *pic, struct mill_err *err)
{
    if (!strcmp(word, "WIDTH"))
        return codec__pnm_number(c, SIDE_MOST, &pic->w, err);
    if (!strcmp(word, "HEIGHT"))
        return codec__pnm_number(c, SIDE_MOST, &pic->h, err);
    if (!strcmp(word, "DEPTH"))
        return codec__pnm_number(c, CHANNELS_MOST, &pic->n_channels, err);
    if (!strcmp(word, "MAXVAL"))
        return codec__pnm_number(c, TOP_MOST, &pic->top, err);
    if (!*word)
        return mill_fail(err, MILL_DAMAGED, "truncated");
    if (strcmp(word, "TUPLTYPE") != 0)
        return mill_fail(err, MILL_DAMAGED, "a PAM header without ENDHDR");
    read_word(c, kind, WORD_BYTES);
    if (!*kind)
        return mill_fail(err, MILL_UNSUPPORTED, "PAM of a type with no name");
    return MILL_OK;
}

static enum mill_status
parse_pam(struct pnm_cursor *c, struct pnm_picture *pic, struct mill_err *err)
{
    char word[WORD_BYTES], kind[WORD_BYTES] = "";
    enum mill_status status = MILL_OK;
    for (;;) {
        read_word(c, word, sizeof word);
        if (!strcmp(word, "ENDHDR"))
            break;
        status = parse_field(c, word, kind, pic, err);
        if (status != MILL_OK)
            return status;
    }
    if (!pic->n_channels)
        return mill_fail(err, MILL_DAMAGED, "a PAM header without DEPTH");
    status = check_kind(kind, pic, err);
    if (status == MILL_OK && (c->at == c->end || *c->at++ != '\n'))
        status = mill_fail(err, MILL_DAMAGED, "truncated");
    return status;
}

/* ---- all ----------------------------------------------------------------- */

enum mill_status
codec__pnm_parse(struct mill_bytes in, struct pnm_picture *pic,
                 struct mill_err *err)
{
    *pic = (struct pnm_picture){0};
    if (in.n < 2 || in.at[0] != 'P' || in.at[1] < '1' || in.at[1] > '7')
        return mill_fail(err, MILL_FORMAT, "no PNM file");
    pic->kind = (unsigned)(in.at[1] - '0');
    struct pnm_cursor c = {in.at + 2, in.at + in.n};
    enum mill_status status =
        pic->kind == 7 ? parse_pam(&c, pic, err) : parse_numbers(&c, pic, err);
    if (status != MILL_OK)
        return status;
    if (!pic->w || !pic->h || !pic->top)
        return mill_fail(err, MILL_DAMAGED, "%u x %u px up to %u", pic->w,
                         pic->h, pic->top);
    pic->model = pic->n_channels < 3 ? MILL_GRAY : MILL_RGB;
    pic->alpha = pic->n_channels % 2 ? MILL_OPAQUE : MILL_STRAIGHT;
    pic->raster = c;
    return MILL_OK;
}

struct mill_shape
codec__pnm_picture_shape(const struct pnm_picture *pic)
{
    struct mill_shape shape;
    mill_shape_init(&shape, pic->w, pic->h, pic->model, pic->alpha,
                    pic->top > 255 ? 16 : 8);
    return shape;
}

static uint8_t
bits_of(uint32_t top)
{
    return (uint8_t)(32 - __builtin_clz(top));
}

enum mill_status
codec__pnm_info(struct mill_bytes in, struct mill_info *info,
                struct mill_err *err)
{
    struct pnm_picture pic;
    enum mill_status status = codec__pnm_parse(in, &pic, err);
    if (status != MILL_OK)
        return status;
    *info = (struct mill_info){.codec = &mill_codec_pnm, .shrinks = 1};
    info->shape = codec__pnm_picture_shape(&pic);
    info->facts = (struct mill_facts){.format = "pnm",
                                      .w = pic.w,
                                      .h = pic.h,
                                      .channels = (uint8_t)pic.n_channels,
                                      .depth = bits_of(pic.top),
                                      .alpha = pic.alpha != MILL_OPAQUE,
                                      .own = true,
                                      .frames = 1};
    strcpy(info->facts.colour, mill_model_name(pic.model));
    return MILL_OK;
}

void
codec__pnm_shape(const struct mill_info *info, const struct mill_decode *how,
                 struct mill_shape *shape)
{
    (void)how;
    *shape = info->shape;
}
