/* Where the loop over codes stands. */
#ifndef CODEC_KERNEL_STAND_H
#define CODEC_KERNEL_STAND_H

#include "jpeg.h"

struct stand {
    struct codec__bits bits;
    struct codec__block *block;
    const struct codec__lookup *codes;
    uintptr_t order; /* of codec__zigzag: the next coefficient's entry */
};

#endif
