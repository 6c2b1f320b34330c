/* The rules of the seccomp filter: what a worker asks of the kernel that has
 * nothing to do with computing is refused. It is a list of what is denied, not
 * of what is allowed: a C library that begins to use a new harmless call goes
 * on working. Landlock is the wall against files; this one also stands where
 * Landlock does not reach (modes and times of files, sockets, other processes,
 * much of the kernel).
 *
 * Refusals are errors, not deaths: EACCES where a file is wanted, as Landlock
 * gives it, ENOSYS for what the library then does another way.
 *
 * libseccomp knows what a call's number is on this machine, and that is all
 * that it is asked; the filter is ours (sandbox_filter.c). Without it the build
 * has no rules. */
#include "sandbox_filter.h"

#ifdef MILL_SECCOMP

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* Names that libseccomp or the machine does not know are left out. */

/* EACCES: ways to a file by its name. */
static const char *const files[] = {
    "open",
    "openat",
    "openat2",
    "creat",
    "open_by_handle_at",
    "name_to_handle_at",
    "open_tree",
    "uselib",
    "truncate",
    "mknod",
    "mknodat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
    "setxattr",
    "lsetxattr",
    "removexattr",
    "lremovexattr",
    "chdir",
    "fchdir",
    "chroot",
    "pivot_root",
    "acct",
    "swapon",
    "swapoff",
    "quotactl",
    "quotactl_fd",
    "inotify_init",
    "inotify_init1",
    "inotify_add_watch",
    "fanotify_init",
    "fanotify_mark",
    "mq_open",
    "mq_unlink",
};

static const char *const others[] = {
    /* descriptors: the socket and, one after another, the files of images, only
     * to be read; nothing goes out over the socket */
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "setsockopt",
    "sendmsg",
    "sendmmsg",
    "recvmmsg",
    "socketcall",
    "memfd_create",
    "memfd_secret",
    "ftruncate",
    "fallocate",
    "fchmod",
    "fchown",
    "fsetxattr",
    "fremovexattr",
    "flock",
    "userfaultfd",
    "perf_event_open",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "io_setup",
    "bpf",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "syncfs",
    "sync",
    /* other programs and processes */
    "execve",
    "execveat",
    "fork",
    "vfork",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "move_pages",
    "migrate_pages",
    "setpgid",
    "setsid",
    "setpriority",
    "ioprio_set",
    "sched_setaffinity",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    /* memory that outlives its owner, and mail */
    "shmget",
    "shmat",
    "shmctl",
    "semget",
    "semop",
    "semctl",
    "semtimedop",
    "msgget",
    "msgsnd",
    "msgrcv",
    "msgctl",
    "ipc",
    "add_key",
    "request_key",
    "keyctl",
    /* namespaces and mounts */
    "unshare",
    "setns",
    "mount",
    "umount",
    "umount2",
    "mount_setattr",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    /* who we are */
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "capset",
    "personality",
    /* the machine */
    "reboot",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "syslog",
    "iopl",
    "ioperm",
    "modify_ldt",
    "vhangup",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "stime",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "nfsservctl",
    "sysfs",
    "_sysctl",
    "lookup_dcookie",
};

/* Newer than the libraries that are about; a number means the same on every
 * machine. */
static const struct {
    int number, sys;
} newest[] = {
    {452, EACCES}, /* fchmodat2 */
    {463, EACCES}, /* setxattrat */
    {466, EACCES}, /* removexattrat */
    {467, EACCES}, /* open_tree_attr */
    {469, EACCES}, /* file_setattr */
};

/* Denied only with an argument like this. A 32-bit argument is compared in its
 * 32 bits alone: the kernel does not look at the others. */
#define IS(value)        RULE_MASKED, 0xffffffff, (value)
#define WITH(flag)       RULE_MASKED, (flag), (flag)
#define WITHOUT(flag)    RULE_MASKED, (flag), 0
#define OTHER_THAN(what) RULE_OTHER, 0xffffffff, (what)

struct with_argument {
    const char *name;
    unsigned argument;
    enum rule_when when;
    uint32_t mask, value;
};

