/* A deadline that only counts the time in which somebody listened. A worker has
 * so much time to answer; what its lane spends otherwise (waiting for memory,
 * copying) is not held against it, and neither is the time that the mill itself
 * was stopped (Ctrl-Z, a debugger). Nobody tells us of that, but a poll shows
 * it: it comes back later than it was asked to. So a poll counts as no more
 * than was asked for, none lasts longer than a tick, and one that is later than
 * a loaded machine could make it does not count at all. */
#ifndef EXEC_DEADLINE_H
#define EXEC_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EXEC_TICK_MS = 200,
    EXEC_STOPPED_MS = 1000 /* so late is only a mill that was stopped */
};

struct deadline {
    uint64_t left_ns; /* UINT64_MAX: no end */
};

/* span_ns 0: none */
static inline struct deadline
exec__deadline_of(uint64_t span_ns)
{
    return (struct deadline){span_ns == 0 ? UINT64_MAX : span_ns};
}

static inline bool
exec__deadline_passed(const struct deadline *deadline)
{
    return deadline->left_ns == 0;
}

/* How long the next poll may wait. */
static inline int
exec__deadline_poll_ms(const struct deadline *deadline)
{
    uint64_t left_ms = deadline->left_ns / 1000000u;
    return left_ms < EXEC_TICK_MS ? (int)left_ms + 1 : EXEC_TICK_MS;
}

/* A poll that was asked to wait poll_ms took spent_ns. */
static inline void
exec__deadline_spend(struct deadline *deadline, int poll_ms, uint64_t spent_ns)
{
    uint64_t asked_ns = (uint64_t)poll_ms * 1000000u;
    uint64_t stopped_ns = asked_ns + EXEC_STOPPED_MS * UINT64_C(1000000);
    if (deadline->left_ns == UINT64_MAX || spent_ns > stopped_ns)
        return;
    if (spent_ns > asked_ns)
        spent_ns = asked_ns;
    deadline->left_ns -=
        spent_ns < deadline->left_ns ? spent_ns : deadline->left_ns;
}

#endif
