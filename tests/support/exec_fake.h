/* A task that obeys the first word of its input, and a batch of such inputs.
 * Input that is no command is worked on: every byte of the output is the
 * input's, turned over. Worker tests rely on a worker's socket being fd 3. */
#ifndef EXEC_FAKE_H
#define EXEC_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <imgmill/exec.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/wire.h"

enum { FAKE_SOCKET = 3 };

/* ---- the task ------------------------------------------------------------ */

/* What all workers of a batch see: memory shared since before the first fork.
 * NULL: nobody needs it. */
struct fake_board {
    unsigned begun;   /* attempts at images */
    unsigned kills;   /* that "frail" still has to suffer */
    unsigned working; /* images at work */
    unsigned crowded; /* times that "frail" was not alone when it was tried
                         again */
    unsigned runs;    /* of "frail" */
    bool calm;        /* the storm is over */
    int strikes;      /* that it made */
};

static struct fake_board *fake_board;

static inline void
fake_board_make(unsigned kills)
{
    if (fake_board == NULL)
        fake_board = mmap(NULL, sizeof *fake_board, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(fake_board != MAP_FAILED);
    *fake_board = (struct fake_board){.kills = kills};
}

/* An image that is killed as often as the board says, and looks around for
 * company once it is not. */
static inline void
fake_frail(void)
{
    __atomic_fetch_add(&fake_board->runs, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&fake_board->kills, __ATOMIC_SEQ_CST) > 0) {
        __atomic_fetch_sub(&fake_board->kills, 1, __ATOMIC_SEQ_CST);
        raise(SIGKILL);
    }
    for (int i = 0; i < 50; i++, usleep(1000))
        if (__atomic_load_n(&fake_board->working, __ATOMIC_SEQ_CST) > 0)
            fake_board->crowded++;
}

/* Until workers have begun with so many images; before
 * that an end of the run would leave them to nobody. */
static inline void
fake_await_begun(unsigned n)
{
    while (__atomic_load_n(&fake_board->begun, __ATOMIC_SEQ_CST) < n)
        usleep(1000);
}

static inline void
fake_busy(int ms)
{
    __atomic_fetch_add(&fake_board->working, 1, __ATOMIC_SEQ_CST);
    usleep((useconds_t)ms * 1000);
    __atomic_fetch_sub(&fake_board->working, 1, __ATOMIC_SEQ_CST);
}

static inline enum mill_flow
fake_put(struct mill_out *out, const uint8_t *at, size_t n, uint8_t turn,
         struct mill_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (out->left == 0 && out->full(out, err) != MILL_FLOW_MORE)
            return MILL_FLOW_FAILED;
        *out->at++ = at[i] ^ turn;
        out->left--;
    }
    return MILL_FLOW_MORE;
}

static inline enum mill_status
fake_work(struct mill_bytes in, struct mill_desk *desk,
          struct mill_result *result, struct mill_err *err)
{
    struct mill_out *out = desk->out(desk, 0);
    result->n_outputs = 1;
    result->facts.w = (uint32_t)in.n;
    if (fake_put(out, in.at, in.n, 0x5a, err) != MILL_FLOW_MORE ||
        out->full(out, err) != MILL_FLOW_MORE)
        return (enum mill_status)err->status;
    return MILL_OK;
}

static inline enum mill_status
fake_big(uint64_t n, struct mill_desk *desk, struct mill_err *err)
{
    struct mill_out *out = desk->out(desk, 0);
    for (; n > 0; n--) {
        uint8_t byte = (uint8_t)n;
        if (fake_put(out, &byte, 1, 0, err) != MILL_FLOW_MORE)
            return (enum mill_status)err->status;
    }
    return MILL_OK;
}

/* Three outputs, the middle one empty. */
static inline enum mill_status
fake_three(struct mill_bytes in, struct mill_desk *desk,
           struct mill_result *result, struct mill_err *err)
{
    result->n_outputs = 3;
    for (unsigned i = 0; i < 3; i++) {
        struct mill_out *out = desk->out(desk, i);
        if (i != 1 &&
            fake_put(out, in.at, in.n, (uint8_t)i, err) != MILL_FLOW_MORE)
            return (enum mill_status)err->status;
    }
    return MILL_OK;
}

static inline enum mill_status
fake_need(uint64_t n, struct mill_bytes in, struct mill_desk *desk,
          struct mill_result *result, struct mill_err *err)
{
    if (desk->need(desk, n, err) != MILL_OK)
        return (enum mill_status)err->status;
    return fake_work(in, desk, result, err);
}

/* A task that asks again, whatever it was told. */
static inline enum mill_status
fake_wish(uint64_t n, struct mill_desk *desk, struct mill_err *err)
{
    desk->need(desk, n, err);
    return desk->need(desk, n, err);
}

