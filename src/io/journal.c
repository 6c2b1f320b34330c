/* The journal: lines of a text file, and which of them count. All of the file
 * is read when it is opened, on one thread; what it says then never changes, so
 * many threads may ask. Each that ends an image adds its line, one at a time.
 *
 *   text:  CHECK done RECIPE 4096 1700… 812 a.jpg out/a.png\n
 *                                           └─────── key ───────┘
 *
 * Names are compared as they stand in the file, escaped: there is one way only
 * to write a name. The lock is on the open file, which no child may have, or it
 * would outlive a mill that was killed. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char header[] = "imgmill journal 1\n";

enum { HEADER = sizeof header - 1, CHECK = 16 };

/* What a line says, but for its names. */
struct entry {
    bool done;
    uint64_t recipe, input_bytes, output_bytes;
    int64_t input_mtime_ns;
};

struct mill_journal {
    char *path;
    int fd;
    bool made;  /* the file was not there */
    char *text; /* the file as it was; the keys point into it */
    size_t n_text;
    struct entry *entries;
    size_t n, capacity;
    struct mill_names *keys; /* to places in entries */

    pthread_mutex_t lock; /* guards broken, and held around a line's write */
    bool broken;          /* a line may be torn: nothing can follow it */
};

/* ---- a line -------------------------------------------------------------- */

static char *
escape(char *to, const char *name)
{
    static const char digits[] = "0123456789abcdef";

    for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
        if (*at > ' ' && *at != '%' && *at != 0x7f) {
            *to++ = (char)*at;
            continue;
        }
        *to++ = '%';
        *to++ = digits[*at >> 4];
        *to++ = digits[*at & 15];
    }
    *to = '\0';
    return to;
}

/* "INPUT OUTPUT", malloc'd. */
static char *
make_key(const struct mill_record *record)
{
    size_t n = strlen(record->input) + strlen(record->output);
    char *key = NULL;

    if (mill_size_mul(n, 3, &n) && mill_size_add(n, 2, &n))
        key = malloc(n);
    if (key == NULL)
        return NULL;
    char *end = escape(key, record->input);
    *end++ = ' ';
    escape(end, record->output);
    return key;
}

static uint64_t
check_of(const char *text, size_t n)
{
    return mill_hash(MILL_HASH_START, text, n);
}

/* The whole line, malloc'd; its length, or -1. */
static int
make_line(const struct mill_record *record, char **line)
{
    const char *state =
        record->status == MILL_OK ? "done" : mill_status_word(record->status);
    char *key = make_key(record), *body = NULL;
    int n = -1;

    if (key != NULL)
        n = asprintf(&body,
                     "%s %016" PRIx64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %s",
                     state, record->recipe, record->input_bytes,
                     record->input_mtime_ns, record->output_bytes, key);
    if (n >= 0) {
        n = asprintf(line, "%016" PRIx64 " %s\n", check_of(body, (size_t)n),
                     body);
        free(body);
    }
    free(key);
    return n;
}

/* The line is whole and ends in a zero byte; *key is where its names begin. */
static bool
parse_line(char *line, size_t n, struct entry *entry, const char **key)
{
    char state[16];
    uint64_t check;
    int end = 0;

    if (n <= CHECK || line[CHECK] != ' ' ||
        sscanf(line, "%16" SCNx64, &check) != 1 ||
        check != check_of(line + CHECK + 1, n - CHECK - 1))
        return false;
    int found =
        sscanf(line + CHECK + 1,
               "%15s %16" SCNx64 " %" SCNu64 " %" SCNd64 " %" SCNu64 " %n",
               state, &entry->recipe, &entry->input_bytes,
               &entry->input_mtime_ns, &entry->output_bytes, &end);
    entry->done = strcmp(state, "done") == 0;
    *key = line + CHECK + 1 + end;
    return found == 5 && end > 0;
}

/* ---- reading ------------------------------------------------------------- */

/* A later line takes the place of the one before. */
static bool
keep(struct mill_journal *journal, const struct entry *entry, const char *key)
{
    bool out_of_memory;
    size_t place;

    if (!mill_names_take(journal->keys, key, journal->n, &place,
                         &out_of_memory)) {
        if (!out_of_memory)
            journal->entries[place] = *entry;
        return !out_of_memory;
    }
    if (journal->n == journal->capacity) {
        size_t more = journal->capacity > 0 ? 2 * journal->capacity : 64;
        struct entry *entries =
            reallocarray(journal->entries, more, sizeof *entries);
        if (entries == NULL)
            return false;
        journal->entries = entries;
        journal->capacity = more;
    }
    journal->entries[journal->n++] = *entry;
    return true;
}

/* There is room for a zero byte behind the text: a line may be whole but for
 * its newline. */
static bool
keep_lines(struct mill_journal *journal)
{
    char *at = journal->text, *end = at + journal->n_text;

    while (at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        struct entry entry;
        const char *key;

        if (stop == NULL)
            stop = end;
        *stop = '\0';
        if (parse_line(at, (size_t)(stop - at), &entry, &key) &&
            !keep(journal, &entry, key))
            return false;
        at = stop + 1;
    }
    return true;
}

