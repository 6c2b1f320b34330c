/* worker: the child that does one lane's work. */
#ifndef EXEC_WORKER_H
#define EXEC_WORKER_H

#include "sandbox.h"
#include "window.h"

/* All that the mill, the nursery and the workers know of each other from
 * before any of them was forked. */
struct exec_house {
    struct mill_task task;
    uint64_t lane_bytes;
    struct window_size window; /* of every worker */
    size_t near_bytes;         /* its memory for inputs that are in files */
    struct sandbox sandbox;
};

/* The whole life of a worker, in a process that `parent`, the nursery, has just
 * forked; fds 0 to 2 and the signals' actions are as the nursery set them.
 * Takes both descriptors. */
_Noreturn void exec__worker_main(const struct exec_house *house, int socket,
                                 int window, int parent);

#endif