/* Memory of the task's own; what it asked for is in need. */
static inline enum mill_status
fake_grab(uint64_t need, uint64_t n, struct mill_desk *desk,
          struct mill_err *err)
{
    if (need > 0 && desk->need(desk, need, err) != MILL_OK)
        return (enum mill_status)err->status;
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return mill_fail(err, MILL_MEMORY, "nothing to grab");
    munmap(at, n);
    return MILL_OK;
}

/* A message that the worker itself would never send, as its first job. */
static inline void
fake_lie(const char *how)
{
    struct wire_message m = {.kind = WIRE_PART, .serial = 1};
    struct {
        const char *how;
        struct wire_message m;
    } lies[] = {
        {"kind", {.kind = 77, .serial = 1}},
        {"turn", {.kind = WIRE_HELLO, .serial = 1}},
        {"long", {.kind = WIRE_PART, .serial = 1, .n = 1u << 30}},
        {"output", {.kind = WIRE_PART, .serial = 1, .n = 1, .output = 99}},
        {"serial", {.kind = WIRE_DONE, .serial = 7}},
        {"outputs",
         {.kind = WIRE_DONE, .serial = 1, .result = {.n_outputs = 99}}},
        {"done", {.kind = WIRE_DONE, .serial = 1, .n = 1}},
    };
    for (size_t i = 0; i < MILL_COUNT(lies); i++) {
        if (strcmp(how, lies[i].how) == 0)
            exec__wire_send(FAKE_SOCKET, &lies[i].m, 0, NULL, 0);
    }
    if (strcmp(how, "short") == 0)
        (void)!write(FAKE_SOCKET, "short", 5);
    if (strcmp(how, "order") == 0) {
        m.n = m.output = 1;
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
        m.output = 0;
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
    }
    if (strcmp(how, "wishes") == 0) {
        m.kind = WIRE_NEED;
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
    }
    while (strcmp(how, "flood") == 0)
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
    if (strcmp(how, "words") == 0) {
        m.kind = WIRE_DONE;
        m.status = MILL_DAMAGED;
        memset(m.err.text, '\033', sizeof m.err.text);
        memset(&m.result.facts, 'x', sizeof m.result.facts);
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
    }
    if (strcmp(how, "fds") == 0)
        exec__wire_send(FAKE_SOCKET, &lies[6].m, 0, (int[]){0, 1}, 2);
    m.n = 1;
    if (strcmp(how, "mute") == 0)
        shutdown(FAKE_SOCKET, SHUT_WR);
    if (strcmp(how, "deaf") == 0) {
        shutdown(FAKE_SOCKET, SHUT_RD);
        exec__wire_send(FAKE_SOCKET, &m, 0, NULL, 0);
    }
    if (strcmp(how, "close") == 0)
        close(FAKE_SOCKET);
}

