/* A lane that does the work itself, in its own thread: serial's one lane and
 * each thread of openmp. The desk is the lane's own memory: a task's output
 * window is the free end of the job's buffer, which grows as it fills.
 *
 *   outputs[i]:  [ written ........ | window ........ ]
 *                at              at + n             capacity
 *
 * No isolation: a task that crashes takes the mill with it, one that hangs
 * keeps its lane. */
#include "lane.h"

#include <stddef.h>

enum {
    CHUNK = 64 << 10, /* bytes that a window has at least after it grew */
    SPARE = 16
};

struct desk {
    struct mill_desk face;
    struct mill_out window;
    struct mill_exec *exec;
    const struct mill_lanes *lanes;
    struct mill_job *job;
    unsigned output;         /* whose window it is */
    bool asked;              /* need was called */
    uint64_t taken;          /* of lanes->work */
    struct mill_err refusal; /* what the desk said no with: the job's verdict */
    uint8_t spare[SPARE];    /* the window when there is no memory for one */
};

static struct desk *
desk_of_face(struct mill_desk *face)
{
    return (struct desk *)((char *)face - offsetof(struct desk, face));
}

static struct desk *
desk_of_window(struct mill_out *window)
{
    return (struct desk *)((char *)window - offsetof(struct desk, window));
}

static enum mill_status
desk_need(struct mill_desk *face, uint64_t bytes, struct mill_err *err)
{
    struct desk *desk = desk_of_face(face);
    if (desk->asked)
        return mill_fail(err, MILL_INTERNAL, "asked twice for work memory");
    desk->asked = true;
    enum mill_status status = exec__need(desk->exec, desk->lanes, desk->job,
                                         bytes, &desk->taken, err);
    if (status != MILL_OK)
        desk->refusal = *err;
    return status;
}

/* What was written into the window becomes part of its output. */
static void
desk_settle(struct desk *desk)
{
    struct mill_buffer *buffer = &desk->job->outputs[desk->output];
    if (desk->window.at != NULL && desk->refusal.status == MILL_OK)
        buffer->n = buffer->capacity - desk->window.left;
}

static bool
desk_open(struct desk *desk)
{
    struct mill_buffer *buffer = &desk->job->outputs[desk->output];
    struct mill_err *err = &desk->refusal;
    if (exec__fits(desk->exec, desk->lanes, desk->job, 0, err) == MILL_OK &&
        exec__room(desk->exec, desk->lanes, desk->job, desk->output, CHUNK,
                   err) == MILL_OK) {
        desk->window.at = buffer->at + buffer->n;
        desk->window.left = buffer->capacity - buffer->n;
        return true;
    }
    desk->window.at = desk->spare;
    desk->window.left = SPARE;
    return false;
}

static enum mill_flow
desk_full(struct mill_out *window, struct mill_err *err)
{
    struct desk *desk = desk_of_window(window);
    desk_settle(desk);
    if (desk->refusal.status == MILL_OK && window->left > 0)
        return MILL_FLOW_MORE;
    if (desk->refusal.status == MILL_OK && desk_open(desk))
        return MILL_FLOW_MORE;
    *err = desk->refusal;
    return MILL_FLOW_FAILED;
}

static struct mill_out *
desk_out(struct mill_desk *face, unsigned output)
{
    struct desk *desk = desk_of_face(face);
    desk_settle(desk);
    if (output >= MILL_OUTPUTS)
        return NULL;
    desk->output = output;
    if (desk->refusal.status == MILL_OK)
        desk_open(desk);
    return &desk->window;
}

static void
work_one(struct mill_exec *exec, const struct mill_lanes *lanes,
         unsigned number, void *state, struct mill_job *job)
{
    struct desk desk = {
        .face = {.need = desk_need,
                 .out = desk_out,
                 .lane_bytes = exec->options.lane_bytes,
                 .most_bytes = exec__most(exec, lanes, job),
                 .held_bytes = exec__held(exec, lanes, job),
                 .threads = exec__threads(lanes)},
        .window = {.full = desk_full},
        .exec = exec,
        .lanes = lanes,
        .job = job,
    };
    struct mill_err err = {0};
    uint64_t started_ns = mill_now_ns();
    job->attempts++;
    int status = mill_job_load(job, &err);
    struct mill_bytes in = {job->bytes, job->n_bytes};
    if (status == MILL_OK)
        status = exec->task.run(state, in, &desk.face, &job->result, &err);
    desk_settle(&desk);
    if (desk.refusal.status == MILL_OK)
        exec__fits(exec, lanes, job, 0, &desk.refusal);
    if (desk.refusal.status == MILL_OK)
        exec__clean(&err, status);
    else
        err = desk.refusal;
    exec__give(lanes, job, desk.taken, &err);
    exec__finish(exec, lanes, job, number, started_ns, &err);
}

void
exec__work(struct mill_exec *exec, const struct mill_lanes *lanes,
           unsigned number)
{
    struct mill_err err = {0};
    struct mill_job *job;
    void *state = exec->task.begin(exec->task.arg, &err);
    if (state == NULL) {
        err.status = MILL_ENVIRONMENT;
        exec__end(exec, &err);
    }
    while ((job = exec__next(exec, lanes)) != NULL)
        work_one(exec, lanes, number, state, job);
    if (state != NULL)
        exec->task.end(state);
}
