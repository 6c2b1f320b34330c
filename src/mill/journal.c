/* What earlier runs have done, and what this one adds for the next. A reader
 * asks before a job takes its slot; a writer adds the job's line once its
 * output has its name and the caller was told, so a run that is killed may have
 * done what its journal does not say, never the other way.
 *
 * Outputs are noted by their whole paths: one journal may serve many folders.
 * An image that was replaced in place is noted as what it is now, so that it is
 * not taken for new work. Inputs whose size is not known (pipes) are not noted:
 * nothing could tell that they are the same. */
#include "batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
mill__journal_open(struct mill_batch *batch, struct mill_err *err)
{
    const char *path = batch->options.journal;

    if (path == NULL)
        return true;
    if (batch->target->root == NULL && !batch->target->in_place) {
        mill_fail(err, MILL_USAGE,
                  "--resume needs outputs with names: no -o -, no --dry-run");
        return false;
    }
    batch->journal = mill_journal_open(path, err);
    return batch->journal != NULL;
}

bool
mill__journal_aim(struct mill_batch *batch, struct mill_err *err)
{
    if (batch->journal == NULL || batch->target->in_place)
        return true;
    batch->folder = realpath(batch->target->root, NULL);
    if (batch->folder != NULL)
        return true;
    mill_fail_sys(err, MILL_WRITE, errno, "find out where it is");
    return false;
}

/* ---- records ------------------------------------------------------------- */

static bool
can_be_known(const struct mill_batch *batch, const struct mill_job *job)
{
    return batch->journal != NULL && job->output != NULL && job->file_bytes > 0;
}

/* Of the job as it was scanned; false: no memory. *path, the output's, is
 * malloc'd. */
static bool
make_record(const struct mill_batch *batch, const struct mill_job *job,
            struct mill_record *record, char **path)
{
    const struct mill_input *input = &batch->list->inputs[job->index];

    if (batch->folder == NULL)
        *path = strdup(job->output);
    else if (asprintf(path, "%s/%s", batch->folder, job->output) < 0)
        *path = NULL;
    *record = (struct mill_record){
        .status = job->end == MILL_END_FAILED
                      ? (enum mill_status)job->err.status
                      : MILL_OK,
        .input = input->path,
        .output = *path,
        .recipe = batch->options.recipe,
        .input_bytes = input->file_bytes,
        .input_mtime_ns = input->mtime_ns,
        .output_bytes = job->written_bytes,
    };
    return *path != NULL;
}

/* In place what a link leads to is replaced; elsewhere the link itself. */
static bool
look(const struct mill_batch *batch, const char *path, uint64_t *bytes,
     int64_t *mtime_ns)
{
    return mill_file_look(path, batch->target->in_place, bytes, mtime_ns);
}

bool
mill__was_done(const struct mill_batch *batch, const struct mill_job *job)
{
    struct mill_record record;
    uint64_t bytes;
    int64_t mtime_ns;
    char *path;
    bool done;

    if (!can_be_known(batch, job))
        return false;
    done = make_record(batch, job, &record, &path) &&
           mill_journal_did(batch->journal, &record) &&
           look(batch, path, &bytes, &mtime_ns) && bytes == record.output_bytes;
    free(path);
    return done;
}

void
mill__journal_add(struct mill_batch *batch, const struct mill_job *job)
{
    struct mill_record record;
    struct mill_err err = {0};
    char *path;

    if (!can_be_known(batch, job) ||
        (job->end != MILL_END_DONE && job->end != MILL_END_FAILED))
        return;
    if (!make_record(batch, job, &record, &path))
        mill_fail(&err, MILL_ENVIRONMENT, "no memory for the journal");
    else if (record.status != MILL_OK || strcmp(path, job->path) != 0 ||
             look(batch, path, &record.input_bytes, &record.input_mtime_ns))
        mill_journal_add(batch->journal, &record, &err);
    if (err.status != MILL_OK)
        mill__halt_for(batch, &err);
    free(path);
}
