/* The queue: order, conservation between many threads, closing, waits. */
#include <imgmill/sync.h>

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_null.h"
#include "threads.h"

static int
set_up(void **state)
{
    watchdog();
    *state = mill_queue_new(4);
    return *state ? 0 : -1;
}

static int
tear_down(void **state)
{
    mill_queue_free(*state);
    alarm(0);
    return 0;
}

/* ---- one thread ---------------------------------------------------------- */

static void
first_in_is_first_out(void **state)
{
    int items[40];
    for (int i = 0, out = 0; i < 40; i++) {
        assert_true(mill_queue_push(*state, &items[i]));
        if (i % 4 == 3) {
            for (; out <= i; out++)
                assert_ptr_equal(mill_queue_pop(*state), &items[out]);
        }
    }
}

static void
a_closed_queue_gives_what_it_has_and_then_null(void **state)
{
    int a, b;
    assert_true(mill_queue_push(*state, &a));
    assert_true(mill_queue_push(*state, &b));
    mill_queue_close(*state);
    mill_queue_close(*state);
    assert_false(mill_queue_push(*state, &a));
    assert_ptr_equal(mill_queue_pop(*state), &a);
    assert_ptr_equal(mill_queue_pop(*state), &b);
    assert_null(mill_queue_pop(*state));
    assert_null(mill_queue_pop(*state));
}

static void
waits_count_what_passed(void **state)
{
    int item;
    for (int i = 0; i < 3; i++)
        mill_queue_push(*state, &item);
    mill_queue_pop(*state);
    mill_queue_push(*state, &item);
    struct mill_waits waits = mill_queue_waits(*state);
    assert_int_equal(waits.n_pushed, 4);
    assert_int_equal(waits.n_popped, 1);
    assert_int_equal(waits.most, 3);
    assert_int_equal(waits.push_ns + waits.pop_ns, 0);
    while (mill_queue_waits(*state).n_popped < 4)
        mill_queue_pop(*state);
}

static void
a_size_that_overflows_is_no_queue(void **state)
{
    (void)state;
    assert_null(mill_queue_new(SIZE_MAX));
    assert_null(mill_queue_new(SIZE_MAX / sizeof(void *)));
    mill_queue_free(NULL);
}

/* ---- waiting ------------------------------------------------------------- */

static int stray; /* an item; only its address counts */

struct one {
    struct mill_queue *queue;
    struct thread_mark mark;
    pthread_t thread;
};

static void *
push_one(void *arg)
{
    struct one *one = arg;
    thread_begins(&one->mark);
    return mill_queue_push(one->queue, &stray) ? &stray : NULL;
}

static void *
pop_one(void *arg)
{
    struct one *one = arg;
    thread_begins(&one->mark);
    return mill_queue_pop(one->queue);
}

/* Starts one that will have to wait, and lets it come there. */
static void
one_start(struct one *one, void *(*body)(void *), struct mill_queue *queue)
{
    one->queue = queue;
    one->thread = thread_start(body, one);
    thread_settle(&one->mark);
}

static void
push_waits_for_room_and_says_how_long(void **state)
{
    for (int i = 0; i < 4; i++)
        assert_true(mill_queue_push(*state, &stray));
    struct one one = {0};
    one_start(&one, push_one, *state);
    assert_int_equal(mill_queue_waits(*state).n_pushed, 4);
    assert_ptr_equal(mill_queue_pop(*state), &stray);
    assert_non_null(thread_join(one.thread));
    assert_in_range(mill_queue_waits(*state).push_ns, 1000000, 20000000000);
    for (int i = 0; i < 4; i++)
        mill_queue_pop(*state);
}

static void
pop_waits_for_an_item_and_says_how_long(void **state)
{
    struct one one = {0};
    one_start(&one, pop_one, *state);
    assert_true(mill_queue_push(*state, &stray));
    assert_ptr_equal(thread_join(one.thread), &stray);
    assert_in_range(mill_queue_waits(*state).pop_ns, 1000000, 20000000000);
}

