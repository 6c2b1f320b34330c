/* SIGINT, SIGTERM and SIGHUP stop the batch: the first lets what is in a lane
 * end, the second does not. They are blocked in all threads and read by one,
 * from a descriptor, so nothing here runs inside a signal handler. After the
 * second they are let through again: a third ends the program, should the batch
 * hang on something that cannot be woken, such as a silent standard input. When
 * it does, people are told so. */
#include "session.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { AT_ONCE_MS = 1000 }; /* what ends at once has ended by then */

struct cli__signals {
    struct cli__session *session;
    pthread_t thread;
    int signals, over; /* descriptors */
    int first;         /* the thread's until it ended */
    unsigned n;
    bool told; /* that a third ends it */
};

static sigset_t
stop_set(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

void
cli__signals_block(void)
{
    sigset_t set = stop_set();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void
take_signal(struct cli__signals *signals)
{
    struct signalfd_siginfo info;
    sigset_t set = stop_set();

    if (read(signals->signals, &info, sizeof info) != sizeof info)
        return;
    if (!signals->n++) {
        signals->first = (int)info.ssi_signo;
        cli__say(&signals->session->voice,
                 "finishing the images in flight; again to stop now");
    } else {
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    mill_batch_stop(signals->session->batch);
}

static void
tell_third(struct cli__signals *signals)
{
    cli__say(&signals->session->voice,
             "an input or the disk does not answer; a third time ends without "
             "it");
    signals->told = true;
}

static void *
watch(void *context)
{
    struct cli__signals *signals = context;
    struct pollfd polls[] = {
        {signals->over, POLLIN, 0},
        {signals->signals, POLLIN, 0},
    };

    for (;;) {
        int wait_ms = signals->n > 1 && !signals->told ? AT_ONCE_MS : -1;
        int n = poll(polls, MILL_COUNT(polls), wait_ms);
        if (n > 0 && polls[0].revents)
            return NULL;
        if (n > 0)
            take_signal(signals);
        else if (n == 0)
            tell_third(signals);
    }
}

static bool
open_signals(struct cli__signals *signals)
{
    sigset_t set = stop_set();

    signals->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    signals->over = eventfd(0, EFD_CLOEXEC);
    return signals->signals >= 0 && signals->over >= 0 &&
           pthread_create(&signals->thread, NULL, watch, signals) == 0;
}

static void
free_signals(struct cli__signals *signals)
{
    if (signals->signals >= 0)
        close(signals->signals);
    if (signals->over >= 0)
        close(signals->over);
    free(signals);
}

struct cli__signals *
cli__signals_start(struct cli__session *session)
{
    struct cli__signals *signals = calloc(1, sizeof *signals);
    sigset_t set = stop_set();

    if (signals) {
        signals->session = session;
        if (open_signals(signals))
            return signals;
        free_signals(signals);
    }
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return NULL;
}

int
cli__signals_end(struct cli__signals *signals)
{
    uint64_t one = 1;
    int first = 0;

    if (!signals)
        return 0;
    if (write(signals->over, &one, sizeof one) == sizeof one)
        pthread_join(signals->thread, NULL);
    first = signals->first;
    free_signals(signals);
    return first;
}
