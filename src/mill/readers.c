/* Readers: which job is next, whether it begins at all, and its bytes. Reader
 * threads choose one job after another under one lock. An input that could not
 * be looked at, one that a rule skips, and everything after a stop are
 * delivered from here; nothing that was chosen is lost.
 *
 * In an ordered batch a job takes its slot under the same lock, so slots are
 * had in the order of the inputs: the job that all others wait for always has
 * one, and the jobs that wait for it cannot hold all of them. */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

/* ---- the order of beginning ---------------------------------------------- */

/* The time a file is likely to take: its bytes, times what a byte of its format
 * costs, in eighths of one of JPEG. CPU time on 89 wallpapers, ns a byte
 * (baseline and progressive JPEG, PNG, PNM): 7 5 9 1 for thumbnails, 23 17 15 2
 * for web pages, 56 33 27 3 for PNGs of half the size. So it is by the sum of
 * all bytes; but drawn PNGs are small files of many pixels, and the median PNG
 * costs up to three times the median JPEG. Of the weights that were tried PNG
 * at two JPEGs ended soonest: on 2 to 12 lanes 0.9 % behind the ideal and 4 %
 * at worst (three: 1.2 and 12; one: 1.4 and 7; shuffled: 13 and 33). */
static uint64_t
weight_of(const struct mill_input *input)
{
    static const struct {
        const char *codec;
        unsigned weight;
    } weights[] = {{"png", 16}, {"pnm", 1}};
    const struct mill_codec *codec = mill_codec_of_path(input->path);
    unsigned weight = 8;

    for (size_t i = 0; codec != NULL && i < MILL_COUNT(weights); i++)
        if (strcmp(codec->name, weights[i].codec) == 0)
            weight = weights[i].weight;
    return mill_u64_mul(input->file_bytes, weight);
}

struct weighed {
    uint64_t weight;
    uint32_t index;
};

static int
compare_weighed(const void *a, const void *b)
{
    const struct weighed *one = a, *two = b;

    if (one->weight != two->weight)
        return one->weight > two->weight ? -1 : 1;
    return one->index < two->index ? -1 : 1;
}

static bool
sort_largest(struct mill_batch *batch)
{
    size_t n = batch->list->n;
    struct weighed *all = calloc(n + 1, sizeof *all);

    if (all == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        all[i].index = (uint32_t)i;
        all[i].weight = weight_of(&batch->list->inputs[i]);
    }
    qsort(all, n, sizeof *all, compare_weighed);
    for (size_t i = 0; i < n; i++)
        batch->order[i] = all[i].index;
    free(all);
    return true;
}

bool
mill__sort_jobs(struct mill_batch *batch)
{
    size_t n = batch->list->n;

    batch->order = calloc(n + 1, sizeof *batch->order);
    if (batch->order == NULL)
        return false;
    if (batch->options.order == MILL_ORDER_LARGEST)
        return sort_largest(batch);
    for (size_t i = 0; i < n; i++)
        batch->order[i] = (uint32_t)i;
    return true;
}

/* ---- does it begin ------------------------------------------------------- */

static bool
skip_done(const struct mill_batch *batch, struct mill_job *job)
{
    if (!mill__was_done(batch, job))
        return false;
    mill_fail(&job->err, MILL_RESUMED, "is there from an earlier run");
    job->end = MILL_END_SKIPPED;
    return true;
}

/* By -n and -u; then the job has its end. */
static bool
skip_existing(const struct mill_batch *batch, const struct mill_input *input,
              struct mill_job *job)
{
    enum mill_existing existing = batch->target->existing;
    uint64_t dev, ino;
    int64_t mtime_ns;

    if (batch->store == NULL || job->output == NULL ||
        existing == MILL_EXISTING_REPLACE ||
        !mill_store_stat(batch->store, job->output, &dev, &ino, &mtime_ns))
        return false;
    if (existing == MILL_EXISTING_SKIP)
        mill_fail(&job->err, MILL_EXISTS, "exists");
    else if (mtime_ns >= input->mtime_ns)
        mill_fail(&job->err, MILL_EXISTS, "is not older than its input");
    else
        return false;
    job->end = MILL_END_SKIPPED;
    return true;
}

