/* exec's process backend when its processes are killed or stopped from outside,
 * and when there is much to do. */
#include "exec_fake.h"

static int
nursery_pid(void)
{
    int pid;
    while ((pid = fake_child_of(getpid())) == 0)
        usleep(1000);
    return pid;
}

static void *
kill_the_run(void *arg)
{
    struct fake_batch *batch = arg;
    fake_await_begun(batch->options.lanes);
    usleep(50000); /* who asks for memory waits for it by then */
    mill_backend_named("process")->kill(batch->exec);
    return NULL;
}

static void
kill_ends_the_run(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    (void)state;
    fake_board_make(0);
    batch.beside = kill_the_run;
    for (int i = 0; i < 6; i++)
        fake_say(&batch, "loop");
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_FAILED], 2);
    assert_int_equal(batch.done[MILL_END_LEFT], 4);
    fake_check_failed(&batch.jobs[0], MILL_STOPPED, "stopped");
    fake_check_failed(&batch.jobs[1], MILL_STOPPED, "stopped");
    fake_free(&batch);
}

static void
kill_reaches_who_waits_for_memory(void **state)
{
    struct fake_batch batch = fake_batch_of(3, 0);
    (void)state;
    fake_board_make(0);
    batch.beside = kill_the_run;
    for (int i = 0; i < 4; i++)
        fake_say(&batch, "hold");
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_FAILED], 3);
    assert_int_equal(batch.done[MILL_END_LEFT], 1);
    fake_free(&batch);
}

static void *
kill_the_nursery(void *arg)
{
    struct fake_batch *batch = arg;
    fake_await_begun(batch->options.lanes);
    kill(nursery_pid(), SIGKILL);
    return NULL;
}

static void
a_dead_nursery_ends_the_run(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    (void)state;
    fake_board_make(0);
    batch.beside = kill_the_nursery;
    for (int i = 0; i < 6; i++)
        fake_say(&batch, "loop");
    fake_run_batch(&batch);
    assert_int_equal(batch.status, MILL_ENVIRONMENT);
    assert_non_null(strstr(batch.err.text, "starts workers is gone"));
    assert_int_equal(batch.done[MILL_END_FAILED], 2);
    assert_int_equal(batch.done[MILL_END_LEFT], 4);
    fake_check_failed(&batch.jobs[0], MILL_ENVIRONMENT, "starts workers");
    fake_free(&batch);
}

static void
look_at_the_worker(struct fake_batch *batch, struct mill_job *job)
{
    char path[64], status[4096] = "";
    int pid = fake_child_of(nursery_pid());
    (void)batch;
    (void)job;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    assert_int_equal(fake_count(path), 4 + 2); /* and "." and ".." */
    assert_int_equal(getpgid(pid), pid);
    assert_int_not_equal(getpgid(nursery_pid()), getpgrp());
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(status, 1, sizeof status - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(status, "NoNewPrivs:\t1"));
    assert_non_null(strstr(status, "SigBlk:\t0000000000000000"));
}

/* Descriptors, group, privileges, signals. */
static void
a_worker_has_only_what_it_needs(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    (void)state;
    batch.on_done = look_at_the_worker;
    fake_noise(&batch, 1000);
    fake_run_batch(&batch);
    fake_free(&batch);
}

/* Called between two jobs of the only lane. */
static void
kill_the_idle_worker(struct fake_batch *batch, struct mill_job *job)
{
    int pid = fake_child_of(nursery_pid());
    if (job == &batch->jobs[batch->n - 1])
        return;
    assert_true(pid > 0);
    kill(pid, SIGKILL);
    /* Until it was waited for: with a thread that it did not make itself (of a
     * sanitizer) it holds its socket for longer than it looks alive. */
    while (kill(pid, 0) == 0)
        usleep(1000);
}

static void
the_death_of_an_idle_worker_costs_nothing(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    (void)state;
    batch.on_done = kill_the_idle_worker;
    for (int i = 0; i < 8; i++)
        fake_noise(&batch, 1000);
    fake_run_batch(&batch);
    for (int i = 0; i < 8; i++)
        fake_check_noise(&batch.jobs[i], 1000);
    assert_int_equal(batch.stats.died, 7);
    assert_int_equal(batch.stats.born, 8);
    fake_free(&batch);
}

/* The mill stands still for longer than the deadline, and its worker has more
 * to do afterwards; a child is the mill, so that the test can stop it. */
static void
run_to_be_stopped(void)
{
    struct fake_batch batch = fake_batch_of(1, 1500);
    fake_say(&batch, "twice:300");
    fake_run_batch(&batch);
    _exit(batch.jobs[0].end == MILL_END_DONE ? 0 : 1);
}

static void
a_stopped_mill_fails_nothing(void **state)
{
    int wait_status = -1;
    (void)state;
    int pid = fork();
    if (pid == 0)
        run_to_be_stopped();
    usleep(100000);
    kill(pid, SIGSTOP);
    usleep(2600000);
    kill(pid, SIGCONT);
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    assert_int_equal(wait_status, 0);
}

static void
the_end_of_the_mill_is_the_end_of_all(void **state)
{
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int pid = fork();
    if (pid == 0) {
        struct fake_batch batch = fake_batch_of(2, 0);
        fake_say(&batch, "loop");
        fake_say(&batch, "stop");
        fake_run_batch(&batch);
        _exit(1);
    }
    while (fake_child_of(pid) == 0 || fake_child_of(fake_child_of(pid)) == 0)
        usleep(1000);
    usleep(50000);
    kill(pid, SIGKILL);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    assert_int_equal(fake_child_of(getpid()), 0);
}

/* ---- many ---------------------------------------------------------------- */

static void
ten_thousand_tiny_jobs(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 60000);
    (void)state;
    for (int i = 0; i < 10000; i++)
        fake_noise(&batch, (size_t)i % 50);
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_DONE], 10000);
    for (int i = 0; i < 10000; i++)
        fake_check_noise(&batch.jobs[i], (size_t)i % 50);
    assert_in_range(batch.stats.born, 1, 2);
    fake_free(&batch);
}

static void
many_deaths_among_many(void **state)
{
    struct fake_batch batch = fake_batch_of(5, 60000);
    (void)state;
    for (int i = 0; i < 600; i++) {
        if (i % 10 == 3)
            fake_say(&batch, "crash");
        else
            fake_noise(&batch, 70000);
    }
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_DONE], 540);
    assert_int_equal(batch.done[MILL_END_FAILED], 60);
    assert_int_equal(batch.stats.died, 60);
    for (size_t i = 0; i < 600; i += 10)
        fake_check_noise(&batch.jobs[i], 70000);
    fake_free(&batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(kill_ends_the_run),
        WATCHED(kill_reaches_who_waits_for_memory),
        WATCHED(a_dead_nursery_ends_the_run),
        WATCHED(the_death_of_an_idle_worker_costs_nothing),
        WATCHED(a_worker_has_only_what_it_needs),
        WATCHED(a_stopped_mill_fails_nothing),
        WATCHED(the_end_of_the_mill_is_the_end_of_all),
        WATCHED(ten_thousand_tiny_jobs),
        WATCHED(many_deaths_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
