/* Slots: what is granted when, what is given back, giants, debt, closing. */
#include <imgmill/job.h>

#include <setjmp.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#include "threads.h"

enum { SLOTS = 4, BYTES = 1000 };

static int
set_up(void **state)
{
    watchdog();
    *state = mill_slots_new(SLOTS, BYTES);
    return *state ? 0 : -1;
}

static int
tear_down(void **state)
{
    mill_slots_free(*state);
    alarm(0);
    return 0;
}

/* ---- a thread that takes ------------------------------------------------- */

struct taker {
    struct mill_slots *slots;
    struct mill_job job;
    uint64_t bytes;
    atomic_int *turn;
    int place;
    bool taken;
    struct thread_mark mark;
    pthread_t thread;
};

static void *
take_body(void *arg)
{
    struct taker *taker = arg;
    thread_begins(&taker->mark);
    taker->taken = mill_slots_take(taker->slots, &taker->job, taker->bytes);
    if (taker->taken && taker->turn)
        taker->place = atomic_fetch_add(taker->turn, 1);
    thread_ends(&taker->mark);
    return NULL;
}

/* Starts it and lets it come as far as it can. */
static void
taker_start(struct taker *taker, struct mill_slots *slots, uint64_t bytes)
{
    taker->slots = slots;
    taker->bytes = bytes;
    taker->thread = thread_start(take_body, taker);
    thread_settle(&taker->mark);
}

static bool
taker_end(struct taker *taker)
{
    thread_join(taker->thread);
    return taker->taken;
}

static void
take_at_once(struct mill_slots *slots, struct mill_job *job, uint64_t bytes)
{
    uint64_t waited = mill_slots_waits(slots).pop_ns;
    assert_true(mill_slots_take(slots, job, bytes));
    assert_int_equal(mill_slots_waits(slots).pop_ns, waited);
}

/* ---- taking -------------------------------------------------------------- */

static void
a_slot_and_its_bytes_are_taken_and_given(void **state)
{
    struct mill_job a = {0}, b = {0};
    take_at_once(*state, &a, 300);
    take_at_once(*state, &b, 700);
    assert_int_equal(mill_slots_held(*state), 1000);
    assert_int_equal(a.slot_bytes, 300);
    mill_slots_give(&a);
    assert_int_equal(mill_slots_held(*state), 700);
    mill_slots_give(&b);
    assert_int_equal(mill_slots_held(*state), 0);
    assert_int_equal(mill_slots_waits(*state).most, 1000);
    assert_int_equal(mill_slots_waits(*state).n_popped, 2);
}

static void
slots_are_counted(void **state)
{
    struct mill_job jobs[SLOTS] = {0};
    struct taker late = {0};
    for (int i = 0; i < SLOTS; i++)
        take_at_once(*state, &jobs[i], 0);
    taker_start(&late, *state, 0);
    assert_false(thread_ended(&late.mark));
    mill_slots_give(&jobs[2]);
    assert_true(taker_end(&late));
    assert_true(mill_slots_waits(*state).pop_ns > 1000000);
    mill_slots_give(&late.job);
    for (int i = 0; i < SLOTS; i++)
        mill_slots_give(&jobs[i]);
}

static void
bytes_are_waited_for(void **state)
{
    struct mill_job job = {0};
    struct taker late = {0};
    take_at_once(*state, &job, 600);
    taker_start(&late, *state, 401);
    assert_false(thread_ended(&late.mark));
    mill_slots_give(&job);
    assert_true(taker_end(&late));
    mill_slots_give(&late.job);
}

/* Dropping an input is enough for the next one's bytes. */
static void
dropped_bytes_let_the_next_one_in(void **state)
{
    struct mill_job job = {0};
    struct taker late = {0};
    take_at_once(*state, &job, 600);
    taker_start(&late, *state, 600);
    mill_job_drop_input(&job);
    assert_true(taker_end(&late));
    mill_slots_give(&job);
    mill_slots_give(&late.job);
}

static void
first_come_first_served(void **state)
{
    enum { N = 6 };
    static struct taker takers[N];
    struct mill_job job = {0};
    atomic_int turn = 0;
    take_at_once(*state, &job, BYTES);
    for (int i = 0; i < N; i++) {
        takers[i].turn = &turn;
        taker_start(&takers[i], *state, i % 2 ? BYTES : BYTES * 5);
    }
    mill_slots_give(&job);
    for (int i = 0; i < N; i++) {
        assert_true(taker_end(&takers[i]));
        assert_int_equal(takers[i].place, i);
        mill_slots_give(&takers[i].job);
    }
}

