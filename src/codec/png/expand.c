/* PNG's rows as they are stored to the rows that libpng would give.
 *
 * A colour that tRNS names is compared as it is stored, with as many of its low
 * bits as a sample has. Pure functions. */
#include "own.h"

#include <string.h>

/* ---- samples below 8 bits ------------------------------------------------ */

/* What each byte holds, behind one another, each times `by`. */
static void
fill_table(struct png_expand *e, unsigned by)
{
    const unsigned depth = e->depth, mask = (1u << depth) - 1;
    for (unsigned byte = 0; byte < MILL_COUNT(e->px); byte++)
        for (unsigned i = 0; i < 8 / depth; i++) {
            unsigned shift = 8 - depth * (i + 1);
            e->px[byte][i] = (uint8_t)((byte >> shift & mask) * by);
        }
}

/* Eight bytes are stored for each that is read, as long as there is room: what
 * is too much of them the next ones cover. */
static void
unpack(const struct png_expand *e, uint8_t *restrict to,
       const uint8_t *restrict from)
{
    const uint32_t per_byte = 8 / e->depth;
    uint32_t x = 0;
    for (; e->w - x >= sizeof *e->px; x += per_byte)
        memcpy(to + x, e->px[*from++], sizeof *e->px);
    for (; x < e->w; x += per_byte) {
        uint32_t left = e->w - x;
        memcpy(to + x, e->px[*from++], left < per_byte ? left : per_byte);
    }
}

/* From the last px to the first, as gray and alpha take the place of gray. */
static void
widen_key(const struct png_expand *e, uint8_t *to, const uint8_t *from)
{
    const unsigned most = (1u << e->depth) - 1, key = e->key[0] & most;
    unpack(e, to, from);
    for (uint32_t x = e->w; x--;) {
        uint8_t v = to[x];
        to[2 * (size_t)x] = v;
        to[2 * (size_t)x + 1] = v == key * (UINT8_MAX / most) ? 0 : UINT8_MAX;
    }
}

/* ---- 8 bits -------------------------------------------------------------- */

static void
key_8(const struct png_expand *e, uint8_t *restrict to,
      const uint8_t *restrict from)
{
    unsigned n = e->channels;
    for (uint32_t x = 0; x < e->w; x++, from += n, to += n + 1) {
        bool is_key = true;
        for (unsigned c = 0; c < n; c++) {
            is_key &= from[c] == (uint8_t)e->key[c];
            to[c] = from[c];
        }
        to[n] = is_key ? 0 : UINT8_MAX;
    }
}

/* ---- 16 bits, high byte first -------------------------------------------- */

static uint16_t
be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void
turn_16(const struct png_expand *e, uint8_t *to, const uint8_t *from)
{
    uint16_t *restrict out = (uint16_t *)(void *)to;
    size_t n = (size_t)e->w * e->channels;
    for (size_t i = 0; i < n; i++)
        out[i] = be16(from + 2 * i);
}

static void
key_16(const struct png_expand *e, uint8_t *to, const uint8_t *from)
{
    uint16_t *restrict out = (uint16_t *)(void *)to;
    unsigned n = e->channels;
    for (uint32_t x = 0; x < e->w; x++, from += 2 * n, out += n + 1) {
        bool is_key = true;
        for (unsigned c = 0; c < n; c++) {
            out[c] = be16(from + 2 * c);
            is_key &= out[c] == e->key[c];
        }
        out[n] = is_key ? 0 : UINT16_MAX;
    }
}

/* ---- the choice ---------------------------------------------------------- */

static void
load_key(struct png_expand *e, const struct png_reader *reader)
{
    png_color_16 *key = NULL;
    png_get_tRNS(reader->trap.png, reader->trap.info, NULL, NULL, &key);
    if (!key)
        return;
    e->has_key = true;
    e->key[0] = e->channels == 1 ? key->gray : key->red;
    e->key[1] = key->green;
    e->key[2] = key->blue;
}

void
codec__png_expand_init(struct png_expand *e, const struct png_reader *reader)
{
    const struct mill_facts *facts = &reader->info.facts;
    *e = (struct png_expand){
        .w = facts->w,
        .depth = facts->depth,
        .channels = png_get_channels(reader->trap.png, reader->trap.info)};
    if (reader->transparent && !facts->palette)
        load_key(e, reader);
    if (facts->depth < 8)
        fill_table(e, facts->palette ? 1 : UINT8_MAX / ((1u << e->depth) - 1));
    if (facts->depth < 8)
        e->row = e->has_key ? widen_key : unpack;
    else if (facts->depth == 8)
        e->row = e->has_key ? key_8 : NULL;
    else
        e->row = e->has_key ? key_16 : turn_16;
}
