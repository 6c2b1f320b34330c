/* Syncs: the file systems that outputs went to, so that at the end their bytes
 * can be asked onto the disk with one call each.
 *
 * The system tells a descriptor of the write-back errors that came after it was
 * opened. So the first output on a file system leaves a second descriptor of
 * itself here, opened before its bytes were written, and that one is asked.
 * Folders are no use for it: they are open without the right to read them.
 *
 * Writer threads note at the same time, under a lock of its own; one thread
 * syncs when they are gone. */
#include "files.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct io__synced {
    dev_t dev;
    int fd; /* of an output there */
};

struct io__syncs {
    pthread_mutex_t lock; /* guards all below */
    struct io__synced *all;
    size_t n;
};

struct io__syncs *
io__syncs_new(void)
{
    struct io__syncs *syncs = calloc(1, sizeof *syncs);

    if (syncs != NULL)
        pthread_mutex_init(&syncs->lock, NULL);
    return syncs;
}

void
io__syncs_free(struct io__syncs *syncs)
{
    if (syncs == NULL)
        return;
    for (size_t i = 0; i < syncs->n; i++)
        io__close(syncs->all[i].fd);
    pthread_mutex_destroy(&syncs->lock);
    free(syncs->all);
    free(syncs);
}

static int
duplicate(int fd)
{
    struct io__patience patience = {0};
    int twin;

    do
        twin = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    while (twin < 0 && io__patient(&patience, errno));
    return twin;
}

static bool
is_known(const struct io__syncs *syncs, dev_t dev)
{
    for (size_t i = 0; i < syncs->n; i++)
        if (syncs->all[i].dev == dev)
            return true;
    return false;
}

static enum mill_status
add(struct io__syncs *syncs, dev_t dev, int fd, struct mill_err *err)
{
    struct io__synced *all =
        reallocarray(syncs->all, syncs->n + 1, sizeof *all);

    if (all == NULL)
        return mill_fail(err, MILL_MEMORY, "--sync");
    syncs->all = all;
    int twin = duplicate(fd);
    if (twin < 0)
        return mill_fail_sys(err, MILL_WRITE, errno, "--sync");
    all[syncs->n++] = (struct io__synced){dev, twin};
    return MILL_OK;
}

enum mill_status
io__syncs_note(struct io__syncs *syncs, int fd, struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    struct stat found;

    if (syncs == NULL)
        return MILL_OK;
    if (fstat(fd, &found) != 0)
        return mill_fail_sys(err, MILL_WRITE, errno, "--sync");
    pthread_mutex_lock(&syncs->lock);
    if (!is_known(syncs, found.st_dev))
        status = add(syncs, found.st_dev, fd, err);
    pthread_mutex_unlock(&syncs->lock);
    return status;
}

enum mill_status
io__syncs_run(struct io__syncs *syncs, struct mill_err *err)
{
    enum mill_status status = MILL_OK;

    for (size_t i = 0; syncs != NULL && i < syncs->n; i++)
        if (TEMP_FAILURE_RETRY(syncfs(syncs->all[i].fd)) != 0)
            status = mill_fail_sys(err, MILL_WRITE, errno,
                                   "--sync batch: outputs may not be on the "
                                   "disk");
    return status;
}
