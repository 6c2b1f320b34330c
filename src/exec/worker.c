/* worker: the child's side. It owns nothing but its socket and its window, runs
 * the task on one image after another, and ends when its socket does. It says
 * nothing on stdout or stderr, opens no file and never returns to the code that
 * it was forked from.
 *
 *   mill                          worker
 *        -- JOB, first bytes -->
 *        <-- GO / DATA -->            while input is missing
 *        <-- NEED / GO | NO -->       once, if the task asks
 *        <-- PART / GO | NO -->       for each half that is full
 *        <-- DONE, last bytes --
 *
 * An input in a file comes as a descriptor, and is read into memory of our own.
 * One that was in the mill's memory is read in the window's in half, where it
 * lies; only what comes in pieces is copied together first. The out half is the
 * task's output window itself. Most images cost one message each way. */
#include "worker.h"

#include "wire.h"

#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    SOCKET = 3,            /* the one descriptor above stderr */
    HEAP_BYTES = 256 << 10 /* more than a heap has at first */
};

struct self {
    struct mill_desk desk;
    struct mill_out window;
    const struct exec_house *house;
    struct window shared;
    uint8_t *near;            /* house->near_bytes, for inputs */
    struct mill_buffer input; /* for one that is larger */
    struct sandbox_memory memory;
    uint32_t serial; /* of the job at hand */
    unsigned output; /* whose window it is */
    bool asked;      /* for work memory, whatever the answer */
    bool large;      /* this image went beyond the lane's own memory, or has
                        a copy of its input */
};

static void
say(const struct wire_message *message)
{
    if (!exec__wire_send(SOCKET, message, 0, NULL, 0))
        _exit(0);
}

/* The mill's next message; its end is ours. */
static void
hear(struct wire_message *message)
{
    if (exec__wire_receive(SOCKET, message, 0, NULL, 0) != 1)
        _exit(0);
}

/* ---- memory -------------------------------------------------------------- */

/* For an image that needs so much, and a copy of its input. The heap grows in
 * steps of the lane's own memory, so one more of them is allowed. */
static void
allow(struct self *self, uint64_t need, uint64_t input)
{
    uint64_t own = self->house->lane_bytes;
    uint64_t bytes = mill_u64_add(own, need > own ? need : own);
    exec__sandbox_allow(&self->memory, mill_u64_add(bytes, input));
}

/* Pages that the lane owns stay here from image to image: a page anew costs as
 * much as unpacking a kilobyte of JPEG into it. */
static void
keep_pages(const struct self *self)
{
    uint64_t own = self->house->lane_bytes;
    int bytes = own < INT_MAX ? (int)own : INT_MAX;
    mallopt(M_TRIM_THRESHOLD, bytes);
    mallopt(M_TOP_PAD, bytes); /* what a trim leaves */
    mallopt(M_MMAP_THRESHOLD, bytes / 2);
}

/* The heap takes the lane's own memory now, as far as addresses go, and may
 * have it in large pages: a fault for each small one costs a short batch a
 * tenth of its time. Only where the system lets programs choose; once the
 * sandbox has counted what was there before. */
static void
take_large_pages(void)
{
    struct mill_buffer more = {0};
    char *from = sbrk(0);
    mill_buffer_reserve(&more, HEAP_BYTES);
    mill_buffer_clear(&more);
    char *to = sbrk(0);
    if (to > from)
        madvise(from, (size_t)(to - from), MADV_HUGEPAGE);
}

/* Memory beyond the lane's own goes back to the system before the next job. */
static void
trim(struct self *self)
{
    if (self->large) {
        mill_buffer_clear(&self->input);
        malloc_trim(self->house->lane_bytes);
        allow(self, 0, 0);
    }
}

/* ---- the desk ------------------------------------------------------------ */

static enum mill_status
ask(const struct wire_message *question, struct mill_err *err)
{
    struct wire_message answer;
    say(question);
    hear(&answer);
    if (answer.kind == WIRE_GO)
        return MILL_OK;
    *err = answer.err;
    return (enum mill_status)err->status;
}

static enum mill_status
desk_need(struct mill_desk *desk, uint64_t bytes, struct mill_err *err)
{
    struct self *self =
        (struct self *)((char *)desk - offsetof(struct self, desk));
    struct wire_message need = {
        .kind = WIRE_NEED, .serial = self->serial, .total = bytes};
    if (self->asked)
        return mill_fail(err, MILL_INTERNAL, "asked twice for work memory");
    self->asked = true;
    if (bytes <= desk->lane_bytes)
        return MILL_OK;
    self->large = true;
    if (ask(&need, err) != MILL_OK)
        return (enum mill_status)err->status;
    allow(self, bytes, self->input.n);
    return MILL_OK;
}

static uint32_t
written(const struct self *self)
{
    return self->house->window.out - (uint32_t)self->window.left;
}

static void
empty(struct self *self)
{
    self->window.at = self->shared.out;
    self->window.left = self->house->window.out;
}

