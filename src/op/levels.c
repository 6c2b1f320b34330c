/* Which row loops run: the tables of every instruction-set level, and the
 * choice among them. The choice is asked anew each time a station is opened, so
 * there is no state here, and it changes no byte of any output. */
#include "kernel/levels.h"

#include <imgmill/op.h>

#include <stdbool.h>
#include <stddef.h>

static const struct op__kernels base = {.level = "plain",
#define X(group) .group = &op__##group##_kernels_base,
                                        OP__KERNEL_GROUPS(X)
#undef X
};

#ifdef MILL_HAVE_V3

static const struct op__kernels v3 = {.level = "x86-64-v3",
#define X(group) .group = &op__##group##_kernels_v3,
                                      OP__KERNEL_GROUPS(X)
#undef X
};

static const struct op__kernels *
beyond_base(void)
{
    return mill_cpu_level() >= MILL_CPU_V3 ? &v3 : NULL;
}

#else

static const struct op__kernels *
beyond_base(void)
{
    return NULL;
}

#endif

const struct op__kernels *
op__kernels(void)
{
    const struct op__kernels *best = beyond_base();
    return best ? best : &base;
}

const char *
mill_op_level(void)
{
    return op__kernels()->level;
}

const struct op__kernels *
op__kernels_at(unsigned i)
{
    if (i == 0)
        return &base;
    return i == 1 ? beyond_base() : NULL;
}
