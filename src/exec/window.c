/* window: a sealed memfd of two halves, made by the mill for one worker. The
 * lane puts an input that is in memory into one, where the worker's decoder
 * reads it as it lies; the worker's encoder writes into the other, and the lane
 * copies from there. So the mill writes the in half only while the worker
 * waits for it, and a worker that has gone bad can harm its own images alone.
 *
 *   [ out half | in half: there already ... | not yet ................ ]
 *                                           n_in                   size.in
 *
 * Neither side can shrink it under the other. Pages are there before they are
 * written, since one that cannot be had would be SIGBUS: those of the out half
 * at birth, those of the in half with the first input that needs them, and then
 * they stay. An input larger than the half, or than what of it can be had, goes
 * through it in pieces (worker.c).
 *
 * To the system it is a file, and RLIMIT_FSIZE holds for it too. */
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    PAGE_BYTES = 64 << 10, /* the largest of any machine's pages */
    STEP_BYTES = 128 << 10 /* by so much at least the in half grows */
};

static size_t
whole(struct window_size size)
{
    return (size_t)size.in + size.out;
}

struct window_size
exec__window_size(uint64_t in, uint32_t out)
{
    uint64_t most = INT32_MAX & ~(PAGE_BYTES - 1);
    in = in > most ? most : in < PAGE_BYTES ? PAGE_BYTES : in;
    return (struct window_size){
        .in = (uint32_t)mill_size_align((size_t)in, PAGE_BYTES),
        .out = (uint32_t)mill_size_align(out < most ? out : most, PAGE_BYTES),
    };
}

enum mill_status
exec__window_fit(struct window_size *size, struct mill_err *err)
{
    struct rlimit limit;
    char text[24];
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur >= whole(*size))
        return MILL_OK;
    if (limit.rlim_cur < size->out + PAGE_BYTES)
        return mill_fail(
            err, MILL_ENVIRONMENT,
            "no file may pass %s here (ulimit -f), and a worker's window is "
            "one; --backend openmp needs none",
            mill_size_text(limit.rlim_cur, text, sizeof text));
    size->in = (uint32_t)(limit.rlim_cur - size->out) & ~(PAGE_BYTES - 1u);
    return MILL_OK;
}

/* 0, or an errno. The seals come last: none may be missing. */
static int
fill(struct window *window, struct window_size size)
{
    int seals = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (ftruncate(window->fd, (off_t)whole(size)) != 0)
        return errno;
    int sys = posix_fallocate(window->fd, 0, size.out + PAGE_BYTES);
    if (sys != 0)
        return sys;
    void *map = mmap(NULL, whole(size), PROT_READ | PROT_WRITE, MAP_SHARED,
                     window->fd, 0);
    if (map == MAP_FAILED)
        return errno;
    window->out = map;
    window->in = window->out + size.out;
    window->n_in = PAGE_BYTES;
    return fcntl(window->fd, F_ADD_SEALS, seals) == 0 ? 0 : errno;
}

enum mill_status
exec__window_open(struct window *window, struct window_size size,
                  struct mill_err *err)
{
    *window = (struct window){
        .fd = memfd_create("window", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    int sys = window->fd < 0 ? errno : fill(window, size);
    if (sys == 0)
        return MILL_OK;
    exec__window_close(window, size);
    return mill_fail_sys(err, MILL_CRASH, sys,
                         "no window for a worker (fewer --jobs need fewer)");
}

void
exec__window_close(struct window *window, struct window_size size)
{
    if (window->out != NULL)
        munmap(window->out, whole(size));
    if (window->fd >= 0)
        close(window->fd);
    *window = (struct window){.fd = -1};
}

/* To so many bytes, or not at all. The pages are entered into our map at once,
 * which is cheaper than a fault for each; a kernel that cannot do that has the
 * faults. */
static void
grow(struct window *window, struct window_size size, uint32_t bytes)
{
    size_t more = bytes - window->n_in;
    off_t from = (off_t)size.out + window->n_in;
    if (posix_fallocate(window->fd, from, (off_t)more) != 0)
        return;
    madvise(window->in + window->n_in, more, MADV_POPULATE_WRITE);
    window->n_in = bytes;
}

uint32_t
exec__window_in(struct window *window, struct window_size size, size_t n)
{
    uint32_t most = n < size.in ? (uint32_t)n : size.in;
    size_t wanted = mill_size_align(most, STEP_BYTES);
    if (most > window->n_in)
        grow(window, size, wanted < size.in ? (uint32_t)wanted : size.in);
    return most < window->n_in ? most : window->n_in;
}

bool
exec__window_show(struct window *window, struct window_size size, int fd)
{
    void *out = mmap(NULL, size.out, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *in = mmap(NULL, size.in, PROT_READ, MAP_SHARED, fd, (off_t)size.out);
    *window = (struct window){.in = in, .out = out, .fd = -1};
    close(fd);
    return in != MAP_FAILED && out != MAP_FAILED;
}