static void
a_small_one_does_not_pass_a_large_one(void **state)
{
    struct mill_job job = {0};
    struct taker large = {0}, small = {0};
    take_at_once(*state, &job, 500);
    taker_start(&large, *state, 600);
    taker_start(&small, *state, 1);
    assert_false(thread_ended(&small.mark));
    mill_slots_give(&job);
    assert_true(taker_end(&large));
    assert_true(taker_end(&small));
    mill_slots_give(&large.job);
    mill_slots_give(&small.job);
}

static void
what_is_lowered_is_free(void **state)
{
    struct mill_job job = {0};
    struct taker other = {0};
    take_at_once(*state, &job, 800);
    taker_start(&other, *state, 600);
    assert_false(thread_ended(&other.mark));
    job.n_bytes = 400;
    mill_slots_lower(&job, 400);
    assert_true(taker_end(&other));
    mill_slots_lower(&job, 700); /* nothing to give */
    assert_int_equal(mill_slots_held(*state), 1000);
    mill_job_drop_input(&job);
    assert_int_equal(mill_slots_held(*state), 600);
    mill_slots_give(&other.job);
    mill_slots_give(&job);
    assert_int_equal(mill_slots_held(*state), 0);
}

/* ---- giants -------------------------------------------------------------- */

static void
a_giant_is_alone(void **state)
{
    struct mill_job job = {0};
    struct taker giant = {0}, late = {0};
    take_at_once(*state, &job, 1);
    taker_start(&giant, *state, BYTES + 1);
    assert_false(thread_ended(&giant.mark));
    mill_slots_give(&job);
    assert_true(taker_end(&giant));
    taker_start(&late, *state, 1);
    assert_false(thread_ended(&late.mark));
    mill_slots_give(&giant.job);
    assert_true(taker_end(&late));
    mill_slots_give(&late.job);
}

/* A slot without bytes (a pipe, or a dropped input) is held all the same. */
static void
a_giant_waits_for_slots_that_hold_nothing(void **state)
{
    struct mill_job job = {0};
    struct taker giant = {0};
    take_at_once(*state, &job, 0);
    taker_start(&giant, *state, BYTES + 1);
    assert_false(thread_ended(&giant.mark));
    mill_slots_give(&job);
    assert_true(taker_end(&giant));
    mill_slots_give(&giant.job);
}

static void
a_giants_slot_is_one_slot(void **state)
{
    struct mill_job giant = {0}, jobs[SLOTS - 1] = {0};
    take_at_once(*state, &giant, BYTES * 2);
    mill_job_drop_input(&giant);
    for (int i = 0; i < SLOTS - 1; i++)
        take_at_once(*state, &jobs[i], 10);
    for (int i = 0; i < SLOTS - 1; i++)
        mill_slots_give(&jobs[i]);
    mill_slots_give(&giant);
}

static void
a_single_slot_takes_a_giant_too(void **state)
{
    (void)state;
    struct mill_slots *slots = mill_slots_new(1, 0);
    struct mill_job job = {0};
    for (int i = 0; i < 3; i++) {
        assert_true(mill_slots_take(slots, &job, 77));
        mill_slots_give(&job);
    }
    mill_slots_free(slots);
    mill_slots_free(NULL);
}

/* ---- debt and giving back ------------------------------------------------ */

static void
fill_input(struct mill_job *job, size_t n)
{
    job->bytes = calloc(1, n);
    job->n_bytes = n;
    assert_non_null(job->bytes);
}

static void
an_outputs_debt_stays_when_the_input_goes(void **state)
{
    struct mill_job job = {0};
    take_at_once(*state, &job, 100);
    fill_input(&job, 100);
    assert_true(mill_buffer_append(&job.outputs[0], "abc", 3));
    mill_slots_charge(&job, 4096);
    assert_int_equal(job.slot_bytes, 4196);
    mill_job_drop_input(&job);
    assert_null(job.bytes);
    assert_int_equal(job.n_bytes, 0);
    assert_int_equal(job.slot_bytes, 4096);
    assert_int_equal(mill_slots_held(*state), 4096);
    assert_int_equal(job.outputs[0].n, 3);
    mill_job_drop_input(&job);
    assert_int_equal(mill_slots_held(*state), 4096);
    mill_slots_give(&job);
    assert_int_equal(mill_slots_held(*state), 0);
}

