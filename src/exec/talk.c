/* talk: the lane's half of the exchange that worker.c draws. The worker may
 * have been taken over by the image that it reads, so what it says is judged
 * before it is used, and nothing that is used stays where it could still write:
 * a message is copied by the socket, output bytes are copied out of the window.
 *
 *   FEEDING --GO--> FEEDING … RUNNING --NEED, PART--> RUNNING --DONE-->
 *
 * While the lane answers it does not listen, so there is no state for that: a
 * worker that goes on talking fills its socket and is found out.
 *
 * A refusal (work memory, room for output, its file) is the job's verdict
 * whatever the worker says afterwards. Runs in the mill, on the lane's thread.
 */
#include "talk.h"

#include <string.h>

static enum news
nonsense(struct talk *talk, const char *fault)
{
    talk->fault = fault;
    return NEWS_NONSENSE;
}

/* The next bytes of input go into the in half, as many as it takes. */
static uint32_t
put_in(struct talk *talk)
{
    struct worker *worker = talk->worker;
    size_t left = talk->job->n_bytes - talk->fed;
    uint32_t n = exec__window_in(&worker->window, worker->house->window, left);
    if (n > 0)
        memcpy(worker->window.in, talk->job->bytes + talk->fed, n);
    talk->fed += n;
    talk->state = n < left ? WIRE_FEEDING : WIRE_RUNNING;
    return n;
}

/* A file goes to the worker as it is: who computes with the bytes has them in
 * its own cache if it reads them itself. */
static enum news
feed(struct talk *talk, enum wire_kind kind)
{
    const struct mill_job *job = talk->job;
    bool in_file = job->kept && job->bytes == NULL;
    struct wire_message message = {
        .kind = kind,
        .serial = talk->worker->serial,
        .total = job->n_bytes,
        .most = exec__most(talk->exec, talk->lanes, job),
        .held = exec__held(talk->exec, talk->lanes, job),
        .threads = exec__threads(talk->lanes),
    };
    if (in_file)
        talk->state = WIRE_RUNNING;
    else
        message.n = put_in(talk);
    return exec__worker_tell(talk->worker, &message, in_file ? job->file : -1,
                             &talk->fault);
}

static enum news
answer(struct talk *talk)
{
    struct wire_message message = {
        .kind = talk->err.status == MILL_OK ? WIRE_GO : WIRE_NO,
        .serial = talk->worker->serial,
        .err = talk->err,
    };
    return exec__worker_tell(talk->worker, &message, -1, &talk->fault);
}

static enum news
heard_need(struct talk *talk, uint64_t bytes)
{
    if (talk->asked)
        return nonsense(talk, "a second wish for memory");
    talk->asked = true;
    exec__need(talk->exec, talk->lanes, talk->job, bytes, &talk->taken,
               &talk->err);
    return answer(talk);
}

/* Bytes of output, from the out half into the job. */
static enum news
take_part(struct talk *talk, const struct wire_message *message)
{
    struct mill_job *job = talk->job;
    struct mill_err *err = &talk->err;
    if (message->n == 0)
        return NEWS_MESSAGE;
    if (message->output < talk->output)
        return nonsense(talk, "an output that was complete");
    talk->output = message->output;
    if (exec__fits(talk->exec, talk->lanes, job, message->n, err) == MILL_OK &&
        exec__room(talk->exec, talk->lanes, job, message->output, message->n,
                   err) == MILL_OK)
        mill_buffer_append(&job->outputs[message->output],
                           talk->worker->window.out, message->n);
    return NEWS_MESSAGE;
}

static enum news
heard_part(struct talk *talk, const struct wire_message *message)
{
    if (talk->err.status != MILL_OK)
        return nonsense(talk, "output of an image that was refused");
    enum news news = take_part(talk, message);
    return news == NEWS_MESSAGE ? answer(talk) : news;
}

static enum news
heard_done(struct talk *talk, struct wire_message *message)
{
    if (talk->state == WIRE_FEEDING && message->status == MILL_OK)
        return nonsense(talk, "success before it had the image");
    talk->job->result = message->result;
    exec__wire_clean(&talk->job->result);
    if (talk->err.status != MILL_OK)
        return NEWS_MESSAGE;
    if (message->status == MILL_OK)
        return take_part(talk, message);
    talk->err = message->err;
    exec__clean(&talk->err, message->status);
    return NEWS_MESSAGE;
}

static enum news
heard(struct talk *talk, struct wire_message *message)
{
    switch (message->kind) {
    case WIRE_GO:
        return feed(talk, WIRE_DATA);
    case WIRE_NEED:
        return heard_need(talk, message->total);
    case WIRE_PART:
        return heard_part(talk, message);
    default:
        return heard_done(talk, message);
    }
}

enum news
exec__talk(struct talk *talk)
{
    struct worker *worker = talk->worker;
    struct wire_message message = {0};
    if (!exec__worker_idle(worker))
        return NEWS_UNSENT;
    worker->serial++;
    talk->deadline = exec__deadline_of(talk->exec->options.timeout_ns);
    enum news news = feed(talk, WIRE_JOB);
    if (news != NEWS_MESSAGE)
        return NEWS_UNSENT;
    do {
        news = exec__worker_hear(worker, talk->state, &talk->deadline, &message,
                                 &talk->fault);
        if (news == NEWS_MESSAGE)
            news = heard(talk, &message);
    } while (news == NEWS_MESSAGE && message.kind != WIRE_DONE);
    return news;
}
