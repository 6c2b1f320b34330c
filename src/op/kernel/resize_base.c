/* Rows of 8 bits across, for any machine. */
#include "resize_row.h"

static void
one_row(int32_t *to, const int16_t *row, const struct op__taps *x)
{
    const int shift = shift_of(x);
    for (uint32_t j = 0; j < x->n; j++) {
        const int16_t *sample = row + x->first[j];
        const int16_t *weight = x->narrow + (size_t)j * x->k;
        const uint32_t k = x->k & ~(OP__TAPS_AT_ONCE - 1u);
        int32_t sum = 0;
        for (uint32_t t = 0; t < k; t++)
            sum += sample[t] * weight[t];
        to[j] = (sum + half_of(x)) >> shift;
    }
}

void
op__resize_across_8_base(const struct op__across *across)
{
    for (unsigned r = 0; r < OP__ROWS_AT_ONCE; r++) {
        centre(across->work[r], across->from[r], across->span);
        one_row(across->to[r], across->work[r], across->x);
    }
}
