/* Replace: an output takes its input's place, or nothing changes; and what a
 * sync at the end asks for. */
#include "store_ways.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "io/files.h"

/* ---- helpers ------------------------------------------------------------- */

static struct mill_seen
see(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return (struct mill_seen){
        .regular = S_ISREG(status.st_mode),
        .dev = status.st_dev,
        .ino = status.st_ino,
        .bytes = (uint64_t)status.st_size,
        .mtime_ns = io__mtime_ns(&status),
        .mode = status.st_mode & 07777,
        .uid = status.st_uid,
        .gid = status.st_gid,
    };
}

static int
replace(struct mill_store *store, const char *path,
        const struct mill_seen *seen, const char *suffix, struct mill_err *err)
{
    *err = (struct mill_err){0};
    return mill_store_replace(store, path, seen, suffix, "new", 3, err);
}

/* Runs test(store) in the folder in-N for each way; no temporary file stays. */
static void
each_place(void (*test)(struct mill_store *store))
{
    struct mill_err err;
    char folder[16];

    for (unsigned without = 0; without < WAYS; without++) {
        struct mill_store *store = mill_store_open_in_place(&err);
        assert_non_null(store);
        store->without |= without;
        snprintf(folder, sizeof folder, "in-%u", without);
        assert_int_equal(mkdir(folder, 0777), 0);
        assert_int_equal(chdir(folder), 0);
        scratch_text("a", "old");
        test(store);
        assert_int_equal(chdir(".."), 0);
        mill_store_close(store);
    }
}

/* ---- it takes the place -------------------------------------------------- */

static void
take_place(struct mill_store *store)
{
    struct mill_err err;
    struct stat status;

    assert_int_equal(chmod("a", 04640), 0);
    struct mill_seen seen = see("a");
    assert_int_equal(replace(store, "a", &seen, NULL, &err), MILL_OK);
    scratch_assert_text("a", "new");
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode & 07777, 04640);
    assert_int_not_equal(status.st_ino, seen.ino);
    assert_int_equal(scratch_count("."), 1);
}

static void
file_is_replaced_with_its_mode(void **state)
{
    (void)state;
    each_place(take_place);
}

static void
take_place_elsewhere(struct mill_store *store)
{
    char path[256];
    struct mill_err err;
    struct mill_seen seen;

    assert_int_equal(mkdir("b", 0777), 0);
    scratch_text("b/c", "old");
    seen = see("b/c");
    assert_int_equal(replace(store, "./b/../b//c", &seen, NULL, &err), MILL_OK);
    scratch_assert_text("b/c", "new");
    seen = see("a");
    assert_non_null(getcwd(path, 200));
    strcat(path, "/a");
    assert_int_equal(replace(store, path, &seen, NULL, &err), MILL_OK);
    scratch_assert_text("a", "new");
    assert_int_equal(scratch_count("."), 2);
}

static void
any_path_will_do(void **state)
{
    (void)state;
    each_place(take_place_elsewhere);
}

static void
replace_through_link(struct mill_store *store)
{
    struct mill_err err;
    struct stat status;

    assert_int_equal(mkdir("b", 0777), 0);
    assert_int_equal(symlink("../a", "b/link"), 0);
    struct mill_seen seen = see("b/link");
    assert_int_equal(replace(store, "b/link", &seen, "~", &err), MILL_OK);
    scratch_assert_text("a", "new");
    scratch_assert_text("a~", "old");
    assert_int_equal(lstat("b/link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(scratch_count("b"), 1);
}

static void
link_stays_and_its_file_is_replaced(void **state)
{
    (void)state;
    each_place(replace_through_link);
}

static void
keep_twin(struct mill_store *store)
{
    struct mill_err err;

    assert_int_equal(link("a", "twin"), 0);
    struct mill_seen seen = see("a");
    assert_int_equal(replace(store, "a", &seen, NULL, &err), MILL_OK);
    scratch_assert_text("a", "new");
    scratch_assert_text("twin", "old");
}

static void
hard_link_keeps_the_old_bytes(void **state)
{
    (void)state;
    each_place(keep_twin);
}

static void
keep_owner(struct mill_store *store)
{
    struct mill_err err;
    struct stat status;

    assert_int_equal(chown("a", 1234, 2345), 0);
    assert_int_equal(chmod("a", 06751), 0);
    struct mill_seen seen = see("a");
    assert_int_equal(replace(store, "a", &seen, NULL, &err), MILL_OK);
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_uid, 1234);
    assert_int_equal(status.st_gid, 2345);
    assert_int_equal(status.st_mode & 07777, 06751);
}

static void
owner_is_kept_by_root(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: only root can give files away\n");
        skip();
    }
    each_place(keep_owner);
}

