/* The budget: what is granted when, in which order, debt, closing. */
#include <imgmill/sync.h>

#include <setjmp.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#include "threads.h"

enum { LIMIT = 100 };

static int
set_up(void **state)
{
    watchdog();
    *state = mill_budget_new(LIMIT);
    return *state ? 0 : -1;
}

static int
tear_down(void **state)
{
    mill_budget_free(*state);
    alarm(0);
    return 0;
}

/* ---- a thread that takes ------------------------------------------------- */

struct taker {
    struct mill_budget *budget;
    uint64_t units;
    atomic_int *turn; /* counts grants */
    int place;        /* this one's grant, from 0 */
    pthread_t thread;
    bool granted;
    struct thread_mark mark;
};

static void *
take_body(void *arg)
{
    struct taker *taker = arg;
    thread_begins(&taker->mark);
    taker->granted = mill_budget_take(taker->budget, taker->units);
    if (taker->granted && taker->turn)
        taker->place = atomic_fetch_add(taker->turn, 1);
    thread_ends(&taker->mark);
    return NULL;
}

/* Starts it and lets it come as far as it can. */
static void
taker_start(struct taker *taker, struct mill_budget *budget, uint64_t units)
{
    taker->budget = budget;
    taker->units = units;
    taker->thread = thread_start(take_body, taker);
    thread_settle(&taker->mark);
}

static bool
taker_end(struct taker *taker)
{
    thread_join(taker->thread);
    return taker->granted;
}

/* ---- what is granted ----------------------------------------------------- */

static void
what_fits_is_granted_at_once(void **state)
{
    assert_int_equal(mill_budget_limit(*state), LIMIT);
    assert_true(mill_budget_take(*state, 60));
    assert_true(mill_budget_take(*state, 0));
    assert_true(mill_budget_take(*state, 40));
    assert_int_equal(mill_budget_held(*state), 100);
    mill_budget_give(*state, 100);
    assert_int_equal(mill_budget_held(*state), 0);
    struct mill_waits waits = mill_budget_waits(*state);
    assert_int_equal(waits.most, 100);
    assert_int_equal(waits.n_popped, 3);
    assert_int_equal(waits.pop_ns, 0);
}

static void
a_giant_is_granted_when_nothing_is_held(void **state)
{
    assert_true(mill_budget_take(*state, UINT64_MAX));
    assert_true(mill_budget_held(*state) == UINT64_MAX);
    mill_budget_give(*state, UINT64_MAX);
    assert_true(mill_budget_take(*state, LIMIT + 1));
    mill_budget_give(*state, LIMIT + 1);
}

static void
what_does_not_fit_waits_and_says_how_long(void **state)
{
    struct taker taker = {0};
    assert_true(mill_budget_take(*state, 60));
    taker_start(&taker, *state, 41);
    assert_false(thread_ended(&taker.mark));
    mill_budget_give(*state, 1);
    assert_true(taker_end(&taker));
    assert_int_equal(mill_budget_held(*state), 100);
    assert_in_range(mill_budget_waits(*state).pop_ns, 1000000, 20000000000);
    mill_budget_give(*state, 100);
}

static void
a_giant_waits_until_nothing_is_held(void **state)
{
    struct taker giant = {0};
    assert_true(mill_budget_take(*state, 2));
    taker_start(&giant, *state, 1000);
    mill_budget_give(*state, 1);
    nap_ms(20);
    assert_false(thread_ended(&giant.mark));
    mill_budget_give(*state, 1);
    assert_true(taker_end(&giant));
    assert_int_equal(mill_budget_held(*state), 1000);
    mill_budget_give(*state, 1000);
}

static void
one_give_may_grant_many(void **state)
{
    struct taker takers[3] = {0};
    assert_true(mill_budget_take(*state, 100));
    for (int i = 0; i < 3; i++)
        taker_start(&takers[i], *state, 30);
    mill_budget_give(*state, 100);
    for (int i = 0; i < 3; i++)
        assert_true(taker_end(&takers[i]));
    assert_int_equal(mill_budget_held(*state), 90);
    mill_budget_give(*state, 90);
}

static void
debt_stops_grants_until_it_is_paid(void **state)
{
    struct taker taker = {0};
    assert_true(mill_budget_take(*state, 10));
    mill_budget_charge(*state, 190);
    assert_int_equal(mill_budget_held(*state), 200);
    taker_start(&taker, *state, 1);
    mill_budget_give(*state, 100);
    nap_ms(20);
    assert_false(thread_ended(&taker.mark));
    mill_budget_give(*state, 1);
    assert_true(taker_end(&taker));
    mill_budget_give(*state, 100);
}

/* ---- order --------------------------------------------------------------- */

static void
nobody_overtakes(void **state)
{
    struct taker large = {0}, small = {0};
    assert_true(mill_budget_take(*state, 50));
    taker_start(&large, *state, 60);
    taker_start(&small, *state, 1);
    assert_false(thread_ended(&small.mark));
    mill_budget_give(*state, 50);
    assert_true(taker_end(&large));
    assert_true(taker_end(&small));
    mill_budget_give(*state, 61);
}

/* Each is granted alone, so the order of waking is the order of granting. */
static void
grants_go_by_the_order_of_coming(void **state)
{
    enum { N = 8 };
    struct taker takers[N] = {0};
    atomic_int turn = 0;
    assert_true(mill_budget_take(*state, LIMIT));
    for (int i = 0; i < N; i++) {
        takers[i].turn = &turn;
        taker_start(&takers[i], *state, i % 2 ? LIMIT : LIMIT * 3);
    }
    mill_budget_give(*state, LIMIT);
    for (int i = 0; i < N; i++) {
        assert_true(taker_end(&takers[i]));
        assert_int_equal(takers[i].place, i);
        mill_budget_give(*state, takers[i].units);
    }
}

