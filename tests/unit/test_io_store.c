/* Store: outputs below the root and nowhere else; the same with every way the
 * store has of doing it. */
#include "store_ways.h"

#include <errno.h>

/* ---- opening ------------------------------------------------------------- */

static void
root_is_made_with_its_parents(void **state)
{
    struct stat status;

    (void)state;
    umask(027);
    mill_store_close(open_store("a/b//c/", 0));
    umask(022);
    assert_int_equal(stat("a/b/c", &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0750);
    mill_store_close(open_store("a/b/c", 0));
    mill_store_close(NULL);
}

static void
assert_no_store(const char *root)
{
    struct mill_err err = {0};

    assert_null(mill_store_open(root, &err));
    assert_int_equal(err.status, MILL_WRITE);
    assert_true(err.text[0] != '\0');
}

static void
root_that_cannot_be_is_refused(void **state)
{
    (void)state;
    scratch_text("file", "x");
    assert_int_equal(symlink("nowhere/at/all", "lost"), 0);
    assert_no_store("file");
    assert_no_store("file/below");
    assert_no_store("lost");
    assert_no_store("");
    assert_no_store("/proc/imgmill/out");
}

static int
as_nobody(unsigned unused)
{
    const char *const roots[] = {"closed", "closed/below"};
    struct mill_err err = {0};

    (void)unused;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    for (size_t i = 0; i < MILL_COUNT(roots); i++)
        if (mill_store_open(roots[i], &err) != NULL || err.sys != EACCES)
            return 1;
    return 0;
}

static void
root_without_permission_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(mkdir("closed", 0555), 0);
    int answer = in_child(as_nobody, 0);
    if (answer == 77) {
        print_message("skipped: root may write everywhere\n");
        skip();
    }
    assert_int_equal(answer, 0);
}

/* Other folders may come to the same path later; the batch keeps its own. */
static void
root_stays_when_its_name_goes(void **state)
{
    (void)state;
    struct mill_store *store = open_store("out", 0);
    assert_int_equal(rename("out", "moved"), 0);
    assert_int_equal(mkdir("out", 0777), 0);
    assert_put(store, "a", "text");
    scratch_assert_text("moved/a", "text");
    assert_int_equal(scratch_count("out"), 0);
    mill_store_close(store);
}

/* ---- putting ------------------------------------------------------------- */

