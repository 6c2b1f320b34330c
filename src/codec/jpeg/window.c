/* The bytes of a JPEG's scan as Huffman codes see them: markers end them, and
 * of FF 00 only the FF counts.
 *
 * A window of them is unstuffed ahead, so that the loop which takes codes apart
 * looks at neither. It reads on where the window's end is near: then what is
 * left moves to the front. Behind the last byte before a marker it may run on
 * over bytes of any value; that it did so is seen afterwards. */
#include "own.h"

#include <string.h>

void
codec__jpeg_window_open(struct jpeg_window *window, struct mill_bytes in,
                        uint8_t *bytes, size_t n, size_t pad)
{
    memset(bytes, 0, n + pad);
    *window = (struct jpeg_window){
        .in = in, .end = bytes, .bytes = bytes, .n = n, .pad = pad};
}

/* Up to an FF that begins a marker, or until the window is full. */
static uint8_t *
unstuff(struct jpeg_window *window, uint8_t *to)
{
    uint8_t *end = window->bytes + window->n;
    while (to < end && !window->last) {
        struct mill_bytes *in = &window->in;
        size_t room = (size_t)(end - to), n = in->n < room ? in->n : room;
        const uint8_t *ff = n ? memchr(in->at, 0xFF, n) : NULL;
        size_t run = ff ? (size_t)(ff - in->at) : n;
        memcpy(to, in->at, run);
        to += run;
        *in = (struct mill_bytes){in->at + run, in->n - run};
        bool stuffed = ff && in->n > 1 && in->at[1] == 0;
        if (stuffed) {
            *to++ = 0xFF;
            *in = (struct mill_bytes){in->at + 2, in->n - 2};
        }
        window->last = (ff && !stuffed) || !in->n;
    }
    return to;
}

void
codec__jpeg_window_fill(struct jpeg_window *window, struct codec__bits *bits)
{
    if (window->last || window->end - bits->p >= (ptrdiff_t)window->pad)
        return;
    size_t kept = (size_t)(window->end - bits->p);
    memmove(window->bytes, bits->p, kept);
    bits->p = window->bytes;
    window->end = unstuff(window, window->bytes + kept);
}

void
codec__jpeg_window_begin(struct jpeg_window *window, struct codec__bits *bits)
{
    window->last = false;
    window->end = unstuff(window, window->bytes);
    *bits = (struct codec__bits){.p = window->bytes};
}

/* The last byte of which a bit is at hand or was used. */
static const uint8_t *
used_up_to(const struct codec__bits *bits)
{
    return bits->p - (bits->left >> 3);
}

bool
codec__jpeg_window_is_sound(const struct jpeg_window *window,
                            const struct codec__bits *bits)
{
    bool cut = window->last && window->in.n < 2;
    return !cut && used_up_to(bits) <= window->end;
}

bool
codec__jpeg_window_marker(struct jpeg_window *window, struct codec__bits *bits,
                          uint8_t marker)
{
    codec__jpeg_window_fill(window, bits);
    struct mill_bytes *in = &window->in;
    if (!window->last || used_up_to(bits) != window->end || in->n < 2 ||
        in->at[0] != 0xFF || in->at[1] != marker)
        return false;
    *in = (struct mill_bytes){in->at + 2, in->n - 2};
    return true;
}
