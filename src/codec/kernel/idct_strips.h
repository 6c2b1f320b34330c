/* Strips of blocks by the inverse DCTs of idct_lanes.h: which way each block
 * goes, and each side. A block with its DC alone is filled; one whose
 * coefficients stand in the corner of 4 x 4, as most of a photograph do, goes a
 * shorter way; blocks side by side in a register go the longest way among them.
 *
 * A level says before, behind idct_lanes.h:
 *
 *      BLOCKS                  how many blocks a register holds
 *      struct work             these blocks, as the level keeps them, and
 *                              .quant, .to, .stride, .over, .flat_over
 *      take(w, walk, strip, left)
 *                              the next blocks, of `left`; their widest extent
 *      load(w, n, r)           their first n rows, dequantised; they become 0
 *      put_8, put_4, put_2     columns, or what all_2 gives, to samples
 *      flat(w, side)           samples of blocks with DCs alone
 *      is_zero(v)              of a register */
#ifndef CODEC_KERNEL_IDCT_STRIPS_H
#define CODEC_KERNEL_IDCT_STRIPS_H

#include "idct_lanes.h"

ALWAYS void
blocks_8(struct work *w, bool corner)
{
    WIDE r[8];
    if (corner) {
        load(w, 4, r);
        corner_8(r);
    } else {
        load(w, 8, r);
        full_8(r);
    }
    put_8(w, r);
}

ALWAYS void
blocks_4(struct work *w, bool corner)
{
    WIDE r[8], columns[4];
    if (corner) {
        load(w, 4, r);
        corner_4(r, columns);
    } else {
        load(w, 8, r);
        full_4(r, columns);
    }
    put_4(w, columns);
}

ALWAYS void
blocks_2(struct work *w, bool corner)
{
    WIDE r[8] = {ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO};
    if (corner)
        load(w, 4, r);
    else
        load(w, 8, r);
    put_2(w, all_2(r));
}

ALWAYS bool
strip_of(const struct codec__strip *strip, const unsigned side)
{
    struct work w = {.quant = strip->quant,
                     .to = strip->to,
                     .stride = strip->stride,
                     .over = ZERO};
    struct codec__walk walk = codec__walk(strip);
    for (unsigned i = 0; i < strip->n; i += BLOCKS, w.to += BLOCKS * side) {
        unsigned most = take(&w, &walk, strip, strip->n - i);
        if (most == 1)
            flat(&w, side);
        else if (side == 8)
            blocks_8(&w, most == CORNER);
        else if (side == 4)
            blocks_4(&w, most == CORNER);
        else
            blocks_2(&w, most == CORNER);
    }
    return !w.flat_over && is_zero(w.over);
}

/* A strip of any side; false: a value was too large. */
ALWAYS bool
strip_run(const struct codec__strip *strip)
{
    if (strip->side == 8)
        return strip_of(strip, 8);
    if (strip->side == 4)
        return strip_of(strip, 4);
    if (strip->side == 2)
        return strip_of(strip, 2);
    return codec__idct_1(strip);
}

#endif
