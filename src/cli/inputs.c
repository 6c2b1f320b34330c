/* The list of inputs: arguments in the order given, then --files-from. In a
 * folder a file counts when its name or its first bytes are of a format that
 * can be read; for --in-place its name alone. Backups never do. On the main
 * thread, before the batch. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool
ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), most = strlen(suffix);

    return n >= most && !strcmp(name + n - most, suffix);
}

/* a.jpg~ is what --backup, an editor or cp kept. For --in-place a name alone
 * counts, since what somebody kept is an image by its bytes. */
static bool
counts(void *context, const char *name, struct mill_bytes head)
{
    const struct mill_target *target = context;
    bool is_backup = ends_in(name, "~") ||
                     (target->backup && ends_in(name, target->backup));

    if (is_backup || (target->in_place && head.n))
        return false;
    const struct mill_codec *codec =
        head.n ? mill_codec_sniff(head) : mill_codec_of_path(name);

    return codec && codec->decode;
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

static int
fail_nothing(struct cli__session *session)
{
    const struct cli__options *options = &session->options;
    char ignored[64] = "";

    if (session->list.n_ignored)
        snprintf(ignored, sizeof ignored, "; files that are not images: %llu",
                 (unsigned long long)session->list.n_ignored);
    cli__say(&session->voice, "no input matched%s%s", ignored,
             options->recursive || !options->n_inputs
                 ? ""
                 : " (-r walks folders below a folder)");
    return CLI__EXIT_NOTHING;
}

int
cli__inputs_gather(struct cli__session *session)
{
    const struct cli__options *options = &session->options;
    struct mill_scan how = {
        .recursive = options->recursive,
        .counts = counts,
        .context = &session->options.target,
        .head_bytes = MILL_SNIFF_BYTES,
    };
    struct mill_err err = {0};

    for (size_t i = 0; i < options->n_inputs; i++)
        if (mill_scan_add(&session->list, &how, options->inputs[i], &err) !=
            MILL_OK)
            return fail_input(session, options->inputs[i], &err);
    if (options->files_from && add_names(session, &err) != MILL_OK)
        return fail_list(session, &err);
    return session->list.n ? CLI__EXIT_OK : fail_nothing(session);
}
