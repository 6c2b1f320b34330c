/* Inputs: bytes in memory or in a file that is kept open; what is said of files
 * that change; how many files are kept. */
#include "scratch.h"

#include <imgmill/job.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { N = 100000 };

/* In the place of the C library's: the system may be interrupted, and may give
 * less than is there. */
ssize_t
preadv(int fd, const struct iovec *parts, int n, off_t at)
{
    enum { MOST = 30000 };
    static unsigned calls;
    if (++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    if (parts[0].iov_len > MOST)
        return syscall(SYS_pread64, fd, parts[0].iov_base, MOST, at);
    return syscall(SYS_preadv, fd, parts, n, at, 0);
}

struct kept {
    struct mill_slots *slots;
    struct mill_job job;
};

static uint8_t
byte_at(size_t i)
{
    return (uint8_t)((uint32_t)i * 2654435761u >> 24);
}

static void
check_bytes(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != byte_at(i))
            fail_msg("byte %zu", i);
}

/* A file of n bytes, and a job that keeps it. */
static struct kept
keep(size_t n)
{
    struct kept kept = {mill_slots_new(2, 1 << 20), {.n_bytes = n}};
    uint8_t *bytes = malloc(n + 1);
    assert_non_null(kept.slots);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(i);
    scratch_write("file", bytes, n);
    free(bytes);
    assert_true(mill_slots_take(kept.slots, &kept.job, n));
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(mill_job_keep(&kept.job, fd));
    assert_true(kept.job.kept);
    return kept;
}

static void
drop(struct kept *kept)
{
    mill_slots_give(&kept->job);
    assert_false(kept->job.kept);
    assert_null(kept->job.bytes);
    mill_slots_free(kept->slots);
}

static void
a_file_is_read_as_often_as_wanted(void **state)
{
    const size_t sizes[] = {0, 1, 4096, N};
    struct mill_err err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        struct kept kept = keep(sizes[i]);
        for (int k = 0; k < 3; k++) {
            uint8_t *at = malloc(N + 1);
            at[sizes[i]] = 0xee;
            lseek(kept.job.file, 3 * k, SEEK_SET); /* and from anywhere */
            assert_int_equal(mill_file_read(kept.job.file, at, sizes[i], &err),
                             MILL_OK);
            check_bytes(at, sizes[i]);
            assert_int_equal(at[sizes[i]], 0xee);
            free(at);
        }
        drop(&kept);
    }
}

/* Once the bytes are in memory, the file is not asked again. */
static void
a_file_is_loaded_once(void **state)
{
    struct kept kept = keep(N);
    struct mill_err err;
    (void)state;
    assert_int_equal(mill_job_load(&kept.job, &err), MILL_OK);
    const uint8_t *bytes = kept.job.bytes;
    check_bytes(bytes, N);
    assert_int_equal(truncate("file", 5), 0);
    assert_int_equal(mill_job_load(&kept.job, &err), MILL_OK);
    assert_ptr_equal(kept.job.bytes, bytes);
    check_bytes(bytes, N);
    drop(&kept);
}

static void
bytes_in_memory_stay(void **state)
{
    struct mill_job job = {.bytes = malloc(3), .n_bytes = 3}, none = {0};
    const uint8_t *bytes = job.bytes;
    struct mill_err err;
    (void)state;
    assert_int_equal(mill_job_load(&job, &err), MILL_OK);
    assert_ptr_equal(job.bytes, bytes);
    assert_int_equal(mill_job_load(&none, &err), MILL_OK);
    assert_null(none.bytes);
    mill_job_drop_input(&job);
    assert_null(job.bytes);
}

/* ---- files that change --------------------------------------------------- */

static void
check_refused(size_t now, const char *text)
{
    struct kept kept = keep(N);
    uint8_t *at = malloc(N);
    struct mill_err err = {0};
    assert_int_equal(truncate("file", (off_t)now), 0);
    assert_int_equal(mill_file_read(kept.job.file, at, N, &err), MILL_READ);
    assert_string_equal(err.text, text);
    err = (struct mill_err){0};
    assert_int_equal(mill_job_load(&kept.job, &err), MILL_READ);
    assert_int_equal(err.status, MILL_READ);
    assert_string_equal(err.text, text);
    free(at);
    drop(&kept);
}

static void
a_file_of_another_length_is_refused(void **state)
{
    (void)state;
    check_refused(0, "the file shrank while it was read");
    check_refused(N - 1, "the file shrank while it was read");
    check_refused(N + 1, "the file grew while it was read");
    check_refused(2 * N, "the file grew while it was read");
}

/* One that was opened for writing alone can be read as little as one on a
 * broken disk. */
static void
an_error_is_told(void **state)
{
    struct kept kept = keep(N);
    uint8_t *at = malloc(N);
    struct mill_err err = {0};
    (void)state;
    int fd = open("file", O_WRONLY | O_CLOEXEC);
    assert_int_equal(dup3(fd, kept.job.file, O_CLOEXEC), kept.job.file);
    close(fd);
    assert_int_equal(mill_file_read(kept.job.file, at, N, &err), MILL_READ);
    assert_int_equal(err.sys, EBADF);
    assert_int_equal(mill_job_load(&kept.job, &err), MILL_READ);
    free(at);
    drop(&kept);
}

/* ---- how many ------------------------------------------------------------ */

static void
few_files_are_kept(void **state)
{
    struct rlimit before;
    struct mill_job jobs[4] = {0};
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit few = {24, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct mill_slots *slots = mill_slots_new(4, 1000);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    scratch_text("file", "0123456789");
    for (int i = 0; i < 4; i++) {
        int fd = open("file", O_RDONLY | O_CLOEXEC);
        assert_true(mill_slots_take(slots, &jobs[i], 10));
        assert_int_equal(mill_job_keep(&jobs[i], fd), i < 3);
        if (i == 3)
            close(fd);
    }
    mill_slots_give(&jobs[1]);
    assert_true(mill_job_keep(&jobs[3], open("file", O_RDONLY | O_CLOEXEC)));
    for (int i = 0; i < 4; i++)
        mill_slots_give(&jobs[i]);
    assert_int_equal(mill_slots_held(slots), 0);
    mill_slots_free(slots);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_file_is_read_as_often_as_wanted),
        SCRATCH_TEST(a_file_is_loaded_once),
        SCRATCH_TEST(bytes_in_memory_stay),
        SCRATCH_TEST(a_file_of_another_length_is_refused),
        SCRATCH_TEST(an_error_is_told),
        SCRATCH_TEST(few_files_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
