/* exec's pure parts: what a message may say, the deadline, the words. */
#include "exec_fake.h"

#include "exec/deadline.h"
#include "exec/hire.h"
#include "exec/lane.h"

#include <sys/socket.h>

enum { HALF = 4096 };

static const uint64_t MS = 1000000;

static const char *
fault(enum wire_state state, struct wire_message message)
{
    message.serial = 5;
    return exec__wire_fault(state, &message, 5, HALF);
}

static void
each_state_has_its_messages(void **state)
{
    (void)state;
    const uint32_t legal[] = {1u << WIRE_HELLO, 1u << WIRE_GO | 1u << WIRE_DONE,
                              1u << WIRE_NEED | 1u << WIRE_PART |
                                  1u << WIRE_DONE};
    for (unsigned at = WIRE_AT_BIRTH; at <= WIRE_RUNNING; at++) {
        for (uint32_t kind = 0; kind < 70; kind++) {
            struct wire_message message = {.kind = kind};
            bool wanted = kind < WIRE_KINDS && (legal[at] >> kind & 1);
            assert_int_equal(fault(at, message) == NULL, wanted);
        }
    }
}

static void
numbers_have_ranges(void **state)
{
    (void)state;
    struct wire_message part = {.kind = WIRE_PART, .n = HALF};
    part.output = MILL_OUTPUTS - 1;
    assert_null(fault(WIRE_RUNNING, part));
    part.n = HALF + 1;
    assert_non_null(fault(WIRE_RUNNING, part));
    part.n = 1;
    part.output = MILL_OUTPUTS;
    assert_non_null(fault(WIRE_RUNNING, part));
    part.output = 0;
    part.result.n_outputs = MILL_OUTPUTS + 1;
    assert_non_null(fault(WIRE_RUNNING, part));
    part.result.n_outputs = 0;
    part.serial = 4;
    assert_non_null(exec__wire_fault(WIRE_RUNNING, &part, 5, HALF));
}

static void
results_become_safe(void **state)
{
    struct mill_result result;
    unsigned char byte;
    (void)state;
    memset(&result, 0x07, sizeof result);
    exec__wire_clean(&result);
    assert_int_equal(strlen(result.facts.format), 11);
    assert_int_equal(result.facts.colour[0], '?');
    assert_int_equal(strlen(result.facts.sampling), 7);
    assert_int_equal(strlen(result.out[MILL_OUTPUTS - 1].format), 11);
    memcpy(&byte, &result.facts.palette, 1);
    assert_int_equal(byte, 1);
}

static void
only_what_a_task_can_say(void **state)
{
    (void)state;
    struct mill_err err = {.status = MILL_DAMAGED, .text = "row\n12\x7f"};
    exec__clean(&err, MILL_DAMAGED);
    assert_int_equal(err.status, MILL_DAMAGED);
    assert_string_equal(err.text, "row?12?");
    const int never[] = {MILL_CRASH, MILL_TIMEOUT,  MILL_STOPPED,
                         MILL_WRITE, MILL_STATUSES, -1};
    for (size_t i = 0; i < MILL_COUNT(never); i++) {
        exec__clean(&err, never[i]);
        assert_int_equal(err.status, MILL_INTERNAL);
    }
}

static void
messages_cross_whole_or_not_at_all(void **state)
{
    struct wire_message out = {.kind = WIRE_PART, .n = 12}, in;
    int pair[2], got[1] = {0};
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_true(exec__wire_send(pair[0], &out, 0, pair, 1));
    assert_int_equal(exec__wire_receive(pair[1], &in, 0, got, 1), 1);
    assert_memory_equal(&in, &out, sizeof in);
    assert_true(got[0] > pair[1]);
    close(got[0]);
    assert_int_equal(write(pair[0], &out, sizeof out - 1), sizeof out - 1);
    assert_int_equal(exec__wire_receive(pair[1], &in, 0, NULL, 0), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(exec__wire_receive(pair[1], &in, MSG_DONTWAIT, NULL, 0),
                     -1);
    assert_int_equal(errno, EAGAIN);
    close(pair[0]);
    assert_int_equal(exec__wire_receive(pair[1], &in, 0, NULL, 0), 0);
    assert_false(exec__wire_send(pair[1], &out, 0, NULL, 0));
    close(pair[1]);
}

static void
a_deadline_ends(void **state)
{
    (void)state;
    struct deadline deadline = exec__deadline_of(300 * MS);
    assert_int_equal(exec__deadline_poll_ms(&deadline), 200);
    exec__deadline_spend(&deadline, 200, 200 * MS);
    assert_in_range(exec__deadline_poll_ms(&deadline), 100, 101);
    exec__deadline_spend(&deadline, 101, 99 * MS);
    assert_false(exec__deadline_passed(&deadline));
    assert_in_range(exec__deadline_poll_ms(&deadline), 1, 2);
    exec__deadline_spend(&deadline, 2, 2 * MS);
    assert_true(exec__deadline_passed(&deadline));
    deadline = exec__deadline_of(0);
    exec__deadline_spend(&deadline, 200, 200 * MS);
    assert_true(deadline.left_ns == UINT64_MAX);
    assert_int_equal(exec__deadline_poll_ms(&deadline), 200);
}

static void
a_stopped_mill_misses_no_deadline(void **state)
{
    (void)state;
    struct deadline deadline = exec__deadline_of(150 * MS);
    exec__deadline_spend(&deadline, 151, 100000 * MS);
    assert_int_equal(deadline.left_ns, 150 * MS);
    deadline = exec__deadline_of(60000 * MS);
    exec__deadline_spend(&deadline, 200, 900 * MS);
    assert_int_equal(deadline.left_ns, 59800 * MS);
    /* late again and again, it still ends */
    for (int i = 0; i < 299; i++)
        exec__deadline_spend(&deadline, 200, 900 * MS);
    assert_true(exec__deadline_passed(&deadline));
}

static void
deaths_have_names(void **state)
{
    char text[64];
    (void)state;
    assert_string_equal(exec__death_text(SIGSEGV, text, sizeof text),
                        "killed by SIGSEGV (Segmentation fault)");
    assert_string_equal(exec__death_text(3 << 8, text, sizeof text),
                        "exited with code 3");
    assert_string_equal(exec__death_text(40, text, sizeof text),
                        "killed by signal 40");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_messages),
        cmocka_unit_test(numbers_have_ranges),
        cmocka_unit_test(results_become_safe),
        cmocka_unit_test(only_what_a_task_can_say),
        cmocka_unit_test(messages_cross_whole_or_not_at_all),
        cmocka_unit_test(a_deadline_ends),
        cmocka_unit_test(a_stopped_mill_misses_no_deadline),
        cmocka_unit_test(deaths_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
