/* exec's sandbox, tried from inside: each test enters it in a child. */
#include "exec_fake.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "exec/sandbox.h"

enum { ALL = SANDBOX_LAYERS, BAD = 1, MEMORY = 1 << 30, LAST_FD = 2 };

/* What a child runs; 0: as it should be. */
typedef int child_fn(const struct sandbox *sandbox);

/* How a child in these layers ended. */
static int
end_of_child(const struct sandbox *sandbox, child_fn *act)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGXFSZ, SIG_IGN); /* stderr may be a file */
        _exit(act(sandbox));
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* As found, but only with these layers; some may be missing. */
static unsigned
open_with(struct sandbox *sandbox, unsigned layers, bool crews)
{
    struct mill_err err = {0};
    if (exec__sandbox_open(sandbox, MILL_SANDBOX_AUTO, MEMORY, crews, &err) !=
        MILL_OK)
        fail_msg("%s", err.text);
    return sandbox->layers &= layers;
}

static void
check_inside(unsigned layers, child_fn *act)
{
    struct sandbox sandbox;
    if (open_with(&sandbox, layers, false) != layers) {
        print_message("skipped: layers %x are not here\n", layers);
        skip();
    }
    int status = end_of_child(&sandbox, act);
    assert_int_equal(status, 0);
}

static bool
enter(const struct sandbox *sandbox, struct sandbox_memory *memory)
{
    struct mill_err err = {0};
    bool ok = exec__sandbox_enter(sandbox, LAST_FD, memory, &err) == MILL_OK;
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    return ok;
}

static int
only_enters(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    return enter(sandbox, &memory) ? 0 : BAD;
}

/* Whatever the machine has, its self-test agrees. */
static void
each_layer_holds_alone(void **state)
{
    struct sandbox sandbox;
    (void)state;
    for (unsigned layers = 0; layers <= ALL; layers++) {
        open_with(&sandbox, layers, false);
        assert_int_equal(end_of_child(&sandbox, only_enters), 0);
    }
}

/* Without a sandbox each test finds what it should. */
static void
the_self_test_can_fail(void **state)
{
    struct mill_err err = {0};
    (void)state;
    assert_int_equal(exec__sandbox_test(0, &err), MILL_OK);
    assert_int_equal(exec__sandbox_test(SANDBOX_LANDLOCK, &err),
                     MILL_ENVIRONMENT);
    assert_non_null(strstr(err.text, "can open a file"));
    assert_int_equal(exec__sandbox_test(SANDBOX_MEMORY, &err),
                     MILL_ENVIRONMENT);
    assert_non_null(strstr(err.text, "can take any memory"));
}

/* Landlock lets sockets be made; who claims seccomp is found out. */
static int
claims_seccomp(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    struct mill_err err = {0};
    return enter(sandbox, &memory) &&
                   exec__sandbox_test(SANDBOX_SECCOMP, &err) != MILL_OK &&
                   strstr(err.text, "can make a socket")
               ? 0
               : BAD;
}

static void
the_self_test_knows_the_layers_apart(void **state)
{
    (void)state;
    check_inside(SANDBOX_LANDLOCK, claims_seccomp);
}

/* A worker that cannot enter all that it should does not get ready. */
static void
less_than_told_is_refused(void **state)
{
    struct sandbox sandbox;
    (void)state;
    open_with(&sandbox, ALL, false);
    sandbox.layers |= SANDBOX_SECCOMP;
    sandbox.filter.n = 0;
    assert_int_equal(end_of_child(&sandbox, only_enters), BAD << 8);
}

/* ---- seccomp ------------------------------------------------------------- */

/* Stand for pids that are known later. */
enum { MOTHER = 0x40000001, SELF };

