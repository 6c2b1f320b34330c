/* Folders of the store: from a path below the root to an open folder.
 *
 * The root is opened once; whatever is done later starts from that descriptor,
 * so nobody can move the ground under a running batch. Below it openat2 with
 * RESOLVE_BENEATH resolves a whole path in one call and refuses every link that
 * leads out. Folders that are missing are made one by one:
 *
 *     2019/may/a.jpg     "2019" → "2019/may" → a place {folder, "a.jpg"}
 *
 * each looked up from the root again, because a link inside the root may point
 * to another place inside it. Kernels without openat2 step from folder to
 * folder and follow no link at all. Two writers may make the same folder at
 * the same time; the second finds it there and goes on. Any thread. */
#include "files.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };

/* ---- the root ------------------------------------------------------------ */

static enum mill_status
make_one(const char *path, struct mill_err *err)
{
    if (access(path, F_OK) == 0 || mkdir(path, 0777) == 0 || errno == EEXIST)
        return MILL_OK;
    return mill_fail_sys(err, MILL_WRITE, errno, "make folder");
}

static enum mill_status
make_all(char *path, struct mill_err *err)
{
    enum mill_status status = MILL_OK;

    for (char *at = path + 1; status == MILL_OK && *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        status = make_one(path, err);
        *at = '/';
    }
    return status == MILL_OK ? make_one(path, err) : status;
}

int
io__root_open(const char *path, struct mill_err *err)
{
    char copy[PATH_MAX];
    size_t n = strlen(path);

    int fd = io__openat(AT_FDCWD, path, FOLDER_FLAGS, 0);
    if (fd < 0 && errno == ENOENT && n > 0 && n < sizeof copy) {
        memcpy(copy, path, n + 1);
        if (make_all(copy, err) != MILL_OK)
            return -1;
        fd = io__openat(AT_FDCWD, path, FOLDER_FLAGS, 0);
    }
    if (fd < 0)
        mill_fail_sys(err, MILL_WRITE, errno, "open folder");
    return fd;
}

/* ---- folders below it ---------------------------------------------------- */

static int
open_beneath(int root, const char *path)
{
    struct open_how how = {.flags = FOLDER_FLAGS,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    struct io__patience patience = {0};
    long fd;

    do
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    while (fd < 0 && io__patient(&patience, errno));
    return (int)fd;
}

bool
io__has_openat2(int root)
{
    int fd = open_beneath(root, ".");

    io__close(fd);
    /* Filters of older containers answer EPERM to calls they do not know. */
    return fd >= 0 || (errno != ENOSYS && errno != EPERM);
}

/* The folder `path`, whose last component is `name` in `parent`. */
static int
open_step(const struct mill_store *store, int parent, const char *path,
          const char *name)
{
    if (store->without & IO__WITHOUT_OPENAT2)
        return io__openat(parent, name, FOLDER_FLAGS | O_NOFOLLOW, 0);
    return open_beneath(store->root, path);
}

static int
take_step(const struct mill_store *store, int parent, const char *path,
          const char *name, bool make)
{
    int fd = open_step(store, parent, path, name);

    if (fd >= 0 || errno != ENOENT || !make)
        return fd;
    if (TEMP_FAILURE_RETRY(mkdirat(parent, name, 0777)) != 0 && errno != EEXIST)
        return -1;
    return open_step(store, parent, path, name);
}

/* Step by step; path is cut and mended on the way. */
static int
walk(const struct mill_store *store, char *path, bool make)
{
    int parent = store->root;

    for (char *name = path;;) {
        char *end = strchrnul(name, '/');
        char kept = *end;
        *end = '\0';
        int next = take_step(store, parent, path, name, make);
        *end = kept;
        if (parent != store->root)
            io__close(parent);
        if (next < 0 || kept == '\0')
            return next;
        parent = next;
        name = end + 1;
    }
}

static int
open_folder(const struct mill_store *store, char *path, bool make)
{
    if (!(store->without & IO__WITHOUT_OPENAT2)) {
        int fd = open_beneath(store->root, path);
        if (fd >= 0 || errno != ENOENT || !make)
            return fd;
    }
    return walk(store, path, make);
}

/* ---- places -------------------------------------------------------------- */

/* Every component is a name: not empty, not "." or "..". */
static bool
is_below(const char *path)
{
    for (const char *end;; path = end + 1) {
        end = strchrnul(path, '/');
        size_t n = (size_t)(end - path);
        if (n == 0 || (n <= 2 && strncmp(path, "..", n) == 0))
            return false;
        if (*end == '\0')
            return true;
    }
}

static int
open_its_folder(const struct mill_store *store, char *path, bool make)
{
    if (store->in_place)
        return io__openat(AT_FDCWD, *path != '\0' ? path : "/", FOLDER_FLAGS,
                          0);
    return open_folder(store, path, make);
}

enum mill_status
io__place_open(const struct mill_store *store, const char *path, bool make,
               struct io__place *place, struct mill_err *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');

    *place = (struct io__place){store->root, slash == NULL ? path : slash + 1};
    if (!store->in_place && !is_below(path))
        return mill_fail(err, MILL_WRITE,
                         "the name is none below the output folder");
    if (slash == NULL)
        return MILL_OK;

    size_t n = (size_t)(slash - path);
    if (n >= sizeof folder)
        return mill_fail_sys(err, MILL_WRITE, ENAMETOOLONG, "open folder");
    memcpy(folder, path, n);
    folder[n] = '\0';
    place->folder = open_its_folder(store, folder, make);
    if (place->folder >= 0)
        return MILL_OK;
    if (errno == EXDEV)
        return mill_fail(err, MILL_WRITE,
                         "a link in its path leads out of the output folder");
    return mill_fail_sys(err, MILL_WRITE, errno, "open folder");
}

void
io__place_close(const struct mill_store *store, const struct io__place *place)
{
    if (place->folder != store->root)
        io__close(place->folder);
}
