/* The seccomp filter: its rules, and the program that holds to them. */
#ifndef EXEC_SANDBOX_FILTER_H
#define EXEC_SANDBOX_FILTER_H

#include <imgmill/base.h>

#include <linux/filter.h>

enum {
    RULES = 208,                /* at most */
    RULE_OWN_PID = 0x7ad0c0de,  /* a value: the worker's, whatever it will be;
                                   no pid is so high */
    FILTER_INSTRUCTIONS = 2176, /* at most */
};

/* What is denied, with an errno. */
struct rule {
    uint32_t number; /* of the call */
    int sys;
    enum rule_when {
        RULE_ALWAYS,
        RULE_MASKED, /* (the argument's low 32 bits & mask) == value */
        RULE_OTHER,  /* the argument, all 64 bits of it, is not value */
    } when;
    unsigned argument;
    uint32_t mask, value;
};

/* The rules of this machine, in no order; how many. 0: this build has none.
 * crews: threads may be started. */
unsigned exec__rules(struct rule rules[RULES], bool crews);
/* The machine as AUDIT_ARCH names it. */
uint32_t exec__rules_arch(void);
/* "libseccomp 2.5.4"; "": not in this build. */
const char *exec__rules_library(char *text, size_t n);

struct filter {
    unsigned n; /* 0: there is none */
    struct sock_filter at[FILTER_INSTRUCTIONS];
};

/* Takes no memory; a build without rules gives none. */
void exec__filter_make(struct filter *filter, bool crews);
/* For this process and all its threads. False: it has none, or the kernel
 * refuses. */
bool exec__filter_enter(const struct filter *filter);

#endif
