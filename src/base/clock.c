/* The clock: monotonic wall time in nanoseconds. It exists on every Linux, so
 * reading it cannot fail. */
#include <imgmill/base.h>

#include <time.h>

uint64_t
mill_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
