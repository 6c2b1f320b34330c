/* Threads for tests: start and join with an assertion, a nap for what cannot be
 * waited for otherwise, and a watchdog: a test that hangs dies by SIGALRM. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WATCHDOG_S = 30 };

static inline void
watchdog(void)
{
    alarm(WATCHDOG_S);
}

static inline pthread_t
thread_start(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, arg) != 0)
        abort();
    return thread;
}

static inline void *
thread_join(pthread_t thread)
{
    void *result;
    if (pthread_join(thread, &result) != 0)
        abort();
    return result;
}

static inline void
nap_ms(unsigned ms)
{
    struct timespec nap = {.tv_nsec = (long)ms * 1000000};
    nanosleep(&nap, NULL);
}

#endif
