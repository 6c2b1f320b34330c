/* The beginning and the end of a command: options, help, the list of inputs,
 * the file for --json; on the main thread. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
