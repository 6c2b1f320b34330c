/* The store: outputs that appear whole or not at all. Called by the writer
 * threads, many at once; they share the root's descriptor and nothing else.
 *
 *     O_TMPFILE ──write──► flush ──link──► name            (nothing was there)
 *                             └───link──► temporary ─rename─► name   (replace)
 *     temporary ──write──► flush ──rename─► name     (O_TMPFILE was refused)
 *
 * An anonymous file vanishes by itself whatever kills the process; a temporary
 * name exists in the first way only between its link and its rename. Those
 * names are drawn by lot, so threads and processes that share a folder do not
 * meet, and they begin with a dot, so no scan takes one for an input.
 *
 * A link never replaces anything, which is all that no-clobber asks for. A
 * rename replaces a symlink and does not follow it. Nothing is synced: after a
 * loss of power a name may be there without its bytes. */
#include "store.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { TEMPORARY = 40 };

/* An output on its way. */
struct draft {
    int fd;
    char name[TEMPORARY]; /* in the target's folder; "": it has none */
};

static bool
is_writable(const struct mill_store *store, struct mill_err *err)
{
    if (faccessat(store->root, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    mill_fail_sys(err, MILL_WRITE, errno, "write into folder");
    return false;
}

struct mill_store *
mill_store_open(const char *root_path, struct mill_err *err)
{
    struct mill_store *store = malloc(sizeof *store);
    if (store == NULL) {
        mill_fail(err, MILL_MEMORY, "output folder");
        return NULL;
    }
    *store = (struct mill_store){.root = io__root_open(root_path, err)};
    if (store->root < 0 || !is_writable(store, err)) {
        mill_store_close(store);
        return NULL;
    }
    if (!io__has_openat2(store->root))
        store->without |= IO__WITHOUT_OPENAT2;
    if (access("/proc/self/fd", X_OK) != 0)
        store->without |= IO__WITHOUT_TMPFILE;
    return store;
}

void
mill_store_close(struct mill_store *store)
{
    if (store == NULL)
        return;
    io__close(store->root);
    free(store);
}

bool
mill_store_stat(struct mill_store *store, const char *path, uint64_t *dev,
                uint64_t *ino, int64_t *mtime_ns)
{
    struct io__place place;
    struct mill_err err;
    struct stat found;

    if (io__place_open(store, path, false, &place, &err) != MILL_OK)
        return false;
    int sys = fstatat(place.folder, place.name, &found, AT_SYMLINK_NOFOLLOW);
    io__place_close(store, &place);
    if (sys != 0)
        return false;
    *dev = found.st_dev;
    *ino = found.st_ino;
    *mtime_ns = io__mtime_ns(&found);
    return true;
}

/* ---- drafts -------------------------------------------------------------- */

static bool
draw_name(char name[TEMPORARY])
{
    uint64_t lot;

    if (getrandom(&lot, sizeof lot, 0) != sizeof lot)
        return false;
    snprintf(name, TEMPORARY, ".imgmill-%016" PRIx64 ".tmp", lot);
    return true;
}

static bool
draft_open_named(struct draft *draft, int folder)
{
    const int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;

    do {
        if (!draw_name(draft->name))
            break;
        draft->fd = io__openat(folder, draft->name, flags, 0666);
    } while (draft->fd < 0 && errno == EEXIST);
    if (draft->fd < 0)
        draft->name[0] = '\0';
    return draft->fd >= 0;
}

static bool
draft_open(const struct mill_store *store, struct draft *draft, int folder)
{
    const int flags = O_TMPFILE | O_WRONLY | O_CLOEXEC;

    *draft = (struct draft){.fd = -1};
    if (!(store->without & IO__WITHOUT_TMPFILE)) {
        draft->fd = io__openat(folder, ".", flags, 0666);
        if (draft->fd >= 0)
            return true;
        /* How file systems and old kernels say that they do not know it. */
        if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT &&
            errno != EINVAL)
            return false;
    }
    return draft_open_named(draft, folder);
}

/* What close would answer, while the file is still ours: network file systems
 * tell of a full disk only here. */
static bool
draft_flush(const struct draft *draft)
{
    struct io__patience patience = {0};
    int fd;

    do
        fd = fcntl(draft->fd, F_DUPFD_CLOEXEC, 0);
    while (fd < 0 && io__patient(&patience, errno));
    return fd >= 0 && close(fd) == 0;
}

static void
draft_drop(const struct draft *draft, int folder)
{
    io__close(draft->fd);
    if (draft->name[0] != '\0')
        unlinkat(folder, draft->name, 0);
}

/* ---- publishing ---------------------------------------------------------- */

static bool
link_anonymous(const struct draft *draft, int folder, const char *name)
{
    char proc[32];

    snprintf(proc, sizeof proc, "/proc/self/fd/%d", draft->fd);
    return linkat(AT_FDCWD, proc, folder, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool
name_anonymous(struct draft *draft, int folder)
{
    char name[TEMPORARY];

    do {
        if (!draw_name(name))
            return false;
        if (link_anonymous(draft, folder, name)) {
            memcpy(draft->name, name, sizeof name);
            return true;
        }
    } while (errno == EEXIST);
    return false;
}

/* A rename that replaces nothing; a link where the file system has no such
 * rename. After a link the temporary name is still there to be dropped. */
static bool
rename_new(struct draft *draft, const struct io__place *place)
{
    int folder = place->folder;

    if (renameat2(folder, draft->name, folder, place->name, RENAME_NOREPLACE) ==
        0) {
        draft->name[0] = '\0';
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return linkat(folder, draft->name, folder, place->name, 0) == 0;
}

static bool
rename_over(struct draft *draft, const struct io__place *place)
{
    int folder = place->folder;

    if (renameat(folder, draft->name, folder, place->name) != 0)
        return false;
    draft->name[0] = '\0';
    return true;
}

static bool
publish(struct draft *draft, const struct io__place *place,
        enum mill_clobber clobber)
{
    if (draft->name[0] != '\0')
        return clobber == MILL_NO_CLOBBER ? rename_new(draft, place)
                                          : rename_over(draft, place);
    if (link_anonymous(draft, place->folder, place->name))
        return true;
    return errno == EEXIST && clobber == MILL_REPLACE &&
           name_anonymous(draft, place->folder) && rename_over(draft, place);
}

static enum mill_status
publish_failed(const struct io__place *place, int sys, struct mill_err *err)
{
    struct stat found;

    if (fstatat(place->folder, place->name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(found.st_mode))
        return mill_fail(err, MILL_WRITE, "is a folder");
    if (sys == EEXIST)
        return mill_fail(err, MILL_EXISTS, "it is there already");
    return mill_fail_sys(err, MILL_WRITE, sys, "give it its name");
}

static enum mill_status
put(const struct mill_store *store, const struct io__place *place,
    struct mill_bytes bytes, enum mill_clobber clobber, struct mill_err *err)
{
    struct draft draft;
    enum mill_status status;

    if (!draft_open(store, &draft, place->folder))
        return mill_fail_sys(err, MILL_WRITE, errno, "create");
    status = mill_write_all(draft.fd, bytes.at, bytes.n, err);
    if (status == MILL_OK && !draft_flush(&draft))
        status = mill_fail_sys(err, MILL_WRITE, errno, "close");
    if (status == MILL_OK && !publish(&draft, place, clobber))
        status = publish_failed(place, errno, err);
    draft_drop(&draft, place->folder);
    return status;
}

enum mill_status
mill_store_put(struct mill_store *store, const char *path, const void *bytes,
               size_t n, enum mill_clobber clobber, struct mill_err *err)
{
    struct io__place place;
    enum mill_status status = io__place_open(store, path, true, &place, err);

    if (status != MILL_OK)
        return status;
    status = put(store, &place, (struct mill_bytes){bytes, n}, clobber, err);
    io__place_close(store, &place);
    return status;
}
