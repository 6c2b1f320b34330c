/* Row loops of turns: mirrored rows, and blocks whose rows become columns. */
#ifndef OP_KERNEL_TURN_H
#define OP_KERNEL_TURN_H

#include <stddef.h>
#include <stdint.h>

struct op__turn_kernels {
    /* to[x] = from[n - 1 - x]; [0] 8-bit samples, [1] 16-bit */
    void (*mirror[2])(void *to, const void *from, uint32_t n);
    /* Sample x of row y becomes sample y of row x, for w x h samples that are
     * read. Strides in bytes; negative ones walk upwards. */
    void (*transpose[2])(void *to, ptrdiff_t to_stride, const void *from,
                         ptrdiff_t from_stride, uint32_t w, uint32_t h);
};

#endif
