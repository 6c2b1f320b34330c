/* Inside the room: names when case does not count. */
#ifndef MILL_IO_FOLD_H
#define MILL_IO_FOLD_H

#include <imgmill/io.h>

#include <locale.h>

struct io__fold {
    locale_t letters; /* 0: the system has no C.UTF-8; then ASCII's alone */
};

void io__fold_open(struct io__fold *fold);
void io__fold_close(const struct io__fold *fold);

/* Of the folded name. */
uint64_t io__fold_hash(const struct io__fold *fold, const char *name);
bool io__fold_same(const struct io__fold *fold, const char *one,
                   const char *two);

#endif
