/* An input's bytes: in memory, or still in the file that the job keeps open.
 * What is said of a file that is not as long as it was is said here alone.
 *
 * A regular file is read by its size and one byte more, which must not be
 * there: one that changes its length meanwhile is somebody else's work in
 * progress. It is read by place: where a descriptor stands is a matter of all
 * who have it, and a worker may be one of them. Any thread, any process. */
#include <imgmill/job.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* How many of n + 1 bytes there are; the last one goes nowhere. -1: errno. Who
 * asks for n + 1 and is given n knows that the file ends there. */
static ssize_t
read_beyond(int fd, uint8_t *at, size_t n)
{
    size_t done = 0;
    uint8_t beyond;
    ssize_t got;
    do {
        struct iovec parts[] = {{at + done, n - done}, {&beyond, 1}};
        got = preadv(fd, parts, 2, (off_t)done);
        if (got > 0)
            done += (size_t)got;
    } while (got < 0 ? errno == EINTR : got > 0 && done < n);
    return got < 0 ? -1 : (ssize_t)done;
}

enum mill_status
mill_file_read(int fd, uint8_t *at, size_t n, struct mill_err *err)
{
    ssize_t got = read_beyond(fd, at, n);
    if (got < 0)
        return mill_fail_sys(err, MILL_READ, errno, "read");
    if ((size_t)got < n)
        return mill_fail(err, MILL_READ, "the file shrank while it was read");
    if ((size_t)got > n)
        return mill_fail(err, MILL_READ, "the file grew while it was read");
    return MILL_OK;
}

enum mill_status
mill_job_read(struct mill_job *job, int fd, struct mill_err *err)
{
    job->bytes = malloc(job->n_bytes > 0 ? job->n_bytes : 1);
    if (job->bytes == NULL)
        return mill_fail(err, MILL_MEMORY, "the file's bytes");
    return mill_file_read(fd, job->bytes, job->n_bytes, err);
}

enum mill_status
mill_job_load(struct mill_job *job, struct mill_err *err)
{
    if (!job->kept || job->bytes != NULL)
        return MILL_OK;
    return mill_job_read(job, job->file, err);
}
