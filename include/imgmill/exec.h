/* exec: who computes. Three backends behind one door: serial, openmp, process.
 * They differ only in what a lane does. Never sees recipes or pixels: it is
 * handed a task. Stands on base, sync and job. */
#ifndef IMGMILL_EXEC_H
#define IMGMILL_EXEC_H

#include <imgmill/job.h>

struct mill_exec; /* one backend, opened */

/* ---- the workers' sandbox ------------------------------------------------ */

enum mill_sandbox {
    MILL_SANDBOX_AUTO,    /* what this build and machine have */
    MILL_SANDBOX_REQUIRE, /* Landlock and seccomp both, or no run */
    MILL_SANDBOX_OFF
};

/* What workers are locked up in. */
struct mill_sandbox_state {
    bool on;
    unsigned landlock; /* the kernel's ABI of it; 0: none */
    bool seccomp;
    bool memory; /* a limit on each worker's memory */
};

/* What there is on this machine. It tries in a child: before any thread. */
struct mill_sandbox_state mill_sandbox_probe(void);
/* In words, with what is missing and why: 128 characters are enough. */
char *mill_sandbox_text(struct mill_sandbox_state state, char *text, size_t n);

/* ---- backends ------------------------------------------------------------ */

struct mill_exec_options {
    unsigned lanes;      /* 1.. ; serial has one whatever this says */
    uint64_t lane_bytes; /* work memory each lane has without asking */
    uint64_t timeout_ns; /* wall a job; 0: none. Only process can enforce it */
    unsigned deaths;     /* deaths in a row without a success that stop the run;
                            0: never. A worker killed for its timeout is none */
    unsigned retries;    /* of a job whose worker got a SIGKILL that is not ours
                            (perhaps for want of memory): again, in a new worker
                            and with no other job running. Only process */
    unsigned jobs_per_worker; /* then it is replaced; 0: never. Only process */
    uint32_t window_bytes; /* each half of a worker's window; 0: the default */
    enum mill_sandbox sandbox; /* process; the others refuse `require` */
    bool crews;      /* tasks start threads; else a worker is refused any */
    uint64_t memory; /* bytes, most that one worker may ever take,
                        whatever it asked for; 0: no limit */
};

/* What lanes work on; lives as long as run. */
struct mill_lanes {
    struct mill_queue *in;    /* jobs that were read */
    struct mill_budget *work; /* work memory beyond the lanes' own; its limit
                                 and lane_bytes also bound a job's output */
    /* A finished job (any end but NONE) leaves the lane, from any lane's
     * thread, after its input was freed and its work memory given back, but
     * for what its outputs hold: that is in work_bytes, and who gets the job
     * gives it back. May block (a writer's queue). */
    void (*done)(void *context, struct mill_job *job);
    void *context;
    /* Polled before a job begins; true: it leaves as MILL_END_LEFT at once. */
    bool (*stopping)(void *context);
    /* Threads that a job which begins now may work with; NULL: nobody minds. */
    unsigned (*threads)(void *context);
    /* outputs[0] is larger than it should be while it grows: it may be taken
     * away, to job->draft, which counts it. NULL: nobody does. An error is the
     * job's verdict. Any lane's thread. */
    enum mill_status (*spill)(void *context, struct mill_job *job,
                              struct mill_err *err);
    /* Would it be? With spill; in any lane's thread. */
    bool (*spills)(void *context, const struct mill_job *job);
};

/* What a backend tells of itself while it runs; for reports and tests. */
struct mill_exec_stats {
    uint32_t lanes;
    uint32_t born, died; /* workers, ever */
    uint64_t busy_ns;    /* lanes' wall time with a job, added up */
    struct mill_sandbox_state sandbox; /* of every worker */
};

struct mill_backend {
    const char *name;
    const char *summary;
    bool isolates; /* a crash costs one image; timeouts are enforced */
    bool built;    /* false: this build cannot */

    /* Before the process has any thread and before any OpenMP region. process:
     * forks the nursery here. The task is copied; its arg is shared. NULL with
     * err filled on failure. */
    struct mill_exec *(*open)(const struct mill_exec_options *options,
                              const struct mill_task *task,
                              struct mill_err *err);
    /* Blocks until lanes->in is closed and empty and every job left through
     * done. MILL_OK, or MILL_STOPPED (deaths), MILL_ENVIRONMENT (the nursery or
     * a worker cannot be had, task's begin failed): then the jobs still in the
     * queue have left through done as MILL_END_LEFT. Once per open. */
    enum mill_status (*run)(struct mill_exec *exec,
                            const struct mill_lanes *lanes,
                            struct mill_err *err);
    /* End at once, from any thread while run runs: process kills its workers
     * and their jobs fail as MILL_STOPPED; the others can only let the running
     * jobs end. The jobs still in the queue leave as MILL_END_LEFT, and run
     * returns MILL_OK when nothing else ended it. */
    void (*kill)(struct mill_exec *exec);
    struct mill_exec_stats (*stats)(struct mill_exec *exec);
    /* After run (or instead of it). No child is left behind. */
    void (*close)(struct mill_exec *exec);
};

/* process, openmp, serial; NULL ends. [0] is the default. */
extern const struct mill_backend *const mill_backends[];
const struct mill_backend *mill_backend_named(const char *name);

#endif
