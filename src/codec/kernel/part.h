/* ALWAYS: a piece of a loop that is always a part of it. PART: the same, but
 * not where each access is instrumented: compilers then take minutes for what
 * it would become. */
#ifndef CODEC_KERNEL_PART_H
#define CODEC_KERNEL_PART_H

#ifdef __has_feature /* clang */
#define INSTRUMENTED                                                           \
    (__has_feature(address_sanitizer) || __has_feature(memory_sanitizer))
#elif defined __SANITIZE_ADDRESS__
#define INSTRUMENTED 1
#else
#define INSTRUMENTED 0
#endif

#define ALWAYS static inline __attribute__((always_inline))
#if INSTRUMENTED
#define PART static __attribute__((noinline))
#else
#define PART ALWAYS
#endif

#endif
