/* exec: what all three backends must do alike. */
#include "exec_fake.h"

static const char *const names[] = {"process", "openmp", "serial"};

static const size_t sizes[] = {0,     1,      4095,   4096,    4097,
                               65535, 65536,  65537,  131072,  131073,
                               70000, 200001, 999999, 5 << 20, 12};

/* Calls what for every backend of this build and 1, 2 and 5 lanes. */
static void
with_each(void (*what)(struct fake_batch *))
{
    const unsigned lanes[] = {1, 2, 5};
    for (size_t b = 0; b < MILL_COUNT(names); b++) {
        for (size_t l = 0; l < MILL_COUNT(lanes); l++) {
            struct fake_batch batch = {
                .backend = names[b],
                .options = {.lanes = lanes[l],
                            .lane_bytes = 1 << 20,
                            .window_bytes = 65536},
                .work_bytes = 64 << 20,
            };
            if (!mill_backend_named(names[b])->built)
                continue;
            what(&batch);
            fake_free(&batch);
        }
    }
}

static void
check_echo(struct fake_batch *batch)
{
    for (size_t i = 0; i < MILL_COUNT(sizes); i++)
        fake_noise(batch, sizes[i]);
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        fake_check_noise(&batch->jobs[i], sizes[i]);
        assert_in_range(batch->jobs[i].worker, 0, batch->options.lanes - 1);
        assert_int_equal(batch->jobs[i].attempts, 1);
    }
    assert_true(batch->stats.busy_ns > 0);
    assert_int_equal(batch->stats.died, 0);
}

static void
good_inputs_come_out_the_same(void **state)
{
    (void)state;
    with_each(check_echo);
}

/* In memory or in a file, in the window as a whole or in pieces. */
static void
check_kept(struct fake_batch *batch)
{
    struct mill_slots *slots = mill_slots_new(MILL_COUNT(sizes), 16 << 20);
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        fake_noise(batch, sizes[i]);
        fake_keep(batch, slots);
    }
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        fake_check_noise(&batch->jobs[i], sizes[i]);
        mill_slots_give(&batch->jobs[i]);
    }
    mill_slots_free(slots);
}

static void
kept_files_come_out_the_same(void **state)
{
    (void)state;
    with_each(check_kept);
}

/* A file that became shorter or longer costs its image, and no worker. */
static void
check_changed(struct fake_batch *batch)
{
    const size_t at[] = {100, 50000, 65536, 200001};
    struct mill_slots *slots = mill_slots_new(8, 16 << 20);
    for (size_t i = 0; i < 8; i++) {
        fake_noise(batch, at[i / 2]);
        int fd = fake_keep(batch, slots);
        if (i % 2 == 0)
            assert_int_equal(ftruncate(fd, (off_t)at[i / 2] - (i < 4)), 0);
        if (i == 4 || i == 6)
            assert_int_equal(ftruncate(fd, (off_t)at[i / 2] + 1), 0);
    }
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
    for (size_t i = 0; i < 8; i++) {
        const char *text = i < 4 ? "the file shrank" : "the file grew";
        if (i % 2 == 0)
            fake_check_failed(&batch->jobs[i], MILL_READ, text);
        else
            fake_check_noise(&batch->jobs[i], at[i / 2]);
        mill_slots_give(&batch->jobs[i]);
    }
    assert_int_equal(batch->stats.died, 0);
    assert_true(batch->stats.born <= batch->options.lanes);
    mill_slots_free(slots);
}

static void
a_changed_file_costs_its_image_alone(void **state)
{
    (void)state;
    with_each(check_changed);
}

static void
check_three(struct fake_batch *batch)
{
    fake_say(batch, "three");
    fake_run_batch(batch);
    assert_int_equal(batch->jobs[0].result.n_outputs, 3);
    assert_int_equal(batch->jobs[0].outputs[0].n, 5);
    assert_int_equal(batch->jobs[0].outputs[1].n, 0);
    assert_int_equal(batch->jobs[0].outputs[2].n, 5);
    assert_memory_equal(batch->jobs[0].outputs[0].at, "three", 5);
    assert_memory_equal(batch->jobs[0].outputs[2].at, "vjpgg", 5);
}

static void
outputs_keep_apart(void **state)
{
    (void)state;
    with_each(check_three);
}

static void
check_failure(struct fake_batch *batch)
{
    fake_say(batch, "fail:row 12\nis short");
    fake_say(batch, "status:9");
    fake_noise(batch, 77);
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
    assert_int_equal(batch->jobs[0].end, MILL_END_FAILED);
    assert_int_equal(batch->jobs[0].err.status, MILL_DAMAGED);
    assert_string_equal(batch->jobs[0].err.text, "row 12?is short");
    assert_null(batch->jobs[0].outputs[0].at);
    assert_int_equal(batch->jobs[1].err.status, MILL_INTERNAL);
    fake_check_noise(&batch->jobs[2], 77);
}

static void
a_failure_leaves_nothing_half_made(void **state)
{
    (void)state;
    with_each(check_failure);
}

static void
check_need(struct fake_batch *batch)
{
    fake_say(batch, "need:10");
    fake_say(batch, "need:68157440"); /* 65 MB: all there is */
    fake_say(batch, "need:68157441");
    fake_say(batch, "need:20000000");
    fake_run_batch(batch);
    assert_int_equal(batch->jobs[0].end, MILL_END_DONE);
    assert_int_equal(batch->jobs[1].end, MILL_END_DONE);
    assert_int_equal(batch->jobs[3].end, MILL_END_DONE);
    assert_int_equal(batch->jobs[2].err.status, MILL_LIMIT);
    assert_non_null(strstr(batch->jobs[2].err.text, "65 MB"));
    assert_non_null(strstr(batch->jobs[2].err.text, "--memory"));
}

