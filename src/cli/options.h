/* What a command line asked for, and the one table of flags that makes parsing,
 * --help and errors. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <imgmill/mill.h>

/* Commands that take options; bits. */
enum { CLI__CONVERT = 1, CLI__INFO = 2, CLI__BOTH = 3 };

enum cli__progress_mode {
    CLI__PROGRESS_AUTO, /* a bar when stderr is a terminal */
    CLI__PROGRESS_BAR,
    CLI__PROGRESS_PLAIN, /* a line now and then */
    CLI__PROGRESS_NONE
};

enum cli__print { CLI__PRINT_NONE, CLI__PRINT_LINES, CLI__PRINT_ZEROES };

/* Strings point into argv. */
struct cli__options {
    unsigned command;
    bool help;

    const char **inputs; /* owned array */
    size_t n_inputs;
    bool recursive, zero;
    const char *files_from;

    const char *output;
    struct mill_target target; /* name, flat, existing; the rest is resolved
                                  once the inputs are known */
    bool dry_run;
    unsigned print; /* enum cli__print */

    struct mill_recipe recipe;       /* format, encoding and limits too */
    struct mill_batch_options batch; /* .recipe: of all that reaches bytes */
    double failures_percent;         /* of the inputs may fail; 0: not so */
    bool threads_auto;               /* recipe.threads when all is known */
    const char *needs_workers; /* the last flag given that does; NULL: none */

    unsigned progress; /* enum cli__progress_mode */
    bool verbose, quiet, stats;
    bool json;
    const char *json_path; /* NULL: stdout */
};

enum cli__group {
    CLI__INPUTS,
    CLI__OUTPUT,
    CLI__ENCODING,
    CLI__OPERATIONS, /* from mill_ops; no flag of the table is in it */
    CLI__WORKERS,
    CLI__SAFETY,
    CLI__FEEDBACK,
    CLI__GROUPS
};

struct cli__word {
    const char *word; /* NULL ends */
    uint64_t value;
};

struct cli__flag {
    const char *name, *help;
    const char *value;   /* as in --help; NULL: the flag takes none */
    uint8_t group;       /* enum cli__group */
    uint8_t commands;    /* CLI__ bits */
    char letter;         /* 0: none */
    bool value_optional; /* then only with '=' */
    bool reaches;       /* outputs' bytes, from outside the group of encoding */
    bool needs_workers; /* without effect where the mill computes itself */

    enum mill_status (*set)(struct cli__options *options,
                            const struct cli__flag *flag, const char *value,
                            struct mill_err *err);
    /* For the setters of values.h: the field, and what may go into it. */
    size_t offset, size;
    uint64_t least, most; /* of a number; least is also a constant */
    const struct cli__word *words;
};

extern const struct cli__flag cli__flags[]; /* a NULL name ends */

/* Take argv (behind the command) apart. MILL_USAGE with a whole sentence. */
enum mill_status cli__options_read(struct cli__options *options,
                                   unsigned command, int argc, char **argv,
                                   struct mill_err *err);
void cli__options_clear(struct cli__options *options);

/* To stdout: everything the command takes. */
void cli__help_command(unsigned command);
void cli__help_ops(void);
void cli__help_formats(void);

#endif
