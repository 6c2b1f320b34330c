/* Text of the command line to fields of the options. On the main thread, before
 * anything else runs; changes nothing outside the options. */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum mill_status
fail_value(const struct cli__flag *flag, const char *value,
           struct mill_err *err)
{
    return mill_fail(err, MILL_USAGE, "--%s takes %s, not \"%s\"", flag->name,
                     flag->value, value);
}

static void
store(struct cli__options *options, const struct cli__flag *flag,
      uint64_t value)
{
    char *at = (char *)options + flag->offset;
    uint8_t byte = (uint8_t)value;
    uint32_t word = (uint32_t)value;

    if (flag->size == sizeof byte)
        memcpy(at, &byte, sizeof byte);
    else if (flag->size == sizeof word)
        memcpy(at, &word, sizeof word);
    else
        memcpy(at, &value, sizeof value);
}

CLI__SETTER(cli__set_constant)
{
    (void)value;
    (void)err;
    store(options, flag, flag->least);
    return MILL_OK;
}

CLI__SETTER(cli__set_text)
{
    if (!*value)
        return mill_fail(err, MILL_USAGE, "--%s takes %s, not nothing",
                         flag->name, flag->value);
    memcpy((char *)options + flag->offset, &value, sizeof value);
    return MILL_OK;
}

/* Digits alone: strtoull would also take signs and leading space. */
static bool
read_digits(const char *text, uint64_t *value)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !*end && !errno;
}

CLI__SETTER(cli__set_number)
{
    uint64_t number;

    if (!read_digits(value, &number) || number < flag->least ||
        number > flag->most)
        return mill_fail(err, MILL_USAGE,
                         "--%s takes a whole number from %llu to %llu, not "
                         "\"%s\"",
                         flag->name, (unsigned long long)flag->least,
                         (unsigned long long)flag->most, value);
    store(options, flag, number);
    return MILL_OK;
}

/* A flag whose value may be left out means its first word then. */
CLI__SETTER(cli__set_word)
{
    if (!value)
        value = flag->words[0].word;
    for (const struct cli__word *word = flag->words; word->word; word++) {
        if (!strcmp(word->word, value)) {
            store(options, flag, word->value);
            return MILL_OK;
        }
    }
    return fail_value(flag, value, err);
}

/* "a, b, c" of what can be written. */
static void
list_formats(char *text, size_t room)
{
    text[0] = '\0';
    for (unsigned i = 0; mill_codecs[i]; i++) {
        if (!mill_codecs[i]->encoder)
            continue;
        if (*text)
            strncat(text, ", ", room - strlen(text) - 1);
        strncat(text, mill_codecs[i]->name, room - strlen(text) - 1);
    }
}

CLI__SETTER(cli__set_threads)
{
    uint64_t number = 1;

    options->threads_auto = strcmp(value, "auto") == 0;
    if (!options->threads_auto && (!read_digits(value, &number) ||
                                   number < flag->least || number > flag->most))
        return mill_fail(err, MILL_USAGE,
                         "--%s takes \"auto\" or a number from %llu to %llu, "
                         "not \"%s\"",
                         flag->name, (unsigned long long)flag->least,
                         (unsigned long long)flag->most, value);
    options->recipe.threads = options->batch.threads = (unsigned)number;
    return MILL_OK;
}

CLI__SETTER(cli__set_format)
{
    char list[64];
    const struct mill_codec *codec = mill_codec_named(value);

    if (!codec || !codec->encoder) {
        list_formats(list, sizeof list);
        return mill_fail(err, MILL_USAGE, "--%s is one of %s, not \"%s\"",
                         flag->name, list, value);
    }
    options->recipe.format = codec;
    return MILL_OK;
}

CLI__SETTER(cli__set_name)
{
    struct mill_err cause;
    enum mill_status status = mill_name_check(value, &cause);

    if (status != MILL_OK)
        return mill_fail(err, status, "--%s: %s: \"%s\"", flag->name,
                         cause.text, value);
    options->target.name = value;
    return MILL_OK;
}

/* A name beside the old one, so no path. */
CLI__SETTER(cli__set_backup)
{
    if (!*value || strchr(value, '/'))
        return fail_value(flag, value, err);
    options->target.backup = value;
    return MILL_OK;
}

