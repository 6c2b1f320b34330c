/* Read: whole files or a failed job, what the slots are charged, and patience
 * with descriptors. */
#include "scratch.h"

#include <errno.h>
#include <linux/magic.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "io/files.h"

/* Bytes without a period. */
static uint8_t
pattern(size_t i)
{
    return (uint8_t)((uint32_t)i * 2654435761u >> 24);
}

static void
wait_ms(long ms)
{
    nanosleep(&(struct timespec){0, ms * 1000 * 1000}, NULL);
}

static struct mill_job
job_for(const char *path, uint64_t file_bytes)
{
    return (struct mill_job){
        .path = path, .label = path, .file_bytes = file_bytes, .worker = -1};
}

/* Reads, and lets check look at the job before its slot is given back. */
static void
read_with(struct mill_job job, void (*check)(struct mill_job *, uint64_t))
{
    struct mill_slots *slots = mill_slots_new(2, 1 << 20);

    assert_non_null(slots);
    assert_true(mill_read_job(slots, &job, UINT64_MAX));
    check(&job, mill_slots_held(slots));
    mill_job_drop_input(&job);
    assert_int_equal(mill_slots_held(slots), 0);
    mill_slots_give(&job);
    mill_slots_free(slots);
}

static void
check_ten(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_NONE);
    assert_int_equal(job->n_bytes, 10);
    assert_memory_equal(job->bytes, "0123456789", 10);
    assert_int_equal(held, 10);
    assert_int_equal(job->seen.mode, 0640);
    assert_int_equal(job->seen.mtime_ns, 1234567890123456789);
    assert_true(job->read_ns > 0);
}

static void
make_ten(void)
{
    const struct timespec times[2] = {{1, 0}, {1234567890, 123456789}};

    scratch_text("ten", "0123456789");
    assert_int_equal(chmod("ten", 0640), 0);
    assert_int_equal(utimensat(AT_FDCWD, "ten", times, 0), 0);
}

static void
file_is_read_whole(void **state)
{
    (void)state;
    make_ten();
    read_with(job_for("ten", 10), check_ten);
}

static void
file_that_grew_since_the_scan_is_charged(void **state)
{
    (void)state;
    make_ten();
    read_with(job_for("ten", 3), check_ten);
    read_with(job_for("ten", 0), check_ten);
}

static void
check_estimate(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->n_bytes, 10);
    assert_int_equal(held, 5000);
}

static void
file_that_shrank_since_the_scan_is_fine(void **state)
{
    (void)state;
    make_ten();
    read_with(job_for("ten", 5000), check_estimate);
}

static void
check_empty(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_NONE);
    assert_int_equal(job->n_bytes, 0);
    assert_int_equal(held, 0);
}

static void
empty_file_is_read(void **state)
{
    (void)state;
    scratch_text("empty", "");
    read_with(job_for("empty", 0), check_empty);
}

static void
check_large(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_NONE);
    assert_int_equal(job->n_bytes, 3000000);
    assert_int_equal(held, 3000000);
    struct mill_err err;
    assert_int_equal(mill_job_load(job, &err), MILL_OK);
    for (size_t i = 0; i < job->n_bytes; i++)
        if (job->bytes[i] != pattern(i))
            fail_msg("byte %zu", i);
}

static void
make_large(const char *path)
{
    uint8_t *bytes = malloc(3000000);

    assert_non_null(bytes);
    for (size_t i = 0; i < 3000000; i++)
        bytes[i] = pattern(i);
    scratch_write(path, bytes, 3000000);
    free(bytes);
}

static void
large_file_is_read_whole(void **state)
{
    (void)state;
    make_large("large");
    read_with(job_for("large", 3000000), check_large);
}

/* ---- files that are kept ------------------------------------------------- */

static void
check_kept_large(struct mill_job *job, uint64_t held)
{
    assert_true(job->kept);
    assert_null(job->bytes);
    check_large(job, held);
}

static void
file_of_a_tmpfs_is_kept(void **state)
{
    struct statfs system;

    (void)state;
    assert_int_equal(statfs(".", &system), 0);
    if (system.f_type != TMPFS_MAGIC) {
        print_message("skipped: no tmpfs\n");
        skip();
    }
    make_large("large");
    read_with(job_for("large", 3000000), check_kept_large);
}

/* 0: the system has this byte in memory; or why it cannot say so. */
static int
in_memory(int fd, off_t at)
{
    char byte;
    struct iovec one = {&byte, 1};

    return preadv2(fd, &one, 1, at, RWF_NOWAIT) == 1 ? 0 : errno;
}