static const struct {
    const char *name;
    int sys; /* 0: allowed */
    long call, arguments[4];
} calls[] = {
    {"openat", EACCES, SYS_openat, {AT_FDCWD, 0, O_PATH}},
    {"openat2", EACCES, SYS_openat2, {AT_FDCWD}},
    {"memfd_create", EPERM, SYS_memfd_create, {0}},
    {"ftruncate", EPERM, SYS_ftruncate, {0, 0}},
    {"fallocate", EPERM, SYS_fallocate, {0, 0, 0, 1}},
    {"fchmodat", EACCES, SYS_fchmodat, {AT_FDCWD, 0, 0700}},
    {"fchmodat2", EACCES, 452, {AT_FDCWD, 0, 0700}},
    {"file_setattr", EACCES, 469, {AT_FDCWD}},
    {"utimensat", EACCES, SYS_utimensat, {AT_FDCWD, 0, 0, 0}},
    {"socketpair", EPERM, SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0}},
    {"sendmsg", EPERM, SYS_sendmsg, {0, 0, 0}},
    {"execveat", EPERM, SYS_execveat, {0, 0, 0, 0}},
    {"clone3", ENOSYS, SYS_clone3, {0, 0}},
    {"unshare", EPERM, SYS_unshare, {CLONE_NEWUSER}},
    {"ptrace", EPERM, SYS_ptrace, {0, 0, 0, 0}},
    {"pidfd_open", EPERM, SYS_pidfd_open, {MOTHER, 0}},
    {"process_vm_readv", EPERM, SYS_process_vm_readv, {MOTHER, 0}},
    {"io_uring_setup", EPERM, SYS_io_uring_setup, {1, 0}},
    {"bpf", EPERM, SYS_bpf, {0, 0, 0}},
    {"keyctl", EPERM, SYS_keyctl, {0, 0, 0}},
    {"userfaultfd", EPERM, SYS_userfaultfd, {0}},
    {"perf_event_open", EPERM, SYS_perf_event_open, {0, 0, 0, 0}},
    {"mount", EPERM, SYS_mount, {0, 0, 0, 0}},
    {"fsopen", EPERM, SYS_fsopen, {0, 0}},
    {"chroot", EACCES, SYS_chroot, {0}},
    {"reboot", EPERM, SYS_reboot, {0, 0, 0, 0}},
    {"shmget", EPERM, SYS_shmget, {0, 4096, 0600}},
    {"prlimit64 others", EPERM, SYS_prlimit64, {MOTHER, RLIMIT_CORE, 0, 0}},
    {"prlimit64", 0, SYS_prlimit64, {0, RLIMIT_CORE, 0, 0}},
    {"kill others", EPERM, SYS_kill, {MOTHER, 0}},
    {"kill all", EPERM, SYS_kill, {-1, 0}},
    {"kill high", EPERM, SYS_kill, {1l << 32 | SELF, 0}},
    {"kill", 0, SYS_kill, {SELF, 0}},
    {"tgkill others", EPERM, SYS_tgkill, {MOTHER, MOTHER, 0}},
    {"tgkill", 0, SYS_tgkill, {SELF, SELF, 0}},
    {"sched_setaffinity", EPERM, SYS_sched_setaffinity, {MOTHER, 0, 0}},
    {"setpriority", EPERM, SYS_setpriority, {0, MOTHER, 0}},
    {"F_SETOWN", EPERM, SYS_fcntl, {0, F_SETOWN, MOTHER}},
    {"F_SETOWN high", EPERM, SYS_fcntl, {0, (1l << 32) | F_SETOWN, MOTHER}},
    {"F_SETLK", EPERM, SYS_fcntl, {0, F_SETLK, 0}},
    {"F_OFD_SETLK", EPERM, SYS_fcntl, {0, F_OFD_SETLK, 0}},
    {"F_SETLEASE", EPERM, SYS_fcntl, {0, F_SETLEASE, F_RDLCK}},
    {"flock", EPERM, SYS_flock, {0, 1}},
    {"fchmod", EPERM, SYS_fchmod, {0, 0700}},
    {"fchown", EPERM, SYS_fchown, {0, 0, 0}},
    {"fsetxattr", EPERM, SYS_fsetxattr, {0, 0, 0, 0}},
    {"F_GETFL", 0, SYS_fcntl, {0, F_GETFL, 0}},
    {"ioctl", ENOTTY, SYS_ioctl, {0, 0, 0}},
    {"PR_SET_PDEATHSIG", EPERM, SYS_prctl, {PR_SET_PDEATHSIG, 0}},
    {"clone", EPERM, SYS_clone, {SIGCHLD, 0}},
    {"sched_yield", 0, SYS_sched_yield, {0}},
};

