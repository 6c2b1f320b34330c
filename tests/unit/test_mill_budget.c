/* Slots and work memory in a whole batch: whatever the images ask for and in
 * whatever order they come, no batch hangs, the bytes held stay within the
 * memory but for debt, and what can never be granted fails alone.
 *
 * Debt is what was not known when a slot was taken: the outputs of the jobs on
 * the way, and inputs that are larger than the scan said. Memory is as small as
 * it may be: with one job 10.7 MB for slots and 16 MB for work. */
#include "mill_fake.h"

#define MB (UINT64_C(1) << 20)

enum {
    POOL = 12,
    SMALL_MIXES = 300,   /* each run */
    OUT_BYTES = 2 << 16, /* an output buffer's most, of a short output */
    OUT_LARGE = 3 << 20
};

/* What they ask for; the last three have files, not needs. */
static const char *const pool[POOL] = {
    "word",          "need 1000",     "need 16777216", "need 16777217",
    "need 20000000", "need 25165824", "need 33554432", "need 70000000",
    "fail",          "out 3000000",   "large",         "giant",
};

static int
setup(void **state)
{
    char path[32];

    alarm(120);
    if (scratch_setup(state) != 0)
        return -1;
    fake_files(pool, POOL);
    for (int i = POOL - 2; i < POOL; i++) {
        snprintf(path, sizeof path, "in/%02d.txt", i);
        if (truncate(path, (off_t)(i == POOL - 1 ? 24 * MB : 2 * MB)) != 0)
            return -1;
    }
    return 0;
}

#define BUDGET_TEST(function)                                                  \
    cmocka_unit_test_setup_teardown(function, setup, scratch_teardown)

/* A job with the pool's file; known: the scan saw its size. */
static void
add(struct fake_mill *mill, unsigned which, bool known)
{
    char path[32];

    snprintf(path, sizeof path, "in/%02u.txt", which);
    fake_scan(mill, path);
    if (!known)
        mill->list.inputs[mill->list.n - 1].file_bytes = 0;
}

static uint64_t
debt_of(const struct fake_mill *mill)
{
    const struct mill_list *list = &mill->list;
    uint64_t debt = 0;

    for (size_t i = 0; i < list->n; i++) {
        const char *path = list->inputs[i].path;
        unsigned which = (unsigned)atoi(path + 3);
        debt += which == 9 ? 2 * OUT_LARGE : OUT_BYTES;
        if (list->inputs[i].file_bytes == 0)
            debt += which == 11 ? 24 * MB : which == 10 ? 2 * MB : 100;
    }
    return debt;
}

static void
check_ends(const struct fake_mill *mill)
{
    for (size_t i = 0; i < mill->list.n; i++) {
        unsigned which = (unsigned)atoi(mill->list.inputs[i].path + 3);
        const struct mill_job *job = &mill->ended[i];
        bool fails = which == 7 || which == 8;
        assert_int_equal(job->end, fails ? MILL_END_FAILED : MILL_END_DONE);
        if (which == 7)
            assert_int_equal(job->err.status, MILL_LIMIT);
    }
}

static void
check_held(const struct fake_mill *mill, bool giant)
{
    struct mill_batch_options full = mill_batch_defaults(&mill->options);
    uint64_t slots = full.memory / 4;
    uint64_t work = full.memory - slots - full.jobs * 16 * MB;
    uint64_t most_slots = giant && slots < 24 * MB ? 24 * MB : slots;

    assert_true(mill->stats.work.most <= work);
    assert_true(mill->arg.most_working <= work);
    assert_true(mill->stats.slots.most <= most_slots + debt_of(mill));
    assert_true(mill->stats.most_bytes >= mill->stats.work.most);
}

static void
run(struct fake_mill *mill, bool giant)
{
    fake_run_batch(mill);
    assert_int_equal(mill->status, MILL_OK);
    check_ends(mill);
    check_held(mill, giant);
    if (mill->options.ordered)
        for (uint32_t i = 0; i < mill->list.n; i++)
            assert_int_equal(mill->sequence[i], i);
    fake_clear(mill);
}

static struct fake_mill
mill_of(const char *backend, unsigned jobs)
{
    return (struct fake_mill){
        .options = {.backend = fake_backend(backend, "serial"),
                    .jobs = jobs,
                    .memory = 1},
        .target = {.fd = -1},
    };
}

/* ---- giants -------------------------------------------------------------- */

/* A giant at each place among 9 others, with every kind of queue. */
static void
check_giant(unsigned jobs, unsigned which)
{
    for (unsigned kind = 0; kind < 12; kind++) {
        struct fake_mill mill = mill_of("openmp", jobs);
        mill.options.queue = kind & 1;
        mill.options.ordered = kind & 2;
        mill.options.order = MILL_ORDER_INPUT;
        for (unsigned i = 0; i < 9; i++)
            add(&mill, i == kind / 4 * 4 ? which : i % 7, true);
        run(&mill, which == POOL - 1);
    }
}

static void
test_giant_file_with_one_job(void **state)
{
    (void)state;
    check_giant(1, POOL - 1);
}

static void
test_giant_file_with_four_jobs(void **state)
{
    (void)state;
    check_giant(4, POOL - 1);
}

