/* talk: one job with one worker. */
#ifndef EXEC_TALK_H
#define EXEC_TALK_H

#include "hire.h"
#include "lane.h"

struct talk {
    /* set by the caller, the rest {0} */
    const struct mill_exec *exec;
    const struct mill_lanes *lanes;
    struct mill_job *job;
    struct worker *worker;

    /* told to the caller */
    uint64_t taken;      /* of lanes->work; the caller gives it back */
    const char *fault;   /* with NEWS_NONSENSE */
    struct mill_err err; /* with NEWS_MESSAGE: the job's verdict */

    /* its own */
    enum wire_state state;
    struct deadline deadline;
    size_t fed;      /* bytes of input that were sent */
    unsigned output; /* the last that bytes came for */
    bool asked;      /* for work memory */
};

/* Hands the job over and stays with it to its end. NEWS_MESSAGE: it was
 * answered, and job->outputs and job->result are filled; anything else: the
 * worker must be buried, and err says nothing. */
enum news exec__talk(struct talk *talk);

#endif
