/* mill: the batch. Wires inputs, readers, lanes, writers and outputs; stops
 * them; counts. Prints nothing: it tells its caller. Stands on all but cli. */
#ifndef IMGMILL_MILL_H
#define IMGMILL_MILL_H

#include <imgmill/exec.h>
#include <imgmill/io.h>
#include <imgmill/recipe.h>

/* ---- which outputs ------------------------------------------------------- */

enum mill_existing {
    MILL_EXISTING_REPLACE,
    MILL_EXISTING_SKIP,  /* -n */
    MILL_EXISTING_UPDATE /* -u: replaced when not newer than the input */
};

enum mill_sync {
    MILL_SYNC_NONE,
    MILL_SYNC_BATCH /* at the end, one syncfs for each file system */
};

/* Where outputs go. Exactly one of: a folder, one file, a descriptor, in place
 * of the inputs. */
struct mill_target {
    const char *root; /* folder; NULL: none */
    const char *file; /* with root: the one output's name below it; else NULL */
    int fd;           /* when root is NULL: the one output is written here; -1:
                         nothing is written */
    bool in_place;    /* root is NULL, names are whole paths */
    const char *backup; /* in place: suffix for the old files; NULL: none */
    const char *name;   /* template, NULL: the default */
    bool flat;
    enum mill_existing existing;
    enum mill_sync sync;
};

/* Two inputs that cannot both be had, by their whole paths; the list's. */
struct mill_clash {
    const char *one, *two;
};

/* Plan all names before the first write. Returns an array of list->n malloc'd
 * strings (mill_target_names_free), in which NULL is "cannot be named" only for
 * inputs that have err. In place: whole paths, the input's own or, when the
 * format asks for another extension, one beside it. MILL_USAGE, both inputs
 * named: two with one output (and the way out, where one is known), an output
 * that is an input (same device and inode), in place one file that is named
 * twice; their paths are shortened in err and whole in *clash (may be NULL, and
 * is left alone where there is none). */
enum mill_status mill_target_names(const struct mill_target *target,
                                   const struct mill_list *list,
                                   const struct mill_codec *format,
                                   char ***names, struct mill_clash *clash,
                                   struct mill_err *err);
void mill_target_names_free(char **names, size_t n);

/* ---- the batch ----------------------------------------------------------- */

enum mill_order { MILL_ORDER_LARGEST, MILL_ORDER_INPUT };

struct mill_batch_options {
    const struct mill_backend *backend;
    unsigned jobs, readers, writers, queue; /* 0: the default */
    unsigned threads; /* that each job works with, for the default of jobs; 0
                         is 1 */
    unsigned share;  /* CPUs: each job that begins is told its part of them, the
                        last ones what others leave; 0: nobody minds */
    uint64_t memory; /* bytes; 0: the default */
    enum mill_order order;
    uint64_t file_most;  /* bytes; larger files are refused; 0: the default */
    bool ordered;        /* jobs end in input order (implies ORDER_INPUT) */
    uint64_t timeout_ns; /* 0: none */
    unsigned deaths, retries, jobs_per_worker; /* as in exec.h */
    enum mill_sandbox sandbox;
    bool crews;          /* as in exec.h */
    uint64_t failures;   /* failed images that stop the run; 0: none do */
    const char *journal; /* path (io.h); NULL: none. What it says was done is
                            skipped, if its output still has that size. Needs
                            outputs with names */
    uint64_t recipe;     /* for the journal: a hash of what reaches bytes */
};

/* The same with every default filled in: jobs = CPUs / threads; readers 2,
 * writers 2 (1 each when jobs is 1; one writer when ordered); queue = 2 * jobs
 * + readers, or less (not below jobs + readers) where memory is short;
 * file_most = 1 GB; memory = half of what is available, and at least what the
 * jobs' lanes need. Of the memory a quarter is for the bytes of inputs and
 * outputs (slots), 16 to 128 MB are each lane's own, the rest is the work
 * memory that lanes ask for; mill/options.c says what that promises. For -v. */
struct mill_batch_options
mill_batch_defaults(const struct mill_batch_options *given);

struct mill_counts {
    uint64_t listed, done, skipped, failed, left;
    uint64_t resumed;         /* of those skipped: done before */
    uint64_t salvaged;        /* of those done: damaged */
    uint64_t in_bytes;        /* of inputs that ended, but for those left */
    uint64_t skipped_bytes;   /* of these, of inputs that were skipped */
    uint64_t in_bytes_listed; /* all as scanned */
    uint64_t out_bytes;
    uint64_t started_ns, now_ns; /* mill_now_ns */
};

/* For --stats: where the mill waits. */
struct mill_batch_stats {
    struct mill_waits slots, read_queue, work, write_queue;
    uint64_t read_ns, lane_ns, write_ns; /* busy, all threads added up */
    uint64_t decode_ns, filter_ns, encode_ns;
    uint64_t most_bytes; /* slots' and work's highest, added; without what the
                            lanes own */
    struct mill_exec_stats exec;
};

struct mill_batch;

/* Before any thread: opens the backend (the nursery is forked here). task's
 * arg, list, names and target outlive the batch. ended is called once for each
 * input, from one thread at a time but not always the same; the job is lent. */
struct mill_batch *
mill_batch_open(const struct mill_batch_options *options,
                const struct mill_task *task, const struct mill_list *list,
                char *const *names, const struct mill_target *target,
                void (*ended)(void *context, const struct mill_job *job),
                void *context, struct mill_err *err);
/* Blocks until every input ended one way; in the thread that opened the batch,
 * once. MILL_OK (whatever failed), or why it stopped early: MILL_STOPPED (too
 * many deaths or failures, even if nothing was left then; or mill_batch_stop
 * and something was left), MILL_ENVIRONMENT (also a journal that cannot be
 * written), MILL_WRITE (the disk is full, the output folder is lost, or --sync
 * failed). */
enum mill_status mill_batch_run(struct mill_batch *batch, struct mill_err *err);
/* From any thread. First: nothing new starts, what is in a lane is finished and
 * written. Second: workers are killed. */
void mill_batch_stop(struct mill_batch *batch);
struct mill_counts mill_batch_counts(struct mill_batch *batch); /* any thread */
struct mill_batch_stats mill_batch_stats(struct mill_batch *batch);
void mill_batch_close(struct mill_batch *batch);

#endif
