/* The command line, taken apart by the table of flags and the table of
 * operations. Flags and inputs may be mixed; "--" ends flags. A flag's value is
 * the next word or stands behind '='; of one letter it may also follow at once
 * (-j4), and letters without values may share a '-'. A value that may be left
 * out needs the '=': of --json, and of operations whose usage is empty or in
 * brackets. */
#include "options.h"
#include "near.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The words that are left. */
struct words {
    char **at;
    int n;
    unsigned command;
};

static const char *
command_name(unsigned command)
{
    return command == CLI__INFO ? "info" : "convert";
}

static const char *
next_word(struct words *words)
{
    if (!words->n)
        return NULL;
    words->n--;
    return *words->at++;
}

static enum mill_status
fail_no_value(const char *name, const char *usage, struct mill_err *err)
{
    return mill_fail(err, MILL_USAGE, "--%s takes a value: %s", name, usage);
}

static const struct cli__flag *
flag_named(const struct words *words, const char *name, size_t n)
{
    for (const struct cli__flag *flag = cli__flags; flag->name; flag++)
        if (flag->commands & words->command && strlen(flag->name) == n &&
            !memcmp(flag->name, name, n))
            return flag;
    return NULL;
}

static const struct cli__flag *
flag_lettered(const struct words *words, char letter)
{
    for (const struct cli__flag *flag = cli__flags; flag->name; flag++)
        if (flag->commands & words->command && flag->letter == letter)
            return flag;
    return NULL;
}

/* What makes other bytes makes another recipe. The words count as they stand
 * and in their order: what means the same in other words is only done again. */
static void
note_reach(struct cli__options *options, const char *name, const char *value)
{
    uint64_t hash = options->batch.recipe;

    hash = mill_hash(hash, name, strlen(name));
    if (value) {
        hash = mill_hash(hash, "=", 1);
        hash = mill_hash(hash, value, strlen(value));
    }
    hash = mill_hash(hash, "", 1);
    options->batch.recipe = hash;
}

/* flag: NULL for an operation; the one whose value may be left out takes a
 * colour. */
static bool
is_value(const struct cli__flag *flag, const char *word)
{
    struct mill_colour colour;

    if (!flag)
        return mill_colour_parse(word, &colour);
    if (!flag->words)
        return strstr(word, ".json") != NULL;
    for (const struct cli__word *one = flag->words; one->word; one++)
        if (!strcmp(one->word, word))
            return true;
    return false;
}

/* A value that may be left out stands behind '='. The next word is an input,
 * unless it is none, and was meant to be that value. */
static enum mill_status
check_next(const struct words *words, const char *name,
           const struct cli__flag *flag, struct mill_err *err)
{
    const char *next = words->n ? *words->at : "-";

    if (!is_value(flag, next) || access(next, F_OK) == 0)
        return MILL_OK;
    return mill_fail(err, MILL_USAGE,
                     "--%s takes its value behind '=': --%s=%s", name, name,
                     next);
}

/* value: what was given with the flag, NULL when nothing was. */
static enum mill_status
take_flag(struct cli__options *options, const struct cli__flag *flag,
          const char *value, struct words *words, struct mill_err *err)
{
    if (!flag->value && value)
        return mill_fail(err, MILL_USAGE, "--%s takes no value, not \"%s\"",
                         flag->name, value);
    if (flag->value && !value && !flag->value_optional) {
        value = next_word(words);
        if (!value)
            return fail_no_value(flag->name, flag->value, err);
    }
    if (flag->value_optional && !value &&
        check_next(words, flag->name, flag, err) != MILL_OK)
        return MILL_USAGE;
    if (flag->needs_workers)
        options->needs_workers = flag->name;
    if (flag->reaches || flag->group == CLI__ENCODING)
        note_reach(options, flag->name, value);
    return flag->set(options, flag, value, err);
}

static enum mill_status
take_op(struct cli__options *options, const struct mill_op *op,
        const char *value, struct words *words, struct mill_err *err)
{
    bool alone = !*op->usage || *op->usage == '[';

    if (!value && !alone) {
        value = next_word(words);
        if (!value)
            return fail_no_value(op->name, op->usage, err);
    }
    if (*op->usage == '[' && !value &&
        check_next(words, op->name, NULL, err) != MILL_OK)
        return MILL_USAGE;
    note_reach(options, op->name, value);
    return mill_recipe_add(&options->recipe, op->name, value ? value : "", err);
}

