/* The store: outputs that appear whole or not at all. Called by the writer
 * threads and the lanes, many at once; they share the root's descriptor and
 * nothing else.
 *
 *     O_TMPFILE ──write──► flush ──link──► name            (nothing was there)
 *                             └───link──► temporary ─rename─► name   (replace)
 *     temporary ──write──► flush ──rename─► name     (O_TMPFILE was refused)
 *
 * In the first way a temporary name exists only between its link and its rename
 * (draft.c).
 *
 * Large outputs are written as they come, from lanes, in the first way only: a
 * draft that had a name would be left by a kill in mid-image.
 *
 * A link never replaces anything, which is all that no-clobber asks for. A
 * rename replaces a symlink and does not follow it, and is done only after a
 * look at what is there: an output that this store has made is not replaced
 * (mine.c). Unless a sync was
 * asked for, nothing is: after a loss of power a name may be there without its
 * bytes. */
#include "draft.h"
#include "files.h"
#include "mine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool
is_writable(const struct mill_store *store, struct mill_err *err)
{
    if (faccessat(store->root, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    mill_fail_sys(err, MILL_WRITE, errno, "write into folder");
    return false;
}

bool
io__has_proc(void)
{
    return access("/proc/self/fd", X_OK) == 0;
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
    if (!io__mine_open(&store->mine)) {
        mill_fail(err, MILL_MEMORY, "output folder");
        mill_store_close(store);
        return NULL;
    }
    if (!io__has_openat2(store->root))
        store->without |= IO__WITHOUT_OPENAT2;
    if (!io__has_proc())
        store->without |= IO__WITHOUT_TMPFILE;
    return store;
}

void
mill_store_close(struct mill_store *store)
{
    if (store == NULL)
        return;
    io__syncs_free(store->syncs);
    io__mine_close(&store->mine);
    io__close(store->root);
    free(store);
}

enum mill_status
mill_store_sync_later(struct mill_store *store, struct mill_err *err)
{
    store->syncs = io__syncs_new();
    return store->syncs != NULL ? MILL_OK
                                : mill_fail(err, MILL_MEMORY, "--sync");
}

enum mill_status
mill_store_sync(struct mill_store *store, struct mill_err *err)
{
    return io__syncs_run(store->syncs, err);
}

bool
mill_store_lost(const struct mill_store *store)
{
    struct stat root;

    return (fstat(store->root, &root) == 0 && root.st_nlink == 0) ||
           (faccessat(store->root, ".", W_OK, AT_EACCESS) != 0 &&
            errno == EROFS);
}

bool
io__store_look(struct mill_store *store, const char *path, struct stat *found)
{
    struct io__place place;
    struct mill_err err;

    if (io__place_open(store, path, false, &place, &err) != MILL_OK)
        return false;
    int sys = fstatat(place.folder, place.name, found, AT_SYMLINK_NOFOLLOW);
    io__place_close(store, &place);
    return sys == 0;
}

bool
mill_store_stat(struct mill_store *store, const char *path, uint64_t *dev,
                uint64_t *ino, int64_t *mtime_ns)
{
    struct stat found;

    if (!io__store_look(store, path, &found) ||
        io__mine_find(store, path, &found) != NULL)
        return false;
    *dev = found.st_dev;
    *ino = found.st_ino;
    *mtime_ns = io__mtime_ns(&found);
    return true;
}

/* ---- publishing ---------------------------------------------------------- */

static bool
look(const struct io__place *place, struct stat *found)
{
    return fstatat(place->folder, place->name, found, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of a name that is taken. Two writers with two names of one file: the second
 * to come here sees what the first has made of it. */
static bool
replace(struct mill_store *store, struct io__draft *draft,
        const struct io__place *place, const char *path,
        enum mill_clobber clobber)
{
    struct stat found;
    bool is_there = look(place, &found), good = false;

    errno = EEXIST;
    if (is_there &&
        (clobber == MILL_NO_CLOBBER || io__mine_find(store, path, &found)))
        return false;
    if (io__draft_name(draft, place->folder))
        good = io__draft_rename(draft, place->folder, place->name);
    return good;
}

/* Without a way to replace nothing, what somebody else puts there between look
 * and rename is lost. */
static bool
publish(struct mill_store *store, struct io__draft *draft,
        const struct io__place *place, const char *path,
        enum mill_clobber clobber)
{
    bool good = draft->name[0] != '\0'
                    ? io__draft_rename_new(draft, place->folder, place->name)
                    : io__draft_link(draft, place->folder, place->name);

    if (good || (errno != EEXIST && errno != EOPNOTSUPP))
        return good;
    pthread_mutex_lock(&store->mine.replacing);
    good = replace(store, draft, place, path, clobber);
    int sys = errno;
    pthread_mutex_unlock(&store->mine.replacing);
    errno = sys;
    return good;
}

/* Signs that it does not know; some say that there is no such file. */
static bool
takes_no_such_name(const struct io__place *place, int sys)
{
    struct stat folder;

    return sys == EINVAL || sys == EILSEQ ||
           (sys == ENOENT && fstat(place->folder, &folder) == 0 &&
            folder.st_nlink > 0);
}

static enum mill_status
publish_failed(struct mill_store *store, const struct io__place *place,
               const char *path, int sys, struct mill_err *err)
{
    struct stat found;
    bool is_there = look(place, &found);
    const char *mine = is_there ? io__mine_find(store, path, &found) : NULL;

    if (mine != NULL)
        return mill_fail(err, MILL_WRITE,
                         "to this file system it has the name of another "
                         "output, %.60s; --name keeps them apart",
                         mine);
    if (is_there && S_ISDIR(found.st_mode))
        return mill_fail(err, MILL_WRITE, "is a folder");
    if (sys == EEXIST)
        return mill_fail(err, MILL_EXISTS, "it is there already");
    if (takes_no_such_name(place, sys))
        return mill_fail_sys(err, MILL_WRITE, sys,
                             "this file system takes no file of that name");
    return mill_fail_sys(err, MILL_WRITE, sys, "give it its name");
}

static enum mill_status
name_draft(struct mill_store *store, struct io__draft *draft,
           const struct io__place *place, const char *path,
           enum mill_clobber clobber, struct mill_err *err)
{
    enum mill_status status = io__mine_add(&store->mine, draft->fd, path, err);

    if (status == MILL_OK && !publish(store, draft, place, path, clobber))
        status = publish_failed(store, place, path, errno, err);
    return status;
}

static enum mill_status
put(struct mill_store *store, const struct io__place *place, const char *path,
    struct mill_bytes bytes, enum mill_clobber clobber, struct mill_err *err)
{
    struct io__draft draft;
    enum mill_status status =
        io__draft_make(store, &draft, place->folder, 0666, bytes, err);

    if (status != MILL_OK)
        return status;
    status = name_draft(store, &draft, place, path, clobber, err);
    io__draft_drop(&draft, place->folder);
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
    status =
        put(store, &place, path, (struct mill_bytes){bytes, n}, clobber, err);
    io__place_close(store, &place);
    return status;
}

/* ---- drafts that come in parts ------------------------------------------- */

struct mill_draft {
    struct mill_store *store;
    const char *path;
    struct io__place place;
    struct io__draft file;
};

static bool
open_file(struct mill_draft *draft, struct mill_err *err)
{
    int folder = draft->place.folder;

    if (!io__draft_nameless(draft->store, &draft->file, folder, 0666))
        return false;
    if (io__syncs_note(draft->store->syncs, draft->file.fd, err) == MILL_OK)
        return true;
    io__draft_drop(&draft->file, folder);
    return false;
}

bool
mill_store_drafts(struct mill_store *store)
{
    struct io__draft draft;

    if (store->in_place ||
        !io__draft_nameless(store, &draft, store->root, 0600))
        return false;
    io__draft_drop(&draft, store->root);
    return true;
}

struct mill_draft *
mill_draft_open(struct mill_store *store, const char *path)
{
    struct mill_draft *draft = malloc(sizeof *draft);
    struct mill_err err;

    if (draft == NULL)
        return NULL;
    draft->store = store;
    draft->path = path;
    if (io__place_open(store, path, true, &draft->place, &err) == MILL_OK) {
        if (open_file(draft, &err))
            return draft;
        io__place_close(store, &draft->place);
    }
    free(draft);
    return NULL;
}

enum mill_status
mill_draft_add(struct mill_draft *draft, uint64_t at, const void *bytes,
               size_t n, struct mill_err *err)
{
    int fd = draft->file.fd;

    if (at == 0 && (TEMP_FAILURE_RETRY(ftruncate(fd, 0)) != 0 ||
                    lseek(fd, 0, SEEK_SET) != 0))
        return mill_fail_sys(err, MILL_WRITE, errno, "begin anew");
    return mill_write_all(fd, bytes, n, err);
}

enum mill_status
mill_draft_put(struct mill_draft *draft, enum mill_clobber clobber,
               struct mill_err *err)
{
    if (!io__draft_flush(&draft->file))
        return mill_fail_sys(err, MILL_WRITE, errno, "close");
    return name_draft(draft->store, &draft->file, &draft->place, draft->path,
                      clobber, err);
}

void
mill_draft_close(struct mill_draft *draft)
{
    if (draft == NULL)
        return;
    io__draft_drop(&draft->file, draft->place.folder);
    io__place_close(draft->store, &draft->place);
    free(draft);
}
