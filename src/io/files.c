/* Descriptors: getting one, reading and writing all of it.
 *
 * Many threads of the mill open files at the same time, and each holds its
 * descriptors only for a moment. So "too many open files" is no reason to lose
 * an image: whoever meets it naps until others have closed theirs, and gives
 * up only after ten seconds. Any thread; nothing is kept between calls. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum { NAP_MOST_MS = 50 };

static const uint64_t patience_ns = 10ull * 1000 * 1000 * 1000;

static void
nap(unsigned ms)
{
    struct timespec time = {0, (long)ms * 1000 * 1000};

    nanosleep(&time, NULL);
}

bool
io__patient(struct io__patience *patience, int sys)
{
    if (sys == EINTR)
        return true;

    /* EAGAIN: somebody moved folders while openat2 looked, or a lease is
     * being broken. */
    bool passing = sys == EMFILE || sys == ENFILE || sys == EAGAIN;
    uint64_t now = mill_now_ns();
    if (passing && patience->until_ns == 0)
        *patience = (struct io__patience){now + patience_ns, 1};
    if (!passing || now >= patience->until_ns) {
        errno = sys;
        return false;
    }
    nap(patience->sleep_ms);
    patience->sleep_ms *= 2;
    if (patience->sleep_ms > NAP_MOST_MS)
        patience->sleep_ms = NAP_MOST_MS;
    return true;
}

int
io__openat(int folder, const char *path, int flags, mode_t mode)
{
    struct io__patience patience = {0};
    int fd;

    do
        fd = openat(folder, path, flags, mode);
    while (fd < 0 && io__patient(&patience, errno));
    return fd;
}

void
io__close(int fd)
{
    int sys = errno;

    if (fd >= 0)
        close(fd);
    errno = sys;
}

/* After read or write failed: again? Waits when fd does not block. */
static bool
again(int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};

    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    poll(&ready, 1, -1);
    return true;
}

ssize_t
io__read_some(int fd, void *at, size_t n)
{
    ssize_t got;

    do
        got = read(fd, at, n);
    while (got < 0 && again(fd, POLLIN));
    return got;
}

ssize_t
io__read_full(int fd, void *at, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = io__read_some(fd, (char *)at + done, n - done);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

enum mill_status
mill_write_all(int fd, const void *bytes, size_t n, struct mill_err *err)
{
    const char *at = bytes;

    while (n > 0) {
        ssize_t put = write(fd, at, n);
        if (put < 0 && again(fd, POLLOUT))
            continue;
        if (put < 0)
            return mill_fail_sys(err, MILL_WRITE, errno, "write");
        at += put;
        n -= (size_t)put;
    }
    return MILL_OK;
}

int64_t
io__mtime_ns(const struct stat *status)
{
    const int64_t second = 1000 * 1000 * 1000;
    int64_t ns;

    if (!__builtin_mul_overflow(status->st_mtim.tv_sec, second, &ns) &&
        !__builtin_add_overflow(ns, status->st_mtim.tv_nsec, &ns))
        return ns;
    return status->st_mtim.tv_sec < 0 ? INT64_MIN : INT64_MAX;
}

bool
mill_file_look(const char *path, bool follow, uint64_t *bytes,
               int64_t *mtime_ns)
{
    int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    struct stat status;

    if (fstatat(AT_FDCWD, path, &status, flags) != 0 ||
        !S_ISREG(status.st_mode))
        return false;
    *bytes = (uint64_t)status.st_size;
    *mtime_ns = io__mtime_ns(&status);
    return true;
}
