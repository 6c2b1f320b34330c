/* Scan: arguments, folders, lists of names, heads. */
#include "scratch.h"

#include <errno.h>
#include <limits.h>
#include <sys/resource.h>

#include <imgmill/io.h>

/* A file counts when its name ends in .jpg or it begins with "JPEG". */
static bool
counts(void *context, const char *name, struct mill_bytes head)
{
    size_t n = strlen(name);
    unsigned *heads = context;

    assert_null(strchr(name, '/'));
    if (head.n == 0)
        return n > 4 && strcmp(name + n - 4, ".jpg") == 0;
    *heads += 1;
    return head.n >= 4 && memcmp(head.at, "JPEG", 4) == 0;
}

static void
scan(struct mill_list *list, const char *path, bool recursive)
{
    struct mill_err err = {0};
    unsigned heads = 0;
    const struct mill_scan how = {.recursive = recursive,
                                  .counts = counts,
                                  .context = &heads,
                                  .head_bytes = 16};

    int status = mill_scan_add(list, &how, path, &err);
    if (status != MILL_OK)
        fail_msg("%s: %s", path, err.text);
}

static void
assert_relatives(const struct mill_list *list, const char *const *names,
                 size_t n)
{
    for (size_t i = 0; i < n && i < list->n; i++)
        assert_string_equal(list->inputs[i].relative, names[i]);
    assert_int_equal(list->n, n);
}

#define ASSERT_RELATIVES(list, ...)                                            \
    do {                                                                       \
        const char *const names_[] = {__VA_ARGS__};                            \
        assert_relatives(list, names_, MILL_COUNT(names_));                    \
    } while (0)

static void
make_tree(void)
{
    const char *const folders[] = {"in",   "in/b",    "in/b/deep",
                                   "in/a", "in/.git", "outside"};
    const char *const files[] = {
        "in/z.jpg",       "in/c.jpg",       "in/B.jpg",       "in/notes.txt",
        "in/.hidden.jpg", "in/b/2.jpg",     "in/b/1.jpg",     "in/b/deep/x.jpg",
        "in/a/q.jpg",     "in/.git/no.jpg", "outside/far.jpg"};

    for (size_t i = 0; i < MILL_COUNT(folders); i++)
        assert_int_equal(mkdir(folders[i], 0777), 0);
    for (size_t i = 0; i < MILL_COUNT(files); i++)
        scratch_text(files[i], "some bytes");
}

static void
folder_gives_its_files_sorted(void **state)
{
    struct mill_list list = {0};

    (void)state;
    make_tree();
    scan(&list, "in", false);
    ASSERT_RELATIVES(&list, "B.jpg", "c.jpg", "z.jpg");
    assert_string_equal(list.inputs[0].path, "in/B.jpg");
    assert_int_equal(list.inputs[0].file_bytes, 10);
    assert_int_equal(list.n_ignored, 3); /* notes.txt .git .hidden.jpg */
    assert_int_equal(list.n_folders, 2); /* a b */
    mill_list_clear(&list);
    assert_null(list.inputs);
    assert_int_equal(list.n, 0);
}

static void
recursive_gives_all_below(void **state)
{
    struct mill_list list = {0};

    (void)state;
    make_tree();
    scan(&list, "in//", true);
    ASSERT_RELATIVES(&list, "B.jpg", "c.jpg", "z.jpg", "a/q.jpg", "b/1.jpg",
                     "b/2.jpg", "b/deep/x.jpg");
    assert_int_equal(access(list.inputs[6].path, R_OK), 0);
    mill_list_clear(&list);
}

static void
links_to_files_count_and_to_folders_do_not(void **state)
{
    struct mill_list list = {0};

    (void)state;
    make_tree();
    assert_int_equal(symlink("../outside", "in/loop.jpg"), 0);
    assert_int_equal(symlink("..", "in/up"), 0);
    assert_int_equal(symlink("../outside/far.jpg", "in/link.jpg"), 0);
    assert_int_equal(symlink("nowhere", "in/lost.jpg"), 0);
    assert_int_equal(symlink("nowhere", "in/lost.txt"), 0);
    scan(&list, "in", true);
    ASSERT_RELATIVES(&list, "B.jpg", "c.jpg", "link.jpg", "lost.jpg", "z.jpg",
                     "a/q.jpg", "b/1.jpg", "b/2.jpg", "b/deep/x.jpg");
    assert_int_equal(list.inputs[2].err.status, MILL_OK);
    assert_int_equal(list.inputs[2].file_bytes, 10);
    assert_int_equal(list.inputs[3].err.status, MILL_READ);
    assert_int_equal(list.inputs[3].err.sys, ENOENT);
    assert_int_equal(list.n_ignored, 4);
    assert_int_equal(list.n_links, 2); /* loop.jpg up */
    assert_int_equal(list.n_folders, 0);
    mill_list_clear(&list);
}

