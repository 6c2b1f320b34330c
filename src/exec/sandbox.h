/* sandbox: what a worker gives up before it sees the first byte of an image. */
#ifndef EXEC_SANDBOX_H
#define EXEC_SANDBOX_H

#include "sandbox_filter.h"

#include <imgmill/exec.h>

/* The layers that a machine or a build may lack; bits. */
enum {
    SANDBOX_LANDLOCK = 1,
    SANDBOX_SECCOMP = 2,
    SANDBOX_MEMORY = 4,
    SANDBOX_LAYERS = 7
};

/* What every worker of a run is locked up in: found out once, before the first
 * worker, so all have the same or are not born. */
struct sandbox {
    bool on;
    unsigned layers;
    unsigned landlock; /* the kernel's ABI of it; 0: it has none */
    uint64_t memory;   /* bytes, most a worker may ever hold; 0: any */
    struct filter filter;
};

/* How much of it a worker may hold now; all in bytes as RLIMIT_DATA counts. */
struct sandbox_memory {
    uint64_t born;       /* what it held when it was locked up */
    uint64_t hard, soft; /* hard 0: there is no limit */
    const char *heap;    /* its end at that moment */
};

/* ---- in the mill --------------------------------------------------------- */

/* Forks once, to try. memory: as in struct sandbox. crews: workers may start
 * threads. MILL_ENVIRONMENT: it cannot be told what there is, or `require` is
 * not met. */
enum mill_status exec__sandbox_open(struct sandbox *sandbox,
                                    enum mill_sandbox mode, uint64_t memory,
                                    bool crews, struct mill_err *err);
struct mill_sandbox_state exec__sandbox_state(const struct sandbox *sandbox);

/* ---- in a worker --------------------------------------------------------- */

/* Gives it all up, for ever; descriptors above `last` are closed. Then tries
 * what must not work any more. MILL_ENVIRONMENT: this worker must not work. */
enum mill_status exec__sandbox_enter(const struct sandbox *sandbox, int last,
                                     struct sandbox_memory *memory,
                                     struct mill_err *err);

/* From now on the worker may hold this much more than what it was born with, or
 * than its heap holds already: bytes, and a slack of 64 MB beyond them. */
void exec__sandbox_allow(struct sandbox_memory *memory, uint64_t bytes);

/* The self-test alone: is what these layers forbid really refused? */
enum mill_status exec__sandbox_test(unsigned layers, struct mill_err *err);

#endif
