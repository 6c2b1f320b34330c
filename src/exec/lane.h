/* What all lanes share, whatever the backend: the run's common state, taking a
 * job, granting it memory, giving it back; and the lane that does the work
 * itself (serial, openmp). */
#ifndef EXEC_LANE_H
#define EXEC_LANE_H

#include <imgmill/exec.h>

#include <pthread.h>
#include <stdatomic.h>

struct mill_exec {
    struct mill_exec_options options;
    struct mill_task task;
    struct mill_sandbox_state sandbox;
    atomic_bool over;     /* no job begins any more: the rest is left */
    pthread_mutex_t lock; /* guards err */
    struct mill_err err;  /* why the run ended early; MILL_OK: it did not */
    atomic_uint born, died;
    atomic_ullong busy_ns;
};

void exec__init(struct mill_exec *exec, const struct mill_exec_options *options,
                const struct mill_task *task);
void exec__clear(struct mill_exec *exec);

/* No more jobs begin; the first reason given is what run will return. */
void exec__end(struct mill_exec *exec, const struct mill_err *err);
enum mill_status exec__verdict(struct mill_exec *exec, struct mill_err *err);
struct mill_exec_stats exec__stats(struct mill_exec *exec);

/* The next job to work on; what comes after a stop leaves as MILL_END_LEFT.
 * NULL: the queue is closed and empty. */
struct mill_job *exec__next(struct mill_exec *exec,
                            const struct mill_lanes *lanes);
/* Threads for a job that begins now, as struct mill_desk has them. */
unsigned exec__threads(const struct mill_lanes *lanes);
/* The job was not begun: it leaves as MILL_END_LEFT. */
void exec__leave(const struct mill_lanes *lanes, struct mill_job *job);
/* The job was worked on by lane `number` since started_ns, in job->attempts
 * attempts; err's status MILL_OK means done, any other failed, and then its
 * outputs are dropped. */
void exec__finish(struct mill_exec *exec, const struct mill_lanes *lanes,
                  struct mill_job *job, unsigned number, uint64_t started_ns,
                  const struct mill_err *err);

/* Bytes that the job can have at most, all together. */
uint64_t exec__most(const struct mill_exec *exec,
                    const struct mill_lanes *lanes, const struct mill_job *job);
/* Of its first output, as struct mill_desk has it. */
uint64_t exec__held(const struct mill_exec *exec,
                    const struct mill_lanes *lanes, const struct mill_job *job);
/* Work memory: waits until all of `bytes` beyond the lane's own is granted and
 * sets *taken, which the caller gives back by exec__give. MILL_LIMIT when that
 * is more than the budget has for the job at all, MILL_STOPPED when the budget
 * is closed. */
enum mill_status exec__need(const struct mill_exec *exec,
                            const struct mill_lanes *lanes,
                            const struct mill_job *job, uint64_t bytes,
                            uint64_t *taken, struct mill_err *err);
/* Gives it back, but for what the outputs of a job without error hold. */
void exec__give(const struct mill_lanes *lanes, struct mill_job *job,
                uint64_t taken, const struct mill_err *err);

/* May the job's outputs grow by n bytes? All of them together may not hold more
 * than a job could ever have as work memory (MILL_LIMIT): nobody's output may
 * eat the machine. */
enum mill_status exec__fits(const struct mill_exec *exec,
                            const struct mill_lanes *lanes,
                            const struct mill_job *job, uint64_t n,
                            struct mill_err *err);
/* Room for n more bytes of an output; what the buffer grew is charged to the
 * slots. The first output is spilled rather than that it grows beyond a share
 * of the lane's own memory: then it begins at 0 again. MILL_MEMORY, or what
 * spilling said. */
enum mill_status exec__room(const struct mill_exec *exec,
                            const struct mill_lanes *lanes,
                            struct mill_job *job, unsigned output, size_t n,
                            struct mill_err *err);

/* What a task's run said, made presentable: a status that no task can give is
 * MILL_INTERNAL, control characters in the text become '?'. */
void exec__clean(struct mill_err *err, int status);

/* One lane from its task's begin to its end, in the calling thread. */
void exec__work(struct mill_exec *exec, const struct mill_lanes *lanes,
                unsigned number);

#endif
