/* The weighted sum of rows of 8-bit pictures, for any machine. */
#include "blur.h"

#define NAME   weigh
#define SAMPLE uint16_t
#define SUM    uint32_t
#include "blur_weigh.h"

void
op__blur_weigh_8_base(const struct op__weigh *given, void *to, uint32_t n)
{
    weigh(given, to, n);
}
