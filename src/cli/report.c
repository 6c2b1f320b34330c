/* What people read on standard error: errors, the summary, -v and --stats. From
 * the main thread, and for jobs from the batch's, one at a time. */
#include "session.h"

static unsigned long long
number(uint64_t n)
{
    return n;
}

/* The text of wrong usage is a whole sentence; others name their kind first. */
void
cli__report_error(struct cli__session *session, const struct mill_err *err)
{
    if (err->status == MILL_USAGE)
        cli__say(&session->voice, "%s", err->text);
    else
        cli__say(&session->voice, "%s: %s", mill_status_text(err->status),
                 err->text);
}

void
cli__report_job(struct cli__session *session, const struct mill_job *job)
{
    const char *text = job->err.text;
    const char *kind = mill_status_text(job->err.status);

    if (job->end == MILL_END_SKIPPED && session->options.verbose)
        cli__say(&session->voice, "%s: skipped: the output %s", job->label,
                 text);
    if (job->attempts > 1 && session->options.verbose)
        cli__say(&session->voice, "%s: tried %u times: its worker was killed",
                 job->label, job->attempts);
    if (job->result.notes & MILL_NOTE_LIBRARY && session->options.verbose)
        cli__say(&session->voice, "%s: read by its format's library",
                 job->label);
    if (job->end == MILL_END_DONE && (job->result.notes & MILL_NOTE_SALVAGED))
        cli__say(&session->voice, "%s: salvaged: %s", job->label,
                 job->result.damage);
    if (job->end == MILL_END_FAILED)
        cli__say(&session->voice, "%s: %s%s%s", job->label, kind,
                 text[0] ? ": " : "", text);
}

/* ---- the end ------------------------------------------------------------- */

static void
put_count(FILE *out, const char *what, uint64_t n)
{
    if (n)
        fprintf(out, ", %llu %s", number(n), what);
}

static bool
has_rest(const struct mill_list *list)
{
    return list->n_ignored || list->n_folders || list->n_links ||
           list->n_passed;
}

void
cli__report_summary(struct cli__session *session,
                    const struct mill_counts *counts)
{
    double seconds = (double)(counts->now_ns - counts->started_ns) / 1e9;
    uint64_t worked = counts->in_bytes - counts->skipped_bytes;
    bool alone = counts->listed < 2 && !has_rest(&session->list);
    char in[24], made[24], text[512] = "";
    FILE *out;

    if (session->options.quiet || (alone && !counts->left))
        return;
    out = fmemopen(text, sizeof text, "w");
    if (!out)
        return;
    fprintf(out, "%llu done", number(counts->done));
    if (counts->salvaged)
        fprintf(out, " (%llu salvaged)", number(counts->salvaged));
    put_count(out, "done before", counts->resumed);
    put_count(out, "skipped", counts->skipped - counts->resumed);
    put_count(out, "failed", counts->failed);
    put_count(out, "left", counts->left);
    cli__inputs_put_rest(session, out);
    fprintf(out, "; %s in, %s out, %.2f s",
            mill_size_text(worked, in, sizeof in),
            mill_size_text(counts->out_bytes, made, sizeof made), seconds);
    fclose(out);
    cli__say(&session->voice, "%s", text);
}

/* ---- -v ------------------------------------------------------------------ */

static void
say_lives(struct cli__session *session, const struct mill_batch_options *all)
{
    char share[24] = "any number of", deaths[24] = "after no number of";

    if (!all->backend->isolates) {
        cli__say(&session->voice,
                 "no timeout: backend %s cannot end an image, nor survive "
                 "one that crashes",
                 all->backend->name);
        return;
    }
    if (all->jobs_per_worker > 0)
        snprintf(share, sizeof share, "at most %u", all->jobs_per_worker);
    if (all->deaths > 0)
        snprintf(deaths, sizeof deaths, "after %u", all->deaths);
    cli__say(&session->voice,
             "timeout %.3g s (0: none), %u retries of killed workers' images, "
             "%s images a worker, stop %s deaths in a row",
             (double)all->timeout_ns / 1e9, all->retries, share, deaths);
}

