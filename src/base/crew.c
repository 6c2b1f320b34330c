/* The crew: threads that help inside one image. Work is cut into errands, and
 * whoever is free runs them: the crew's own threads, and any thread that has to
 * wait for something anyway, the one that drives the line above all. So no
 * thread of the crew sleeps while there is work, and the crew also works with
 * no thread of its own: then who waits runs everything.
 *
 *   post ──► ready ──► running ──► idle
 *              ▲          │ posted meanwhile
 *              └──────────┘
 *
 * Nothing can wait in a circle: an errand waits only for errands of higher
 * ranks, whoever waits in one runs only such as well, and those of the highest
 * rank wait for nothing.
 *
 * Threads are started by the first post that may use them, not before: a worker
 * process must be locked up by then. What cannot be started is not missed. They
 * sleep between images, and live as long as the crew; those beyond its limit
 * sleep on.
 *
 * Pthreads and not OpenMP's tasks. A band that waits to be worked on belongs to
 * no task that waits for it, and OpenMP orders only the tasks of one parent;
 * its libraries end the process when a thread cannot be had; and no checker of
 * races sees through their barriers. */
#include <imgmill/base.h>

#include <pthread.h>
#include <stdlib.h>

enum { STACK_BYTES = 1 << 20 };

enum state { IDLE, READY, RUNNING, AGAIN };

struct mill_crew {
    pthread_mutex_t lock;      /* guards all below, and the errands' states */
    pthread_cond_t news;       /* something became ready, or ended */
    struct mill_errand *ready; /* in the order of their posting */
    bool refused;              /* the system starts no more threads */
    bool over;
    unsigned most, size; /* threads, the driving one too; those that work */
    unsigned n_threads;  /* of our own, running */
    unsigned n_met;      /* of these, that know their number */
    pthread_t threads[];
};

/* ---- errands, under the lock --------------------------------------------- */

static void
append(struct mill_crew *crew, struct mill_errand *errand)
{
    struct mill_errand **link = &crew->ready;
    while (*link)
        link = &(*link)->next;
    errand->next = NULL;
    errand->state = READY;
    *link = errand;
}

/* The first of the highest rank, if that is not below `least`. */
static struct mill_errand *
pick(struct mill_crew *crew, unsigned least)
{
    struct mill_errand **best = NULL;
    for (struct mill_errand **link = &crew->ready; *link; link = &(*link)->next)
        if ((*link)->rank >= least && (!best || (*link)->rank > (*best)->rank))
            best = link;
    if (!best)
        return NULL;
    struct mill_errand *errand = *best;
    *best = errand->next;
    errand->state = RUNNING;
    return errand;
}

static void
run(struct mill_crew *crew, struct mill_errand *errand)
{
    pthread_mutex_unlock(&crew->lock);
    errand->run(errand);
    pthread_mutex_lock(&crew->lock);
    if (errand->state == AGAIN)
        append(crew, errand);
    else
        errand->state = IDLE;
    pthread_cond_broadcast(&crew->news);
}

/* Runs an errand, or sleeps until there is news. */
static void
help(struct mill_crew *crew, unsigned least)
{
    struct mill_errand *errand = pick(crew, least);
    if (errand)
        run(crew, errand);
    else
        pthread_cond_wait(&crew->news, &crew->lock);
}

/* ---- threads ------------------------------------------------------------- */

static void *
thread_main(void *self)
{
    struct mill_crew *crew = self;
    pthread_mutex_lock(&crew->lock);
    const unsigned number = ++crew->n_met;
    while (!crew->over)
        if (number < crew->size)
            help(crew, 0);
        else
            pthread_cond_wait(&crew->news, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void
start(struct mill_crew *crew)
{
    pthread_attr_t how;
    crew->refused = pthread_attr_init(&how) != 0;
    if (crew->refused)
        return;
    pthread_attr_setstacksize(&how, STACK_BYTES);
    while (crew->n_threads + 1 < crew->size && !crew->refused)
        if (pthread_create(&crew->threads[crew->n_threads], &how, thread_main,
                           crew) == 0)
            crew->n_threads++;
        else
            crew->refused = true;
    pthread_attr_destroy(&how);
}

/* ---- the door ------------------------------------------------------------ */

struct mill_crew *
mill_crew_new(unsigned threads)
{
    unsigned most = threads > 1 ? threads : 1;
    struct mill_crew *crew =
        calloc(1, sizeof *crew + (most - 1) * sizeof *crew->threads);
    if (!crew)
        return NULL;
    crew->most = crew->size = most;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->news, NULL);
    return crew;
}

void
mill_crew_free(struct mill_crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->over = true;
    pthread_cond_broadcast(&crew->news);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    pthread_cond_destroy(&crew->news);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

void
mill_crew_limit(struct mill_crew *crew, unsigned threads)
{
    pthread_mutex_lock(&crew->lock);
    crew->size = threads < 1 ? 1 : threads < crew->most ? threads : crew->most;
    pthread_mutex_unlock(&crew->lock);
}

unsigned
mill_crew_size(const struct mill_crew *crew)
{
    return crew ? crew->size : 1;
}

uint64_t
mill_crew_bytes(const struct mill_crew *crew)
{
    return (mill_crew_size(crew) - 1) * (uint64_t)STACK_BYTES;
}

void
mill_crew_post(struct mill_crew *crew, struct mill_errand *errand)
{
    pthread_mutex_lock(&crew->lock);
    if (crew->n_threads + 1 < crew->size && !crew->refused)
        start(crew);
    if (errand->state == IDLE) {
        append(crew, errand);
        pthread_cond_broadcast(&crew->news);
    } else if (errand->state == RUNNING) {
        errand->state = AGAIN;
    }
    pthread_mutex_unlock(&crew->lock);
}

void
mill_crew_wait(struct mill_crew *crew, unsigned least,
               bool (*done)(const void *of), const void *of)
{
    pthread_mutex_lock(&crew->lock);
    while (!done(of))
        help(crew, least);
    pthread_mutex_unlock(&crew->lock);
}

static bool
is_idle(const void *of)
{
    const struct mill_errand *errand = of;
    return errand->state == IDLE;
}

void
mill_crew_settle(struct mill_crew *crew, struct mill_errand *errand)
{
    mill_crew_wait(crew, errand->rank, is_idle, errand);
}
