/* Row loops of turns. Whole blocks go through registers, what is left at the
 * right and below goes sample by sample. */
#include "turn.h"

#include "levels.h"
#include "transpose.h"

static void
mirror_8(void *to, const void *from, uint32_t n)
{
    uint8_t *restrict d = to;
    const uint8_t *restrict s = from;
    for (uint32_t x = 0; x < n; x++)
        d[x] = s[n - 1 - x];
}

static void
mirror_16(void *to, const void *from, uint32_t n)
{
    uint16_t *restrict d = to;
    const uint16_t *restrict s = from;
    for (uint32_t x = 0; x < n; x++)
        d[x] = s[n - 1 - x];
}

/* Columns [x, w) of rows [y, h), one by one. */
static void
corner(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from,
       ptrdiff_t from_stride, uint32_t w, uint32_t h, size_t sample)
{
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            memcpy(to + (ptrdiff_t)x * to_stride + y * sample,
                   from + (ptrdiff_t)y * from_stride + x * sample, sample);
}

static inline __attribute__((always_inline)) void
transpose(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from,
          ptrdiff_t from_stride, uint32_t w, uint32_t h, size_t sample)
{
    const uint32_t side = sample == 1 ? 16 : 8;
    const uint32_t whole_w = w - w % side, whole_h = h - h % side;
    for (uint32_t y = 0; y < whole_h; y += side) {
        const uint8_t *s = from + (ptrdiff_t)y * from_stride;
        uint8_t *d = to + y * sample;
        for (uint32_t x = 0; x < whole_w; x += side) {
            if (sample == 1)
                op__transpose_bytes(d + (ptrdiff_t)x * to_stride, to_stride,
                                    s + x, from_stride);
            else
                op__transpose_words(d + (ptrdiff_t)x * to_stride, to_stride,
                                    s + x * sample, from_stride);
        }
    }
    corner(to + (ptrdiff_t)whole_w * to_stride, to_stride,
           from + whole_w * sample, from_stride, w - whole_w, whole_h, sample);
    corner(to + whole_h * sample, to_stride,
           from + (ptrdiff_t)whole_h * from_stride, from_stride, w, h - whole_h,
           sample);
}

static void
transpose_8(void *to, ptrdiff_t to_stride, const void *from,
            ptrdiff_t from_stride, uint32_t w, uint32_t h)
{
    transpose(to, to_stride, from, from_stride, w, h, 1);
}

static void
transpose_16(void *to, ptrdiff_t to_stride, const void *from,
             ptrdiff_t from_stride, uint32_t w, uint32_t h)
{
    transpose(to, to_stride, from, from_stride, w, h, 2);
}

const struct op__turn_kernels OP__LEVEL(op__turn_kernels) = {
    .mirror = {mirror_8, mirror_16},
    .transpose = {transpose_8, transpose_16},
};
