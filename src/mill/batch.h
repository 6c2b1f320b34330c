/* batch: what readers, lanes and writers share, and who hands jobs to whom.
 *
 *   readers.c:  order -> reader threads -> queue `read` -> lanes
 *   writers.c:  mill__deliver -> [turn] -> queue `write` -> writer threads
 *
 * Every job is chosen by a reader once and delivered once: by its reader when
 * it ends there (skipped, unreadable, left), by its lane otherwise. */
#ifndef MILL_BATCH_H
#define MILL_BATCH_H

#include <imgmill/mill.h>

#include <pthread.h>
#include <stdatomic.h>

struct mill_batch {
    /* set by open, then read-only */
    struct mill_batch_options options; /* defaults filled in */
    const struct mill_list *list;
    char *const *names; /* NULL: no outputs */
    const struct mill_target *target;
    void (*ended)(void *context, const struct mill_job *job);
    void *context;
    struct mill_exec *exec;
    struct mill_store *store; /* NULL: no output folder */
    struct mill_slots *slots;
    struct mill_budget *work;
    struct mill_queue *read, *write;
    struct mill_journal *journal; /* NULL: none */
    char *folder; /* of outputs, its real path; NULL: their names are paths */
    uint32_t *order; /* the n jobs in the order of their beginning */

    struct mill_job *jobs; /* n; each is its owner's */

    pthread_mutex_t pick; /* guards next; ordered: slots are taken under it */
    size_t next;          /* place in order */
    atomic_uint reading;  /* readers that have not left */

    pthread_mutex_t turn; /* ordered: guards the two below */
    bool *came;           /* n: delivered, and waits for those before it */
    size_t turn_next;     /* the first that has not come */

    atomic_uint drafts;   /* that jobs have open */
    uint64_t most_drafts; /* set by open, then read-only; 0: none can be */

    atomic_size_t left;  /* jobs that no lane is done with */
    atomic_bool started; /* a lane is done with a job */
    atomic_bool stop;    /* nothing new starts */
    atomic_ullong failures;
    atomic_uint stops; /* calls of mill_batch_stop */

    pthread_mutex_t telling; /* held around ended */

    pthread_mutex_t lock; /* guards all below; nothing is called under it */
    struct mill_counts counts;
    struct mill_batch_stats stats; /* the sums over ended jobs */
    struct mill_err err;           /* why the batch stops early */
};

/* What a lane may use without asking, bytes; of options as for the next two. */
uint64_t mill__lane_bytes(const struct mill_batch_options *options);

/* The parts of options->memory, defaults filled in: the slots' quarter, and of
 * the rest what the lanes do not own. */
uint64_t mill__slot_bytes(const struct mill_batch_options *options);
uint64_t mill__work_bytes(const struct mill_batch_options *options);
/* How often an input's bytes are there at the same time. */
unsigned mill__copies(const struct mill_batch_options *options);

/* Nothing new starts, for a reason; the first one is what run returns. Readers
 * that wait go on and pass the rest on as left. */
void mill__halt_for(struct mill_batch *batch, const struct mill_err *err);

/* A job failed: perhaps one too many, or the disk is full. As soon as it is
 * known, so before the job is delivered. */
void mill__count_failure(struct mill_batch *batch, const struct mill_job *job);

/* mill_lanes.spill: outputs[0] goes to job->draft, which is opened for it.
 * Where none can be had it stays. */
enum mill_status mill__spill(void *batch, struct mill_job *job,
                             struct mill_err *err);

/* mill_lanes.spills: is a draft likely to be had? */
bool mill__spills(void *batch, const struct mill_job *job);

/* journal.c: opens the journal, if there is one; once the output folder is
 * there, finds out where. */
bool mill__journal_open(struct mill_batch *batch, struct mill_err *err);
bool mill__journal_aim(struct mill_batch *batch, struct mill_err *err);
/* By an earlier run, and its output is still there. */
bool mill__was_done(const struct mill_batch *batch, const struct mill_job *job);
/* The job ended, its output has its name. What cannot be noted stops the run.
 */
void mill__journal_add(struct mill_batch *batch, const struct mill_job *job);

/* Fills order. False: out of memory. */
bool mill__sort_jobs(struct mill_batch *batch);
/* Reader and writer threads; arg is the batch. The last reader that leaves
 * closes the queue to the lanes. */
void *mill__reader(void *arg);
void *mill__writer(void *arg);

/* Once all writers are gone: what the target's sync asks for. */
void mill__sync(struct mill_batch *batch);

/* Gives back the work memory that the job still holds. */
void mill__give_work(struct mill_batch *batch, struct mill_job *job);

/* A job with its end goes to the writers, in its turn when the batch is
 * ordered; once they are gone, the calling thread does their work. */
void mill__deliver(struct mill_batch *batch, struct mill_job *job);

#endif
