/* Which level of x86-64 this CPU has: all that a compiler may use for it, not
 * just what our loops are written with. A virtual machine can hide some.
 *
 * What the compiler's runtime found at start-up is read; so this costs nothing,
 * and may be asked for each row. */
#include <imgmill/base.h>

#if !defined __x86_64__

enum mill_cpu
mill_cpu_level(void)
{
    return MILL_CPU_OTHER;
}

#else

/* clang knows neither the levels' names nor all that they stand for. */
#ifdef __clang__
#define HAS_V2                                                                 \
    (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse4.2"))
#define HAS_V3                                                                 \
    (HAS_V2 && __builtin_cpu_supports("avx2") &&                               \
     __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&        \
     __builtin_cpu_supports("fma"))
#else
#define HAS_V2 __builtin_cpu_supports("x86-64-v2")
#define HAS_V3 __builtin_cpu_supports("x86-64-v3")
#endif

enum mill_cpu
mill_cpu_level(void)
{
    if (HAS_V3)
        return MILL_CPU_V3;
    return HAS_V2 ? MILL_CPU_V2 : MILL_CPU_V1;
}

#endif
