/* One batch from open to close. The backend forks before any thread, so the
 * batch is opened first; then signals and progress get their threads, and the
 * main thread runs. What happened becomes the exit code here and nowhere else.
 */
#include "session.h"

#include <errno.h>
#include <string.h>

int
cli__exit_of(int status)
{
    switch (status) {
    case MILL_OK:
        return CLI__EXIT_OK;
    case MILL_MEMORY:
    case MILL_ENVIRONMENT:
    case MILL_INTERNAL:
        return CLI__EXIT_ENVIRONMENT;
    case MILL_STOPPED:
        return CLI__EXIT_STOPPED;
    default:
        return CLI__EXIT_USAGE;
    }
}

void
cli__results_flush(struct cli__session *session, FILE *file)
{
    struct mill_err *err = &session->out_err;

    if (fflush(file) == 0 && !ferror(file))
        return;
    int sys = errno;
    if (atomic_exchange(&session->out_failed, true))
        return;
    if (sys == EPIPE)
        mill_fail(err, MILL_WRITE, "nobody reads the results");
    else if (file == stdout)
        mill_fail_sys(err, MILL_WRITE, sys, "standard output");
    else
        mill_fail_sys(err, MILL_WRITE, sys, "--json=%s",
                      session->options.json_path);
}

/* When nobody takes the results any more, no more are made. */
static void
ended(void *context, const struct mill_job *job)
{
    struct cli__session *session = context;
    bool failed = atomic_load(&session->out_failed);

    cli__report_job(session, job);
    cli__json_job(session, job);
    if (session->put)
        session->put(session, job);
    if (!failed && atomic_load(&session->out_failed))
        mill_batch_stop(session->batch);
}

/* Results that were lost are why it ended, whatever else did. */
static void
note_loss(struct cli__session *session, enum mill_status *status,
          struct mill_err *err)
{
    if (!atomic_load(&session->out_failed))
        return;
    *err = session->out_err;
    *status = MILL_WRITE;
}

/* Why it ended, the strongest reason first. */
static int
exit_code(enum mill_status status, const struct mill_counts *counts, int signal)
{
    if (signal)
        return CLI__EXIT_SIGNAL + signal;
    if (status == MILL_WRITE)
        return CLI__EXIT_ENVIRONMENT;
    if (status != MILL_OK)
        return cli__exit_of(status);
    return counts->failed ? CLI__EXIT_FAILED : CLI__EXIT_OK;
}

/* The same in words; NULL: it did not end early. */
static const char *
stop_text(enum mill_status status, const struct mill_err *err, int signal)
{
    if (signal)
        return strsignal(signal);
    return status != MILL_OK ? err->text : NULL;
}

static int
run_batch(struct cli__session *session)
{
    struct mill_err err = {0};
    struct cli__signals *signals = cli__signals_start(session);
    struct cli__progress *progress = cli__progress_start(session);
    enum mill_status status = mill_batch_run(session->batch, &err);

    cli__progress_end(progress);
    int signal = cli__signals_end(signals);
    struct mill_counts counts = mill_batch_counts(session->batch);
    struct mill_batch_stats stats = mill_batch_stats(session->batch);
    note_loss(session, &status, &err);
    cli__json_summary(session, &counts, stop_text(status, &err, signal),
                      exit_code(status, &counts, signal));
    note_loss(session, &status, &err);
    if (status != MILL_OK && !signal)
        cli__report_error(session, &err);
    cli__report_summary(session, &counts);
    cli__report_stats(session, &stats);
    return exit_code(status, &counts, signal);
}

/* The backend, or the output folder, which the message names. */
static int
fail_open(struct cli__session *session, const struct mill_err *err)
{
    if (err->status == MILL_WRITE)
        cli__say(&session->voice, "%s: %s: %s", session->root,
                 mill_status_text(err->status), err->text);
    else
        cli__report_error(session, err);
    return cli__exit_of(err->status);
}

/* --max-errors of so many percent: that many may fail, one more is too many. */
static void
resolve_failures(struct cli__session *session)
{
    struct mill_batch_options *batch = &session->options.batch;
    double percent = session->options.failures_percent;

    if (percent > 0 && !batch->failures)
        batch->failures =
            (uint64_t)((double)session->list.n * percent / 100) + 1;
}

/* --threads auto: each image has its share of the CPUs when it begins: one,
 * while there are enough of them, and the last ones have what idle lanes leave.
 */
static void
resolve_threads(struct cli__session *session)
{
    if (!session->options.threads_auto)
        return;
    session->options.batch.share = mill_cpu_count();
    session->options.recipe.threads = session->options.batch.share;
}

/* The defaults are found once, so that what is told is what the batch has: the
 * machine's free memory, which some come from, is another at each look, and
 * dear. */
static void
resolve_defaults(struct cli__session *session)
{
    struct mill_batch_options *batch = &session->options.batch;
    uint64_t memory_asked = batch->memory;

    batch->crews = session->options.recipe.threads > 1;
    *batch = mill_batch_defaults(batch);
    cli__report_choices(session, memory_asked);
}

int
cli__run(struct cli__session *session, const struct mill_task *task,
         const struct mill_target *target)
{
    struct mill_err err = {0};
    int code;

    resolve_failures(session);
    resolve_threads(session);
    resolve_defaults(session);
    cli__signals_block();
    session->batch =
        mill_batch_open(&session->options.batch, task, &session->list,
                        session->names, target, ended, session, &err);
    if (!session->batch)
        return fail_open(session, &err);
    cli__report_sandbox(session, mill_batch_stats(session->batch).exec.sandbox);
    code = run_batch(session);
    mill_batch_close(session->batch);
    return code;
}
