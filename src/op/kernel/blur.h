/* Row loops of blur and sharpen.
 *
 * The same weighted sum of rows serves both axes: across, rows[k] is one row
 * begun k samples further on; down, rows[k] are rows of the ring. So that both
 * work on samples of one kind, a row is lifted first: it gets the
 * OP__MIDDLE_BITS (8-bit pictures: 6, 16-bit ones: 12) below the point that
 * rows have between the axes. Behind both they have 8.
 *
 * A bell is the same to both sides, so rows as far apart are added before they
 * are weighed. Weights add up to 2^bits, at most 2^18 and 2^28, so that sums
 * just fit 32 and 64 bits. Of 8-bit pictures one weight is below 2^15, so that
 * two products, of 2 * 2^14 each with that, fit 31. */
#ifndef OP_KERNEL_BLUR_H
#define OP_KERNEL_BLUR_H

#include <stdint.h>

enum {
    OP__MIDDLE_BITS_8 = 6,
    OP__WEIGHT_BITS_8 = 18, /* at most, of all together */
    OP__WEIGHT_MOST_8 = (1 << 15) - 1,
    OP__MIDDLE_BITS_16 = 12,
    OP__WEIGHT_BITS_16 = 28,
    OP__SOFT_BITS = 8,   /* below the point, of what comes out */
    OP__AMOUNT_BITS = 11 /* of sharpen's amount, which is at most 10 */
};

/* Row k and row 2 * reach - k weigh weights[k], row reach weights[reach]. */
struct op__weigh {
    const void *const *rows; /* 2 * reach + 1 of lifted or middle samples */
    const uint32_t *weights; /* reach + 1 */
    unsigned reach;
    unsigned shift; /* bits that a sum has more than a result; at least 1 */
};

/* n samples a row; `to` is none of the rows. [0]: pictures of 8 bits, with
 * uint16_t lifted and soft; [1]: of 16, with uint32_t. */
struct op__blur_kernels {
    void (*lift[2])(void *to, const void *from, uint32_t n);
    void (*weigh[2])(const struct op__weigh *weigh, void *to, uint32_t n);
    void (*settle[2])(void *to, const void *soft, uint32_t n);
    /* to = from + amount * (from - soft) where those differ by more than
     * threshold, which has the soft's own bits. */
    void (*sharpen[2])(void *to, const void *from, const void *soft, uint32_t n,
                       int32_t amount, int32_t threshold);
};

/* In files of their own: this loop is written for the level. */
void op__blur_weigh_8_base(const struct op__weigh *weigh, void *to, uint32_t n);
void op__blur_weigh_8_v3(const struct op__weigh *weigh, void *to, uint32_t n);

#endif