static const struct mill_op *
op_named(const struct words *words, const char *name, size_t n)
{
    if (words->command != CLI__CONVERT)
        return NULL;
    for (const struct mill_op *const *op = mill_ops; *op; op++)
        if (strlen((*op)->name) == n && !memcmp((*op)->name, name, n))
            return *op;
    return NULL;
}

static const char *
nearest(const struct words *words, const char *name, size_t n)
{
    struct cli__near near = {.name = name, .n = n};

    for (const struct cli__flag *flag = cli__flags; flag->name; flag++)
        if (flag->commands & words->command)
            cli__near_try(&near, flag->name);
    if (words->command == CLI__CONVERT)
        for (const struct mill_op *const *op = mill_ops; *op; op++)
            cli__near_try(&near, (*op)->name);
    return near.found;
}

static const char *
elsewhere(const struct words *words, const char *name, size_t n)
{
    return words->command == CLI__CONVERT ? cli__near_elsewhere(name, n) : NULL;
}

/* Other programs have long options behind one '-'. */
static bool
is_long(const struct words *words, const char *name)
{
    size_t n = strcspn(name, "=");

    return n > 1 && (flag_named(words, name, n) || op_named(words, name, n) ||
                     elsewhere(words, name, n));
}

static enum mill_status
fail_unknown(const struct words *words, const char *word, struct mill_err *err)
{
    const char *name = word + 1 + (word[1] == '-');
    size_t n = strcspn(name, "=");
    const char *here = elsewhere(words, name, n);
    const char *near = nearest(words, name, n);

    if (flag_named(words, name, n) || op_named(words, name, n))
        return mill_fail(err, MILL_USAGE, "unknown option %s: it is -%s here",
                         word, word);
    if (here)
        return mill_fail(err, MILL_USAGE, "unknown option %s: %s", word, here);
    if (near)
        return mill_fail(err, MILL_USAGE,
                         "unknown option %s: did you mean --%s?", word, near);
    return mill_fail(err, MILL_USAGE,
                     "unknown option %s (imgmill %s --help lists them)", word,
                     command_name(words->command));
}

static enum mill_status
take_long(struct cli__options *options, const char *word, struct words *words,
          struct mill_err *err)
{
    const char *name = word + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] ? name + n + 1 : NULL;
    const struct cli__flag *flag = flag_named(words, name, n);
    const struct mill_op *op = op_named(words, name, n);

    if (flag)
        return take_flag(options, flag, value, words, err);
    if (op)
        return take_op(options, op, value, words, err);
    return fail_unknown(words, word, err);
}

static enum mill_status
take_letters(struct cli__options *options, const char *word,
             struct words *words, struct mill_err *err)
{
    if (is_long(words, word + 1))
        return fail_unknown(words, word, err);
    for (const char *at = word + 1; *at; at++) {
        const struct cli__flag *flag = flag_lettered(words, *at);
        const char *value = NULL;

        if (!flag)
            return fail_unknown(words, word, err);
        if (flag->value && at[1])
            value = at + 1;
        enum mill_status status = take_flag(options, flag, value, words, err);
        if (status != MILL_OK || value)
            return status;
    }
    return MILL_OK;
}

static enum mill_status
take_words(struct cli__options *options, struct words *words,
           struct mill_err *err)
{
    bool flags = true;
    const char *word;

    while ((word = next_word(words))) {
        enum mill_status status = MILL_OK;

        if (flags && !strcmp(word, "--"))
            flags = false;
        else if (flags && !strncmp(word, "--", 2))
            status = take_long(options, word, words, err);
        else if (flags && word[0] == '-' && word[1])
            status = take_letters(options, word, words, err);
        else
            options->inputs[options->n_inputs++] = word;
        if (status != MILL_OK)
            return status;
    }
    return MILL_OK;
}

/* ---- what does not go together ------------------------------------------- */

