/* fail_alloc: a library to preload into a program under test, in which the N-th
 * allocation fails, once or all from there on.
 *
 * MILL_TEST_ALLOC_AT is N, from 1 on; with MILL_TEST_ALLOC_ON all behind it
 * fail too. With MILL_TEST_ALLOC_CHILDREN only what forked processes ask for is
 * counted, all of them together; else only what the first process asks for.
 * MILL_TEST_ALLOC names a file that will hold two 64-bit numbers, how many were
 * counted and how many failed. It is mapped shared before anything is forked,
 * so the count goes on in processes that may open nothing any more, and what
 * has landed can be read whatever became of them. Without it nothing fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct counts {
    _Atomic uint64_t asked, failed;
};

/* The C library's own, under names that nobody replaces. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t n);
void *__libc_memalign(size_t step, size_t n);

#define SHOWN __attribute__((visibility("default")))

SHOWN void *malloc(size_t n);
SHOWN void *calloc(size_t n, size_t size);
SHOWN void *realloc(void *at, size_t n);
SHOWN void *aligned_alloc(size_t step, size_t n);
SHOWN void *memalign(size_t step, size_t n);
SHOWN int posix_memalign(void **at, size_t step, size_t n);

static struct counts *counts; /* NULL: nothing fails */
static uint64_t fails_at;
static bool fails_on, in_children;
static pid_t loaded_in;

__attribute__((constructor)) static void
plan(void)
{
    const char *path = getenv("MILL_TEST_ALLOC");
    const char *at = getenv("MILL_TEST_ALLOC_AT");
    if (!path || !at)
        return;
    fails_at = strtoull(at, NULL, 10);
    fails_on = getenv("MILL_TEST_ALLOC_ON");
    in_children = getenv("MILL_TEST_ALLOC_CHILDREN");
    loaded_in = getpid();
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *counts) != 0)
        abort();
    void *map =
        mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        abort();
    close(fd);
    counts = map;
}

/* Is this the one? */
static bool
fails(void)
{
    if (!counts || (getpid() != loaded_in) != in_children)
        return false;
    uint64_t number = atomic_fetch_add(&counts->asked, 1) + 1;
    if (number != fails_at && !(fails_on && number > fails_at))
        return false;
    atomic_fetch_add(&counts->failed, 1);
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *at, size_t n)
{
    return fails() ? NULL : __libc_realloc(at, n);
}

void *
aligned_alloc(size_t step, size_t n)
{
    return fails() ? NULL : __libc_memalign(step, n);
}

void *
memalign(size_t step, size_t n)
{
    return fails() ? NULL : __libc_memalign(step, n);
}

int
posix_memalign(void **at, size_t step, size_t n)
{
    void *taken = fails() ? NULL : __libc_memalign(step, n);
    if (!taken)
        return ENOMEM;
    *at = taken;
    return 0;
}
