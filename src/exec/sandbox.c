/* The sandbox: what a worker gives up after its task began and before it sees
 * the first byte of an image. The promise: a worker that was taken over can
 * spoil the images that it is given until it is retired, and nothing else; not
 * an image of another worker, no file, not the run.
 *
 *   always     no new privileges, no core file
 *   rlimits    no file may grow; eight descriptors; and of memory what the
 *              batch allows (SANDBOX_MEMORY), which the worker raises to what
 *              was granted to an image and lowers again
 *   capabilities, if it was started by root
 *   Landlock   an empty set of rules over every right that the kernel knows
 *   seccomp    a list of calls that are denied, see sandbox_rules.c
 *
 * What there is, is found out once and in earnest, in a child of the mill that
 * tries to enter each layer. A worker enters exactly those, proves by trying
 * that they hold, and does not get ready otherwise: no worker has less than
 * what was told, and nothing is given up quietly later.
 *
 * The memory's limit is not our count of work memory but stands behind it, and
 * is looser: it counts whole mappings, and keeps a worker that lied about its
 * need from eating the machine. Sanitizers' shadows do not live with it, so
 * their builds have none. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both compilers' words for a build with shadow memory. */
#ifdef __has_feature
#define HAS_FEATURE(what) __has_feature(what)
#else
#define HAS_FEATURE(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
enum { SHADOWED = true };
#else
enum { SHADOWED = false };
#endif

enum {
    FILES = 8,        /* descriptors: four, and some for libraries */
    SLACK = 64 << 20, /* memory beyond what is counted: tables, stacks of
                         threads, what malloc cannot give back */
    FAILED = 1 << 7   /* the trial's child: it learned nothing */
};

/* ---- Landlock ------------------------------------------------------------ */

/* As the kernel has it; not from its headers, which may be older. */
struct landlock_rules {
    uint64_t fs, net, scoped;
};

enum { LANDLOCK_ASK_VERSION = 1 };

/* 0: the kernel has none, or not for us. */
static unsigned
landlock_abi(void)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_ASK_VERSION);
    return abi > 0 ? (unsigned)abi : 0;
}

/* Every right that an ABI knows: files (16 since ABI 5), TCP (since 4), signals
 * and abstract sockets out of the sandbox (since 6). */
static struct landlock_rules
landlock_all(unsigned abi)
{
    static const unsigned char fs_rights[] = {0, 13, 14, 15, 15, 16};
    unsigned known = MILL_COUNT(fs_rights) - 1;
    return (struct landlock_rules){
        .fs = (UINT64_C(1) << fs_rights[abi < known ? abi : known]) - 1,
        .net = abi >= 4 ? 3 : 0,
        .scoped = abi >= 6 ? 3 : 0,
    };
}

static bool
landlock_enter(void)
{
    unsigned abi = landlock_abi();
    struct landlock_rules rules = landlock_all(abi);
    if (abi == 0)
        return false;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    bool ok = fd >= 0 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- memory -------------------------------------------------------------- */

/* What RLIMIT_DATA counts of this process, and its stack; 0: nobody tells. */
static uint64_t
data_bytes(void)
{
    char text[128] = "";
    unsigned long long pages = 0;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (read(fd, text, sizeof text - 1) > 0)
        sscanf(text, "%*u %*u %*u %*u %*u %llu", &pages);
    close(fd);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool
memory_enter(const struct sandbox *sandbox, struct sandbox_memory *memory)
{
    *memory = (struct sandbox_memory){.born = data_bytes(), .heap = sbrk(0)};
    memory->hard = memory->soft =
        mill_u64_add(memory->born, mill_u64_add(sandbox->memory, SLACK));
    struct rlimit limit = {memory->hard, memory->hard};
    return memory->born > 0 && setrlimit(RLIMIT_DATA, &limit) == 0;
}

/* The heap keeps its extent when something at its top outlives the images
 * below, and what is too large for its gaps comes on top of that. So the extent
 * counts in full, although its free pages are the system's again. */
void
exec__sandbox_allow(struct sandbox_memory *memory, uint64_t bytes)
{
    if (memory->hard == 0)
        return;
    const char *end = sbrk(0);
    uint64_t kept = end > memory->heap ? (uint64_t)(end - memory->heap) : 0;
    uint64_t soft = mill_u64_add(
        memory->born, mill_u64_add(mill_u64_add(bytes, kept), SLACK));
    if (soft > memory->hard)
        soft = memory->hard;
    struct rlimit limit = {soft, memory->hard};
    if (soft != memory->soft && setrlimit(RLIMIT_DATA, &limit) == 0)
        memory->soft = soft;
}

/* ---- the other layers ---------------------------------------------------- */

static bool
limit_to(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limit = {most, most};
    return setrlimit(what, &limit) == 0;
}

static bool
drop_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capset, &head, none) == 0;
}

