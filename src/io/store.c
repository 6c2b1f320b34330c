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
 * rename replaces a symlink and does not follow it. Unless a sync was
 * asked for, nothing is: after a loss of power a name may be there without its
 * bytes. */
#include "draft.h"
#include "files.h"

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

/* ---- publishing ---------------------------------------------------------- */

static bool
publish(struct io__draft *draft, const struct io__place *place,
        enum mill_clobber clobber)
{
    int folder = place->folder;

    if (draft->name[0] != '\0')
        return clobber == MILL_NO_CLOBBER
                   ? io__draft_rename_new(draft, folder, place->name)
                   : io__draft_rename(draft, folder, place->name);
    if (io__draft_link(draft, folder, place->name))
        return true;
    return errno == EEXIST && clobber == MILL_REPLACE &&
           io__draft_name(draft, folder) &&
           io__draft_rename(draft, folder, place->name);
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
put(struct mill_store *store, const struct io__place *place,
    struct mill_bytes bytes, enum mill_clobber clobber, struct mill_err *err)
{
    struct io__draft draft;
    enum mill_status status =
        io__draft_make(store, &draft, place->folder, 0666, bytes, err);

    if (status != MILL_OK)
        return status;
    if (!publish(&draft, place, clobber))
        status = publish_failed(place, errno, err);
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
    status = put(store, &place, (struct mill_bytes){bytes, n}, clobber, err);
    io__place_close(store, &place);
    return status;
}

/* ---- drafts that come in parts ------------------------------------------- */

struct mill_draft {
    struct mill_store *store;
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

struct mill_draft *
mill_draft_open(struct mill_store *store, const char *path)
{
    struct mill_draft *draft = malloc(sizeof *draft);
    struct mill_err err;

    if (draft == NULL)
        return NULL;
    draft->store = store;
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
    if (!publish(&draft->file, &draft->place, clobber))
        return publish_failed(&draft->place, errno, err);
    return MILL_OK;
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
