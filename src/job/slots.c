/* Slots: three budgets taken in one order. A thread takes
 *
 *   door (one place)  ->  count (a slot)  ->  bytes (its input's)  ->  leaves
 *                                                               the door
 *
 * The door makes one line of all who want a slot: only its first waits for a
 * slot or for bytes, so nobody sits on a slot while others stand before the
 * bytes, and the order of coming is the order of getting. Who gives takes
 * nothing, so the three cannot block each other in a circle.
 *
 * An input larger than all the bytes takes every slot at once, which is to say
 * that it waits until no other is held; then it gives back all but its own.
 *
 * Charges after that are debt of the bytes' budget: nobody is stopped half-way,
 * the next in line waits until it is paid.
 *
 * A job may keep its file open instead of the bytes; its slot is charged for
 * these all the same, since whoever has the job may load them. Such files are
 * counted too: descriptors are needed for outputs and workers before all. */
#include <imgmill/job.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILE_SHARE = 8 }; /* of the descriptors there may be */

struct mill_slots {
    struct mill_budget *door, *count, *bytes;
    atomic_ullong files; /* kept open */
    uint64_t most_files;
};

static uint64_t
file_share(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    return limit.rlim_cur / FILE_SHARE;
}

struct mill_slots *
mill_slots_new(unsigned count, uint64_t bytes)
{
    struct mill_slots *slots = calloc(1, sizeof *slots);
    if (!slots)
        return NULL;
    slots->door = mill_budget_new(1);
    slots->count = mill_budget_new(count ? count : 1);
    slots->bytes = mill_budget_new(bytes);
    slots->most_files = file_share();
    if (slots->door && slots->count && slots->bytes)
        return slots;
    mill_slots_free(slots);
    return NULL;
}

void
mill_slots_free(struct mill_slots *slots)
{
    if (!slots)
        return;
    mill_budget_free(slots->bytes);
    mill_budget_free(slots->count);
    mill_budget_free(slots->door);
    free(slots);
}

/* ---- taking -------------------------------------------------------------- */

/* From inside the door. */
static bool
take_both(struct mill_slots *slots, uint64_t bytes)
{
    uint64_t all = mill_budget_limit(slots->count);
    bool giant = bytes > mill_budget_limit(slots->bytes);
    uint64_t places = giant ? all : 1;
    if (!mill_budget_take(slots->count, places))
        return false;
    if (!mill_budget_take(slots->bytes, bytes)) {
        mill_budget_give(slots->count, places);
        return false;
    }
    mill_budget_give(slots->count, places - 1);
    return true;
}

bool
mill_slots_take(struct mill_slots *slots, struct mill_job *job, uint64_t bytes)
{
    if (!mill_budget_take(slots->door, 1))
        return false;
    bool taken = take_both(slots, bytes);
    if (taken) {
        job->slots = slots;
        job->slot_bytes = bytes;
        job->slot_input_bytes = bytes;
    }
    mill_budget_give(slots->door, 1);
    return taken;
}

void
mill_slots_charge(struct mill_job *job, uint64_t bytes)
{
    if (!job->slots)
        return;
    mill_budget_charge(job->slots->bytes, bytes);
    job->slot_bytes = mill_u64_add(job->slot_bytes, bytes);
}

bool
mill_job_keep(struct mill_job *job, int fd)
{
    struct mill_slots *slots = job->slots;
    if (atomic_fetch_add(&slots->files, 1) >= slots->most_files) {
        atomic_fetch_sub(&slots->files, 1);
        return false;
    }
    job->kept = true;
    job->file = fd;
    return true;
}

/* ---- giving -------------------------------------------------------------- */

static void
close_file(struct mill_job *job)
{
    if (!job->kept)
        return;
    close(job->file);
    job->kept = false;
    atomic_fetch_sub(&job->slots->files, 1);
}

static void
give_bytes(struct mill_job *job, uint64_t bytes)
{
    if (bytes > job->slot_bytes)
        bytes = job->slot_bytes;
    job->slot_bytes -= bytes;
    if (job->slots && bytes)
        mill_budget_give(job->slots->bytes, bytes);
}

void
mill_slots_lower(struct mill_job *job, uint64_t bytes)
{
    uint64_t taken = job->slot_input_bytes;
    if (bytes >= taken)
        return;
    job->slot_input_bytes = bytes;
    give_bytes(job, taken - bytes);
}

/* For the input there is held what was taken for it; if it turned out to be
 * larger, the difference was charged. */
void
mill_job_drop_input(struct mill_job *job)
{
    uint64_t input = job->slot_input_bytes;
    if (job->n_bytes > input)
        input = job->n_bytes;
    close_file(job);
    free(job->bytes);
    job->bytes = NULL;
    job->n_bytes = 0;
    job->slot_input_bytes = 0;
    give_bytes(job, input);
}

/* The bytes go first: who takes all slots relies on the bytes being free. */
void
mill_slots_give(struct mill_job *job)
{
    mill_job_drop_input(job);
    for (size_t i = 0; i < MILL_COUNT(job->outputs); i++)
        mill_buffer_clear(&job->outputs[i]);
    if (!job->slots)
        return;
    give_bytes(job, job->slot_bytes);
    struct mill_slots *slots = job->slots;
    job->slots = NULL;
    mill_budget_give(slots->count, 1);
}

void
mill_slots_close(struct mill_slots *slots)
{
    mill_budget_close(slots->door);
    mill_budget_close(slots->count);
    mill_budget_close(slots->bytes);
}

/* ---- what they tell ------------------------------------------------------ */

uint64_t
mill_slots_held(struct mill_slots *slots)
{
    return mill_budget_held(slots->bytes);
}

struct mill_waits
mill_slots_waits(struct mill_slots *slots)
{
    struct mill_waits waits = mill_budget_waits(slots->bytes);
    waits.pop_ns += mill_budget_waits(slots->count).pop_ns;
    waits.pop_ns += mill_budget_waits(slots->door).pop_ns;
    return waits;
}
