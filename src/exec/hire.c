/* hire: births and deaths of workers as a lane sees them, and what they say in
 * between. A worker has a window of its own (window.c), made here and shown to
 * no other. Runs in the mill, on lane threads. */
#include "hire.h"

#include "nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DISMISS_MS = 1000, /* for a worker to free what it has */
    NURSERY_MS = 30000 /* for the nursery to tell of a death */
};

static const uint64_t BIRTH_NS = UINT64_C(60000000000);

/* ---- listening ----------------------------------------------------------- */

static enum news
receive(struct worker *worker, enum wire_state state,
        struct wire_message *message, const char **fault)
{
    int got =
        exec__wire_receive(worker->socket, message, MSG_DONTWAIT, NULL, 0);
    if (got == 0)
        return NEWS_DEATH;
    if (got < 0)
        *fault = "a message of another size";
    else
        *fault = exec__wire_fault(state, message, worker->serial,
                                  worker->house->window.out);
    return *fault ? NEWS_NONSENSE : NEWS_MESSAGE;
}

/* What it still said before it died counts; what it says after its deadline
 * does not, or it could talk for ever. */
enum news
exec__worker_hear(struct worker *worker, enum wire_state state,
                  struct deadline *deadline, struct wire_message *message,
                  const char **fault)
{
    struct pollfd polls[] = {{worker->socket, POLLIN, 0},
                             {worker->pidfd, POLLIN, 0},
                             {worker->stop, POLLIN, 0}};
    for (;;) {
        uint64_t from_ns = mill_now_ns();
        int poll_ms = exec__deadline_poll_ms(deadline);
        int n = poll(polls, MILL_COUNT(polls), poll_ms);
        exec__deadline_spend(deadline, poll_ms, mill_now_ns() - from_ns);
        if (n > 0 && polls[2].revents)
            return NEWS_STOP;
        if (exec__deadline_passed(deadline))
            return NEWS_LATE;
        if (n > 0 && polls[0].revents)
            return receive(worker, state, message, fault);
        if (n > 0 && polls[1].revents)
            return NEWS_DEATH;
    }
}

enum news
exec__worker_tell(struct worker *worker, const struct wire_message *message,
                  int fd, const char **fault)
{
    if (exec__wire_send(worker->socket, message, MSG_DONTWAIT, &fd, fd >= 0))
        return NEWS_MESSAGE;
    if (errno != EAGAIN && errno != ENOBUFS)
        return NEWS_DEATH;
    *fault = "more than it waits to be answered";
    return NEWS_NONSENSE;
}

bool
exec__worker_idle(const struct worker *worker)
{
    char byte;
    ssize_t n;
    do
        n = recv(worker->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    while (n < 0 && errno == EINTR);
    return n < 0 && errno == EAGAIN;
}

/* ---- birth --------------------------------------------------------------- */

static void
forget(struct worker *worker)
{
    if (worker->socket >= 0)
        close(worker->socket);
    if (worker->pidfd >= 0)
        close(worker->pidfd);
    exec__window_close(&worker->window, worker->house->window);
    worker->socket = worker->pidfd = -1;
}

static enum mill_status
spawn(struct worker *worker, struct mill_err *err)
{
    int fds[2];
    struct window *window = &worker->window;
    if (exec__window_open(window, worker->house->window, err) != MILL_OK)
        return MILL_CRASH;
    enum mill_status status =
        exec__nursery_spawn(worker->line, window->fd, fds, err);
    worker->socket = fds[0];
    worker->pidfd = fds[1];
    worker->serial = 0;
    worker->killed = false;
    if (status == MILL_OK)
        return MILL_OK;
    forget(worker);
    return err->sys != 0 ? MILL_CRASH : MILL_ENVIRONMENT;
}

/* It was born but does not say hello. */
static enum mill_status
stillborn(struct worker *worker, enum news news, struct mill_err *err)
{
    char text[64];
    struct death death =
        exec__worker_bury(worker, news == NEWS_DEATH ? NURSERY_MS : 0);
    if (news == NEWS_STOP)
        return mill_fail(err, MILL_STOPPED, "the run ends");
    if (!death.known)
        return mill_fail(err, MILL_ENVIRONMENT,
                         "the process that starts workers is gone");
    return mill_fail(err, MILL_CRASH, "a worker did not get ready: %s",
                     exec__death_text(death.wait_status, text, sizeof text));
}

enum mill_status
exec__worker_hire(struct worker *worker, struct mill_err *err)
{
    struct wire_message hello;
    struct deadline deadline = exec__deadline_of(BIRTH_NS);
    const char *fault;
    enum mill_status status = spawn(worker, err);
    if (status != MILL_OK)
        return status;
    enum news news =
        exec__worker_hear(worker, WIRE_AT_BIRTH, &deadline, &hello, &fault);
    if (news != NEWS_MESSAGE)
        return stillborn(worker, news, err);
    if (hello.status == MILL_OK && hello.total == worker->house->sandbox.layers)
        return MILL_OK;
    exec__worker_dismiss(worker);
    *err = hello.err;
    if (hello.status == MILL_OK)
        mill_fail(err, MILL_ENVIRONMENT,
                  "a worker is not in the sandbox that it should be in");
    err->status = MILL_ENVIRONMENT;
    exec__text_clean(err->text, sizeof err->text);
    return MILL_ENVIRONMENT;
}

/* ---- death --------------------------------------------------------------- */

struct death
exec__worker_bury(struct worker *worker, int grace_ms)
{
    struct death death = {.known = true};
    if (!exec__wire_wait(worker->pidfd, grace_ms)) {
        death.ours = true;
        pidfd_send_signal(worker->pidfd, SIGKILL, NULL, 0);
    }
    death.known =
        exec__nursery_death(worker->line, NURSERY_MS, &death.wait_status) == 1;
    worker->killed = death.known && !death.ours &&
                     WIFSIGNALED(death.wait_status) &&
                     WTERMSIG(death.wait_status) == SIGKILL;
    forget(worker);
    return death;
}

void
exec__worker_dismiss(struct worker *worker)
{
    if (worker->socket < 0)
        return;
    shutdown(worker->socket, SHUT_RDWR);
    exec__worker_bury(worker, DISMISS_MS);
}

char *
exec__death_text(int wait_status, char *text, size_t n)
{
    int sig = WTERMSIG(wait_status);
    if (WIFEXITED(wait_status))
        snprintf(text, n, "exited with code %d", WEXITSTATUS(wait_status));
    else if (sigabbrev_np(sig) != NULL)
        snprintf(text, n, "killed by SIG%s (%s)", sigabbrev_np(sig),
                 sigdescr_np(sig));
    else
        snprintf(text, n, "killed by signal %d", sig);
    return text;
}
