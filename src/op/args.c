/* The text behind an operation's name, taken apart and read: "1600x1600,
 * fit=cover" is one positional and one pair. Everything here runs once for a
 * recipe, before any image; what is wrong is told as the option, the value and
 * what would be right. It does not know what any operation means by its
 * arguments. */
#include "ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- splitting ----------------------------------------------------------- */

static enum mill_status
add_named(struct mill_args *args, char *piece, char *equals,
          struct mill_err *err)
{
    *equals = '\0';
    if (equals == piece)
        return mill_fail(err, MILL_USAGE, "--%s: no name before \"=%s\"",
                         args->op, equals + 1);
    if (mill_args_get(args, piece))
        return mill_fail(err, MILL_USAGE, "--%s: %s is given twice", args->op,
                         piece);
    if (args->n_named == MILL_ARGS)
        return mill_fail(err, MILL_USAGE, "--%s: more than %d named values",
                         args->op, MILL_ARGS);
    args->named[args->n_named].key = piece;
    args->named[args->n_named].value = equals + 1;
    args->n_named++;
    return MILL_OK;
}

static enum mill_status
add_positional(struct mill_args *args, char *piece, struct mill_err *err)
{
    if (!*piece)
        return mill_fail(err, MILL_USAGE,
                         "--%s: nothing between two commas in \"%s\"", args->op,
                         args->text);
    if (args->n_positional == MILL_ARGS)
        return mill_fail(err, MILL_USAGE, "--%s: more than %d values", args->op,
                         MILL_ARGS);
    args->positional[args->n_positional++] = piece;
    return MILL_OK;
}

enum mill_status
mill_args_split(struct mill_args *args, const char *op, char *text,
                struct mill_err *err)
{
    *args = (struct mill_args){.op = op};
    snprintf(args->text, sizeof args->text, "%s", text);

    char *rest = *text ? text : NULL;
    while (rest) {
        char *piece = strsep(&rest, ",");
        char *equals = strchr(piece, '=');
        enum mill_status status = equals ? add_named(args, piece, equals, err)
                                         : add_positional(args, piece, err);
        if (status != MILL_OK)
            return status;
    }
    return MILL_OK;
}

const char *
mill_args_get(const struct mill_args *args, const char *key)
{
    for (unsigned i = 0; i < args->n_named; i++)
        if (!strcmp(args->named[i].key, key))
            return args->named[i].value;
    return NULL;
}

/* ---- checking ------------------------------------------------------------ */

/* "a, b or c" of a NULL-ended list; cut short when it does not fit. */
static const char *
list_words(const char *const *words, const char *joint, char *text, size_t room)
{
    size_t n = 0;
    text[0] = '\0';
    for (unsigned i = 0; words[i] && n < room; i++) {
        const char *before = i == 0 ? "" : words[i + 1] ? ", " : joint;
        int more = snprintf(text + n, room - n, "%s%s", before, words[i]);
        n += more > 0 ? (size_t)more : 0;
    }
    return text;
}

static bool
list_has(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (!strcmp(*words, word))
            return true;
    return false;
}

static enum mill_status
fail_key(const struct mill_args *args, const char *key, const char *const *keys,
         struct mill_err *err)
{
    char list[96];
    if (!keys || !keys[0])
        return mill_fail(err, MILL_USAGE,
                         "--%s: it has no named values, so not \"%s=\"",
                         args->op, key);
    return mill_fail(err, MILL_USAGE, "--%s: the names are %s, not \"%s\"",
                     args->op, list_words(keys, " and ", list, sizeof list),
                     key);
}

static enum mill_status
fail_count(const struct mill_args *args, struct mill_err *err)
{
    const struct mill_op *op = mill_op_named(args->op);
    const char *usage = op && *op->usage ? op->usage : "no value";
    return mill_fail(err, MILL_USAGE, "--%s takes %s, not \"%s\"", args->op,
                     usage, args->text);
}

enum mill_status
mill_args_check(const struct mill_args *args, unsigned min, unsigned max,
                const char *const *keys, struct mill_err *err)
{
    for (unsigned i = 0; i < args->n_named; i++)
        if (!keys || !list_has(keys, args->named[i].key))
            return fail_key(args, args->named[i].key, keys, err);
    if (args->n_positional < min || args->n_positional > max)
        return fail_count(args, err);
    return MILL_OK;
}

/* ---- reading values ------------------------------------------------------ */

enum mill_status
mill_args_choice(const struct mill_args *args, const char *key,
                 const char *const *words, unsigned *index,
                 struct mill_err *err)
{
    char list[96];
    const char *value = mill_args_get(args, key);
    if (!value)
        return MILL_OK;
    for (unsigned i = 0; words[i]; i++) {
        if (!strcmp(words[i], value)) {
            *index = i;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_USAGE, "--%s: %s is %s, not \"%s\"", args->op,
                     key, list_words(words, " or ", list, sizeof list), value);
}

/* strtod alone would also take hexadecimal, "inf", "nan" and leading space.
 * What is too great becomes infinite, and so out of any range. */
static bool
read_decimal(const char *text, double *value)
{
    char *end;
    size_t n = strspn(text, "0123456789.+-eE");
    if (!n || text[n])
        return false;
    *value = strtod(text, &end);
    return *end == '\0';
}

enum mill_status
mill_args_number(const struct mill_args *args, const char *what,
                 const char *text, double least, double most, double *value,
                 struct mill_err *err)
{
    double read;
    if (!read_decimal(text, &read) || read < least || read > most)
        return mill_fail(err, MILL_USAGE,
                         "--%s: %s is %.10g to %.10g, not "
                         "\"%s\"",
                         args->op, what, least, most, text);
    *value = read;
    return MILL_OK;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
mill_colour_parse(const char *text, struct mill_colour *colour)
{
    uint8_t *parts[3] = {&colour->r, &colour->g, &colour->b};
    if (!strcmp(text, "white") || !strcmp(text, "black")) {
        uint8_t level = *text == 'w' ? 255 : 0;
        *colour = (struct mill_colour){level, level, level};
        return true;
    }
    size_t n = strlen(text);
    if (text[0] != '#' || (n != 4 && n != 7))
        return false;
    for (size_t i = 1; i < n; i++)
        if (hex_digit(text[i]) < 0)
            return false;
    size_t each = (n - 1) / 3; /* digits; the one of "#rgb" counts twice */
    for (size_t i = 0; i < 3; i++) {
        const char *digits = text + 1 + i * each;
        *parts[i] =
            (uint8_t)(hex_digit(digits[0]) * 16 + hex_digit(digits[each - 1]));
    }
    return true;
}
