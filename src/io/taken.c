/* Names that are taken: a hash table with open addressing, at most half full,
 * from a name to the number of its owner. Made while the names are planned, on
 * one thread. It keeps the hashes, so growing never touches the strings. Where
 * case does not count, names are folded as they are looked at (fold.c), and no
 * copies of them are made. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS_LEAST = 64 };

struct cell {
    const char *name; /* NULL: free */
    uint64_t hash;
    size_t owner;
};

struct mill_names {
    struct cell *cells;
    size_t n, room; /* room is a power of two */
    bool folded;    /* case does not count */
    struct io__fold fold;
};

/* The upper half is folded in: the table looks at the lowest bits. */
static uint64_t
hash_of(const struct mill_names *names, const char *name)
{
    uint64_t hash = names->folded
                        ? io__fold_hash(&names->fold, name)
                        : mill_hash(MILL_HASH_START, name, strlen(name));

    return hash ^ hash >> 32;
}

struct mill_names *
mill_names_new(size_t expected)
{
    struct mill_names *names = calloc(1, sizeof *names);

    if (names == NULL)
        return NULL;
    names->room = CELLS_LEAST;
    while (names->room / 2 < expected && names->room <= SIZE_MAX / 4)
        names->room *= 2;
    names->cells = calloc(names->room, sizeof *names->cells);
    if (names->cells != NULL)
        return names;
    free(names);
    return NULL;
}

struct mill_names *
mill_names_new_folded(size_t expected)
{
    struct mill_names *names = mill_names_new(expected);

    if (names == NULL)
        return NULL;
    names->folded = true;
    io__fold_open(&names->fold);
    return names;
}

void
mill_names_free(struct mill_names *names)
{
    if (names == NULL)
        return;
    if (names->folded)
        io__fold_close(&names->fold);
    free(names->cells);
    free(names);
}

static bool
is_name(const struct mill_names *names, const char *one, const char *two)
{
    return names->folded ? io__fold_same(&names->fold, one, two)
                         : strcmp(one, two) == 0;
}

/* The cell that holds the name, or the free one where it belongs. */
static struct cell *
find(const struct mill_names *names, const char *name, uint64_t hash)
{
    size_t i = hash & (names->room - 1);
    const struct cell *cells = names->cells;

    while (cells[i].name != NULL &&
           (cells[i].hash != hash || !is_name(names, cells[i].name, name)))
        i = (i + 1) & (names->room - 1);
    return &names->cells[i];
}

static struct cell *
find_free(struct cell *cells, size_t room, uint64_t hash)
{
    size_t i = hash & (room - 1);

    while (cells[i].name != NULL)
        i = (i + 1) & (room - 1);
    return &cells[i];
}

static bool
grow(struct mill_names *names)
{
    size_t room;

    if (!mill_size_mul(names->room, 2, &room))
        return false;
    struct cell *cells = calloc(room, sizeof *cells);
    if (cells == NULL)
        return false;
    for (size_t i = 0; i < names->room; i++) {
        const struct cell *cell = &names->cells[i];
        if (cell->name != NULL)
            *find_free(cells, room, cell->hash) = *cell;
    }
    free(names->cells);
    names->cells = cells;
    names->room = room;
    return true;
}

bool
mill_names_take(struct mill_names *names, const char *name, size_t owner,
                size_t *other, bool *out_of_memory)
{
    uint64_t hash = hash_of(names, name);

    *out_of_memory = names->n >= names->room / 2 && !grow(names);
    if (*out_of_memory)
        return false;
    struct cell *cell = find(names, name, hash);
    if (cell->name != NULL) {
        *other = cell->owner;
        return false;
    }
    *cell = (struct cell){name, hash, owner};
    names->n++;
    return true;
}

bool
mill_names_find(const struct mill_names *names, const char *name, size_t *owner)
{
    const struct cell *cell = find(names, name, hash_of(names, name));

    if (cell->name == NULL)
        return false;
    *owner = cell->owner;
    return true;
}
