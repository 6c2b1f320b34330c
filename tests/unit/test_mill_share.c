/* The batch's CPUs, shared by the jobs that are at work: how many threads each
 * is told that it may work with. */
#include "mill_fake.h"

/* How many of n jobs were told so many threads. */
static unsigned
count_told(const char *backend, unsigned jobs, unsigned share, size_t n,
           unsigned threads)
{
    struct fake_mill mill = fake_mill_of(backend, jobs);
    const char *words[9];
    unsigned told = 0;

    mill.options.share = share;
    assert_true(n <= MILL_COUNT(words));
    for (size_t i = 0; i < n; i++)
        words[i] = "word";
    fake_files(words, n);
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, n);
    for (size_t i = 0; i < n; i++)
        told += mill.ended[i].result.need_bytes == threads;
    fake_clear(&mill);
    return told;
}

/* Of nine jobs on three lanes at least four are left when the sixth begins, and
 * at most three when the ninth does. */
static void
test_last_jobs_have_more_cpus(void **state)
{
    const char *const backends[] = {"process", "openmp"};

    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(backends); i++) {
        assert_in_range(count_told(backends[i], 3, 6, 9, 2), 6, 8);
        assert_int_equal(count_told(backends[i], 1, 6, 9, 6), 9);
        assert_int_equal(count_told(backends[i], 2, 1, 9, 1), 9);
        assert_int_equal(count_told(backends[i], 2, 0, 9, 0), 9);
    }
    assert_int_equal(count_told("serial", 4, 6, 9, 6), 9);
}

static void
test_one_job_has_all_cpus(void **state)
{
    (void)state;
    assert_int_equal(count_told("process", 4, 6, 1, 6), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_TEST(test_last_jobs_have_more_cpus),
        MILL_TEST(test_one_job_has_all_cpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