CLI__SETTER(cli__set_background)
{
    if (!mill_colour_parse(value, &options->recipe.background))
        return mill_fail(err, MILL_USAGE,
                         "--%s takes white, black, #rgb or #rrggbb, not "
                         "\"%s\"",
                         flag->name, value);
    return MILL_OK;
}

static uint8_t
keep_bit(const char *text, size_t n)
{
    static const struct cli__word words[] = {
        {"icc", MILL_KEEP_ICC},
        {"exif", MILL_KEEP_EXIF},
        {"xmp", MILL_KEEP_XMP},
        {"all", MILL_KEEP_ICC | MILL_KEEP_EXIF | MILL_KEEP_XMP},
        {NULL, 0},
    };

    for (const struct cli__word *word = words; word->word; word++)
        if (strlen(word->word) == n && !memcmp(word->word, text, n))
            return (uint8_t)word->value;
    return 0;
}

CLI__SETTER(cli__set_keep)
{
    uint8_t keep = 0;
    const char *at = value;

    for (;;) {
        size_t n = strcspn(at, ",");
        uint8_t bit = keep_bit(at, n);
        if (!bit)
            return fail_value(flag, value, err);
        keep |= bit;
        if (!at[n])
            break;
        at += n + 1;
    }
    options->recipe.keep = keep;
    return MILL_OK;
}

CLI__SETTER(cli__set_backend)
{
    const struct mill_backend *backend = mill_backend_named(value);

    if (!backend)
        return fail_value(flag, value, err);
    if (!backend->built)
        return mill_fail(err, MILL_USAGE,
                         "--%s: this build has no \"%s\" (imgmill --version "
                         "lists what it has)",
                         flag->name, value);
    options->batch.backend = backend;
    return MILL_OK;
}

CLI__SETTER(cli__set_size)
{
    uint64_t bytes;

    if (!mill_size_parse(value, &bytes) || !bytes)
        return mill_fail(err, MILL_USAGE,
                         "--%s takes a size (512M, 2G), not \"%s\"", flag->name,
                         value);
    store(options, flag, bytes);
    return MILL_OK;
}

/* A decimal number with nothing behind it but `tail`. */
static bool
read_real(const char *text, const char *tail, double *value)
{
    size_t n = strspn(text, "0123456789.");
    char *end;

    if (!n || strcmp(text + n, tail) != 0)
        return false;
    *value = strtod(text, &end);
    return end == text + n;
}

CLI__SETTER(cli__set_memory)
{
    double percent;

    if (read_real(value, "%", &percent) && percent > 0 && percent <= 100) {
        options->batch.memory =
            (uint64_t)((double)mill_memory_available() * percent / 100) + 1;
        return MILL_OK;
    }
    if (!mill_size_parse(value, &options->batch.memory) ||
        !options->batch.memory)
        return mill_fail(err, MILL_USAGE,
                         "--%s takes a size (512M, 2G) or a part of what is "
                         "free (50%%), not \"%s\"",
                         flag->name, value);
    return MILL_OK;
}

CLI__SETTER(cli__set_timeout)
{
    double seconds;

    if (!read_real(value, "", &seconds) || seconds > 1e6)
        return mill_fail(err, MILL_USAGE,
                         "--%s takes seconds from 0 (none) to 1000000, not "
                         "\"%s\"",
                         flag->name, value);
    uint64_t ns = (uint64_t)(seconds * 1e9);
    options->batch.timeout_ns = seconds > 0 && !ns ? 1 : ns;
    return MILL_OK;
}

/* The part becomes a number when the inputs are known. */
CLI__SETTER(cli__set_max_errors)
{
    uint64_t number = 0;
    double percent = 0;

    if (!read_digits(value, &number) &&
        (!read_real(value, "%", &percent) || percent > 100))
        return mill_fail(err, MILL_USAGE,
                         "--%s takes a number or a part of the inputs (5%%), "
                         "not \"%s\"",
                         flag->name, value);
    options->failures_percent = percent;
    options->batch.failures = percent > 0 ? 0 : mill_u64_add(number, 1);
    return MILL_OK;
}

CLI__SETTER(cli__set_json)
{
    if (value && !*value)
        return mill_fail(err, MILL_USAGE, "--%s= takes a file, not nothing",
                         flag->name);
    options->json = true;
    options->json_path = value && strcmp(value, "-") != 0 ? value : NULL;
    return MILL_OK;
}