static void
passed_folder_is_not_walked_but_as_the_argument(void **state)
{
    struct mill_list list = {0};
    struct stat status;
    struct mill_err err;
    unsigned heads = 0;

    (void)state;
    make_tree();
    assert_int_equal(stat("in/b", &status), 0);
    const struct mill_scan how = {.recursive = true,
                                  .counts = counts,
                                  .context = &heads,
                                  .pass_dev = status.st_dev,
                                  .pass_ino = status.st_ino};
    assert_int_equal(mill_scan_add(&list, &how, "in", &err), MILL_OK);
    ASSERT_RELATIVES(&list, "B.jpg", "c.jpg", "z.jpg", "a/q.jpg");
    assert_int_equal(list.n_passed, 1);
    mill_list_clear(&list);
    assert_int_equal(mill_scan_add(&list, &how, "in/b", &err), MILL_OK);
    ASSERT_RELATIVES(&list, "1.jpg", "2.jpg", "deep/x.jpg");
    assert_int_equal(list.n_passed, 0);
    mill_list_clear(&list);
}

/* Reading them may wait for ever, or take from others what is read once. */
static void
what_the_kernel_makes_up_is_not_read(void **state)
{
    struct mill_list list = {0};
    struct mill_err err;
    unsigned heads = 0;
    const struct mill_scan how = {
        .counts = counts, .context = &heads, .head_bytes = 16};
    struct stat status;

    (void)state;
    if (stat("/proc/self/status", &status) != 0)
        skip();
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(symlink("/proc/self/status", "in/status"), 0);
    scratch_text("in/text", "some bytes");
    assert_int_equal(mill_scan_add(&list, &how, "in", &err), MILL_OK);
    assert_int_equal(heads, 1);
    assert_int_equal(list.n_ignored, 2);
    mill_list_clear(&list);
}

static void
named_link_to_a_folder_is_that_folder(void **state)
{
    struct mill_list list = {0};

    (void)state;
    make_tree();
    assert_int_equal(symlink("in/b", "alias"), 0);
    scan(&list, "alias", false);
    ASSERT_RELATIVES(&list, "1.jpg", "2.jpg");
    mill_list_clear(&list);
}

static void
pipes_and_heads_in_folders(void **state)
{
    struct mill_list list = {0};

    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(mkfifo("in/pipe.jpg", 0666), 0);
    assert_int_equal(mkfifo("in/pipe", 0666), 0);
    scratch_text("in/photo", "JPEG and so on");
    scratch_text("in/text", "no such thing");
    scratch_text("in/empty", "");
    scan(&list, "in", false);
    ASSERT_RELATIVES(&list, "photo");
    assert_int_equal(list.n_ignored, 4);
    mill_list_clear(&list);
}

static void
named_file_is_always_tried(void **state)
{
    struct mill_list list = {0};
    struct stat status;

    (void)state;
    make_tree();
    scan(&list, "in/notes.txt", false);
    scan(&list, "in/.hidden.jpg", false);
    ASSERT_RELATIVES(&list, "notes.txt", ".hidden.jpg");
    assert_int_equal(stat("in/notes.txt", &status), 0);
    assert_int_equal(list.inputs[0].ino, status.st_ino);
    assert_int_equal(list.inputs[0].dev, status.st_dev);
    assert_int_equal(list.inputs[0].mtime_ns,
                     status.st_mtim.tv_sec * 1000000000 +
                         status.st_mtim.tv_nsec);
    assert_int_equal(list.inputs[0].err.status, MILL_OK);
    mill_list_clear(&list);
}

static void
missing_file_is_an_input_with_its_error(void **state)
{
    struct mill_list list = {0};

    (void)state;
    scan(&list, "in/gone.jpg", false);
    ASSERT_RELATIVES(&list, "gone.jpg");
    assert_string_equal(list.inputs[0].path, "in/gone.jpg");
    assert_int_equal(list.inputs[0].err.status, MILL_READ);
    assert_int_equal(list.inputs[0].err.sys, ENOENT);
    mill_list_clear(&list);
}

static void
dash_is_stdin(void **state)
{
    struct mill_list list = {0};

    (void)state;
    scan(&list, "-", false);
    ASSERT_RELATIVES(&list, "stdin");
    assert_string_equal(list.inputs[0].path, "-");
    assert_int_equal(list.inputs[0].err.status, MILL_OK);
    mill_list_clear(&list);
}

static void
empty_argument_is_usage(void **state)
{
    const struct mill_scan how = {.counts = counts, .head_bytes = 16};
    struct mill_list list = {0};
    struct mill_err err;

    (void)state;
    assert_int_equal(mill_scan_add(&list, &how, "", &err), MILL_USAGE);
    assert_int_equal(mill_scan_add_listed(&list, "", &err), MILL_USAGE);
    assert_int_equal(list.n, 0);
}

