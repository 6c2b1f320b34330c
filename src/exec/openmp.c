/* openmp: one parallel region for the whole batch, in which every thread is a
 * lane; the calling thread is lane 0. Cheap to start and easy on memory, but
 * without isolation: a crash ends the batch, and nothing stops an image that
 * takes too long. The region holds no setjmp: tasks keep theirs in leaves. */
#include "backends.h"

#ifdef MILL_OPENMP

#include <omp.h>

static enum mill_status
openmp_run(struct mill_exec *exec, const struct mill_lanes *lanes,
           struct mill_err *err)
{
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
