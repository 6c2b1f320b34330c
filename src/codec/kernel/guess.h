/* Sixteen bytes of a PNG at once, in vectors of the compiler's, which have a
 * register where there are such (NEON, SSE2): the average and Paeth's guess.
 * Written so that compilers see what machines have. */
#ifndef CODEC_KERNEL_GUESS_H
#define CODEC_KERNEL_GUESS_H

#include "part.h"

#include <stdint.h>
#include <string.h>

typedef uint8_t vec __attribute__((vector_size(16)));

/* The lesser and the greater, as compilers know them. */
PART void
sort(vec *a, vec *b)
{
    uint8_t x[sizeof *a], y[sizeof *b];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    for (unsigned i = 0; i < sizeof x; i++) {
        uint8_t least = x[i] < y[i] ? x[i] : y[i];
        y[i] = x[i] > y[i] ? x[i] : y[i];
        x[i] = least;
    }
    memcpy(a, x, sizeof x);
    memcpy(b, y, sizeof y);
}

/* a - b, or 0. */
PART vec
beyond(vec a, vec b)
{
    vec least = b;
    sort(&least, &a);
    return a - b;
}

/* Paeth's guess, said otherwise than paeth.h does: of left and above the one
 * that is farther from the corner, if it is at least twice as far as the other;
 * else the corner. They lie on two sides of it; who is on the wrong side is not
 * far at all. */
PART vec
choose(vec left, vec above, vec corner)
{
    sort(&left, &above);
    vec down = beyond(corner, left), up = beyond(above, corner);
    vec is_high = (vec)(down <= up >> 1), is_low = (vec)(up <= down >> 1);
    return corner + (up & is_high) - (down & is_low);
}

/* Rounded down. */
PART vec
average(vec a, vec b)
{
    return (a & b) + ((a ^ b) >> 1);
}

#endif
