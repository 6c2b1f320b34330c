/* Which level of x86-64 this CPU has: all that a compiler may use for it, not
 * just what our loops are written with. A virtual machine can hide some.
 *
 * What the compiler's runtime or the C library found at start-up is read; so
 * this costs nothing, and may be asked for each row. */
#include <imgmill/base.h>

#if !defined __x86_64__

enum mill_cpu
mill_cpu_level(void)
{
    return MILL_CPU_OTHER;
}

#else

/* clang knows neither the levels' names nor all that they stand for; the C
 * library does, if it is glibc. */
#ifdef __clang__
#define HAS_V2                                                                 \
    (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse4.2"))
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define HAS_V3                                                                 \
    (HAS_V2 && CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(BMI1) &&         \
     CPU_FEATURE_ACTIVE(BMI2) && CPU_FEATURE_ACTIVE(FMA) &&                    \
     CPU_FEATURE_ACTIVE(F16C) && CPU_FEATURE_ACTIVE(LZCNT) &&                  \
     CPU_FEATURE_ACTIVE(MOVBE))
#else
#define HAS_V3 false
#endif
#else
#define HAS_V2 __builtin_cpu_supports("x86-64-v2")
#define HAS_V3 __builtin_cpu_supports("x86-64-v3")
#endif
#define HAS_V4                                                                 \
    (HAS_V3 && __builtin_cpu_supports("avx512f") &&                            \
     __builtin_cpu_supports("avx512bw") &&                                     \
     __builtin_cpu_supports("avx512cd") &&                                     \
     __builtin_cpu_supports("avx512dq") &&                                     \
     __builtin_cpu_supports("avx512vl") &&                                     \
     __builtin_cpu_supports("avx512vbmi") &&                                   \
     __builtin_cpu_supports("avx512vbmi2"))

enum mill_cpu
mill_cpu_level(void)
{
    if (HAS_V4)
        return MILL_CPU_V4;
    if (HAS_V3)
        return MILL_CPU_V3;
    return HAS_V2 ? MILL_CPU_V2 : MILL_CPU_V1;
}

#endif
