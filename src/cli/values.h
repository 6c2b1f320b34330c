/* Setters for the table of flags: text to a field of the options. Each message
 * says the option, the value and what would be right. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "options.h"

#define CLI__SETTER(name)                                                      \
    enum mill_status name(struct cli__options *options,                        \
                          const struct cli__flag *flag, const char *value,     \
                          struct mill_err *err)

CLI__SETTER(cli__set_constant); /* the field becomes flag->least */
CLI__SETTER(cli__set_text);
CLI__SETTER(cli__set_number); /* flag->least … flag->most */
CLI__SETTER(cli__set_word);   /* one of flag->words */
CLI__SETTER(cli__set_size);   /* bytes, at least 1 */
CLI__SETTER(cli__set_threads);
CLI__SETTER(cli__set_format);
CLI__SETTER(cli__set_name);
CLI__SETTER(cli__set_backup);
CLI__SETTER(cli__set_background);
CLI__SETTER(cli__set_keep);
CLI__SETTER(cli__set_backend);
CLI__SETTER(cli__set_memory);
CLI__SETTER(cli__set_timeout);
CLI__SETTER(cli__set_max_errors);
CLI__SETTER(cli__set_json);

#endif
