/* process: each lane is a light thread that has one worker process and does
 * nothing but hand jobs to it and wait for the answer, the deadline, or the
 * worker's death. A death costs the job that the worker had: that job fails
 * with the reason, the worker is replaced when the next job comes.
 *
 *   lane thread ── owns ──► struct worker ── socket, window ──► worker process
 *        └── line to the nursery, which forks and reaps
 *
 * A job whose worker was killed from outside, perhaps because memory was short,
 * may be tried again, alone. Being alone is a matter of the floor: a place on
 * it for each lane, taken for each attempt at a job; who must be alone takes
 * all of them. The floor is first come first served, and who waits for it holds
 * nothing that another lane needs to end its job.
 *
 * A worker is hired with its lane's first job, so a small batch starts few. The
 * thread that calls run is lane 0. To end at once, kill makes one descriptor
 * readable that every lane polls; nothing is shared that needs a lock. */
#include "backends.h"
#include "nursery.h"
#include "talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    OUT_BYTES = 256 << 10, /* of a window, unless options say: 1 MiB is not
                              faster, and costs time at each birth */
    NEAR_MOST = 16 << 20,
    NEAR_SHARE = 8,   /* of the lane's own memory is for inputs in files */
    WINDOW_SHARE = 8, /* of as much again is the in half, for all others */
    STACK_BYTES = 512 << 10,
    BIRTHS = 5,     /* that fail in a row before the run gives up */
    GRACE_MS = 200, /* from a closed socket to its owner's death */
    PAUSE_MS = 10,  /* before the second replacement in a row, then doubled */
    PAUSE_MOST_MS = 200
};

struct lane {
    struct process *process;
    const struct mill_lanes *lanes;
    unsigned number;
    struct worker worker;
    unsigned deaths; /* in a row, in this lane */
    unsigned births; /* in a row that brought no worker to a job */
    bool again;      /* the job's worker was killed, and not by us */
    pthread_t thread;
};

struct process {
    struct mill_exec exec; /* first: what the door hands out */
    struct exec_house house;
    struct nursery nursery;
    struct mill_budget *floor; /* a place for each lane */
    int stop;                  /* eventfd, readable after kill */
    atomic_uint deaths;        /* in a row, in all lanes */
    struct lane *lane;         /* exec.options.lanes of them */
};

/* ---- workers come and go ------------------------------------------------- */

static void
pause_before_birth(const struct lane *lane)
{
    unsigned row = lane->deaths > lane->births ? lane->deaths : lane->births;
    int ms = PAUSE_MS;
    if (row < 2)
        return;
    for (; row > 2 && ms < PAUSE_MOST_MS; row--)
        ms *= 2;
    exec__wire_wait(lane->worker.stop, ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS);
}

/* Many deaths in a row without one image done: it is not the images. */
static void
count_death(struct lane *lane, const char *how)
{
    struct process *process = lane->process;
    unsigned most = process->exec.options.deaths;
    unsigned row = atomic_fetch_add(&process->deaths, 1) + 1;
    struct mill_err err = {0};
    lane->deaths++;
    if (most == 0 || row < most)
        return;
    mill_fail(&err, MILL_STOPPED,
              "%u workers died in a row and no image was done (--max-deaths "
              "lifts that); the last %s",
              row, how);
    exec__end(&process->exec, &err);
}

/* One that was killed from outside says nothing against births. */
static void
count_failed_birth(struct lane *lane, const struct mill_err *err)
{
    struct mill_err reason = *err;
    if (err->status == MILL_CRASH && lane->worker.killed) {
        count_death(lane, "killed before it was ready");
    } else if (err->status == MILL_ENVIRONMENT || ++lane->births >= BIRTHS) {
        reason.status = MILL_ENVIRONMENT;
        exec__end(&lane->process->exec, &reason);
    }
}

/* There is a worker, or the run is over. */
static bool
have_worker(struct lane *lane)
{
    struct mill_exec *exec = &lane->process->exec;
    struct mill_err err = {0};
    while (lane->worker.socket < 0) {
        pause_before_birth(lane);
        if (atomic_load(&exec->over))
            return false;
        enum mill_status status = exec__worker_hire(&lane->worker, &err);
        if (status == MILL_OK)
            atomic_fetch_add(&exec->born, 1);
        else if (status == MILL_STOPPED)
            return false;
        else
            count_failed_birth(lane, &err);
    }
    return true;
}

static void
lose_nursery(struct lane *lane, struct mill_err *err)
{
    mill_fail(err, MILL_ENVIRONMENT, "the process that starts workers is gone");
    exec__end(&lane->process->exec, err);
}

static void
say_late(const struct lane *lane, struct mill_err *err)
{
    double s = (double)lane->process->exec.options.timeout_ns / 1e9;
    mill_fail(err, MILL_TIMEOUT, "no result within %g s; --timeout raises it",
              s);
}