/* Ways not to come back. */
static inline void
fake_vanish(const char *word)
{
    int code = 0;
    if (strcmp(word, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(word, "abort") == 0)
        raise(SIGABRT);
    if (strcmp(word, "kill9") == 0)
        raise(SIGKILL);
    if (strcmp(word, "stop") == 0)
        raise(SIGSTOP);
    while (strcmp(word, "loop") == 0)
        usleep(1000);
    if (sscanf(word, "exit:%d", &code) == 1)
        _exit(code);
}

/* Takes all the work memory that a batch of fake_batch_of has, for ms. */
static inline enum mill_status
fake_hold(int ms, struct mill_desk *desk, struct mill_err *err)
{
    if (desk->need(desk, desk->lane_bytes + (64 << 20), err) != MILL_OK)
        return (enum mill_status)err->status;
    usleep((useconds_t)ms * 1000);
    return MILL_OK;
}

/* Work of ms, a question to the mill, and the same work again. */
static inline enum mill_status
fake_twice(int ms, struct mill_desk *desk, struct mill_err *err)
{
    usleep((useconds_t)ms * 1000);
    if (desk->need(desk, desk->lane_bytes + 1, err) != MILL_OK)
        return (enum mill_status)err->status;
    usleep((useconds_t)ms * 1000);
    return MILL_OK;
}

static inline enum mill_status
fake_run(void *state, struct mill_bytes in, struct mill_desk *desk,
         struct mill_result *result, struct mill_err *err)
{
    char word[64] = "";
    unsigned long long n, need;
    int ms, status;
    (void)state;
    memcpy(word, in.n ? in.at : (const uint8_t *)"", in.n < 63 ? in.n : 63);
    if (fake_board != NULL)
        __atomic_fetch_add(&fake_board->begun, 1, __ATOMIC_SEQ_CST);
    fake_vanish(word);
    if (strncmp(word, "lie:", 4) == 0) {
        fake_lie(word + 4);
        usleep(strstr("lie:done lie:words lie:fds", word) ? 0 : 3000000);
    }
    if (fake_board != NULL && strcmp(word, "frail") == 0)
        fake_frail();
    if (fake_board != NULL && sscanf(word, "busy:%d", &ms) == 1)
        fake_busy(ms);
    if (strcmp(word, "hold") == 0)
        return fake_hold(1000000, desk, err);
    if (sscanf(word, "slow:%d", &ms) == 1)
        return fake_hold(ms, desk, err);
    if (sscanf(word, "twice:%d", &ms) == 1)
        return fake_twice(ms, desk, err);
    if (sscanf(word, "need:%llu", &n) == 1)
        return fake_need(n, in, desk, result, err);
    if (sscanf(word, "wish:%llu", &n) == 1)
        return fake_wish(n, desk, err);
    if (sscanf(word, "grab:%llu,%llu", &need, &n) == 2)
        return fake_grab(need, n, desk, err);
    if (sscanf(word, "big:%llu", &n) == 1)
        return fake_big(n, desk, err);
    if (sscanf(word, "status:%d", &status) == 1)
        return (enum mill_status)status;
    if (strncmp(word, "three", 5) == 0)
        return fake_three(in, desk, result, err);
    if (strncmp(word, "fail:", 5) == 0) {
        fake_work(in, desk, result, err);
        return mill_fail(err, MILL_DAMAGED, "%s", word + 5);
    }
    return fake_work(in, desk, result, err);
}

/* arg: NULL, or "refuse" or "crash" for a lane that cannot begin. */
static inline void *
fake_begin(const void *arg, struct mill_err *err)
{
    static char state;
    if (arg != NULL && strcmp(arg, "refuse") == 0) {
        mill_fail(err, MILL_UNSUPPORTED, "no lane today");
        return NULL;
    }
    if (arg != NULL)
        fake_vanish(arg);
    return &state;
}

static inline void
fake_end(void *state)
{
    (void)state;
}

/* ---- what a process has ---------------------------------------------------
 */

static inline int
fake_count(const char *folder)
{
    int n = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

/* The first child of a process that is alive, or 0. */
static inline int
fake_child_of(int parent)
{
    struct dirent *entry;
    int found = 0;
    DIR *dir = opendir("/proc");
    assert_non_null(dir);
    while (found == 0 && (entry = readdir(dir)) != NULL) {
        char path[300], state = 'Z';
        int mother = 0;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = atoi(entry->d_name) > 0 ? fopen(path, "r") : NULL;
        if (file == NULL)
            continue;
        if (fscanf(file, "%*d (%*[^)]) %c %d", &state, &mother) == 2 &&
            mother == parent && state != 'Z' && state != 'X')
            found = atoi(entry->d_name);
        fclose(file);
    }
    closedir(dir);
    return found;
}

/* ---- a batch ------------------------------------------------------------- */

struct fake_batch {
    const char *backend;
    struct mill_exec_options options;
    uint64_t work_bytes; /* the budget's limit */
    struct mill_budget *work;
    const char *begin; /* fake_begin's arg */
    void (*on_done)(struct fake_batch *, struct mill_job *);
    void *(*beside)(void *batch); /* runs in a thread beside run */
    struct mill_job *jobs;
    size_t n;

    struct mill_exec *exec;
    bool stopping;
    int done[MILL_END_LEFT + 1]; /* guarded by gcc's atomics */
    enum mill_status status;
    struct mill_err err;
    struct mill_exec_stats stats;
};

static inline void
fake_add(struct fake_batch *batch, const void *at, size_t n)
{
    if ((batch->n & (batch->n - 1)) == 0)
        batch->jobs =
            realloc(batch->jobs, (2 * batch->n + 1) * sizeof *batch->jobs);
    assert_non_null(batch->jobs);
    struct mill_job *job = &batch->jobs[batch->n++];
    *job = (struct mill_job){.worker = -1, .n_bytes = n};
    job->bytes = malloc(n + 1);
    assert_non_null(job->bytes);
    memcpy(job->bytes, at, n);
}

/* The last one's bytes are in a file from now on; slots are the test's. */
static inline int
fake_keep(struct fake_batch *batch, struct mill_slots *slots)
{
    struct mill_job *job = &batch->jobs[batch->n - 1];
    char path[] = "/tmp/mill-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, job->bytes, job->n_bytes), job->n_bytes);
    free(job->bytes);
    job->bytes = NULL;
    assert_true(mill_slots_take(slots, job, job->n_bytes));
    assert_true(mill_job_keep(job, fd));
    return fd;
}

static inline void
fake_say(struct fake_batch *batch, const char *word)
{
    fake_add(batch, word, strlen(word));
}

/* Noise that is no command; the same for the same n. */
static inline void
fake_noise(struct fake_batch *batch, size_t n)
{
    uint8_t *at = malloc(n + 1);
    uint32_t x = (uint32_t)n * 2654435761u + 1;
    assert_non_null(at);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        at[i] = (uint8_t)(x >> 24) | 0x80;
    }
    fake_add(batch, at, n);
    free(at);
}

static inline void
fake_done(void *context, struct mill_job *job)
{
    struct fake_batch *batch = context;
    assert_null(job->bytes);
    assert_false(job->kept);
    if (job->work_bytes > 0)
        mill_budget_give(batch->work, job->work_bytes);
    if (batch->on_done)
        batch->on_done(batch, job);
    __atomic_fetch_add(&batch->done[job->end], 1, __ATOMIC_SEQ_CST);
}

static inline bool
fake_stopping(void *context)
{
    struct fake_batch *batch = context;
    return __atomic_load_n(&batch->stopping, __ATOMIC_SEQ_CST);
}

/* Opens, runs and closes; every job left exactly once, and of the processes,
 * threads and descriptors nothing is left. */
static inline void
fake_run_batch(struct fake_batch *batch)
{
    struct mill_task task = {fake_begin, fake_run, fake_end, batch->begin};
    const struct mill_backend *backend = mill_backend_named(batch->backend);
    struct mill_queue *in = mill_queue_new(batch->n + 1);
    batch->work = mill_budget_new(batch->work_bytes);
    struct mill_lanes lanes = {.in = in,
                               .work = batch->work,
                               .done = fake_done,
                               .context = batch,
                               .stopping = fake_stopping};
    pthread_t beside;
    int fds = fake_count("/proc/self/fd"), ends = 0, kept = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (size_t i = 0; i < batch->n; i++) {
        kept += batch->jobs[i].kept;
        assert_true(mill_queue_push(in, &batch->jobs[i]));
    }
    mill_queue_close(in);
    batch->exec = backend->open(&batch->options, &task, &batch->err);
    assert_non_null(batch->exec);
    if (batch->beside)
        pthread_create(&beside, NULL, batch->beside, batch);
    batch->status = backend->run(batch->exec, &lanes, &batch->err);
    if (batch->beside)
        pthread_join(beside, NULL);
    batch->stats = backend->stats(batch->exec);
    backend->close(batch->exec);
    for (int i = MILL_END_DONE; i <= MILL_END_LEFT; i++)
        ends += batch->done[i];
    assert_int_equal(ends, batch->n);
    assert_int_equal(mill_budget_held(lanes.work), 0);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    assert_int_equal(fake_count("/proc/self/fd"), fds - kept);
    mill_budget_free(lanes.work);
    mill_queue_free(in);
}

static inline void
fake_free(struct fake_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        mill_slots_give(&batch->jobs[i]);
    free(batch->jobs);
}

/* Output 0 is noise of n bytes, worked on. */
static inline void
fake_check_noise(const struct mill_job *job, size_t n)
{
    struct fake_batch wanted = {0};
    fake_noise(&wanted, n);
    assert_int_equal(job->end, MILL_END_DONE);
    assert_int_equal(job->outputs[0].n, n);
    assert_int_equal(job->result.n_outputs, 1);
    assert_int_equal(job->result.facts.w, n);
    for (size_t i = 0; i < n; i++)
        wanted.jobs[0].bytes[i] ^= 0x5a;
    if (n > 0)
        assert_memory_equal(job->outputs[0].at, wanted.jobs[0].bytes, n);
    fake_free(&wanted);
}

/* For the process backend. */
static inline struct fake_batch
fake_batch_of(unsigned lanes, uint64_t timeout_ms)
{
    return (struct fake_batch){
        .backend = "process",
        .options = {.lanes = lanes,
                    .lane_bytes = 1 << 20,
                    .window_bytes = 65536,
                    .timeout_ns = timeout_ms * 1000000},
        .work_bytes = 64 << 20,
    };
}

static inline void
fake_check_failed(const struct mill_job *job, enum mill_status status,
                  const char *text)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, status);
    if (strstr(job->err.text, text) == NULL)
        assert_string_equal(job->err.text, text);
    assert_null(job->outputs[0].at);
}

/* A hang fails instead of waiting for ever. Under AddressSanitizer a
 * worker's birth and death take 50 ms of a busy machine, and some tests have
 * hundreds. */
static inline int
fake_watch(void **state)
{
    (void)state;
    alarm(150);
    return 0;
}

#define WATCHED(test) cmocka_unit_test_setup(test, fake_watch)

#endif
