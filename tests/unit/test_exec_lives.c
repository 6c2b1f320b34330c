/* exec's process backend over the lives of many workers: images that are tried
 * again, workers that are replaced, and storms of SIGKILL. */
#include "exec_fake.h"

/* ---- another attempt ----------------------------------------------------- */

/* "frail" among busy images; kills is how often it is killed. */
static void
run_frail(struct fake_batch *batch, unsigned kills)
{
    fake_board_make(kills);
    for (int i = 0; i < 6; i++)
        fake_say(batch, "busy:20");
    fake_say(batch, "frail");
    for (int i = 0; i < 12; i++)
        fake_say(batch, "busy:20");
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
}

static void
a_killed_image_is_tried_again_alone(void **state)
{
    (void)state;
    for (unsigned lanes = 1; lanes <= 4; lanes++) {
        struct fake_batch batch = fake_batch_of(lanes, 0);
        batch.options.retries = 3;
        run_frail(&batch, 2);
        assert_int_equal(batch.done[MILL_END_DONE], 19);
        assert_int_equal(batch.jobs[6].attempts, 3);
        assert_int_equal(batch.jobs[7].attempts, 1);
        assert_int_equal(batch.jobs[6].outputs[0].n, 5);
        assert_int_equal(fake_board->runs, 3);
        assert_int_equal(fake_board->crowded, 0);
        assert_int_equal(batch.stats.died, 2);
        fake_free(&batch);
    }
}

/* The look around is not blind: with nobody to wait for, there is company. */
static void
a_first_attempt_is_not_alone(void **state)
{
    struct fake_batch batch = fake_batch_of(3, 0);
    (void)state;
    run_frail(&batch, 0);
    assert_true(fake_board->crowded > 0);
    fake_free(&batch);
}

static void
only_so_many_attempts(void **state)
{
    (void)state;
    for (unsigned retries = 0; retries <= 3; retries += 3) {
        struct fake_batch batch = fake_batch_of(2, 0);
        batch.options.retries = retries;
        run_frail(&batch, 99);
        fake_check_failed(&batch.jobs[6], MILL_CRASH, "killed by SIGKILL");
        assert_int_equal(strstr(batch.jobs[6].err.text, "--retries") == NULL,
                         retries > 0);
        assert_int_equal(batch.jobs[6].attempts, 1 + retries);
        assert_int_equal(fake_board->runs, 1 + retries);
        assert_int_equal(batch.stats.died, 1 + retries);
        assert_int_equal(batch.done[MILL_END_DONE], 18);
        fake_free(&batch);
    }
}

static void
nothing_else_is_tried_again(void **state)
{
    const char *const words[] = {"crash",     "abort",       "exit:3",
                                 "loop",      "stop",        "lie:close",
                                 "lie:short", "fail:as told"};
    struct fake_batch batch = fake_batch_of(2, 500);
    (void)state;
    batch.options.retries = 5;
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        fake_say(&batch, words[i]);
    fake_run_batch(&batch);
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        assert_int_equal(batch.jobs[i].attempts, 1);
    assert_int_equal(batch.done[MILL_END_FAILED], MILL_COUNT(words));
    assert_int_equal(batch.stats.died, MILL_COUNT(words) - 1);
    fake_free(&batch);
}

/* Its bytes are wanted as often as it is tried. */
static void
a_kept_file_is_read_again(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    struct mill_slots *slots = mill_slots_new(1, 1000);
    (void)state;
    batch.options.retries = 3;
    fake_board_make(2);
    fake_say(&batch, "frail");
    fake_keep(&batch, slots);
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_DONE], 1);
    assert_int_equal(batch.jobs[0].attempts, 3);
    assert_int_equal(batch.jobs[0].outputs[0].n, 5);
    fake_free(&batch);
    mill_slots_free(slots);
}

/* Several images that must all be alone, in as many lanes. */
static void
many_are_alone_in_turn(void **state)
{
    struct fake_batch batch = fake_batch_of(4, 0);
    (void)state;
    batch.options.retries = 9;
    fake_board_make(9);
    for (int i = 0; i < 4; i++) {
        fake_say(&batch, "frail");
        fake_say(&batch, "slow:5");
    }
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_DONE], 8);
    assert_int_equal(batch.stats.died, 9);
    fake_free(&batch);
}

static void
retries_end_with_the_run(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    (void)state;
    batch.options.retries = 50;
    batch.options.deaths = 4;
    for (int i = 0; i < 3; i++)
        fake_say(&batch, "kill9");
    fake_run_batch(&batch);
    assert_int_equal(batch.status, MILL_STOPPED);
    assert_non_null(strstr(batch.err.text, "--max-deaths"));
    assert_in_range(batch.stats.died, 4, 5);
    fake_free(&batch);
}

static void *
stop_politely(void *arg)
{
    struct fake_batch *batch = arg;
    usleep(100000);
    __atomic_store_n(&batch->stopping, true, __ATOMIC_SEQ_CST);
    return NULL;
}

static void
a_stop_is_no_time_for_retries(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    (void)state;
    batch.options.retries = 1000000;
    batch.beside = stop_politely;
    fake_say(&batch, "kill9");
    fake_run_batch(&batch);
    fake_check_failed(&batch.jobs[0], MILL_CRASH, "SIGKILL");
    fake_free(&batch);
}