/* Not root: the group's rights would be another group's; those that the owner
 * lends go with him. */
static int
replace_as_stranger(unsigned without)
{
    struct mill_err err;
    struct mill_store *store = mill_store_open_in_place(&err);
    struct mill_seen seen = see("a");
    struct stat status;

    if (store == NULL || setresgid(4321, 4321, 4321) != 0 ||
        setresuid(4321, 4321, 4321) != 0)
        return 77;
    store->without |= without;
    if (replace(store, "a", &seen, NULL, &err) != MILL_OK)
        return 1;
    mill_store_close(store);
    if (stat("a", &status) != 0 || status.st_uid != 4321)
        return 2;
    return (status.st_mode & 07777) == (seen.gid == 4321 ? 0774 : 0744) ? 0 : 3;
}

static void
rights_of_a_lost_group_are_those_of_others(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: only root can become another\n");
        skip();
    }
    assert_int_equal(chmod(".", 0777), 0);
    for (unsigned i = 0; i < 2 * WAYS; i++) {
        scratch_text("a", "old");
        assert_int_equal(chown("a", 1234, i % 2 ? 4321 : 2345), 0);
        assert_int_equal(chmod("a", 06774), 0);
        assert_int_equal(in_child(replace_as_stranger, i / 2), 0);
        assert_int_equal(unlink("a"), 0);
    }
}

/* ---- somebody else was there --------------------------------------------- */

static void
assert_left(struct mill_store *store, const struct mill_seen *seen,
            const char *text)
{
    struct mill_err err;
    int n = scratch_count(".");

    assert_int_equal(replace(store, "a", seen, "~", &err), MILL_WRITE);
    assert_non_null(strstr(err.text, "changed after it was read"));
    if (text != NULL)
        scratch_assert_text("a", text);
    assert_int_equal(scratch_count("."), n);
}

static void
leave_changed(struct mill_store *store)
{
    const struct timespec times[2] = {{0, UTIME_OMIT}, {1000, 0}};
    struct mill_seen seen = see("a");

    scratch_text("b", "old");
    assert_int_equal(rename("b", "a"), 0);
    assert_left(store, &seen, "old"); /* another inode */
    seen = see("a");
    assert_int_equal(utimensat(AT_FDCWD, "a", times, 0), 0);
    assert_left(store, &seen, "old"); /* another time */
    scratch_text("a", "older");
    seen = see("a");
    seen.bytes = 3;
    assert_left(store, &seen, "older"); /* another size */
    assert_int_equal(unlink("a"), 0);
    assert_left(store, &seen, NULL);
    assert_int_equal(mkdir("a", 0777), 0);
    assert_left(store, &seen, NULL);
}

static void
changed_file_is_left_alone(void **state)
{
    (void)state;
    each_place(leave_changed);
}

/* In the place of the C library's: while the new bytes go to the disk, somebody
 * works on the old ones. */
static bool meddles;

int
fsync(int fd)
{
    if (meddles)
        scratch_text("a", "theirs");
    return (int)syscall(SYS_fsync, fd);
}

static void
leave_worked_on(struct mill_store *store)
{
    struct mill_seen seen = see("a");

    meddles = true;
    assert_left(store, &seen, "theirs");
    meddles = false;
}

static void
file_that_changes_meanwhile_is_left_alone(void **state)
{
    (void)state;
    each_place(leave_worked_on);
}

