/* The beginning and the end of a command: options, help, the list of inputs,
 * the file for --json; on the main thread. That file is emptied before the
 * first image is read, and the journal grows from the first that ends; so both
 * are held against all that the run reads and makes, and must be none of it. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- files of the run's own ---------------------------------------------- */

/* The report or the journal, and what was there before, if `there`. */
struct own {
    const char *path;
    bool there;
    struct stat found;
};

static bool
is_own(const struct own *own, const char *path)
{
    struct stat found;

    if (!path)
        return false;
    if (!strcmp(path, own->path))
        return true;
    return own->there && stat(path, &found) == 0 &&
           found.st_dev == own->found.st_dev &&
           found.st_ino == own->found.st_ino;
}

static bool
is_input(const struct own *own, const struct mill_list *list)
{
    for (size_t i = 0; own->there && i < list->n; i++)
        if (list->inputs[i].dev == own->found.st_dev &&
            list->inputs[i].ino == own->found.st_ino)
            return true;
    return false;
}

static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Only outputs of the same name are looked up: there may be a million. */
static bool
is_output(const struct own *own, const struct cli__session *session)
{
    const char *base = base_of(own->path);

    for (uint32_t i = 0; session->names && i < session->list.n; i++) {
        const char *name = session->names[i];
        if (!name || strcmp(base_of(name), base) != 0)
            continue;
        char *path = cli__target_path(session, i);
        bool same = is_own(own, path);
        free(path);
        if (same)
            return true;
    }
    return false;
}

/* What else the path is; NULL: nothing. Pipes and terminals lose nothing. */
static const char *
clash(const struct cli__session *session, const char *path)
{
    const struct cli__options *options = &session->options;
    struct own own = {.path = path};

    own.there = stat(path, &own.found) == 0;
    if (own.there && !S_ISREG(own.found.st_mode))
        return NULL;
    if (is_input(&own, &session->list))
        return "an input";
    if (is_own(&own, options->files_from))
        return "the list of --files-from";
    if (path != options->batch.journal && is_own(&own, options->batch.journal))
        return "the journal of --resume";
    return is_output(&own, session) ? "an output" : NULL;
}

static int
check_file(struct cli__session *session, const char *flag, const char *path)
{
    const char *other = path ? clash(session, path) : NULL;

    if (!other)
        return CLI__EXIT_OK;
    cli__say(&session->voice, "%s: %s is %s too; name another file", flag, path,
             other);
    return CLI__EXIT_USAGE;
}

static int
check_files(struct cli__session *session)
{
    const struct cli__options *options = &session->options;
    int code = check_file(session, "--json", options->json_path);

    return code == CLI__EXIT_OK
               ? check_file(session, "--resume", options->batch.journal)
               : code;
}

static int
open_json(struct cli__session *session)
{
    const char *path = session->options.json_path;

    if (!session->options.json)
        return CLI__EXIT_OK;
    session->json = path ? fopen(path, "we") : stdout;
    if (session->json)
        return CLI__EXIT_OK;
    int sys = errno;
    cli__say(&session->voice, "--json: cannot write %s: %s", path,
             strerror(sys));
    return sys == ENOMEM ? CLI__EXIT_ENVIRONMENT : CLI__EXIT_USAGE;
}

/* ---- the command --------------------------------------------------------- */

int
cli__session_open(struct cli__session *session, unsigned command, int argc,
                  char **argv, bool *go)
{
    struct mill_err err = {0};
    int code;

    *session = (struct cli__session){.put = NULL};
    *go = false;
    cli__voice_init(&session->voice);
    if (cli__options_read(&session->options, command, argc, argv, &err) !=
        MILL_OK) {
        cli__report_error(session, &err);
        return cli__exit_of(err.status);
    }
    if (session->options.help) {
        cli__help_command(command);
        return CLI__EXIT_OK;
    }
    code = cli__inputs_gather(session);
    if (code == CLI__EXIT_OK && command == CLI__CONVERT)
        code = cli__target_resolve(session);
    if (code == CLI__EXIT_OK)
        code = check_files(session);
    if (code == CLI__EXIT_OK)
        code = open_json(session);
    *go = code == CLI__EXIT_OK;
    return code;
}

void
cli__session_close(struct cli__session *session)
{
    if (session->json && session->json != stdout)
        fclose(session->json);
    if (session->names)
        mill_target_names_free(session->names, session->list.n);
    free(session->root);
    free(session->file);
    mill_list_clear(&session->list);
    cli__options_clear(&session->options);
    cli__voice_clear(&session->voice);
}