static void
close_sends_everybody_away(void **state)
{
    struct one ones[3] = {0};
    for (int i = 0; i < 3; i++)
        one_start(&ones[i], pop_one, *state);
    mill_queue_close(*state);
    for (int i = 0; i < 3; i++)
        assert_null(thread_join(ones[i].thread));
}

static void
close_sends_away_who_waits_for_room(void **state)
{
    struct one ones[3] = {0};
    for (int i = 0; i < 4; i++)
        assert_true(mill_queue_push(*state, &stray));
    for (int i = 0; i < 3; i++)
        one_start(&ones[i], push_one, *state);
    mill_queue_close(*state);
    for (int i = 0; i < 3; i++)
        assert_null(thread_join(ones[i].thread));
    for (int i = 0; i < 4; i++)
        assert_non_null(mill_queue_pop(*state));
    assert_null(mill_queue_pop(*state));
}

/* ---- many threads -------------------------------------------------------- */

enum { PUSHERS = 4, POPPERS = 3, ITEMS = 3000 };

struct item {
    int pusher, number;
    atomic_int seen;
};

struct crowd {
    struct mill_queue *queue;
    atomic_int pusher; /* the next one's number */
    struct item items[PUSHERS][ITEMS];
};

static void *
push_all(void *arg)
{
    struct crowd *crowd = arg;
    int me = atomic_fetch_add(&crowd->pusher, 1);
    for (int i = 0; i < ITEMS; i++) {
        struct item *item = &crowd->items[me][i];
        item->pusher = me;
        item->number = i;
        if (!mill_queue_push(crowd->queue, item))
            return NULL;
    }
    return crowd;
}

/* NULL when one pusher's items came in another order than they went in. */
static void *
pop_all(void *arg)
{
    struct crowd *crowd = arg;
    int last[PUSHERS];
    void *good = arg;
    struct item *item;
    memset(last, -1, sizeof last);
    while ((item = mill_queue_pop(crowd->queue)) != NULL) {
        atomic_fetch_add(&item->seen, 1);
        if (item->number <= last[item->pusher])
            good = NULL;
        last[item->pusher] = item->number;
    }
    return good;
}

static void
every_item_comes_out_once_and_in_order(void **state)
{
    static struct crowd crowd;
    pthread_t pushers[PUSHERS], poppers[POPPERS];
    crowd.queue = *state;
    for (int i = 0; i < PUSHERS; i++)
        pushers[i] = thread_start(push_all, &crowd);
    for (int i = 0; i < POPPERS; i++)
        poppers[i] = thread_start(pop_all, &crowd);
    for (int i = 0; i < PUSHERS; i++)
        assert_non_null(thread_join(pushers[i]));
    mill_queue_close(*state);
    for (int i = 0; i < POPPERS; i++)
        assert_non_null(thread_join(poppers[i]));
    for (int i = 0; i < PUSHERS * ITEMS; i++)
        assert_int_equal(crowd.items[i / ITEMS][i % ITEMS].seen, 1);
    struct mill_waits waits = mill_queue_waits(*state);
    assert_int_equal(waits.n_pushed, PUSHERS * ITEMS);
    assert_int_equal(waits.n_popped, PUSHERS * ITEMS);
    assert_in_range(waits.most, 1, 4);
}

#define WITH_QUEUE(test)                                                       \
    cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_QUEUE(first_in_is_first_out),
        WITH_QUEUE(a_closed_queue_gives_what_it_has_and_then_null),
        WITH_QUEUE(waits_count_what_passed),
        cmocka_unit_test(a_size_that_overflows_is_no_queue),
        WITH_QUEUE(push_waits_for_room_and_says_how_long),
        WITH_QUEUE(pop_waits_for_an_item_and_says_how_long),
        WITH_QUEUE(close_sends_everybody_away),
        WITH_QUEUE(close_sends_away_who_waits_for_room),
        WITH_QUEUE(every_item_comes_out_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
