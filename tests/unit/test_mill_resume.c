/* The batch and its journal: what was done is passed over as long as nothing
 * about it has changed. And the number of failures that ends a run. */
#include "mill_fake.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static struct fake_mill
mill_of(const char *backend, unsigned jobs)
{
    struct fake_mill mill = fake_mill_of(backend, jobs);

    mill.options.journal = "j";
    mill.options.recipe = 7;
    return mill;
}

/* Runs the folder "in" and tells what came of it. */
static struct mill_counts
run(struct fake_mill mill)
{
    fake_run_mill(&mill);
    for (size_t i = 0; i < mill.list.n; i++) {
        bool resumed = mill.ended[i].err.status == MILL_RESUMED;
        assert_true(!resumed || mill.ended[i].end == MILL_END_SKIPPED);
    }
    fake_clear(&mill);
    return mill.counts;
}

static void
is(struct mill_counts counts, unsigned done, unsigned resumed, unsigned failed)
{
    assert_int_equal(counts.done, done);
    assert_int_equal(counts.resumed, resumed);
    assert_int_equal(counts.skipped, resumed);
    assert_int_equal(counts.failed, failed);
}

/* ---- what was done ------------------------------------------------------- */

static void
what_was_done_is_passed_over(void **state)
{
    const char *words[] = {"one", "two", "fail", "four"};
    const char *backends[] = {"serial", "openmp", "process"};

    (void)state;
    fake_files(words, 4);
    is(run(mill_of("process", 2)), 3, 0, 1);
    for (size_t i = 0; i < 3; i++)
        is(run(mill_of(backends[i], 2)), 0, 3, 1);
    scratch_text("in/02.txt", "mended");
    is(run(mill_of("serial", 1)), 1, 3, 0);
    is(run(mill_of("serial", 1)), 0, 4, 0);
    assert_int_equal(scratch_count("out"), 4);
}

static void
what_changed_is_done_again(void **state)
{
    struct timespec times[2] = {{.tv_sec = 1, .tv_nsec = 2},
                                {.tv_sec = 1, .tv_nsec = 2}};

    (void)state;
    fake_same_files("word", 6);
    is(run(mill_of("serial", 1)), 6, 0, 0);
    scratch_text("in/00.txt", "longer");
    assert_int_equal(utimensat(AT_FDCWD, "in/01.txt", times, 0), 0);
    unlink("out/02.txt");
    scratch_text("out/03.txt", "cut");
    unlink("out/04.txt");
    assert_int_equal(symlink("05.txt", "out/04.txt"), 0);
    is(run(mill_of("serial", 1)), 5, 1, 0);
    scratch_assert_text("out/00.txt", "longer");
    scratch_assert_text("out/03.txt", "word");
    is(run(mill_of("serial", 1)), 0, 6, 0);
}

static void
another_recipe_name_or_folder_is_other_work(void **state)
{
    struct fake_mill other = mill_of("serial", 1);
    struct fake_mill named = other, elsewhere = other;

    (void)state;
    other.options.recipe = 8;
    named.target.name = "{stem}.x";
    elsewhere.target.root = "out2";
    fake_same_files("word", 2);
    is(run(mill_of("serial", 1)), 2, 0, 0);
    is(run(elsewhere), 2, 0, 0);
    is(run(elsewhere), 0, 2, 0);
    is(run(mill_of("serial", 1)), 0, 2, 0);
    is(run(other), 2, 0, 0);
    is(run(other), 0, 2, 0);
    is(run(mill_of("serial", 1)), 2, 0, 0);
    is(run(named), 2, 0, 0);
    is(run(named), 0, 2, 0);
    is(run(mill_of("serial", 1)), 0, 2, 0);
}

/* The folder is the same one, however it is called. */
static void
the_folder_may_have_another_name(void **state)
{
    struct fake_mill again = mill_of("serial", 1);

    (void)state;
    again.target.root = "./link/../out/";
    mkdir("link", 0777);
    fake_same_files("word", 2);
    is(run(mill_of("serial", 1)), 2, 0, 0);
    is(run(again), 0, 2, 0);
}

/* Twice the same work on one image would spoil it. */
static void
what_was_replaced_is_no_new_work(void **state)
{
    struct fake_mill mill = mill_of("serial", 1);

    (void)state;
    mill.target = (struct mill_target){.fd = -1, .in_place = true};
    fake_same_files("out 9", 2);
    is(run(mill), 2, 0, 0);
    scratch_assert_text("in/01.txt", "xxxxxxxxx");
    is(run(mill), 0, 2, 0);
    scratch_text("in/01.txt", "changed!!");
    is(run(mill), 1, 1, 0);
}

static void
ordered_is_still_in_order(void **state)
{
    struct fake_mill mill = mill_of("openmp", 3);

    (void)state;
    fake_same_files("word", 30);
    is(run(mill_of("openmp", 3)), 30, 0, 0);
    for (int i = 0; i < 30; i += 3) {
        char path[32];
        snprintf(path, sizeof path, "out/%02d.txt", i);
        unlink(path);
    }
    mill.options.ordered = true;
    fake_run_mill(&mill);
    for (uint32_t i = 0; i < mill.list.n; i++)
        assert_int_equal(mill.sequence[i], i);
    is(mill.counts, 10, 20, 0);
    fake_clear(&mill);
}

