/* Where outputs go. With --in-place, to the inputs' own paths. Else -o is a
 * file when one file was named as input, its own name ends in an extension that
 * is known and no folder has that name (with more inputs such a name is refused
 * as a likely mistake); "-" is standard output; all else is a folder. The
 * extension, of -o or of --name, then chooses the format, unless -f did. On the
 * main thread; writes nothing. */
#include "session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_one_file(const struct cli__session *session)
{
    const struct cli__options *options = &session->options;

    return options->n_inputs == 1 && !options->files_from &&
           session->list.n == 1 && !is_folder(options->inputs[0]);
}

static int
fail_usage(struct cli__session *session, const char *text)
{
    cli__say(&session->voice, "%s", text);
    return CLI__EXIT_USAGE;
}

static int
fail_memory(struct cli__session *session)
{
    cli__say(&session->voice, "%s", mill_status_text(MILL_MEMORY));
    return CLI__EXIT_ENVIRONMENT;
}

/* "a/b.jpg" is "b.jpg" below "a"; "/b.jpg" below "/"; "b.jpg" below ".". */
static int
split_file(struct cli__session *session, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;

    session->file = strdup(slash ? slash + 1 : path);
    session->root = !slash ? strdup(".") : n ? strndup(path, n) : strdup("/");
    if (!session->file || !session->root)
        return fail_memory(session);
    session->options.target.file = session->file;
    session->options.target.root = session->root;
    return CLI__EXIT_OK;
}

static int
aim_at_file(struct cli__session *session, const struct mill_codec *codec)
{
    struct mill_recipe *recipe = &session->options.recipe;

    if (session->options.target.name)
        return fail_usage(session, "--name and -o FILE both say what the "
                                   "output is called; choose one");
    if (!recipe->format)
        recipe->format = codec;
    if (!recipe->format->encoder) {
        cli__say(&session->voice, "-o: this build cannot write %s",
                 recipe->format->name);
        return CLI__EXIT_USAGE;
    }
    return split_file(session, session->options.output);
}

static int
aim_at_stdout(struct cli__session *session)
{
    if (session->list.n != 1)
        return fail_usage(session,
                          "-o - takes one image, and more are named; choose a "
                          "folder");
    if (!session->options.dry_run && isatty(STDOUT_FILENO))
        return fail_usage(session,
                          "-o -: standard output is a terminal; redirect it");
    session->options.target.fd = STDOUT_FILENO;
    return CLI__EXIT_OK;
}

/* A name that ends as files do; "v1.2" and ".hidden" do not. */
static bool
looks_like_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');

    return dot && dot > base && isalpha((unsigned char)dot[1]) &&
           strlen(dot) <= sizeof ".webp";
}

/* The name of a file, where none can be made. why: behind the name. */
static int
fail_file(struct cli__session *session, const char *why)
{
    const char *output = session->options.output;

    cli__say(&session->voice, "-o %s%s; for a folder say %s/", output, why,
             output);
    return CLI__EXIT_USAGE;
}

/* Standard input has no name that could lend the output an extension. */
static bool
is_nameless(const struct cli__options *options)
{
    for (size_t i = 0; i < options->n_inputs; i++)
        if (!strcmp(options->inputs[i], "-"))
            return !options->recipe.format && !options->target.name;
    return false;
}

/* "{stem}-small.jpg" says the format, "{stem}.{ext}" leaves it open. */
static void
choose_by_template(struct cli__options *options)
{
    const char *name = options->target.name;
    const struct mill_codec *codec = name ? mill_codec_of_path(name) : NULL;

    if (codec && codec->encoder && !options->recipe.format)
        options->recipe.format = codec;
}

static int
aim(struct cli__session *session)
{
    const char *output = session->options.output;
    const struct mill_codec *codec = mill_codec_of_path(output);

    choose_by_template(&session->options);
    if (!strcmp(output, "-"))
        return aim_at_stdout(session);
    if (!is_folder(output)) {
        /* A list or a folder may hold many, even if it holds one today. */
        if (codec && !is_one_file(session))
            return fail_file(session, " is the name of one file, and there may "
                                      "be more images");
        if (codec)
            return aim_at_file(session, codec);
        if (is_one_file(session) && looks_like_file(output))
            return fail_file(session, ": this build has no format of that name "
                                      "(imgmill formats)");
    }
    if (is_nameless(&session->options))
        return fail_usage(session, "standard input has no name: -f says what "
                                   "it becomes in a folder");
    session->root = strdup(output);
    if (!session->root)
        return fail_memory(session);
    session->options.target.root = session->root;
    return CLI__EXIT_OK;
}

/* The message has room for the ends of long paths; here they are whole. */
static void
say_clash(struct cli__session *session, const struct mill_err *err,
          const struct mill_clash *clash)
{
    bool whole = !clash->one || (strstr(err->text, clash->one) &&
                                 strstr(err->text, clash->two));

    cli__report_error(session, err);
    if (whole)
        return;
    cli__say(&session->voice, "  %s", clash->one);
    cli__say(&session->voice, "  %s", clash->two);
}

int
cli__target_resolve(struct cli__session *session)
{
    const struct cli__options *options = &session->options;
    struct mill_err err = {0};
    struct mill_clash clash = {0};
    bool in_place = options->target.in_place;
    int code = in_place ? CLI__EXIT_OK : aim(session);

    if (code != CLI__EXIT_OK || (!in_place && !options->target.root))
        return code;
    if (mill_target_names(&options->target, &session->list,
                          options->recipe.format, &session->names, &clash,
                          &err) == MILL_OK)
        return CLI__EXIT_OK;
    say_clash(session, &err, &clash);
    return cli__exit_of(err.status);
}

char *
cli__target_path(const struct cli__session *session, uint32_t index)
{
    char *path;
    const char *name = session->names ? session->names[index] : NULL;

    if (!name)
        return NULL;
    if (session->options.target.in_place)
        return strdup(name);
    const char *root = session->root;
    if (session->file && !strcmp(root, ".") &&
        !strchr(session->options.output, '/'))
        return strdup(name);
    const char *joint = root[strlen(root) - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", root, joint, name) < 0 ? NULL : path;
}
