/* exec's side of the exchange with a worker that says each kind of message at
 * each point of a job. A thread plays the worker on the other end of the
 * socket; its process is this one, so it never dies. */
#include "exec_fake.h"

#include "exec/talk.h"

#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

enum { HALF = 4096 };

/* When the other end says its word: having the job with all of its bytes, or
 * with the first part of them. */
enum moment { WITH_ALL, WITH_PART, MOMENTS };

struct stage {
    struct wire_message says; /* at that moment */
    int socket;
    struct wire_message answer; /* to that; kind 0: none */
};

/* Says its word, then waits for an answer for as long as the socket lives; a
 * DONE follows what was answered. */
static void *
play(void *arg)
{
    struct stage *stage = arg;
    struct wire_message job, done = {.kind = WIRE_DONE, .serial = 1};
    assert_int_equal(exec__wire_receive(stage->socket, &job, 0, NULL, 0), 1);
    assert_int_equal(job.kind, WIRE_JOB);
    stage->says.serial = job.serial;
    exec__wire_send(stage->socket, &stage->says, 0, NULL, 0);
    if (stage->says.kind != WIRE_DONE &&
        exec__wire_receive(stage->socket, &stage->answer, 0, NULL, 0) == 1)
        exec__wire_send(stage->socket, &done, 0, NULL, 0);
    return NULL;
}

/* One job with that worker: what its lane learns. */
static enum news
perform(struct stage *stage, struct mill_job *job, const char **fault)
{
    struct mill_exec exec = {.options = {.timeout_ns = UINT64_C(5000000000)}};
    /* The second half of the in half cannot be had. */
    struct exec_house house = {.window = {2 * HALF, HALF}};
    struct mill_lanes lanes = {.work = mill_budget_new(1 << 20)};
    static uint8_t window[2 * HALF];
    pthread_t other;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    struct worker worker = {.house = &house,
                            .stop = eventfd(0, 0),
                            .socket = pair[0],
                            .pidfd = pidfd_open(getpid(), 0),
                            .window = {window, window + HALF, HALF, -1}};
    struct talk talk = {
        .exec = &exec, .lanes = &lanes, .job = job, .worker = &worker};
    stage->socket = pair[1];
    pthread_create(&other, NULL, play, stage);
    enum news news = exec__talk(&talk);
    shutdown(pair[0], SHUT_RDWR);
    pthread_join(other, NULL);
    if (talk.taken > 0)
        mill_budget_give(lanes.work, talk.taken);
    mill_budget_free(lanes.work);
    close(worker.stop);
    close(worker.pidfd);
    close(pair[0]);
    close(pair[1]);
    *fault = news == NEWS_NONSENSE ? talk.fault : NULL;
    return news;
}

static enum news
say_once(enum moment moment, struct wire_message says,
         struct wire_message *answer, const char **fault)
{
    static uint8_t bytes[3 * HALF / 2];
    struct mill_job job = {.bytes = bytes,
                           .n_bytes = moment == WITH_ALL ? HALF : sizeof bytes};
    struct stage stage = {.says = says};
    enum news news = perform(&stage, &job, fault);
    *answer = stage.answer;
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        mill_buffer_clear(&job.outputs[i]);
    return news;
}

/* What each kind is answered with, 0 for the kinds that are nonsense; DONE is
 * the end and has no answer. */
static const uint32_t answers[MOMENTS][WIRE_KINDS] = {
    [WITH_ALL] = {[WIRE_NEED] = WIRE_GO, [WIRE_PART] = WIRE_GO},
    [WITH_PART] = {[WIRE_GO] = WIRE_DATA},
};

static void
each_kind_at_each_moment(void **state)
{
    (void)state;
    for (enum moment moment = 0; moment < MOMENTS; moment++) {
        for (uint32_t kind = 0; kind <= WIRE_KINDS; kind++) {
            struct wire_message says = {.kind = kind}, answer;
            const char *fault;
            if (kind == WIRE_DONE)
                says.status = MILL_DAMAGED;
            enum news news = say_once(moment, says, &answer, &fault);
            uint32_t wanted = kind < WIRE_KINDS ? answers[moment][kind] : 0;
            assert_int_equal(answer.kind, wanted);
            assert_int_equal(news, wanted || kind == WIRE_DONE ? NEWS_MESSAGE
                                                               : NEWS_NONSENSE);
            assert_int_equal(fault != NULL, news == NEWS_NONSENSE);
        }
    }
}

static void
success_needs_the_whole_image(void **state)
{
    struct wire_message says = {.kind = WIRE_DONE}, answer;
    const char *fault;
    (void)state;
    assert_int_equal(say_once(WITH_ALL, says, &answer, &fault), NEWS_MESSAGE);
    assert_int_equal(say_once(WITH_PART, says, &answer, &fault), NEWS_NONSENSE);
    assert_string_equal(fault, "success before it had the image");
}

static void
a_wish_beyond_all_is_refused(void **state)
{
    struct wire_message says = {.kind = WIRE_NEED, .total = 2 << 20}, answer;
    const char *fault;
    (void)state;
    assert_int_equal(say_once(WITH_ALL, says, &answer, &fault), NEWS_MESSAGE);
    assert_int_equal(answer.kind, WIRE_NO);
    assert_int_equal(answer.err.status, MILL_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(each_kind_at_each_moment),
        WATCHED(success_needs_the_whole_image),
        WATCHED(a_wish_beyond_all_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