static void
pipes_are_never_known(void **state)
{
    struct fake_mill mill = mill_of("serial", 1);
    char name[] = "pipe", *names[] = {name};
    int ends[2], in = dup(STDIN_FILENO);

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "word", 4), 4);
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        mill = mill_of("serial", 1);
        mill.names = names;
        fake_scan(&mill, "-");
        fake_run_batch(&mill);
        is(mill.counts, 1, 0, 0);
        mill_list_clear(&mill.list);
    }
    dup2(in, STDIN_FILENO);
    close(in);
}

/* ---- what cannot be ------------------------------------------------------ */

static void
refused(struct fake_mill mill, int status)
{
    struct mill_task task = {fake_begin, fake_run, fake_end, &mill.arg};

    assert_null(mill_batch_open(&mill.options, &task, &mill.list, NULL,
                                &mill.target, fake_ended, &mill, &mill.err));
    assert_int_equal(mill.err.status, status);
}

static void
a_journal_that_cannot_be_is_refused(void **state)
{
    struct fake_mill mill = mill_of("process", 2);
    struct fake_mill nowhere = mill;

    (void)state;
    scratch_text("j", "my diary");
    refused(mill, MILL_USAGE);
    assert_int_equal(scratch_count("."), 1);
    scratch_assert_text("j", "my diary");
    unlink("j");
    nowhere.target.root = NULL;
    refused(nowhere, MILL_USAGE);
}

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What was written stays, nothing new begins, and the next run goes on. */
static void
a_full_journal_stops_the_run(void **state)
{
    struct fake_mill mill = mill_of("serial", 1);

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    fake_same_files("word", 40);
    limit_files(1000);
    fake_run_mill(&mill);
    limit_files(RLIM_INFINITY);
    assert_int_equal(mill.status, MILL_ENVIRONMENT);
    assert_int_equal(mill.err.sys, ENOSPC);
    assert_true(mill.counts.left > 10);
    assert_int_equal(scratch_count("out"), mill.counts.done);
    fake_clear(&mill);
    struct mill_counts next = run(mill_of("serial", 1));
    assert_int_equal(next.done + next.resumed, 40);
    assert_true(next.resumed > 5);
}

/* ---- failures ------------------------------------------------------------ */

static struct mill_counts
run_until(const char *backend, unsigned jobs, uint64_t failures, int status)
{
    struct fake_mill mill = mill_of(backend, jobs);

    mill.options.journal = NULL;
    mill.options.order = MILL_ORDER_INPUT;
    mill.options.failures = failures;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, status);
    fake_clear(&mill);
    return mill.counts;
}

static void
the_first_failure_ends_one_lane(void **state)
{
    const char *words[] = {"a", "b", "fail", "d", "fail", "f", "g", "h"};
    const char *backends[] = {"serial", "openmp", "process"};

    (void)state;
    fake_files(words, MILL_COUNT(words));
    for (size_t i = 0; i < 3; i++) {
        struct mill_counts counts = run_until(backends[i], 1, 1, MILL_STOPPED);
        assert_int_equal(counts.done, 2);
        assert_int_equal(counts.failed, 1);
        assert_int_equal(counts.left, 5);
    }
}

static void
so_many_failures_are_allowed(void **state)
{
    const char *words[] = {"a", "b", "fail", "d", "fail", "f", "g", "h"};

    (void)state;
    fake_files(words, MILL_COUNT(words));
    assert_int_equal(run_until("process", 2, 3, MILL_OK).left, 0);
    assert_int_equal(run_until("process", 2, 0, MILL_OK).failed, 2);
    struct mill_counts counts = run_until("serial", 1, 2, MILL_STOPPED);
    assert_int_equal(counts.failed, 2);
    assert_int_equal(counts.left, 3);
}

/* A reader's and a writer's failures count as well. */
static void
all_kinds_of_failures_count(void **state)
{
    (void)state;
    fake_same_files("word", 8);
    mkdir("out", 0777);
    mkdir("out/01.txt", 0777);
    unlink("in/05.txt");
    assert_int_equal(symlink("nowhere", "in/05.txt"), 0);
    assert_int_equal(run_until("serial", 1, 2, MILL_STOPPED).failed, 2);
    assert_int_equal(run_until("serial", 1, 3, MILL_OK).failed, 2);
}

static void
ordered_ends_by_failures_too(void **state)
{
    struct fake_mill mill = mill_of("openmp", 3);

    (void)state;
    fake_same_files("word", 40);
    scratch_text("in/03.txt", "fail");
    mill.options.journal = NULL;
    mill.options.ordered = true;
    mill.options.failures = 1;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_STOPPED);
    for (uint32_t i = 0; i < mill.list.n; i++)
        assert_int_equal(mill.sequence[i], i);
    assert_int_equal(mill.counts.failed, 1);
    fake_clear(&mill);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_TEST(what_was_done_is_passed_over),
        MILL_TEST(what_changed_is_done_again),
        MILL_TEST(another_recipe_name_or_folder_is_other_work),
        MILL_TEST(the_folder_may_have_another_name),
        MILL_TEST(what_was_replaced_is_no_new_work),
        MILL_TEST(ordered_is_still_in_order),
        MILL_TEST(pipes_are_never_known),
        MILL_TEST(a_journal_that_cannot_be_is_refused),
        MILL_TEST(a_full_journal_stops_the_run),
        MILL_TEST(the_first_failure_ends_one_lane),
        MILL_TEST(so_many_failures_are_allowed),
        MILL_TEST(all_kinds_of_failures_count),
        MILL_TEST(ordered_ends_by_failures_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
