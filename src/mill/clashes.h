/* Inside the planning of names: what must not meet. All answer MILL_USAGE with
 * both inputs named, in *clash whole; names[i] is NULL where an input has none.
 */
#ifndef MILL_CLASHES_H
#define MILL_CLASHES_H

#include <imgmill/mill.h>

/* Two inputs with one output of the target, and the way out, if one is known.
 */
enum mill_status mill__check_pairs(const struct mill_target *target,
                                   const struct mill_list *list, char **names,
                                   struct mill_clash *clash,
                                   struct mill_err *err);

/* An output below the root that is an input. */
enum mill_status mill__check_inputs(const char *root_path,
                                    const struct mill_list *list, char **names,
                                    struct mill_clash *clash,
                                    struct mill_err *err);

/* For --in-place, where names are paths: one file named twice, and outputs of
 * another name that are inputs or meet each other. */
enum mill_status mill__check_in_place(const struct mill_list *list,
                                      char **names, struct mill_clash *clash,
                                      struct mill_err *err);

#endif