/* High bits that the kernel does not look at stay. */
static long
argument(size_t call, size_t i)
{
    long at = calls[call].arguments[i], high = at & ~0xffffffffl;
    long low = at & 0xffffffffl;
    return low == MOTHER ? high | getppid()
           : low == SELF ? high | getpid()
                         : at;
}

static int
tries_calls(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    int bad = !enter(sandbox, &memory);
    for (size_t i = 0; i < MILL_COUNT(calls); i++) {
        errno = 0;
        long got = syscall(calls[i].call, argument(i, 0), argument(i, 1),
                           argument(i, 2), argument(i, 3));
        int sys = got < 0 ? errno : 0;
        if (sys == calls[i].sys)
            continue;
        fprintf(stderr, "%s: %d, not %d\n", calls[i].name, sys, calls[i].sys);
        bad = BAD;
    }
    return bad;
}

static void
calls_are_refused(void **state)
{
    (void)state;
    check_inside(SANDBOX_SECCOMP, tries_calls);
    check_inside(SANDBOX_SECCOMP | SANDBOX_LANDLOCK, tries_calls);
}

static void *
writes_here(void *at)
{
    *(int *)at = 1;
    return NULL;
}

/* What a task needs is there: memory that moves, threads, time. */
static int
works(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    pthread_t thread;
    int here = 0;
    struct timespec rest = {0, 1000};
    if (!enter(sandbox, &memory) ||
        pthread_create(&thread, NULL, writes_here, &here) != 0)
        return BAD;
    pthread_join(thread, NULL);
    char *at = malloc(1 << 20);
    at = at ? realloc(at, 64 << 20) : NULL;
    if (at == NULL)
        return BAD;
    memset(at, 1, 64 << 20);
    free(at);
    return here == 1 && nanosleep(&rest, NULL) == 0 ? 0 : BAD;
}

static void
work_goes_on(void **state)
{
    struct sandbox sandbox;
    (void)state;
    open_with(&sandbox, ALL, true);
    assert_int_equal(end_of_child(&sandbox, works), 0);
}

static int
starts_no_thread(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    pthread_t thread;
    int here = 0;
    return enter(sandbox, &memory) &&
                   pthread_create(&thread, NULL, writes_here, &here) == EPERM
               ? 0
               : BAD;
}

static void
threads_that_nobody_wants_are_refused(void **state)
{
    (void)state;
    check_inside(SANDBOX_SECCOMP, starts_no_thread);
    check_inside(ALL, starts_no_thread);
}

static int
shares_memory(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    int flags[] = {MAP_SHARED, MAP_SHARED_VALIDATE,
                   MAP_PRIVATE | MAP_GROWSDOWN};
    if (!enter(sandbox, &memory))
        return BAD;
    for (size_t i = 0; i < MILL_COUNT(flags); i++)
        if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags[i] | MAP_ANONYMOUS,
                 -1, 0) != MAP_FAILED)
            return BAD;
    return 0;
}

static void
uncounted_memory_is_refused(void **state)
{
    (void)state;
    check_inside(SANDBOX_SECCOMP, shares_memory);
}

static int
aborts(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    signal(SIGABRT, SIG_DFL);
    if (enter(sandbox, &memory))
        abort();
    return BAD;
}

#ifdef __x86_64__

static int
calls_as_x32(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    if (enter(sandbox, &memory))
        syscall(0x40000000 + SYS_getpid);
    return BAD;
}

static int
calls_as_i386(const struct sandbox *sandbox)
{
    enum { I386_GETPID = 20 };
    struct sandbox_memory memory;
    long number = I386_GETPID;
    if (enter(sandbox, &memory))
        __asm__ volatile("int $0x80" : "+a"(number) : : "memory");
    return BAD;
}

