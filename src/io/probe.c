/* A question to the file system: are these two names one file? There is no
 * call that would tell; tables of kinds of file systems are never whole, and
 * one kind may do both, folder by folder. So a file is made whose name holds
 * the one component, and looked for by the other:
 *
 *     out/May/a.jpg, out/may/a.jpg    in out: .imgmill-LOT-May.tmp is made,
 *                                     .imgmill-LOT-may.tmp is there?
 *
 * It is asked only about names that are one already when case does not count,
 * so hardly ever. Any thread. */
#include "files.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The components in which two names differ first. */
struct pair {
    const char *one, *two;
};

static bool
make_name(char name[NAME_MAX + 1], uint64_t lot, const char *component)
{
    int n = snprintf(name, NAME_MAX + 1, ".imgmill-%016" PRIx64 "-%.*s.tmp",
                     lot, (int)strcspn(component, "/"), component);

    return n <= NAME_MAX;
}

static bool
are_apart(int folder, struct pair pair)
{
    const int flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC;
    char one[NAME_MAX + 1], two[NAME_MAX + 1];
    struct stat found;
    uint64_t lot;

    if (getrandom(&lot, sizeof lot, 0) != sizeof lot ||
        !make_name(one, lot, pair.one) || !make_name(two, lot, pair.two))
        return true;
    int fd = io__openat(folder, one, flags, 0600);
    if (fd < 0)
        return true;
    bool apart = fstatat(folder, two, &found, AT_SYMLINK_NOFOLLOW) != 0;
    (void)TEMP_FAILURE_RETRY(unlinkat(folder, one, 0));
    close(fd);
    return apart;
}

/* Without its last component; false: nothing is left. */
static bool
go_up(char *path)
{
    size_t n = strlen(path);

    while (n > 0 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    path[n] = '\0';
    return n > 0;
}

/* Below a root that is there; path ends in the first component that differs. */
static bool
ask_below(int root, char *path, struct pair pair)
{
    struct mill_store store = {.root = root};
    struct io__place place;
    struct mill_err err;

    if (!io__has_openat2(root))
        store.without |= IO__WITHOUT_OPENAT2;
    while (io__place_open(&store, path, false, &place, &err) != MILL_OK) {
        if (err.sys != ENOENT)
            return true;
        *strrchr(path, '/') = '\0';
    }
    bool apart = are_apart(place.folder, pair);
    io__place_close(&store, &place);
    return apart;
}

/* Where the root is missing, of the folder that it will be made in. */
static bool
ask_above(const char *root, struct pair pair)
{
    char path[PATH_MAX];
    int fd = -1;

    if (snprintf(path, sizeof path, "%s", root) >= (int)sizeof path)
        return true;
    while (fd < 0 && errno == ENOENT && go_up(path))
        fd = io__openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0 && *path == '\0')
        fd = io__openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    bool apart = fd < 0 || are_apart(fd, pair);
    io__close(fd);
    return apart;
}

/* The bytes of the folders that both names have, with the '/' behind them. */
static size_t
common_folders(const char *one, const char *two)
{
    size_t n = 0;

    for (size_t i = 0; one[i] == two[i] && one[i] != '\0'; i++)
        if (one[i] == '/')
            n = i + 1;
    return n;
}

static bool
ask(const char *root, const char *name, size_t n, struct pair pair)
{
    char path[PATH_MAX];

    int fd = io__openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return errno != ENOENT || ask_above(root, pair);
    n += strcspn(name + n, "/");
    bool apart = n >= sizeof path;
    if (!apart) {
        memcpy(path, name, n);
        path[n] = '\0';
        apart = ask_below(fd, path, pair);
    }
    close(fd);
    return apart;
}

/* A file system may know the case of ASCII's letters alone. */
static bool
is_ascii(const char *component)
{
    while (*component > 0 && *component != '/')
        component++;
    return *component == '/' || *component == '\0';
}

bool
mill_names_apart(struct mill_apart *apart, const char *one, const char *two)
{
    size_t n = common_folders(one, two);

    if (apart->name != NULL && n == apart->n &&
        memcmp(one, apart->name, n) == 0)
        return true;
    if (!ask(apart->root, one, n, (struct pair){one + n, two + n}))
        return false;
    if (is_ascii(one + n)) {
        apart->name = one;
        apart->n = n;
    }
    return true;
}
