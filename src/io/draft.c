/* Drafts: the bytes of an output before they have its name. Where the file
 * system has O_TMPFILE the file is anonymous and vanishes by itself whatever
 * kills the process; else it has a temporary name from its beginning. Those
 * names are drawn by lot, so threads and processes that share a folder do not
 * meet, and they begin with a dot, so no scan takes one for an input.
 *
 * Every step that a signal may interrupt is done again. Any thread; a draft is
 * its maker's alone. */
#include "draft.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- beginning ----------------------------------------------------------- */

static bool
draw_name(char name[IO__TEMPORARY])
{
    uint64_t lot;

    if (getrandom(&lot, sizeof lot, 0) != sizeof lot)
        return false;
    snprintf(name, IO__TEMPORARY, ".imgmill-%016" PRIx64 ".tmp", lot);
    return true;
}

static bool
open_named(struct io__draft *draft, int folder, mode_t mode)
{
    const int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;

    do {
        if (!draw_name(draft->name))
            break;
        draft->fd = io__openat(folder, draft->name, flags, mode);
    } while (draft->fd < 0 && errno == EEXIST);
    if (draft->fd < 0)
        draft->name[0] = '\0';
    return draft->fd >= 0;
}

bool
io__draft_nameless(const struct mill_store *store, struct io__draft *draft,
                   int folder, mode_t mode)
{
    const int flags = O_TMPFILE | O_WRONLY | O_CLOEXEC;

    *draft = (struct io__draft){.fd = -1};
    if (store->without & IO__WITHOUT_TMPFILE)
        errno = EOPNOTSUPP;
    else
        draft->fd = io__openat(folder, ".", flags, mode);
    return draft->fd >= 0;
}

static bool
open_draft(const struct mill_store *store, struct io__draft *draft, int folder,
           mode_t mode)
{
    if (io__draft_nameless(store, draft, folder, mode))
        return true;
    /* How file systems and old kernels say that they do not know it. */
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT &&
        errno != EINVAL)
        return false;
    return open_named(draft, folder, mode);
}

/* Network file systems tell of a full disk only here. An interrupted close has
 * closed, but may not have asked. */
bool
io__draft_flush(const struct io__draft *draft)
{
    struct io__patience patience = {0};
    int fd, sys;

    do {
        fd = fcntl(draft->fd, F_DUPFD_CLOEXEC, 0);
        sys = fd < 0 ? errno : close(fd) != 0 ? errno : 0;
    } while (sys != 0 && io__patient(&patience, sys));
    return sys == 0;
}

enum mill_status
io__draft_make(struct mill_store *store, struct io__draft *draft, int folder,
               mode_t mode, struct mill_bytes bytes, struct mill_err *err)
{
    enum mill_status status;

    if (!open_draft(store, draft, folder, mode))
        return mill_fail_sys(err, MILL_WRITE, errno, "create");
    status = io__syncs_note(store->syncs, draft->fd, err);
    if (status == MILL_OK)
        status = mill_write_all(draft->fd, bytes.at, bytes.n, err);
    if (status == MILL_OK && !io__draft_flush(draft))
        status = mill_fail_sys(err, MILL_WRITE, errno, "close");
    if (status != MILL_OK)
        io__draft_drop(draft, folder);
    return status;
}

void
io__draft_drop(const struct io__draft *draft, int folder)
{
    io__close(draft->fd);
    if (draft->name[0] != '\0')
        (void)TEMP_FAILURE_RETRY(unlinkat(folder, draft->name, 0));
}

/* ---- names --------------------------------------------------------------- */

bool
io__draft_link(const struct io__draft *draft, int folder, const char *name)
{
    char proc[32];

    snprintf(proc, sizeof proc, "/proc/self/fd/%d", draft->fd);
    return TEMP_FAILURE_RETRY(
               linkat(AT_FDCWD, proc, folder, name, AT_SYMLINK_FOLLOW)) == 0;
}

bool
io__draft_name(struct io__draft *draft, int folder)
{
    char name[IO__TEMPORARY];

    if (draft->name[0] != '\0')
        return true;
    do {
        if (!draw_name(name))
            return false;
        if (io__draft_link(draft, folder, name)) {
            memcpy(draft->name, name, sizeof name);
            return true;
        }
    } while (errno == EEXIST);
    return false;
}

bool
io__draft_rename(struct io__draft *draft, int folder, const char *name)
{
    if (TEMP_FAILURE_RETRY(renameat(folder, draft->name, folder, name)) != 0)
        return false;
    draft->name[0] = '\0';
    return true;
}

/* A link where the file system has no such rename; after it the temporary name
 * is still there to be dropped. FAT has neither: EOPNOTSUPP. */
bool
io__draft_rename_new(struct io__draft *draft, int folder, const char *name)
{
    if (TEMP_FAILURE_RETRY(renameat2(folder, draft->name, folder, name,
                                     RENAME_NOREPLACE)) == 0) {
        draft->name[0] = '\0';
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (TEMP_FAILURE_RETRY(linkat(folder, draft->name, folder, name, 0)) == 0)
        return true;
    if (errno == EPERM || errno == ENOSYS)
        errno = EOPNOTSUPP;
    return false;
}
