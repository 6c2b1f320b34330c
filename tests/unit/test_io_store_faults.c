/* Store: whole or not at all when the disk is full, when descriptors are few,
 * when many threads want one name; and writing to a descriptor. */
#include "store_ways.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* ---- failures leave nothing ---------------------------------------------- */

/* Puts too much on the file "kept" and on a new one: which line failed, or 0.
 * Plain checks, because a failed assertion of a child is nobody's. */
static int
fail_twice(unsigned without, const char *root, int sys)
{
    const size_t n = 3 << 20;
    struct mill_err err = {0};
    struct mill_store *store = mill_store_open(root, &err);
    char *bytes = calloc(1, n);
    uint64_t dev, ino, ino_after;
    int64_t mtime_ns;

    if (store == NULL || bytes == NULL)
        return __LINE__ % 70;
    store->without |= without;
    if (put_text(store, "kept", "old", MILL_REPLACE, &err) != MILL_OK ||
        !mill_store_stat(store, "kept", &dev, &ino, &mtime_ns))
        return __LINE__ % 70;
    for (int clobber = 0; clobber < 2; clobber++) {
        const char *path = clobber == MILL_REPLACE ? "kept" : "new";
        if (mill_store_put(store, path, bytes, n, clobber, &err) != MILL_WRITE)
            return __LINE__ % 70;
        if (err.sys != sys || strncmp(err.text, "write: ", 7) != 0)
            return __LINE__ % 70;
    }
    if (!mill_store_stat(store, "kept", &dev, &ino_after, &mtime_ns) ||
        ino_after != ino || scratch_count(root) != 1)
        return __LINE__ % 70;
    free(bytes);
    mill_store_close(store);
    return 0;
}

static int
with_full_disk(unsigned without)
{
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "small", "tmpfs", 0, "size=1m") != 0)
        return 77;
    return fail_twice(without, "small", ENOSPC);
}

static void
full_disk_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir("small", 0777), 0);
    for (unsigned without = 0; without < WAYS; without++) {
        int answer = in_child(with_full_disk, without);
        if (answer == 77) {
            print_message("skipped: a small tmpfs cannot be mounted here\n");
            skip();
        }
        assert_int_equal(answer, 0);
    }
}

static int
with_file_limit(unsigned without)
{
    const struct rlimit limit = {1 << 20, 1 << 20};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 77;
    return fail_twice(without, "limited", EFBIG);
}

static void
file_limit_leaves_nothing(void **state)
{
    (void)state;
    for (unsigned without = 0; without < WAYS; without++)
        assert_int_equal(in_child(with_file_limit, without), 0);
}

static int
with_few_descriptors(unsigned without)
{
    struct mill_err err;
    struct mill_store *store = mill_store_open("few", &err);
    const struct rlimit limit = {64, 64};

    if (store == NULL || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 77;
    store->without |= without;
    for (unsigned i = 0; i < 300; i++) {
        char path[32];
        snprintf(path, sizeof path, "%u/%u/a", i % 10, i);
        if (put_text(store, path, path, MILL_REPLACE, &err) != MILL_OK)
            return 1;
        if (put_text(store, "0/0", path, MILL_REPLACE, &err) == MILL_OK)
            return 2;
    }
    mill_store_close(store);
    return 0;
}

static void
puts_lose_no_descriptor(void **state)
{
    (void)state;
    for (unsigned without = 0; without < WAYS; without++)
        assert_int_equal(in_child(with_few_descriptors, without), 0);
}

static int
without_signal(unsigned unused)
{
    int ends[2];
    struct mill_err err = {0};

    (void)unused;
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 77;
    close(ends[0]);
    return mill_write_all(ends[1], "x", 1, &err) != MILL_WRITE ||
           err.sys != EPIPE;
}

static void
write_to_nobody_fails(void **state)
{
    struct mill_err err = {0};

    (void)state;
    assert_int_equal(in_child(without_signal, 0), 0);
    assert_int_equal(mill_write_all(-1, "x", 1, &err), MILL_WRITE);
    assert_int_equal(err.sys, EBADF);
    assert_int_equal(mill_write_all(-1, NULL, 0, &err), MILL_OK);
}

static void *
drain(void *arg)
{
    int fd = *(int *)arg;
    char bytes[4096];
    uint64_t sum = 0;
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++)
            sum += (uint8_t)bytes[i];
    close(fd);
    *(int *)arg = (int)(sum % 1000003);
    return NULL;
}

/* A pipe takes 64 KB at once, and refuses the rest when it does not block. */
static void
write_all_goes_through_a_full_pipe(void **state)
{
    const size_t n = 1 << 20;
    uint8_t *bytes = malloc(n);
    struct mill_err err;
    pthread_t thread;
    uint64_t sum = 0;
    int ends[2];

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        sum += bytes[i] = pattern(i);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(pthread_create(&thread, NULL, drain, &ends[0]), 0);
    assert_int_equal(mill_write_all(ends[1], bytes, n, &err), MILL_OK);
    close(ends[1]);
    pthread_join(thread, NULL);
    assert_int_equal(ends[0], sum % 1000003);
    free(bytes);
}

/* ---- many threads -------------------------------------------------------- */

enum { THREADS = 8, TIMES = 200, SAME_BYTES = 10000 };

