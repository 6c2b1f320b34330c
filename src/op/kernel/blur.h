/* Row loops of blur and sharpen.
 *
 * The same weighted sum of rows serves both axes: across, rows[k] is one row
 * begun k samples further on; down, rows[k] are rows of the ring. Between the
 * axes a sample has OP__MIDDLE_BITS (8-bit pictures: 6, 16-bit ones: 12) more
 * bits, behind both it has 8 more. Weights add up to 2^18 and to 2^28, so that
 * sums just fit 32 and 64 bits. */
#ifndef OP_KERNEL_BLUR_H
#define OP_KERNEL_BLUR_H

#include <stdint.h>

enum {
    OP__MIDDLE_BITS_8 = 6,
    OP__WEIGHT_BITS_8 = 18,
    OP__MIDDLE_BITS_16 = 12,
    OP__WEIGHT_BITS_16 = 28,
    OP__SOFT_BITS = 8,    /* below the point, of what `down` gives */
    OP__AMOUNT_BITS = 11, /* of sharpen's amount, which is at most 10 */
    OP__WEIGHTS_AT_ONCE = 4
};

/* n_rows is a multiple of OP__WEIGHTS_AT_ONCE; n samples a row. */
struct op__blur_kernels {
    void (*across_8)(uint16_t *to, const uint8_t *const *rows,
                     const uint32_t *weights, unsigned n_rows, uint32_t n);
    void (*down_8)(uint16_t *to, const uint16_t *const *rows,
                   const uint32_t *weights, unsigned n_rows, uint32_t n);
    void (*settle_8)(uint8_t *to, const uint16_t *soft, uint32_t n);
    void (*across_16)(uint32_t *to, const uint16_t *const *rows,
                      const uint32_t *weights, unsigned n_rows, uint32_t n);
    void (*down_16)(uint32_t *to, const uint32_t *const *rows,
                    const uint32_t *weights, unsigned n_rows, uint32_t n);
    void (*settle_16)(uint16_t *to, const uint32_t *soft, uint32_t n);
    /* to = from + amount * (from - soft) where those differ by more than
     * threshold, which has the soft's own bits. */
    void (*sharpen_8)(uint8_t *to, const uint8_t *from, const uint16_t *soft,
                      uint32_t n, int32_t amount, int32_t threshold);
    void (*sharpen_16)(uint16_t *to, const uint16_t *from, const uint32_t *soft,
                       uint32_t n, int32_t amount, int32_t threshold);
};

#endif
