/* slow_read: a library to preload, in which every read of a regular file takes
 * as long as from a slow store: SLOW_READ_US before the first byte, and
 * SLOW_READ_NS for each one. Readers do not slow each other down, as with a
 * server far away or many disks. The store does not tell what is in memory. */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { SYSTEM_FILE = 4096 }; /* what /proc and /sys say of theirs, at most */

static uint64_t
setting(const char *name)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : 0;
}

static void
take_time(int fd, ssize_t got)
{
    struct stat status;
    if (got <= 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size <= SYSTEM_FILE)
        return;
    uint64_t ns = setting("SLOW_READ_US") * 1000 +
                  setting("SLOW_READ_NS") * (uint64_t)got;
    struct timespec rest = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    nanosleep(&rest, NULL);
}

__attribute__((visibility("default"))) ssize_t
preadv(int fd, const struct iovec *parts, int n, off_t at)
{
    ssize_t (*really)(int, const struct iovec *, int, off_t);
    *(void **)&really = dlsym(RTLD_NEXT, "preadv");
    ssize_t got = really(fd, parts, n, at);
    take_time(fd, got);
    return got;
}

__attribute__((visibility("default"))) ssize_t
preadv2(int fd, const struct iovec *parts, int n, off_t at, int flags)
{
    (void)fd, (void)parts, (void)n, (void)at, (void)flags;
    errno = EOPNOTSUPP;
    return -1;
}
