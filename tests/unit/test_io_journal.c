/* The journal: what is written is found again, whatever the names are and
 * wherever the file was cut off; what was not done, is not. */
#include "scratch.h"

#include <imgmill/io.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/resource.h>

#define JOURNAL_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

static struct mill_record
record_of(const char *input, const char *output)
{
    return (struct mill_record){.input = input,
                                .output = output,
                                .recipe = UINT64_MAX - 7,
                                .input_bytes = 4096,
                                .input_mtime_ns = -5,
                                .output_bytes = 77};
}

static struct mill_journal *
open_it(void)
{
    struct mill_err err = {0};
    struct mill_journal *journal = mill_journal_open("j", &err);

    if (journal == NULL)
        print_error("%s\n", err.text);
    assert_non_null(journal);
    return journal;
}

static void
add(struct mill_journal *journal, struct mill_record record)
{
    struct mill_err err = {0};

    assert_int_equal(mill_journal_add(journal, &record, &err), MILL_OK);
}

static bool
did(struct mill_journal *journal, struct mill_record record)
{
    uint64_t wanted = record.output_bytes;

    record.output_bytes = 0;
    return mill_journal_did(journal, &record) && record.output_bytes == wanted;
}

/* ---- what is found ------------------------------------------------------- */

static void
what_was_done_is_found(void **state)
{
    struct mill_record record = record_of("in/a.jpg", "a.png");
    struct mill_journal *journal = open_it();

    (void)state;
    assert_false(did(journal, record));
    add(journal, record);
    mill_journal_close(journal);
    journal = open_it();
    assert_true(did(journal, record));
    mill_journal_close(journal);
}

static void
what_differs_is_not_found(void **state)
{
    struct mill_record record = record_of("in/a.jpg", "a.png");
    struct mill_record others[6];
    struct mill_journal *journal = open_it();

    (void)state;
    add(journal, record);
    mill_journal_close(journal);
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        others[i] = record;
    others[0].input = "in/b.jpg";
    others[1].output = "b.png";
    others[2].recipe++;
    others[3].input_bytes++;
    others[4].input_mtime_ns++;
    others[5].output_bytes++;
    journal = open_it();
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        assert_false(did(journal, others[i]));
    mill_journal_close(journal);
}

static void
the_last_line_counts(void **state)
{
    struct mill_record record = record_of("a", "b"), failed = record;
    struct mill_record late = record_of("c", "d"), early = late;
    struct mill_journal *journal = open_it();

    (void)state;
    failed.status = MILL_DAMAGED;
    early.recipe--;
    add(journal, record);
    add(journal, failed);
    add(journal, early);
    add(journal, late);
    mill_journal_close(journal);
    journal = open_it();
    assert_false(did(journal, record));
    assert_false(did(journal, early));
    assert_true(did(journal, late));
    mill_journal_close(journal);
}

static const char *const hostile[] = {
    "plain",
    "with space",
    "line\nbreak",
    "tab\there",
    "per%cent%0a",
    "\xff\xfe not utf",
    "caf\xc3\xa9",
    " ",
    "-",
    "a/b c/d\x7f",
    "\x01\x1b[31m",
    "done 0 0 0 0 x y",
    "imgmill journal 1\n",
};

/* Every two of them are a pair of its own: no two pairs look alike. */
static void
hostile_names_are_kept_apart(void **state)
{
    struct mill_journal *journal = open_it();
    size_t n = MILL_COUNT(hostile);

    (void)state;
    for (size_t i = 0; i < n * n; i++) {
        struct mill_record record = record_of(hostile[i / n], hostile[i % n]);
        record.output_bytes = i;
        add(journal, record);
    }
    mill_journal_close(journal);
    journal = open_it();
    for (size_t i = 0; i < n * n; i++) {
        struct mill_record record = record_of(hostile[i / n], hostile[i % n]);
        record.output_bytes = i;
        assert_true(did(journal, record));
    }
    mill_journal_close(journal);
}

/* ---- what tears ---------------------------------------------------------- */

static size_t
read_all(char *text, size_t room)
{
    int fd = open("j", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, room);

    close(fd);
    assert_true(n >= 0 && (size_t)n < room);
    return (size_t)n;
}

