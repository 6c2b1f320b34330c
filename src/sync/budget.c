/* The budget: a count of units and a line of those who wait for some. Whoever
 * gives looks at the head of the line and grants there, so the units are
 * counted as held before the thread that gets them wakes, nobody can slip in
 * between, and only threads that got something are woken. A waiter lives on
 * its thread's stack; it is in the line until it is granted or sent away, and
 * both happen under the lock that it must take again before it returns.
 *
 * A request larger than the limit waits at the head until nothing is held, and
 * the line stands behind it: that is the price of nobody being overtaken. */
#include <imgmill/sync.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct waiter {
    struct waiter *next;
    uint64_t units;
    enum { WAITS, GRANTED, SENT_AWAY } state;
    pthread_cond_t changed;
};

struct mill_budget {
    uint64_t limit;
    pthread_mutex_t lock; /* guards all below */
    bool closed;
    uint64_t held;
    struct waiter *head, **tail;
    struct mill_waits waits;
};

struct mill_budget *
mill_budget_new(uint64_t limit)
{
    struct mill_budget *budget = calloc(1, sizeof *budget);
    if (!budget)
        return NULL;
    budget->limit = limit;
    budget->tail = &budget->head;
    pthread_mutex_init(&budget->lock, NULL);
    return budget;
}

void
mill_budget_free(struct mill_budget *budget)
{
    if (!budget)
        return;
    assert(!budget->head);
    pthread_mutex_destroy(&budget->lock);
    free(budget);
}

uint64_t
mill_budget_limit(const struct mill_budget *budget)
{
    return budget->limit;
}

/* ---- with the lock held -------------------------------------------------- */

static bool
fits(const struct mill_budget *budget, uint64_t units)
{
    if (budget->held == 0)
        return true;
    return units <= budget->limit && budget->held <= budget->limit - units;
}

static void
hold(struct mill_budget *budget, uint64_t units)
{
    budget->held = mill_u64_add(budget->held, units);
    if (budget->held > budget->waits.most)
        budget->waits.most = budget->held;
}

static struct waiter *
leave_line(struct mill_budget *budget)
{
    struct waiter *first = budget->head;
    budget->head = first->next;
    if (!budget->head)
        budget->tail = &budget->head;
    return first;
}

static void
grant_what_fits(struct mill_budget *budget)
{
    while (budget->head && fits(budget, budget->head->units)) {
        struct waiter *first = leave_line(budget);
        hold(budget, first->units);
        first->state = GRANTED;
        pthread_cond_signal(&first->changed);
    }
}

/* Stand in line until granted (true) or sent away. */
static bool
stand(struct mill_budget *budget, uint64_t units)
{
    uint64_t begun = mill_now_ns();
    struct waiter self = {.units = units, .state = WAITS};
    pthread_cond_init(&self.changed, NULL);
    *budget->tail = &self;
    budget->tail = &self.next;
    while (self.state == WAITS)
        pthread_cond_wait(&self.changed, &budget->lock);
    pthread_cond_destroy(&self.changed);
    budget->waits.pop_ns += mill_now_ns() - begun;
    return self.state == GRANTED;
}

/* ---- the door ------------------------------------------------------------ */

bool
mill_budget_take(struct mill_budget *budget, uint64_t units)
{
    bool granted = false;
    pthread_mutex_lock(&budget->lock);
    if (!budget->closed && !budget->head && fits(budget, units)) {
        hold(budget, units);
        granted = true;
    } else if (!budget->closed) {
        granted = stand(budget, units);
    }
    budget->waits.n_popped += granted;
    pthread_mutex_unlock(&budget->lock);
    return granted;
}

void
mill_budget_charge(struct mill_budget *budget, uint64_t units)
{
    pthread_mutex_lock(&budget->lock);
    hold(budget, units);
    pthread_mutex_unlock(&budget->lock);
}

void
mill_budget_give(struct mill_budget *budget, uint64_t units)
{
    pthread_mutex_lock(&budget->lock);
    assert(units <= budget->held);
    budget->held -= units < budget->held ? units : budget->held;
    grant_what_fits(budget);
    pthread_mutex_unlock(&budget->lock);
}

void
mill_budget_close(struct mill_budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    budget->closed = true;
    while (budget->head) {
        struct waiter *first = leave_line(budget);
        first->state = SENT_AWAY;
        pthread_cond_signal(&first->changed);
    }
    pthread_mutex_unlock(&budget->lock);
}

uint64_t
mill_budget_held(struct mill_budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    uint64_t held = budget->held;
    pthread_mutex_unlock(&budget->lock);
    return held;
}

struct mill_waits
mill_budget_waits(struct mill_budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    struct mill_waits waits = budget->waits;
    pthread_mutex_unlock(&budget->lock);
    return waits;
}
