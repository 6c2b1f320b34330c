/* Standard error. Each message is put together in memory and written at once,
 * under a lock that the bar of progress shares. */
#include "voice.h"

#include <imgmill/io.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void
say_line(struct cli__voice *voice, const char *text)
{
    char *line = NULL;
    size_t n = 0;
    struct mill_err err;
    FILE *file = open_memstream(&line, &n);

    if (!file)
        return;
    fputs("imgmill: ", file);
    cli__put_escaped(file, text);
    fputc('\n', file);
    fclose(file);
    pthread_mutex_lock(&voice->lock);
    erase_bar(voice);
    (void)mill_write_all(STDERR_FILENO, line, n, &err);
    pthread_mutex_unlock(&voice->lock);
    free(line);
}

void
cli__say(struct cli__voice *voice, const char *fmt, ...)
{
    char *text;
    va_list args;

    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    say_line(voice, text);
    free(text);
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
