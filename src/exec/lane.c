/* What all lanes share: the run's common state, the way of a job through a
 * lane, and the two limits that every job meets (work memory, bytes of output).
 * Runs in the mill, on any lane's thread. It knows no backend; desk.c is the
 * lane that works itself, process.c the one that has a worker. */
#include "lane.h"
#include "wire.h"

enum { SPILL_SHARE = 32, HELD_SHARE = 8 }; /* of the lane's own memory */

void
exec__init(struct mill_exec *exec, const struct mill_exec_options *options,
           const struct mill_task *task)
{
    *exec = (struct mill_exec){.options = *options, .task = *task};
    if (exec->options.lanes == 0)
        exec->options.lanes = 1;
    pthread_mutex_init(&exec->lock, NULL);
}

void
exec__clear(struct mill_exec *exec)
{
    pthread_mutex_destroy(&exec->lock);
}

void
exec__end(struct mill_exec *exec, const struct mill_err *err)
{
    pthread_mutex_lock(&exec->lock);
    if (exec->err.status == MILL_OK)
        exec->err = *err;
    pthread_mutex_unlock(&exec->lock);
    atomic_store(&exec->over, true);
}

enum mill_status
exec__verdict(struct mill_exec *exec, struct mill_err *err)
{
    pthread_mutex_lock(&exec->lock);
    if (exec->err.status != MILL_OK)
        *err = exec->err;
    int status = exec->err.status;
    pthread_mutex_unlock(&exec->lock);
    return (enum mill_status)status;
}

struct mill_exec_stats
exec__stats(struct mill_exec *exec)
{
    return (struct mill_exec_stats){.lanes = exec->options.lanes,
                                    .born = atomic_load(&exec->born),
                                    .died = atomic_load(&exec->died),
                                    .busy_ns = atomic_load(&exec->busy_ns),
                                    .sandbox = exec->sandbox};
}

void
exec__leave(const struct mill_lanes *lanes, struct mill_job *job)
{
    mill_job_drop_input(job);
    job->end = MILL_END_LEFT;
    lanes->done(lanes->context, job);
}

struct mill_job *
exec__next(struct mill_exec *exec, const struct mill_lanes *lanes)
{
    struct mill_job *job;
    while ((job = mill_queue_pop(lanes->in)) != NULL) {
        if (!atomic_load(&exec->over) && !lanes->stopping(lanes->context))
            return job;
        exec__leave(lanes, job);
    }
    return NULL;
}

unsigned
exec__threads(const struct mill_lanes *lanes)
{
    return lanes->threads ? lanes->threads(lanes->context) : 0;
}

void
exec__finish(struct mill_exec *exec, const struct mill_lanes *lanes,
             struct mill_job *job, unsigned number, uint64_t started_ns,
             const struct mill_err *err)
{
    uint64_t spent_ns = mill_now_ns() - started_ns;
    atomic_fetch_add(&exec->busy_ns, spent_ns);
    job->work_ns += spent_ns;
    job->worker = (int)number;
    mill_job_drop_input(job);
    if (err->status == MILL_OK) {
        job->end = MILL_END_DONE;
    } else {
        for (unsigned i = 0; i < MILL_OUTPUTS; i++)
            mill_buffer_clear(&job->outputs[i]);
        mill_job_fail(job, err);
    }
    lanes->done(lanes->context, job);
}

uint64_t
exec__most(const struct mill_exec *exec, const struct mill_lanes *lanes,
           const struct mill_job *job)
{
    uint64_t limit = mill_budget_limit(lanes->work) - job->work_bytes;
    return mill_u64_add(exec->options.lane_bytes, limit);
}

/* What is spilled is held up to that share, and its buffer is twice as large at
 * most, and one window larger. */
uint64_t
exec__held(const struct mill_exec *exec, const struct mill_lanes *lanes,
           const struct mill_job *job)
{
    bool spills = lanes->spills && lanes->spills(lanes->context, job);
    return spills ? exec->options.lane_bytes / HELD_SHARE : 0;
}

