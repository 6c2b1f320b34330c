/* One command's run: what was asked for, what it became, and where its results
 * go. Made and used by the main thread; `ended` comes from the batch's. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "options.h"
#include "voice.h"

#include <stdatomic.h>

/* What the program returns; scripts rely on it. */
enum {
    CLI__EXIT_OK = 0,
    CLI__EXIT_FAILED = 1,      /* some images */
    CLI__EXIT_USAGE = 2,       /* nothing was written */
    CLI__EXIT_NOTHING = 3,     /* no input matched */
    CLI__EXIT_STOPPED = 4,     /* early, by a rule */
    CLI__EXIT_ENVIRONMENT = 5, /* no workers, disk full */
    CLI__EXIT_SIGNAL = 128     /* and the signal's number */
};

enum { CLI__STRANGERS = 6 };

struct cli__session {
    struct cli__options options;
    struct cli__voice voice;

    struct mill_list list;
    /* Of the files that were ignored in folders, those that are known as what
     * this build does not read; a NULL name ends. */
    struct {
        const char *name; /* constant */
        uint64_t n;
    } strangers[CLI__STRANGERS + 1];
    char **names; /* of outputs, a place each in the list; NULL: none */
    char *root;   /* owned; of the target */
    char *file;   /* owned; of the target */

    /* A job's own lines on standard output; from one thread at a time. */
    void (*put)(struct cli__session *session, const struct mill_job *job);
    FILE *json;              /* NULL: none */
    atomic_bool out_failed;  /* a result could not be written */
    struct mill_err out_err; /* then why; written while one is told */
    struct mill_batch *batch;
};

/* ---- inputs.c ------------------------------------------------------------ */

/* Fill the list from the options; returns an exit code. */
int cli__inputs_gather(struct cli__session *session);
/* What was found in folders and is not in the list: "", or ", 3 ignored (1
 * GIF), 2 folders not entered (-r)". */
void cli__inputs_put_rest(const struct cli__session *session, FILE *out);

/* ---- target.c ------------------------------------------------------------ */

/* Where outputs go, now that the list is known, and what they are called;
 * returns an exit code. */
int cli__target_resolve(struct cli__session *session);
/* The path of output `index` as people would say it, malloc'd; NULL: none. */
char *cli__target_path(const struct cli__session *session, uint32_t index);

/* ---- run.c --------------------------------------------------------------- */

/* Run the batch, with signals, progress and reports; returns an exit code. */
int cli__run(struct cli__session *session, const struct mill_task *task,
             const struct mill_target *target);
/* The exit code for an error before the first image. */
int cli__exit_of(int status);
/* Results that were printed to the file leave it, or it is noted why not. */
void cli__results_flush(struct cli__session *session, FILE *file);

/* ---- report.c ------------------------------------------------------------ */

void cli__report_error(struct cli__session *session,
                       const struct mill_err *err);
void cli__report_job(struct cli__session *session, const struct mill_job *job);
void cli__report_summary(struct cli__session *session,
                         const struct mill_counts *counts);
/* The batch's options, defaults filled in; --memory as it was given, 0: it was
 * not. */
void cli__report_choices(struct cli__session *session, uint64_t memory_asked);
void cli__report_sandbox(struct cli__session *session,
                         struct mill_sandbox_state state);
void cli__report_stats(struct cli__session *session,
                       const struct mill_batch_stats *stats);

/* ---- json.c -------------------------------------------------------------- */

void cli__json_job(struct cli__session *session, const struct mill_job *job);
/* why: it stopped early; NULL: it did not. */
void cli__json_summary(struct cli__session *session,
                       const struct mill_counts *counts, const char *why,
                       int exit_code);

/* ---- progress.c, signals.c ----------------------------------------------- */

struct cli__progress;
/* A thread that tells how far the batch is; NULL when none is wanted. */
struct cli__progress *cli__progress_start(struct cli__session *session);
void cli__progress_end(struct cli__progress *progress);

/* Signals that stop the batch: blocked before any thread … */
void cli__signals_block(void);
/* … and then waited for by a thread; NULL when it cannot be had: they are let
 * through again and end the program. */
struct cli__signals;
struct cli__signals *cli__signals_start(struct cli__session *session);
/* Returns the first signal that came, 0: none. */
int cli__signals_end(struct cli__signals *signals);

/* ---- the commands -------------------------------------------------------- */

int cli__convert(int argc, char **argv);
int cli__info(int argc, char **argv);

/* What all commands with inputs do first; an exit code, and *go when there is
 * something to do. End with cli__session_close whatever came back. */
int cli__session_open(struct cli__session *session, unsigned command, int argc,
                      char **argv, bool *go);
void cli__session_close(struct cli__session *session);

#endif
