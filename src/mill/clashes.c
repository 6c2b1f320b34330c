/* Clashes: what would cost somebody a file, found before the first is written.
 * Two outputs of one name, or of names that are one to a file system that
 * ignores case; an output that is an input, by device and inode, whatever its
 * path looks like; and in place, one file that is named twice. Runs in the
 * caller's thread, and leaves everything as it is. */
#include "clashes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- two inputs, one output ---------------------------------------------- */

/* Bytes of a path in a message, so that all of it fits: of two paths, of two
 * and more words, of three paths, and of three with a long way out. */
enum { OF_TWO = 50, OF_OVER = 40, OF_THREE = 31, OF_MANY = 26 };

static void
note(struct mill_clash *clash, const struct mill_input *one,
     const struct mill_input *two)
{
    if (clash != NULL)
        *clash = (struct mill_clash){one->path, two->path};
}

/* The end of a path tells more than its start. */
static const char *
shorten(const char *path, char text[OF_TWO + 1], size_t most)
{
    size_t n = strlen(path);

    if (n <= most)
        return path;
    const char *end = path + n - (most - 3);
    while (((unsigned char)*end & 0xc0) == 0x80)
        end++;
    memcpy(text, "...", 3);
    memcpy(text + 3, end, strlen(end) + 1);
    return text;
}

/* Would {srcext} tell them apart? */
static bool
differ_in_extension(const char *one, const char *two)
{
    const char *a = strrchr(one, '.'), *b = strrchr(two, '.');

    return (a == NULL) != (b == NULL) || (a != NULL && strcasecmp(a, b) != 0);
}

/* Would {dir}, if both were found below one folder? */
static bool
differ_in_folder(const struct mill_target *target, const char *one,
                 const char *two)
{
    bool has_dir = target->name == NULL || strstr(target->name, "{dir}");

    return has_dir && !target->flat && strcmp(one, two) == 0;
}

static enum mill_status
refuse_pair(const struct mill_input *one, const struct mill_input *two,
            const char *name, const struct mill_target *target,
            struct mill_clash *clash, struct mill_err *err)
{
    char a[OF_TWO + 1], b[OF_TWO + 1], c[OF_TWO + 1];
    const char *way = "";
    size_t most = OF_THREE;

    note(clash, one, two);
    if (strcmp(one->path, two->path) == 0)
        return mill_fail(err, MILL_USAGE, "%s is named twice",
                         shorten(one->path, a, OF_TWO));
    if (target != NULL && differ_in_extension(one->relative, two->relative)) {
        way = "; --name '{dir}/{stem}-{srcext}.{ext}' keeps them apart";
        most = OF_MANY;
    } else if (one->ino != 0 && one->dev == two->dev && one->ino == two->ino) {
        return mill_fail(err, MILL_USAGE, "%s and %s are one file",
                         shorten(one->path, a, OF_TWO),
                         shorten(two->path, b, OF_TWO));
    } else if (target != NULL &&
               differ_in_folder(target, one->relative, two->relative)) {
        way = "; -r and a folder above keep them apart";
    }
    return mill_fail(err, MILL_USAGE, "%s and %s would both become %s%s",
                     shorten(one->path, a, most), shorten(two->path, b, most),
                     shorten(name, c, most), way);
}

/* keys: what must differ, NULL for what need not. target: whose template made
 * the names; NULL: none did. */
static enum mill_status
check_keys(const struct mill_list *list, char **keys, char **names,
           const struct mill_target *target, struct mill_clash *clash,
           struct mill_err *err)
{
    struct mill_names *taken = mill_names_new(list->n);
    enum mill_status status = MILL_OK;
    bool out_of_memory = taken == NULL;
    size_t other;

    for (size_t i = 0; !out_of_memory && i < list->n; i++) {
        if (keys[i] == NULL ||
            mill_names_take(taken, keys[i], i, &other, &out_of_memory))
            continue;
        if (out_of_memory)
            break;
        status = refuse_pair(&list->inputs[other], &list->inputs[i], names[i],
                             target, clash, err);
        break;
    }
    mill_names_free(taken);
    return out_of_memory ? mill_fail(err, MILL_MEMORY, "names") : status;
}

static enum mill_status
refuse_case(const struct mill_input *one, const struct mill_input *two,
            struct mill_clash *clash, struct mill_err *err)
{
    char a[OF_TWO + 1], b[OF_TWO + 1];
    const char *way = "";
    size_t most = OF_TWO;

    note(clash, one, two);
    if (differ_in_extension(one->relative, two->relative)) {
        way = "; --name '{dir}/{stem}-{srcext}.{ext}' keeps them apart";
        most = OF_MANY;
    }
    return mill_fail(
        err, MILL_USAGE,
        "%s and %s become one file, as case does not count there%s",
        shorten(one->path, a, most), shorten(two->path, b, most), way);
}

/* Names that are one without their case: the file system is asked. */
static enum mill_status
check_case(const struct mill_target *target, const struct mill_list *list,
           char **names, struct mill_clash *clash, struct mill_err *err)
{
    struct mill_names *taken = mill_names_new_folded(list->n);
    struct mill_apart apart = {.root = target->root};
    enum mill_status status = MILL_OK;
    bool out_of_memory = taken == NULL;
    size_t other;

    for (size_t i = 0; !out_of_memory && i < list->n; i++) {
        if (names[i] == NULL ||
            mill_names_take(taken, names[i], i, &other, &out_of_memory) ||
            out_of_memory || mill_names_apart(&apart, names[other], names[i]))
            continue;
        status =
            refuse_case(&list->inputs[other], &list->inputs[i], clash, err);
        break;
    }
    mill_names_free(taken);
    return out_of_memory ? mill_fail(err, MILL_MEMORY, "names") : status;
}