static enum mill_status
load(struct mill_journal *journal, struct mill_err *err)
{
    struct stat status;
    ssize_t got = -1;

    if (fstat(journal->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return mill_fail(err, MILL_USAGE, "--resume: %.100s is no file",
                         journal->path);
    journal->text = malloc((size_t)status.st_size + 1);
    if (journal->text != NULL)
        got = io__read_full(journal->fd, journal->text, (size_t)status.st_size);
    if (got < 0)
        return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                             "--resume: cannot read %s", journal->path);
    journal->n_text = (size_t)got;

    size_t n = journal->n_text < HEADER ? journal->n_text : HEADER;
    if (memcmp(journal->text, header, n) != 0)
        return mill_fail(err, MILL_USAGE,
                         "--resume: %.80s holds something else; name a "
                         "journal, or a file that is not there yet",
                         journal->path);
    return MILL_OK;
}

/* ---- writing ------------------------------------------------------------- */

/* By one write: what it left out cannot be added any more. */
static enum mill_status
append(struct mill_journal *journal, const char *text, size_t n,
       struct mill_err *err)
{
    ssize_t put;

    do
        put = write(journal->fd, text, n);
    while (put < 0 && errno == EINTR);
    if (put == (ssize_t)n)
        return MILL_OK;
    journal->broken = true;
    return mill_fail_sys(err, MILL_ENVIRONMENT, put < 0 ? errno : ENOSPC,
                         "--resume: cannot write %s", journal->path);
}

/* The file begins with a header and ends with a newline. */
static enum mill_status
mend(struct mill_journal *journal, struct mill_err *err)
{
    size_t n = journal->n_text;

    if (n < HEADER) {
        if (n > 0 && ftruncate(journal->fd, 0) != 0)
            return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                                 "--resume: cannot mend %s", journal->path);
        return append(journal, header, HEADER, err);
    }
    if (journal->text[n - 1] != '\n')
        return append(journal, "\n", 1, err);
    return MILL_OK;
}

/* ---- the door ------------------------------------------------------------ */

static void
open_file(struct mill_journal *journal)
{
    const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;

    journal->fd = open(journal->path, flags | O_EXCL, 0666);
    journal->made = journal->fd >= 0;
    if (!journal->made && errno == EEXIST)
        journal->fd = open(journal->path, flags, 0666);
}

static enum mill_status
get_lock(struct mill_journal *journal, struct mill_err *err)
{
    int sys;

    open_file(journal);
    if (journal->fd < 0)
        return mill_fail_sys(err, MILL_USAGE, errno, "--resume: cannot open %s",
                             journal->path);
    do
        sys = flock(journal->fd, LOCK_EX | LOCK_NB);
    while (sys != 0 && errno == EINTR);
    if (sys == 0)
        return MILL_OK;
    if (errno == EWOULDBLOCK)
        return mill_fail(err, MILL_USAGE,
                         "--resume: another run works with %.100s now",
                         journal->path);
    return mill_fail_sys(err, MILL_ENVIRONMENT, errno,
                         "--resume: cannot lock %s", journal->path);
}

static enum mill_status
open_journal(struct mill_journal *journal, struct mill_err *err)
{
    enum mill_status status = get_lock(journal, err);

    if (status == MILL_OK)
        status = load(journal, err);
    if (status == MILL_OK)
        status = mend(journal, err);
    if (status != MILL_OK)
        return status;
    journal->keys = mill_names_new(64);
    if (journal->keys == NULL || !keep_lines(journal))
        return mill_fail(err, MILL_MEMORY, "the journal");
    return MILL_OK;
}

struct mill_journal *
mill_journal_open(const char *path, struct mill_err *err)
{
    struct mill_journal *journal = calloc(1, sizeof *journal);

    if (journal == NULL) {
        mill_fail(err, MILL_MEMORY, "the journal");
        return NULL;
    }
    pthread_mutex_init(&journal->lock, NULL);
    journal->fd = -1;
    journal->path = strdup(path);
    if (journal->path == NULL)
        mill_fail(err, MILL_MEMORY, "the journal");
    else if (open_journal(journal, err) == MILL_OK)
        return journal;
    mill_journal_drop(journal);
    return NULL;
}

/* The name goes while the lock is held: nobody else has begun with it. */
void
mill_journal_drop(struct mill_journal *journal)
{
    if (journal != NULL && journal->made)
        (void)TEMP_FAILURE_RETRY(unlink(journal->path));
    mill_journal_close(journal);
}

void
mill_journal_close(struct mill_journal *journal)
{
    if (journal == NULL)
        return;
    io__close(journal->fd);
    mill_names_free(journal->keys);
    free(journal->entries);
    free(journal->text);
    free(journal->path);
    pthread_mutex_destroy(&journal->lock);
    free(journal);
}

bool
mill_journal_did(const struct mill_journal *journal, struct mill_record *record)
{
    char *key = make_key(record);
    size_t place;
    bool did = key != NULL && mill_names_find(journal->keys, key, &place);

    free(key);
    if (!did)
        return false;
    const struct entry *entry = &journal->entries[place];
    record->output_bytes = entry->output_bytes;
    return entry->done && entry->recipe == record->recipe &&
           entry->input_bytes == record->input_bytes &&
           entry->input_mtime_ns == record->input_mtime_ns;
}

enum mill_status
mill_journal_add(struct mill_journal *journal, const struct mill_record *record,
                 struct mill_err *err)
{
    char *line;
    int n = make_line(record, &line);
    enum mill_status status;

    if (n < 0)
        return mill_fail(err, MILL_ENVIRONMENT, "no memory for the journal");
    pthread_mutex_lock(&journal->lock);
    if (journal->broken)
        status = mill_fail(err, MILL_ENVIRONMENT, "--resume: %.100s is broken",
                           journal->path);
    else
        status = append(journal, line, (size_t)n, err);
    pthread_mutex_unlock(&journal->lock);
    free(line);
    return status;
}
