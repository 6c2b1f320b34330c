/* JPEG's codes to coefficients, for any machine. */
#include "stand.h"

static inline uintptr_t
either(uintptr_t a, uintptr_t b, uintptr_t mask)
{
    return a ^ ((a ^ b) & mask);
}

static inline void
move_on(struct stand *s, uint8_t passed, uintptr_t moved)
{
    const struct codec__block *block = s->block;
    uintptr_t ends = -(uintptr_t)(passed >> 7);
    s->codes = (const struct codec__lookup *)either(
        (uintptr_t)block->ac, (uintptr_t)block->next, ends);
    s->order = either(moved, block->next_order, ends);
    s->block += passed >> 7;
}

#include "entropy.h"

#define ZIGZAG                                                                 \
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33,    \
        40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50,  \
        43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,    \
        46, 53, 60, 61, 54, 47, 55, 62, 63

_Alignas(512) const uint8_t codec__zigzag[4 * CODEC__BLOCK] = {ZIGZAG, ZIGZAG,
                                                               ZIGZAG, ZIGZAG};

bool
codec__entropy_base(struct codec__entropy *entropy, unsigned n)
{
    return entropy_run(entropy, n);
}