static void
say_threads(struct cli__session *session)
{
    const struct mill_recipe *recipe = &session->options.recipe;

    if (recipe->threads > 1)
        cli__say(&session->voice,
                 "up to %u threads inside an image of %llu px or more",
                 recipe->threads, number(recipe->threads_px));
}

static void
say_raised(struct cli__session *session, uint64_t asked)
{
    const struct mill_batch_options *all = &session->options.batch;
    char memory[24];

    if (asked && asked < all->memory && !session->options.quiet)
        cli__say(&session->voice,
                 "--memory is raised to %s, the least for --jobs %u",
                 mill_size_text(all->memory, memory, sizeof memory), all->jobs);
}

/* What was asked for and cannot be had is said without -v too. */
void
cli__report_choices(struct cli__session *session, uint64_t memory_asked)
{
    const struct mill_batch_options *all = &session->options.batch;
    const char *idle = session->options.needs_workers;
    char memory[24];

    if (idle && !all->backend->isolates && !session->options.quiet)
        cli__say(&session->voice,
                 "--%s has no effect with --backend %s: it has no workers "
                 "that could be killed or replaced",
                 idle, all->backend->name);
    say_raised(session, memory_asked);
    if (!session->options.verbose)
        return;
    cli__say(&session->voice,
             "backend %s, %u jobs, %u readers, %u writers, %u images on the "
             "way, %s of memory, %s first%s",
             all->backend->name, all->jobs, all->readers, all->writers,
             all->queue, mill_size_text(all->memory, memory, sizeof memory),
             all->order == MILL_ORDER_INPUT || all->ordered ? "first named"
                                                            : "largest",
             all->ordered ? ", ordered" : "");
    say_threads(session);
    say_lives(session, all);
    cli__say(&session->voice, "inputs: %zu; other files, ignored: %llu",
             session->list.n, number(session->list.n_ignored));
}

void
cli__report_sandbox(struct cli__session *session,
                    struct mill_sandbox_state state)
{
    const struct mill_backend *backend = session->options.batch.backend;
    char text[128];

    if (!session->options.verbose)
        return;
    if (backend->isolates)
        cli__say(&session->voice, "sandbox: %s",
                 mill_sandbox_text(state, text, sizeof text));
    else
        cli__say(&session->voice, "sandbox: none, backend %s has no workers",
                 backend->name);
}

/* ---- --stats ------------------------------------------------------------- */

static void
say_wait(struct cli__session *session, const char *what, uint64_t ns)
{
    cli__say(&session->voice, "  %-34s%10.3f s", what, (double)ns / 1e9);
}

/* Times of all threads, added up. */
void
cli__report_stats(struct cli__session *session,
                  const struct mill_batch_stats *stats)
{
    const struct {
        const char *what;
        uint64_t ns;
    } lines[] = {
        {"readers wait for a slot", stats->slots.pop_ns},
        {"readers read", stats->read_ns},
        {"readers wait for lanes", stats->read_queue.push_ns},
        {"lanes wait for an image", stats->read_queue.pop_ns},
        {"lanes wait for memory", stats->work.pop_ns},
        {"lanes work", stats->lane_ns},
        {"  decode", stats->decode_ns},
        {"  filter", stats->filter_ns},
        {"  encode", stats->encode_ns},
        {"lanes wait for writers", stats->write_queue.push_ns},
        {"writers wait for lanes", stats->write_queue.pop_ns},
        {"writers write", stats->write_ns},
    };
    char most[24];

    if (!session->options.stats)
        return;
    cli__say(&session->voice, "where the time went, all threads added up:");
    for (size_t i = 0; i < MILL_COUNT(lines); i++)
        say_wait(session, lines[i].what, lines[i].ns);
    cli__say(&session->voice,
             "%u lanes, %u workers born, %u died, at most %s held",
             stats->exec.lanes, stats->exec.born, stats->exec.died,
             mill_size_text(stats->most_bytes, most, sizeof most));
}
