/* Outputs that are too large to be held go to their files as they come: they
 * are whole at their end, and before that nobody sees anything of them. */
#include "mill_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { LARGE = 5000000 };

/* With the least memory there is; its lanes spill half a megabyte. */
static struct fake_mill
mill_of(const char *backend, unsigned jobs)
{
    struct fake_mill mill = fake_mill_of(backend, jobs);

    mill.options.memory = 1;
    return mill;
}

static void
assert_large(const char *path, size_t n)
{
    size_t got;
    uint8_t *bytes = (uint8_t *)scratch_read(path, &got);

    assert_int_equal(got, n);
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != fake_byte(i))
            fail_msg("%s: byte %zu is another", path, i);
    free(bytes);
}

/* ---- outputs ------------------------------------------------------------- */

static void
check_whole(const char *backend, unsigned jobs)
{
    const char *words[] = {"out 5000000", "half 3000000", "small",
                           "out 4999999", "out 524288",   "out 524289"};
    struct fake_mill mill = mill_of(backend, jobs);

    fake_files(words, MILL_COUNT(words));
    fake_run_mill(&mill);
    assert_int_equal(mill.status, MILL_OK);
    assert_int_equal(mill.counts.done, 5);
    assert_int_equal(mill.ended[0].written_bytes, LARGE);
    assert_int_equal(mill.ended[1].err.status, MILL_DAMAGED);
    assert_large("out/00.txt", LARGE);
    scratch_assert_text("out/02.txt", "small");
    assert_large("out/03.txt", LARGE - 1);
    assert_large("out/04.txt", 524288);
    assert_large("out/05.txt", 524289);
    assert_int_equal(scratch_count("out"), 5);
    fake_clear(&mill);
}

static void
test_large_outputs_are_whole(void **state)
{
    (void)state;
    check_whole("serial", 1);
    check_whole("openmp", 3);
    check_whole("process", 3);
}

static void
test_ordered_outputs_are_whole(void **state)
{
    struct fake_mill mill = mill_of("process", 3);

    (void)state;
    mill.options.ordered = true;
    fake_same_files("out 5000000", 6);
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 6);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(mill.sequence[i], i);
    assert_large("out/05.txt", LARGE);
    fake_clear(&mill);
}

/* That is what it is for. */
static void
test_little_is_held(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    fake_same_files("out 5000000", 4);
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 4);
    assert_in_range(mill.stats.slots.most, 1, LARGE - 1);
    fake_clear(&mill);
}

/* And an image asks for no more than that: an eighth of its lane's 16 MB. */
static void
check_reckoned(const char *backend)
{
    struct fake_mill mill = mill_of(backend, 1);

    fake_same_files("held", 1);
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 1);
    scratch_assert_text("out/00.txt", "2097152");
    fake_clear(&mill);
}

static void
test_what_is_held_is_reckoned(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    check_reckoned("process");
    check_reckoned("serial");
    mill.target.root = NULL;
    mill.target.in_place = true;
    fake_run_mill(&mill);
    scratch_assert_text("in/00.txt", "0");
    fake_clear(&mill);
}

/* What went to a file counts as its output, which has a limit: the lane's own
 * memory and all work memory, here 32 MB. */
static void
check_limit(const char *backend)
{
    const char *words[] = {"out 40000000", "out 30000000"};
    struct fake_mill mill = mill_of(backend, 1);

    fake_files(words, 2);
    fake_run_mill(&mill);
    assert_int_equal(mill.ended[0].err.status, MILL_LIMIT);
    assert_non_null(strstr(mill.ended[0].err.text, "its output passes 32 MB"));
    assert_int_equal(mill.counts.done, 1);
    assert_int_equal(scratch_count("out"), 1);
    fake_clear(&mill);
}

static void
test_parts_count_for_the_limit(void **state)
{
    (void)state;
    check_limit("process");
    check_limit("serial");
}

/* Who waits for its turn with a file open must not have what others need to
 * read and to write. */
