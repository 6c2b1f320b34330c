/* Inside the store: how a path below the root becomes an open folder and a
 * name in it. */
#ifndef MILL_IO_STORE_H
#define MILL_IO_STORE_H

#include <imgmill/io.h>

#include <pthread.h>
#include <sys/stat.h>

/* What the system does not have; found out once, when the store is opened.
 * Tests set these bits to take the other way. */
enum io__without {
    IO__WITHOUT_OPENAT2 = 1,
    IO__WITHOUT_TMPFILE = 2 /* or no /proc to link one through */
};

/* The files that the store has made (mine.c). */
struct io__mine {
    pthread_mutex_t replacing; /* held from a look at what is replaced on */
    pthread_mutex_t lock;      /* guards all below */
    struct io__line *lines;
    size_t n, room; /* room is a power of two */
};

struct mill_store {
    int root;         /* O_PATH; in place: AT_FDCWD */
    bool in_place;    /* paths may be any */
    unsigned without; /* enum io__without bits; read-only once it is open */
    struct io__syncs *syncs; /* NULL: no sync is wanted */
    struct io__mine mine;
};

struct io__place {
    int folder;       /* O_PATH; the store's root itself for names at the top */
    const char *name; /* in that folder; points into the path given */
};

/* ---- folders ------------------------------------------------------------- */

/* Makes the folder and all above it where they are missing, if it is missing at
 * all; returns it opened with O_PATH, or -1 with err filled. */
int io__root_open(const char *path, struct mill_err *err);

/* Can a file be linked through its descriptor? */
bool io__has_proc(void);

/* Does openat2 work below this folder? */
bool io__has_openat2(int root);

/* MILL_WRITE when path is none below the root, leads out of it, or has a folder
 * that is missing (made when `make`). */
enum mill_status io__place_open(const struct mill_store *store,
                                const char *path, bool make,
                                struct io__place *place, struct mill_err *err);
void io__place_close(const struct mill_store *store,
                     const struct io__place *place);

/* What is at the path, a link itself; false: nothing. */
bool io__store_look(struct mill_store *store, const char *path,
                    struct stat *found);

/* ---- file systems to sync ------------------------------------------------ */

struct io__syncs *io__syncs_new(void);
void io__syncs_free(struct io__syncs *syncs);
/* fd: an output, open and still empty. Many threads; NULL syncs notes nothing.
 */
enum mill_status io__syncs_note(struct io__syncs *syncs, int fd,
                                struct mill_err *err);
/* Every file system noted, also after one failed. */
enum mill_status io__syncs_run(struct io__syncs *syncs, struct mill_err *err);

#endif
