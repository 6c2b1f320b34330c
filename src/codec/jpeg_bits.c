/* Tokens to bits.
 *
 *   tokens ─► codes and values ─► stage ─► a 0 behind each 0xFF ─► the window
 *
 * The stage has room for an MCU whatever it holds, so the loop over tokens
 * looks at no end, and the window may be as small as it likes. */
#include "jpeg_coder.h"

#include <string.h>

void
codec__jpeg_bits_open(struct jpeg_coder *coder)
{
    struct codec__spelling *s = &coder->spelling;
    s->n_planes = coder->n_planes;
    for (unsigned p = 0; p < coder->n_planes; p++) {
        const struct jpeg_coder_plane *plane = &coder->plane[p];
        s->plane[p].blocks = plane->across * plane->down;
        s->plane[p].codes = &coder->codes[plane->table];
    }
    s->room = 64;
    s->at = coder->stage;
    s->full = coder->stage + JPEG_STAGE_BYTES;
}

/* What the stage has, to the window. */
static void
empty_stage(struct jpeg_coder *coder)
{
    static const uint8_t zero = 0;
    const uint8_t *from = coder->stage, *end = coder->spelling.at;
    while (from < end) {
        size_t n = (size_t)(end - from);
        const uint8_t *mark = memchr(from, 0xFF, n);
        if (mark)
            n = (size_t)(mark + 1 - from);
        codec__jpeg_put(coder->jpeg, from, n);
        if (mark)
            codec__jpeg_put(coder->jpeg, &zero, 1);
        from += n;
    }
    coder->spelling.at = coder->stage;
}

void
codec__jpeg_write_tokens(struct jpeg_coder *coder)
{
    struct codec__spelling *s = &coder->spelling;
    s->token = coder->tokens;
    s->mcus = coder->waiting;
    while (s->mcus) {
        coder->kernels->spell(s);
        empty_stage(coder);
    }
    coder->next = coder->tokens;
    coder->waiting = 0;
}

void
codec__jpeg_write_bits(struct jpeg_coder *coder)
{
    struct codec__spelling *s = &coder->spelling;
    unsigned n = 64 - (unsigned)s->room, over = -n % 8;
    uint64_t bits = s->held << over | ((1u << over) - 1);
    for (n += over; n; n -= 8)
        *s->at++ = (uint8_t)(bits >> (n - 8));
    empty_stage(coder);
}
