/* Outputs that take the place of their inputs. The caller's file stays what it
 * was until one rename makes it the new one:
 *
 *     draft ──write──► fsync ──► temporary name ──┐
 *     name ──link──► backup (when one is kept) ───┴──rename──► name
 *
 * Whatever kills the process, the name is the old file or the new one, whole,
 * and the backup is the old one. The bytes are synced before the rename, with
 * --sync or without: a loss of power must not cost the only copy.
 *
 * The place is looked at before the draft and again before the rename. When the
 * file there is not the one that was read, somebody else has worked on it, and
 * it is left alone. What happens between that second look and the rename is not
 * seen: the system has no rename that would compare. A link is resolved, and
 * the file that it leads to is replaced. Other hard links to the old file keep
 * it. Rights and, where the system lets us, owner and group are kept; access
 * lists and extended attributes are not. Writer threads, many at once. */
#include "draft.h"
#include "files.h"
#include "mine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mill_store *
mill_store_open_in_place(struct mill_err *err)
{
    struct mill_store *store = malloc(sizeof *store);

    if (store == NULL) {
        mill_fail(err, MILL_MEMORY, "--in-place");
        return NULL;
    }
    *store = (struct mill_store){.root = AT_FDCWD, .in_place = true};
    if (!io__mine_open(&store->mine)) {
        mill_fail(err, MILL_MEMORY, "--in-place");
        free(store);
        return NULL;
    }
    if (!io__has_proc())
        store->without |= IO__WITHOUT_TMPFILE;
    return store;
}

/* ---- is it still the file that was read? --------------------------------- */

static bool
is_same(const struct stat *found, const struct mill_seen *seen)
{
    return S_ISREG(found->st_mode) && found->st_dev == seen->dev &&
           found->st_ino == seen->ino &&
           (uint64_t)found->st_size == seen->bytes &&
           io__mtime_ns(found) == seen->mtime_ns;
}

static enum mill_status
check_seen(const struct io__place *place, const struct mill_seen *seen,
           struct mill_err *err)
{
    struct stat found;

