/* Paeth's choice: of left, above and above left the one that is nearest to
 * left + above - above left; the first of them when two are as near. */
#ifndef CODEC_KERNEL_PAETH_H
#define CODEC_KERNEL_PAETH_H

#include <stdlib.h>

static inline int
paeth(int left, int above, int corner)
{
    int to_left = abs(above - corner);
    int to_above = abs(left - corner);
    int to_corner = abs(left + above - 2 * corner);
    if (to_left <= to_above && to_left <= to_corner)
        return left;
    return to_above <= to_corner ? above : corner;
}

#endif