struct crowd {
    struct mill_store *store;
    enum mill_clobber clobber;
    char (*paths)[32]; /* TIMES; the first for all that replaces */
    unsigned number, put, exist;
};

static void *
put_same(void *arg)
{
    struct crowd *crowd = arg;
    char bytes[SAME_BYTES];
    struct mill_err err;

    memset(bytes, 'a' + (int)crowd->number, sizeof bytes);
    for (unsigned i = 0; i < TIMES; i++) {
        const char *path = crowd->paths[crowd->clobber == MILL_REPLACE ? 0 : i];
        int status = mill_store_put(crowd->store, path, bytes, sizeof bytes,
                                    crowd->clobber, &err);
        crowd->put += status == MILL_OK;
        crowd->exist += status == MILL_EXISTS;
    }
    return NULL;
}

/* The whole of one thread's bytes; its letter. */
static int
whole(const char *path)
{
    size_t n;
    char *bytes = scratch_read(path, &n);

    if (bytes == NULL)
        return 0;
    assert_int_equal(n, SAME_BYTES);
    int letter = bytes[0];
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != letter)
            fail_msg("%s is mixed at %zu", path, i);
    free(bytes);
    return letter;
}

/* Returns how many puts went well. */
static unsigned
run_crowd(struct mill_store *store, enum mill_clobber clobber)
{
    static char paths[TIMES][32];
    struct crowd crowd[THREADS];
    pthread_t threads[THREADS];
    unsigned put = 0, exist = 0;

    for (unsigned i = 0; i < TIMES; i++)
        snprintf(paths[i], sizeof paths[i], "d%u/same", i);
    for (unsigned i = 0; i < THREADS; i++) {
        crowd[i] = (struct crowd){store, clobber, paths, i, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, put_same, &crowd[i]),
                         0);
    }
    for (unsigned i = 0; i < TIMES; i++)
        whole("d0/same");
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        put += crowd[i].put;
        exist += crowd[i].exist;
    }
    assert_int_equal(put + exist, THREADS * TIMES);
    return put;
}

static void
replace_in_a_crowd(struct mill_store *store)
{
    assert_int_equal(run_crowd(store, MILL_REPLACE), THREADS * TIMES);
    assert_true(whole("d0/same") >= 'a');
    assert_int_equal(scratch_count("d0"), 1);
}

static void
name_put_by_many_is_always_whole(void **state)
{
    (void)state;
    each_way(replace_in_a_crowd);
}

static void
put_once_in_a_crowd(struct mill_store *store)
{
    char path[32];

    assert_int_equal(run_crowd(store, MILL_NO_CLOBBER), TIMES);
    for (unsigned i = 0; i < TIMES; i++) {
        snprintf(path, sizeof path, "d%u", i);
        assert_int_equal(scratch_count(path), 1);
    }
}

static void
name_is_given_once_without_clobber(void **state)
{
    (void)state;
    each_way(put_once_in_a_crowd);
}

/* ---- somebody moves the folders ------------------------------------------ */

struct mover {
    atomic_bool over;
    unsigned swaps;
};

/* "x/d" is a folder, then a link out of the root, then the folder again. */
static void *
move_folders(void *arg)
{
    struct mover *mover = arg;

    while (!atomic_load(&mover->over)) {
        if (renameat2(AT_FDCWD, "x/d", AT_FDCWD, "x/link", RENAME_EXCHANGE) ==
            0)
            mover->swaps++;
        sched_yield();
    }
    return NULL;
}

static void
put_while_folders_move(struct mill_store *store)
{
    struct mover mover = {0};
    struct mill_err err;
    pthread_t thread;
    unsigned put = 0, refused = 0;

    assert_int_equal(mkdir("../outside", 0777) == 0 || errno == EEXIST, 1);
    assert_int_equal(mkdir("x", 0777), 0);
    assert_int_equal(mkdir("x/d", 0777), 0);
    assert_int_equal(symlink("../../outside", "x/link"), 0);
    assert_int_equal(pthread_create(&thread, NULL, move_folders, &mover), 0);
    while (put + refused < 2000 ||
           ((put == 0 || refused == 0) && put + refused < 1000000)) {
        int status =
            put_text(store, "x/d/a", "a",
                     refused % 2 ? MILL_NO_CLOBBER : MILL_REPLACE, &err);
        put += status == MILL_OK || status == MILL_EXISTS;
        refused += status == MILL_WRITE;
    }
    atomic_store(&mover.over, true);
    pthread_join(thread, NULL);
    assert_true(mover.swaps > 0 && put > 0 && refused > 0);
    assert_int_equal(scratch_count("../outside"), 0);
}

static void
folder_that_becomes_a_link_lets_nothing_out(void **state)
{
    (void)state;
    each_way(put_while_folders_move);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(full_disk_leaves_nothing),
        SCRATCH_TEST(file_limit_leaves_nothing),
        SCRATCH_TEST(puts_lose_no_descriptor),
        SCRATCH_TEST(write_to_nobody_fails),
        SCRATCH_TEST(write_all_goes_through_a_full_pipe),
        SCRATCH_TEST(name_put_by_many_is_always_whole),
        SCRATCH_TEST(name_is_given_once_without_clobber),
        SCRATCH_TEST(folder_that_becomes_a_link_lets_nothing_out),
    };
    umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
