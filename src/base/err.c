/* Errors: the words of a status and the filling of a struct mill_err. Pure
 * functions, any thread, any process. The text is made apart and then copied,
 * so an argument may point into the very error that is filled; a text that is
 * too long is cut between two characters, never inside one, and makes room for
 * the system's cause. */
#include <imgmill/base.h>

#include <stdio.h>
#include <string.h>

static const char *const words[] = {
#define X(name, word, text) word,
    MILL_STATUS_LIST(X)
#undef X
};

static const char *const texts[] = {
#define X(name, word, text) text,
    MILL_STATUS_LIST(X)
#undef X
};

static size_t
known(int status)
{
    if (status < 0 || status >= MILL_STATUSES)
        return MILL_INTERNAL;
    return (size_t)status;
}

const char *
mill_status_word(int status)
{
    return words[known(status)];
}

const char *
mill_status_text(int status)
{
    return texts[known(status)];
}

/* Ends a text that was cut at n bytes before the UTF-8 character that it has
 * only a part of. */
static void
cut_clean(char *text, size_t n)
{
    size_t lead = n;
    while (lead > 0 && n - lead < 3 && (text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0 || (text[lead - 1] & 0xC0) != 0xC0)
        return;
    unsigned char byte = (unsigned char)text[lead - 1];
    size_t whole = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    if (n - (lead - 1) < whole)
        text[lead - 1] = '\0';
}

/* What snprintf said of a text with `room` bytes, made good. */
static void
settle(char *text, size_t room, int said)
{
    if (said < 0)
        text[0] = '\0';
    else if ((size_t)said >= room)
        cut_clean(text, room - 1);
}

static enum mill_status
fill(struct mill_err *err, enum mill_status status, int sys, const char *text)
{
    err->status = (int)status;
    err->sys = sys;
    memcpy(err->text, text, MILL_ERR_TEXT);
    return status;
}

enum mill_status
mill_fail(struct mill_err *err, enum mill_status status, const char *fmt, ...)
{
    char text[MILL_ERR_TEXT] = {0};
    va_list args;
    va_start(args, fmt);
    settle(text, sizeof text, vsnprintf(text, sizeof text, fmt, args));
    va_end(args);
    return fill(err, status, 0, text);
}

/* Behind a text of less than `room` bytes, of which the end goes when there is
 * no room for both. The cause is shorter than that by far. */
static void
add_cause(char *text, size_t room, const char *cause)
{
    static const char gap[] = "...";
    size_t most = room - 1 - strlen(cause);

    if (strlen(text) > most) {
        text[most - strlen(gap)] = '\0';
        cut_clean(text, most - strlen(gap));
        strcat(text, gap);
    }
    strcat(text, cause);
}

/* strerrordesc_np is a table look-up: no lock, no locale, safe after a fork. */
static void
add_sys(char *text, size_t room, int sys)
{
    char cause[MILL_ERR_TEXT / 2];
    const char *found = strerrordesc_np(sys);

    if (found)
        snprintf(cause, sizeof cause, ": %s", found);
    else
        snprintf(cause, sizeof cause, ": errno %d", sys);
    add_cause(text, room, cause);
}

enum mill_status
mill_fail_sys(struct mill_err *err, enum mill_status status, int sys,
              const char *fmt, ...)
{
    char text[MILL_ERR_TEXT] = {0};
    va_list args;
    va_start(args, fmt);
    settle(text, sizeof text, vsnprintf(text, sizeof text, fmt, args));
    va_end(args);
    add_sys(text, sizeof text, sys);
    return fill(err, status, sys, text);
}
