/* A deadline that a stopped mill does not miss. While the mill itself is
 * stopped (Ctrl-Z, a debugger), no answer of its own goes out, so that time
 * must not be held against a worker. Nobody tells us of it, but a poll shows
 * it: it comes back much later than it was asked to. So no poll lasts longer
 * than a second, and one that was more than a second late does not count. */
#ifndef EXEC_DEADLINE_H
#define EXEC_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

enum { EXEC_TICK_MS = 1000 };

struct deadline {
    uint64_t at_ns; /* monotonic; UINT64_MAX: none */
};

/* span_ns 0: none */
static inline struct deadline
exec__deadline_after(uint64_t now_ns, uint64_t span_ns)
{
    uint64_t at_ns;
    if (span_ns == 0 || __builtin_add_overflow(now_ns, span_ns, &at_ns))
        at_ns = UINT64_MAX;
    return (struct deadline){at_ns};
}

static inline void
exec__deadline_extend(struct deadline *deadline, uint64_t span_ns)
{
    if (__builtin_add_overflow(deadline->at_ns, span_ns, &deadline->at_ns))
        deadline->at_ns = UINT64_MAX;
}

static inline bool
exec__deadline_passed(const struct deadline *deadline, uint64_t now_ns)
{
    return now_ns >= deadline->at_ns;
}

/* How long the next poll may wait. */
static inline int
exec__deadline_poll_ms(const struct deadline *deadline, uint64_t now_ns)
{
    if (exec__deadline_passed(deadline, now_ns))
        return 0;
    uint64_t left_ms = (deadline->at_ns - now_ns) / 1000000u;
    return left_ms < EXEC_TICK_MS ? (int)left_ms + 1 : EXEC_TICK_MS;
}

/* A poll that was asked to wait poll_ms lasted from from_ns to now_ns. */
static inline void
exec__deadline_woke(struct deadline *deadline, uint64_t from_ns, int poll_ms,
                    uint64_t now_ns)
{
    uint64_t usual_ns = ((uint64_t)poll_ms + 1000u) * 1000000u;
    if (deadline->at_ns != UINT64_MAX && now_ns - from_ns > usual_ns)
        exec__deadline_extend(deadline, now_ns - from_ns);
}

#endif