/* A file that has a disk under it, and is in memory or not. */
static void
check_on_disk(bool cached)
{
    char path[] = "/var/tmp/mill-XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0)
        skip();
    make_large(path);
    fsync(fd);
    if (!cached)
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    bool as_meant = in_memory(fd, 1 << 20) == (cached ? 0 : EAGAIN);
    close(fd);
    if (as_meant)
        read_with(job_for(path, 3000000), check_kept_large);
    unlink(path);
    if (!as_meant) {
        print_message("skipped: it is %s memory, or nobody tells\n",
                      cached ? "not in" : "in");
        skip();
    }
}

static void
file_in_memory_is_kept(void **state)
{
    (void)state;
    check_on_disk(true);
}

/* What is not in memory is the reader's to wait for, and not to copy. */
static void
file_on_disk_is_brought(void **state)
{
    (void)state;
    check_on_disk(false);
}

/* ---- failures ------------------------------------------------------------ */

static void
check_folder(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, MILL_READ);
    assert_string_equal(job->err.text, "is a folder");
    assert_null(job->bytes);
    assert_int_equal(held, 0);
}

static void
folder_is_refused(void **state)
{
    (void)state;
    read_with(job_for(".", 4096), check_folder);
}

static void
check_missing(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, MILL_READ);
    assert_int_equal(job->err.sys, ENOENT);
    assert_null(job->bytes);
    assert_int_equal(held, 0);
}

static void
missing_file_fails(void **state)
{
    (void)state;
    read_with(job_for("gone", 10), check_missing);
}

static void
check_too_large(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, MILL_LIMIT);
    assert_non_null(strstr(job->err.text, "of memory left"));
    assert_int_equal(held, 0);
}

static void
file_beyond_the_memory_fails(void **state)
{
    (void)state;
    scratch_text("huge", "");
    assert_int_equal(truncate("huge", (off_t)8 << 40), 0);
    read_with(job_for("huge", 5), check_too_large);
}

/* A file of /proc says that it has no bytes, and has some. */
static void
check_grew(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, MILL_READ);
    assert_string_equal(job->err.text, "the file grew while it was read");
    assert_int_equal(held, 0);
}

static void
file_with_more_than_its_size_fails(void **state)
{
    (void)state;
    read_with(job_for("/proc/self/status", 0), check_grew);
}

/* A file of /sys says a page, and has a few bytes. */
static void
check_shrank(struct mill_job *job, uint64_t held)
{
    assert_int_equal(job->end, MILL_END_FAILED);
    assert_int_equal(job->err.status, MILL_READ);
    assert_string_equal(job->err.text, "the file shrank while it was read");
    assert_int_equal(held, 0);
}

static void
file_with_less_than_its_size_fails(void **state)
{
    const char *path = "/sys/kernel/mm/transparent_hugepage/enabled";
    struct stat status;

    (void)state;
    if (stat(path, &status) != 0 || status.st_size == 0) {
        print_message("skipped: no file that is shorter than its size\n");
        skip();
    }
    read_with(job_for(path, 0), check_shrank);
}

/* At the limit it is read, beyond it is not. */
static void
limit_of_bytes_holds_to_the_byte(void **state)
{
    (void)state;
    make_ten();
    for (uint64_t most = 9; most <= 10; most++) {
        struct mill_slots *slots = mill_slots_new(1, 1000);
        struct mill_job job = job_for("ten", 0);
        assert_true(mill_read_job(slots, &job, most));
        assert_int_equal(job.end, most < 10 ? MILL_END_FAILED : MILL_END_NONE);
        if (most < 10) {
            assert_int_equal(job.err.status, MILL_LIMIT);
            assert_non_null(strstr(job.err.text, "10 bytes"));
            assert_non_null(strstr(job.err.text, "limit is 9; --max-bytes"));
            assert_null(job.bytes);
        }
        mill_slots_give(&job);
        mill_slots_free(slots);
    }
}

static void
closed_slots_leave_the_job(void **state)
{
    struct mill_slots *slots = mill_slots_new(1, 1000);
    struct mill_job job = job_for("ten", 10);

    (void)state;
    make_ten();
    mill_slots_close(slots);
    assert_false(mill_read_job(slots, &job, UINT64_MAX));
    assert_int_equal(job.end, MILL_END_LEFT);
    assert_null(job.slots);
    assert_null(job.bytes);
    mill_slots_free(slots);
}

/* ---- pipes --------------------------------------------------------------- */

/* Writes the file's bytes into `to` by and by, then closes it. */
static pid_t
feed(const char *path, int to)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child > 0) {
        close(to);
        return child;
    }
    char bytes[50000];
    int from = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)n) != n)
            _exit(1);
    _exit(0);
}

static void
with_stdin(int fd, void (*check)(struct mill_job *, uint64_t))
{
    int before = dup(STDIN_FILENO);

    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    read_with(job_for("-", 0), check);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    dup2(before, STDIN_FILENO);
    close(before);
}