/* Where there are crews, threads may be born; elsewhere nothing. */
static const struct with_argument processes = {"clone", 0,
                                               WITHOUT(CLONE_THREAD)};

static const struct with_argument arguments[] = {
    {"kill", 0, OTHER_THAN(RULE_OWN_PID)},
    {"tkill", 0, OTHER_THAN(RULE_OWN_PID)},
    {"tgkill", 0, OTHER_THAN(RULE_OWN_PID)},
    {"rt_sigqueueinfo", 0, OTHER_THAN(RULE_OWN_PID)},
    {"rt_tgsigqueueinfo", 0, OTHER_THAN(RULE_OWN_PID)},
    {"prlimit64", 0, OTHER_THAN(0)},
    {"prctl", 0, IS(PR_SET_PDEATHSIG)},
    /* signals to others, by way of the socket */
    {"fcntl", 1, IS(F_SETOWN)},
    {"fcntl", 1, IS(F_SETOWN_EX)},
    {"fcntl", 1, IS(F_SETSIG)},
    /* what others see of a file that is only to be read */
    {"fcntl", 1, IS(F_SETLK)},
    {"fcntl", 1, IS(F_SETLKW)},
    {"fcntl", 1, IS(F_OFD_SETLK)},
    {"fcntl", 1, IS(F_OFD_SETLKW)},
    {"fcntl", 1, IS(F_SETLEASE)},
    {"fcntl", 1, IS(F_SET_RW_HINT)},
    /* memory that RLIMIT_DATA does not count */
    {"mmap", 3, WITH(MAP_SHARED)},
    {"mmap", 3, WITH(MAP_GROWSDOWN)},
    /* holes in the window */
    {"madvise", 1, IS(MADV_REMOVE)},
};

static_assert(MILL_COUNT(files) + MILL_COUNT(others) + MILL_COUNT(newest) +
                      MILL_COUNT(arguments) + 3 <=
                  RULES,
              "room for every rule");

/* How far the list of rules is. */
struct list {
    struct rule *rules;
    unsigned n;
};

/* Numbers below zero stand for calls that the machine has not got. */
static void
deny_number(struct list *list, int number, int sys)
{
    if (number >= 0)
        list->rules[list->n++] =
            (struct rule){.number = (uint32_t)number, .sys = sys};
}

static void
deny(struct list *list, const char *name, int sys)
{
    deny_number(list, seccomp_syscall_resolve_name(name), sys);
}

static void
deny_argument(struct list *list, const struct with_argument *denied)
{
    unsigned before = list->n;
    deny(list, denied->name, EPERM);
    if (list->n == before)
        return;
    struct rule *rule = &list->rules[before];
    rule->when = denied->when;
    rule->argument = denied->argument;
    rule->mask = denied->mask;
    rule->value = denied->value;
}

unsigned
exec__rules(struct rule rules[RULES], bool crews)
{
    struct list list = {.rules = rules};
    deny(&list, "clone3", ENOSYS);
    deny(&list, "ioctl", ENOTTY);
    if (crews)
        deny_argument(&list, &processes);
    else
        deny(&list, "clone", EPERM);
    for (size_t i = 0; i < MILL_COUNT(files); i++)
        deny(&list, files[i], EACCES);
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        deny(&list, others[i], EPERM);
    for (size_t i = 0; i < MILL_COUNT(newest); i++)
        deny_number(&list, newest[i].number, newest[i].sys);
    for (size_t i = 0; i < MILL_COUNT(arguments); i++)
        deny_argument(&list, &arguments[i]);
    return list.n;
}

uint32_t
exec__rules_arch(void)
{
    return seccomp_arch_native();
}

const char *
exec__rules_library(char *text, size_t n)
{
    const struct scmp_version *version = seccomp_version();
    snprintf(text, n, "libseccomp %u.%u.%u", version->major, version->minor,
             version->micro);
    return text;
}

#else

unsigned
exec__rules(struct rule rules[RULES], bool crews)
{
    (void)rules;
    (void)crews;
    return 0;
}

uint32_t
exec__rules_arch(void)
{
    return 0;
}

const char *
exec__rules_library(char *text, size_t n)
{
    (void)text;
    (void)n;
    return "";
}

#endif
