/* nursery: the process that forks and reaps workers, and the mill's lines to
 * it: one for each lane, so no lane ever waits for another. */
#ifndef EXEC_NURSERY_H
#define EXEC_NURSERY_H

#include "worker.h"

struct nursery {
    int pid;    /* -1: none */
    int pidfd;  /* of the nursery */
    unsigned n; /* lines */
    int *lines; /* the mill's ends; each is used by one thread at a time */
};

/* Forks the nursery. `house` may be dropped afterwards. The calling thread must
 * live until exec__nursery_close: the nursery dies with it. */
enum mill_status exec__nursery_open(struct nursery *nursery, unsigned n,
                                    const struct exec_house *house,
                                    struct mill_err *err);
/* Ends it, and every worker that is left. */
void exec__nursery_close(struct nursery *nursery);

/* On a line: a new worker with this window. fds: its socket and its pidfd.
 * MILL_ENVIRONMENT: it could not be forked, err->sys says why; or the nursery
 * is gone, and err->sys is 0. */
enum mill_status exec__nursery_spawn(int line, int window, int fds[2],
                                     struct mill_err *err);
/* How the line's last worker ended, as waitpid tells it; waits for that up to
 * timeout_ms. 1: told, 0: not yet, -1: the nursery is gone. */
int exec__nursery_death(int line, int timeout_ms, int *wait_status);

#endif
