/* A batch whose task obeys the words in its input: "need N" asks for N bytes of
 * work memory, "out N" gives N bytes, "half N" fails after them, "frail N" is
 * killed after them as often as the test says; "fail", "abort", "hang"; with
 * everything else it gives its input back. Its need_bytes are the threads that
 * it was told. Files are in the folder "in" of a scratch folder. */
#ifndef MILL_TESTS_MILL_FAKE_H
#define MILL_TESTS_MILL_FAKE_H

#include "scratch.h"

#include <imgmill/mill.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { MOST_JOBS = 64 };

/* ---- the task ------------------------------------------------------------ */

/* Shared by all lanes; not seen from workers. */
struct fake_arg {
    bool refuse; /* begin fails */
    atomic_ullong working, most_working;
    atomic_uint *kills; /* that "frail" still has to suffer: memory that workers
                           share */
};

/* Byte i of what "out" gives: the first ones can be read. */
static inline uint8_t
fake_byte(size_t i)
{
    return i < 64 ? 'x' : (uint8_t)((uint32_t)i * 2654435761u >> 24);
}

static inline void *
fake_begin(const void *arg, struct mill_err *err)
{
    const struct fake_arg *fake = arg;
    void *state = NULL;

    if (fake->refuse)
        mill_fail(err, MILL_MEMORY, "no lane today");
    else
        memcpy(&state, &arg, sizeof state);
    return state;
}

static inline void
fake_end(void *state)
{
    (void)state;
}

static inline enum mill_status
fake_put(struct mill_desk *desk, const char *text, size_t n,
         struct mill_err *err)
{
    struct mill_out *out = desk->out(desk, 0);

    for (size_t i = 0; i < n; i++) {
        if (out->left == 0 && out->full(out, err) != MILL_FLOW_MORE)
            return (enum mill_status)err->status;
        *out->at++ = text != NULL ? (uint8_t)text[i] : fake_byte(i);
        out->left--;
    }
    if (out->full(out, err) != MILL_FLOW_MORE)
        return (enum mill_status)err->status;
    return MILL_OK;
}

static inline enum mill_status
fake_need(struct fake_arg *fake, uint64_t n, struct mill_desk *desk,
          struct mill_err *err)
{
    uint64_t more = n > desk->lane_bytes ? n - desk->lane_bytes : 0;

    if (desk->need(desk, n, err) != MILL_OK)
        return (enum mill_status)err->status;
    uint64_t now = atomic_fetch_add(&fake->working, more) + more;
    unsigned long long most = atomic_load(&fake->most_working);
    while (now > most &&
           !atomic_compare_exchange_weak(&fake->most_working, &most, now))
        continue;
    sched_yield();
    atomic_fetch_sub(&fake->working, more);
    return MILL_OK;
}

/* The first n bytes of an output, and then no more. */
static inline enum mill_status
fake_break(struct fake_arg *fake, bool frail, size_t n, struct mill_desk *desk,
           struct mill_err *err)
{
    enum mill_status status = fake_put(desk, NULL, n, err);

    if (frail && atomic_load(fake->kills) > 0) {
        atomic_fetch_sub(fake->kills, 1);
        raise(SIGKILL);
    }
    if (frail || status != MILL_OK)
        return status;
    return mill_fail(err, MILL_DAMAGED, "half of it is missing");
}

static inline enum mill_status
fake_run(void *state, struct mill_bytes in, struct mill_desk *desk,
         struct mill_result *result, struct mill_err *err)
{
    char text[64] = "";
    unsigned long long n = 0;

    memcpy(text, in.at, in.n < 63 ? in.n : 63);
    result->n_outputs = 1;
    result->decode_ns = 1;
    result->need_bytes = desk->threads;
    if (strncmp(text, "fail", 4) == 0)
        return mill_fail(err, MILL_DAMAGED, "as it was told");
    if (strncmp(text, "abort", 5) == 0)
        abort();
    while (strncmp(text, "hang", 4) == 0)
        pause();
    if (sscanf(text, "out %llu", &n) == 1)
        return fake_put(desk, NULL, n, err);
    if (sscanf(text, "half %llu", &n) == 1 ||
        sscanf(text, "frail %llu", &n) == 1)
        return fake_break(state, text[0] == 'f', n, desk, err);
    if (sscanf(text, "need %llu", &n) == 1 &&
        fake_need(state, n, desk, err) != MILL_OK)
        return (enum mill_status)err->status;
    if (strncmp(text, "held", 4) == 0)
        snprintf(text, sizeof text, "%llu",
                 (unsigned long long)desk->held_bytes);
    return fake_put(desk, text, strlen(text), err);
}

static inline int
fake_setup(void **state)
{
    alarm(30);
    return scratch_setup(state);
}

/* In a scratch folder, and not for ever. */
#define MILL_TEST(function)                                                    \
    cmocka_unit_test_setup_teardown(function, fake_setup, scratch_teardown)

