/* RGB to YCC at 8 bits, for any machine. */
#define SAMPLE uint8_t
#define NAME   ycc_of_rgb
#include "convert_ycc.h"

void
op__ycc_of_rgb_8_base(const struct op__rows *rows)
{
    ycc_of_rgb(rows);
}