static void
test_giant_need_with_one_job(void **state)
{
    (void)state;
    check_giant(1, 6);
}

static void
test_giant_need_with_four_jobs(void **state)
{
    (void)state;
    check_giant(4, 6);
}

/* What a giant input took of the work memory is not there for its own need: of
 * 16 MB it has 13, and one that waited for more would wait for ever. */
static void
check_giant_needs(const char *need, bool fails)
{
    struct fake_mill mill = mill_of("serial", 1);

    scratch_text("in/11.txt", need);
    assert_int_equal(truncate("in/11.txt", (off_t)(24 * MB)), 0);
    add(&mill, 11, true);
    add(&mill, 0, true);
    fake_run_batch(&mill);
    assert_int_equal(mill.ended[0].err.status, fails ? MILL_LIMIT : MILL_OK);
    assert_int_equal(mill.ended[1].end, MILL_END_DONE);
    fake_clear(&mill);
}

static void
test_giant_file_leaves_less_for_its_need(void **state)
{
    (void)state;
    check_giant_needs("need 18000000", false);
    check_giant_needs("need 30000000", true);
}

static void
test_need_beyond_all_fails_alone(void **state)
{
    struct fake_mill mill = mill_of("serial", 1);

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        add(&mill, i == 3 ? 7 : 0, true);
    fake_run_batch(&mill);
    assert_int_equal(mill.counts.done, 6);
    assert_int_equal(mill.ended[3].err.status, MILL_LIMIT);
    assert_non_null(strstr(mill.ended[3].err.text, "--memory"));
    fake_clear(&mill);
}

static void
test_needs_are_granted_side_by_side(void **state)
{
    struct fake_mill mill = mill_of("openmp", 4);

    (void)state;
    mill.options.memory = 4096 * MB;
    for (unsigned i = 0; i < 40; i++)
        add(&mill, 6, true);
    run(&mill, false);
}

/* Were slots had in another order than the jobs end in, the one slot would go
 * to a job that waits for another. */
static void
test_many_readers_keep_the_order(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        struct fake_mill mill = mill_of("openmp", 2);
        mill.options.readers = 12;
        mill.options.queue = 1;
        mill.options.ordered = true;
        for (unsigned i = 0; i < 40; i++)
            add(&mill, 0, true);
        run(&mill, false);
    }
}

/* ---- random mixes -------------------------------------------------------- */

static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void
run_mix(uint32_t seed)
{
    struct fake_mill mill = mill_of(seed % 4 ? "openmp" : "serial", 0);
    uint32_t random = seed * 2654435761u;
    unsigned n = 5 + next_random(&random) % 36;
    bool giant = next_random(&random) % 40 == 0;

    mill.options.jobs = 1 + next_random(&random) % 4;
    mill.options.readers = 1 + next_random(&random) % 3;
    mill.options.writers = 1 + next_random(&random) % 3;
    mill.options.queue = next_random(&random) % 5;
    mill.options.ordered = next_random(&random) % 2;
    mill.options.order =
        next_random(&random) % 2 ? MILL_ORDER_INPUT : MILL_ORDER_LARGEST;
    for (unsigned i = 0; i < n; i++) {
        unsigned which = next_random(&random) % (giant ? POOL : 9);
        add(&mill, which, next_random(&random) % 8 > 0);
    }
    run(&mill, giant);
}

/* MILL_TEST_MIXES: how many, for a long run. */
static void
test_random_mixes_end(void **state)
{
    const char *wish = getenv("MILL_TEST_MIXES");
    uint32_t n = wish != NULL ? (uint32_t)atoi(wish) : SMALL_MIXES;

    (void)state;
    for (uint32_t seed = 1; seed <= n; seed++) {
        alarm(20);
        run_mix(seed);
    }
}

/* Its worker alone reads it; so beside one of 3 MB there is room for another,
 * of 6 until it is open, in the 11 that slots have. */
static void
test_kept_input_counts_once(void **state)
{
    struct fake_mill mill = fake_mill_of("process", 1);
    char *bytes = calloc(1, 3 * MB);

    (void)state;
    assert_non_null(bytes);
    memcpy(bytes, "hang", 4);
    fake_same_files("", 2);
    scratch_write("in/00.txt", bytes, 3 * MB);
    scratch_write("in/01.txt", bytes, 3 * MB);
    mill.options.memory = 1;
    mill.options.timeout_ns = 1000000000;
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.failed, 2);
    assert_in_range(mill.stats.slots.most, 9 * MB, 10 * MB);
    free(bytes);
    fake_clear(&mill);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BUDGET_TEST(test_giant_file_with_one_job),
        BUDGET_TEST(test_giant_file_with_four_jobs),
        BUDGET_TEST(test_giant_need_with_one_job),
        BUDGET_TEST(test_giant_need_with_four_jobs),
        BUDGET_TEST(test_giant_file_leaves_less_for_its_need),
        BUDGET_TEST(test_need_beyond_all_fails_alone),
        BUDGET_TEST(test_needs_are_granted_side_by_side),
        BUDGET_TEST(test_many_readers_keep_the_order),
        MILL_TEST(test_kept_input_counts_once),
        BUDGET_TEST(test_random_mixes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