static void
an_input_that_grew_goes_with_its_debt(void **state)
{
    struct mill_job job = {0};
    take_at_once(*state, &job, 100);
    fill_input(&job, 350);
    mill_slots_charge(&job, 250);
    mill_slots_charge(&job, 40);
    mill_job_drop_input(&job);
    assert_int_equal(mill_slots_held(*state), 40);
    mill_slots_give(&job);
}

static void
an_input_that_shrank_gives_all_that_was_taken(void **state)
{
    struct mill_job job = {0};
    take_at_once(*state, &job, 100);
    fill_input(&job, 30);
    mill_job_drop_input(&job);
    assert_int_equal(mill_slots_held(*state), 0);
    mill_slots_give(&job);
}

static void
debt_keeps_the_next_one_out(void **state)
{
    struct mill_job job = {0};
    struct taker late = {0};
    take_at_once(*state, &job, 0);
    mill_slots_charge(&job, BYTES);
    taker_start(&late, *state, 1);
    assert_false(thread_ended(&late.mark));
    mill_slots_give(&job);
    assert_true(taker_end(&late));
    mill_slots_give(&late.job);
}

static void
a_job_that_was_given_back_holds_nothing(void **state)
{
    struct mill_job job = {0}, other = {0};
    take_at_once(*state, &other, 5);
    take_at_once(*state, &job, 10);
    fill_input(&job, 10);
    for (int i = 0; i < MILL_OUTPUTS; i++)
        assert_true(mill_buffer_append(&job.outputs[i], "xyz", 3));
    for (int times = 0; times < 2; times++) {
        mill_slots_give(&job);
        assert_null(job.slots);
        assert_null(job.bytes);
        assert_int_equal(job.slot_bytes + job.n_bytes, 0);
        for (int i = 0; i < MILL_OUTPUTS; i++)
            assert_null(job.outputs[i].at);
        assert_int_equal(mill_slots_held(*state), 5);
    }
    mill_slots_give(&other);
}

static void
a_job_without_a_slot_is_only_freed(void **state)
{
    (void)state;
    struct mill_job job = {0};
    fill_input(&job, 10);
    assert_true(mill_buffer_append(&job.outputs[1], "xyz", 3));
    mill_slots_charge(&job, 10);
    assert_int_equal(job.slot_bytes, 0);
    mill_slots_give(&job);
    assert_null(job.bytes);
    assert_null(job.outputs[1].at);
}

static void
a_failed_job_says_so(void **state)
{
    (void)state;
    struct mill_job job = {0};
    struct mill_err err;
    mill_fail(&err, MILL_DAMAGED, "row 12 is short");
    assert_ptr_equal(mill_job_fail(&job, &err), &job);
    assert_int_equal(job.end, MILL_END_FAILED);
    assert_int_equal(job.err.status, MILL_DAMAGED);
    assert_string_equal(job.err.text, "row 12 is short");
}

/* ---- closing ------------------------------------------------------------- */

static void
closed_slots_are_not_taken(void **state)
{
    struct mill_job job = {0}, other = {0};
    take_at_once(*state, &job, 10);
    mill_slots_close(*state);
    mill_slots_close(*state);
    assert_false(mill_slots_take(*state, &other, 10));
    assert_null(other.slots);
    assert_int_equal(mill_slots_held(*state), 10);
    mill_slots_give(&job);
    assert_int_equal(mill_slots_held(*state), 0);
    assert_false(mill_slots_take(*state, &other, 10));
}

/* One waits for bytes, one as a giant or for a slot, one at the door. */
static void
close_sends_all_away_who_wait(void **state)
{
    static const uint64_t wishes[] = {BYTES, BYTES * 2, 1};
    for (int first = 0; first < 3; first++) {
        struct mill_slots *slots = mill_slots_new(2, BYTES);
        struct mill_job job = {0};
        struct taker takers[3] = {0};
        take_at_once(slots, &job, BYTES);
        for (int i = 0; i < 3; i++)
            taker_start(&takers[i], slots, wishes[(first + i) % 3]);
        mill_slots_close(slots);
        for (int i = 0; i < 3; i++) {
            assert_false(taker_end(&takers[i]));
            assert_null(takers[i].job.slots);
        }
        mill_slots_give(&job);
        assert_int_equal(mill_slots_held(slots), 0);
        mill_slots_free(slots);
    }
    (void)state;
}