/* As root every folder can be listed, so the path is made too long instead:
 * the walk names the first folder that it cannot open and ends. */
static void
folder_that_cannot_be_opened_fails_alone(void **state)
{
    char name[201];
    struct mill_list list = {0};
    int top = open(".", O_PATH | O_CLOEXEC);

    (void)state;
    memset(name, 'd', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (unsigned i = 0; i < 30; i++) {
        scratch_text("x.jpg", "x");
        assert_int_equal(mkdir(name, 0777), 0);
        assert_int_equal(chdir(name), 0);
    }
    assert_int_equal(fchdir(top), 0);
    close(top);
    scan(&list, ".", true);
    assert_true(list.n > 15 && list.n < 30);
    for (size_t i = 0; i + 1 < list.n; i++)
        assert_int_equal(list.inputs[i].err.status, MILL_OK);
    assert_int_equal(list.inputs[list.n - 1].err.status, MILL_READ);
    assert_int_equal(list.inputs[list.n - 1].err.sys, ENAMETOOLONG);
    mill_list_clear(&list);
}

/* Hundreds of folders deep, and almost no descriptors. */
static void
deep_tree_needs_few_descriptors(void **state)
{
    struct mill_list list = {0};
    struct rlimit before, few;
    int top = open(".", O_PATH | O_CLOEXEC);

    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        assert_int_equal(mkdir("d", 0777), 0);
        assert_int_equal(chdir("d"), 0);
    }
    scratch_text("x.jpg", "x");
    assert_int_equal(fchdir(top), 0);
    close(top);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){16, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    scan(&list, ".", true);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.inputs[0].err.status, MILL_OK);
    assert_int_equal(strlen(list.inputs[0].relative), 1005);
    mill_list_clear(&list);
}

static void
wide_folder_is_complete_and_in_order(void **state)
{
    enum { N = 1000 };
    struct mill_list list = {0};
    char name[32];

    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    for (unsigned i = 0; i < N; i++) {
        snprintf(name, sizeof name, "in/%04u.jpg", (i * 7919) % N);
        scratch_text(name, "");
    }
    scan(&list, "in", false);
    assert_int_equal(list.n, N);
    for (unsigned i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%04u.jpg", i);
        assert_string_equal(list.inputs[i].relative, name);
    }
    mill_list_clear(&list);
}

/* ---- lists of names ------------------------------------------------------ */

static void
listed_names_keep_their_path(void **state)
{
    const char *const listed[] = {"a/b.jpg", "./a/b.jpg",     "/a/b.jpg",
                                  "./././a", "//a//.//b.jpg", ".//./c",
                                  "a/..b/c", "...",           "a/"};
    struct mill_list list = {0};
    struct mill_err err;

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(listed); i++)
        assert_int_equal(mill_scan_add_listed(&list, listed[i], &err), MILL_OK);
    ASSERT_RELATIVES(&list, "a/b.jpg", "a/b.jpg", "a/b.jpg", "a", "a/b.jpg",
                     "c", "a/..b/c", "...", "a");
    assert_string_equal(list.inputs[4].path, "//a//.//b.jpg");
    mill_list_clear(&list);
}

static void
listed_name_must_not_go_up(void **state)
{
    const char *const listed[] = {"..", "../a", "a/../b", "a/..", "/..//a"};
    struct mill_list list = {0};

    (void)state;
    for (size_t i = 0; i < MILL_COUNT(listed); i++) {
        struct mill_err err = {0};
        assert_int_equal(mill_scan_add_listed(&list, listed[i], &err),
                         MILL_USAGE);
        assert_non_null(strstr(err.text, listed[i]));
    }
    assert_int_equal(list.n, 0);
}

static void
listed_dash_is_a_file(void **state)
{
    struct mill_list list = {0};
    struct mill_err err;

    (void)state;
    scratch_text("-", "four");
    assert_int_equal(mill_scan_add_listed(&list, "-", &err), MILL_OK);
    assert_string_equal(list.inputs[0].path, "./-");
    assert_string_equal(list.inputs[0].relative, "-");
    assert_int_equal(list.inputs[0].file_bytes, 4);
    mill_list_clear(&list);
}

static void
listed_folder_fails_as_an_input(void **state)
{
    struct mill_list list = {0};
    struct mill_err err;

    (void)state;
    assert_int_equal(mill_scan_add_listed(&list, ".", &err), MILL_OK);
    assert_int_equal(mill_scan_add_listed(&list, "/", &err), MILL_OK);
    ASSERT_RELATIVES(&list, ".", ".");
    assert_int_equal(list.inputs[0].err.status, MILL_READ);
    assert_string_equal(list.inputs[1].err.text, "is a folder");
    mill_list_clear(&list);
}

