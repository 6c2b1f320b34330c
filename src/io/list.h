/* Inside the scan: how inputs come into the list. */
#ifndef MILL_IO_LIST_H
#define MILL_IO_LIST_H

#include <sys/stat.h>

#include <imgmill/io.h>

/* Adds an input; takes both strings, also when it fails, and either may be NULL
 * (then memory was out already). status NULL: it could not be looked at, for
 * the reason `sys`; 0: nothing is there to look at (stdin). */
enum mill_status io__list_add(struct mill_list *list, char *path,
                              char *relative, const struct stat *status,
                              int sys, struct mill_err *err);

/* Adds path after looking at it; a folder becomes an input that fails. */
enum mill_status io__list_add_path(struct mill_list *list, char *path,
                                   char *relative, struct mill_err *err);

#endif
