/* exec's seccomp filter: what it answers to any call, against the filter that
 * libseccomp makes of the same rules. Both are run here, not in the kernel. */
#include "exec_fake.h"

#include "exec/sandbox_filter.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#ifdef MILL_SECCOMP

#include <seccomp.h>

enum { OWN_PID = 4711 };

/* The answer of a filter to a call; the few instructions that filters have. */
static uint32_t
answer(const struct filter *filter, const struct seccomp_data *call)
{
    uint32_t a = 0;
    for (unsigned i = 0; i < filter->n; i++) {
        struct sock_filter at = filter->at[i];
        uint32_t k = at.k == RULE_OWN_PID ? OWN_PID : at.k;
        bool yes = false;
        switch (at.code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_true(k % 4 == 0 && k < sizeof *call);
            memcpy(&a, (const char *)call + k, sizeof a);
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= k;
            continue;
        case BPF_RET | BPF_K:
            return k;
        case BPF_JMP | BPF_JA:
            i += k;
            continue;
        case BPF_JMP | BPF_JEQ | BPF_K:
            yes = a == k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            yes = a >= k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            yes = a > k;
            break;
        default:
            fail_msg("instruction %#x", at.code);
        }
        i += yes ? at.jt : at.jf;
    }
    fail_msg("the filter has no end");
    return 0;
}

static void
add_rule(scmp_filter_ctx made, const struct rule *rule)
{
    struct scmp_arg_cmp compare = {rule->argument, SCMP_CMP_MASKED_EQ,
                                   rule->mask, rule->value};
    if (rule->when == RULE_OTHER)
        compare =
            (struct scmp_arg_cmp){rule->argument, SCMP_CMP_NE, rule->value, 0};
    int got = seccomp_rule_add_array(made, SCMP_ACT_ERRNO((uint32_t)rule->sys),
                                     (int)rule->number,
                                     rule->when != RULE_ALWAYS, &compare);
    assert_true(got == 0 || got == -EEXIST);
}

static void
make_by_library(struct filter *filter, bool crews)
{
    struct rule rules[RULES];
    unsigned n = exec__rules(rules, crews);
    scmp_filter_ctx made = seccomp_init(SCMP_ACT_ALLOW);
    FILE *file = tmpfile();
    assert_true(n > 100 && made != NULL && file != NULL);
    seccomp_attr_set(made, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (unsigned i = 0; i < n; i++)
        add_rule(made, &rules[i]);
    assert_int_equal(seccomp_export_bpf(made, fileno(file)), 0);
    seccomp_release(made);
    rewind(file);
    filter->n = (unsigned)fread(filter->at, sizeof *filter->at,
                                FILTER_INSTRUCTIONS, file);
    assert_true(filter->n > 100 && filter->n < FILTER_INSTRUCTIONS);
    fclose(file);
}

static void
compare(const struct filter *ours, const struct filter *theirs,
        const struct seccomp_data *call)
{
    uint32_t one = answer(ours, call), other = answer(theirs, call);
    if (one != other)
        fail_msg("call %d of %#x (%#llx, %#llx, …, %#llx): %#x, not %#x",
                 call->nr, call->arch, (unsigned long long)call->args[0],
                 (unsigned long long)call->args[1],
                 (unsigned long long)call->args[3], one, other);
}

/* Each argument that a rule looks at, at all its turning points. */
static void
compare_arguments(const struct filter *ours, const struct filter *theirs,
                  uint32_t number)
{
    static const uint64_t values[] = {
        0,          1,           2,        4,        8,
        9,          10,          15,       16,       OWN_PID - 1,
        OWN_PID,    OWN_PID + 1, 0x100,    0x101,    0x10000,
        0x10022,    0x102,       0x22,     0xffff,   0x80000,
        0x10000000, 0x7fffffff,  1u << 31, 1u << 24, UINT32_MAX,
    };
    for (size_t i = 0; i < MILL_COUNT(values); i++) {
        for (int high = 0; high < 3; high++) {
            struct seccomp_data call = {.nr = (int)number,
                                        .arch = exec__rules_arch()};
            uint64_t upper = high == 2 ? UINT32_MAX : (uint64_t)high;
            for (int j = 0; j < 6; j++)
                call.args[j] = upper << 32 | values[i];
            compare(ours, theirs, &call);
            for (int j = 0; j < 6; j++)
                call.args[j] = j % 2 ? ~call.args[j] : call.args[j];
            compare(ours, theirs, &call);
        }
    }
}

static void
compare_filters(bool crews)
{
    static struct filter ours, theirs;
    static const uint32_t more[] = {0x3fffffff, 0x40000000, 0x40000001,
                                    0x400000ff, 0x7fffffff, 0x80000000,
                                    0xfffffffe, 0xffffffff};
    exec__filter_make(&ours, crews);
    make_by_library(&theirs, crews);
    for (uint32_t number = 0; number < 1200; number++)
        compare_arguments(&ours, &theirs, number);
    for (size_t i = 0; i < MILL_COUNT(more); i++)
        compare_arguments(&ours, &theirs, more[i]);
}

static void
it_answers_as_the_librarys_does(void **state)
{
    (void)state;
    compare_filters(false);
    compare_filters(true);
}

static void
it_knows_the_machine(void **state)
{
    static struct filter filter;
    struct seccomp_data call = {.nr = SYS_read, .arch = exec__rules_arch()};
    (void)state;
    exec__filter_make(&filter, false);
    assert_int_equal(answer(&filter, &call), SECCOMP_RET_ALLOW);
    call.nr = SYS_openat;
    assert_int_equal(answer(&filter, &call), SECCOMP_RET_ERRNO | EACCES);
    call.arch ^= 1;
    assert_int_equal(answer(&filter, &call), SECCOMP_RET_KILL_PROCESS);
}

/* Whatever the rules, each call finds its way; and twice the same. */
static void
it_comes_out_the_same(void **state)
{
    static struct filter one, other;
    (void)state;
    memset(&one, 0xa5, sizeof one);
    exec__filter_make(&one, true);
    exec__filter_make(&other, true);
    assert_int_equal(one.n, other.n);
    assert_memory_equal(one.at, other.at, one.n * sizeof *one.at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_the_librarys_does),
        cmocka_unit_test(it_knows_the_machine),
        cmocka_unit_test(it_comes_out_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void
there_is_none(void **state)
{
    static struct filter filter;
    (void)state;
    exec__filter_make(&filter, false);
    assert_int_equal(filter.n, 0);
    assert_false(exec__filter_enter(&filter));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
