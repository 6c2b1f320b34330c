/* Threads for tests: start and join that cannot fail quietly, a way to see that
 * a thread has come to rest in a wait, and a watchdog: a test that hangs dies
 * by SIGALRM. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* One thread's own note of itself; {0} before it starts. */
struct thread_mark {
    atomic_int tid;    /* 0: has not begun */
    atomic_bool ended; /* what it was started for has returned */
};

static inline void
thread_begins(struct thread_mark *mark)
{
    atomic_store(&mark->tid, gettid());
}

static inline void
thread_ends(struct thread_mark *mark)
{
    atomic_store(&mark->ended, true);
}

static inline bool
thread_ended(struct thread_mark *mark)
{
    return atomic_load(&mark->ended);
}

static inline bool
thread_sleeps(int tid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    char *name_end = strrchr(text, ')');
    return name_end && strncmp(name_end, ") S", 3) == 0;
}

/* Returns when the thread has ended, or sleeps and still does a while later. */
static inline void
thread_settle(struct thread_mark *mark)
{
    for (int rests = 0; rests < 3 && !thread_ended(mark); nap_ms(1)) {
        int tid = atomic_load(&mark->tid);
        rests = tid && thread_sleeps(tid) ? rests + 1 : 0;
    }
}

#endif