enum mill_status
exec__need(const struct mill_exec *exec, const struct mill_lanes *lanes,
           const struct mill_job *job, uint64_t bytes, uint64_t *taken,
           struct mill_err *err)
{
    uint64_t own = exec->options.lane_bytes;
    uint64_t most = exec__most(exec, lanes, job);
    char needs[24], has[24];
    *taken = 0;
    if (bytes <= own)
        return MILL_OK;
    if (bytes > most)
        return mill_fail(
            err, MILL_LIMIT,
            "needs %s of work memory, there is %s; --memory raises it",
            mill_size_text(bytes, needs, sizeof needs),
            mill_size_text(most, has, sizeof has));
    if (!mill_budget_take(lanes->work, bytes - own))
        return mill_fail(err, MILL_STOPPED,
                         "the batch ended while it waited for memory");
    *taken = bytes - own;
    return MILL_OK;
}

void
exec__give(const struct mill_lanes *lanes, struct mill_job *job, uint64_t taken,
           const struct mill_err *err)
{
    uint64_t kept = 0;
    for (unsigned i = 0; i < MILL_OUTPUTS && err->status == MILL_OK; i++)
        kept = mill_u64_add(kept, job->outputs[i].capacity);
    if (kept > taken)
        kept = taken;
    job->work_bytes += kept;
    if (taken > kept)
        mill_budget_give(lanes->work, taken - kept);
}

enum mill_status
exec__fits(const struct mill_exec *exec, const struct mill_lanes *lanes,
           const struct mill_job *job, uint64_t n, struct mill_err *err)
{
    uint64_t most = exec__most(exec, lanes, job);
    char text[24];
    n = mill_u64_add(n, job->draft_bytes);
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        n = mill_u64_add(n, job->outputs[i].n);
    if (n > most)
        return mill_fail(err, MILL_LIMIT,
                         "its output passes %s; --memory raises it",
                         mill_size_text(most, text, sizeof text));
    return MILL_OK;
}

static enum mill_status
spill(const struct mill_exec *exec, const struct mill_lanes *lanes,
      struct mill_job *job, size_t n, struct mill_err *err)
{
    const struct mill_buffer *buffer = &job->outputs[0];
    bool grows = n > buffer->capacity - buffer->n;
    if (!lanes->spill || !grows ||
        buffer->n < exec->options.lane_bytes / SPILL_SHARE)
        return MILL_OK;
    return lanes->spill(lanes->context, job, err);
}

enum mill_status
exec__room(const struct mill_exec *exec, const struct mill_lanes *lanes,
           struct mill_job *job, unsigned output, size_t n,
           struct mill_err *err)
{
    struct mill_buffer *buffer = &job->outputs[output];
    size_t before = buffer->capacity;
    char text[24];
    if (output == 0 && spill(exec, lanes, job, n, err) != MILL_OK)
        return (enum mill_status)err->status;
    if (!mill_buffer_reserve(buffer, n))
        return mill_fail(err, MILL_MEMORY, "no %s more for its output",
                         mill_size_text(n, text, sizeof text));
    if (buffer->capacity > before)
        mill_slots_charge(job, buffer->capacity - before);
    return MILL_OK;
}

/* A task reads, plans and computes; it never writes, waits or dies. */
static bool
task_can_say(int status)
{
    static const bool can[MILL_STATUSES] = {
        [MILL_OK] = true,          [MILL_USAGE] = true,
        [MILL_READ] = true,        [MILL_FORMAT] = true,
        [MILL_DAMAGED] = true,     [MILL_LIMIT] = true,
        [MILL_UNSUPPORTED] = true, [MILL_MEMORY] = true,
        [MILL_INTERNAL] = true,
    };
    return status >= 0 && status < MILL_STATUSES && can[status];
}

void
exec__clean(struct mill_err *err, int status)
{
    if (!task_can_say(status)) {
        mill_fail(err, MILL_INTERNAL, "the task ended with status %d", status);
        return;
    }
    err->status = status;
    exec__text_clean(err->text, sizeof err->text);
}