/* ---- closing ------------------------------------------------------------- */

static void
a_closed_budget_grants_nothing(void **state)
{
    assert_true(mill_budget_take(*state, 7));
    mill_budget_close(*state);
    mill_budget_close(*state);
    assert_false(mill_budget_take(*state, 1));
    assert_int_equal(mill_budget_held(*state), 7);
    mill_budget_charge(*state, 3);
    mill_budget_give(*state, 10);
    assert_int_equal(mill_budget_held(*state), 0);
    assert_false(mill_budget_take(*state, 1));
}

static void
close_sends_all_away_who_wait(void **state)
{
    struct taker takers[4] = {0};
    assert_true(mill_budget_take(*state, LIMIT));
    for (int i = 0; i < 4; i++)
        taker_start(&takers[i], *state, i == 1 ? 1000 : 5);
    mill_budget_close(*state);
    for (int i = 0; i < 4; i++)
        assert_false(taker_end(&takers[i]));
    assert_int_equal(mill_budget_held(*state), LIMIT);
    mill_budget_give(*state, LIMIT);
}

/* ---- a crowd ------------------------------------------------------------- */

enum { THREADS = 8, ROUNDS = 2000 };

struct crowd {
    struct mill_budget *budget;
    bool giants, debt;
    atomic_uint seed;
    atomic_ullong held; /* by our own count, units of granted takes */
    atomic_uint inside, giants_inside;
    atomic_uint wrong;
};

static unsigned
roll(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

/* Our count is raised after the grant and lowered before the gift, so it is
 * never above the budget's own. */
static void
hold_a_while(struct crowd *crowd, uint64_t units)
{
    bool giant = units > LIMIT;
    unsigned others = atomic_fetch_add(&crowd->inside, 1);
    uint64_t held = atomic_fetch_add(&crowd->held, units) + units;
    if (giant && others > 0)
        atomic_fetch_add(&crowd->wrong, 1);
    if (giant)
        atomic_fetch_add(&crowd->giants_inside, 1);
    else if (held > LIMIT)
        atomic_fetch_add(&crowd->wrong, 1);
    if (units % 8 == 0)
        sched_yield();
    atomic_fetch_sub(&crowd->held, units);
    atomic_fetch_sub(&crowd->inside, 1);
}

static void *
crowd_body(void *arg)
{
    struct crowd *crowd = arg;
    unsigned seed = atomic_fetch_add(&crowd->seed, 77777);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t units = 1 + roll(&seed, 60), more = 0;
        if (crowd->giants && roll(&seed, 20) == 0)
            units = LIMIT + 1 + roll(&seed, 1000);
        if (!mill_budget_take(crowd->budget, units))
            return NULL;
        hold_a_while(crowd, units);
        if (crowd->debt && roll(&seed, 4) == 0) {
            more = roll(&seed, 300);
            mill_budget_charge(crowd->budget, more);
        }
        mill_budget_give(crowd->budget, units + more);
    }
    return arg;
}

static void
run_crowd(struct crowd *crowd)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(crowd_body, crowd);
    for (int i = 0; i < THREADS; i++)
        assert_non_null(thread_join(threads[i]));
    assert_int_equal(crowd->wrong, 0);
    assert_int_equal(mill_budget_held(crowd->budget), 0);
    struct mill_waits waits = mill_budget_waits(crowd->budget);
    assert_int_equal(waits.n_popped, THREADS * ROUNDS);
}

static void
held_never_passes_the_limit(void **state)
{
    struct crowd crowd = {.budget = *state};
    run_crowd(&crowd);
    assert_in_range(mill_budget_waits(*state).most, 1, LIMIT);
}

static void
giants_among_many_are_granted_alone(void **state)
{
    struct crowd crowd = {.budget = *state, .giants = true};
    run_crowd(&crowd);
    assert_true(crowd.giants_inside > 0);
    assert_in_range(mill_budget_waits(*state).most, LIMIT + 1, LIMIT + 1000);
}

static void
nobody_hangs_on_debt(void **state)
{
    struct crowd crowd = {.budget = *state, .giants = true, .debt = true};
    run_crowd(&crowd);
}

/* Closing in the middle of a crowd: all come home, nothing stays held. */
static void
close_in_a_crowd_leaves_nothing_held(void **state)
{
    struct crowd crowd = {.budget = *state, .giants = true, .debt = true};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(crowd_body, &crowd);
    mill_budget_close(*state);
    for (int i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    assert_int_equal(mill_budget_held(*state), 0);
}

#define WITH_BUDGET(test)                                                      \
    cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BUDGET(what_fits_is_granted_at_once),
        WITH_BUDGET(a_giant_is_granted_when_nothing_is_held),
        WITH_BUDGET(what_does_not_fit_waits_and_says_how_long),
        WITH_BUDGET(a_giant_waits_until_nothing_is_held),
        WITH_BUDGET(one_give_may_grant_many),
        WITH_BUDGET(debt_stops_grants_until_it_is_paid),
        WITH_BUDGET(nobody_overtakes),
        WITH_BUDGET(grants_go_by_the_order_of_coming),
        WITH_BUDGET(a_closed_budget_grants_nothing),
        WITH_BUDGET(close_sends_all_away_who_wait),
        WITH_BUDGET(held_never_passes_the_limit),
        WITH_BUDGET(giants_among_many_are_granted_alone),
        WITH_BUDGET(nobody_hangs_on_debt),
        WITH_BUDGET(close_in_a_crowd_leaves_nothing_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
