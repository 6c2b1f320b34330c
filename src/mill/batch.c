/* The batch from its opening to its close. The caller's thread opens the
 * backend while it is still alone, so the process backend may fork; run starts
 * writers and readers and then becomes the backend's own thread. The readers
 * close the queue to the lanes when the last of them leaves, the lanes end by
 * that, and then the writers are sent home.
 *
 * Stopping is a flag and closed slots. Readers see it and pass what they have
 * not begun on as left, lanes poll it, and what is in a lane is finished and
 * written. A backend that ends early says so by the first job it leaves. */
#include "batch.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- stopping ------------------------------------------------------------ */

/* Nothing new starts; readers that wait go on and pass the rest on as left. */
static void
halt(struct mill_batch *batch)
{
    atomic_store(&batch->stop, true);
    mill_slots_close(batch->slots);
}

void
mill__halt_for(struct mill_batch *batch, const struct mill_err *err)
{
    pthread_mutex_lock(&batch->lock);
    if (batch->err.status == MILL_OK)
        batch->err = *err;
    pthread_mutex_unlock(&batch->lock);
    halt(batch);
}

static void
say_failures(uint64_t n, struct mill_err *err)
{
    if (n == 1)
        mill_fail(err, MILL_STOPPED,
                  "an image failed, and none may (--fail-fast, --max-errors)");
    else
        mill_fail(err, MILL_STOPPED,
                  "%llu images failed, one more than --max-errors allows",
                  (unsigned long long)n);
}

/* Would every image after it fail the same way? */
static bool
is_hopeless(const struct mill_batch *batch, int sys)
{
    if (sys == ENOSPC || sys == EDQUOT)
        return true;
    return (sys == EROFS || sys == ENOENT) && batch->target->root != NULL &&
           mill_store_lost(batch->store);
}

void
mill__count_failure(struct mill_batch *batch, const struct mill_job *job)
{
    int sys = job->err.status == MILL_WRITE ? job->err.sys : 0;
    struct mill_err err;

    if (atomic_fetch_add(&batch->failures, 1) + 1 == batch->options.failures) {
        say_failures(batch->options.failures, &err);
        mill__halt_for(batch, &err);
    }
    if (is_hopeless(batch, sys)) {
        mill_fail_sys(&err, MILL_WRITE, sys, "no more images are begun");
        mill__halt_for(batch, &err);
    }
}

void
mill_batch_stop(struct mill_batch *batch)
{
    halt(batch);
    if (atomic_fetch_add(&batch->stops, 1) > 0)
        batch->options.backend->kill(batch->exec);
}

/* ---- opening and closing ------------------------------------------------- */

/* Most of what is freed goes back to the system: glibc would keep up to 64 MB
 * for each thread. A lane in a thread of ours may keep what is its own. */
static void
bound_heap(const struct mill_batch_options *options)
{
    uint64_t own = mill__lane_bytes(options);
    uint64_t keep = options->backend->isolates ? own / 4 : own;

    mallopt(M_MMAP_THRESHOLD, (int)keep / 2);
    mallopt(M_TRIM_THRESHOLD, (int)keep);
}

static bool
open_exec(struct mill_batch *batch, const struct mill_task *task,
          struct mill_err *err)
{
    struct mill_exec_options options = {
        .lanes = batch->options.jobs,
        .lane_bytes = mill__lane_bytes(&batch->options),
        .timeout_ns = batch->options.timeout_ns,
        .deaths = batch->options.deaths,
        .retries = batch->options.retries,
        .jobs_per_worker = batch->options.jobs_per_worker,
        .sandbox = batch->options.sandbox,
        .crews = batch->options.crews,
        .memory = batch->options.memory,
    };

    batch->exec = batch->options.backend->open(&options, task, err);
    bound_heap(&batch->options);
    return batch->exec != NULL;
}

static bool
open_store(struct mill_batch *batch, struct mill_err *err)
{
    if (batch->target->in_place)
        batch->store = mill_store_open_in_place(err);
    else if (batch->target->root != NULL)
        batch->store = mill_store_open(batch->target->root, err);
    else
        return true;
    return batch->store != NULL &&
           (batch->target->sync == MILL_SYNC_NONE ||
            mill_store_sync_later(batch->store, err) == MILL_OK);
}

static void
fill_jobs(struct mill_batch *batch)
{
    for (size_t i = 0; i < batch->list->n; i++) {
        const struct mill_input *input = &batch->list->inputs[i];
        bool is_stdin = strcmp(input->path, "-") == 0;

        batch->jobs[i] = (struct mill_job){
            .index = (uint32_t)i,
            .path = input->path,
            .label = is_stdin ? "stdin" : input->path,
            .output = batch->names != NULL ? batch->names[i] : NULL,
            .file_bytes = input->file_bytes,
            .worker = -1,
        };
        batch->counts.in_bytes_listed =
            mill_u64_add(batch->counts.in_bytes_listed, input->file_bytes);
    }
    batch->counts.listed = batch->list->n;
    atomic_store(&batch->left, batch->list->n);
}

