/* Tokens to bits.
 *
 *   tokens ─► codes and values ─► stage ─► a 0 behind each 0xFF ─► the window
 *
 * The stage has room for an MCU whatever it holds, so the loop over tokens
 * looks at no end, and the window may be as small as it likes. */
#include "jpeg_coder.h"

#include <endian.h>
#include <string.h>

/* ---- the stage ----------------------------------------------------------- */

/* What the stage has, to the window. */
static void
empty_stage(struct jpeg_coder *coder)
{
    static const uint8_t zero = 0;
    struct jpeg_bits *bits = &coder->bits;
    const uint8_t *from = bits->stage;
    while (from < bits->at) {
        size_t n = (size_t)(bits->at - from);
        const uint8_t *mark = memchr(from, 0xFF, n);
        if (mark)
            n = (size_t)(mark + 1 - from);
        codec__jpeg_put(coder->jpeg, from, n);
        if (mark)
            codec__jpeg_put(coder->jpeg, &zero, 1);
        from += n;
    }
    bits->at = bits->stage;
}

/* ---- tokens -------------------------------------------------------------- */

/* Where the loop over tokens stands, in registers. */
struct pen {
    uint64_t held;
    int room;
    uint8_t *at;
};

/* What is held above the newest 64 - room bits was written. */
static inline void
put(struct pen *pen, uint64_t bits, int n)
{
    pen->room -= n;
    if (pen->room >= 0) {
        pen->held = pen->held << n | bits;
        return;
    }
    uint64_t full = pen->held << (pen->room + n) | bits >> -pen->room;
    full = htobe64(full);
    memcpy(pen->at, &full, sizeof full);
    pen->at += sizeof full;
    pen->held = bits;
    pen->room += 64;
}

/* Bits that have no room in their word stand in the next one. */
static inline const uint16_t *
put_token(struct pen *pen, const uint16_t *token,
          const struct jpeg_code code[JPEG_SYMBOLS])
{
    unsigned symbol = *token >> 8, low = *token & 0xFF;
    if ((symbol & 15) > JPEG_WORD_BITS)
        low = *++token;
    put(pen, code[symbol].bits | low, (int)code[symbol].n);
    return token + 1;
}

static inline const uint16_t *
put_block(struct pen *pen, const uint16_t *token,
          const struct jpeg_codes *codes)
{
    unsigned symbol;
    token = put_token(pen, token, codes->dc);
    do {
        symbol = *token >> 8;
        token = put_token(pen, token, codes->ac);
    } while (symbol != JPEG_BLOCK_ENDS && symbol != JPEG_ALL_SET);
    return token;
}

/* As many MCUs as the stage has room for. */
static const uint16_t *
fill_stage(struct jpeg_coder *coder, const uint16_t *token)
{
    struct jpeg_bits *bits = &coder->bits;
    const uint8_t *full = bits->stage + JPEG_STAGE_BYTES;
    struct pen pen = {bits->held, bits->room, bits->at};
    while (coder->waiting && pen.at < full) {
        for (unsigned p = 0; p < coder->n_planes; p++) {
            const struct jpeg_coder_plane *plane = &coder->plane[p];
            for (unsigned i = plane->across * plane->down; i; i--)
                token = put_block(&pen, token, &coder->codes[plane->table]);
        }
        coder->waiting--;
    }
    bits->held = pen.held;
    bits->room = pen.room;
    bits->at = pen.at;
    return token;
}

void
codec__jpeg_write_tokens(struct jpeg_coder *coder)
{
    const uint16_t *token = coder->tokens;
    while (coder->waiting) {
        token = fill_stage(coder, token);
        empty_stage(coder);
    }
    coder->next = coder->tokens;
}

void
codec__jpeg_write_bits(struct jpeg_coder *coder)
{
    struct jpeg_bits *bits = &coder->bits;
    struct pen pen = {bits->held, bits->room, bits->at};
    put(&pen, 0x7F, 7);
    for (int left = 64 - pen.room; left >= 8; left -= 8)
        *pen.at++ = (uint8_t)(pen.held >> (left - 8));
    bits->at = pen.at;
    empty_stage(coder);
}
