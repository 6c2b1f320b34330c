/* serial: one lane, in the thread that calls run. The oracle for the others,
 * the easiest to debug, and what small machines need. */
#include "backends.h"

#include <stdlib.h>

struct mill_exec *
exec__plain_open(const struct mill_exec_options *options,
                 const struct mill_task *task, struct mill_err *err)
{
    struct mill_exec *exec = NULL;
    if (options->sandbox == MILL_SANDBOX_REQUIRE) {
        mill_fail(err, MILL_ENVIRONMENT,
                  "--sandbox require: this backend has no workers to lock up, "
                  "--backend process has");
        return NULL;
    }
    exec = malloc(sizeof *exec);
    if (exec == NULL) {
        mill_fail(err, MILL_MEMORY, "no memory for the lanes");
        return NULL;
    }
    exec__init(exec, options, task);
    return exec;
}

void
exec__plain_kill(struct mill_exec *exec)
{
    atomic_store(&exec->over, true);
}

void
exec__plain_close(struct mill_exec *exec)
{
    exec__clear(exec);
    free(exec);
}

static struct mill_exec *
serial_open(const struct mill_exec_options *options,
            const struct mill_task *task, struct mill_err *err)
{
    struct mill_exec_options one = *options;
    one.lanes = 1;
    return exec__plain_open(&one, task, err);
}

static enum mill_status
serial_run(struct mill_exec *exec, const struct mill_lanes *lanes,
           struct mill_err *err)
{
    exec__work(exec, lanes, 0);
    return exec__verdict(exec, err);
}

const struct mill_backend exec__serial = {
    .name = "serial",
    .summary = "one image after another, in the mill itself",
    .isolates = false,
    .built = true,
    .open = serial_open,
    .run = serial_run,
    .kill = exec__plain_kill,
    .stats = exec__stats,
    .close = exec__plain_close,
};