/* Of the descriptors that there may be; a draft has two, its folder's too. */
enum { DRAFT_SHARE = 16 };

static uint64_t
draft_share(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    return limit.rlim_cur / DRAFT_SHARE;
}

static bool
open_parts(struct mill_batch *batch, struct mill_err *err)
{
    const struct mill_batch_options *options = &batch->options;
    size_t n = batch->list->n;

    batch->slots = mill_slots_new(options->queue, mill__slot_bytes(options));
    batch->work = mill_budget_new(mill__work_bytes(options));
    batch->read = mill_queue_new(options->queue);
    batch->write = mill_queue_new(options->queue);
    batch->jobs = calloc(n + 1, sizeof *batch->jobs);
    batch->came = calloc(n + 1, sizeof *batch->came);
    if (!batch->slots || !batch->work || !batch->read || !batch->write ||
        !batch->jobs || !batch->came || !mill__sort_jobs(batch)) {
        mill_fail(err, MILL_MEMORY, "no memory for %zu jobs", n);
        return false;
    }
    fill_jobs(batch);
    if (batch->store != NULL && mill_store_drafts(batch->store))
        batch->most_drafts = draft_share();
    return true;
}

static bool
open_all(struct mill_batch *batch, const struct mill_task *task,
         struct mill_err *err)
{
    if (batch->list->n > UINT32_MAX) {
        mill_fail(err, MILL_LIMIT, "%zu inputs", batch->list->n);
        return false;
    }
    if (!open_exec(batch, task, err) || !mill__journal_open(batch, err) ||
        !open_store(batch, err) || !mill__journal_aim(batch, err))
        return false;
    return open_parts(batch, err);
}

struct mill_batch *
mill_batch_open(const struct mill_batch_options *options,
                const struct mill_task *task, const struct mill_list *list,
                char *const *names, const struct mill_target *target,
                void (*ended)(void *context, const struct mill_job *job),
                void *context, struct mill_err *err)
{
    struct mill_batch *batch = calloc(1, sizeof *batch);

    if (batch == NULL) {
        mill_fail(err, MILL_MEMORY, "no memory for the batch");
        return NULL;
    }
    batch->options = mill_batch_defaults(options);
    batch->list = list;
    batch->names = names;
    batch->target = target;
    batch->ended = ended;
    batch->context = context;
    pthread_mutex_init(&batch->pick, NULL);
    pthread_mutex_init(&batch->turn, NULL);
    pthread_mutex_init(&batch->telling, NULL);
    pthread_mutex_init(&batch->lock, NULL);
    if (open_all(batch, task, err))
        return batch;
    mill_journal_drop(batch->journal);
    batch->journal = NULL;
    mill_batch_close(batch);
    return NULL;
}

void
mill_batch_close(struct mill_batch *batch)
{
    if (batch == NULL)
        return;
    if (batch->exec != NULL)
        batch->options.backend->close(batch->exec);
    mill_journal_close(batch->journal);
    if (batch->store != NULL)
        mill_store_close(batch->store);
    if (batch->read != NULL)
        mill_queue_free(batch->read);
    if (batch->write != NULL)
        mill_queue_free(batch->write);
    mill_budget_free(batch->work);
    mill_slots_free(batch->slots);
    free(batch->folder);
    free(batch->came);
    free(batch->order);
    free(batch->jobs);
    pthread_mutex_destroy(&batch->lock);
    pthread_mutex_destroy(&batch->telling);
    pthread_mutex_destroy(&batch->turn);
    pthread_mutex_destroy(&batch->pick);
    free(batch);
}

/* ---- running ------------------------------------------------------------- */

void
mill__give_work(struct mill_batch *batch, struct mill_job *job)
{
    if (job->work_bytes > 0)
        mill_budget_give(batch->work, job->work_bytes);
    job->work_bytes = 0;
}

/* A backend leaves jobs only when it is over, so nothing more need be read. In
 * an ordered batch a job may wait for one that wants the memory that it holds.
 */
static void
lane_done(void *context, struct mill_job *job)
{
    struct mill_batch *batch = context;

    atomic_store(&batch->started, true);
    if (job->end == MILL_END_LEFT)
        halt(batch);
    if (job->end == MILL_END_FAILED)
        mill__count_failure(batch, job);
    if (batch->options.ordered)
        mill__give_work(batch, job);
    mill__deliver(batch, job);
}

static bool
lane_stopping(void *context)
{
    struct mill_batch *batch = context;

    return atomic_load(&batch->stop);
}