static void
needs_end_at_the_limit(void **state)
{
    (void)state;
    with_each(check_need);
}

static void
check_second_wish(struct fake_batch *batch)
{
    fake_say(batch, "wish:10");
    fake_say(batch, "wish:20000000");
    fake_noise(batch, 77);
    fake_run_batch(batch);
    for (int i = 0; i < 2; i++)
        fake_check_failed(&batch->jobs[i], MILL_INTERNAL, "asked twice");
    fake_check_noise(&batch->jobs[2], 77);
    assert_int_equal(batch->stats.died, 0);
}

static void
a_need_is_told_once(void **state)
{
    (void)state;
    with_each(check_second_wish);
}

/* What an output takes, its slot holds. */
static void
check_charges(struct fake_batch *batch)
{
    struct mill_slots *slots = mill_slots_new(2, 64 << 20);
    fake_say(batch, "big:1000000");
    fake_say(batch, "fail:of no use");
    for (int i = 0; i < 2; i++)
        assert_true(mill_slots_take(slots, &batch->jobs[i], 100));
    fake_run_batch(batch);
    assert_in_range(batch->jobs[0].outputs[0].capacity, 1000000, 4000000);
    assert_in_range(batch->jobs[0].slot_bytes,
                    batch->jobs[0].outputs[0].capacity, 4000000);
    for (int i = 0; i < 2; i++)
        mill_slots_give(&batch->jobs[i]);
    assert_int_equal(mill_slots_held(slots), 0);
    mill_slots_free(slots);
}

static void
outputs_are_charged_to_their_slots(void **state)
{
    (void)state;
    with_each(check_charges);
}

static void
check_output_limit(struct fake_batch *batch)
{
    batch->work_bytes = 1 << 20;
    fake_say(batch, "big:2097152");
    fake_say(batch, "big:2097153");
    fake_run_batch(batch);
    assert_int_equal(batch->jobs[0].end, MILL_END_DONE);
    assert_int_equal(batch->jobs[0].outputs[0].n, 2097152);
    assert_int_equal(batch->jobs[1].err.status, MILL_LIMIT);
    assert_null(batch->jobs[1].outputs[0].at);
}

static void
outputs_end_at_the_limit(void **state)
{
    (void)state;
    with_each(check_output_limit);
}

static void
stop_after_three(struct fake_batch *batch, struct mill_job *job)
{
    if (job == &batch->jobs[2])
        __atomic_store_n(&batch->stopping, true, __ATOMIC_SEQ_CST);
}

static void
check_stopping(struct fake_batch *batch)
{
    batch->options.lanes = 1;
    batch->on_done = stop_after_three;
    for (int i = 0; i < 6; i++)
        fake_noise(batch, 100);
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
    assert_int_equal(batch->done[MILL_END_DONE], 3);
    assert_int_equal(batch->done[MILL_END_LEFT], 3);
    assert_int_equal(batch->jobs[5].attempts, 0);
    assert_int_equal(batch->jobs[5].worker, -1);
}

static void
what_comes_after_a_stop_is_left(void **state)
{
    (void)state;
    with_each(check_stopping);
}

static void
check_refusal(struct fake_batch *batch)
{
    batch->begin = "refuse";
    for (int i = 0; i < 6; i++)
        fake_noise(batch, 100);
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_ENVIRONMENT);
    assert_string_equal(batch->err.text, "no lane today");
    assert_int_equal(batch->done[MILL_END_LEFT], 6);
}

static void
a_lane_that_cannot_begin_ends_the_run(void **state)
{
    (void)state;
    with_each(check_refusal);
}

static void
check_nothing(struct fake_batch *batch)
{
    fake_run_batch(batch);
    assert_int_equal(batch->status, MILL_OK);
}

static void
no_job_is_no_error(void **state)
{
    (void)state;
    with_each(check_nothing);
}

static void
open_and_close_is_enough(void **state)
{
    (void)state;
    for (size_t b = 0; b < MILL_COUNT(names); b++) {
        const struct mill_backend *backend = mill_backend_named(names[b]);
        struct mill_exec_options options = {.lanes = 3};
        struct mill_task task = {fake_begin, fake_run, fake_end, NULL};
        struct mill_err err = {0};
        struct mill_exec *exec = backend->open(&options, &task, &err);
        assert_int_equal(exec != NULL, backend->built);
        if (exec != NULL)
            backend->close(exec);
        else
            assert_int_equal(err.status, MILL_UNSUPPORTED);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
}

static void
the_table_knows_its_names(void **state)
{
    (void)state;
    assert_string_equal(mill_backends[0]->name, "process");
    assert_true(mill_backend_named("process")->isolates);
    assert_false(mill_backend_named("openmp")->isolates);
    assert_null(mill_backend_named("threads"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(good_inputs_come_out_the_same),
        WATCHED(kept_files_come_out_the_same),
        WATCHED(a_changed_file_costs_its_image_alone),
        WATCHED(outputs_keep_apart),
        WATCHED(a_failure_leaves_nothing_half_made),
        WATCHED(needs_end_at_the_limit),
        WATCHED(a_need_is_told_once),
        WATCHED(outputs_are_charged_to_their_slots),
        WATCHED(outputs_end_at_the_limit),
        WATCHED(what_comes_after_a_stop_is_left),
        WATCHED(a_lane_that_cannot_begin_ends_the_run),
        WATCHED(no_job_is_no_error),
        WATCHED(open_and_close_is_enough),
        WATCHED(the_table_knows_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