static bool
enter_always(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           limit_to(RLIMIT_CORE, 0);
}

/* ---- the self-test ------------------------------------------------------- */

/* Each is true when it could do what it should not. */

/* Walls are met behind the door: who is refused must be there. */
static bool
can_open(void)
{
    static const char *const files[] = {"/dev/null", "/proc/self/exe"};
    for (size_t i = 0; i < MILL_COUNT(files); i++) {
        int fd = open(files[i], O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            close(fd);
        if (fd >= 0 || (errno != EACCES && errno != ENOENT))
            return true;
    }
    return false;
}

static bool
can_list(void)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EACCES;
}

/* Should it succeed after all, this program says that it has no such command,
 * and the worker is dead. */
static bool
can_exec(void)
{
    char *arguments[] = {(char[]){"mill"}, (char[]){"sandbox"}, NULL};
    execve("/proc/self/exe", arguments, NULL);
    return errno != EACCES && errno != EPERM;
}

static bool
can_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EPERM;
}

static bool
can_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid >= 0 || errno != EPERM;
}

static bool
can_signal(void)
{
    return kill(getppid(), 0) == 0 || errno != EPERM;
}

static bool
can_grow(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_max >= SIZE_MAX / 2)
        return true;
    size_t n = (size_t)limit.rlim_max + 1;
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at != MAP_FAILED)
        munmap(at, n);
    return at != MAP_FAILED;
}

enum mill_status
exec__sandbox_test(unsigned layers, struct mill_err *err)
{
    enum { WALLS = SANDBOX_LANDLOCK | SANDBOX_SECCOMP };
    static const struct {
        const char *what;
        bool (*can)(void);
        unsigned by; /* any of these layers forbids it */
    } tries[] = {
        {"open a file", can_open, WALLS},
        {"open a folder", can_list, WALLS},
        {"run a program", can_exec, WALLS},
        {"make a socket", can_socket, SANDBOX_SECCOMP},
        {"fork", can_fork, SANDBOX_SECCOMP},
        {"signal others", can_signal, SANDBOX_SECCOMP},
        {"take any memory", can_grow, SANDBOX_MEMORY},
    };
    for (size_t i = 0; i < MILL_COUNT(tries); i++) {
        if ((layers & tries[i].by) != 0 && tries[i].can())
            return mill_fail(err, MILL_ENVIRONMENT,
                             "the sandbox does not hold: a worker in it can "
                             "%s; --sandbox off works without",
                             tries[i].what);
    }
    return MILL_OK;
}

/* ---- entering ------------------------------------------------------------ */

/* Which of the layers were entered. In this order: the limit is read from a
 * file, and a filter would refuse both the others. */
static unsigned
enter_layers(const struct sandbox *sandbox, unsigned layers,
             struct sandbox_memory *memory)
{
    unsigned entered = 0;
    if ((layers & SANDBOX_MEMORY) && memory_enter(sandbox, memory))
        entered |= SANDBOX_MEMORY;
    if ((layers & SANDBOX_LANDLOCK) && landlock_enter())
        entered |= SANDBOX_LANDLOCK;
    if ((layers & SANDBOX_SECCOMP) && exec__filter_enter(&sandbox->filter))
        entered |= SANDBOX_SECCOMP;
    return entered;
}

