/* imgmill info: what is in files, from their headers alone, as a table in the
 * order of the inputs or as --json. */
#include "session.h"

#include <string.h>

enum { PATH_LEAST = 8, PATH_MOST = 40 };

/* Columns that a name takes, near enough: continuing bytes take none. */
static int
text_width(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static int
path_width(const struct mill_list *list)
{
    int most = PATH_LEAST;

    for (size_t i = 0; i < list->n; i++) {
        int width = text_width(list->inputs[i].path);
        most = width > most ? width : most;
    }
    return most < PATH_MOST ? most : PATH_MOST;
}

static void
put_path(const char *path, int width)
{
    int n = text_width(path);

    cli__put_escaped(stdout, path);
    printf("%*s", n < width ? width - n : 0, "");
}

static void
put_header(const struct cli__session *session)
{
    put_path("path", session->path_width);
    printf(" %-6s %11s %-6s %5s %-8s %-5s %6s %6s %7s %7s %7s\n", "format",
           "size", "colour", "depth", "sampling", "alpha", "orient", "frames",
           "icc", "exif", "xmp");
}

static void
put_row(struct cli__session *session, const struct mill_job *job)
{
    const struct mill_facts *facts = &job->result.facts;
    char size[24];

    if (job->end != MILL_END_DONE)
        return;
    snprintf(size, sizeof size, "%ux%u", facts->w, facts->h);
    put_path(job->label, session->path_width);
    printf(" %-6s %11s %-6s %5u %-8s %-5s %6u %6u %7u %7u %7u\n", facts->format,
           size, facts->palette ? "palette" : facts->colour, facts->depth,
           facts->sampling[0] ? facts->sampling : "-",
           facts->alpha ? "yes" : "no", facts->orientation, facts->frames,
           facts->icc_bytes, facts->exif_bytes, facts->xmp_bytes);
    if (fflush(stdout) != 0 || ferror(stdout))
        atomic_store(&session->out_failed, true);
}

static int
run(struct cli__session *session)
{
    struct mill_task task = mill_task_info(&session->options.recipe);
    struct mill_target nowhere = {.fd = -1};

    session->options.batch.ordered = true;
    session->options.quiet = true;
    session->path_width = path_width(&session->list);
    if (session->json != stdout) {
        session->put = put_row;
        put_header(session);
    }
    return cli__run(session, &task, &nowhere);
}

int
cli__info(int argc, char **argv)
{
    struct cli__session session;
    bool go;
    int code = cli__session_open(&session, CLI__INFO, argc, argv, &go);

    if (go)
        code = run(&session);
    cli__session_close(&session);
    return code;
}
