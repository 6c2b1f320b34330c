/* The list of inputs: arguments in the order given, then --files-from. In a
 * folder a file counts when its name or its first bytes are of a format that
 * can be read; for --in-place its name alone. Backups never do. The folder of
 * the outputs is not walked for being below that of the inputs. What was left
 * out is counted, and told with the summary. On the main thread, before the
 * batch. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), most = strlen(suffix);

    return n >= most && !strcmp(name + n - most, suffix);
}

/* More than a few kinds are not told apart. */
static void
count_stranger(struct cli__session *session, struct mill_bytes head)
{
    const char *name = mill_codec_strange(head);

    for (unsigned i = 0; name && i < CLI__STRANGERS; i++) {
        if (session->strangers[i].name &&
            strcmp(session->strangers[i].name, name) != 0)
            continue;
        session->strangers[i].name = name;
        session->strangers[i].n++;
        return;
    }
}

/* a.jpg~ is what --backup, an editor or cp kept. For --in-place a name alone
 * counts, since what somebody kept is an image by its bytes. */
static bool
counts(void *context, const char *name, struct mill_bytes head)
{
    struct cli__session *session = context;
    const struct mill_target *target = &session->options.target;
    bool is_backup =
        ends_in(name, "~") || (target->backup && ends_in(name, target->backup));

    if (is_backup)
        return false;
    const struct mill_codec *codec =
        head.n ? mill_codec_sniff(head) : mill_codec_of_path(name);
    if (!codec && head.n)
        count_stranger(session, head);
    return codec && codec->decode && !(target->in_place && head.n);
}

static enum mill_status
add_names(struct cli__session *session, struct mill_err *err)
{
    const char *path = session->options.files_from;
    char separator = session->options.zero ? '\0' : '\n';
    bool piped = !strcmp(path, "-");
    int fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return mill_fail_sys(err, MILL_READ, errno, "open");
    enum mill_status status =
        mill_scan_add_names(&session->list, fd, separator, err);
    if (!piped)
        close(fd);
    return status;
}

/* What is wrong with an argument costs no image, so it is wrong usage. */
static int
fail_input(struct cli__session *session, const char *path,
           const struct mill_err *err)
{
    if (err->status == MILL_USAGE)
        cli__report_error(session, err);
    else
        cli__say(&session->voice, "%s: %s: %s", path,
                 mill_status_text(err->status), err->text);
    return cli__exit_of(err->status);
}

static int
fail_list(struct cli__session *session, const struct mill_err *err)
{
    bool usage = err->status == MILL_USAGE;

    cli__say(&session->voice, "--files-from %s: %s%s%s",
             session->options.files_from,
             usage ? "" : mill_status_text(err->status), usage ? "" : ": ",
             err->text);
    return cli__exit_of(err->status);
}

static void
put_strangers(const struct cli__session *session, FILE *out)
{
    for (unsigned i = 0; session->strangers[i].name; i++)
        fprintf(out, "%s%llu %s", i ? ", " : " (",
                (unsigned long long)session->strangers[i].n,
                session->strangers[i].name);
    if (session->strangers[0].name)
        fputc(')', out);
}

static void
put_folders(FILE *out, uint64_t n, const char *one, const char *more)
{
    if (n)
        fprintf(out, ", %llu %s", (unsigned long long)n, n == 1 ? one : more);
}

void
cli__inputs_put_rest(const struct cli__session *session, FILE *out)
{
    const struct mill_list *list = &session->list;

    if (list->n_ignored) {
        fprintf(out, ", %llu ignored", (unsigned long long)list->n_ignored);
        put_strangers(session, out);
    }
    put_folders(out, list->n_folders, "folder not entered (-r)",
                "folders not entered (-r)");
    put_folders(out, list->n_links, "link to a folder not followed",
                "links to folders not followed");
    if (list->n_passed)
        fputs(", the folder of the outputs not entered", out);
}

static int
fail_nothing(struct cli__session *session)
{
    char rest[512] = "";
    FILE *out = fmemopen(rest, sizeof rest - 1, "w");

    if (out) {
        cli__inputs_put_rest(session, out);
        fclose(out);
    }
    cli__say(&session->voice, "no input matched%s", rest);
    return CLI__EXIT_NOTHING;
}

static void
pass_outputs(const char *output, struct mill_scan *how)
{
    struct stat found;

    if (!output || stat(output, &found) != 0)
        return;
    how->pass_dev = found.st_dev;
    how->pass_ino = found.st_ino;
}

int
cli__inputs_gather(struct cli__session *session)
{
    const struct cli__options *options = &session->options;
    struct mill_scan how = {
        .recursive = options->recursive,
        .counts = counts,
        .context = session,
        .head_bytes = MILL_SNIFF_BYTES,
    };
    struct mill_err err = {0};

    pass_outputs(options->output, &how);
    for (size_t i = 0; i < options->n_inputs; i++)
        if (mill_scan_add(&session->list, &how, options->inputs[i], &err) !=
            MILL_OK)
            return fail_input(session, options->inputs[i], &err);
    if (options->files_from && add_names(session, &err) != MILL_OK)
        return fail_list(session, &err);
    return session->list.n ? CLI__EXIT_OK : fail_nothing(session);
}
