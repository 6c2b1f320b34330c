/* Targets: what every output is called, before the first is written. Names are
 * made one by one and then held against what would cost somebody a file
 * (clashes.c). Inputs that already failed get no name. In place an output has
 * its input's own path, unless another format asks for another extension: then
 * it is a new file beside the input, which stays. Runs in the caller's thread;
 * of an input it reads only the first bytes, and those only when the format is
 * not given. */
#include "clashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Without a format the input's is kept, so its name is right as it is. */
static enum mill_status
make_own_name(const struct mill_input *input, const struct mill_codec *format,
              char **name, struct mill_err *err)
{
    const char *slash = strrchr(input->path, '/');
    const char *base = slash != NULL ? slash + 1 : input->path;
    char *leaf = NULL;
    int n;

    if (strcmp(input->path, "-") == 0)
        return mill_fail(err, MILL_USAGE,
                         "--in-place replaces files, and standard input is "
                         "none");
    if (format == NULL || format == mill_codec_of_path(base)) {
        *name = strdup(input->path);
        return *name != NULL ? MILL_OK : mill_fail(err, MILL_MEMORY, "names");
    }
    enum mill_status status = mill_name_make(
        &leaf, NULL, base, format->extensions[0], false, true, err);
    if (status != MILL_OK)
        return status;
    n = asprintf(name, "%.*s%s", (int)(base - input->path), input->path, leaf);
    free(leaf);
    if (n >= 0)
        return MILL_OK;
    *name = NULL;
    return mill_fail(err, MILL_MEMORY, "names");
}

static enum mill_status
make_name(const struct mill_target *target, const struct mill_input *input,
          const struct mill_codec *format, char **name, struct mill_err *err)
{
    if (target->in_place)
        return make_own_name(input, format, name, err);

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

/* ---- the door ------------------------------------------------------------ */

enum mill_status
mill_target_names(const struct mill_target *target,
                  const struct mill_list *list, const struct mill_codec *format,
                  char ***names, struct mill_clash *clash, struct mill_err *err)
{
    char **made = calloc(list->n + 1, sizeof *made);
    enum mill_status status = MILL_OK;

    *names = NULL;
    if (made == NULL)
        return mill_fail(err, MILL_MEMORY, "names");
    if (target->root != NULL || target->in_place)
        status = make_names(target, list, format, made, err);
    if (status == MILL_OK && target->in_place)
        status = mill__check_in_place(list, made, clash, err);
    if (status == MILL_OK && target->root != NULL)
        status = mill__check_pairs(target, list, made, clash, err);
    if (status == MILL_OK && target->root != NULL)
        status = mill__check_inputs(target->root, list, made, clash, err);
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
