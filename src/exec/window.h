/* window: the memory that one worker and its lane share. */
#ifndef EXEC_WINDOW_H
#define EXEC_WINDOW_H

#include <imgmill/base.h>

/* How large a window may become, in bytes; both whole pages. */
struct window_size {
    uint32_t in, out;
};

struct window {
    uint8_t *in, *out; /* the halves; NULL: there is none */
    uint32_t n_in;     /* bytes of the in half that are there */
    int fd;            /* the worker maps it too */
};

/* Of at least so much, but for what no window can be. */
struct window_size exec__window_size(uint64_t in, uint32_t out);
/* A smaller in half where files have a limit. MILL_ENVIRONMENT: it leaves no
 * room for any window. */
enum mill_status exec__window_fit(struct window_size *size,
                                  struct mill_err *err);

/* ---- in the mill --------------------------------------------------------- */

/* MILL_CRASH: there is no memory for it. */
enum mill_status exec__window_open(struct window *window,
                                   struct window_size size,
                                   struct mill_err *err);
void exec__window_close(struct window *window, struct window_size size);

/* How much of the in half may be written for an input of n bytes: n, or all of
 * the half, or less when there is no memory for more; 0 only for n == 0. */
uint32_t exec__window_in(struct window *window, struct window_size size,
                         size_t n);

/* ---- in the worker ------------------------------------------------------- */

/* Takes fd. Its in half is only to be read. */
bool exec__window_show(struct window *window, struct window_size size, int fd);

#endif
