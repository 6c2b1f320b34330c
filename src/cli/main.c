/* The program: the first word chooses a command. */
#include "near.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int
run_ops(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cli__help_ops();
    return CLI__EXIT_OK;
}

static int
run_formats(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cli__help_formats();
    return CLI__EXIT_OK;
}

static int
run_version(int argc, char **argv)
{
    char libraries[128], sandbox[128];

    (void)argc;
    (void)argv;
    /* Before all that is printed: a child finds it out, and must have nothing
     * of ours to flush. */
    mill_sandbox_text(mill_sandbox_probe(), sandbox, sizeof sandbox);
    printf("imgmill %s\n", MILL_VERSION);
    printf("libraries: %s\n", mill_codec_versions(libraries, sizeof libraries));
    printf("instructions: %s for formats, %s for operations\n",
           mill_codec_level(), mill_op_level());
    printf("backends:");
    for (unsigned i = 0; mill_backends[i]; i++)
        if (mill_backends[i]->built)
            printf(" %s", mill_backends[i]->name);
    printf("\nsandbox: %s\n", sandbox);
    return CLI__EXIT_OK;
}

static int run_help(int argc, char **argv);

static const struct command {
    const char *name, *alias, *help;
    int (*run)(int argc, char **argv);
    bool words; /* may follow */
} commands[] = {
    {"convert", NULL, "convert images: convert [OPTIONS] INPUT... -o OUTPUT",
     cli__convert, true},
    {"info", NULL, "what is in these files: info [OPTIONS] INPUT...", cli__info,
     true},
    {"ops", NULL, "the operations of this build", run_ops, false},
    {"formats", NULL, "the formats of this build", run_formats, false},
    {"--help", "-h", "this text; COMMAND --help has the options", run_help,
     false},
    {"--version", "-V", "versions, and what this build has", run_version,
     false},
};

static int
run_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("imgmill COMMAND: a batch image converter\n");
    for (size_t i = 0; i < MILL_COUNT(commands); i++)
        printf("  %-12s%s\n", commands[i].name, commands[i].help);
    puts("\nFor example: imgmill convert -r photos -o web --resize 1600x1600 "
         "-f jpeg");
    return CLI__EXIT_OK;
}

static const struct command *
command_named(const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(commands); i++)
        if (!strcmp(commands[i].name, name) ||
            (commands[i].alias && !strcmp(commands[i].alias, name)))
            return &commands[i];
    return NULL;
}

/* A standard descriptor that is closed would be taken by the next file that is
 * opened, and get what is meant for people. It is filled for the other
 * direction, so that an image through it fails, as if it were still closed. */
static bool
fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", way) != fd)
            return false;
    }
    return true;
}

/* A command that name may have been meant to be; NULL: none. */
static const char *
nearest(const char *name)
{
    const char *bare = name + strspn(name, "-");
    struct cli__near near = {.name = name, .n = strlen(name)};

    for (size_t i = 0; i < MILL_COUNT(commands); i++) {
        const char *command = commands[i].name;

        if (!strcmp(bare, command + strspn(command, "-")))
            return command;
        cli__near_try(&near, command);
    }
    return near.found;
}

static void
say_strange(struct cli__voice *voice, const char *name)
{
    const char *near = nearest(name);

    if (near)
        cli__say(voice, "no such command: %s; did you mean %s?", name, near);
    else if (*name == '-')
        cli__say(voice, "%s: a command comes first, as in imgmill convert %s",
                 name, name);
    else if (access(name, F_OK) == 0)
        cli__say(voice,
                 "no such command: %s; imgmill convert INPUT... -o OUTPUT "
                 "converts",
                 name);
    else
        cli__say(voice, "no such command: %s (imgmill --help lists them)",
                 name);
}

/* name: that is no command, NULL: none was given. word: behind a command that
 * takes none. */
static int
fail_command(const char *name, const char *word)
{
    struct cli__voice voice;

    cli__voice_init(&voice);
    if (word)
        cli__say(&voice, "%s takes no more words, not \"%s\"", name, word);
    else if (name)
        say_strange(&voice, name);
    else
        cli__say(&voice, "which command? (imgmill --help lists them)");
    cli__voice_clear(&voice);
    return CLI__EXIT_USAGE;
}

static int
fail(const char *what, int sys)
{
    struct cli__voice voice;

    cli__voice_init(&voice);
    cli__say(&voice, "%s: %s", what, strerror(sys));
    cli__voice_clear(&voice);
    return CLI__EXIT_ENVIRONMENT;
}

/* What is left of standard output. Whoever lost results before has said so. */
static int
finish(int code)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != CLI__EXIT_OK)
        return code;
    return fail("cannot write: standard output", errno);
}

int
main(int argc, char **argv)
{
    const struct command *command = argc > 1 ? command_named(argv[1]) : NULL;

    if (!fill_descriptors())
        return fail("cannot open /dev/null for a closed descriptor", errno);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file over the limit is one failed write */
    if (!command)
        return fail_command(argc > 1 ? argv[1] : NULL, NULL);
    if (!command->words && argc > 2)
        return fail_command(command->name, argv[2]);
    return finish(command->run(argc - 2, argv + 2));
}
