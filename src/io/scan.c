/* The scan: which files an argument means. Before the batch starts, on one
 * thread.
 *
 * A folder is opened, all its names are read and sorted, its files are looked
 * at, and it is closed; only then come the folders in it, from a stack of
 * paths:
 *
 *     photos ─► a.jpg b.jpg, then photos/2018 ─► …, then photos/2019 ─► …
 *
 * So a tree of any depth needs one open folder and no recursion, and the order
 * is the same on every file system. Links to files are followed, links to
 * folders are not, so there is no way round in a circle. Names that begin with
 * a dot are passed over, as a shell does.
 *
 * Whatever looks like an image and cannot be looked at, and a folder below that
 * cannot be listed, becomes an input with an error: nothing is lost silently.
 */
#include "files.h"
#include "list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_MOST = 4096,
    HEAD_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
};

/* Strings that grow in number; owned. */
struct strings {
    char **at;
    size_t n, capacity;
};

/* One walk through the tree below an argument. */
struct walk {
    struct mill_list *list;
    const struct mill_scan *how;
    struct mill_err *err;
    const char *root;       /* as given */
    struct strings folders; /* to visit, below root; the next one last */
};

/* ---- strings ------------------------------------------------------------- */

/* Takes text, also when it fails; NULL fails. */
static bool
strings_push(struct strings *strings, char *text)
{
    if (text != NULL && strings->n == strings->capacity) {
        size_t capacity = strings->capacity * 2 + 16;
        char **at = reallocarray(strings->at, capacity, sizeof *at);
        if (at == NULL) {
            free(text);
            return false;
        }
        strings->at = at;
        strings->capacity = capacity;
    }
    if (text != NULL)
        strings->at[strings->n++] = text;
    return text != NULL;
}

