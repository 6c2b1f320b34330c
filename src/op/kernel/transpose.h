/* Blocks of samples whose rows become columns, in registers, by rounds of
 * interleaving: row i with row i + half, log2(rows) times. Plain vectors of
 * GNU C: the compiler picks the unpack instructions of its level. */
#ifndef OP_KERNEL_TRANSPOSE_H
#define OP_KERNEL_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OP__BYTES16 __attribute__((vector_size(16)))

/* 16 x 16 bytes. */
static inline __attribute__((always_inline)) void
op__transpose_bytes(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from,
                    ptrdiff_t from_stride)
{
    uint8_t OP__BYTES16 a[16], b[16];
    for (int i = 0; i < 16; i++)
        memcpy(&a[i], from + i * from_stride, 16);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 8; i++) {
            b[2 * i] =
                __builtin_shufflevector(a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3,
                                        19, 4, 20, 5, 21, 6, 22, 7, 23);
            b[2 * i + 1] =
                __builtin_shufflevector(a[i], a[i + 8], 8, 24, 9, 25, 10, 26,
                                        11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(a, b, sizeof a);
    }
    for (int i = 0; i < 16; i++)
        memcpy(to + i * to_stride, &a[i], 16);
}

/* 8 x 8 samples of 16 bits; strides in bytes. */
static inline __attribute__((always_inline)) void
op__transpose_words(void *to, ptrdiff_t to_stride, const void *from,
                    ptrdiff_t from_stride)
{
    uint16_t OP__BYTES16 a[8], b[8];
    for (int i = 0; i < 8; i++)
        memcpy(&a[i], (const uint8_t *)from + i * from_stride, 16);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            b[2 * i] = __builtin_shufflevector(a[i], a[i + 4], 0, 8, 1, 9, 2,
                                               10, 3, 11);
            b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + 4], 4, 12, 5, 13,
                                                   6, 14, 7, 15);
        }
        memcpy(a, b, sizeof a);
    }
    for (int i = 0; i < 8; i++)
        memcpy((uint8_t *)to + i * to_stride, &a[i], 16);
}

#endif
