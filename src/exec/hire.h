/* hire: the mill's side of a worker's life. One worker belongs to one lane, and
 * all calls come from that lane's thread. */
#ifndef EXEC_HIRE_H
#define EXEC_HIRE_H

#include "deadline.h"
#include "wire.h"
#include "worker.h"

struct worker {
    const struct exec_house *house;
    int line;   /* to the nursery */
    int stop;   /* readable once the run is to end at once */
    int socket; /* -1: there is no worker */
    int pidfd;  /* of the worker */
    struct window window;
    uint32_t serial; /* of the last job it was given */
    bool killed;     /* the last one's end was a SIGKILL that is not ours */
};

/* What a lane learns when it listens. */
enum news {
    NEWS_MESSAGE,  /* a legal message */
    NEWS_NONSENSE, /* something that no worker of ours says */
    NEWS_DEATH,    /* it died, or closed its socket */
    NEWS_LATE,     /* the deadline passed */
    NEWS_STOP,     /* the run is to end at once */
    NEWS_UNSENT    /* it was gone before it was given the job */
};

/* Waits for the worker's next message. fault: with NEWS_NONSENSE, in words. */
enum news exec__worker_hear(struct worker *worker, enum wire_state state,
                            struct deadline *deadline,
                            struct wire_message *message, const char **fault);

/* Sends without waiting, and with it a descriptor, -1 for none: NEWS_MESSAGE
 * when it went, else what that tells. */
enum news exec__worker_tell(struct worker *worker,
                            const struct wire_message *message, int fd,
                            const char **fault);

/* Is it there and silent, as a worker without a job must be? */
bool exec__worker_idle(const struct worker *worker);

/* A new worker, up to its HELLO. MILL_ENVIRONMENT: there is no use in trying
 * again; MILL_CRASH: there may be; MILL_STOPPED: the run is to end. */
enum mill_status exec__worker_hire(struct worker *worker, struct mill_err *err);

/* How a worker ended. */
struct death {
    bool known;      /* false: the nursery is gone, nobody can tell */
    bool ours;       /* it lived until we killed it */
    int wait_status; /* as waitpid tells it */
};

/* Gives the worker grace_ms to end by itself, then kills it; waits for its end
 * and forgets it. Its memory is free when this returns. */
struct death exec__worker_bury(struct worker *worker, int grace_ms);
/* Without a job: asks it to end, then as above. */
void exec__worker_dismiss(struct worker *worker);

/* "killed by SIGSEGV (Segmentation fault)", "exited with code 3". */
char *exec__death_text(int wait_status, char *text, size_t n);

#endif
