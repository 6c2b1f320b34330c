/* Reading: from a path to the job's own bytes, on a reader thread.
 *
 * The slot is taken first, by the size that the scan saw: a reader that waits
 * then holds no descriptor. What the file has beyond that is charged when it is
 * known. A regular file whose bytes the system has in memory is only opened:
 * whoever works on it reads it to where it is wanted (job/input.c). Readers are
 * there to wait for disks: what is not in memory they have brought there. Where
 * the system does not tell (RWF_NOWAIT), or keeps nothing, they read it. Pipes
 * and stdin are read to their end into a buffer that grows, and are charged as
 * it does. No file is read through a map: one cut short under it would kill the
 * process. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    AHEAD_BYTES = 1 << 20, /* files from here on ask for read-ahead */
    KEPT_BYTES = 64 << 10, /* a copy of less costs less than the questions */
    PROBE_BYTES = 256 << 10,
    CHUNK_BYTES = 64 << 10 /* a pipe's least read */
};

/* Sizes from here on must fit what the machine has left: looking that up costs
 * too much to do it for every image. */
static const uint64_t trusted_bytes = 256u << 20;

static enum mill_status
check_fits(uint64_t bytes, struct mill_err *err)
{
    char size[24], left[24];

    if (bytes < trusted_bytes)
        return MILL_OK;
    uint64_t available = mill_memory_available();
    if (bytes <= available)
        return MILL_OK;
    return mill_fail(err, MILL_LIMIT, "%s to read, %s of memory left",
                     mill_size_text(bytes, size, sizeof size),
                     mill_size_text(available, left, sizeof left));
}

static enum mill_status
check_most(uint64_t bytes, uint64_t most, struct mill_err *err)
{
    if (bytes <= most)
        return MILL_OK;
    return mill_fail(err, MILL_LIMIT,
                     "%llu bytes or more, the limit is %llu; --max-bytes "
                     "raises it",
                     (unsigned long long)bytes, (unsigned long long)most);
}

/* n more bytes are there; what the slot was not taken for is charged. */
static void
account(struct mill_job *job, size_t n)
{
    uint64_t before = job->n_bytes, taken = job->file_bytes;

    job->n_bytes += n;
    if (job->n_bytes > taken)
        mill_slots_charge(job,
                          job->n_bytes - (before > taken ? before : taken));
}

/* ---- regular files ------------------------------------------------------- */

/* Has the system this byte of the file in memory? 0: yes; EAGAIN: no;
 * EOPNOTSUPP: it does not tell; or another errno. */
static int
ask_for(int fd, uint64_t at)
{
    char byte;
    struct iovec one = {&byte, 1};
    ssize_t got = preadv2(fd, &one, 1, (off_t)at, RWF_NOWAIT);

    return got == 1 ? 0 : got == 0 ? ENODATA : errno;
}

/* A tmpfs does not answer that question, having no disk. */
static bool
has_no_disk(int fd)
{
    struct statfs system;

    return fstatfs(fd, &system) == 0 && system.f_type == TMPFS_MAGIC;
}

/* Waits until the system has this part of the file in memory, and copies
 * nothing. Its pages are looked at by nobody: a file that was cut short, or a
 * disk that fails, is an error here. */
static bool
bring(int fd, uint64_t at, size_t n)
{
    void *map = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, (off_t)at);
    if (map == MAP_FAILED)
        return false;
    bool there = madvise(map, n, MADV_POPULATE_READ) == 0;
    munmap(map, n);
    return there;
}

/* Are its bytes in memory by now, and worth being read but once? It is a guess
 * from a few of them: a wrong one costs time and nothing else. */
static bool
is_at_hand(int fd, uint64_t bytes)
{
    if (bytes < KEPT_BYTES)
        return false;
    for (uint64_t at = 0; at < bytes; at += PROBE_BYTES) {
        uint64_t left = bytes - at;
        size_t n = left < PROBE_BYTES ? (size_t)left : PROBE_BYTES;
        int answer = ask_for(fd, at + n - 1);

        if (answer == EOPNOTSUPP)
            return has_no_disk(fd);
        if (answer != 0 && (answer != EAGAIN || !bring(fd, at, n)))
            return false;
    }
    return true;
}

