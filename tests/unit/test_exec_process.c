/* exec's process backend with images that crash, hang and lie. */
#include "exec_fake.h"

/* Noise, the word, noise: the word costs itself. */
static void
check_costs_one(unsigned lanes, uint64_t timeout_ms, const char *word,
                enum mill_status status, const char *text)
{
    struct fake_batch batch = fake_batch_of(lanes, timeout_ms);
    for (int i = 0; i < 4; i++)
        fake_noise(&batch, 70000);
    fake_say(&batch, word);
    for (int i = 0; i < 4; i++)
        fake_noise(&batch, 70001);
    fake_run_batch(&batch);
    assert_int_equal(batch.status, MILL_OK);
    fake_check_failed(&batch.jobs[4], status, text);
    for (size_t i = 0; i < 4; i++) {
        fake_check_noise(&batch.jobs[i], 70000);
        fake_check_noise(&batch.jobs[5 + i], 70001);
    }
    assert_int_equal(batch.stats.died, 1);
    fake_free(&batch);
}

static void
a_death_costs_one_image(void **state)
{
    (void)state;
    for (unsigned lanes = 1; lanes <= 3; lanes += 2) {
        check_costs_one(lanes, 0, "crash", MILL_CRASH,
                        "killed by SIGSEGV (Segmentation fault) in the middle");
        check_costs_one(lanes, 0, "abort", MILL_CRASH, "killed by SIGABRT");
        check_costs_one(lanes, 0, "kill9", MILL_CRASH, "killed by SIGKILL");
        check_costs_one(lanes, 0, "exit:3", MILL_CRASH,
                        "exited with code 3 in the middle of an image");
        check_costs_one(lanes, 0, "exit:0", MILL_CRASH, "exited with code 0");
    }
}

static void
a_hang_costs_one_image(void **state)
{
    (void)state;
    check_costs_one(2, 500, "loop", MILL_TIMEOUT,
                    "no result within 0.5 s; --timeout raises it");
    check_costs_one(1, 500, "stop", MILL_TIMEOUT, "0.5 s");
}

/* The first job's worker lies; the second gets another one. */
static void
check_lie(const char *word, enum mill_status status, const char *text)
{
    struct fake_batch batch = fake_batch_of(1, 2000);
    fake_say(&batch, word);
    fake_noise(&batch, 4);
    fake_run_batch(&batch);
    fake_check_failed(&batch.jobs[0], status, text);
    fake_check_noise(&batch.jobs[1], 4);
    assert_int_equal(batch.stats.died, 1);
    fake_free(&batch);
}

static void
a_lie_costs_one_image(void **state)
{
    const struct {
        const char *word, *text;
    } lies[] = {
        {"lie:short", "a message of another size"},
        {"lie:kind", "no known message"},
        {"lie:turn", "out of turn"},
        {"lie:long", "more bytes than its window"},
        {"lie:output", "an output that no image has"},
        {"lie:outputs", "an output that no image has"},
        {"lie:serial", "an answer to another image"},
        {"lie:order", "an output that was complete"},
        {"lie:wishes", "a second wish for memory"},
        {"lie:flood", "sent a reply that makes no sense"},
        {"lie:close", "closed its socket"},
        {"lie:mute", "closed its socket"},
        {"lie:deaf", "closed its socket"},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(lies); i++)
        check_lie(lies[i].word, MILL_CRASH, lies[i].text);
}

static void
give_it_time_to_talk(struct fake_batch *batch, struct mill_job *job)
{
    (void)batch;
    (void)job;
    usleep(30000);
}

/* What it says when it has no job never reaches the next one. */
static void
a_second_answer_costs_nothing(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 2000);
    (void)state;
    fake_say(&batch, "lie:done");
    for (int i = 0; i < 3; i++)
        fake_noise(&batch, 100);
    batch.on_done = give_it_time_to_talk;
    fake_run_batch(&batch);
    assert_int_equal(batch.jobs[0].end, MILL_END_DONE);
    assert_int_equal(batch.stats.died, 1);
    for (int i = 1; i < 4; i++)
        fake_check_noise(&batch.jobs[i], 100);
    fake_free(&batch);
}

static void
descriptors_of_a_worker_are_not_taken(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 2000);
    (void)state;
    batch.options.sandbox = MILL_SANDBOX_OFF; /* in it none can be sent */
    fake_say(&batch, "lie:fds");
    fake_run_batch(&batch);
    assert_int_equal(batch.jobs[0].end, MILL_END_DONE);
    fake_free(&batch);
}

/* Of a process' heap: 1: it may have large pages, 0: not, -1: nobody tells. */
static int
heap_is_large(int pid)
{
    char path[40], line[512];
    int in_heap = 0, found = -1;
    snprintf(path, sizeof path, "/proc/%d/smaps", pid);
    FILE *smaps = fopen(path, "r");
    while (smaps != NULL && fgets(line, sizeof line, smaps) != NULL) {
        if (strchr(line, '-') != NULL)
            in_heap = strstr(line, "[heap]") != NULL;
        if (in_heap && strncmp(line, "VmFlags:", 8) == 0 && found != 1)
            found = strstr(line, " hg") != NULL;
    }
    if (smaps != NULL)
        fclose(smaps);
    return found;
}

