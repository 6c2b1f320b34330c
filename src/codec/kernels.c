/* Which level of the inner loops this machine has. Constant tables and pure
 * functions: any thread may call. */
#include "kernel/filter.h"
#include "kernel/unfilter.h"

#include <imgmill/base.h>

/* What compilers do well enough for any machine, at all levels below v3. */
#define PLAIN_LOOPS                                                            \
    .emit = codec__emit_base, .ac_first = codec__ac_first_base,                \
    .ac_refine = codec__ac_refine_base, .dc_first = codec__dc_first_base,      \
    .settle = codec__settle_base, .tokens = codec__tokens_base,                \
    .spell = codec__spell_base

static const struct codec__kernels plain = {
    .level = "plain",
    PLAIN_LOOPS,
    .cost = codec__cost_base,
    .filter = codec__filter_base,
    .stretches = codec__stretches_base,
    .unfilter = codec__unfilter_base,
    .entropy = codec__entropy_base,
    .idct = codec__idct_base,
    .forward = codec__forward_base,
};

/* What compilers make vectors of where a machine has them, as arm64 always: the
 * best that is not x86-64's, and tested on any. */
static const struct codec__kernels vectors = {
    .level = "vectors",
    PLAIN_LOOPS,
    .cost = codec__cost_lanes,
    .filter = codec__filter_lanes,
    .stretches = codec__stretches_lanes,
    .unfilter = codec__unfilter_waves,
    .entropy = codec__entropy_base,
    .idct = codec__idct_base,
    .forward = codec__forward_base,
};

#ifdef MILL_HAVE_V3

/* What every x86-64 has: SSE2. */
static const struct codec__kernels v1 = {
    .level = "x86-64",
    PLAIN_LOOPS,
    .cost = codec__cost_lanes,
    .filter = codec__filter_lanes,
    .stretches = codec__stretches_lanes,
    .unfilter = codec__unfilter_base,
    .entropy = codec__entropy_v1,
    .idct = codec__idct_v1,
    .forward = codec__forward_base,
};

static const struct codec__kernels v2 = {
    .level = "x86-64-v2",
    PLAIN_LOOPS,
    .cost = codec__cost_v2,
    .filter = codec__filter_v2,
    .stretches = codec__stretches_lanes,
    .unfilter = codec__unfilter_v2,
    .entropy = codec__entropy_v1,
    .idct = codec__idct_v1,
    .forward = codec__forward_v2,
};

#define V3_LOOPS                                                               \
    .cost = codec__cost_v3, .filter = codec__filter_v3,                        \
    .unfilter = codec__unfilter_v3, .stretches = codec__stretches_v3,          \
    .emit = codec__emit_v3, .entropy = codec__entropy_v3,                      \
    .idct = codec__idct_v3, .ac_first = codec__ac_first_v3,                    \
    .ac_refine = codec__ac_refine_v3, .dc_first = codec__dc_first_v3,          \
    .settle = codec__settle_v3, .spell = codec__spell_v3

static const struct codec__kernels v3 = {
    .level = "x86-64-v3",
    V3_LOOPS,
    .forward = codec__forward_v3,
    .tokens = codec__tokens_v3,
};

static const struct codec__kernels v4 = {
    .level = "x86-64-v4",
    V3_LOOPS,
    .forward = codec__forward_v4,
    .tokens = codec__tokens_v4,
};

static const struct codec__kernels *const levels[] = {&plain, &vectors, &v1,
                                                      &v2,    &v3,      &v4};

static unsigned
count(void)
{
    static const unsigned at_level[] = {[MILL_CPU_OTHER] = 2,
                                        [MILL_CPU_V1] = 3,
                                        [MILL_CPU_V2] = 4,
                                        [MILL_CPU_V3] = 5,
                                        [MILL_CPU_V4] = 6};
    return at_level[mill_cpu_level()];
}

#else

static const struct codec__kernels *const levels[] = {&plain, &vectors};

static unsigned
count(void)
{
    return MILL_COUNT(levels);
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
