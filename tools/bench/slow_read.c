/* slow_read: a library to preload, in which every read of a regular file takes
 * as long as from a slow store: SLOW_READ_US before the first byte, and
 * SLOW_READ_NS for each one. Readers do not slow each other down, as with a
 * server far away or many disks. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SYSTEM_FILE = 4096 }; /* what /proc and /sys say of theirs, at most */

static uint64_t
setting(const char *name)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : 0;
}

__attribute__((visibility("default"))) ssize_t
read(int fd, void *at, size_t n)
{
    ssize_t (*really)(int, void *, size_t);
    struct stat status;
    *(void **)&really = dlsym(RTLD_NEXT, "read");
    ssize_t got = really(fd, at, n);
    if (got > 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size > SYSTEM_FILE) {
        uint64_t ns = setting("SLOW_READ_US") * 1000 +
                      setting("SLOW_READ_NS") * (uint64_t)got;
        struct timespec rest = {(time_t)(ns / 1000000000),
                                (long)(ns % 1000000000)};
        nanosleep(&rest, NULL);
    }
    return got;
}
