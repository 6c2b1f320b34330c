/* imgmill info: what is in files, from their headers alone, as a table in the
 * order of the inputs or as --json. */
#include "session.h"

/* The path stands last: the columns before it have widths that are known. */
static void
put_header(void)
{
    printf("%-6s %11s %-7s %5s %-8s %-5s %6s %6s %7s %7s %7s %-7s  %s\n",
           "format", "size", "colour", "depth", "sampling", "alpha", "orient",
           "frames", "icc", "exif", "xmp", "reader", "path");
}

static void
put_row(struct cli__session *session, const struct mill_job *job)
{
    const struct mill_facts *facts = &job->result.facts;
    char size[24];

    if (job->end != MILL_END_DONE)
        return;
    snprintf(size, sizeof size, "%ux%u", facts->w, facts->h);
    printf("%-6s %11s %-7s %5u %-8s %-5s %6u %6u %7u %7u %7u %-7s  ",
           facts->format, size, facts->palette ? "palette" : facts->colour,
           facts->depth, facts->sampling[0] ? facts->sampling : "-",
           facts->alpha ? "yes" : "no", facts->orientation, facts->frames,
           facts->icc_bytes, facts->exif_bytes, facts->xmp_bytes,
           facts->own ? "own" : "library");
    cli__put_escaped(stdout, job->label);
    putchar('\n');
    cli__results_flush(session, stdout);
}

static int
run(struct cli__session *session)
{
    struct mill_task task = mill_task_info(&session->options.recipe);
    struct mill_target nowhere = {.fd = -1};

    session->options.batch.ordered = true;
    session->options.quiet = true;
    if (session->json != stdout) {
        session->put = put_row;
        put_header();
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
