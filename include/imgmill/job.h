/* job: one image's journey, and the slots that bound how many are on the way.
 * Stands on base and sync. */
#ifndef IMGMILL_JOB_H
#define IMGMILL_JOB_H

#include <imgmill/sync.h>

struct mill_slots;
struct mill_draft;

/* How a journey ended. */
enum mill_end {
    MILL_END_NONE, /* not yet */
    MILL_END_DONE,
    MILL_END_SKIPPED, /* by rule: -n, -u */
    MILL_END_FAILED,
    MILL_END_LEFT /* the batch was stopped before its turn */
};

/* What an input was when it was opened. */
struct mill_seen {
    bool regular; /* a file; else only mtime and mode count */
    uint64_t dev, ino, bytes;
    int64_t mtime_ns;
    uint32_t mode, uid, gid;
};

/* Plain data with one owner at any moment; pushing it on moves the ownership.
 * Fields are grouped by who may touch them. */
struct mill_job {
    /* set by the mill at the start, then read-only */
    uint32_t index;      /* place in the list of inputs */
    const char *path;    /* to open; "-" is stdin */
    const char *label;   /* for people, as the user would say it */
    const char *output;  /* below the output folder; NULL: none is written */
    uint64_t file_bytes; /* as scanned; an estimate */

    /* the reader */
    uint8_t *bytes; /* freed by mill_job_drop_input */
    size_t n_bytes;
    bool kept; /* there is an open file that they can be read from; while bytes
                  is NULL they must be */
    int file;  /* when kept: closed by mill_job_drop_input */
    struct mill_seen seen;
    uint64_t read_ns;

    /* the lane */
    struct mill_result result;
    struct mill_buffer outputs[MILL_OUTPUTS];
    struct mill_draft *draft; /* whoever tells the lane to spill; NULL: none */
    uint64_t draft_bytes;     /* in it already; outputs[0] has what follows */
    int worker;               /* lane's number, from 0; -1: never in a lane */
    unsigned attempts;
    uint64_t work_ns; /* wall, in the lane */

    /* the writer */
    uint64_t write_ns; /* with what was written from the lane */
    uint64_t written_bytes;

    /* whoever owns the job */
    enum mill_end end;
    struct mill_err err; /* when end is FAILED (or SKIPPED: why) */
    uint64_t work_bytes; /* of work memory, held until the job has ended */

    /* slots.c */
    struct mill_slots *slots;
    uint64_t slot_bytes;       /* held in the slots' budget for this job */
    uint64_t slot_input_bytes; /* of these, what slots_take took */
};

/* ---- slots --------------------------------------------------------------- */

/* A slot is the right to hold one job's bytes. Counted, and their bytes are
 * budgeted; many threads. */
struct mill_slots *mill_slots_new(unsigned count, uint64_t bytes);
void mill_slots_free(struct mill_slots *slots);

/* Wait for a slot with room for `bytes` of input; false when closed. A job that
 * is larger than the whole part takes one only when no other is held. First
 * come first served. */
bool mill_slots_take(struct mill_slots *slots, struct mill_job *job,
                     uint64_t bytes);
/* The job turned out to hold n more bytes: debt. For an input that is what
 * n_bytes has beyond the bytes taken; for an output its own. */
void mill_slots_charge(struct mill_job *job, uint64_t bytes);
/* Of what was taken for the input only so much is needed, and no less than
 * n_bytes: the rest is given back. */
void mill_slots_lower(struct mill_job *job, uint64_t bytes);
/* Frees the input's bytes, closes its file, and gives back what the budget held
 * for them. */
void mill_job_drop_input(struct mill_job *job);
/* Frees all bytes of the job and gives the slot back, if it has one. May be
 * called twice. */
void mill_slots_give(struct mill_job *job);
void mill_slots_close(struct mill_slots *slots);
uint64_t mill_slots_held(struct mill_slots *slots); /* bytes */
struct mill_waits mill_slots_waits(struct mill_slots *slots);

/* ---- the input's bytes --------------------------------------------------- */

/* The job takes fd, a regular file of n_bytes, for whoever wants its bytes:
 * they need not be in memory till then. False: enough files are kept open, and
 * fd stays the caller's. The job has a slot. */
bool mill_job_keep(struct mill_job *job, int fd);

/* All n bytes of a regular file to `at`; MILL_READ when it does not end there,
 * or the system says so. As often as wanted, in any process that has fd. */
enum mill_status mill_file_read(int fd, uint8_t *at, size_t n,
                                struct mill_err *err);

/* The same, all n_bytes, into memory of the job's own. MILL_MEMORY. */
enum mill_status mill_job_read(struct mill_job *job, int fd,
                               struct mill_err *err);
/* The same from the file it keeps, unless the bytes are there already. */
enum mill_status mill_job_load(struct mill_job *job, struct mill_err *err);

/* The job failed: end, err and status in one. Returns job. */
struct mill_job *mill_job_fail(struct mill_job *job,
                               const struct mill_err *err);

#endif