/* ---- a crowd ------------------------------------------------------------- */

enum { THREADS = 8, ROUNDS = 1000 };

struct crowd {
    struct mill_slots *slots;
    atomic_uint seed, wrong, done;
    atomic_int inside;
};

static unsigned
roll(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

static void
journey(struct crowd *crowd, struct mill_job *job, unsigned *seed)
{
    bool giant = job->slot_bytes > BYTES;
    int others = atomic_fetch_add(&crowd->inside, 1);
    if (others >= (giant ? 1 : SLOTS))
        atomic_fetch_add(&crowd->wrong, 1);
    if (roll(seed, 3) == 0)
        mill_slots_charge(job, roll(seed, 700));
    if (roll(seed, 2) == 0)
        mill_job_drop_input(job);
    if (roll(seed, 4) == 0)
        sched_yield();
    atomic_fetch_sub(&crowd->inside, 1);
}

static void *
crowd_body(void *arg)
{
    struct crowd *crowd = arg;
    unsigned seed = atomic_fetch_add(&crowd->seed, 4321);
    for (int i = 0; i < ROUNDS; i++) {
        struct mill_job job = {0};
        uint64_t bytes = roll(&seed, 600);
        if (roll(&seed, 20) == 0)
            bytes = BYTES + 1 + roll(&seed, 5000);
        if (!mill_slots_take(crowd->slots, &job, bytes))
            break;
        journey(crowd, &job, &seed);
        mill_slots_give(&job);
        atomic_fetch_add(&crowd->done, 1);
    }
    return NULL;
}

static void
crowd_run(struct crowd *crowd, bool close)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(crowd_body, crowd);
    if (close) {
        nap_ms(5);
        mill_slots_close(crowd->slots);
    }
    for (int i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    assert_int_equal(crowd->wrong, 0);
    assert_int_equal(mill_slots_held(crowd->slots), 0);
}

static void
a_crowd_comes_through_and_leaves_nothing_held(void **state)
{
    struct crowd crowd = {.slots = *state};
    crowd_run(&crowd, false);
    assert_int_equal(crowd.done, THREADS * ROUNDS);
    struct mill_job jobs[SLOTS] = {0};
    for (int i = 0; i < SLOTS; i++)
        take_at_once(*state, &jobs[i], BYTES / SLOTS);
    for (int i = 0; i < SLOTS; i++)
        mill_slots_give(&jobs[i]);
}

static void
a_crowd_goes_home_when_closed(void **state)
{
    struct crowd crowd = {.slots = *state};
    crowd_run(&crowd, true);
}

#define WITH_SLOTS(test)                                                       \
    cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SLOTS(a_slot_and_its_bytes_are_taken_and_given),
        WITH_SLOTS(slots_are_counted),
        WITH_SLOTS(bytes_are_waited_for),
        WITH_SLOTS(dropped_bytes_let_the_next_one_in),
        WITH_SLOTS(first_come_first_served),
        WITH_SLOTS(a_small_one_does_not_pass_a_large_one),
        WITH_SLOTS(what_is_lowered_is_free),
        WITH_SLOTS(a_giant_is_alone),
        WITH_SLOTS(a_giant_waits_for_slots_that_hold_nothing),
        WITH_SLOTS(a_giants_slot_is_one_slot),
        WITH_SLOTS(a_single_slot_takes_a_giant_too),
        WITH_SLOTS(an_outputs_debt_stays_when_the_input_goes),
        WITH_SLOTS(an_input_that_grew_goes_with_its_debt),
        WITH_SLOTS(an_input_that_shrank_gives_all_that_was_taken),
        WITH_SLOTS(debt_keeps_the_next_one_out),
        WITH_SLOTS(a_job_that_was_given_back_holds_nothing),
        WITH_SLOTS(a_job_without_a_slot_is_only_freed),
        WITH_SLOTS(a_failed_job_says_so),
        WITH_SLOTS(closed_slots_are_not_taken),
        WITH_SLOTS(close_sends_all_away_who_wait),
        WITH_SLOTS(a_crowd_comes_through_and_leaves_nothing_held),
        WITH_SLOTS(a_crowd_goes_home_when_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
