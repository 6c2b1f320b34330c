/* The batch with a task that obeys words: every input ends once and in the
 * right way, whatever happens on the way. */
#include "mill_fake.h"

#include <errno.h>

/* ---- defaults ------------------------------------------------------------ */

static void
test_defaults_are_filled(void **state)
{
    struct mill_batch_options given = {.jobs = 4};
    struct mill_batch_options full = mill_batch_defaults(&given);

    (void)state;
    assert_ptr_equal(full.backend, mill_backends[0]);
    assert_int_equal(full.readers, 2);
    assert_int_equal(full.writers, 2);
    assert_int_equal(full.queue, 10);
    assert_true(full.memory > 4u * (16u << 20));
}

static void
test_defaults_fit_their_memory(void **state)
{
    struct mill_batch_options given = {.memory = 1};
    struct mill_batch_options full = mill_batch_defaults(&given);

    (void)state;
    assert_int_equal(full.jobs, 1);
    assert_true(full.memory - full.memory / 4 >= 32u << 20);
    assert_true(full.memory < 64u << 20);
}

static void
test_ordered_has_one_writer(void **state)
{
    struct mill_batch_options given = {
        .jobs = 4, .writers = 3, .ordered = true};
    struct mill_batch_options full = mill_batch_defaults(&given);

    (void)state;
    assert_int_equal(full.order, MILL_ORDER_INPUT);
    assert_int_equal(full.writers, 1);
}

static void
test_serial_has_one_job(void **state)
{
    struct mill_batch_options given = {.jobs = 4};

    (void)state;
    given.backend = mill_backend_named("serial");
    assert_int_equal(mill_batch_defaults(&given).jobs, 1);
}

/* ---- outputs ------------------------------------------------------------- */

static void
check_outputs(const char *backend, unsigned jobs)
{
    struct fake_mill mill = fake_mill_of(backend, jobs);
    const char *words[] = {"one", "fail", "three", "out 100000", "five"};

    fake_files(words, 5);
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_OK);
    assert_int_equal(mill.counts.done, 4);
    assert_int_equal(mill.counts.failed, 1);
    assert_int_equal(mill.counts.in_bytes, 3 + 4 + 5 + 10 + 4);
    assert_int_equal(mill.counts.in_bytes_listed, mill.counts.in_bytes);
    assert_int_equal(mill.counts.out_bytes, 3 + 5 + 100000 + 4);
    assert_int_equal(mill.ended[1].err.status, MILL_DAMAGED);
    assert_int_equal(mill.stats.decode_ns, 5);
    assert_int_equal(mill.ended[3].written_bytes, 100000);
    scratch_assert_text("out/00.txt", "one");
    scratch_assert_text("out/04.txt", "five");
    assert_int_equal(scratch_count("out"), 4);
    fake_clear(&mill);
}

static void
test_serial_writes(void **state)
{
    (void)state;
    check_outputs("serial", 1);
}

static void
test_openmp_writes(void **state)
{
    (void)state;
    check_outputs("openmp", 3);
}

static void
test_process_writes(void **state)
{
    (void)state;
    check_outputs("process", 3);
}

static void
test_empty_list_ends(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 2);

    (void)state;
    mkdir("in", 0777);
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_OK);
    fake_clear(&mill);
}

static void
test_missing_input_fails_alone(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 2);

    (void)state;
    fake_same_files("word", 2);
    fake_scan(&mill, "none.jpg");
    fake_scan(&mill, "in");
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 2);
    assert_int_equal(mill.ended[0].end, MILL_END_FAILED);
    assert_int_equal(mill.ended[0].err.status, MILL_READ);
    fake_clear(&mill);
}

static void
drop_input(struct fake_mill *mill)
{
    (void)mill;
    unlink("in/01.txt");
}

static void
test_input_that_went_away_fails_alone(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 2);

    (void)state;
    fake_same_files("word", 3);
    mill.before = drop_input;
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 2);
    assert_int_equal(mill.ended[1].err.status, MILL_READ);
    fake_clear(&mill);
}

static void
test_descriptor_gets_the_bytes(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("word", 1);
    mill.target.root = NULL;
    mill.target.fd = open("o", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    fake_run_mill(&mill);
    close(mill.target.fd);
    scratch_assert_text("o", "word");
    assert_int_equal(mill.counts.out_bytes, 4);
    fake_clear(&mill);
}

static void
test_no_target_writes_nothing(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("word", 2);
    mill.target.root = NULL;
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 2);
    assert_int_equal(mill.counts.out_bytes, 0);
    assert_int_equal(scratch_count("."), 1);
    fake_clear(&mill);
}

static void
test_output_that_cannot_be_written_fails_alone(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 2);

    (void)state;
    fake_same_files("word", 3);
    mkdir("out", 0777);
    mkdir("out/01.txt", 0777);
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_OK);
    assert_int_equal(mill.counts.done, 2);
    assert_int_equal(mill.ended[1].err.status, MILL_WRITE);
    fake_clear(&mill);
}

