/* openmp: one parallel region for the whole batch, in which every thread is a
 * lane; the calling thread is lane 0. Cheap to start and easy on memory, but
 * without isolation: a crash ends the batch, and nothing stops an image that
 * takes too long. The region holds no setjmp: tasks keep theirs in leaves.
 *
 * A run-time library that cannot start a thread ends the program. So as many
 * threads are started before, all at once, and ended again. */
#include "backends.h"

#ifdef MILL_OPENMP

#include <errno.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- can it have its threads? -------------------------------------------- */

struct trial {
    pthread_t thread;
    pthread_mutex_t *all; /* held until all are there */
    pid_t tid;
};

static void *
stand(void *arg)
{
    struct trial *trial = arg;
    trial->tid = gettid();
    pthread_mutex_lock(trial->all);
    pthread_mutex_unlock(trial->all);
    return NULL;
}

/* Who was joined may be counted by the system for a moment longer. */
static void
await_end(const struct trial *trial)
{
    pthread_join(trial->thread, NULL);
    while (tgkill(getpid(), trial->tid, 0) == 0)
        usleep(50);
}

static int
try_threads(struct trial *trials, unsigned n)
{
    pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER;
    unsigned there = 0;
    int sys = 0;
    pthread_mutex_lock(&all);
    for (; there < n; there++) {
        trials[there].all = &all;
        sys =
            pthread_create(&trials[there].thread, NULL, stand, &trials[there]);
        if (sys != 0)
            break;
    }
    pthread_mutex_unlock(&all);
    for (unsigned i = 0; i < there; i++)
        await_end(&trials[i]);
    return sys;
}

static enum mill_status
check_threads(unsigned n, struct mill_err *err)
{
    struct trial *trials = calloc(n, sizeof *trials);
    int sys = trials != NULL || n == 0 ? try_threads(trials, n) : ENOMEM;
    free(trials);
    if (sys == 0)
        return MILL_OK;
    return mill_fail_sys(err, MILL_ENVIRONMENT, sys,
                         "cannot start %u threads for --backend openmp (fewer "
                         "--jobs need less)",
                         n);
}

/* ---- the backend --------------------------------------------------------- */

static enum mill_status
openmp_run(struct mill_exec *exec, const struct mill_lanes *lanes,
           struct mill_err *err)
{
    if (check_threads(exec->options.lanes - 1, err) != MILL_OK) {
        exec__end(exec, err);
        while (exec__next(exec, lanes) != NULL)
            ;
        return exec__verdict(exec, err);
    }
#pragma omp parallel num_threads(exec->options.lanes)
    exec__work(exec, lanes, (unsigned)omp_get_thread_num());
    return exec__verdict(exec, err);
}

const struct mill_backend exec__openmp = {
    .name = "openmp",
    .summary = "OpenMP threads: starts fast, no isolation",
    .isolates = false,
    .built = true,
    .open = exec__plain_open,
    .run = openmp_run,
    .kill = exec__plain_kill,
    .stats = exec__stats,
    .close = exec__plain_close,
};

#else

static struct mill_exec *
openmp_open(const struct mill_exec_options *options,
            const struct mill_task *task, struct mill_err *err)
{
    (void)options;
    (void)task;
    mill_fail(err, MILL_UNSUPPORTED, "this imgmill was built without OpenMP");
    return NULL;
}

const struct mill_backend exec__openmp = {
    .name = "openmp",
    .summary = "OpenMP threads (not in this build)",
    .isolates = false,
    .built = false,
    .open = openmp_open,
};

#endif
