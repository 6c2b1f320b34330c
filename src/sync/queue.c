/* The queue: a ring of pointers, one mutex, and a condition for each side.
 * Closing ends the stream: who pushes is sent away at once, who pops gets what
 * is still there and then NULL. The clock is read only by who really waits, so
 * a queue that flows costs no time calls. The mutex is held for a few stores
 * and never while anything else is locked. */
#include <imgmill/sync.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct mill_queue {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t room, item;
    bool closed;
    size_t capacity, first, n; /* the n items from ring[first] on */
    struct mill_waits waits;
    void *ring[];
};

struct mill_queue *
mill_queue_new(size_t capacity)
{
    size_t bytes;
    if (capacity == 0)
        capacity = 1;
    if (!mill_size_mul(capacity, sizeof(void *), &bytes) ||
        !mill_size_add(bytes, sizeof(struct mill_queue), &bytes))
        return NULL;
    struct mill_queue *queue = calloc(1, bytes);
    if (!queue)
        return NULL;
    queue->capacity = capacity;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->room, NULL);
    pthread_cond_init(&queue->item, NULL);
    return queue;
}

void
mill_queue_free(struct mill_queue *queue)
{
    if (!queue)
        return;
    assert(queue->n == 0);
    pthread_cond_destroy(&queue->item);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

/* Both wait with the lock held and add what they waited to the side's sum. */
static void
wait_for_room(struct mill_queue *queue)
{
    if (queue->closed || queue->n < queue->capacity)
        return;
    uint64_t begun = mill_now_ns();
    while (!queue->closed && queue->n == queue->capacity)
        pthread_cond_wait(&queue->room, &queue->lock);
    queue->waits.push_ns += mill_now_ns() - begun;
}

static void
wait_for_item(struct mill_queue *queue)
{
    if (queue->closed || queue->n > 0)
        return;
    uint64_t begun = mill_now_ns();
    while (!queue->closed && queue->n == 0)
        pthread_cond_wait(&queue->item, &queue->lock);
    queue->waits.pop_ns += mill_now_ns() - begun;
}

bool
mill_queue_push(struct mill_queue *queue, void *item)
{
    assert(item); /* NULL is pop's word for the end */
    pthread_mutex_lock(&queue->lock);
    wait_for_room(queue);
    bool taken = !queue->closed;
    if (taken) {
        queue->ring[(queue->first + queue->n) % queue->capacity] = item;
        queue->n++;
        queue->waits.n_pushed++;
        if (queue->n > queue->waits.most)
            queue->waits.most = queue->n;
        pthread_cond_signal(&queue->item);
    }
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

void *
mill_queue_pop(struct mill_queue *queue)
{
    void *item = NULL;
    pthread_mutex_lock(&queue->lock);
    wait_for_item(queue);
    if (queue->n > 0) {
        item = queue->ring[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->n--;
        queue->waits.n_popped++;
        pthread_cond_signal(&queue->room);
    }
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void
mill_queue_close(struct mill_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->room);
    pthread_cond_broadcast(&queue->item);
    pthread_mutex_unlock(&queue->lock);
}

struct mill_waits
mill_queue_waits(struct mill_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    struct mill_waits waits = queue->waits;
    pthread_mutex_unlock(&queue->lock);
    return waits;
}