static void
test_full_disk_stops_the_batch(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("word", 40);
    mill.target.root = NULL;
    mill.target.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    mill.options.queue = 1;
    fake_run_mill(&mill);
    close(mill.target.fd);
    assert_int_equal(mill.status, MILL_WRITE);
    assert_int_equal(mill.err.sys, ENOSPC);
    assert_int_equal(mill.counts.done, 0);
    assert_true(mill.counts.left > 30);
    fake_clear(&mill);
}

static void
test_folder_that_cannot_be_made(void **state)
{
    struct fake_mill mill = fake_mill_of("process", 2);
    struct mill_task task = {fake_begin, fake_run, fake_end, &mill.arg};

    (void)state;
    scratch_text("out", "a file");
    assert_null(mill_batch_open(&mill.options, &task, &mill.list, NULL,
                                &mill.target, fake_ended, &mill, &mill.err));
    assert_int_equal(mill.err.status, MILL_WRITE);
}

/* ---- what exists --------------------------------------------------------- */

static void
test_existing_is_replaced(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("new", 1);
    mkdir("out", 0777);
    scratch_text("out/00.txt", "old");
    fake_run_mill(&mill);
    scratch_assert_text("out/00.txt", "new");
    fake_clear(&mill);
}

static void
test_existing_is_skipped_unread(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("new", 2);
    mkdir("out", 0777);
    scratch_text("out/00.txt", "old");
    mill.target.existing = MILL_EXISTING_SKIP;
    fake_run_mill(&mill);
    scratch_assert_text("out/00.txt", "old");
    scratch_assert_text("out/01.txt", "new");
    assert_int_equal(mill.counts.skipped, 1);
    assert_int_equal(mill.ended[0].end, MILL_END_SKIPPED);
    assert_int_equal(mill.ended[0].err.status, MILL_EXISTS);
    assert_int_equal(mill.ended[0].worker, -1);
    fake_clear(&mill);
}

/* While the first is being ended, the second has passed the rule. */
static void
make_output(struct fake_mill *mill, const struct mill_job *job)
{
    if (job->index != 0)
        return;
    while (mill_batch_stats(mill->batch).read_queue.n_pushed < 2)
        usleep(100);
    scratch_text("out/01.txt", "theirs");
}

static void
test_output_that_came_meanwhile_stays(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("new", 2);
    mill.options.ordered = true;
    mill.target.existing = MILL_EXISTING_SKIP;
    mill.on_ended = make_output;
    fake_run_mill(&mill);
    scratch_assert_text("out/01.txt", "theirs");
    assert_int_equal(mill.counts.skipped, 1);
    fake_clear(&mill);
}

static void
set_age(const char *path, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
test_update_replaces_only_older(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("new", 3);
    mkdir("out", 0777);
    for (int i = 0; i < 3; i++) {
        char in[32], out[32];
        snprintf(in, sizeof in, "in/%02d.txt", i);
        snprintf(out, sizeof out, "out/%02d.txt", i);
        scratch_text(out, "old");
        set_age(in, 1000);
        set_age(out, 999 + i);
    }
    mill.target.existing = MILL_EXISTING_UPDATE;
    fake_run_mill(&mill);
    scratch_assert_text("out/00.txt", "new");
    scratch_assert_text("out/01.txt", "old");
    scratch_assert_text("out/02.txt", "old");
    assert_int_equal(mill.counts.skipped, 2);
    fake_clear(&mill);
}

/* ---- order --------------------------------------------------------------- */

/* By bytes, of which those of PNG count for more and those of PNM for less. */
static void
test_largest_begins_first(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);
    const char *words[] = {"a", "ccc", "bb", "dddd"};
    const uint32_t wanted[] = {4, 3, 1, 2, 0, 5};

    (void)state;
    fake_files(words, 4);
    scratch_text("in/zz.png", "eee");
    scratch_text("in/zz.ppm", "eightttt");
    fake_run_mill(&mill);
    assert_memory_equal(mill.sequence, wanted, sizeof wanted);
    fake_clear(&mill);
}

static void
test_ordered_ends_in_input_order(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 4);

    (void)state;
    fake_same_files("word", 40);
    scratch_text("in/00.txt", "out 3000000");
    scratch_text("in/07.txt", "fail");
    unlink("in/20.txt");
    assert_int_equal(symlink("nowhere", "in/20.txt"), 0);
    mill.options.ordered = true;
    mill.options.readers = 3;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_OK);
    for (uint32_t i = 0; i < mill.list.n; i++)
        assert_int_equal(mill.sequence[i], i);
    fake_clear(&mill);
}

/* ---- stopping ------------------------------------------------------------ */

static void
stop_now(struct fake_mill *mill)
{
    mill_batch_stop(mill->batch);
}

