/* Tokens to bits.
 *
 *   tokens ─► codes and values ─► stage ─► a 0 behind each 0xFF ─► the window
 *
 * The stage has room for so many tokens whatever they are, so the loop over
 * them looks at no end, and the window may be as small as it likes. */
#include "coder.h"

#include <string.h>

/* What the stage has, to the window. */
static void
empty_stage(struct jpeg_coder *coder)
{
    static const uint8_t zero = 0;
    const uint8_t *from = coder->stage, *end = coder->pen.at;
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
    coder->pen.at = coder->stage;
}

void
codec__jpeg_write_tokens(struct jpeg_coder *coder)
{
    size_t n;
    for (uint16_t *token = coder->tokens; token < coder->next; token += n) {
        n = (size_t)(coder->next - token);
        n = n < JPEG_STAGE_TOKENS ? n : JPEG_STAGE_TOKENS;
        coder->kernels->spell(token, n, coder->codes, &coder->pen);
        empty_stage(coder);
    }
    coder->next = coder->tokens;
}

void
codec__jpeg_write_bits(struct jpeg_coder *coder)
{
    struct codec__pen *pen = &coder->pen;
    if (pen->n)
        *pen->at++ = (uint8_t)(pen->held >> 56 | 0xFFu >> pen->n);
    empty_stage(coder);
}
