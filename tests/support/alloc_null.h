/* For tests that ask for more memory than there is: under a sanitizer malloc
 * then answers NULL, as it does elsewhere, and does not end the program. */
#ifndef ALLOC_NULL_H
#define ALLOC_NULL_H

#define SANITIZER_ASKS __attribute__((visibility("default"), used))

SANITIZER_ASKS const char *__asan_default_options(void);
SANITIZER_ASKS const char *__tsan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *
__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

#endif
