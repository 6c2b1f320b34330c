/* Targets: what every output is called, before the first is written. Names are
 * made one by one and then held against two things that would cost somebody a
 * file: another output of the same name, and the inputs themselves, by device
 * and inode. Inputs that already failed get no name. Runs in the caller's
 * thread; of an input it reads only the first bytes, and those only when the
 * format is not given. */
#include <imgmill/mill.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one name ------------------------------------------------------------ */

/* The format that an output keeps when none is given; NULL: unknown. */
static const struct mill_codec *
codec_of(const struct mill_input *input)
{
    uint8_t head[MILL_SNIFF_BYTES];
    size_t n = 0;

    if (strcmp(input->path, "-") != 0)
        n = mill_head(input->path, head, sizeof head);
    const struct mill_codec *codec =
        mill_codec_sniff((struct mill_bytes){head, n});
    return codec != NULL ? codec : mill_codec_of_path(input->relative);
}

static enum mill_status
make_name(const struct mill_target *target, const struct mill_input *input,
          const struct mill_codec *format, char **name, struct mill_err *err)
{
    const struct mill_codec *codec = format != NULL ? format : codec_of(input);
    bool keep = codec == mill_codec_of_path(input->relative);
    const char *ext = codec != NULL ? codec->extensions[0] : "";
    struct mill_err why;

    if (target->file != NULL) {
        *name = strdup(target->file);
        return *name != NULL ? MILL_OK : mill_fail(err, MILL_MEMORY, "names");
    }
    enum mill_status status = mill_name_make(
        name, target->name, input->relative, ext, keep, target->flat, &why);
    if (status != MILL_OK)
        mill_fail(err, status, "%.50s: %.100s", input->path, why.text);
    return status;
}

static enum mill_status
make_names(const struct mill_target *target, const struct mill_list *list,
           const struct mill_codec *format, char **names, struct mill_err *err)
{
    enum mill_status status = MILL_OK;

    for (size_t i = 0; status == MILL_OK && i < list->n; i++)
        if (list->inputs[i].err.status == MILL_OK)
            status =
                make_name(target, &list->inputs[i], format, &names[i], err);
    return status;
}

/* ---- two inputs, one output ---------------------------------------------- */

enum { SHOWN = 27 }; /* bytes of a path in a message that holds three */

/* The end of a path tells more than its start. */
static const char *
shorten(const char *path, char text[SHOWN + 1])
{
    size_t n = strlen(path);

    if (n <= SHOWN)
        return path;
    const char *end = path + n - (SHOWN - 3);
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

    return (a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0);
}

static enum mill_status
refuse_pair(const struct mill_input *one, const struct mill_input *two,
            const char *name, struct mill_err *err)
{
    char a[SHOWN + 1], b[SHOWN + 1], c[SHOWN + 1];
    const char *way = "";

    if (differ_in_extension(one->relative, two->relative))
        way = "; --name '{stem}-{srcext}.{ext}' keeps them apart";
    return mill_fail(err, MILL_USAGE, "%s and %s would both become %s%s",
                     shorten(one->path, a), shorten(two->path, b),
                     shorten(name, c), way);
}

static enum mill_status
check_pairs(const struct mill_list *list, char **names, struct mill_err *err)
{
    struct mill_names *taken = mill_names_new(list->n);
    enum mill_status status = MILL_OK;
    bool out_of_memory = taken == NULL;
    size_t other;

    for (size_t i = 0; !out_of_memory && i < list->n; i++) {
        if (names[i] == NULL ||
            mill_names_take(taken, names[i], i, &other, &out_of_memory))
            continue;
        if (out_of_memory)
            break;
        status =
            refuse_pair(&list->inputs[other], &list->inputs[i], names[i], err);
        break;
    }
    if (taken != NULL)
        mill_names_free(taken);
    return out_of_memory ? mill_fail(err, MILL_MEMORY, "names") : status;
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

/* Without the output folder nothing is there yet. */
static enum mill_status
check_inputs(const char *root_path, const struct mill_list *list, char **names,
             struct mill_err *err)
{
    int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct identity *found = NULL;
    size_t i;

    if (root < 0)
        return MILL_OK;
    struct identity *all = sort_inputs(list);
    for (i = 0; all != NULL && i < list->n; i++) {
        if (names[i] != NULL)
            found = find_input(all, list->n, root, names[i]);
        if (found != NULL)
            break;
    }
    if (all == NULL)
        mill_fail(err, MILL_MEMORY, "names");
    else if (found != NULL)
        mill_fail(err, MILL_USAGE,
                  "%.50s would be written over the input %.50s",
                  list->inputs[i].path, list->inputs[found->index].path);
    enum mill_status status = MILL_OK;
    if (all == NULL || found != NULL)
        status = (enum mill_status)err->status;
    free(all);
    close(root);
    return status;
}

/* ---- the door ------------------------------------------------------------ */

enum mill_status
mill_target_names(const struct mill_target *target,
                  const struct mill_list *list, const struct mill_codec *format,
                  char ***names, struct mill_err *err)
{
    char **made = calloc(list->n + 1, sizeof *made);
    enum mill_status status = MILL_OK;

    *names = NULL;
    if (made == NULL)
        return mill_fail(err, MILL_MEMORY, "names");
    if (target->root != NULL) {
        status = make_names(target, list, format, made, err);
        if (status == MILL_OK)
            status = check_pairs(list, made, err);
        if (status == MILL_OK)
            status = check_inputs(target->root, list, made, err);
    }
    if (status == MILL_OK)
        *names = made;
    else
        mill_target_names_free(made, list->n);
    return status;
}

void
mill_target_names_free(char **names, size_t n)
{
    for (size_t i = 0; names != NULL && i < n; i++)
        free(names[i]);
    free(names);
}
