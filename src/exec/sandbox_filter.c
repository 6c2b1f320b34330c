/* The seccomp filter, made from the rules: a program of the kernel's old packet
 * filter (BPF) that runs at each call. It is made once, in the mill, before the
 * first worker; a worker only puts its own pid into it and enters. It takes no
 * memory but its own struct and comes out the same each time, so it is whole
 * or not there: in a build without rules, or with far too many.
 *
 *   another architecture? -> the worker ends
 *   call number ---tree of comparisons---> leaf: allow | refuse | look at the
 *                                          arguments
 *
 * A leaf stands for all numbers from its own up to the next leaf's, so the tree
 * knows every number. A call of another architecture (i386, or x32, whose
 * numbers have a high bit), for which its numbers would be wrong, ends the
 * worker. The kernel learns at once which calls are always allowed, and runs
 * nothing for those. */
#include "sandbox_filter.h"

#include <assert.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    JUMP_MOST = 255, /* instructions that a comparison can jump over */
    LEAVES = 2 * RULES + 4,
    LOW = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4, /* of 8 bytes */
    HIGH = 4 - LOW
};

/* A leaf has its return and a comparison; a rule that looks at an argument six
 * instructions. */
static_assert(2 * LEAVES + 6 * RULES + 8 <= FILTER_INSTRUCTIONS,
              "room for any filter");

#define X32_FIRST UINT32_C(0x40000000)
#define NO_CALL   UINT32_MAX /* what a tracer leaves where it took a call out */

/* Numbers from this one on; refused by `ret`, unless there are rules that look
 * at arguments. */
struct leaf {
    uint32_t from;
    uint32_t ret;
    const struct rule *rules;
    unsigned n_rules;
};

struct maker {
    struct filter *filter;
    struct leaf leaves[LEAVES];
    unsigned n_leaves;
    bool too_far; /* a comparison would jump over more than it can */
};

static void
emit(struct filter *filter, unsigned code, unsigned yes, unsigned no,
     uint32_t k)
{
    filter->at[filter->n++] = (struct sock_filter){
        (unsigned short)code, (unsigned char)yes, (unsigned char)no, k};
}

static void
emit_load(struct filter *filter, size_t offset)
{
    emit(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
emit_return(struct filter *filter, uint32_t what)
{
    emit(filter, BPF_RET | BPF_K, 0, 0, what);
}

/* ---- leaves -------------------------------------------------------------- */

static uint32_t
refusal(const struct rule *rule)
{
    return SECCOMP_RET_ERRNO | (uint32_t)rule->sys;
}

/* Falls through where the rule does not apply. */
static void
emit_rule(struct filter *filter, const struct rule *rule)
{
    size_t at = offsetof(struct seccomp_data, args) + 8 * rule->argument;
    if (rule->when == RULE_OTHER) {
        emit_load(filter, at + HIGH);
        emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
        emit_return(filter, refusal(rule));
    }
    emit_load(filter, at + LOW);
    if (rule->mask != UINT32_MAX)
        emit(filter, BPF_ALU | BPF_AND | BPF_K, 0, 0, rule->mask);
    bool other = rule->when == RULE_OTHER;
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, other, !other, rule->value);
    emit_return(filter, refusal(rule));
}

static void
emit_leaf(struct filter *filter, const struct leaf *leaf)
{
    for (unsigned i = 0; i < leaf->n_rules; i++)
        emit_rule(filter, &leaf->rules[i]);
    emit_return(filter, leaf->ret);
}

/* A leaf that begins where the last one does takes its place; one that says the
 * same makes it longer. */
static void
add_leaf(struct maker *maker, struct leaf leaf)
{
    struct leaf *last = &maker->leaves[maker->n_leaves];
    if (maker->n_leaves > 0 && last[-1].from == leaf.from)
        maker->n_leaves--, last--;
    if (maker->n_leaves > 0 && last[-1].ret == leaf.ret &&
        last[-1].n_rules == 0 && leaf.n_rules == 0)
        return;
    *last = leaf;
    maker->n_leaves++;
}

/* By number. */
static void
sort(struct rule *rules, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        struct rule rule = rules[i];
        unsigned at = i;
        for (; at > 0 && rule.number < rules[at - 1].number; at--)
            rules[at] = rules[at - 1];
        rules[at] = rule;
    }
}

/* rules: sorted. */
static void
add_leaves(struct maker *maker, const struct rule *rules, unsigned n)
{
    add_leaf(maker, (struct leaf){.ret = SECCOMP_RET_ALLOW});
    for (unsigned i = 0, same; i < n; i += same) {
        for (same = 1; i + same < n; same++) {
            if (rules[i + same].number != rules[i].number)
                break;
        }
        struct leaf leaf = {.from = rules[i].number, .ret = refusal(&rules[i])};
        if (rules[i].when != RULE_ALWAYS)
            leaf = (struct leaf){leaf.from, SECCOMP_RET_ALLOW, &rules[i], same};
        add_leaf(maker, leaf);
        add_leaf(maker, (struct leaf){.from = leaf.from + 1,
                                      .ret = SECCOMP_RET_ALLOW});
    }
}

/* ---- the tree ------------------------------------------------------------ */

/* The leaves from `first` to before `end`. */
static void
emit_tree(struct maker *maker, unsigned first, unsigned end)
{
    struct filter *filter = maker->filter;
    unsigned middle = first + (end - first) / 2;
    if (end - first == 1) {
        emit_leaf(filter, &maker->leaves[first]);
        return;
    }
    struct sock_filter *ask = &filter->at[filter->n];
    unsigned start = filter->n + 1;
    emit(filter, BPF_JMP | BPF_JGE | BPF_K, 0, 0, maker->leaves[middle].from);
    emit_tree(maker, first, middle);
    ask->jt = (unsigned char)(filter->n - start);
    maker->too_far |= filter->n - start > JUMP_MOST;
    emit_tree(maker, middle, end);
}

void
exec__filter_make(struct filter *filter, bool crews)
{
    struct rule rules[RULES];
    struct maker maker = {.filter = filter};
    unsigned n = exec__rules(rules, crews);
    filter->n = 0;
    if (n == 0)
        return;
    sort(rules, n);
    add_leaves(&maker, rules, n);
    if (exec__rules_arch() == AUDIT_ARCH_X86_64) {
        add_leaf(&maker, (struct leaf){.from = X32_FIRST,
                                       .ret = SECCOMP_RET_KILL_PROCESS});
        add_leaf(&maker,
                 (struct leaf){.from = NO_CALL, .ret = SECCOMP_RET_ALLOW});
    }
    emit_load(filter, offsetof(struct seccomp_data, arch));
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, exec__rules_arch());
    emit_return(filter, SECCOMP_RET_KILL_PROCESS);
    emit_load(filter, offsetof(struct seccomp_data, nr));
    emit_tree(&maker, 0, maker.n_leaves);
    if (maker.too_far)
        filter->n = 0;
}

/* ---- entering it --------------------------------------------------------- */

bool
exec__filter_enter(const struct filter *filter)
{
    struct filter own = *filter;
    struct sock_fprog program = {(unsigned short)own.n, own.at};
    for (unsigned i = 0; i < own.n; i++) {
        if (BPF_CLASS(own.at[i].code) == BPF_JMP && own.at[i].k == RULE_OWN_PID)
            own.at[i].k = (uint32_t)getpid();
    }
    return own.n > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}
