/* nursery: forked before the mill has a thread, and single-threaded for life.
 * A fork from the mill itself would copy locks that other threads hold (and
 * OpenMP's idea of threads that the child does not have); a fork from here
 * copies a small quiet process. Only the nursery can wait for its children, so
 * it also tells the mill how they ended.
 *
 *   lane 0 ==line 0== nursery ----fork----> worker of lane 0
 *   lane 1 ==line 1==    |    ----fork----> worker of lane 1
 *
 * Each lane has a line of its own and at most one worker: SPAWN is answered by
 * BORN, and after some time by DIED; no ids, no locks. A line that closes takes
 * its worker with it; when all are closed, the nursery ends. If the nursery
 * dies, PDEATHSIG takes the workers and the lanes see their lines close.
 *
 * The first half of this file runs in the nursery, the second in the mill. */
#include "nursery.h"

#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ANSWER_MS = 30000, /* a nursery that is silent for longer counts as gone */
    CLOSE_MS = 5000
};

/* ---- in the nursery ------------------------------------------------------ */

struct cot {
    int line;  /* -1: closed */
    int pidfd; /* of the worker; -1: none */
    pid_t pid;
};

static pid_t
wait_for(pid_t pid, int *wait_status)
{
    pid_t got;
    do
        got = waitpid(pid, wait_status, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* What a worker may have forked goes with it: they are of its group, and the
 * group's name is not free while the worker is not waited for. */
static void
cot_reap(struct cot *cot)
{
    int wait_status = 0;
    kill(-cot->pid, SIGKILL);
    wait_for(cot->pid, &wait_status);
    close(cot->pidfd);
    cot->pidfd = -1;
    struct wire_message died = {.kind = WIRE_DIED, .n = (uint32_t)wait_status};
    exec__wire_send(cot->line, &died, 0, NULL, 0);
}

static void
cot_close(struct cot *cot)
{
    if (cot->pidfd >= 0) {
        kill(cot->pid, SIGKILL);
        cot_reap(cot);
    }
    close(cot->line);
    cot->line = -1;
}

/* fds[0], fds[1]: the mill's end of its socket and its pidfd. */
static int
fork_worker(struct cot *cot, const struct exec_house *house, int window,
            int fds[2])
{
    int pair[2];
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return errno;
    pid_t pid = fork();
    if (pid == 0)
        exec__worker_main(house, pair[1], window, self);
    int sys = pid < 0 ? errno : 0;
    close(pair[1]);
    if (sys == 0 && (cot->pidfd = pidfd_open(pid, 0)) < 0) {
        sys = errno;
        kill(pid, SIGKILL);
        wait_for(pid, NULL);
    }
    cot->pid = pid;
    fds[0] = pair[0];
    fds[1] = cot->pidfd;
    if (sys != 0)
        close(pair[0]);
    return sys;
}

static void
cot_spawn(struct cot *cot, const struct exec_house *house, int window)
{
    struct wire_message born = {.kind = WIRE_BORN};
    int fds[2];
    int sys = window < 0 ? EBADF : fork_worker(cot, house, window, fds);
    if (sys != 0)
        mill_fail_sys(&born.err, MILL_ENVIRONMENT, sys,
                      "cannot start a worker");
    born.status = born.err.status;
    exec__wire_send(cot->line, &born, 0, fds, sys == 0 ? 2 : 0);
    if (sys == 0)
        close(fds[0]);
    if (window >= 0)
        close(window);
}

static void
cot_hear(struct cot *cot, const struct exec_house *house)
{
    struct wire_message message;
    int window;
    if (exec__wire_receive(cot->line, &message, 0, &window, 1) == 1 &&
        message.kind == WIRE_SPAWN && cot->pidfd < 0)
        cot_spawn(cot, house, window);
    else
        cot_close(cot);
}

/* Deaths before new requests: a lane asks for a worker only after it heard of
 * the death of the one before. */
static _Noreturn void
watch(struct cot *cots, struct pollfd *polls, unsigned n,
      const struct exec_house *house)
{
    for (unsigned open = n; open > 0;) {
        for (unsigned i = 0; i < n; i++) {
            polls[2 * i] = (struct pollfd){cots[i].pidfd, POLLIN, 0};
            polls[2 * i + 1] = (struct pollfd){cots[i].line, POLLIN, 0};
        }
        if (poll(polls, 2 * n, -1) < 0)
            continue;
        open = 0;
        for (unsigned i = 0; i < n; i++) {
            if (polls[2 * i].revents)
                cot_reap(&cots[i]);
            if (polls[2 * i + 1].revents)
                cot_hear(&cots[i], house);
            open += cots[i].line >= 0;
        }
    }
    _exit(0);
}

/* Where there is no /dev/null: an empty file that cannot be written. */
static int
open_null(void)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0)
        return null;
    null = memfd_create("null", MFD_ALLOW_SEALING);
    fcntl(null, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SEAL);
    return null;
}

/* The terminal's signals are for the mill; what ends the nursery is the end of
 * the mill. So it is in a group of its own and blocks what can be blocked. */