static void
stdin_is_read_to_its_end(void **state)
{
    int ends[2], status;

    (void)state;
    make_large("large");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = feed("large", ends[1]);
    with_stdin(ends[0], check_large);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void
stdin_that_does_not_block_is_waited_for(void **state)
{
    int ends[2], status;

    (void)state;
    make_large("large");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = feed("large", ends[1]);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    with_stdin(ends[0], check_large);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void
stdin_may_be_a_file_read_in_part(void **state)
{
    (void)state;
    scratch_text("file", "xx0123456789");
    assert_int_equal(chmod("file", 0640), 0);
    const struct timespec times[2] = {{1, 0}, {1234567890, 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, "file", times, 0), 0);
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
    with_stdin(fd, check_ten);
}

static void
named_pipe_is_read_to_its_end(void **state)
{
    int status;

    (void)state;
    make_large("large");
    assert_int_equal(mkfifo("pipe", 0666), 0);
    pid_t child = fork();
    if (child == 0) {
        int to = open("pipe", O_WRONLY | O_CLOEXEC);
        waitpid(feed("large", to), &status, 0);
        _exit(status != 0);
    }
    read_with(job_for("pipe", 0), check_large);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- descriptors --------------------------------------------------------- */

static void *
close_soon(void *fd)
{
    wait_ms(60);
    close(*(int *)fd);
    return NULL;
}

/* The last free descriptor is taken and comes back while the reader waits. */
static void
short_descriptors_are_waited_out(void **state)
{
    struct rlimit before;
    pthread_t thread;

    (void)state;
    make_ten();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int last = open("ten", O_RDONLY | O_CLOEXEC);
    const struct rlimit few = {(rlim_t)last + 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(open("ten", O_RDONLY | O_CLOEXEC), -1);
    assert_int_equal(errno, EMFILE);

    uint64_t start_ns = mill_now_ns();
    assert_int_equal(pthread_create(&thread, NULL, close_soon, &last), 0);
    read_with(job_for("ten", 10), check_ten);
    uint64_t took_ns = mill_now_ns() - start_ns;
    pthread_join(thread, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(took_ns > 30 * 1000 * 1000);
}

static void
patience_ends(void **state)
{
    struct io__patience fresh = {0}, spent = {.until_ns = 1, .sleep_ms = 1};

    (void)state;
    assert_true(io__patient(&fresh, EINTR));
    assert_int_equal(fresh.until_ns, 0);
    assert_false(io__patient(&fresh, ENOENT));
    assert_int_equal(errno, ENOENT);
    assert_true(io__patient(&fresh, ENFILE));
    assert_int_equal(fresh.sleep_ms, 2);
    errno = 0;
    assert_false(io__patient(&spent, EMFILE));
    assert_int_equal(errno, EMFILE);
}

static void
times_beyond_64_bits_stay_at_the_end(void **state)
{
    struct stat status = {0};

    (void)state;
    status.st_mtim = (struct timespec){INT64_MAX / 1000000000 + 1, 5};
    assert_int_equal(io__mtime_ns(&status), INT64_MAX);
    status.st_mtim = (struct timespec){INT64_MIN / 1000000000 - 1, 5};
    assert_int_equal(io__mtime_ns(&status), INT64_MIN);
    status.st_mtim = (struct timespec){-1, 5};
    assert_int_equal(io__mtime_ns(&status), -999999995);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(file_is_read_whole),
        SCRATCH_TEST(file_that_grew_since_the_scan_is_charged),
        SCRATCH_TEST(file_that_shrank_since_the_scan_is_fine),
        SCRATCH_TEST(empty_file_is_read),
        SCRATCH_TEST(large_file_is_read_whole),
        SCRATCH_TEST(file_in_memory_is_kept),
        SCRATCH_TEST(file_of_a_tmpfs_is_kept),
        SCRATCH_TEST(file_on_disk_is_brought),
        SCRATCH_TEST(folder_is_refused),
        SCRATCH_TEST(missing_file_fails),
        SCRATCH_TEST(file_beyond_the_memory_fails),
        SCRATCH_TEST(file_with_more_than_its_size_fails),
        SCRATCH_TEST(file_with_less_than_its_size_fails),
        SCRATCH_TEST(limit_of_bytes_holds_to_the_byte),
        SCRATCH_TEST(closed_slots_leave_the_job),
        SCRATCH_TEST(stdin_is_read_to_its_end),
        SCRATCH_TEST(stdin_that_does_not_block_is_waited_for),
        SCRATCH_TEST(stdin_may_be_a_file_read_in_part),
        SCRATCH_TEST(named_pipe_is_read_to_its_end),
        SCRATCH_TEST(short_descriptors_are_waited_out),
        SCRATCH_TEST(patience_ends),
        SCRATCH_TEST(times_beyond_64_bits_stay_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