/* The backend of this name, or another where it is not in this build. */
static inline const struct mill_backend *
fake_backend(const char *name, const char *instead)
{
    const struct mill_backend *backend = mill_backend_named(name);

    return backend->built ? backend : mill_backend_named(instead);
}

/* ---- the batch ----------------------------------------------------------- */

struct fake_mill {
    /* set by the test, the rest {0} */
    struct mill_batch_options options;
    struct mill_target target;
    void (*before)(struct fake_mill *); /* the batch is open */
    void (*on_ended)(struct fake_mill *, const struct mill_job *);
    void *(*beside)(void *mill); /* in a thread beside run */
    bool refuse;                 /* no lane can begin */
    atomic_uint *kills;          /* as in fake_arg */

    struct mill_list list;
    char **names;
    struct mill_batch *batch;
    struct fake_arg arg;
    struct mill_job ended[MOST_JOBS]; /* by index; bytes are gone */
    uint32_t sequence[MOST_JOBS];     /* indices as they ended */
    size_t n_ended;
    enum mill_status status;
    struct mill_err err;
    struct mill_counts counts;
    struct mill_batch_stats stats;
};

/* That writes to the folder "out". */
static inline struct fake_mill
fake_mill_of(const char *backend, unsigned jobs)
{
    return (struct fake_mill){
        .options = {.backend = fake_backend(backend, "process"), .jobs = jobs},
        .target = {.root = "out", .fd = -1},
    };
}

static inline bool
fake_counts(void *context, const char *name, struct mill_bytes head)
{
    (void)context;
    (void)name;
    (void)head;
    return true;
}

static inline void
fake_scan(struct fake_mill *mill, const char *path)
{
    struct mill_scan how = {.recursive = true, .counts = fake_counts};

    assert_int_equal(mill_scan_add(&mill->list, &how, path, &mill->err),
                     MILL_OK);
}

static inline void
fake_ended(void *context, const struct mill_job *job)
{
    struct fake_mill *mill = context;

    assert_true(job->index < MOST_JOBS);
    assert_int_equal(mill->ended[job->index].end, MILL_END_NONE);
    assert_int_not_equal(job->end, MILL_END_NONE);
    mill->ended[job->index] = *job;
    mill->sequence[mill->n_ended++] = job->index;
    if (mill->on_ended != NULL)
        mill->on_ended(mill, job);
}

static inline void
fake_balance(const struct fake_mill *mill)
{
    const struct mill_counts *counts = &mill->counts;

    assert_int_equal(counts->listed, mill->list.n);
    assert_int_equal(mill->n_ended, mill->list.n);
    assert_int_equal(counts->done + counts->skipped + counts->failed +
                         counts->left,
                     counts->listed);
}

/* Opens, runs and closes with the names that are there; the list stays. */
static inline void
fake_run_batch(struct fake_mill *mill)
{
    struct mill_task task = {fake_begin, fake_run, fake_end, &mill->arg};
    pthread_t beside;

    mill->arg.refuse = mill->refuse;
    mill->arg.kills = mill->kills;
    mill->batch =
        mill_batch_open(&mill->options, &task, &mill->list, mill->names,
                        &mill->target, fake_ended, mill, &mill->err);
    assert_non_null(mill->batch);
    if (mill->before != NULL)
        mill->before(mill);
    if (mill->beside != NULL)
        assert_int_equal(pthread_create(&beside, NULL, mill->beside, mill), 0);
    mill->status = mill_batch_run(mill->batch, &mill->err);
    if (mill->beside != NULL)
        pthread_join(beside, NULL);
    mill->counts = mill_batch_counts(mill->batch);
    mill->stats = mill_batch_stats(mill->batch);
    mill_batch_close(mill->batch);
    fake_balance(mill);
}

/* The folder "in" into the target. */
static inline void
fake_run_mill(struct fake_mill *mill)
{
    if (mill->list.n == 0)
        fake_scan(mill, "in");
    assert_int_equal(mill_target_names(&mill->target, &mill->list, NULL,
                                       &mill->names, NULL, &mill->err),
                     MILL_OK);
    fake_run_batch(mill);
}

static inline void
fake_clear(struct fake_mill *mill)
{
    mill_target_names_free(mill->names, mill->list.n);
    mill_list_clear(&mill->list);
}

/* in/00.txt, in/01.txt, … with these words. */
static inline void
fake_files(const char *const *words, size_t n)
{
    char path[32];

    mkdir("in", 0777);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "in/%02zu.txt", i);
        scratch_text(path, words[i]);
    }
}

static inline void
fake_same_files(const char *word, size_t n)
{
    const char *words[MOST_JOBS];

    for (size_t i = 0; i < n; i++)
        words[i] = word;
    fake_files(words, n);
}

#endif