static void
write_all(const char *text, size_t n)
{
    int fd = open("j", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    assert_int_equal(write(fd, text, n), n);
    close(fd);
}

/* How many lines of the text are whole in its first n bytes, newline or not. */
static size_t
lines_in(const char *text, size_t n)
{
    size_t lines = 0;

    for (size_t i = 0; i < n; i++)
        lines += text[i + 1] == '\n';
    return lines;
}

/* Cut off anywhere: what stood there whole is found, nothing else is, and what
 * is added then is found too. */
static void
any_length_can_be_read(void **state)
{
    const char *names[] = {"one", "two 2", "three\n3"};
    struct mill_record added = record_of("added", "later");
    struct mill_journal *journal = open_it();
    char text[1024];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        add(journal, record_of(names[i], names[i]));
    mill_journal_close(journal);
    size_t n = read_all(text, sizeof text);
    for (size_t cut = 0; cut <= n; cut++) {
        write_all(text, cut);
        journal = open_it();
        add(journal, added);
        mill_journal_close(journal);
        journal = open_it();
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(did(journal, record_of(names[i], names[i])),
                             lines_in(text, cut) > i + 1);
        assert_true(did(journal, added));
        mill_journal_close(journal);
    }
}

/* One byte is another: at most its own line, or that and the next, is lost. */
static void
a_wrong_byte_costs_its_line(void **state)
{
    const char *names[] = {"one", "two", "three"};
    struct mill_journal *journal = open_it();
    char text[1024];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        add(journal, record_of(names[i], names[i]));
    mill_journal_close(journal);
    size_t n = read_all(text, sizeof text), start = lines_in(text, 0);
    while (lines_in(text, start) < 2)
        start++;
    for (size_t at = start + 1; lines_in(text, at) < 3; at++) {
        text[at] ^= 1;
        write_all(text, n);
        text[at] ^= 1;
        journal = open_it();
        assert_true(did(journal, record_of("one", "one")));
        assert_false(did(journal, record_of("two", "two")));
        mill_journal_close(journal);
    }
}

/* ---- what is refused ----------------------------------------------------- */

static void
refused(const char *path, int status, const char *text)
{
    struct mill_err err = {0};

    assert_null(mill_journal_open(path, &err));
    assert_int_equal(err.status, status);
    assert_non_null(strstr(err.text, text));
}

static void
another_run_is_refused(void **state)
{
    struct mill_journal *journal = open_it();

    (void)state;
    refused("j", MILL_USAGE, "another run");
    mill_journal_close(journal);
    mill_journal_close(open_it());
}

static void
other_files_are_refused_and_kept(void **state)
{
    (void)state;
    scratch_text("photo", "\xff\xd8\xff and so on");
    scratch_text("short", "im g");
    mkdir("folder", 0777);
    refused("photo", MILL_USAGE, "something else");
    refused("short", MILL_USAGE, "something else");
    refused("folder", MILL_USAGE, "cannot open");
    refused("none/j", MILL_USAGE, "cannot open");
    refused("/dev/null", MILL_USAGE, "no file");
    scratch_assert_text("short", "im g");
}

/* ---- what cannot be written ---------------------------------------------- */

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The line that did not fit is torn; nothing is written behind it, and those
 * before it are found. */
static void
a_full_disk_is_told(void **state)
{
    struct mill_record record = record_of("name", "name");
    struct mill_err err = {0};
    struct mill_journal *journal = open_it();
    char text[1024];

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    add(journal, record);
    size_t whole = read_all(text, sizeof text);
    limit_files(whole + 20);
    record.output = "other";
    assert_int_equal(mill_journal_add(journal, &record, &err),
                     MILL_ENVIRONMENT);
    assert_int_equal(err.sys, ENOSPC);
    limit_files(RLIM_INFINITY);
    assert_int_equal(mill_journal_add(journal, &record, &err),
                     MILL_ENVIRONMENT);
    mill_journal_close(journal);
    assert_int_equal(read_all(text, sizeof text), whole + 20);
    journal = open_it();
    assert_false(did(journal, record));
    assert_true(did(journal, record_of("name", "name")));
    mill_journal_close(journal);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(what_was_done_is_found),
        JOURNAL_TEST(what_differs_is_not_found),
        JOURNAL_TEST(the_last_line_counts),
        JOURNAL_TEST(hostile_names_are_kept_apart),
        JOURNAL_TEST(any_length_can_be_read),
        JOURNAL_TEST(a_wrong_byte_costs_its_line),
        JOURNAL_TEST(another_run_is_refused),
        JOURNAL_TEST(other_files_are_refused_and_kept),
        JOURNAL_TEST(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
