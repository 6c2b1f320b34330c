/* Errors: words, texts, truncation. */
#include <imgmill/base.h>

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void
every_status_has_a_word_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < MILL_STATUSES; i++) {
        assert_true(strlen(mill_status_word(i)) > 1);
        assert_true(strlen(mill_status_text(i)) > 1);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(mill_status_word(i), mill_status_word(j));
    }
    assert_string_equal(mill_status_word(MILL_TIMEOUT), "timeout");
    assert_string_equal(mill_status_text(MILL_DAMAGED), "damaged image");
}

static void
any_int_is_a_status(void **state)
{
    (void)state;
    const int odd[] = {-1, INT_MIN, INT_MAX, MILL_STATUSES};
    for (size_t i = 0; i < MILL_COUNT(odd); i++) {
        assert_string_equal(mill_status_word(odd[i]), "internal");
        assert_non_null(mill_status_text(odd[i]));
    }
}

static void
fail_fills_all_and_returns_the_status(void **state)
{
    (void)state;
    struct mill_err err;
    memset(&err, 0xFF, sizeof err);
    assert_int_equal(mill_fail(&err, MILL_DAMAGED, "row %d is short", 12),
                     MILL_DAMAGED);
    assert_int_equal(err.status, MILL_DAMAGED);
    assert_int_equal(err.sys, 0);
    assert_string_equal(err.text, "row 12 is short");
}

/* A struct that crosses processes carries nothing of an earlier text. */
static void
fail_leaves_nothing_behind_the_text(void **state)
{
    (void)state;
    struct mill_err err;
    memset(&err, 0xFF, sizeof err);
    mill_fail(&err, MILL_READ, "x");
    for (size_t i = 1; i < sizeof err.text; i++)
        assert_int_equal(err.text[i], 0);
}

static void
fail_cuts_a_long_text(void **state)
{
    (void)state;
    struct mill_err err;
    char big[1000];
    memset(big, 'a', sizeof big);
    big[999] = '\0';
    mill_fail(&err, MILL_READ, "%s", big);
    assert_int_equal(strlen(err.text), MILL_ERR_TEXT - 1);
}

/* The text is full of characters of two, three or four bytes, moved by 0..3. */
static void
fail_never_cuts_inside_a_character(void **state)
{
    (void)state;
    const char *const characters[] = {"\xC3\xA4", "\xE2\x82\xAC",
                                      "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < MILL_COUNT(characters); c++) {
        size_t bytes = strlen(characters[c]);
        for (size_t shift = 0; shift < 4; shift++) {
            char big[400] = "xxxx";
            size_t n = shift;
            struct mill_err err;
            for (; n + bytes < sizeof big; n += bytes)
                memcpy(big + n, characters[c], bytes + 1);
            mill_fail(&err, MILL_READ, "%s", big);
            size_t got = strlen(err.text);
            assert_int_equal((got - shift) % bytes, 0);
            assert_true(got + bytes > MILL_ERR_TEXT - 1);
        }
    }
}

static void
fail_may_quote_the_error_it_fills(void **state)
{
    (void)state;
    struct mill_err err;
    mill_fail(&err, MILL_READ, "cause");
    mill_fail(&err, MILL_CRASH, "worker 3: %s", err.text);
    assert_string_equal(err.text, "worker 3: cause");
}

static void
fail_sys_adds_the_cause(void **state)
{
    (void)state;
    struct mill_err err;
    assert_int_equal(mill_fail_sys(&err, MILL_READ, ENOENT, "open"), MILL_READ);
    assert_int_equal(err.sys, ENOENT);
    assert_string_equal(err.text, "open: No such file or directory");
}

static void
fail_sys_knows_no_such_number(void **state)
{
    (void)state;
    struct mill_err err;
    mill_fail_sys(&err, MILL_READ, 99999, "open");
    assert_string_equal(err.text, "open: errno 99999");
}

static bool
ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), most = strlen(end);

    return n >= most && strcmp(text + n - most, end) == 0;
}

/* A path may be long; what is wrong with it is said all the same. */
static void
fail_sys_cuts_a_long_text_and_not_the_cause(void **state)
{
    (void)state;
    static const char cause[] = ": Input/output error";
    const int most = MILL_ERR_TEXT - (int)sizeof cause;
    struct mill_err err;

    for (int width = most - 5; width <= most; width++) {
        mill_fail_sys(&err, MILL_READ, EIO, "%*s", width, "x");
        assert_int_equal(strlen(err.text), width + (int)sizeof cause - 1);
        assert_true(ends_in(err.text, "x: Input/output error"));
    }
    for (int width = most + 1; width < MILL_ERR_TEXT + 5; width++) {
        mill_fail_sys(&err, MILL_READ, EIO, "%*s", width, "x");
        assert_int_equal(strlen(err.text), MILL_ERR_TEXT - 1);
        assert_true(ends_in(err.text, "...: Input/output error"));
    }
}

static void
fail_sys_never_cuts_inside_a_character(void **state)
{
    (void)state;
    char big[400];
    struct mill_err err;

    for (size_t shift = 0; shift < 3; shift++) {
        memset(big, 'x', shift);
        for (size_t n = shift; n + 4 < sizeof big; n += 3)
            memcpy(big + n, "\xE2\x82\xAC", 4);
        mill_fail_sys(&err, MILL_READ, EIO, "%s", big);
        size_t whole = strcspn(err.text, ".");
        assert_int_equal((whole - shift) % 3, 0);
        assert_string_equal(err.text + whole, "...: Input/output error");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_word_and_a_text),
        cmocka_unit_test(any_int_is_a_status),
        cmocka_unit_test(fail_fills_all_and_returns_the_status),
        cmocka_unit_test(fail_leaves_nothing_behind_the_text),
        cmocka_unit_test(fail_cuts_a_long_text),
        cmocka_unit_test(fail_never_cuts_inside_a_character),
        cmocka_unit_test(fail_may_quote_the_error_it_fills),
        cmocka_unit_test(fail_sys_adds_the_cause),
        cmocka_unit_test(fail_sys_knows_no_such_number),
        cmocka_unit_test(fail_sys_cuts_a_long_text_and_not_the_cause),
        cmocka_unit_test(fail_sys_never_cuts_inside_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
