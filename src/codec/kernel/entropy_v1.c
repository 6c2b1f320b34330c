/* JPEG's codes to coefficients by any x86-64. */
#include "entropy_x86.h"

bool
codec__entropy_v1(struct codec__entropy *entropy, unsigned n)
{
    return entropy_run(entropy, n);
}
