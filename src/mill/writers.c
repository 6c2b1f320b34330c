/* Writers: what becomes of a job that has its end. It waits for its turn, when
 * the batch is ordered; a writer thread writes its output, counts it, tells the
 * caller and gives its slot back. In an ordered batch there is one writer, so
 * that the turns still hold when the caller is told.
 *
 * An output that grows large does not wait for its end: what there is goes into
 * a draft, from its lane, and the writer adds the rest and gives it its name.
 * Drafts are counted: in an ordered batch many may wait for their turn, and
 * descriptors are needed for all else too. */
#include "batch.h"

#include <string.h>

/* ---- writing ------------------------------------------------------------- */

/* A new file beside its input replaces nothing: what is in the folder of the
 * originals is not ours. */
static enum mill_status
put_in_place(const struct mill_batch *batch, const struct mill_job *job,
             const struct mill_buffer *bytes, struct mill_err *err)
{
    enum mill_status status;

    if (strcmp(job->output, job->path) == 0)
        return mill_store_replace(batch->store, job->path, &job->seen,
                                  batch->target->backup, bytes->at, bytes->n,
                                  err);
    status = mill_store_put(batch->store, job->output, bytes->at, bytes->n,
                            MILL_NO_CLOBBER, err);
    if (status == MILL_EXISTS)
        mill_fail(err, MILL_EXISTS,
                  "--in-place replaces inputs only; -o FOLDER replaces others");
    return status;
}

static enum mill_status
put_draft(const struct mill_job *job, enum mill_clobber clobber,
          struct mill_err *err)
{
    const struct mill_buffer *rest = &job->outputs[0];
    enum mill_status status =
        mill_draft_add(job->draft, job->draft_bytes, rest->at, rest->n, err);

    return status == MILL_OK ? mill_draft_put(job->draft, clobber, err)
                             : status;
}

static enum mill_status
put(const struct mill_batch *batch, const struct mill_job *job,
    struct mill_err *err)
{
    const struct mill_buffer *bytes = &job->outputs[0];
    enum mill_clobber clobber = batch->target->existing == MILL_EXISTING_SKIP
                                    ? MILL_NO_CLOBBER
                                    : MILL_REPLACE;

    if (job->draft != NULL)
        return put_draft(job, clobber, err);
    if (batch->target->in_place)
        return put_in_place(batch, job, bytes, err);
    if (batch->store != NULL)
        return mill_store_put(batch->store, job->output, bytes->at, bytes->n,
                              clobber, err);
    return mill_write_all(batch->target->fd, bytes->at, bytes->n, err);
}

static bool
is_written(const struct mill_batch *batch, const struct mill_job *job)
{
    if (job->end != MILL_END_DONE)
        return false;
    return batch->store != NULL ? job->output != NULL : batch->target->fd >= 0;
}

static void
write_job(struct mill_batch *batch, struct mill_job *job)
{
    struct mill_err err = {0};
    uint64_t begun_ns = mill_now_ns();
    enum mill_status status = put(batch, job, &err);

    job->write_ns += mill_now_ns() - begun_ns;
    if (status == MILL_OK) {
        job->written_bytes = job->draft_bytes + job->outputs[0].n;
        return;
    }
    mill_job_fail(job, &err);
    if (status == MILL_EXISTS && !batch->target->in_place)
        job->end = MILL_END_SKIPPED;
    else
        mill__count_failure(batch, job);
}

static bool
takes_drafts(const struct mill_batch *batch, const struct mill_job *job)
{
    return batch->most_drafts > 0 && job->output != NULL;
}

static struct mill_draft *
open_draft(struct mill_batch *batch, const struct mill_job *job)
{
    struct mill_draft *draft = NULL;

    if (atomic_fetch_add(&batch->drafts, 1) < batch->most_drafts)
        draft = mill_draft_open(batch->store, job->output);
    if (draft == NULL)
        atomic_fetch_sub(&batch->drafts, 1);
    return draft;
}

static void
close_draft(struct mill_batch *batch, struct mill_job *job)
{
    if (job->draft == NULL)
        return;
    mill_draft_close(job->draft);
    job->draft = NULL;
    atomic_fetch_sub(&batch->drafts, 1);
}