static enum mill_status
check_stdout(const struct cli__options *options, struct mill_err *err)
{
    const char *who[4];
    unsigned n = 0;

    if (options->output && !strcmp(options->output, "-") && !options->dry_run)
        who[n++] = "-o -";
    if (options->print)
        who[n++] = "--print";
    if (options->json && !options->json_path)
        who[n++] = "--json without a file";
    if (options->dry_run)
        who[n++] = "--dry-run";
    if (n < 2)
        return MILL_OK;
    return mill_fail(err, MILL_USAGE,
                     "%s and %s both want standard output; choose one", who[0],
                     who[1]);
}

static enum mill_status
check_inputs(const struct cli__options *options, struct mill_err *err)
{
    unsigned n_stdin = 0;

    if (!options->n_inputs && !options->files_from)
        return mill_fail(err, MILL_USAGE,
                         "no input: name files, folders or - (imgmill %s "
                         "--help)",
                         command_name(options->command));
    if (options->zero && !options->files_from)
        return mill_fail(err, MILL_USAGE, "--null needs --files-from");
    for (size_t i = 0; i < options->n_inputs; i++)
        n_stdin += !strcmp(options->inputs[i], "-");
    if (options->files_from && !strcmp(options->files_from, "-"))
        n_stdin++;
    if (n_stdin > 1)
        return mill_fail(err, MILL_USAGE,
                         "standard input is named twice; it can be read once");
    return MILL_OK;
}

/* --in-place settles by itself where outputs go; a pipe cannot be synced. */
static enum mill_status
check_target(const struct cli__options *options, struct mill_err *err)
{
    const struct mill_target *target = &options->target;
    const char *other = options->output    ? "-o"
                        : target->name     ? "--name"
                        : target->flat     ? "--flat"
                        : target->existing ? "-n and -u"
                                           : NULL;

    if (target->in_place && other)
        return mill_fail(err, MILL_USAGE,
                         "--in-place replaces the inputs; it does not go with "
                         "%s",
                         other);
    if (target->backup && !target->in_place)
        return mill_fail(err, MILL_USAGE, "--backup needs --in-place");
    if (target->sync && options->output && !strcmp(options->output, "-"))
        return mill_fail(err, MILL_USAGE,
                         "--sync needs files; -o - writes to standard output");
    return MILL_OK;
}

/* Other programs take the last name as that of the output. */
static enum mill_status
fail_no_output(const struct cli__options *options, struct mill_err *err)
{
    size_t n = options->n_inputs;
    const char *last = n > 1 ? options->inputs[n - 1] : "-";

    if (strcmp(last, "-") != 0 && access(last, F_OK) != 0)
        return mill_fail(err, MILL_USAGE, "no output: did you mean -o %s?",
                         last);
    return mill_fail(err, MILL_USAGE,
                     "no output: say -o FOLDER, -o FILE or -o -");
}

static enum mill_status
check(const struct cli__options *options, struct mill_err *err)
{
    enum mill_status status = check_inputs(options, err);

    if (status != MILL_OK)
        return status;
    if (options->command == CLI__CONVERT && !options->output &&
        !options->target.in_place)
        return fail_no_output(options, err);
    status = check_target(options, err);
    return status == MILL_OK ? check_stdout(options, err) : status;
}

enum mill_status
cli__options_read(struct cli__options *options, unsigned command, int argc,
                  char **argv, struct mill_err *err)
{
    struct words words = {argv, argc, command};
    enum mill_status status;

    *options = (struct cli__options){.command = command,
                                     .batch.recipe = MILL_HASH_START};
    mill_recipe_init(&options->recipe);
    options->batch.backend = mill_backends[0];
    options->batch.timeout_ns = 60 * UINT64_C(1000000000);
    options->batch.deaths = 10;
    note_reach(options, "imgmill", MILL_VERSION);
    options->target.fd = -1;
    options->inputs = calloc((size_t)argc + 1, sizeof *options->inputs);
    if (!options->inputs)
        return mill_fail(err, MILL_MEMORY, "the list of inputs");
    status = take_words(options, &words, err);
    if (status == MILL_OK && !options->help)
        status = check(options, err);
    return status;
}

void
cli__options_clear(struct cli__options *options)
{
    mill_recipe_clear(&options->recipe);
    free(options->inputs);
    options->inputs = NULL;
}
