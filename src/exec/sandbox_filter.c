/* The seccomp filter: what a worker asks of the kernel that has nothing to do
 * with computing is refused. It is a list of what is denied, not of what is
 * allowed: a C library that begins to use a new harmless call goes on working.
 * Landlock is the wall against files; this one also stands where Landlock does
 * not reach (modes and times of files, sockets, other processes, much of the
 * kernel).
 *
 * The filter is made once, by libseccomp, in the mill, before the first worker;
 * a worker only puts its own pid into it and enters. A call of another
 * architecture (i386, x32), for which its numbers would be wrong, ends the
 * worker. Refusals are errors, not deaths: EACCES where a file is wanted, as
 * Landlock gives it, ENOSYS for what the library then does another way.
 *
 * Without libseccomp the build has no filter and says so. */
#include "sandbox.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stands in the filter for the pid that is not known yet; no pid is so high. */
enum { STAND_IN = 0x7ad0c0de };

#ifdef MILL_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* ---- what is denied ------------------------------------------------------ */

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
    /* descriptors: only the socket, and nothing passed over it */
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
    "recvmsg",
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
#define IS(value)        SCMP_CMP_MASKED_EQ, 0xffffffff, (value)
#define WITH(flag)       SCMP_CMP_MASKED_EQ, (flag), (flag)
#define WITHOUT(flag)    SCMP_CMP_MASKED_EQ, (flag), 0
#define OTHER_THAN(what) SCMP_CMP_NE, (what), 0

static const struct {
    const char *name;
    struct scmp_arg_cmp argument;
} arguments[] = {
    {"clone", {0, WITHOUT(CLONE_THREAD)}},
    {"kill", {0, OTHER_THAN(STAND_IN)}},
    {"tkill", {0, OTHER_THAN(STAND_IN)}},
    {"tgkill", {0, OTHER_THAN(STAND_IN)}},
    {"rt_sigqueueinfo", {0, OTHER_THAN(STAND_IN)}},
    {"rt_tgsigqueueinfo", {0, OTHER_THAN(STAND_IN)}},
    {"prlimit64", {0, OTHER_THAN(0)}},
    {"prctl", {0, IS(PR_SET_PDEATHSIG)}},
    /* signals to others, by way of the socket */
    {"fcntl", {1, IS(F_SETOWN)}},
    {"fcntl", {1, IS(F_SETOWN_EX)}},
    {"fcntl", {1, IS(F_SETSIG)}},
    /* memory that RLIMIT_DATA does not count */
    {"mmap", {3, WITH(MAP_SHARED)}},
    {"mmap", {3, WITH(MAP_GROWSDOWN)}},
    /* holes in the window */
    {"madvise", {1, IS(MADV_REMOVE)}},
};

/* ---- making it ----------------------------------------------------------- */

static bool
deny(scmp_filter_ctx made, const char *name, int sys,
     const struct scmp_arg_cmp *argument)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR)
        return true;
    return seccomp_rule_add_array(made, SCMP_ACT_ERRNO((uint32_t)sys), number,
                                  argument != NULL, argument) == 0;
}

static bool
deny_number(scmp_filter_ctx made, int number, int sys)
{
    int got = seccomp_rule_add_array(made, SCMP_ACT_ERRNO((uint32_t)sys),
                                     number, 0, NULL);
    return got == 0 || got == -EEXIST;
}

static bool
deny_all(scmp_filter_ctx made)
{
    bool ok =
        deny(made, "clone3", ENOSYS, NULL) && deny(made, "ioctl", ENOTTY, NULL);
    for (size_t i = 0; ok && i < MILL_COUNT(files); i++)
        ok = deny(made, files[i], EACCES, NULL);
    for (size_t i = 0; ok && i < MILL_COUNT(others); i++)
        ok = deny(made, others[i], EPERM, NULL);
    for (size_t i = 0; ok && i < MILL_COUNT(newest); i++)
        ok = deny_number(made, newest[i].number, newest[i].sys);
    for (size_t i = 0; ok && i < MILL_COUNT(arguments); i++)
        ok = deny(made, arguments[i].name, EPERM, &arguments[i].argument);
    return ok;
}

/* The library gives a filter's instructions only to a descriptor. */
static bool
take_instructions(scmp_filter_ctx made, struct sock_filter **filter,
                  unsigned *n)
{
    struct stat size = {0};
    bool ok = false;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd >= 0 && seccomp_export_bpf(made, fd) == 0 && fstat(fd, &size) == 0 &&
        (*filter = malloc((size_t)size.st_size)) != NULL)
        ok = pread(fd, *filter, (size_t)size.st_size, 0) == size.st_size;
    if (fd >= 0)
        close(fd);
    *n = (unsigned)((size_t)size.st_size / sizeof **filter);
    return ok;
}

bool
exec__sandbox_filter_make(struct sock_filter **filter, unsigned *n)
{
    *filter = NULL;
    *n = 0;
    scmp_filter_ctx made = seccomp_init(SCMP_ACT_ALLOW);
    if (made == NULL)
        return false;
    /* Level 2 is a tree instead of a row of comparisons; only faster. */
    seccomp_attr_set(made, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    bool ok = seccomp_attr_set(made, SCMP_FLTATR_ACT_BADARCH,
                               SCMP_ACT_KILL_PROCESS) == 0 &&
              deny_all(made) && take_instructions(made, filter, n);
    seccomp_release(made);
    if (!ok) {
        free(*filter);
        *filter = NULL;
    }
    return ok;
}

const char *
exec__sandbox_filter_library(char *text, size_t n)
{
    const struct scmp_version *version = seccomp_version();
    snprintf(text, n, "libseccomp %u.%u.%u", version->major, version->minor,
             version->micro);
    return text;
}

#else

bool
exec__sandbox_filter_make(struct sock_filter **filter, unsigned *n)
{
    *filter = NULL;
    *n = 0;
    return false;
}

const char *
exec__sandbox_filter_library(char *text, size_t n)
{
    (void)text;
    (void)n;
    return "";
}

#endif

/* ---- entering it --------------------------------------------------------- */

bool
exec__sandbox_filter_enter(const struct sock_filter *filter, unsigned n)
{
    struct sock_filter own[BPF_MAXINSNS];
    struct sock_fprog program = {(unsigned short)n, own};
    unsigned pids = 0;
    if (filter == NULL || n > BPF_MAXINSNS)
        return false;
    for (unsigned i = 0; i < n; i++) {
        own[i] = filter[i];
        if (BPF_CLASS(own[i].code) == BPF_JMP && own[i].k == STAND_IN) {
            own[i].k = (uint32_t)getpid();
            pids++;
        }
    }
    return pids > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                               SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}