/* An input larger than the slots' part: it has no neighbours now, so what it is
 * beyond that part comes from the work memory, at once. */
static void
take_excess(struct mill_batch *batch, struct mill_job *job, uint64_t bytes)
{
    uint64_t part = mill__slot_bytes(&batch->options);
    uint64_t work = mill__work_bytes(&batch->options);
    char needs[24], has[24];
    struct mill_err err;

    if (bytes <= part)
        return;
    if (bytes - part <= work) {
        if (mill_budget_take(batch->work, bytes - part))
            job->work_bytes = bytes - part;
        return;
    }
    mill_fail(&err, MILL_LIMIT,
              "its file takes %s of memory, there is %s; --memory raises it",
              mill_size_text(bytes, needs, sizeof needs),
              mill_size_text(part + work, has, sizeof has));
    mill_job_fail(job, &err);
}

/* Takes the job's slot and the memory for its bytes, or sets its end. */
static void
take_slot(struct mill_batch *batch, struct mill_job *job)
{
    uint64_t bytes =
        mill_u64_mul(job->file_bytes, mill__copies(&batch->options));

    if (mill_slots_take(batch->slots, job, bytes))
        take_excess(batch, job, bytes);
    else
        job->end = MILL_END_LEFT;
}

/* Takes the job's slot, or sets its end. */
static void
admit(struct mill_batch *batch, struct mill_job *job)
{
    const struct mill_input *input = &batch->list->inputs[job->index];

    if (atomic_load(&batch->stop))
        job->end = MILL_END_LEFT;
    else if (input->err.status != MILL_OK)
        mill_job_fail(job, &input->err);
    else if (!skip_done(batch, job) && !skip_existing(batch, input, job))
        take_slot(batch, job);
}

/* ---- the thread ---------------------------------------------------------- */

static struct mill_job *
choose(struct mill_batch *batch)
{
    struct mill_job *job = NULL;

    pthread_mutex_lock(&batch->pick);
    if (batch->next < batch->list->n)
        job = &batch->jobs[batch->order[batch->next++]];
    if (job != NULL && batch->options.ordered)
        admit(batch, job);
    pthread_mutex_unlock(&batch->pick);
    if (job != NULL && !batch->options.ordered)
        admit(batch, job);
    return job;
}

/* A file that is kept open for its worker is there once. What the scan did not
 * see of others was charged once, by who read it. */
static void
charge_copies(struct mill_batch *batch, struct mill_job *job)
{
    if (job->kept && job->bytes == NULL)
        mill_slots_lower(job, job->n_bytes);
    else if (job->n_bytes > job->file_bytes)
        mill_slots_charge(job, (mill__copies(&batch->options) - 1) *
                                   (job->n_bytes - job->file_bytes));
}

static void
read_one(struct mill_batch *batch, struct mill_job *job)
{
    if (job->end == MILL_END_NONE &&
        mill_read_job(batch->slots, job, batch->options.file_most))
        charge_copies(batch, job);
    if (job->end == MILL_END_NONE && mill_queue_push(batch->read, job))
        return;
    if (job->end == MILL_END_NONE)
        job->end = MILL_END_LEFT;
    if (job->end == MILL_END_FAILED)
        mill__count_failure(batch, job);
    if (batch->options.ordered)
        mill__give_work(batch, job);
    mill__deliver(batch, job);
}

void *
mill__reader(void *arg)
{
    struct mill_batch *batch = arg;
    struct mill_job *job;

    while ((job = choose(batch)) != NULL)
        read_one(batch, job);
    if (atomic_fetch_sub(&batch->reading, 1) == 1)
        mill_queue_close(batch->read);
    return NULL;
}