static enum mill_status
read_sized(struct mill_job *job, int fd, uint64_t bytes, uint64_t most,
           struct mill_err *err)
{
    if (check_most(bytes, most, err) != MILL_OK ||
        check_fits(bytes, err) != MILL_OK)
        return MILL_LIMIT;
    account(job, bytes);
    if (bytes >= AHEAD_BYTES)
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (is_at_hand(fd, bytes) && mill_job_keep(job, fd))
        return MILL_OK;
    return mill_job_read(job, fd, err);
}

/* ---- pipes --------------------------------------------------------------- */

/* Room for more, doubled each time. */
static enum mill_status
grow(struct mill_buffer *buffer, struct mill_err *err)
{
    size_t more = buffer->n < CHUNK_BYTES ? CHUNK_BYTES : buffer->n;

    if (check_fits(mill_u64_add(buffer->n, more), err) != MILL_OK)
        return MILL_LIMIT;
    if (!mill_buffer_reserve(buffer, more))
        return mill_fail(err, MILL_MEMORY, "the pipe's bytes");
    return MILL_OK;
}

/* Failed or not, the job has the bytes and frees them. */
static enum mill_status
read_to_end(struct mill_job *job, int fd, uint64_t most, struct mill_err *err)
{
    struct mill_buffer buffer = {0};
    enum mill_status status = MILL_OK;
    ssize_t got = 1;

    while (status == MILL_OK && got > 0) {
        if (buffer.n == buffer.capacity)
            status = grow(&buffer, err);
        if (status != MILL_OK)
            break;
        got =
            io__read_some(fd, buffer.at + buffer.n, buffer.capacity - buffer.n);
        if (got < 0)
            status = mill_fail_sys(err, MILL_READ, errno, "read");
        if (got > 0) {
            buffer.n += (size_t)got;
            account(job, (size_t)got);
            status = check_most(buffer.n, most, err);
        }
    }
    job->bytes = buffer.at;
    return status;
}

/* ---- jobs ---------------------------------------------------------------- */

static struct mill_seen
seen_of(const struct stat *status)
{
    return (struct mill_seen){
        .regular = S_ISREG(status->st_mode),
        .dev = status->st_dev,
        .ino = status->st_ino,
        .bytes = (uint64_t)status->st_size,
        .mtime_ns = io__mtime_ns(status),
        .mode = status->st_mode & 07777,
        .uid = status->st_uid,
        .gid = status->st_gid,
    };
}

static enum mill_status
read_open(struct mill_job *job, int fd, uint64_t most, struct mill_err *err)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return mill_fail_sys(err, MILL_READ, errno, "stat");
    job->seen = seen_of(&status);
    if (S_ISDIR(status.st_mode))
        return mill_fail(err, MILL_READ, "is a folder");
    if (S_ISREG(status.st_mode) && strcmp(job->path, "-") != 0)
        return read_sized(job, fd, (uint64_t)status.st_size, most, err);
    return read_to_end(job, fd, most, err);
}

static enum mill_status
read_path(struct mill_job *job, uint64_t most, struct mill_err *err)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;

    if (strcmp(job->path, "-") == 0)
        return read_open(job, STDIN_FILENO, most, err);
    int fd = io__openat(AT_FDCWD, job->path, flags, 0);
    if (fd < 0)
        return mill_fail_sys(err, MILL_READ, errno, "open");
    enum mill_status status = read_open(job, fd, most, err);
    if (!job->kept)
        io__close(fd);
    return status;
}

bool
mill_read_job(struct mill_slots *slots, struct mill_job *job, uint64_t most)
{
    struct mill_err err;

    if (job->slots == NULL && !mill_slots_take(slots, job, job->file_bytes)) {
        job->end = MILL_END_LEFT;
        return false;
    }
    uint64_t start_ns = mill_now_ns();
    if (read_path(job, most, &err) != MILL_OK) {
        mill_job_drop_input(job);
        mill_job_fail(job, &err);
    }
    job->read_ns = mill_now_ns() - start_ns;
    return true;
}
