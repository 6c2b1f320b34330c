/* How far the batch is, told by a thread of its own that looks at the counts: a
 * bar four times a second, or a plain line now and then. */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_MS = 250, PLAIN_MS = 10000, CELLS = 20 };

struct cli__progress {
    struct cli__session *session;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    bool bar;
};

static bool
wants_bar(unsigned mode)
{
    const char *terminal = getenv("TERM");

    if (mode != CLI__PROGRESS_AUTO)
        return mode == CLI__PROGRESS_BAR;
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

/* "  12:34", "1:02:03"; "" when nothing can be foretold. */
static void
put_eta(FILE *out, const struct mill_counts *counts, double seconds)
{
    uint64_t worked = counts->in_bytes - counts->skipped_bytes;

    if (!worked || counts->in_bytes >= counts->in_bytes_listed)
        return;
    double left = (double)(counts->in_bytes_listed - counts->in_bytes);
    double eta = seconds * left / (double)worked;
    if (eta > 360000)
        return;
    unsigned whole = (unsigned)eta;
    if (whole >= 3600)
        fprintf(out, ", %u:%02u:%02u left", whole / 3600, whole / 60 % 60,
                whole % 60);
    else
        fprintf(out, ", %u:%02u left", whole / 60, whole % 60);
}

static void
put_figures(FILE *out, const struct mill_counts *counts)
{
    uint64_t ended = counts->done + counts->skipped + counts->failed;
    double seconds = (double)(counts->now_ns - counts->started_ns) / 1e9;
    double divisor = seconds > 0.001 ? seconds : 0.001;
    uint64_t worked = counts->in_bytes - counts->skipped_bytes;

    fprintf(out, "%llu/%llu images, %.1f/s, %.1f MB/s",
            (unsigned long long)ended, (unsigned long long)counts->listed,
            (double)(ended - counts->skipped) / divisor,
            (double)worked / 1048576 / divisor);
    put_eta(out, counts, seconds);
    if (counts->failed)
        fprintf(out, ", %llu failed", (unsigned long long)counts->failed);
}

/* Filled by bytes as the time left is: with the largest first, the number of
 * images would stay near nothing for most of the run. */
static void
put_bar(FILE *out, const struct mill_counts *counts)
{
    uint64_t ended = counts->done + counts->skipped + counts->failed;
    double part = (double)ended / (double)(counts->listed ? counts->listed : 1);

    if (counts->in_bytes_listed)
        part = (double)counts->in_bytes / (double)counts->in_bytes_listed;
    unsigned full = (unsigned)(part < 1 ? part * CELLS : CELLS);
    fputc('[', out);
    for (unsigned i = 0; i < CELLS; i++)
        fputc(i < full ? '#' : ' ', out);
    fputs("] ", out);
}

/* What of the line the terminal has columns for: one that wraps could not be
 * taken back. The cells go first, then the line's end. */
static const char *
fit(char *text)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
        return text;
    size_t room = size.ws_col - 1u;
    if (strlen(text) > room)
        text += CELLS + strlen("[] ");
    if (strlen(text) > room)
        text[room] = '\0';
    return text;
}

static void
tell(struct cli__progress *progress)
{
    struct mill_counts counts = mill_batch_counts(progress->session->batch);
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    if (!out)
        return;
    if (progress->bar)
        put_bar(out, &counts);
    put_figures(out, &counts);
    fclose(out);
    if (progress->bar)
        cli__say_bar(&progress->session->voice, fit(text));
    else
        cli__say(&progress->session->voice, "%s", text);
    free(text);
}

static struct timespec
after_ms(unsigned ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

/* False when it is over. */
static bool
wait_turn(struct cli__progress *progress)
{
    struct timespec at = after_ms(progress->bar ? BAR_MS : PLAIN_MS);
    int late = 0;

    pthread_mutex_lock(&progress->lock);
    while (!progress->over && !late)
        late = pthread_cond_timedwait(&progress->wake, &progress->lock, &at);
    bool over = progress->over;
    pthread_mutex_unlock(&progress->lock);
    return !over;
}

static void *
tell_often(void *context)
{
    while (wait_turn(context))
        tell(context);
    return NULL;
}

static void
free_progress(struct cli__progress *progress)
{
    pthread_cond_destroy(&progress->wake);
    pthread_mutex_destroy(&progress->lock);
    free(progress);
}

struct cli__progress *
cli__progress_start(struct cli__session *session)
{
    unsigned mode = session->options.progress;
    bool bar = wants_bar(mode);
    pthread_condattr_t clock;

    if (session->options.quiet || (!bar && mode != CLI__PROGRESS_PLAIN))
        return NULL;
    struct cli__progress *progress = calloc(1, sizeof *progress);
    if (!progress)
        return NULL;
    progress->session = session;
    progress->bar = bar;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&progress->lock, NULL);
    pthread_cond_init(&progress->wake, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&progress->thread, NULL, tell_often, progress) == 0)
        return progress;
    free_progress(progress);
    return NULL;
}

void
cli__progress_end(struct cli__progress *progress)
{
    if (!progress)
        return;
    pthread_mutex_lock(&progress->lock);
    progress->over = true;
    pthread_cond_signal(&progress->wake);
    pthread_mutex_unlock(&progress->lock);
    pthread_join(progress->thread, NULL);
    if (progress->bar)
        cli__say_bar(&progress->session->voice, "");
    free_progress(progress);
}