static void
say_died(const struct death *death, const struct talk *talk, enum news news,
         struct mill_err *err)
{
    char text[64];
    exec__death_text(death->wait_status, text, sizeof text);
    if (news == NEWS_UNSENT)
        mill_fail(err, MILL_CRASH, "%s while it had no image", text);
    else if (news == NEWS_NONSENSE)
        mill_fail(err, MILL_CRASH, "sent a reply that makes no sense: %s",
                  talk->fault);
    else if (death->ours)
        mill_fail(err, MILL_CRASH,
                  "closed its socket in the middle of an "
                  "image");
    else
        mill_fail(err, MILL_CRASH, "%s in the middle of an image", text);
}

static void
advise_retries(const struct lane *lane, struct mill_err *err)
{
    size_t n = strlen(err->text);
    if (lane->again && lane->process->exec.options.retries == 0)
        snprintf(err->text + n, sizeof err->text - n,
                 "; --retries tries it again, alone");
}

/* The worker is of no use any more: it is buried, and err is its job's. One
 * that was only slow is no sign of something broken and does not count. */
static void
lose_worker(struct lane *lane, const struct talk *talk, enum news news,
            struct mill_err *err)
{
    bool alone = news == NEWS_DEATH || news == NEWS_UNSENT;
    struct death death = exec__worker_bury(&lane->worker, alone ? GRACE_MS : 0);
    atomic_fetch_add(&lane->process->exec.died, 1);
    if (news == NEWS_STOP) {
        mill_fail(err, MILL_STOPPED, "stopped in the middle of it");
    } else if (!death.known) {
        lose_nursery(lane, err);
    } else if (news == NEWS_LATE) {
        say_late(lane, err);
    } else {
        say_died(&death, talk, news, err);
        count_death(lane, err->text);
        lane->again = news == NEWS_DEATH && lane->worker.killed;
        advise_retries(lane, err);
    }
}

/* ---- a lane -------------------------------------------------------------- */

/* A worker that was gone before it had the job costs no job, but only so many
 * times in a row. */
static void
lose_idle_worker(struct lane *lane, const struct talk *talk)
{
    struct mill_err err = {0};
    lose_worker(lane, talk, NEWS_UNSENT, &err);
    if (lane->worker.killed || ++lane->births < BIRTHS)
        return;
    mill_fail(&err, MILL_ENVIRONMENT,
              "workers die before they are given an image");
    exec__end(&lane->process->exec, &err);
}

/* A worker that has had its share of jobs is replaced by the next one. */
static void
retire(struct lane *lane)
{
    unsigned share = lane->process->exec.options.jobs_per_worker;
    if (share > 0 && lane->worker.serial >= share)
        exec__worker_dismiss(&lane->worker);
}

/* False: the run is over and the job was not begun. */
static bool
hand_over(struct lane *lane, struct mill_job *job, struct talk *talk)
{
    while (have_worker(lane)) {
        *talk = (struct talk){.exec = &lane->process->exec,
                              .lanes = lane->lanes,
                              .job = job,
                              .worker = &lane->worker};
        enum news news = exec__talk(talk);
        if (news == NEWS_UNSENT) {
            lose_idle_worker(lane, talk);
            continue;
        }
        lane->births = 0;
        lane->again = false;
        if (news == NEWS_MESSAGE)
            lane->deaths = 0;
        else
            lose_worker(lane, talk, news, &talk->err);
        retire(lane);
        return true;
    }
    return false;
}

/* One attempt at the job, which needs so many places on the floor. False: the
 * run is over and the attempt was not begun. Work memory is given back only
 * after it: a worker that died has none any more. */
static bool
attempt(struct lane *lane, struct mill_job *job, uint64_t places,
        struct mill_err *err)
{
    struct process *process = lane->process;
    struct talk talk;
    if (!mill_budget_take(process->floor, places))
        return false;
    bool begun = hand_over(lane, job, &talk);
    if (begun) {
        job->attempts++;
        *err = talk.err;
        exec__give(lane->lanes, job, talk.taken, err);
    }
    mill_budget_give(process->floor, places);
    return begun;
}

/* Is the job worth another attempt? Then it is as it was before. */
static bool
worth_another(const struct lane *lane, struct mill_job *job)
{
    const struct mill_exec *exec = &lane->process->exec;
    if (!lane->again || job->attempts > exec->options.retries ||
        atomic_load(&exec->over) || lane->lanes->stopping(lane->lanes->context))
        return false;
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        job->outputs[i].n = 0;
    job->draft_bytes = 0;
    job->result = (struct mill_result){0};
    return true;
}

static void
work(struct lane *lane, struct mill_job *job)
{
    struct process *process = lane->process;
    uint64_t started_ns = mill_now_ns();
    struct mill_err err = {0};
    if (!attempt(lane, job, 1, &err)) {
        exec__leave(lane->lanes, job);
        return;
    }
    while (worth_another(lane, job) &&
           attempt(lane, job, process->exec.options.lanes, &err))
        continue;
    if (err.status == MILL_OK)
        atomic_store(&process->deaths, 0);
    exec__finish(&process->exec, lane->lanes, job, lane->number, started_ns,
                 &err);
}