    if (!seen->regular)
        return mill_fail(err, MILL_WRITE,
                         "is no regular file, so nothing can take its place");
    if (fstatat(place->folder, place->name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return mill_fail_sys(err, MILL_WRITE, errno,
                             "the file changed after it was read");
    if (!is_same(&found, seen))
        return mill_fail(err, MILL_WRITE,
                         "the file changed after it was read; it was left "
                         "as it is");
    return MILL_OK;
}

/* ---- what the new file has of the old ------------------------------------ */

/* Rights of a group that cannot be kept would be another group's: it gets what
 * all others have. Bits that lend the owner's or the group's rights stay only
 * with both of them. */
static enum mill_status
keep_owner(int fd, const struct mill_seen *seen, struct mill_err *err)
{
    mode_t mode = seen->mode;
    struct stat found;

    if (fstat(fd, &found) != 0)
        return mill_fail_sys(err, MILL_WRITE, errno, "stat");
    bool owner = found.st_uid == seen->uid ||
                 TEMP_FAILURE_RETRY(fchown(fd, seen->uid, -1u)) == 0;
    bool group = found.st_gid == seen->gid ||
                 TEMP_FAILURE_RETRY(fchown(fd, -1u, seen->gid)) == 0;
    if (!owner || !group)
        mode &= 0777;
    if (!group)
        mode = (mode & 0707) | (mode & 07) << 3;
    if (TEMP_FAILURE_RETRY(fchmod(fd, mode)) != 0)
        return mill_fail_sys(err, MILL_WRITE, errno, "set its mode");
    return MILL_OK;
}

static enum mill_status
finish(const struct io__draft *draft, const struct mill_seen *seen,
       struct mill_err *err)
{
    enum mill_status status = keep_owner(draft->fd, seen, err);

    if (status == MILL_OK && TEMP_FAILURE_RETRY(fsync(draft->fd)) != 0)
        status = mill_fail_sys(err, MILL_WRITE, errno, "sync");
    return status;
}

/* ---- the backup ---------------------------------------------------------- */

static bool
backup_is(const struct io__place *place, const char *backup,
          const struct mill_seen *seen)
{
    struct stat found;

    return fstatat(place->folder, backup, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_same(&found, seen);
}

/* *made: the backup was not there before. One that is the very file, from a run
 * that was killed before its rename, will do. */
static enum mill_status
keep_backup(const struct io__place *place, const char *backup,
            const struct mill_seen *seen, bool *made, struct mill_err *err)
{
    int folder = place->folder, sys = 0;

    if (TEMP_FAILURE_RETRY(linkat(folder, place->name, folder, backup, 0)) != 0)
        sys = errno;
    *made = sys == 0;
    if (sys == EEXIST && !backup_is(place, backup, seen))
        return mill_fail(err, MILL_EXISTS,
                         "its backup is there already and is not replaced; "
                         "move it away or give --backup another suffix");
    if (sys == EPERM || sys == EOPNOTSUPP || sys == ENOSYS)
        return mill_fail_sys(err, MILL_WRITE, sys, "--backup needs hard links");
    if (sys != 0 && sys != EEXIST)
        return mill_fail_sys(err, MILL_WRITE, sys, "keep a backup");
    return MILL_OK;
}

/* ---- the way there ------------------------------------------------------- */

/* The draft takes the place; a backup that is no use then goes again. */
static enum mill_status
swap(struct io__draft *draft, const struct io__place *place,
     const struct mill_seen *seen, const char *backup, struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    bool made = false;

    if (!io__draft_name(draft, place->folder))
        return mill_fail_sys(err, MILL_WRITE, errno, "give it a name");
    if (backup != NULL)
        status = keep_backup(place, backup, seen, &made, err);
    if (status == MILL_OK)
        status = check_seen(place, seen, err);
    if (status == MILL_OK &&
        !io__draft_rename(draft, place->folder, place->name))
        status = mill_fail_sys(err, MILL_WRITE, errno, "replace it");
    if (status != MILL_OK && made)
        (void)TEMP_FAILURE_RETRY(unlinkat(place->folder, backup, 0));
    return status;
}

static enum mill_status
replace(struct mill_store *store, const struct io__place *place,
        const struct mill_seen *seen, const char *backup,
        struct mill_bytes bytes, struct mill_err *err)
{
    struct io__draft draft;
    enum mill_status status = check_seen(place, seen, err);

    if (status == MILL_OK)
        status = io__draft_make(store, &draft, place->folder, 0600, bytes, err);
    if (status != MILL_OK)
        return status;
    status = finish(&draft, seen, err);
    if (status == MILL_OK)
        status = swap(&draft, place, seen, backup, err);
    io__draft_drop(&draft, place->folder);
    return status;
}

/* The path that holds the file itself: path, or in resolved what a link there
 * leads to. NULL with errno. */
static const char *
resolve(const char *path, char resolved[PATH_MAX])
{
    struct stat found;

    if (lstat(path, &found) != 0)
        return NULL;
    return S_ISLNK(found.st_mode) ? realpath(path, resolved) : path;
}

enum mill_status
mill_store_replace(struct mill_store *store, const char *path,
                   const struct mill_seen *seen, const char *suffix,
                   const void *bytes, size_t n, struct mill_err *err)
{
    char resolved[PATH_MAX], backup[NAME_MAX + 1];
    struct io__place place;
    enum mill_status status;

    path = resolve(path, resolved);
    if (path == NULL)
        return mill_fail_sys(err, MILL_WRITE, errno,
                             "the file changed after it was read");
    status = io__place_open(store, path, false, &place, err);
    if (status != MILL_OK)
        return status;
    if (suffix != NULL && snprintf(backup, sizeof backup, "%s%s", place.name,
                                   suffix) >= (int)sizeof backup)
        status = mill_fail_sys(err, MILL_WRITE, ENAMETOOLONG, "--backup");
    else
        status = replace(store, &place, seen, suffix != NULL ? backup : NULL,
                         (struct mill_bytes){bytes, n}, err);
    io__place_close(store, &place);
    return status;
}