static int large = -1;

static void *
look_at_the_worker(void *batch)
{
    (void)batch;
    fake_await_begun(1);
    large = heap_is_large(fake_child_of(fake_child_of(getpid())));
    return NULL;
}

static void
a_worker_may_have_large_pages(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    (void)state;
    fake_board_make(0);
    batch.beside = look_at_the_worker;
    fake_say(&batch, "slow:300");
    fake_run_batch(&batch);
    fake_free(&batch);
    if (large < 0 || access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
        print_message("skipped: no heap to look at, or no large pages\n");
        skip();
    }
    assert_int_equal(large, 1);
}

static void
waiting_for_memory_takes_no_time(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 500);
    (void)state;
    fake_say(&batch, "slow:300");
    fake_say(&batch, "slow:300");
    fake_run_batch(&batch);
    assert_int_equal(batch.done[MILL_END_DONE], 2);
    fake_free(&batch);
}

static void
words_of_a_worker_are_harmless(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 2000);
    (void)state;
    fake_say(&batch, "lie:words");
    fake_run_batch(&batch);
    const struct mill_job *job = &batch.jobs[0];
    fake_check_failed(job, MILL_DAMAGED, "????");
    assert_int_equal(strlen(job->err.text), MILL_ERR_TEXT - 1);
    assert_null(strchr(job->err.text, '\033'));
    assert_int_equal(strlen(job->result.facts.format), 11);
    fake_free(&batch);
}

static void
deaths_in_a_row_stop_the_run(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    (void)state;
    batch.options.deaths = 3;
    fake_say(&batch, "crash");
    fake_say(&batch, "crash");
    fake_noise(&batch, 5);
    for (int i = 0; i < 5; i++)
        fake_say(&batch, "abort");
    fake_run_batch(&batch);
    assert_int_equal(batch.status, MILL_STOPPED);
    assert_non_null(strstr(batch.err.text, "3 workers died in a row"));
    assert_non_null(strstr(batch.err.text, "SIGABRT"));
    assert_int_equal(batch.done[MILL_END_DONE], 1);
    assert_int_equal(batch.done[MILL_END_FAILED], 5);
    assert_int_equal(batch.done[MILL_END_LEFT], 2);
    assert_int_equal(batch.stats.born, 5);
    fake_free(&batch);
}

static void
lanes_that_die_at_birth_end_the_run(void **state)
{
    struct fake_batch batch = fake_batch_of(2, 0);
    (void)state;
    batch.begin = "crash";
    fake_noise(&batch, 5);
    fake_noise(&batch, 5);
    fake_run_batch(&batch);
    assert_int_equal(batch.status, MILL_ENVIRONMENT);
    assert_non_null(strstr(batch.err.text, "killed by SIGSEGV"));
    assert_int_equal(batch.done[MILL_END_LEFT], 2);
    fake_free(&batch);
}

/* Of 100 MB, in a file. */
static void
add_large(struct fake_batch *batch, struct mill_slots *slots)
{
    const off_t n = 100 << 20;
    fake_say(batch, "status:0");
    assert_int_equal(ftruncate(fake_keep(batch, slots), n), 0);
    batch->jobs[batch->n - 1].n_bytes = (size_t)n;
}

/* One worker may take what its image was granted, and a copy of its input; and
 * the next image has none of that. */
static void
memory_is_granted_to_one_image(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    struct mill_slots *slots = mill_slots_new(9, 1 << 30);
    (void)state;
    batch.options.memory = batch.work_bytes = 1 << 30;
    fake_say(&batch, "grab:0,200000000");
    fake_say(&batch, "grab:200000000,200000000");
    fake_say(&batch, "grab:0,200000000");
    add_large(&batch, slots);
    fake_say(&batch, "grab:0,150000000");
    fake_noise(&batch, 77);
    fake_run_batch(&batch);
    bool limited = batch.stats.sandbox.memory;
    for (unsigned i = 0; limited && i < 5; i += 2)
        fake_check_failed(&batch.jobs[i], MILL_MEMORY, "nothing to grab");
    assert_int_equal(batch.jobs[1].end, MILL_END_DONE);
    assert_int_equal(batch.jobs[3].end, MILL_END_DONE);
    fake_check_noise(&batch.jobs[5], 77);
    assert_int_equal(batch.stats.born, 1);
    mill_slots_give(&batch.jobs[3]);
    mill_slots_free(slots);
    fake_free(&batch);
    if (!limited)
        skip();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(a_death_costs_one_image),
        WATCHED(a_hang_costs_one_image),
        WATCHED(a_lie_costs_one_image),
        WATCHED(a_second_answer_costs_nothing),
        WATCHED(descriptors_of_a_worker_are_not_taken),
        WATCHED(a_worker_may_have_large_pages),
        WATCHED(memory_is_granted_to_one_image),
        WATCHED(waiting_for_memory_takes_no_time),
        WATCHED(words_of_a_worker_are_harmless),
        WATCHED(deaths_in_a_row_stop_the_run),
        WATCHED(lanes_that_die_at_birth_end_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
