/* The arena: a list of chunks, filled from the front; a take goes into the
 * first chunk that has room. A new chunk is as large as the take that asks for
 * it (or CHUNK_LEAST), never a multiple: work memory is counted beforehand, and
 * what nobody counted must not be reserved.
 *
 * Fresh pages are dear, the same pages again are not. So a clear keeps one
 * chunk. While images grow, no single chunk holds what the last one took; then
 * all go and `next_bytes` asks for one chunk of their sum (at most keep_bytes)
 * at the next take. After a few images one chunk serves all and a clear is an
 * assignment. What one image needs above keep_bytes comes and goes with it.
 *
 * One thread at a time; no locks. */
#include <imgmill/base.h>

#include "poison.h"

#include <stdlib.h>
#include <string.h>

enum {
    LINE = 64,               /* alignment of every take */
    CHUNK_LEAST = 256 * 1024 /* small takes share one */
};

struct chunk {
    struct chunk *next;
    size_t capacity, used; /* bytes of at[] */
    _Alignas(LINE) uint8_t at[];
};

struct mill_arena {
    struct chunk *chunks;
    size_t keep_bytes;
    size_t next_bytes; /* the next new chunk is at least this large */
    uint64_t taken;
};

struct mill_arena *
mill_arena_new(size_t keep_bytes)
{
    struct mill_arena *arena = calloc(1, sizeof *arena);
    if (arena)
        arena->keep_bytes = keep_bytes;
    return arena;
}

static void
free_chunks(struct chunk *chunk)
{
    while (chunk) {
        struct chunk *next = chunk->next;
        BASE__SHOW(chunk->at, chunk->capacity);
        free(chunk);
        chunk = next;
    }
}

void
mill_arena_free(struct mill_arena *arena)
{
    if (!arena)
        return;
    free_chunks(arena->chunks);
    free(arena);
}

static struct chunk *
chunk_new(size_t capacity)
{
    size_t bytes;
    if (!mill_size_add(sizeof(struct chunk), capacity, &bytes))
        return NULL;
    struct chunk *chunk = aligned_alloc(LINE, bytes);
    if (!chunk)
        return NULL;
    chunk->next = NULL;
    chunk->capacity = capacity;
    chunk->used = 0;
    BASE__HIDE(chunk->at, capacity);
    return chunk;
}

/* A chunk with room for n more bytes: one that we have or a new one. What is
 * only a wish (next_bytes, CHUNK_LEAST) is let go when memory is short. */
static struct chunk *
find(struct mill_arena *arena, size_t n)
{
    struct chunk **link = &arena->chunks;
    for (; *link; link = &(*link)->next) {
        if ((*link)->capacity - (*link)->used >= n)
            return *link;
    }
    size_t wish = n < CHUNK_LEAST ? CHUNK_LEAST : n;
    if (wish < arena->next_bytes)
        wish = arena->next_bytes;
    *link = chunk_new(wish);
    if (!*link && wish > n)
        *link = chunk_new(n);
    if (*link)
        arena->next_bytes = 0;
    return *link;
}

void *
mill_arena_take(struct mill_arena *arena, size_t n, struct mill_err *err)
{
    char text[24];
    struct chunk *chunk = NULL;
    size_t whole = 0;
    if (n < SIZE_MAX - 4 * LINE) {
        whole = mill_size_align(n ? n : 1, LINE);
        chunk = find(arena, whole + BASE__GAP);
    }
    if (!chunk) {
        mill_fail(err, MILL_MEMORY, "%s more cannot be had",
                  mill_size_text(n, text, sizeof text));
        return NULL;
    }
    uint8_t *at = chunk->at + chunk->used;
    chunk->used += whole + BASE__GAP;
    arena->taken += whole;
    BASE__SHOW(at, n);
    BASE__FILL(at, n);
    return at;
}

void *
mill_arena_take_zeroed(struct mill_arena *arena, size_t n, struct mill_err *err)
{
    void *at = mill_arena_take(arena, n, err);
    if (at)
        memset(at, 0, n);
    return at;
}

/* Takes the chunk out of the list that may stay: it alone holds `bytes` and is
 * not above keep_bytes. NULL: there is none. */
static struct chunk *
pick(struct mill_arena *arena, size_t bytes)
{
    for (struct chunk **link = &arena->chunks; *link; link = &(*link)->next) {
        struct chunk *chunk = *link;
        if (chunk->capacity >= bytes && chunk->capacity <= arena->keep_bytes) {
            *link = chunk->next;
            chunk->next = NULL;
            return chunk;
        }
    }
    return NULL;
}

/* What the next image will want in one piece. A sum of what stands in memory
 * cannot overflow. */
static size_t
kept_bytes(const struct mill_arena *arena)
{
    size_t sum = 0;
    for (const struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
        sum += chunk->capacity;
    if (sum > arena->keep_bytes)
        sum = arena->keep_bytes & ~(size_t)(LINE - 1);
    return sum;
}

void
mill_arena_clear(struct mill_arena *arena)
{
    arena->taken = 0;
    if (!arena->chunks)
        return;
    size_t bytes = kept_bytes(arena);
    struct chunk *stays = pick(arena, bytes);
    free_chunks(arena->chunks);
    arena->chunks = stays;
    arena->next_bytes = stays ? 0 : bytes;
    if (stays) {
        stays->used = 0;
        BASE__HIDE(stays->at, stays->capacity);
    }
}

uint64_t
mill_arena_bytes(const struct mill_arena *arena)
{
    return arena->taken;
}