enum mill_status
mill__check_pairs(const struct mill_target *target,
                  const struct mill_list *list, char **names,
                  struct mill_clash *clash, struct mill_err *err)
{
    enum mill_status status =
        check_keys(list, names, names, target, clash, err);

    return status == MILL_OK ? check_case(target, list, names, clash, err)
                             : status;
}

/* ---- an output that is an input ------------------------------------------ */

struct identity {
    uint64_t dev, ino;
    size_t index; /* of the input */
};

static int
compare_identity(const void *a, const void *b)
{
    const struct identity *one = a, *two = b;

    if (one->dev != two->dev)
        return one->dev < two->dev ? -1 : 1;
    return one->ino < two->ino ? -1 : one->ino > two->ino;
}

static struct identity *
sort_inputs(const struct mill_list *list)
{
    struct identity *all = calloc(list->n + 1, sizeof *all);

    for (size_t i = 0; all != NULL && i < list->n; i++) {
        const struct mill_input *input = &list->inputs[i];
        all[i] = (struct identity){input->dev, input->ino, i};
    }
    if (all != NULL)
        qsort(all, list->n, sizeof *all, compare_identity);
    return all;
}

/* A link would be replaced itself; but it may be what an input's path names, so
 * what it leads to counts. */
static const struct identity *
find_input(const struct identity *all, size_t n, int root, const char *name)
{
    struct stat status;

    if (fstatat(root, name, &status, 0) != 0)
        return NULL;
    struct identity key = {status.st_dev, status.st_ino, 0};
    return bsearch(&key, all, n, sizeof *all, compare_identity);
}

static enum mill_status
refuse_over(const struct mill_input *one, const struct mill_input *over,
            struct mill_clash *clash, struct mill_err *err)
{
    char a[OF_TWO + 1], b[OF_TWO + 1];

    note(clash, one, over);
    return mill_fail(err, MILL_USAGE,
                     "%s would be written over the input %s (only --in-place "
                     "replaces inputs)",
                     shorten(one->path, a, OF_OVER),
                     shorten(over->path, b, OF_OVER));
}

/* Without the output folder nothing is there yet. */
enum mill_status
mill__check_inputs(const char *root_path, const struct mill_list *list,
                   char **names, struct mill_clash *clash, struct mill_err *err)
{
    int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    enum mill_status status = MILL_OK;

    if (root < 0)
        return MILL_OK;
    struct identity *all = sort_inputs(list);
    if (all == NULL)
        status = mill_fail(err, MILL_MEMORY, "names");
    for (size_t i = 0; status == MILL_OK && i < list->n; i++) {
        const struct identity *found =
            names[i] != NULL ? find_input(all, list->n, root, names[i]) : NULL;
        if (found != NULL)
            status = refuse_over(&list->inputs[i], &list->inputs[found->index],
                                 clash, err);
    }
    free(all);
    close(root);
    return status;
}

/* ---- in place ------------------------------------------------------------ */

static enum mill_status
check_twins(const struct mill_list *list, const struct identity *all,
            struct mill_clash *clash, struct mill_err *err)
{
    char a[OF_TWO + 1], b[OF_TWO + 1];
    size_t i = 1;

    while (i < list->n &&
           (all[i].ino == 0 || compare_identity(&all[i - 1], &all[i]) != 0))
        i++;
    if (i >= list->n)
        return MILL_OK;
    const struct mill_input *one = &list->inputs[all[i - 1].index];
    const struct mill_input *two = &list->inputs[all[i].index];
    note(clash, one, two);
    return mill_fail(
        err, MILL_USAGE,
        "%s and %s are one file, which --in-place would replace twice",
        shorten(one->path, a, OF_TWO), shorten(two->path, b, OF_TWO));
}

/* A new name beside its input: its folder by device and inode, so that "a/b",
 * "./a/b" and a way through a link are one. NULL: out of memory. */
static char *
place_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1)
                                 : strdup("."),
         *place = NULL;
    struct stat status = {0};

    if (folder == NULL)
        return NULL;
    (void)stat(folder, &status);
    free(folder);
    if (asprintf(&place, "%llx:%llx/%s", (unsigned long long)status.st_dev,
                 (unsigned long long)status.st_ino,
                 slash != NULL ? slash + 1 : path) < 0)
        return NULL;
    return place;
}

/* Outputs beside their inputs: none meets another, none an input. */
static enum mill_status
check_beside(const struct mill_list *list, char **names,
             const struct identity *all, char **places,
             struct mill_clash *clash, struct mill_err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct mill_input *input = &list->inputs[i];
        if (names[i] == NULL || strcmp(names[i], input->path) == 0)
            continue;
        const struct identity *found =
            find_input(all, list->n, AT_FDCWD, names[i]);
        if (found != NULL)
            return refuse_over(input, &list->inputs[found->index], clash, err);
        if ((places[i] = place_of(names[i])) == NULL)
            return mill_fail(err, MILL_MEMORY, "names");
    }
    return check_keys(list, places, names, NULL, clash, err);
}

enum mill_status
mill__check_in_place(const struct mill_list *list, char **names,
                     struct mill_clash *clash, struct mill_err *err)
{
    struct identity *all = sort_inputs(list);
    char **places = calloc(list->n + 1, sizeof *places);
    enum mill_status status = MILL_OK;

    if (all == NULL || places == NULL)
        status = mill_fail(err, MILL_MEMORY, "names");
    if (status == MILL_OK)
        status = check_twins(list, all, clash, err);
    if (status == MILL_OK)
        status = check_beside(list, names, all, places, clash, err);
    mill_target_names_free(places, list->n);
    free(all);
    return status;
}
