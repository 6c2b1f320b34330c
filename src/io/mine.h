/* Inside the store: the files that it has made. */
#ifndef MILL_IO_MINE_H
#define MILL_IO_MINE_H

#include "store.h"

#include <sys/stat.h>

/* False: out of memory. */
bool io__mine_open(struct io__mine *mine);
void io__mine_close(struct io__mine *mine);

/* fd: an output that is about to have its name; path, of the store, is kept.
 * Many threads. */
enum mill_status io__mine_add(struct io__mine *mine, int fd, const char *path,
                              struct mill_err *err);

/* The other path by which the store made the file that was found at this one;
 * NULL: it did not, or that is no longer there. Many threads. */
const char *io__mine_find(struct mill_store *store, const char *path,
                          const struct stat *found);

#endif