static void
strings_clear(struct strings *strings)
{
    for (size_t i = 0; i < strings->n; i++)
        free(strings->at[i]);
    free(strings->at);
    *strings = (struct strings){0};
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a" and "b" give "a/b", "a/" and "b" too, "" and "b" give "b"; malloc'd. */
static char *
join(const char *folder, const char *name)
{
    size_t n = strlen(folder);
    char *path;

    const char *between = n == 0 || folder[n - 1] == '/' ? "" : "/";
    if (asprintf(&path, "%s%s%s", folder, between, name) < 0)
        return NULL;
    return path;
}

static enum mill_status
out_of_memory(struct mill_err *err)
{
    return mill_fail(err, MILL_MEMORY, "list of files");
}

/* ---- heads --------------------------------------------------------------- */

static size_t
head_at(int folder, const char *name, uint8_t *head, size_t n)
{
    struct stat status;
    ssize_t got = 0;

    /* Looked at first: only opening a pipe may already disturb its writer. What
     * the kernel makes up as it is read says that it is empty; some of that can
     * be read once, or only waited for (/proc/kmsg, trace_pipe). */
    if (fstatat(folder, name, &status, 0) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0)
        return 0;
    int fd = io__openat(folder, name, HEAD_FLAGS, 0);
    if (fd < 0)
        return 0;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        got = TEMP_FAILURE_RETRY(read(fd, head, n));
    io__close(fd);
    return got > 0 ? (size_t)got : 0;
}

size_t
mill_head(const char *path, uint8_t *head, size_t n)
{
    return head_at(AT_FDCWD, path, head, n);
}

/* ---- a folder's entries -------------------------------------------------- */

static bool
counts_by_name(const struct walk *walk, const char *name)
{
    return walk->how->counts(walk->how->context, name, (struct mill_bytes){0});
}

static bool
counts_by_head(const struct walk *walk, int folder, const char *name)
{
    const struct mill_scan *how = walk->how;
    uint8_t head[HEAD_MOST];

    size_t n = how->head_bytes < HEAD_MOST ? how->head_bytes : HEAD_MOST;
    n = head_at(folder, name, head, n);
    return n > 0 &&
           how->counts(how->context, name, (struct mill_bytes){head, n});
}

static enum mill_status
add_input(struct walk *walk, const char *below, const char *name,
          const struct stat *status, int sys)
{
    char *relative = join(below, name);
    char *path = relative == NULL ? NULL : join(walk->root, relative);

    return io__list_add(walk->list, path, relative, status, sys, walk->err);
}

/* What name stands for, links followed; 0 or an errno. */
static int
look(int folder, const char *name, struct stat *status, bool *link)
{
    if (fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno;
    *link = S_ISLNK(status->st_mode);
    return !*link || fstatat(folder, name, status, 0) == 0 ? 0 : errno;
}

/* A folder: walked later, or counted. */
static enum mill_status
visit_later(struct walk *walk, const char *below, const char *name,
            const struct stat *status, struct strings *folders)
{
    const struct mill_scan *how = walk->how;

    if (!how->recursive)
        walk->list->n_folders++;
    else if (how->pass_ino != 0 && status->st_dev == how->pass_dev &&
             status->st_ino == how->pass_ino)
        walk->list->n_passed++;
    else if (!strings_push(folders, join(below, name)))
        return out_of_memory(walk->err);
    return MILL_OK;
}

static enum mill_status
visit_entry(struct walk *walk, int folder, const char *below, const char *name,
            struct strings *folders)
{
    struct stat status;
    bool link;

    int sys = look(folder, name, &status, &link);
    if (sys != 0 && counts_by_name(walk, name))
        return add_input(walk, below, name, NULL, sys);
    if (sys == 0 && S_ISDIR(status.st_mode) && !link)
        return visit_later(walk, below, name, &status, folders);
    if (sys == 0 && S_ISREG(status.st_mode) &&
        (counts_by_name(walk, name) || counts_by_head(walk, folder, name)))
        return add_input(walk, below, name, &status, 0);
    if (sys == 0 && S_ISDIR(status.st_mode))
        walk->list->n_links++;
    else
        walk->list->n_ignored++;
    return MILL_OK;
}

/* ---- folders ------------------------------------------------------------- */

static enum mill_status
unlisted(struct walk *walk, const char *what)
{
    return mill_fail_sys(walk->err, MILL_READ, errno, "%s", what);
}

/* All names in the folder, sorted. */
static enum mill_status
read_names(struct walk *walk, DIR *dir, struct strings *names)
{
    struct dirent *entry;

    while (errno = 0, (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        bool self = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        if (name[0] == '.')
            walk->list->n_ignored += !self;
        else if (!strings_push(names, strdup(name)))
            return out_of_memory(walk->err);
    }
    if (errno != 0)
        return unlisted(walk, "list folder");
    if (names->n > 0)
        qsort(names->at, names->n, sizeof *names->at, by_bytes);
    return MILL_OK;
}

static DIR *
open_folder(const struct walk *walk, const char *below)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    char *path = join(walk->root, below);
    DIR *dir = NULL;

    if (path == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    int fd = io__openat(AT_FDCWD, *below == '\0' ? walk->root : path,
                        *below == '\0' ? flags : flags | O_NOFOLLOW, 0);
    if (fd >= 0)
        dir = fdopendir(fd);
    if (dir == NULL)
        io__close(fd);
    free(path);
    return dir;
}

static enum mill_status
visit_folder(struct walk *walk, const char *below)
{
    struct strings names = {0}, folders = {0};
    enum mill_status status;

    DIR *dir = open_folder(walk, below);
    if (dir == NULL)
        return unlisted(walk, "open folder");
    status = read_names(walk, dir, &names);
    for (size_t i = 0; i < names.n && status == MILL_OK; i++)
        status = visit_entry(walk, dirfd(dir), below, names.at[i], &folders);
    closedir(dir);
    while (folders.n > 0 && status == MILL_OK) {
        if (!strings_push(&walk->folders, folders.at[--folders.n]))
            status = out_of_memory(walk->err);
    }
    strings_clear(&folders);
    strings_clear(&names);
    return status;
}

/* A folder below the argument. That it cannot be listed fails it alone. */
static enum mill_status
visit_below(struct walk *walk, const char *below)
{
    enum mill_status status = visit_folder(walk, below);

    if (status != MILL_READ)
        return status;
    struct mill_err why = *walk->err;
    status = add_input(walk, "", below, NULL, 0);
    if (status == MILL_OK)
        walk->list->inputs[walk->list->n - 1].err = why;
    return status;
}

static enum mill_status
scan_folder(struct mill_list *list, const struct mill_scan *how,
            const char *path, struct mill_err *err)
{
    struct walk walk = {list, how, err, path, {0}};
    enum mill_status status = visit_folder(&walk, "");

    while (status == MILL_OK && walk.folders.n > 0) {
        char *below = walk.folders.at[--walk.folders.n];
        status = visit_below(&walk, below);
        free(below);
    }
    strings_clear(&walk.folders);
    return status;
}

/* ---- arguments ----------------------------------------------------------- */

/* The last component, slashes behind it left out; malloc'd. */
static char *
base_name(const char *path)
{
    size_t end = strlen(path);

    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return strndup(path + start, end - start);
}

enum mill_status
mill_scan_add(struct mill_list *list, const struct mill_scan *how,
              const char *path, struct mill_err *err)
{
    struct stat status;

    if (*path == '\0')
        return mill_fail(err, MILL_USAGE, "the name of an input is empty");
    if (strcmp(path, "-") == 0)
        return io__list_add(list, strdup("-"), strdup("stdin"), NULL, 0, err);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return scan_folder(list, how, path, err);
    return io__list_add_path(list, strdup(path), base_name(path), err);
}