enum mill_status
exec__sandbox_enter(const struct sandbox *sandbox, int last,
                    struct sandbox_memory *memory, struct mill_err *err)
{
    *memory = (struct sandbox_memory){0};
    if (!enter_always())
        return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                             "a worker cannot give up its privileges");
    if (!sandbox->on)
        return MILL_OK;
    if (close_range((unsigned)last + 1, UINT_MAX, 0) != 0 ||
        !limit_to(RLIMIT_FSIZE, 0) || !limit_to(RLIMIT_NOFILE, FILES) ||
        !drop_capabilities())
        return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                             "a worker cannot enter its sandbox; --sandbox off "
                             "works without");
    unsigned missed =
        sandbox->layers & ~enter_layers(sandbox, sandbox->layers, memory);
    if (missed != 0)
        return mill_fail(err, MILL_ENVIRONMENT,
                         "a worker cannot enter the %s of its sandbox; "
                         "--sandbox off works without",
                         missed & SANDBOX_LANDLOCK  ? "landlock"
                         : missed & SANDBOX_SECCOMP ? "seccomp filter"
                                                    : "memory limit");
    return exec__sandbox_test(sandbox->layers, err);
}

/* ---- finding out --------------------------------------------------------- */

static unsigned
wanted_layers(const struct sandbox *sandbox)
{
    unsigned layers = SANDBOX_LANDLOCK | SANDBOX_SECCOMP;
    return sandbox->memory > 0 && !SHADOWED ? layers | SANDBOX_MEMORY : layers;
}

/* A child enters what it can; its exit code tells what that was. It works in
 * our memory, and we wait: what it gives up is its own, and a copy of the
 * memory would cost more than all of the trial. */
static bool
try_layers(struct sandbox *sandbox)
{
    struct sandbox_memory memory;
    int status = 0;
    pid_t pid = vfork();
    if (pid == 0)
        _exit(enter_always()
                  ? (int)enter_layers(sandbox, wanted_layers(sandbox), &memory)
                  : FAILED);
    if (pid < 0)
        return false;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    if (!WIFEXITED(status) || (WEXITSTATUS(status) & ~SANDBOX_LAYERS) != 0)
        return false;
    sandbox->layers = (unsigned)WEXITSTATUS(status);
    sandbox->landlock = sandbox->layers & SANDBOX_LANDLOCK ? landlock_abi() : 0;
    return true;
}

enum mill_status
exec__sandbox_open(struct sandbox *sandbox, enum mill_sandbox mode,
                   uint64_t memory, bool crews, struct mill_err *err)
{
    enum { WALLS = SANDBOX_LANDLOCK | SANDBOX_SECCOMP };
    char text[128];
    *sandbox =
        (struct sandbox){.on = mode != MILL_SANDBOX_OFF, .memory = memory};
    if (!sandbox->on)
        return MILL_OK;
    exec__filter_make(&sandbox->filter, crews);
    if (!try_layers(sandbox))
        return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                             "cannot find out what sandbox there is");
    if (mode != MILL_SANDBOX_REQUIRE || (sandbox->layers & WALLS) == WALLS)
        return MILL_OK;
    return mill_fail(
        err, MILL_ENVIRONMENT, "--sandbox require: there is only: %s",
        mill_sandbox_text(exec__sandbox_state(sandbox), text, sizeof text));
}

/* ---- telling ------------------------------------------------------------- */

struct mill_sandbox_state
exec__sandbox_state(const struct sandbox *sandbox)
{
    return (struct mill_sandbox_state){
        .on = sandbox->on,
        .landlock = sandbox->landlock,
        .seccomp = (sandbox->layers & SANDBOX_SECCOMP) != 0,
        .memory = (sandbox->layers & SANDBOX_MEMORY) != 0,
    };
}

struct mill_sandbox_state
mill_sandbox_probe(void)
{
    struct sandbox sandbox;
    struct mill_err err;
    exec__sandbox_open(&sandbox, MILL_SANDBOX_AUTO, 1, false, &err);
    return exec__sandbox_state(&sandbox);
}

char *
mill_sandbox_text(struct mill_sandbox_state state, char *text, size_t n)
{
    char library[32], landlock[40] = "no landlock (the kernel has none)";
    const char *of = exec__rules_library(library, sizeof library);
    if (!state.on) {
        snprintf(text, n, "off");
        return text;
    }
    if (state.landlock > 0)
        snprintf(landlock, sizeof landlock, "landlock ABI %u", state.landlock);
    snprintf(text, n, "%s, %sseccomp (%s), %s", landlock,
             state.seccomp ? "" : "no ",
             of[0] == '\0'   ? "built without libseccomp"
             : state.seccomp ? of
                             : "the kernel refuses it",
             state.memory ? "memory limit"
             : SHADOWED   ? "no memory limit (sanitizer build)"
                          : "no memory limit");
    return text;
}
