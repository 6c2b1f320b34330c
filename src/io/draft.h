/* Inside the store: an output on its way, before it has its name. */
#ifndef MILL_IO_DRAFT_H
#define MILL_IO_DRAFT_H

#include "store.h"

#include <sys/types.h>

enum { IO__TEMPORARY = 40 };

struct io__draft {
    int fd;
    char name[IO__TEMPORARY]; /* in the target's folder; "": it has none */
};

/* An empty one without a name, in the folder, with this mode (less the umask).
 * False: the file system has none such, or errno. Nothing is left then. */
bool io__draft_nameless(const struct mill_store *store, struct io__draft *draft,
                        int folder, mode_t mode);

/* What close would answer, while the file is still ours; errno. */
bool io__draft_flush(const struct io__draft *draft);

/* Made in the folder with this mode (less the umask) and filled with the bytes;
 * then what close would answer is asked for. After a failure nothing is left;
 * otherwise it ends with io__draft_drop. */
enum mill_status io__draft_make(struct mill_store *store,
                                struct io__draft *draft, int folder,
                                mode_t mode, struct mill_bytes bytes,
                                struct mill_err *err);

/* Closed, and its temporary name removed if it still has one. */
void io__draft_drop(const struct io__draft *draft, int folder);

/* The steps to a name; errno says why not. Link: replaces nothing, and an
 * anonymous draft only. Name: gives an anonymous one a temporary name. Rename:
 * replaces what is there. Rename new: replaces nothing; EOPNOTSUPP where the
 * file system has no way to do that. */
bool io__draft_link(const struct io__draft *draft, int folder,
                    const char *name);
bool io__draft_name(struct io__draft *draft, int folder);
bool io__draft_rename(struct io__draft *draft, int folder, const char *name);
bool io__draft_rename_new(struct io__draft *draft, int folder,
                          const char *name);

#endif
