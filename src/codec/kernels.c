/* Which level of the row loops this machine has. Constant tables and pure
 * functions: any thread may call. */
#include "kernel/unfilter.h"

#include <imgmill/base.h>

static const struct codec__kernels base = {
    .level = "base",
    .unfilter = codec__unfilter_base,
};

#ifdef MILL_HAVE_V3

static const struct codec__kernels v2 = {
    .level = "x86-64-v2",
    .unfilter = codec__unfilter_v2,
};

static bool
has_v2(void)
{
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

static const struct codec__kernels *const levels[] = {&base, &v2};

static unsigned
count(void)
{
    return has_v2() ? 2 : 1;
}

#else

static const struct codec__kernels *const levels[] = {&base};

static unsigned
count(void)
{
    return 1;
}

#endif

const struct codec__kernels *
codec__kernels_at(unsigned i)
{
    return i < count() ? levels[i] : NULL;
}

const struct codec__kernels *
codec__kernels(void)
{
    return levels[count() - 1];
}
