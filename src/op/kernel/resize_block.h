/* The two files that make blocks of rows, one a depth. Inside kernel. */
#ifndef OP_KERNEL_RESIZE_BLOCK_H
#define OP_KERNEL_RESIZE_BLOCK_H

#include "levels.h"
#include "resize.h"

#define OP__INLINE static inline __attribute__((always_inline))

void OP__LEVEL(op__resize_block_8)(const struct op__block *block);
void OP__LEVEL(op__resize_block_16)(const struct op__block *block);

#endif