/* ---- replaced in time ---------------------------------------------------- */

static void
workers_retire(void **state)
{
    (void)state;
    for (unsigned share = 1; share <= 4; share += 3) {
        for (unsigned lanes = 1; lanes <= 3; lanes += 2) {
            struct fake_batch batch = fake_batch_of(lanes, 0);
            batch.options.jobs_per_worker = share;
            for (int i = 0; i < 60; i++)
                fake_noise(&batch, (size_t)i * 3000);
            fake_run_batch(&batch);
            for (int i = 0; i < 60; i++)
                fake_check_noise(&batch.jobs[i], (size_t)i * 3000);
            assert_in_range(batch.stats.born, 60 / share,
                            60 / share + 2 * lanes);
            assert_int_equal(batch.stats.died, 0);
            fake_free(&batch);
        }
    }
}

/* ---- stopped from outside ------------------------------------------------ */

static void *
stop_a_worker(void *arg)
{
    (void)arg;
    while (__atomic_load_n(&fake_board->working, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    kill(fake_child_of(fake_child_of(getpid())), SIGSTOP);
    return NULL;
}

static void
a_worker_that_is_stopped_is_late(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 500);
    (void)state;
    fake_board_make(0);
    batch.beside = stop_a_worker;
    fake_say(&batch, "busy:200");
    fake_noise(&batch, 1000);
    fake_run_batch(&batch);
    fake_check_failed(&batch.jobs[0], MILL_TIMEOUT, "--timeout");
    fake_check_noise(&batch.jobs[1], 1000);
    fake_free(&batch);
}

/* ---- storms -------------------------------------------------------------- */

/* A worker that is there now, or 0. */
static int
some_worker(void)
{
    int nursery = fake_child_of(getpid());
    return nursery > 0 ? fake_child_of(nursery) : 0;
}

/* Until the batch is nearly over, but not for ever: births are backed off. */
static void *
rage(void *arg)
{
    int kills = 0;
    (void)arg;
    while (kills < 25 &&
           !__atomic_load_n(&fake_board->calm, __ATOMIC_SEQ_CST)) {
        int pid = some_worker();
        if (pid > 0)
            kills += kill(pid, SIGKILL) == 0;
        usleep(5000);
    }
    __atomic_store_n(&fake_board->strikes, kills, __ATOMIC_SEQ_CST);
    return NULL;
}

static void
calm_after_most(struct fake_batch *batch, struct mill_job *job)
{
    if (job == &batch->jobs[batch->n * 3 / 4])
        __atomic_store_n(&fake_board->calm, true, __ATOMIC_SEQ_CST);
}

static void
weather_storm(unsigned lanes, unsigned retries, unsigned deaths,
              unsigned jobs_per_worker)
{
    struct fake_batch batch = fake_batch_of(lanes, 0);
    batch.options.retries = retries;
    batch.options.deaths = deaths;
    batch.options.jobs_per_worker = jobs_per_worker;
    batch.beside = rage;
    batch.on_done = calm_after_most;
    fake_board_make(0);
    for (int i = 0; i < 200; i++)
        fake_noise(&batch, (size_t)(i % 7) * 50000);
    fake_run_batch(&batch);
    for (size_t i = 0; i < batch.n; i++) {
        if (batch.jobs[i].end == MILL_END_DONE)
            fake_check_noise(&batch.jobs[i], i % 7 * 50000);
        else if (batch.jobs[i].end == MILL_END_FAILED)
            fake_check_failed(&batch.jobs[i], MILL_CRASH, "SIGKILL");
    }
    assert_true(fake_board->strikes > 0);
    if (jobs_per_worker == 0) /* else those that leave anyway are killed too */
        assert_true(batch.stats.died > 0);
    if (deaths == 0)
        assert_int_equal(batch.status, MILL_OK);
    else
        assert_true(batch.status == MILL_OK || batch.status == MILL_STOPPED);
    fake_free(&batch);
}

static void
a_storm_passes(void **state)
{
    (void)state;
    weather_storm(1, 0, 0, 0);
    weather_storm(3, 0, 0, 0);
}

static void
a_storm_passes_retries(void **state)
{
    (void)state;
    weather_storm(3, 2, 0, 0);
    weather_storm(2, 1, 0, 1);
}

static void
a_storm_may_stop_the_run(void **state)
{
    (void)state;
    weather_storm(2, 0, 5, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(a_killed_image_is_tried_again_alone),
        WATCHED(a_first_attempt_is_not_alone),
        WATCHED(only_so_many_attempts),
        WATCHED(nothing_else_is_tried_again),
        WATCHED(a_kept_file_is_read_again),
        WATCHED(many_are_alone_in_turn),
        WATCHED(retries_end_with_the_run),
        WATCHED(a_stop_is_no_time_for_retries),
        WATCHED(workers_retire),
        WATCHED(a_storm_passes),
        WATCHED(a_storm_passes_retries),
        WATCHED(a_storm_may_stop_the_run),
        WATCHED(a_worker_that_is_stopped_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
