/* PART: a piece of a loop, for speed always a part of it. Not where each access
 * is instrumented: gcc then takes minutes for what it would become. */
#ifndef CODEC_KERNEL_PART_H
#define CODEC_KERNEL_PART_H

#ifdef __SANITIZE_ADDRESS__
#define PART static __attribute__((noinline))
#else
#define PART static inline __attribute__((always_inline))
#endif

#endif