static enum mill_flow
send_part(struct self *self, struct mill_err *err)
{
    struct wire_message part = {.kind = WIRE_PART,
                                .serial = self->serial,
                                .output = self->output,
                                .n = written(self)};
    if (ask(&part, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    empty(self);
    return MILL_FLOW_MORE;
}

/* What stands in a half that is not full yet leaves with the next message. */
static enum mill_flow
window_full(struct mill_out *window, struct mill_err *err)
{
    struct self *self =
        (struct self *)((char *)window - offsetof(struct self, window));
    return window->left > 0 ? MILL_FLOW_MORE : send_part(self, err);
}

/* A NO to the last part of the output before is not lost: the mill has already
 * judged the job. */
static struct mill_out *
desk_out(struct mill_desk *desk, unsigned output)
{
    struct self *self =
        (struct self *)((char *)desk - offsetof(struct self, desk));
    struct mill_err err;
    if (output >= MILL_OUTPUTS)
        return NULL;
    if (output != self->output && written(self) > 0)
        send_part(self, &err);
    self->output = output;
    return &self->window;
}

/* ---- one job ------------------------------------------------------------- */

/* Memory for an input of n bytes; NULL: none. */
static uint8_t *
room_for(struct self *self, uint64_t n)
{
    if (n <= self->house->near_bytes)
        return self->near;
    self->large = true;
    allow(self, 0, n);
    if (n > SIZE_MAX || !mill_buffer_reserve(&self->input, (size_t)n))
        return NULL;
    self->input.n = (size_t)n;
    return self->input.at;
}

/* The pieces of an input, put together. */
static void
gather(struct self *self, const struct wire_message *job, uint8_t *at)
{
    struct wire_message go = {.kind = WIRE_GO, .serial = job->serial};
    struct wire_message data = *job;
    uint64_t n = 0;
    for (;;) {
        memcpy(at + n, self->shared.in, data.n);
        n += data.n;
        if (n == job->total)
            return;
        say(&go);
        hear(&data);
        if (data.kind != WIRE_DATA || data.n == 0 || data.n > job->total - n)
            _exit(1);
    }
}

/* The job's input: in its place in the window if it is all there. Without
 * memory for it nothing more is expected from the mill. */
static enum mill_status
fetch(struct self *self, const struct wire_message *job, int file,
      struct mill_bytes *in, struct mill_err *err)
{
    if (file < 0 && job->n == job->total) {
        *in = (struct mill_bytes){self->shared.in, job->n};
        return MILL_OK;
    }
    uint8_t *at = room_for(self, job->total);
    if (at == NULL)
        return mill_fail(err, MILL_MEMORY, "no room for it");
    *in = (struct mill_bytes){at, (size_t)job->total};
    if (file >= 0)
        return mill_file_read(file, at, in->n, err);
    gather(self, job, at);
    return MILL_OK;
}

static void
do_job(struct self *self, void *state, const struct wire_message *job, int file)
{
    struct wire_message done = {.kind = WIRE_DONE, .serial = job->serial};
    const struct mill_task *task = &self->house->task;
    struct mill_bytes in;
    self->serial = job->serial;
    self->output = 0;
    self->asked = self->large = false;
    self->desk.most_bytes = job->most;
    self->desk.held_bytes = job->held;
    self->desk.threads = job->threads;
    empty(self);
    done.status = fetch(self, job, file, &in, &done.err);
    if (file >= 0)
        close(file);
    if (done.status == MILL_OK)
        done.status =
            task->run(state, in, &self->desk, &done.result, &done.err);
    done.output = self->output;
    done.n = written(self);
    say(&done);
}

/* ---- birth --------------------------------------------------------------- */

/* Room for inputs in large pages where there are some. */
static bool
make_room(struct self *self)
{
    size_t n = self->house->near_bytes + 1; /* never 0 */
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    self->near = at;
    return at != MAP_FAILED && (madvise(at, n, MADV_HUGEPAGE), true);
}

/* The socket at its place, the window mapped, all other descriptors closed, and
 * this process bound to the one that forked it. */
static bool
settle(struct self *self, int socket, int window, int parent)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_NAME, "mill-worker");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
        sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        return false;
    if (!exec__window_show(&self->shared, self->house->window, window) ||
        !make_room(self))
        return false;
    if (socket != SOCKET && dup2(socket, SOCKET) < 0)
        return false;
    return close_range(SOCKET + 1, UINT_MAX, 0) == 0;
}

/* After begin had its chance to load, and before the first byte of an image.
 * The task's state; NULL: there is none, or no sandbox for it. */
static void *
begin(struct self *self, struct wire_message *hello)
{
    const struct exec_house *house = self->house;
    void *state = house->task.begin(house->task.arg, &hello->err);
    hello->status = MILL_ENVIRONMENT;
    if (state == NULL || exec__sandbox_enter(&house->sandbox, SOCKET,
                                             &self->memory, &hello->err))
        return NULL;
    allow(self, 0, 0);
    take_large_pages();
    hello->status = MILL_OK;
    hello->total = house->sandbox.layers;
    return state;
}

_Noreturn void
exec__worker_main(const struct exec_house *house, int socket, int window,
                  int parent)
{
    struct self self = {.desk = {.need = desk_need,
                                 .out = desk_out,
                                 .lane_bytes = house->lane_bytes},
                        .window = {.full = window_full},
                        .house = house};
    struct wire_message hello = {.kind = WIRE_HELLO}, job;
    int file;
    if (!settle(&self, socket, window, parent))
        _exit(1);
    keep_pages(&self);
    void *state = begin(&self, &hello);
    say(&hello);
    while (state != NULL &&
           exec__wire_receive(SOCKET, &job, 0, &file, 1) == 1) {
        do_job(&self, state, &job, file);
        trim(&self);
    }
    if (state != NULL)
        house->task.end(state);
    _exit(0);
}