static void
put_and_replace(struct mill_store *store)
{
    struct stat status;

    assert_put(store, "a", "first");
    scratch_assert_text("a", "first");
    assert_put(store, "a", "second");
    scratch_assert_text("a", "second");
    assert_put(store, "a", "");
    scratch_assert_text("a", "");
    assert_int_equal(scratch_count("."), 1);
    assert_int_equal(stat("a", &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0644);
    assert_int_equal(status.st_nlink, 1);
}

static void
output_is_put_and_replaced(void **state)
{
    (void)state;
    each_way(put_and_replace);
}

static void
put_deep(struct mill_store *store)
{
    assert_put(store, "x/y/z/a", "deep");
    assert_put(store, "x/y/b", "less");
    scratch_assert_text("x/y/z/a", "deep");
    scratch_assert_text("x/y/b", "less");
    assert_int_equal(scratch_count("x/y"), 2);
    assert_int_equal(scratch_count("x/y/z"), 1);
}

static void
folders_are_made(void **state)
{
    (void)state;
    each_way(put_deep);
}

static void
put_large(struct mill_store *store)
{
    const size_t n = 5000000;
    uint8_t *bytes = malloc(n);
    struct mill_err err;
    size_t got;

    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = pattern(i);
    assert_int_equal(
        mill_store_put(store, "large", bytes, n, MILL_REPLACE, &err), MILL_OK);
    char *back = scratch_read("large", &got);
    assert_int_equal(got, n);
    assert_memory_equal(back, bytes, n);
    free(back);
    free(bytes);
}

static void
large_output_is_whole(void **state)
{
    (void)state;
    each_way(put_large);
}

/* Nothing of a draft is seen until it is put, and nothing stays without that.
 */
static void
put_draft(struct mill_store *store)
{
    struct mill_draft *draft = mill_draft_open(store, "d/a");
    struct mill_err err;

    if (store->without & IO__WITHOUT_TMPFILE) {
        assert_null(draft);
        return;
    }
    assert_non_null(draft);
    assert_int_equal(mill_draft_add(draft, 0, "spoilt", 6, &err), MILL_OK);
    assert_int_equal(mill_draft_add(draft, 0, "fir", 3, &err), MILL_OK);
    assert_int_equal(mill_draft_add(draft, 3, "st", 2, &err), MILL_OK);
    assert_int_equal(scratch_count("d"), 0);
    assert_int_equal(mill_draft_put(draft, MILL_NO_CLOBBER, &err), MILL_OK);
    mill_draft_close(draft);
    scratch_assert_text("d/a", "first");

    draft = mill_draft_open(store, "d/a");
    assert_int_equal(mill_draft_add(draft, 0, "second", 6, &err), MILL_OK);
    assert_int_equal(mill_draft_put(draft, MILL_NO_CLOBBER, &err), MILL_EXISTS);
    scratch_assert_text("d/a", "first");
    mill_draft_close(draft);

    draft = mill_draft_open(store, "d/a");
    assert_int_equal(mill_draft_add(draft, 0, "third", 5, &err), MILL_OK);
    assert_int_equal(mill_draft_put(draft, MILL_REPLACE, &err), MILL_OK);
    mill_draft_close(draft);
    scratch_assert_text("d/a", "third");
    mill_draft_close(mill_draft_open(store, "d/b"));
    assert_int_equal(scratch_count("d"), 1);
    assert_null(mill_draft_open(store, "../a"));
    mill_draft_close(NULL);
}

static void
draft_is_seen_once_it_is_put(void **state)
{
    (void)state;
    each_way(put_draft);
}

static void
put_once(struct mill_store *store)
{
    struct mill_err err;

    assert_int_equal(put_text(store, "d/a", "first", MILL_NO_CLOBBER, &err),
                     MILL_OK);
    assert_int_equal(put_text(store, "d/a", "second", MILL_NO_CLOBBER, &err),
                     MILL_EXISTS);
    assert_int_equal(err.status, MILL_EXISTS);
    scratch_assert_text("d/a", "first");
    assert_int_equal(symlink("nowhere", "lost"), 0);
    assert_int_equal(put_text(store, "lost", "x", MILL_NO_CLOBBER, &err),
                     MILL_EXISTS);
    assert_int_equal(scratch_count("d"), 1);
    assert_int_equal(scratch_count("."), 2);
}

static void
no_clobber_leaves_what_is_there(void **state)
{
    (void)state;
    each_way(put_once);
}

static void
put_on_folder(struct mill_store *store)
{
    struct mill_err err;

    assert_int_equal(mkdir("d", 0777), 0);
    scratch_text("d/a", "kept");
    assert_int_equal(put_text(store, "d", "x", MILL_REPLACE, &err), MILL_WRITE);
    assert_string_equal(err.text, "is a folder");
    assert_int_equal(put_text(store, "d", "x", MILL_NO_CLOBBER, &err),
                     MILL_WRITE);
    assert_string_equal(err.text, "is a folder");
    assert_int_equal(put_text(store, "d/a/b", "x", MILL_REPLACE, &err),
                     MILL_WRITE);
    assert_int_equal(err.sys, ENOTDIR);
    scratch_assert_text("d/a", "kept");
    assert_int_equal(scratch_count("d"), 1);
    assert_int_equal(scratch_count("."), 1);
}

static void
folder_is_no_target_and_file_no_folder(void **state)
{
    (void)state;
    each_way(put_on_folder);
}

/* ---- links and paths ----------------------------------------------------- */

static void
put_on_link(struct mill_store *store)
{
    struct stat status;

    scratch_text("../victim", "untouched");
    assert_int_equal(symlink("../victim", "a"), 0);
    assert_put(store, "a", "new");
    scratch_assert_text("../victim", "untouched");
    scratch_assert_text("a", "new");
    assert_int_equal(lstat("a", &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(scratch_count("."), 1);
}

static void
link_at_the_name_is_replaced(void **state)
{
    (void)state;
    each_way(put_on_link);
}

static void
put_through_link(struct mill_store *store)
{
    const char *const paths[] = {"up/a", "up/new/a", "in/up/a", "far/a"};
    struct mill_err err;

    mkdir("../outside", 0777);
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(symlink("../outside", "up"), 0);
    assert_int_equal(symlink("../../outside", "in/up"), 0);
    assert_int_equal(symlink("/tmp", "far"), 0);
    for (size_t i = 0; i < MILL_COUNT(paths); i++) {
        assert_int_equal(put_text(store, paths[i], "x", MILL_REPLACE, &err),
                         MILL_WRITE);
        assert_true(err.text[0] != '\0');
    }
    assert_int_equal(scratch_count("../outside"), 0);
    assert_int_equal(scratch_count("in"), 1);
    assert_int_equal(scratch_count("."), 3);
}

static void
folder_link_that_leaves_the_root_fails(void **state)
{
    (void)state;
    each_way(put_through_link);
}

static void
folder_link_inside_the_root_is_followed(void **state)
{
    (void)state;
    struct mill_store *store = open_store("out", 0);
    if (store->without & IO__WITHOUT_OPENAT2) {
        mill_store_close(store);
        print_message("skipped: no openat2 here\n");
        skip();
    }
    assert_int_equal(mkdir("out/real", 0777), 0);
    assert_int_equal(mkdir("out/sub", 0777), 0);
    assert_int_equal(symlink("../real", "out/sub/alias"), 0);
    assert_put(store, "sub/alias/a", "text");
    assert_put(store, "sub/alias/new/a", "text");
    scratch_assert_text("out/real/a", "text");
    scratch_assert_text("out/real/new/a", "text");
    mill_store_close(store);
}

static void
put_elsewhere(struct mill_store *store)
{
    const char *const paths[] = {"",     "..",  ".",      "../a",
                                 "a/..", "a/.", "a/../b", "/tmp/a",
                                 "a//b", "a/",  "./a"};
    struct mill_err err;

    for (size_t i = 0; i < MILL_COUNT(paths); i++)
        assert_int_equal(put_text(store, paths[i], "x", MILL_REPLACE, &err),
                         MILL_WRITE);
    assert_int_equal(scratch_count("."), 0);
}

static void
path_that_is_none_below_fails(void **state)
{
    (void)state;
    each_way(put_elsewhere);
}

static void
put_odd_names(struct mill_store *store)
{
    const char *const paths[] = {"a b",     "line\nend",  "\xff\xfe",
                                 "-",       "..a/...",    "*?[",
                                 "\x1b[2J", "{stem}/%s%n"};
    char longest[256], longer[257], deep[9000];
    struct mill_err err;

    for (size_t i = 0; i < MILL_COUNT(paths); i++) {
        assert_put(store, paths[i], paths[i]);
        scratch_assert_text(paths[i], paths[i]);
    }
    memset(longest, 'n', 255);
    longest[255] = '\0';
    assert_put(store, longest, "first");
    assert_put(store, longest, "second");
    scratch_assert_text(longest, "second");
    memset(longer, 'n', 256);
    longer[256] = '\0';
    assert_int_equal(put_text(store, longer, "x", MILL_REPLACE, &err),
                     MILL_WRITE);
    assert_int_equal(err.sys, ENAMETOOLONG);
    for (size_t i = 0; i + 1 < sizeof deep; i++)
        deep[i] = i % 2 ? '/' : 'a';
    deep[sizeof deep - 2] = 'a';
    deep[sizeof deep - 1] = '\0';
    assert_int_equal(put_text(store, deep, "x", MILL_REPLACE, &err),
                     MILL_WRITE);
    assert_int_equal(err.sys, ENAMETOOLONG);
}

static void
odd_names_are_names(void **state)
{
    (void)state;
    each_way(put_odd_names);
}

/* ---- stat ---------------------------------------------------------------- */

/* A path by another way to a file of this store is no other file. */
static void
put_twice(struct mill_store *store)
{
    uint64_t dev, ino;
    struct mill_err err;
    int64_t mtime_ns;

    if (store->without & IO__WITHOUT_OPENAT2)
        return; /* it follows no link */
    assert_int_equal(mkdir("d", 0777), 0);
    scratch_text("d/old", "old");
    assert_int_equal(symlink("d", "link"), 0);
    assert_put(store, "d/old", "first");
    assert_int_equal(put_text(store, "link/old", "second", MILL_REPLACE, &err),
                     MILL_WRITE);
    assert_non_null(strstr(err.text, "d/old"));
    assert_false(mill_store_stat(store, "link/old", &dev, &ino, &mtime_ns));
    assert_put(store, "link/new", "first");
    assert_int_equal(put_text(store, "d/new", "second", MILL_NO_CLOBBER, &err),
                     MILL_WRITE);
    scratch_assert_text("d/old", "first");
    scratch_assert_text("d/new", "first");
    assert_int_equal(scratch_count("d"), 2);
    /* What somebody else has moved there is not of this store. */
    assert_int_equal(rename("d/new", "d/other"), 0);
    assert_put(store, "d/other", "second");
    scratch_assert_text("d/other", "second");
    scratch_text("d/new", "new");
    assert_put(store, "link/new", "second");
}

static void
own_output_is_not_replaced(void **state)
{
    (void)state;
    each_way(put_twice);
}

static void
many_outputs_are_known(void **state)
{
    enum { N = 300 };
    struct mill_store *store = open_store("out", 0);
    char(*paths)[16] = calloc(2 * N, sizeof *paths);
    struct mill_err err;

    (void)state;
    assert_int_equal(mkdir("out/d", 0777), 0);
    assert_int_equal(symlink("d", "out/l"), 0);
    for (int i = 0; i < N; i++) {
        snprintf(paths[i], sizeof *paths, "d/%d", i);
        assert_put(store, paths[i], "text");
    }
    for (int i = N; i < 2 * N; i++) {
        snprintf(paths[i], sizeof *paths, "l/%d", i - N);
        assert_int_equal(put_text(store, paths[i], "other", MILL_REPLACE, &err),
                         MILL_WRITE);
    }
    assert_int_equal(scratch_count("out/d"), N);
    mill_store_close(store);
    free(paths);
}

static void
stat_paths(struct mill_store *store)
{
    uint64_t dev, ino;
    int64_t mtime_ns;
    struct stat status;

    assert_put(store, "d/a", "text");
    assert_int_equal(symlink("d/a", "link"), 0);
    assert_int_equal(stat("d/a", &status), 0);
    assert_true(mill_store_stat(store, "d/a", &dev, &ino, &mtime_ns));
    assert_int_equal(dev, status.st_dev);
    assert_int_equal(ino, status.st_ino);
    assert_int_equal(mtime_ns, status.st_mtim.tv_sec * 1000000000 +
                                   status.st_mtim.tv_nsec);
    assert_true(mill_store_stat(store, "link", &dev, &ino, &mtime_ns));
    assert_int_not_equal(ino, status.st_ino);
    assert_false(mill_store_stat(store, "d/b", &dev, &ino, &mtime_ns));
    assert_false(mill_store_stat(store, "new/a", &dev, &ino, &mtime_ns));
    assert_false(mill_store_stat(store, "../out-0", &dev, &ino, &mtime_ns));
    assert_int_equal(access("new", F_OK), -1);
}

static void
stat_looks_and_makes_nothing(void **state)
{
    (void)state;
    each_way(stat_paths);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(root_is_made_with_its_parents),
        SCRATCH_TEST(root_that_cannot_be_is_refused),
        SCRATCH_TEST(root_without_permission_is_refused),
        SCRATCH_TEST(root_stays_when_its_name_goes),
        SCRATCH_TEST(output_is_put_and_replaced),
        SCRATCH_TEST(folders_are_made),
        SCRATCH_TEST(large_output_is_whole),
        SCRATCH_TEST(draft_is_seen_once_it_is_put),
        SCRATCH_TEST(no_clobber_leaves_what_is_there),
        SCRATCH_TEST(folder_is_no_target_and_file_no_folder),
        SCRATCH_TEST(link_at_the_name_is_replaced),
        SCRATCH_TEST(folder_link_that_leaves_the_root_fails),
        SCRATCH_TEST(folder_link_inside_the_root_is_followed),
        SCRATCH_TEST(path_that_is_none_below_fails),
        SCRATCH_TEST(odd_names_are_names),
        SCRATCH_TEST(own_output_is_not_replaced),
        SCRATCH_TEST(many_outputs_are_known),
        SCRATCH_TEST(stat_looks_and_makes_nothing),
    };
    umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
