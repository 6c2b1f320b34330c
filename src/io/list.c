/* The list of inputs, and names that come from a list of the user's. Before the
 * batch starts, on one thread; the list is read-only afterwards.
 *
 * A file that cannot be looked at is an input all the same and carries its
 * error: what was asked for must turn up in the report. */
#include "list.h"
#include "files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

void
mill_list_clear(struct mill_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->inputs[i].path);
        free(list->inputs[i].relative);
    }
    free(list->inputs);
    *list = (struct mill_list){0};
}

static bool
reserve(struct mill_list *list)
{
    size_t capacity, bytes;

    if (list->n < list->capacity)
        return true;
    if (!mill_size_add(list->capacity, list->capacity / 2 + 16, &capacity) ||
        !mill_size_mul(capacity, sizeof *list->inputs, &bytes))
        return false;
    struct mill_input *inputs = realloc(list->inputs, bytes);
    if (inputs == NULL)
        return false;
    list->inputs = inputs;
    list->capacity = capacity;
    return true;
}

static void
describe(struct mill_input *input, const struct stat *status, int sys)
{
    if (status == NULL && sys != 0)
        mill_fail_sys(&input->err, MILL_READ, sys, "open");
    if (status == NULL)
        return;
    if (S_ISDIR(status->st_mode))
        mill_fail(&input->err, MILL_READ, "is a folder");
    if (S_ISREG(status->st_mode))
        input->file_bytes = (uint64_t)status->st_size;
    input->mtime_ns = io__mtime_ns(status);
    input->dev = status->st_dev;
    input->ino = status->st_ino;
}

enum mill_status
io__list_add(struct mill_list *list, char *path, char *relative,
             const struct stat *status, int sys, struct mill_err *err)
{
    if (path == NULL || relative == NULL || !reserve(list)) {
        free(path);
        free(relative);
        return mill_fail(err, MILL_MEMORY, "list of %zu inputs", list->n);
    }
    struct mill_input *input = &list->inputs[list->n++];
    *input = (struct mill_input){.path = path, .relative = relative};
    describe(input, status, sys);
    return MILL_OK;
}

enum mill_status
io__list_add_path(struct mill_list *list, char *path, char *relative,
                  struct mill_err *err)
{
    struct stat status;

    if (path == NULL || stat(path, &status) == 0)
        return io__list_add(list, path, relative, &status, 0, err);
    return io__list_add(list, path, relative, NULL, errno, err);
}

/* ---- listed names -------------------------------------------------------- */

/* The components of path that are names, joined; "." when there is none. NULL
 * with err filled. */
static char *
relative_of(const char *path, struct mill_err *err)
{
    char *relative = malloc(strlen(path) + 2);
    char *at = relative;

    if (relative == NULL) {
        mill_fail(err, MILL_MEMORY, "list of names");
        return NULL;
    }
    for (const char *rest = path; *rest != '\0';) {
        size_t n = strcspn(rest, "/");
        if (n == 2 && memcmp(rest, "..", 2) == 0) {
            mill_fail(err, MILL_USAGE, "a listed name must not go up: %s",
                      path);
            free(relative);
            return NULL;
        }
        if (n > 0 && !(n == 1 && *rest == '.')) {
            at = mempcpy(at, rest, n);
            *at++ = '/';
        }
        rest += n + (rest[n] == '/');
    }
    if (at == relative)
        at = stpcpy(at, "./");
    at[-1] = '\0';
    return relative;
}

enum mill_status
mill_scan_add_listed(struct mill_list *list, const char *path,
                     struct mill_err *err)
{
    if (*path == '\0')
        return mill_fail(err, MILL_USAGE, "a listed name is empty");
    char *relative = relative_of(path, err);
    if (relative == NULL)
        return (enum mill_status)err->status;
    /* Only an argument means stdin. */
    char *own = strdup(strcmp(path, "-") == 0 ? "./-" : path);
    return io__list_add_path(list, own, relative, err);
}

static enum mill_status
too_long(struct mill_err *err)
{
    return mill_fail(err, MILL_USAGE, "a listed name has more than %d bytes",
                     PATH_MAX - 1);
}

/* One name of n bytes; a zero byte stands behind it. */
static enum mill_status
add_name(struct mill_list *list, const char *name, size_t n,
         struct mill_err *err)
{
    if (n >= PATH_MAX)
        return too_long(err);
    if (strlen(name) != n)
        return mill_fail(err, MILL_USAGE,
                         "there is a zero byte in it; --null reads names "
                         "that end in one");
    return n == 0 ? MILL_OK : mill_scan_add_listed(list, name, err);
}

/* Adds the whole names in text[0..n) and says how many bytes they took; the
 * rest is the beginning of a name. */
static enum mill_status
add_whole(struct mill_list *list, char *text, size_t n, char separator,
          size_t *used, struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    char *end;

    *used = 0;
    while (status == MILL_OK &&
           (end = memchr(text + *used, separator, n - *used)) != NULL) {
        char *name = text + *used;
        size_t length = (size_t)(end - name);
        *used += length + 1;
        *end = '\0';
        status = add_name(list, name, length, err);
    }
    return status;
}

enum mill_status
mill_scan_add_names(struct mill_list *list, int fd, char separator,
                    struct mill_err *err)
{
    char text[4 * PATH_MAX];
    size_t n = 0, used;

    for (;;) {
        ssize_t got = io__read_some(fd, text + n, sizeof text - 1 - n);
        if (got < 0)
            return mill_fail_sys(err, MILL_READ, errno, "read");
        n += (size_t)got;
        if (got == 0 && n > 0 && text[n - 1] != separator)
            text[n++] = separator;
        enum mill_status status =
            add_whole(list, text, n, separator, &used, err);
        if (status != MILL_OK || got == 0)
            return status;
        n -= used;
        memmove(text, text + used, n);
        if (n >= PATH_MAX)
            return too_long(err);
    }
}
