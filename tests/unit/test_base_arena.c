/* Arenas: alignment, apartness, reuse, and what a checking build does. */
#include <imgmill/base.h>

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_null.h"
#include "base/poison.h"

enum { KEEP = 4 << 20 };

static int
set_up(void **state)
{
    *state = mill_arena_new(KEEP);
    return *state ? 0 : -1;
}

static int
tear_down(void **state)
{
    mill_arena_free(*state);
    return 0;
}

static uint8_t *
take(struct mill_arena *arena, size_t n)
{
    struct mill_err err;
    uint8_t *at = mill_arena_take(arena, n, &err);
    assert_non_null(at);
    assert_int_equal((uintptr_t)at % 64, 0);
    return at;
}

static void
takes_are_aligned_and_apart(void **state)
{
    enum { N = 500 };
    static uint8_t *at[N];
    for (unsigned i = 0; i < N; i++) {
        at[i] = take(*state, i * 37);
        memset(at[i], (int)i, i * 37);
    }
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < i * 37; j++)
            assert_int_equal(at[i][j], (uint8_t)i);
    }
}

static void
a_take_of_nothing_is_a_pointer(void **state)
{
    assert_ptr_not_equal(take(*state, 0), take(*state, 0));
}

static void
zeroed_is_zero_also_where_something_was(void **state)
{
    struct mill_err err;
    memset(take(*state, 10000), 0x77, 10000);
    mill_arena_clear(*state);
    const uint8_t *at = mill_arena_take_zeroed(*state, 10000, &err);
    assert_non_null(at);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(at[i], 0);
}

static void
bytes_are_what_was_taken_since_the_clear(void **state)
{
    assert_int_equal(mill_arena_bytes(*state), 0);
    take(*state, 1);
    take(*state, 65);
    assert_int_equal(mill_arena_bytes(*state), 64 + 128);
    mill_arena_clear(*state);
    assert_int_equal(mill_arena_bytes(*state), 0);
}

/* What the arena is for: the second image gets the first one's pages. */
static void
a_chunk_is_used_again(void **state)
{
    uint8_t *first = take(*state, 1 << 20);
    mill_arena_clear(*state);
    assert_ptr_equal(take(*state, 1 << 20), first);
}

/* Three chunks once; one chunk after that, with room for all three. */
static void
chunks_become_one(void **state)
{
    for (int image = 0; image < 3; image++) {
        uint8_t *at[3];
        for (int i = 0; i < 3; i++)
            at[i] = take(*state, 1 << 20);
        if (image > 0) {
            assert_ptr_equal(at[1], at[0] + (1 << 20) + BASE__GAP);
            assert_ptr_equal(at[2], at[1] + (1 << 20) + BASE__GAP);
        }
        mill_arena_clear(*state);
    }
}

static void
the_kept_chunk_survives_a_giant(void **state)
{
    for (int i = 0; i < 2; i++) {
        take(*state, KEEP / 2);
        take(*state, KEEP / 2);
        take(*state, KEEP / 2);
        mill_arena_clear(*state);
    }
    uint8_t *kept = take(*state, KEEP / 2);
    take(*state, 2 * KEEP);
    mill_arena_clear(*state);
    assert_ptr_equal(take(*state, KEEP / 2), kept);
}

static void
an_arena_that_keeps_nothing_works(void **state)
{
    (void)state;
    struct mill_arena *arena = mill_arena_new(0);
    for (int i = 0; i < 3; i++) {
        memset(take(arena, 1000), 1, 1000);
        take(arena, 1 << 20);
        mill_arena_clear(arena);
    }
    mill_arena_free(arena);
    mill_arena_free(NULL);
}

static void
what_cannot_be_had_is_an_error(void **state)
{
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX - 300,
                            SIZE_MAX / 2};
    for (size_t i = 0; i < MILL_COUNT(sizes); i++) {
        struct mill_err err = {0};
        assert_null(mill_arena_take(*state, sizes[i], &err));
        assert_int_equal(err.status, MILL_MEMORY);
        assert_null(mill_arena_take_zeroed(*state, sizes[i], &err));
    }
    memset(take(*state, 100), 1, 100);
}

#ifdef MILL_CHECKS
static void
checks_fill_what_is_taken(void **state)
{
    for (int image = 0; image < 2; image++) {
        uint8_t *at = take(*state, 5000);
        for (unsigned i = 0; i < 5000; i++)
            assert_int_equal(at[i], 0xA5);
        memset(at, 0, 5000);
        mill_arena_clear(*state);
    }
}
#else
static void
checks_fill_what_is_taken(void **state)
{
    (void)state;
    skip();
}
#endif

#ifdef BASE__ASAN
static void
what_is_not_taken_cannot_be_touched(void **state)
{
    uint8_t *first = take(*state, 100);
    uint8_t *second = take(*state, 128);
    assert_null(__asan_region_is_poisoned(first, 100));
    assert_ptr_equal(__asan_region_is_poisoned(first, 101), first + 100);
    assert_true(__asan_address_is_poisoned(second + 128));
    mill_arena_clear(*state);
    assert_true(__asan_address_is_poisoned(first));
    assert_true(__asan_address_is_poisoned(second));
}
#else
static void
what_is_not_taken_cannot_be_touched(void **state)
{
    (void)state;
    skip();
}
#endif

#define WITH_ARENA(test)                                                       \
    cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(takes_are_aligned_and_apart),
        WITH_ARENA(a_take_of_nothing_is_a_pointer),
        WITH_ARENA(zeroed_is_zero_also_where_something_was),
        WITH_ARENA(bytes_are_what_was_taken_since_the_clear),
        WITH_ARENA(a_chunk_is_used_again),
        WITH_ARENA(chunks_become_one),
        WITH_ARENA(the_kept_chunk_survives_a_giant),
        cmocka_unit_test(an_arena_that_keeps_nothing_works),
        WITH_ARENA(what_cannot_be_had_is_an_error),
        WITH_ARENA(checks_fill_what_is_taken),
        WITH_ARENA(what_is_not_taken_cannot_be_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