static void
test_stop_before_run_leaves_all(void **state)
{
    struct fake_mill mill = fake_mill_of("openmp", 2);

    (void)state;
    fake_same_files("word", 10);
    fake_scan(&mill, "none.jpg");
    fake_scan(&mill, "in");
    mill.before = stop_now;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_STOPPED);
    assert_int_equal(mill.counts.left, 11);
    assert_int_equal(mill.counts.in_bytes, 0);
    fake_clear(&mill);
}

static void
stop_at_first(struct fake_mill *mill, const struct mill_job *job)
{
    assert_true(mill_batch_counts(mill->batch).done > 0 ||
                job->end != MILL_END_DONE);
    if (mill->n_ended == 1)
        mill_batch_stop(mill->batch);
}

static void
check_stop(const char *backend, bool ordered)
{
    struct fake_mill mill = fake_mill_of(backend, 2);

    fake_same_files("word", 60);
    mill.options.queue = 2;
    mill.options.ordered = ordered;
    mill.on_ended = stop_at_first;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_STOPPED);
    assert_true(mill.counts.done >= 1 && mill.counts.left >= 40);
    assert_int_equal(scratch_count("out"), mill.counts.done);
    fake_clear(&mill);
}

static void
test_stop_leaves_the_rest(void **state)
{
    (void)state;
    check_stop("openmp", false);
}

static void
test_stop_leaves_the_rest_in_order(void **state)
{
    (void)state;
    check_stop("openmp", true);
}

static void
test_stop_leaves_the_rest_of_workers(void **state)
{
    (void)state;
    check_stop("process", false);
}

static void *
stop_twice(void *arg)
{
    struct fake_mill *mill = arg;

    while (mill_batch_stats(mill->batch).exec.born < 2)
        usleep(1000);
    usleep(100000); /* by then both have an image */
    mill_batch_stop(mill->batch);
    mill_batch_stop(mill->batch);
    return NULL;
}

static void
test_second_stop_kills(void **state)
{
    struct fake_mill mill = fake_mill_of("process", 2);

    (void)state;
    fake_same_files("hang", 20);
    mill.beside = stop_twice;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_STOPPED);
    assert_int_equal(mill.counts.failed, 2);
    assert_int_equal(mill.counts.left, 18);
    fake_clear(&mill);
}

static void
test_deaths_stop_the_batch(void **state)
{
    struct fake_mill mill = fake_mill_of("process", 1);

    (void)state;
    fake_same_files("abort", 20);
    mill.options.deaths = 3;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_STOPPED);
    assert_int_equal(mill.counts.failed, 3);
    assert_int_equal(mill.counts.left, 17);
    assert_int_equal(mill.stats.exec.died, 3);
    fake_clear(&mill);
}

static unsigned
count_read(const struct fake_mill *mill)
{
    unsigned n = 0;

    for (size_t i = 0; i < mill->list.n; i++)
        n += mill->ended[i].read_ns > 0;
    return n;
}

static void
test_lane_that_cannot_begin_stops_the_batch(void **state)
{
    struct fake_mill mill = fake_mill_of("serial", 1);

    (void)state;
    fake_same_files("word", 40);
    mill.refuse = true;
    mill.options.queue = 1;
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_ENVIRONMENT);
    assert_string_equal(mill.err.text, "no lane today");
    assert_int_equal(mill.counts.left, 40);
    assert_true(count_read(&mill) < 20);
    fake_clear(&mill);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_TEST(test_defaults_are_filled),
        MILL_TEST(test_defaults_fit_their_memory),
        MILL_TEST(test_ordered_has_one_writer),
        MILL_TEST(test_serial_has_one_job),
        MILL_TEST(test_serial_writes),
        MILL_TEST(test_openmp_writes),
        MILL_TEST(test_process_writes),
        MILL_TEST(test_empty_list_ends),
        MILL_TEST(test_missing_input_fails_alone),
        MILL_TEST(test_input_that_went_away_fails_alone),
        MILL_TEST(test_descriptor_gets_the_bytes),
        MILL_TEST(test_no_target_writes_nothing),
        MILL_TEST(test_output_that_cannot_be_written_fails_alone),
        MILL_TEST(test_full_disk_stops_the_batch),
        MILL_TEST(test_folder_that_cannot_be_made),
        MILL_TEST(test_existing_is_replaced),
        MILL_TEST(test_existing_is_skipped_unread),
        MILL_TEST(test_output_that_came_meanwhile_stays),
        MILL_TEST(test_update_replaces_only_older),
        MILL_TEST(test_largest_begins_first),
        MILL_TEST(test_ordered_ends_in_input_order),
        MILL_TEST(test_stop_before_run_leaves_all),
        MILL_TEST(test_stop_leaves_the_rest),
        MILL_TEST(test_stop_leaves_the_rest_in_order),
        MILL_TEST(test_stop_leaves_the_rest_of_workers),
        MILL_TEST(test_second_stop_kills),
        MILL_TEST(test_deaths_stop_the_batch),
        MILL_TEST(test_lane_that_cannot_begin_stops_the_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