static void
leave_pipe(struct mill_store *store)
{
    struct mill_seen seen;
    struct mill_err err;
    struct stat status;

    assert_int_equal(mkfifo("pipe", 0666), 0);
    seen = see("pipe");
    assert_int_equal(replace(store, "pipe", &seen, NULL, &err), MILL_WRITE);
    assert_non_null(strstr(err.text, "no regular file"));
    assert_int_equal(stat("pipe", &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
}

static void
pipe_is_not_replaced(void **state)
{
    (void)state;
    each_place(leave_pipe);
}

/* ---- backups ------------------------------------------------------------- */

static void
back_up(struct mill_store *store)
{
    struct mill_err err;
    struct mill_seen seen = see("a");
    uint64_t old = seen.ino;

    assert_int_equal(replace(store, "a", &seen, ".orig", &err), MILL_OK);
    scratch_assert_text("a", "new");
    scratch_assert_text("a.orig", "old");
    assert_int_equal(see("a.orig").ino, old);
    seen = see("a");
    assert_int_equal(replace(store, "a", &seen, ".orig", &err), MILL_EXISTS);
    assert_non_null(strstr(err.text, "--backup"));
    scratch_assert_text("a.orig", "old");
    assert_int_equal(see("a").ino, seen.ino);
    assert_int_equal(scratch_count("."), 2);
}

static void
backup_keeps_the_old_file_once(void **state)
{
    (void)state;
    each_place(back_up);
}

/* What a kill between link and rename leaves. */
static void
back_up_again(struct mill_store *store)
{
    struct mill_err err;
    struct mill_seen seen = see("a");

    assert_int_equal(link("a", "a~"), 0);
    assert_int_equal(replace(store, "a", &seen, "~", &err), MILL_OK);
    scratch_assert_text("a", "new");
    scratch_assert_text("a~", "old");
}

static void
backup_that_is_the_file_itself_will_do(void **state)
{
    (void)state;
    each_place(back_up_again);
}

static void
back_up_too_long(struct mill_store *store)
{
    char name[256] = {0};
    struct mill_err err;

    memset(name, 'n', 254);
    scratch_text(name, "old");
    struct mill_seen seen = see(name);
    assert_int_equal(replace(store, name, &seen, "~~", &err), MILL_WRITE);
    assert_int_equal(err.sys, ENAMETOOLONG);
    scratch_assert_text(name, "old");
    assert_int_equal(replace(store, name, &seen, "~", &err), MILL_OK);
    scratch_assert_text(name, "new");
    assert_int_equal(scratch_count("."), 3);
}

static void
backup_with_too_long_a_name_fails(void **state)
{
    (void)state;
    each_place(back_up_too_long);
}

/* ---- syncs --------------------------------------------------------------- */

static unsigned
noted(struct mill_store *store)
{
    unsigned n = (unsigned)scratch_count("/proc/self/fd");
    struct mill_err err;

    assert_int_equal(mill_store_sync(store, &err), MILL_OK);
    mill_store_close(store);
    return n - (unsigned)scratch_count("/proc/self/fd") - 1;
}

/* A descriptor for each file system, whatever the number of outputs. */
static int
sync_two(unsigned without)
{
    struct mill_err err;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "out/small", "tmpfs", 0, "size=1m") != 0)
        return 77;
    struct mill_store *store = mill_store_open("out", &err);
    if (store == NULL)
        return 4;
    store->without |= without;
    if (mill_store_sync_later(store, &err) != MILL_OK)
        return 1;
    for (int i = 0; i < 3; i++)
        if (put_text(store, "x/a", "a", MILL_REPLACE, &err) != MILL_OK ||
            put_text(store, "small/a", "a", MILL_REPLACE, &err) != MILL_OK)
            return 2;
    return noted(store) == 2 ? 0 : 3;
}

static void
every_file_system_is_noted_once(void **state)
{
    (void)state;
    assert_int_equal(mkdir("out", 0777), 0);
    assert_int_equal(mkdir("out/small", 0777), 0);
    for (unsigned without = 0; without < WAYS; without++) {
        int answer = in_child(sync_two, without);
        if (answer == 77) {
            print_message("skipped: a small tmpfs cannot be mounted here\n");
            skip();
        }
        assert_int_equal(answer, 0);
    }
}

static void
nothing_is_noted_unasked(void **state)
{
    struct mill_store *store = open_store("out", 0);

    (void)state;
    assert_put(store, "a", "a");
    assert_int_equal(noted(store), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(file_is_replaced_with_its_mode),
        SCRATCH_TEST(any_path_will_do),
        SCRATCH_TEST(link_stays_and_its_file_is_replaced),
        SCRATCH_TEST(hard_link_keeps_the_old_bytes),
        SCRATCH_TEST(owner_is_kept_by_root),
        SCRATCH_TEST(rights_of_a_lost_group_are_those_of_others),
        SCRATCH_TEST(changed_file_is_left_alone),
        SCRATCH_TEST(file_that_changes_meanwhile_is_left_alone),
        SCRATCH_TEST(pipe_is_not_replaced),
        SCRATCH_TEST(backup_keeps_the_old_file_once),
        SCRATCH_TEST(backup_that_is_the_file_itself_will_do),
        SCRATCH_TEST(backup_with_too_long_a_name_fails),
        SCRATCH_TEST(every_file_system_is_noted_once),
        SCRATCH_TEST(nothing_is_noted_unasked),
    };
    umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
