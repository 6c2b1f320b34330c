/* sync: where threads meet. A bounded queue and a budget; both measure their
 * own waiting. Stands on base. No process ever shares one of these. */
#ifndef IMGMILL_SYNC_H
#define IMGMILL_SYNC_H

#include <imgmill/base.h>

/* How long threads stood here, all of them added up. */
struct mill_waits {
    uint64_t push_ns, pop_ns; /* queue: for room, for an item; budget: pop_ns */
    uint64_t n_pushed, n_popped;
    uint64_t most; /* items at once; budget: units held at once */
};

/* ---- queue: first in, first out, bounded --------------------------------- */

struct mill_queue;

struct mill_queue *mill_queue_new(size_t capacity); /* NULL: out of memory */
void mill_queue_free(struct mill_queue *queue);     /* empty, nobody in it */

/* Waits for room. False, and the item stays the caller's, when closed. */
bool mill_queue_push(struct mill_queue *queue, void *item);
/* Waits for an item. NULL when the queue is closed and empty. */
void *mill_queue_pop(struct mill_queue *queue);
/* No more pushes; what is in it can still be popped. May be called twice. */
void mill_queue_close(struct mill_queue *queue);
struct mill_waits mill_queue_waits(struct mill_queue *queue);

/* ---- budget: units, first come first served ------------------------------ */

/* A counted resource. One request is always granted when nothing is held, even
 * if it is larger than the limit; nobody overtakes. charge adds what cannot be
 * refused any more (debt): nothing new is granted until held is below the limit
 * again. */
struct mill_budget;

struct mill_budget *mill_budget_new(uint64_t limit);
void mill_budget_free(struct mill_budget *budget);
uint64_t mill_budget_limit(const struct mill_budget *budget);

/* Waits its turn. False, nothing taken, when the budget was closed. */
bool mill_budget_take(struct mill_budget *budget, uint64_t units);
void mill_budget_charge(struct mill_budget *budget, uint64_t units);
void mill_budget_give(struct mill_budget *budget, uint64_t units);
/* All that wait or come later get false. */
void mill_budget_close(struct mill_budget *budget);
uint64_t mill_budget_held(struct mill_budget *budget);
struct mill_waits mill_budget_waits(struct mill_budget *budget);

#endif