bool
mill__spills(void *context, const struct mill_job *job)
{
    const struct mill_batch *batch = context;

    return takes_drafts(batch, job) &&
           atomic_load(&batch->drafts) + batch->options.jobs <=
               batch->most_drafts;
}

enum mill_status
mill__spill(void *context, struct mill_job *job, struct mill_err *err)
{
    struct mill_batch *batch = context;
    struct mill_buffer *bytes = &job->outputs[0];
    uint64_t begun_ns = mill_now_ns();
    enum mill_status status = MILL_OK;

    if (job->draft == NULL && takes_drafts(batch, job))
        job->draft = open_draft(batch, job);
    if (job->draft == NULL)
        return MILL_OK;
    status =
        mill_draft_add(job->draft, job->draft_bytes, bytes->at, bytes->n, err);
    if (status == MILL_OK) {
        job->draft_bytes += bytes->n;
        bytes->n = 0;
    }
    job->write_ns += mill_now_ns() - begun_ns;
    return status;
}

void
mill__sync(struct mill_batch *batch)
{
    struct mill_err err;

    if (batch->store != NULL && mill_store_sync(batch->store, &err) != MILL_OK)
        mill__halt_for(batch, &err);
}

/* ---- counting ------------------------------------------------------------ */

static void
count(struct mill_counts *counts, const struct mill_job *job)
{
    counts->done += job->end == MILL_END_DONE;
    counts->salvaged +=
        job->end == MILL_END_DONE && (job->result.notes & MILL_NOTE_SALVAGED);
    counts->skipped += job->end == MILL_END_SKIPPED;
    counts->failed += job->end == MILL_END_FAILED;
    counts->left += job->end == MILL_END_LEFT;
    counts->resumed += job->err.status == MILL_RESUMED;
    if (job->end != MILL_END_LEFT)
        counts->in_bytes = mill_u64_add(counts->in_bytes, job->file_bytes);
    if (job->end == MILL_END_SKIPPED)
        counts->skipped_bytes =
            mill_u64_add(counts->skipped_bytes, job->file_bytes);
    counts->out_bytes += job->written_bytes;
}

static void
sum(struct mill_batch_stats *stats, const struct mill_job *job)
{
    stats->read_ns += job->read_ns;
    stats->lane_ns += job->work_ns;
    stats->write_ns += job->write_ns;
    stats->decode_ns += job->result.decode_ns;
    stats->filter_ns += job->result.filter_ns;
    stats->encode_ns += job->result.encode_ns;
}

static void
end_job(struct mill_batch *batch, struct mill_job *job)
{
    if (is_written(batch, job))
        write_job(batch, job);
    close_draft(batch, job);
    pthread_mutex_lock(&batch->lock);
    count(&batch->counts, job);
    sum(&batch->stats, job);
    pthread_mutex_unlock(&batch->lock);

    pthread_mutex_lock(&batch->telling);
    batch->ended(batch->context, job);
    pthread_mutex_unlock(&batch->telling);
    mill__journal_add(batch, job);
    mill__give_work(batch, job);
    mill_slots_give(job);
}

/* ---- the way there ------------------------------------------------------- */

static void
pass_on(struct mill_batch *batch, struct mill_job *job)
{
    if (!mill_queue_push(batch->write, job))
        end_job(batch, job);
}

/* Passing on may wait for a writer with the lock held: who comes meanwhile
 * would wait for the same writer. */
static void
take_turn(struct mill_batch *batch, const struct mill_job *job)
{
    pthread_mutex_lock(&batch->turn);
    batch->came[job->index] = true;
    while (batch->turn_next < batch->list->n && batch->came[batch->turn_next])
        pass_on(batch, &batch->jobs[batch->turn_next++]);
    pthread_mutex_unlock(&batch->turn);
}

void
mill__deliver(struct mill_batch *batch, struct mill_job *job)
{
    atomic_fetch_sub(&batch->left, 1);
    if (batch->options.ordered)
        take_turn(batch, job);
    else
        pass_on(batch, job);
}

void *
mill__writer(void *arg)
{
    struct mill_batch *batch = arg;
    struct mill_job *job;

    while ((job = mill_queue_pop(batch->write)) != NULL)
        end_job(batch, job);
    return NULL;
}