static void
test_few_descriptors_are_enough(void **state)
{
    enum { OTHERS = 60 };
    const char *words[1 + OTHERS] = {"hang"};
    struct fake_mill mill = mill_of("process", 2);
    struct rlimit were, few;

    (void)state;
    for (unsigned i = 1; i <= OTHERS; i++)
        words[i] = "out 1500000";
    fake_files(words, MILL_COUNT(words));
    getrlimit(RLIMIT_NOFILE, &were);
    few = (struct rlimit){48, were.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    mill.options.memory = 300 << 20; /* much is held */
    mill.options.ordered = true;
    mill.options.queue = 1 + OTHERS;
    mill.options.timeout_ns = 1000000000;
    fake_run_mill(&mill);
    setrlimit(RLIMIT_NOFILE, &were);
    assert_int_equal(mill.ended[0].err.status, MILL_TIMEOUT);
    assert_int_equal(mill.counts.done, OTHERS);
    fake_clear(&mill);
}

/* A draft that has ended makes room for another. */
static void
test_drafts_are_given_back(void **state)
{
    enum { FILES = 40 };
    struct fake_mill mill = mill_of("serial", 1);
    struct rlimit were, few;

    (void)state;
    fake_same_files("out 2500000", FILES);
    getrlimit(RLIMIT_NOFILE, &were);
    few = (struct rlimit){48, were.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    fake_run_mill(&mill);
    setrlimit(RLIMIT_NOFILE, &were);
    assert_int_equal(mill.counts.done, FILES);
    assert_in_range(mill.stats.slots.most, 1, 2000000);
    fake_clear(&mill);
}

/* ---- what is there already ----------------------------------------------- */

static void
test_what_is_there_is_replaced(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    fake_same_files("out 5000000", 2);
    mkdir("out", 0777);
    scratch_text("out/00.txt", "older");
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 2);
    assert_large("out/00.txt", LARGE);
    fake_clear(&mill);
}

/* ---- targets that take no drafts ----------------------------------------- */

static void
test_large_output_takes_its_inputs_place(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    fake_same_files("out 5000000", 1);
    mill.target.root = NULL;
    mill.target.in_place = true;
    mill.target.backup = ".old";
    fake_run_mill(&mill);
    assert_int_equal(mill.counts.done, 1);
    assert_large("in/00.txt", LARGE);
    scratch_assert_text("in/00.txt.old", "out 5000000");
    assert_int_equal(scratch_count("in"), 2);
    fake_clear(&mill);
}

static void
test_large_output_goes_to_a_descriptor(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    fake_same_files("out 5000000", 1);
    mill.target.root = NULL;
    mill.target.fd = open("o", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    fake_run_mill(&mill);
    close(mill.target.fd);
    assert_large("o", LARGE);
    fake_clear(&mill);
}

/* ---- faults -------------------------------------------------------------- */

/* Of what has no room for its last part nothing is seen. */
static void
test_a_last_part_that_fails_leaves_nothing(void **state)
{
    struct fake_mill mill = mill_of("serial", 1);
    struct rlimit were, few;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    fake_same_files("out 5000000", 2);
    mkdir("out", 0777);
    scratch_text("out/00.txt", "older");
    getrlimit(RLIMIT_FSIZE, &were);
    few = (struct rlimit){LARGE - 1, were.rlim_max};
    setrlimit(RLIMIT_FSIZE, &few);
    fake_run_mill(&mill);
    setrlimit(RLIMIT_FSIZE, &were);
    assert_int_equal(mill.ended[0].err.status, MILL_WRITE);
    assert_int_equal(mill.ended[0].err.sys, EFBIG);
    assert_true(mill.ended[0].draft_bytes > 0);
    assert_int_equal(mill.counts.done, 0);
    scratch_assert_text("out/00.txt", "older");
    assert_int_equal(scratch_count("out"), 1);
    fake_clear(&mill);
}

/* What the worker that was killed has given is in nobody's output. */
static void
test_another_attempt_begins_anew(void **state)
{
    struct fake_mill mill = mill_of("process", 1);

    (void)state;
    mill.kills = mmap(NULL, sizeof *mill.kills, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(mill.kills != MAP_FAILED);
    *mill.kills = 1;
    mill.options.retries = 1;
    fake_same_files("frail 3000000", 1);
    fake_run_mill(&mill);
    assert_int_equal(mill.ended[0].attempts, 2);
    assert_int_equal(mill.counts.done, 1);
    assert_large("out/00.txt", 3000000);
    munmap(mill.kills, sizeof *mill.kills);
    fake_clear(&mill);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MILL_TEST(test_large_outputs_are_whole),
        MILL_TEST(test_ordered_outputs_are_whole),
        MILL_TEST(test_little_is_held),
        MILL_TEST(test_what_is_held_is_reckoned),
        MILL_TEST(test_parts_count_for_the_limit),
        MILL_TEST(test_few_descriptors_are_enough),
        MILL_TEST(test_drafts_are_given_back),
        MILL_TEST(test_what_is_there_is_replaced),
        MILL_TEST(test_large_output_takes_its_inputs_place),
        MILL_TEST(test_large_output_goes_to_a_descriptor),
        MILL_TEST(test_a_last_part_that_fails_leaves_nothing),
        MILL_TEST(test_another_attempt_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
