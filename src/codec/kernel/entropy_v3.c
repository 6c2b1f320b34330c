/* JPEG's codes to coefficients by x86-64-v3: BMI2 shifts by any count in one
 * step. */
#include "entropy_x86.h"

bool
codec__entropy_v3(struct codec__entropy *entropy, unsigned n)
{
    return entropy_run(entropy, n);
}