static void
another_architecture_is_death(void **state)
{
    struct sandbox sandbox;
    (void)state;
    if (open_with(&sandbox, SANDBOX_SECCOMP, false)) {
        assert_int_equal(WTERMSIG(end_of_child(&sandbox, calls_as_x32)),
                         SIGSYS);
        assert_int_equal(WTERMSIG(end_of_child(&sandbox, calls_as_i386)),
                         SIGSYS);
    }
}

#else

static void
another_architecture_is_death(void **state)
{
    (void)state;
    skip();
}

#endif

static void
abort_still_aborts(void **state)
{
    struct sandbox sandbox;
    (void)state;
    open_with(&sandbox, ALL, false);
    assert_int_equal(WTERMSIG(end_of_child(&sandbox, aborts)), SIGABRT);
}

/* ---- Landlock alone ------------------------------------------------------ */

static int
tries_files(const struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    struct stat found;
    if (!enter(sandbox, &memory))
        return BAD;
    bool refused = open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES;
    refused &= open("mill-sandbox", O_WRONLY | O_CREAT, 0600) < 0;
    refused &= mkdir("mill-sandbox", 0700) < 0 && errno == EACCES;
    refused &= sandbox->landlock < 6 || (kill(getppid(), 0) < 0);
    return refused && stat("mill-sandbox", &found) < 0 ? 0 : BAD;
}

static void
landlock_keeps_files_away(void **state)
{
    (void)state;
    check_inside(SANDBOX_LANDLOCK, tries_files);
}

/* ---- memory -------------------------------------------------------------- */

static bool
can_have(size_t n)
{
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at != MAP_FAILED)
        munmap(at, n);
    return at != MAP_FAILED;
}

static int
takes_memory(const struct sandbox *sandbox)
{
    const size_t slack = 64 << 20, much = 256 << 20;
    struct sandbox_memory memory;
    if (!enter(sandbox, &memory))
        return BAD;
    exec__sandbox_allow(&memory, 0);
    bool ok = can_have(slack / 2) && !can_have(2 * slack);
    exec__sandbox_allow(&memory, much);
    ok &= can_have(much) && !can_have(much + 2 * slack);
    exec__sandbox_allow(&memory, 0);
    ok &= !can_have(much);
    exec__sandbox_allow(&memory, UINT64_MAX);
    ok &= can_have(MEMORY) && !can_have((size_t)MEMORY + 2 * slack);
    return ok ? 0 : BAD;
}

static void
memory_follows_what_is_granted(void **state)
{
    (void)state;
    check_inside(SANDBOX_MEMORY, takes_memory);
}

/* A heap that stays large, as when something small lives at its top. */
static int
keeps_a_heap(const struct sandbox *sandbox)
{
    const size_t slack = 64 << 20, much = 256 << 20;
    struct sandbox_memory memory;
    if (!enter(sandbox, &memory))
        return BAD;
    exec__sandbox_allow(&memory, much);
    bool ok = sbrk((intptr_t)much) != (void *)-1;
    exec__sandbox_allow(&memory, much);
    ok &= can_have(much) && !can_have(much + 2 * slack);
    return ok ? 0 : BAD;
}

static void
a_heap_that_stays_is_not_in_the_grant(void **state)
{
    (void)state;
    check_inside(SANDBOX_MEMORY, keeps_a_heap);
}

/* ---- what is told -------------------------------------------------------- */

static void
require_needs_both_walls(void **state)
{
    struct mill_sandbox_state found = mill_sandbox_probe();
    struct sandbox sandbox;
    struct mill_err err = {0};
    (void)state;
    int got =
        exec__sandbox_open(&sandbox, MILL_SANDBOX_REQUIRE, MEMORY, false, &err);
    if (found.landlock > 0 && found.seccomp) {
        assert_int_equal(got, MILL_OK);
    } else {
        assert_int_equal(got, MILL_ENVIRONMENT);
        assert_non_null(strstr(err.text, "--sandbox require: there is only"));
    }
}

