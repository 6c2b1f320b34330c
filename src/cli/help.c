/* --help, ops and formats: printed from the tables that the parser reads. */
#include "options.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 34 };

static const char *const colours[] = {"white", "black", "#rgb", "#rrggbb",
                                      NULL};

/* Two columns; the second begins on a line of its own when the first is long.
 */
static void
put_entry(const char *left, const char *right)
{
    if (strlen(left) < INDENT)
        printf("%-*s%s\n", INDENT, left, right);
    else
        printf("%s\n%*s%s\n", left, INDENT, "", right);
}

static void
put_flag(const struct cli__flag *flag)
{
    char left[96];
    char letter[8] = "    ";
    const char *joint = !flag->value ? "" : flag->value_optional ? "[=" : " ";

    if (flag->letter)
        snprintf(letter, sizeof letter, "-%c, ", flag->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s%s", letter, flag->name, joint,
             flag->value ? flag->value : "", flag->value_optional ? "]" : "");
    put_entry(left, flag->help);
}

/* What a capital word in an operation's usage stands for. */
static void
put_words(const char *what, const char *const *words)
{
    printf("%*s%s is ", INDENT, "", what);
    for (unsigned i = 0; words[i]; i++)
        printf("%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    putchar('\n');
}

static void
put_op(const struct mill_op *op)
{
    char left[256];
    bool bracket = *op->usage == '[';

    if (bracket)
        snprintf(left, sizeof left, "      --%s[=%s", op->name, op->usage + 1);
    else
        snprintf(left, sizeof left, "      --%s %s", op->name, op->usage);
    put_entry(left, op->summary);
    if (strstr(op->usage, "SIDE"))
        put_words("SIDE", mill_gravity_names);
    if (strstr(op->usage, "NAME"))
        put_words("NAME", mill_kernel_names);
    if (strstr(op->usage, "COLOUR"))
        put_words("COLOUR", colours);
}

static void
put_ops(void)
{
    for (const struct mill_op *const *op = mill_ops; *op; op++)
        put_op(*op);
}

static void
put_group(unsigned group, unsigned command)
{
    static const char *const titles[CLI__GROUPS] = {
        "inputs",  "output", "encoding", "operations, in the order given",
        "workers", "safety", "feedback",
    };
    bool first = true;

    for (const struct cli__flag *flag = cli__flags; flag->name; flag++) {
        if (flag->group != group || !(flag->commands & command))
            continue;
        if (first)
            printf("\n%s:\n", titles[group]);
        first = false;
        put_flag(flag);
    }
    if (group == CLI__OPERATIONS && command == CLI__CONVERT) {
        printf("\n%s:\n", titles[group]);
        put_ops();
    }
}

void
cli__help_command(unsigned command)
{
    puts(command == CLI__INFO
             ? "imgmill info [OPTIONS] INPUT...\n\n"
               "What is in these files, from their headers."
             : "imgmill convert [OPTIONS] INPUT... -o OUTPUT\n\n"
               "Convert images. An INPUT is a file, a folder or - for standard "
               "input.");
    for (unsigned group = 0; group < CLI__GROUPS; group++)
        put_group(group, command);
}

void
cli__help_ops(void)
{
    put_ops();
}

void
cli__help_formats(void)
{
    for (unsigned i = 0; mill_codecs[i]; i++) {
        const struct mill_codec *codec = mill_codecs[i];

        printf("%-8s%-13s%s (", codec->name,
               !codec->encoder  ? "read"
               : !codec->decode ? "write"
                                : "read, write",
               codec->summary);
        for (unsigned k = 0; codec->extensions[k]; k++)
            printf("%s.%s", k ? " " : "", codec->extensions[k]);
        puts(")");
    }
}
