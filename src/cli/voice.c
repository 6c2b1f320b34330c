/* Standard error. Each message is put together in memory and written at once,
 * under a lock that the bar of progress shares. */
#include "voice.h"

#include <imgmill/io.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHORT_LINE = 512 }; /* bytes that a message needs no memory for */

void
cli__voice_init(struct cli__voice *voice)
{
    voice->bar = false;
    pthread_mutex_init(&voice->lock, NULL);
}

void
cli__voice_clear(struct cli__voice *voice)
{
    pthread_mutex_destroy(&voice->lock);
}

/* The second control set as UTF-8: 0xC2, then 0x80 to 0x9F. Terminals obey it
 * as they obey ESC. */
static bool
is_c1(const unsigned char *at)
{
    return at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F;
}

void
cli__put_escaped(FILE *file, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '\n')
            fputs("\\n", file);
        else if (*at == '\t')
            fputs("\\t", file);
        else if (*at < 0x20 || *at == 0x7F)
            fprintf(file, "\\x%02x", *at);
        else if (is_c1(at))
            fprintf(file, "\\u%04x", *++at);
        else
            fputc(*at, file);
    }
}

static void
erase_bar(struct cli__voice *voice)
{
    struct mill_err err;

    if (voice->bar)
        (void)mill_write_all(STDERR_FILENO, "\r\033[K", 4, &err);
    voice->bar = false;
}

/* False, with nothing said, when memory is out. */
static bool
say_line(struct cli__voice *voice, const char *text)
{
    char *line = NULL;
    size_t n = 0;
    struct mill_err err;
    FILE *file = open_memstream(&line, &n);

    if (!file)
        return false;
    fputs("imgmill: ", file);
    cli__put_escaped(file, text);
    fputc('\n', file);
    bool whole = !ferror(file);
    if (fclose(file) != 0 || !whole) {
        free(line);
        return false;
    }
    pthread_mutex_lock(&voice->lock);
    erase_bar(voice);
    (void)mill_write_all(STDERR_FILENO, line, n, &err);
    pthread_mutex_unlock(&voice->lock);
    free(line);
    return true;
}

/* What can still be said when there is no memory: the line's beginning, in
 * which all that is not plain ASCII became a question mark. */
static void MILL_PRINTF(2, 0)
    say_short(struct cli__voice *voice, const char *fmt, va_list args)
{
    static const char head[] = "imgmill: ";
    char line[sizeof head + SHORT_LINE];
    struct mill_err err;

    memcpy(line, head, sizeof head);
    char *text = line + sizeof head - 1;
    vsnprintf(text, SHORT_LINE, fmt, args);
    for (char *at = text; *at; at++)
        if (*at < 0x20 || *at > 0x7E)
            *at = '?';
    size_t n = strlen(line);
    line[n] = '\n';
    pthread_mutex_lock(&voice->lock);
    erase_bar(voice);
    (void)mill_write_all(STDERR_FILENO, line, n + 1, &err);
    pthread_mutex_unlock(&voice->lock);
}

void
cli__say(struct cli__voice *voice, const char *fmt, ...)
{
    char *text;
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    if (!text || !say_line(voice, text))
        say_short(voice, fmt, again);
    free(text);
    va_end(again);
    va_end(args);
}

void
cli__say_bar(struct cli__voice *voice, const char *text)
{
    struct mill_err err;

    pthread_mutex_lock(&voice->lock);
    erase_bar(voice);
    if (*text) {
        (void)mill_write_all(STDERR_FILENO, text, strlen(text), &err);
        voice->bar = true;
    }
    pthread_mutex_unlock(&voice->lock);
}