static bool
go_quiet(pid_t mill)
{
    sigset_t all;
    setpgid(0, 0);
    prctl(PR_SET_NAME, "mill-nursery");
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != mill)
        return false;
    int null = open_null();
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (null < 0 || dup2(null, fd) < 0)
            return false;
    }
    return true;
}

/* Moves the lines to 3, 4, … and closes everything else. They are in rising
 * order and above stderr, so none lands on one that is still to be moved. */
static void
keep_lines(struct cot *cots, unsigned n)
{
    int next = STDERR_FILENO + 1;
    for (unsigned i = 0; i < n; i++, next++) {
        if (cots[i].line != next)
            dup2(cots[i].line, next);
        fcntl(next, F_SETFD, FD_CLOEXEC);
        cots[i].line = next;
    }
    close_range((unsigned)next, UINT_MAX, 0);
}

static _Noreturn void
nursery_main(const int *lines, unsigned n, pid_t mill,
             const struct exec_house *house)
{
    struct cot *cots = calloc(n, sizeof *cots);
    struct pollfd *polls = calloc(n, 2 * sizeof *polls);
    if (cots == NULL || polls == NULL || !go_quiet(mill))
        _exit(1);
    for (unsigned i = 0; i < n; i++)
        cots[i] = (struct cot){.line = lines[i], .pidfd = -1};
    keep_lines(cots, n);
    watch(cots, polls, n, house);
}

/* ---- in the mill --------------------------------------------------------- */

static void
close_all(int *fds, unsigned n)
{
    for (unsigned i = 0; fds != NULL && i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

/* Both ends above stderr, whatever the mill was started with. */
static bool
line_open(int *mine, int *theirs)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    *mine = fcntl(pair[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    *theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int sys = errno;
    close_all(pair, 2);
    errno = sys;
    return *mine >= 0 && *theirs >= 0;
}

static bool
nursery_fork(struct nursery *nursery, const int *theirs,
             const struct exec_house *house)
{
    pid_t mill = getpid();
    nursery->pid = fork();
    if (nursery->pid == 0)
        nursery_main(theirs, nursery->n, mill, house);
    if (nursery->pid > 0)
        nursery->pidfd = pidfd_open(nursery->pid, 0);
    return nursery->pidfd >= 0;
}

enum mill_status
exec__nursery_open(struct nursery *nursery, unsigned n,
                   const struct exec_house *house, struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    int *theirs = malloc(n * sizeof *theirs);
    *nursery = (struct nursery){.pid = -1, .pidfd = -1, .n = n};
    nursery->lines = malloc(n * sizeof *nursery->lines);
    bool ok = theirs != NULL && nursery->lines != NULL;
    unsigned opened = 0;
    for (; ok && opened < n; opened++) {
        nursery->lines[opened] = theirs[opened] = -1;
        ok = line_open(&nursery->lines[opened], &theirs[opened]);
    }
    nursery->n = opened;
    if (!ok || !nursery_fork(nursery, theirs, house))
        status = mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                               "cannot start the workers' nursery (fewer "
                               "--jobs need less)");
    close_all(theirs, opened);
    free(theirs);
    if (status != MILL_OK)
        exec__nursery_close(nursery);
    return status;
}

void
exec__nursery_close(struct nursery *nursery)
{
    close_all(nursery->lines, nursery->n);
    free(nursery->lines);
    nursery->lines = NULL;
    if (nursery->pid > 0) {
        if (nursery->pidfd < 0 || !exec__wire_wait(nursery->pidfd, CLOSE_MS))
            kill(nursery->pid, SIGKILL);
        wait_for(nursery->pid, NULL);
    }
    if (nursery->pidfd >= 0)
        close(nursery->pidfd);
    nursery->pid = nursery->pidfd = -1;
}

/* Its next message, within timeout_ms: 1, 0: none yet, -1: it is gone. */
static int
listen_to(int line, int timeout_ms, struct wire_message *message, int *fds,
          unsigned n_fds)
{
    if (!exec__wire_wait(line, timeout_ms))
        return 0;
    return exec__wire_receive(line, message, 0, fds, n_fds) == 1 ? 1 : -1;
}

enum mill_status
exec__nursery_spawn(int line, int window, int fds[2], struct mill_err *err)
{
    struct wire_message spawn = {.kind = WIRE_SPAWN}, born;
    fds[0] = fds[1] = -1;
    if (!exec__wire_send(line, &spawn, 0, &window, 1) ||
        listen_to(line, ANSWER_MS, &born, fds, 2) != 1)
        return mill_fail(err, MILL_ENVIRONMENT,
                         "the process that starts workers is gone");
    if (born.status == MILL_OK && fds[0] >= 0 && fds[1] >= 0)
        return MILL_OK;
    close_all(fds, 2);
    if (born.status == MILL_OK)
        return mill_fail_sys(err, MILL_ENVIRONMENT, EMFILE,
                             "cannot start a worker");
    *err = born.err;
    return MILL_ENVIRONMENT;
}

int
exec__nursery_death(int line, int timeout_ms, int *wait_status)
{
    struct wire_message died;
    int got = listen_to(line, timeout_ms, &died, NULL, 0);
    if (got == 1)
        *wait_status = (int)died.n;
    return got;
}
