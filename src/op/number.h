/* Whole numbers and decimals of a geometry, read exactly. Inside op. */
#ifndef OP_NUMBER_H
#define OP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { OP__SIDE_MAX = 1000000 }; /* px a side that a user may ask for */

/* Digits at *text as a number of at most `most`; moves *text behind them. False
 * when there are none, or the number is too great. */
static inline bool
op__number_read(const char **text, uint32_t most, uint32_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;
    for (; *at >= '0' && *at <= '9' && sum <= most; at++)
        sum = sum * 10 + (uint64_t)(*at - '0');
    if (at == *text || sum > most)
        return false;
    *text = at;
    *value = (uint32_t)sum;
    return true;
}

#endif
