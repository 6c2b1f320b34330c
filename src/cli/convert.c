/* imgmill convert: inputs, names, recipe, batch. A dry run is the same with a
 * task that only plans and a target that takes nothing. */
#include "session.h"

#include <stdlib.h>

/* --print, --print0: for programs, so names are not escaped. */
static void
put_path(struct cli__session *session, const struct mill_job *job)
{
    char *path;

    if (job->end != MILL_END_DONE)
        return;
    path = cli__target_path(session, job->index);
    if (!path)
        return;
    fputs(path, stdout);
    fputc(session->options.print == CLI__PRINT_ZEROES ? '\0' : '\n', stdout);
    free(path);
    cli__results_flush(session, stdout);
}

static void
put_plan(struct cli__session *session, const struct mill_job *job)
{
    const struct mill_result *result = &job->result;
    char *path;

    if (job->end != MILL_END_DONE || !result->n_outputs)
        return;
    path = cli__target_path(session, job->index);
    cli__put_escaped(stdout, job->label);
    fputs(" -> ", stdout);
    cli__put_escaped(stdout, path ? path : "-");
    printf(" %ux%u %s\n", result->out[0].w, result->out[0].h,
           result->out[0].format);
    free(path);
    cli__results_flush(session, stdout);
}

static int
run_dry(struct cli__session *session)
{
    struct mill_task task = mill_task_plan(&session->options.recipe);
    struct mill_target nowhere = {.fd = -1};

    session->put = put_plan;
    session->options.batch.ordered = true;
    return cli__run(session, &task, &nowhere);
}

static int
run(struct cli__session *session)
{
    struct mill_task task = mill_task_convert(&session->options.recipe);

    if (session->options.dry_run)
        return run_dry(session);
    if (session->options.print)
        session->put = put_path;
    return cli__run(session, &task, &session->options.target);
}

int
cli__convert(int argc, char **argv)
{
    struct cli__session session;
    bool go;
    int code = cli__session_open(&session, CLI__CONVERT, argc, argv, &go);

    if (go)
        code = run(&session);
    cli__session_close(&session);
    return code;
}
