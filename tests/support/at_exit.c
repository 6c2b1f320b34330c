/* at_exit: a library to preload into a program under test. When the process
 * that loaded it ends by itself, it appends a line to the file that
 * MILL_TEST_AT_EXIT names: how many more descriptors are open than at its
 * start, and the most memory, in KB, that it or any one of its children held.
 * Processes that it forked say nothing, nor does one that is killed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MOST_FD = 1024 };

static pid_t loaded_in;
static int open_at_start;

/* Asks for no memory: there may be none. By a call that no test breaks. */
static int
count_open(void)
{
    int n = 0;
    for (int fd = 0; fd < MOST_FD; fd++)
        n += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
    return n;
}

static long
most_kb(void)
{
    struct rusage own = {0}, children = {0};
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return own.ru_maxrss > children.ru_maxrss ? own.ru_maxrss
                                              : children.ru_maxrss;
}

__attribute__((constructor)) static void
remember(void)
{
    loaded_in = getpid();
    open_at_start = count_open();
}

__attribute__((destructor)) static void
tell(void)
{
    const char *path = getenv("MILL_TEST_AT_EXIT");
    if (!path || getpid() != loaded_in)
        return;
    int more = count_open() - open_at_start;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0)
        return;
    dprintf(fd, "%d %ld\n", more, most_kb());
    close(fd);
}
