/* Buffers, and sizes to text and back. */
#include <imgmill/base.h>

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_null.h"

/* ---- buffers ------------------------------------------------------------- */

static void
buffer_keeps_what_was_appended(void **state)
{
    (void)state;
    struct mill_buffer buffer = {0};
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        assert_true(mill_buffer_append(&buffer, &byte, 1));
    }
    assert_int_equal(buffer.n, 20000);
    for (unsigned i = 0; i < 20000; i++)
        assert_int_equal(buffer.at[i], (uint8_t)(i * 7));
    mill_buffer_clear(&buffer);
    assert_null(buffer.at);
    assert_int_equal(buffer.n + buffer.capacity, 0);
}

static void
buffer_append_of_nothing_is_fine(void **state)
{
    (void)state;
    struct mill_buffer buffer = {0};
    assert_true(mill_buffer_append(&buffer, NULL, 0));
    assert_int_equal(buffer.n, 0);
    mill_buffer_clear(&buffer);
    mill_buffer_clear(&buffer);
}

static void
buffer_reserve_makes_room_and_keeps_n(void **state)
{
    (void)state;
    struct mill_buffer buffer = {0};
    assert_true(mill_buffer_append(&buffer, "abc", 3));
    assert_true(mill_buffer_reserve(&buffer, 1000000));
    assert_true(buffer.capacity - buffer.n >= 1000000);
    assert_int_equal(buffer.n, 3);
    uint8_t *at = buffer.at;
    assert_true(mill_buffer_reserve(&buffer, 1000000));
    assert_ptr_equal(buffer.at, at);
    mill_buffer_clear(&buffer);
}

static void
buffer_that_cannot_grow_stays_as_it_was(void **state)
{
    (void)state;
    struct mill_buffer buffer = {0};
    assert_true(mill_buffer_append(&buffer, "abc", 3));
    struct mill_buffer before = buffer;
    assert_false(mill_buffer_reserve(&buffer, SIZE_MAX));
    assert_false(mill_buffer_reserve(&buffer, SIZE_MAX - 3));
    assert_memory_equal(&before, &buffer, sizeof before);
    mill_buffer_clear(&buffer);
}

/* ---- checked sizes ------------------------------------------------------- */

static void
sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    size_t out;
    assert_false(mill_size_add(SIZE_MAX, 1, &out));
    assert_true(mill_size_add(SIZE_MAX - 1, 1, &out));
    assert_false(mill_size_mul(SIZE_MAX / 2 + 1, 2, &out));
    assert_true(mill_size_mul(1u << 16, 1u << 15, &out));
    assert_int_equal(out, 1u << 31);
    assert_true(mill_u64_add(UINT64_MAX, 5) == UINT64_MAX);
    assert_true(mill_u64_mul(UINT64_MAX / 2, 3) == UINT64_MAX);
    assert_true(mill_u64_mul(1u << 31, 4) == (uint64_t)1 << 33);
}

static void
align_goes_up_to_the_step(void **state)
{
    (void)state;
    assert_int_equal(mill_size_align(0, 64), 0);
    assert_int_equal(mill_size_align(1, 64), 64);
    assert_int_equal(mill_size_align(64, 64), 64);
    assert_int_equal(mill_size_align(65, 64), 128);
}

/* ---- text ---------------------------------------------------------------- */

static void
size_text_is_short_and_rounded(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},
        {1, "1 byte"},
        {7, "7 bytes"},
        {1023, "1023 bytes"},
        {1024, "1 KB"},
        {1536, "1.5 KB"},
        {12 * 1024, "12 KB"},
        {10 * 1024 + 500, "10 KB"},
        {10 * 1024 + 512, "11 KB"},
        {1024 * 1024 - 513, "1023 KB"},
        {1024 * 1024 - 1, "1 MB"},
        {(uint64_t)640 << 20, "640 MB"},
        {(uint64_t)3 << 29, "1.5 GB"},
        {((uint64_t)1 << 40) - 1, "1 TB"},
        {UINT64_MAX, "16 EB"},
    };
    char text[24];
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        assert_ptr_equal(mill_size_text(cases[i].bytes, text, sizeof text),
                         text);
        assert_string_equal(text, cases[i].text);
    }
}

static void
size_text_keeps_to_its_room(void **state)
{
    (void)state;
    char text[8] = "zzzzzzz";
    mill_size_text(1023, text, 4);
    assert_string_equal(text, "102");
    assert_int_equal(text[4], 'z');
}

static void
size_parse_takes_what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"4096", 4096},
        {"17B", 17},
        {"64KB", 65536},
        {"64kb", 65536},
        {"512M", (uint64_t)512 << 20},
        {"2G", (uint64_t)2 << 30},
        {"2g", (uint64_t)2 << 30},
        {"1.5GiB", (uint64_t)3 << 29},
        {"0.5K", 512},
        {"1.9999999999999K", 2047},
        {"3T", (uint64_t)3 << 40},
        {"15.5E", (uint64_t)31 << 59},
        {"18446744073709551615", UINT64_MAX},
    };
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        uint64_t bytes = 99;
        assert_true(mill_size_parse(cases[i].text, &bytes));
        assert_true(bytes == cases[i].bytes);
    }
}

static void
size_parse_refuses_all_else(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1 GB",
        "nan",
        "inf",
        "G",
        ".5G",
        "1.G",
        "1.5",
        "1.5B",
        "1..5G",
        "1e9",
        "0x10",
        "1GG",
        "1GiBx",
        "1Gi",
        "1iB",
        "1KiBB",
        "1,5G",
        "--1",
        "1.5.",
        "16E",
        "17E",
        "1BB",
        "99999999999G",
        "512m,",
        "18446744073709551616",
        "184467440737095516150",
    };
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        uint64_t bytes;
        if (mill_size_parse(cases[i], &bytes))
            fail_msg("\"%s\" was taken", cases[i]);
    }
}

static void
size_text_is_read_back_after_its_blank_is_dropped(void **state)
{
    (void)state;
    for (unsigned shift = 10; shift < 64; shift++) {
        char text[24];
        uint64_t bytes, size = (uint64_t)1 << shift;
        mill_size_text(size, text, sizeof text);
        char *blank = strchr(text, ' ');
        memmove(blank, blank + 1, strlen(blank));
        assert_true(mill_size_parse(text, &bytes));
        assert_true(bytes == size);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_what_was_appended),
        cmocka_unit_test(buffer_append_of_nothing_is_fine),
        cmocka_unit_test(buffer_reserve_makes_room_and_keeps_n),
        cmocka_unit_test(buffer_that_cannot_grow_stays_as_it_was),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(align_goes_up_to_the_step),
        cmocka_unit_test(size_text_is_short_and_rounded),
        cmocka_unit_test(size_text_keeps_to_its_room),
        cmocka_unit_test(size_parse_takes_what_people_write),
        cmocka_unit_test(size_parse_refuses_all_else),
        cmocka_unit_test(size_text_is_read_back_after_its_blank_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
