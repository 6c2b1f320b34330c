/* What the files of this room share: descriptors that are short for a moment,
 * whole reads, times. */
#ifndef MILL_IO_FILES_H
#define MILL_IO_FILES_H

#include <sys/stat.h>
#include <sys/types.h>

#include <imgmill/io.h>

/* How long one call has waited for a descriptor; {0} at its start. */
struct io__patience {
    uint64_t until_ns; /* mill_now_ns; 0: has not waited yet */
    unsigned sleep_ms; /* the next nap, 1..50 */
};

/* After a call failed with sys: shall it be tried again? At once after EINTR;
 * after a nap when descriptors are short, for 10 s at most. When not, errno is
 * sys. */
bool io__patient(struct io__patience *patience, int sys);

/* openat, with that patience. */
int io__openat(int folder, const char *path, int flags, mode_t mode);

/* Closes fd unless it is negative; errno stays as it was. */
void io__close(int fd);

/* One read: waits out EINTR and descriptors that do not block. */
ssize_t io__read_some(int fd, void *at, size_t n);

/* Reads until n bytes are there or the file ends; -1 on an error. */
ssize_t io__read_full(int fd, void *at, size_t n);

/* Time of the last change; years beyond 64 bits give the nearest end. */
int64_t io__mtime_ns(const struct stat *status);

#endif
