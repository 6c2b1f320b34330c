/* What a checking build does to arena memory. With MILL_CHECKS whatever is
 * taken is full of 0xA5. Under AddressSanitizer what is not taken cannot be
 * touched, and a gap behind each take finds what runs over its end. Under
 * MemorySanitizer what is taken was never written, whatever it held before. */
#ifndef BASE_POISON_H
#define BASE_POISON_H

#include <string.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define BASE__MSAN 1
#endif
#endif

#ifdef BASE__MSAN
#include <sanitizer/msan_interface.h>
#define BASE__FILL(at, n) __msan_allocated_memory(at, n)
#elif defined(MILL_CHECKS)
#define BASE__FILL(at, n) memset(at, 0xA5, n)
#else
#define BASE__FILL(at, n) ((void)(at), (void)(n))
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BASE__ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BASE__ASAN 1
#endif

#ifdef BASE__ASAN
#include <sanitizer/asan_interface.h>
#define BASE__HIDE(at, n) ASAN_POISON_MEMORY_REGION(at, n)
#define BASE__SHOW(at, n) ASAN_UNPOISON_MEMORY_REGION(at, n)
enum { BASE__GAP = 64 }; /* bytes behind each take that nobody may touch */
#else
#define BASE__HIDE(at, n) ((void)(at), (void)(n))
#define BASE__SHOW(at, n) ((void)(at), (void)(n))
enum { BASE__GAP = 0 };
#endif

#endif
