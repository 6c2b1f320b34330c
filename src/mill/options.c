/* The batch's defaults, and how its memory is parted.
 *
 *   memory = slots (a quarter) + lanes' own (jobs times lane_bytes) + work
 *
 * Slots hold the bytes of inputs, twice where a worker has a copy, and what
 * was encoded. A file that is kept open has none in the mill, but that is
 * known only once it is open: what was taken for the second goes back then. An
 * input that is larger than the slots' quarter is alone in them and takes the
 * rest from the work memory; one larger than both fails, wherever its bytes
 * are. Work memory is what an image needs beyond its lane's own, as planned,
 * with what of its output is likely to be held; the lane gives back its part,
 * and the output's is held until that is written (in an ordered batch it is
 * debt of the slots: who waits for its turn must not hold what the turn's
 * owner wants).
 *
 * An output that grows beyond a share of its lane's own goes on in its file
 * (spill), where there is a folder to make one without a name in. Others are
 * held: what is held passes the memory only by those that are larger than
 * reckoned, and by those below a lane's own that wait for a writer, for which
 * the queue is kept short. What is not in it: the program and its threads, the
 * workers (some MB each, and an eighth of their lane's own for inputs), the
 * lists of inputs and names, the journal.
 *
 * A lane owns LANE_LEAST, and where memory is plenty more, so that a usual
 * photograph's lane neither asks nor gives pages back to take them anew. Work
 * is what is left, and never less than the least that one lane owns: an amount
 * too small for that is raised, because fewer bytes than the lanes have anyway
 * would promise something false. When nobody asked for a number of jobs, there
 * are as many as the memory carries. */
#include "batch.h"

enum {
    LANE_LEAST = 16 << 20,
    LANE_MOST = 128 << 20, /* a progressive JPEG of 20 to 40 megapixels */
    LANE_SHARE = 8         /* all lanes' own: at most this part of the memory */
};

uint64_t
mill__lane_bytes(const struct mill_batch_options *options)
{
    uint64_t bytes = options->memory / LANE_SHARE / options->jobs;

    if (bytes < LANE_LEAST)
        return LANE_LEAST;
    return bytes < LANE_MOST ? bytes : LANE_MOST;
}

uint64_t
mill__slot_bytes(const struct mill_batch_options *options)
{
    return options->memory / 4;
}

uint64_t
mill__work_bytes(const struct mill_batch_options *options)
{
    return options->memory - options->memory / 4 -
           options->jobs * mill__lane_bytes(options);
}

unsigned
mill__copies(const struct mill_batch_options *options)
{
    return options->backend->isolates ? 2 : 1;
}

static uint64_t
least_memory(unsigned jobs)
{
    uint64_t lanes = (jobs + UINT64_C(1)) * LANE_LEAST;
    return lanes + lanes / 3 + 1;
}

/* Places for jobs in which no lane waits for a reader; fewer where what could
 * pile up in them is more than half again what the slots may hold. */
static unsigned
default_queue(const struct mill_batch_options *options)
{
    uint64_t most = options->memory / 4 + options->memory / 8;
    unsigned least = options->jobs + options->readers;
    unsigned queue = least + options->jobs;

    while (queue > least && queue * mill__lane_bytes(options) > most)
        queue--;
    return queue;
}

static unsigned
default_jobs(uint64_t memory, unsigned threads)
{
    unsigned jobs = mill_cpu_count() / threads;

    if (jobs == 0)
        jobs = 1;
    while (jobs > 1 && least_memory(jobs) > memory)
        jobs--;
    return jobs;
}

struct mill_batch_options
mill_batch_defaults(const struct mill_batch_options *given)
{
    struct mill_batch_options options = *given;

    if (options.backend == NULL)
        options.backend = mill_backends[0];
    if (options.file_most == 0)
        options.file_most = 1 << 30;
    if (options.memory == 0)
        options.memory = mill_memory_available() / 2;
    if (options.threads == 0)
        options.threads = 1;
    if (options.jobs == 0)
        options.jobs = default_jobs(options.memory, options.threads);
    if (options.backend == mill_backend_named("serial"))
        options.jobs = 1;
    if (options.memory < least_memory(options.jobs))
        options.memory = least_memory(options.jobs);
    if (options.readers == 0)
        options.readers = options.jobs > 1 ? 2 : 1;
    if (options.writers == 0)
        options.writers = options.jobs > 1 ? 2 : 1;
    if (options.queue == 0)
        options.queue = default_queue(&options);
    if (options.ordered) {
        options.order = MILL_ORDER_INPUT;
        options.writers = 1;
    }
    return options;
}
