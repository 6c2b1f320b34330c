/* --help, ops and formats: printed from the tables that the parser reads, in
 * two columns and no more than 80. */
#include "options.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 30, WIDTH = 79, INDENT_USAGE = 10 };

/* Words, from column `at` on; a line that is full goes on below `indent`. */
static void
put_text(const char *text, int indent)
{
    int at = indent;

    while (*text) {
        int n = (int)strcspn(text, " ");

        if (at > indent && at + 1 + n > WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        }
        at += printf("%s%.*s", at > indent ? " " : "", n, text);
        text += n;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* A usage that is long is broken before what may be left out: "[,". Returns
 * the column that it ends at. */
static int
put_usage(const char *left)
{
    int at = 0;

    while (*left) {
        const char *end = strstr(left + 1, "[,");
        int n = end ? (int)(end - left) : (int)strlen(left);

        if (at > INDENT_USAGE && at + n > WIDTH)
            at = printf("\n%*s", INDENT_USAGE, "") - 1;
        at += printf("%.*s", n, left);
        left += n;
    }
    return at;
}

/* The second column begins on a line of its own when the first is long. */
static void
put_entry(const char *left, const char *right)
{
    int at = put_usage(left);

    if (strlen(left) + 2 <= INDENT)
        printf("%*s", INDENT - at, "");
    else
        printf("\n%*s", INDENT, "");
    put_text(right, INDENT);
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
}

/* What a capital word in the operations' usage stands for. */
static void
put_words(const char *what, const char *const *words)
{
    char left[32], right[256] = "";
    size_t n = 0;

    for (unsigned i = 0; words[i] && n < sizeof right; i++)
        n += (size_t)snprintf(right + n, sizeof right - n, "%s%s",
                              i == 0         ? ""
                              : words[i + 1] ? ", "
                                             : " or ",
                              words[i]);
    snprintf(left, sizeof left, "      %s", what);
    put_entry(left, right);
}

static void
put_ops(void)
{
    static const char *const colours[] = {"white", "black", "#rgb", "#rrggbb",
                                          NULL};

    for (const struct mill_op *const *op = mill_ops; *op; op++)
        put_op(*op);
    put_words("SIDE", mill_gravity_names);
    put_words("NAME", mill_kernel_names);
    put_words("COLOUR", colours);
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
               "input. Below a\nfolder that is named its tree is kept.");
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