static void *
lane_main(void *arg)
{
    struct lane *lane = arg;
    struct mill_job *job;
    while ((job = exec__next(&lane->process->exec, lane->lanes)) != NULL)
        work(lane, job);
    exec__worker_dismiss(&lane->worker);
    return NULL;
}

/* ---- the backend --------------------------------------------------------- */

static struct process *
process_of(struct mill_exec *exec)
{
    return (struct process *)exec;
}

static void
process_close(struct mill_exec *exec)
{
    struct process *process = process_of(exec);
    exec__nursery_close(&process->nursery);
    if (process->stop >= 0)
        close(process->stop);
    mill_budget_free(process->floor);
    free(process->lane);
    exec__clear(exec);
    free(process);
}

/* Room for nearly every input as a whole, if the lane has the memory. */
static void
size_rooms(struct exec_house *house, const struct mill_exec_options *options)
{
    uint64_t near = options->lane_bytes / NEAR_SHARE;
    if (near > NEAR_MOST)
        near = NEAR_MOST;
    house->near_bytes = (size_t)near;
    house->window = exec__window_size(near / WINDOW_SHARE, OUT_BYTES);
    if (options->window_bytes > 0) {
        house->near_bytes = options->window_bytes;
        house->window =
            exec__window_size(options->window_bytes, options->window_bytes);
    }
}

/* The nursery copies the house with everything else when it is forked. */
static enum mill_status
process_start(struct process *process, struct mill_err *err)
{
    unsigned n = process->exec.options.lanes;
    process->lane = calloc(n, sizeof *process->lane);
    process->floor = mill_budget_new(n);
    process->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (process->lane == NULL || process->floor == NULL || process->stop < 0)
        return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                             "cannot make the lanes");
    const struct mill_exec_options *options = &process->exec.options;
    struct sandbox *sandbox = &process->house.sandbox;
    enum mill_status status = exec__sandbox_open(
        sandbox, options->sandbox, options->memory, options->crews, err);
    process->exec.sandbox = exec__sandbox_state(sandbox);
    if (status == MILL_OK)
        status = exec__window_fit(&process->house.window, err);
    if (status == MILL_OK)
        status = exec__nursery_open(&process->nursery, n, &process->house, err);
    for (unsigned i = 0; status == MILL_OK && i < n; i++) {
        process->lane[i] = (struct lane){
            .process = process,
            .number = i,
            .worker = {.house = &process->house,
                       .line = process->nursery.lines[i],
                       .stop = process->stop,
                       .socket = -1,
                       .pidfd = -1,
                       .window = {.fd = -1}},
        };
    }
    return status;
}

static struct mill_exec *
process_open(const struct mill_exec_options *options,
             const struct mill_task *task, struct mill_err *err)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL) {
        mill_fail(err, MILL_MEMORY, "no memory for the lanes");
        return NULL;
    }
    exec__init(&process->exec, options, task);
    process->house = (struct exec_house){
        .task = *task,
        .lane_bytes = options->lane_bytes,
    };
    size_rooms(&process->house, options);
    process->nursery = (struct nursery){.pid = -1, .pidfd = -1};
    if (process_start(process, err) == MILL_OK)
        return &process->exec;
    process_close(&process->exec);
    return NULL;
}

/* How many of the lanes 1, 2, … have a thread. */
static unsigned
start_threads(struct process *process)
{
    pthread_attr_t attr;
    unsigned n = 1;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    while (n < process->exec.options.lanes &&
           pthread_create(&process->lane[n].thread, &attr, lane_main,
                          &process->lane[n]) == 0)
        n++;
    pthread_attr_destroy(&attr);
    return n;
}

static enum mill_status
process_run(struct mill_exec *exec, const struct mill_lanes *lanes,
            struct mill_err *err)
{
    struct process *process = process_of(exec);
    struct mill_err few = {0};
    for (unsigned i = 0; i < exec->options.lanes; i++)
        process->lane[i].lanes = lanes;
    unsigned n = start_threads(process);
    if (n < exec->options.lanes) {
        mill_fail(&few, MILL_ENVIRONMENT, "cannot start %u threads",
                  exec->options.lanes);
        exec__end(exec, &few);
    }
    lane_main(&process->lane[0]);
    for (unsigned i = 1; i < n; i++)
        pthread_join(process->lane[i].thread, NULL);
    return exec__verdict(exec, err);
}

static void
process_kill(struct mill_exec *exec)
{
    struct process *process = process_of(exec);
    atomic_store(&exec->over, true);
    mill_budget_close(process->floor);
    eventfd_write(process->stop, 1);
}

const struct mill_backend exec__process = {
    .name = "process",
    .summary = "worker processes: a crash or a hang costs one image",
    .isolates = true,
    .built = true,
    .open = process_open,
    .run = process_run,
    .kill = process_kill,
    .stats = exec__stats,
    .close = process_close,
};