static void
words_tell_what_is_missing(void **state)
{
    struct mill_sandbox_state state_of[] = {
        {.on = true},
        {.on = true, .landlock = 7, .seccomp = true, .memory = true},
        {.on = false},
    };
    char text[128];
    (void)state;
    assert_non_null(strstr(mill_sandbox_text(state_of[0], text, sizeof text),
                           "no landlock (the kernel has none), no seccomp ("));
    assert_non_null(strstr(text, ", no memory limit"));
    assert_non_null(strstr(mill_sandbox_text(state_of[1], text, sizeof text),
                           "landlock ABI 7, seccomp ("));
    assert_string_equal(mill_sandbox_text(state_of[2], text, sizeof text),
                        "off");
}

/* ---- a batch ------------------------------------------------------------- */

static void
read_of_worker(const char *name, char *text, size_t n)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s",
             fake_child_of(fake_child_of(getpid())), name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    memset(text, 0, n);
    assert_true(fread(text, 1, n - 1, file) > 0);
    fclose(file);
}

static void
look_inside(struct fake_batch *batch, struct mill_job *job)
{
    struct mill_exec_stats stats =
        mill_backend_named("process")->stats(batch->exec);
    bool on = batch->options.sandbox != MILL_SANDBOX_OFF;
    char text[4096];
    (void)job;
    assert_int_equal(stats.sandbox.on, on);
    read_of_worker("status", text, sizeof text);
    assert_non_null(strstr(text, "NoNewPrivs:\t1"));
    assert_non_null(strstr(text, on && stats.sandbox.seccomp ? "Seccomp:\t2"
                                                             : "Seccomp:\t0"));
    if (on)
        assert_non_null(strstr(text, "CapEff:\t0000000000000000"));
    read_of_worker("limits", text, sizeof text);
    assert_true(!on == !strstr(text, "Max open files            8    "));
    assert_true(!on == !strstr(text, "Max file size             0    "));
}

static void
a_batch_has_what_it_tells(void **state)
{
    (void)state;
    for (int mode = MILL_SANDBOX_AUTO; mode <= MILL_SANDBOX_OFF; mode++) {
        struct fake_batch batch = fake_batch_of(1, 0);
        if (mode == MILL_SANDBOX_REQUIRE)
            continue;
        batch.options.sandbox = (enum mill_sandbox)mode;
        batch.options.memory = MEMORY;
        batch.on_done = look_inside;
        fake_noise(&batch, 200000);
        fake_say(&batch, "need:30000000");
        fake_noise(&batch, 200000);
        fake_run_batch(&batch);
        assert_int_equal(batch.status, MILL_OK);
        assert_int_equal(batch.done[MILL_END_DONE], 3);
        fake_free(&batch);
    }
}

/* What comes in pieces is copied together, and its worker may not have that. */
static void
an_input_beyond_the_limit_is_one_error(void **state)
{
    struct fake_batch batch = fake_batch_of(1, 0);
    (void)state;
    batch.options.memory = 1;
    fake_noise(&batch, 80 << 20);
    fake_noise(&batch, 100000);
    fake_run_batch(&batch);
    if (batch.stats.sandbox.memory)
        fake_check_failed(&batch.jobs[0], MILL_MEMORY, "no room for it");
    fake_check_noise(&batch.jobs[1], 100000);
    assert_int_equal(batch.stats.died, 0);
    fake_free(&batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(each_layer_holds_alone),
        WATCHED(the_self_test_can_fail),
        WATCHED(the_self_test_knows_the_layers_apart),
        WATCHED(less_than_told_is_refused),
        WATCHED(calls_are_refused),
        WATCHED(work_goes_on),
        WATCHED(threads_that_nobody_wants_are_refused),
        WATCHED(uncounted_memory_is_refused),
        WATCHED(another_architecture_is_death),
        WATCHED(abort_still_aborts),
        WATCHED(landlock_keeps_files_away),
        WATCHED(memory_follows_what_is_granted),
        WATCHED(a_heap_that_stays_is_not_in_the_grant),
        WATCHED(require_needs_both_walls),
        WATCHED(words_tell_what_is_missing),
        WATCHED(a_batch_has_what_it_tells),
        WATCHED(an_input_beyond_the_limit_is_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