/* While jobs wait, lanes are enough. One that begins when none waits is among
 * the last, and what it has begun with it keeps: its neighbours, begun before
 * it and often larger, are half done as a rule, so half of them are counted.
 * Those that begin a batch, all at once, count whole. */
static unsigned
lane_threads(void *context)
{
    struct mill_batch *batch = context;
    size_t busy = atomic_load(&batch->left);

    if (busy > batch->options.jobs)
        busy = batch->options.jobs;
    else if (atomic_load(&batch->started))
        busy = (busy + 1) / 2;
    size_t threads = batch->options.share / (busy > 0 ? busy : 1);
    return threads > 1 ? (unsigned)threads : 1;
}

/* How many of n threads there are; the batch stops when some are missing. */
static unsigned
start(struct mill_batch *batch, pthread_t *threads, unsigned n,
      void *(*run)(void *))
{
    struct mill_err err;
    unsigned i;
    int sys = 0;

    for (i = 0; i < n; i++)
        if ((sys = pthread_create(&threads[i], NULL, run, batch)) != 0)
            break;
    if (i < n) {
        mill_fail_sys(&err, MILL_ENVIRONMENT, sys,
                      "cannot start %u threads (ulimit -u?)", n);
        mill__halt_for(batch, &err);
    }
    return i;
}

static void
join(const pthread_t *threads, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

/* Without writers the queue is closed at once, and who delivers writes; for
 * readers that could not be started, this thread passes the jobs on as left. */
static void
run_threads(struct mill_batch *batch, pthread_t *threads)
{
    struct mill_lanes lanes = {
        .in = batch->read,
        .work = batch->work,
        .done = lane_done,
        .context = batch,
        .stopping = lane_stopping,
        .threads = batch->options.share > 0 ? lane_threads : NULL,
        .spill = mill__spill,
        .spills = mill__spills};
    struct mill_err err;
    unsigned wanted = batch->options.readers;
    unsigned writers =
        start(batch, threads, batch->options.writers, mill__writer);

    if (writers == 0)
        mill_queue_close(batch->write);
    atomic_store(&batch->reading, wanted);
    unsigned readers = start(batch, threads + writers, wanted, mill__reader);
    for (unsigned i = readers; i < wanted; i++)
        mill__reader(batch);

    if (batch->options.backend->run(batch->exec, &lanes, &err) != MILL_OK)
        mill__halt_for(batch, &err);
    join(threads + writers, readers);
    mill_queue_close(batch->write);
    join(threads, writers);
}

static enum mill_status
verdict(struct mill_batch *batch, struct mill_err *err)
{
    struct mill_counts counts = mill_batch_counts(batch);
    uint64_t ended = counts.done + counts.skipped + counts.failed + counts.left;

    if (ended != counts.listed)
        return mill_fail(err, MILL_INTERNAL, "%llu inputs, %llu ends",
                         (unsigned long long)counts.listed,
                         (unsigned long long)ended);
    if (batch->err.status != MILL_OK)
        *err = batch->err;
    else if (counts.left > 0)
        mill_fail(err, MILL_STOPPED, "it was told to stop");
    else
        return MILL_OK;
    return (enum mill_status)err->status;
}

enum mill_status
mill_batch_run(struct mill_batch *batch, struct mill_err *err)
{
    size_t n = (size_t)batch->options.readers + batch->options.writers;
    pthread_t *threads = calloc(n, sizeof *threads);

    if (threads == NULL)
        return mill_fail(err, MILL_MEMORY, "no memory for %zu threads", n);
    pthread_mutex_lock(&batch->lock);
    batch->counts.started_ns = mill_now_ns();
    pthread_mutex_unlock(&batch->lock);
    run_threads(batch, threads);
    free(threads);
    mill__sync(batch);
    return verdict(batch, err);
}

/* ---- what it tells ------------------------------------------------------- */

struct mill_counts
mill_batch_counts(struct mill_batch *batch)
{
    pthread_mutex_lock(&batch->lock);
    struct mill_counts counts = batch->counts;
    pthread_mutex_unlock(&batch->lock);
    counts.now_ns = mill_now_ns();
    return counts;
}

struct mill_batch_stats
mill_batch_stats(struct mill_batch *batch)
{
    pthread_mutex_lock(&batch->lock);
    struct mill_batch_stats stats = batch->stats;
    pthread_mutex_unlock(&batch->lock);
    stats.slots = mill_slots_waits(batch->slots);
    stats.read_queue = mill_queue_waits(batch->read);
    stats.work = mill_budget_waits(batch->work);
    stats.write_queue = mill_queue_waits(batch->write);
    stats.most_bytes = mill_u64_add(stats.slots.most, stats.work.most);
    stats.exec = batch->options.backend->stats(batch->exec);
    return stats;
}