static int
add_names(struct mill_list *list, const char *text, size_t n, char separator)
{
    struct mill_err err;

    scratch_write("names", text, n);
    int fd = open("names", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    int status = mill_scan_add_names(list, fd, separator, &err);
    close(fd);
    return status;
}

static void
names_are_separated(void **state)
{
    struct mill_list list = {0};

    (void)state;
    assert_int_equal(add_names(&list, "a\n\nb c\n./d/e", 12, '\n'), MILL_OK);
    assert_int_equal(add_names(&list, "f\ng\0h\0", 6, '\0'), MILL_OK);
    assert_int_equal(add_names(&list, "i", 1, '\0'), MILL_OK);
    assert_int_equal(add_names(&list, "", 0, '\n'), MILL_OK);
    ASSERT_RELATIVES(&list, "a", "b c", "d/e", "f\ng", "h", "i");
    mill_list_clear(&list);
}

static void
wrong_separator_is_noticed(void **state)
{
    struct mill_list list = {0};

    (void)state;
    assert_int_equal(add_names(&list, "a\0b\0", 4, '\n'), MILL_USAGE);
    mill_list_clear(&list);
}

static void
bad_descriptor_of_names_is_a_read_error(void **state)
{
    struct mill_list list = {0};
    struct mill_err err;

    (void)state;
    assert_int_equal(mill_scan_add_names(&list, -1, '\n', &err), MILL_READ);
    assert_int_equal(err.sys, EBADF);
}

static void
many_long_names_cross_the_reads(void **state)
{
    enum { N = 200, LENGTH = PATH_MAX - 1 };
    struct mill_list list = {0};
    char *text = malloc((size_t)N * (LENGTH + 1));

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < N; i++) {
        memset(text + i * (LENGTH + 1), 'a' + (int)(i % 26), LENGTH);
        text[i * (LENGTH + 1) + LENGTH] = '\n';
    }
    size_t n = (size_t)N * (LENGTH + 1) - 1; /* the last has no end */
    assert_int_equal(add_names(&list, text, n, '\n'), MILL_OK);
    assert_int_equal(list.n, N);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(strlen(list.inputs[i].path), LENGTH);
        assert_int_equal(list.inputs[i].path[0], 'a' + i % 26);
        assert_int_equal(list.inputs[i].path[LENGTH - 1], 'a' + i % 26);
    }
    mill_list_clear(&list);
    text[LENGTH] = 'x';
    assert_int_equal(add_names(&list, text, n, '\n'), MILL_USAGE);
    mill_list_clear(&list);
    free(text);
}

/* ---- heads --------------------------------------------------------------- */

static void
head_is_the_first_bytes(void **state)
{
    uint8_t head[8];

    (void)state;
    scratch_text("long", "0123456789");
    scratch_text("short", "01");
    assert_int_equal(mkfifo("pipe", 0666), 0);
    assert_int_equal(mill_head("long", head, sizeof head), 8);
    assert_memory_equal(head, "01234567", 8);
    assert_int_equal(mill_head("short", head, sizeof head), 2);
    assert_int_equal(mill_head("gone", head, sizeof head), 0);
    assert_int_equal(mill_head("pipe", head, sizeof head), 0);
    assert_int_equal(mill_head(".", head, sizeof head), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(folder_gives_its_files_sorted),
        SCRATCH_TEST(recursive_gives_all_below),
        SCRATCH_TEST(links_to_files_count_and_to_folders_do_not),
        SCRATCH_TEST(passed_folder_is_not_walked_but_as_the_argument),
        SCRATCH_TEST(what_the_kernel_makes_up_is_not_read),
        SCRATCH_TEST(named_link_to_a_folder_is_that_folder),
        SCRATCH_TEST(pipes_and_heads_in_folders),
        SCRATCH_TEST(named_file_is_always_tried),
        SCRATCH_TEST(missing_file_is_an_input_with_its_error),
        SCRATCH_TEST(dash_is_stdin),
        SCRATCH_TEST(empty_argument_is_usage),
        SCRATCH_TEST(folder_that_cannot_be_opened_fails_alone),
        SCRATCH_TEST(deep_tree_needs_few_descriptors),
        SCRATCH_TEST(wide_folder_is_complete_and_in_order),
        SCRATCH_TEST(listed_names_keep_their_path),
        SCRATCH_TEST(listed_name_must_not_go_up),
        SCRATCH_TEST(listed_dash_is_a_file),
        SCRATCH_TEST(listed_folder_fails_as_an_input),
        SCRATCH_TEST(names_are_separated),
        SCRATCH_TEST(wrong_separator_is_noticed),
        SCRATCH_TEST(bad_descriptor_of_names_is_a_read_error),
        SCRATCH_TEST(many_long_names_cross_the_reads),
        SCRATCH_TEST(head_is_the_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
