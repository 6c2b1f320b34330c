/* A folder of its own for one test, in memory unless TMPDIR says where: made
 * and entered by scratch_setup, left and removed by scratch_teardown, which
 * also holds that no descriptor was lost. Helpers for the files in it; paths
 * are relative to it. */
#ifndef MILL_TESTS_SCRATCH_H
#define MILL_TESTS_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct scratch {
    char path[64];
    int back; /* the folder that was current before */
    int descriptors;
};

/* Entries of a folder but for "." and ".."; -1 when there is none. */
static inline int
scratch_count(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int n = 0;

    if (dir == NULL)
        return -1;
    while ((entry = readdir(dir)) != NULL)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..");
    closedir(dir);
    return n;
}

static inline int
scratch_setup(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    const char *top = getenv("TMPDIR");

    if (scratch == NULL)
        return -1;
    scratch->back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top == NULL || strlen(top) > 40)
        top = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(scratch->path, sizeof scratch->path, "%s/mill-XXXXXX", top);
    if (mkdtemp(scratch->path) == NULL || chdir(scratch->path) != 0)
        return -1;
    scratch->descriptors = scratch_count("/proc/self/fd");
    *state = scratch;
    return 0;
}

/* Unlinks all files of the current folder; a folder's name, if one is there, is
 * left in name. */
static inline bool
scratch_sweep(char name[256])
{
    DIR *dir = opendir(".");
    struct dirent *entry;
    bool found = false;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        bool self =
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (self || unlink(entry->d_name) == 0)
            continue;
        found = true;
        snprintf(name, 256, "%s", entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

/* Empties the current folder, however deep; no descriptor is held. */
static inline bool
scratch_empty(void)
{
    char name[256];

    while (scratch_sweep(name)) {
        if (chdir(name) != 0)
            return false;
        bool empty = scratch_empty();
        if (chdir("..") != 0 || !empty || rmdir(name) != 0)
            return false;
    }
    return true;
}

static inline int
scratch_teardown(void **state)
{
    struct scratch *scratch = *state;
    bool same = scratch_count("/proc/self/fd") == scratch->descriptors;
    bool gone = chdir(scratch->path) == 0 && scratch_empty() &&
                fchdir(scratch->back) == 0 && rmdir(scratch->path) == 0;

    close(scratch->back);
    free(scratch);
    if (!same)
        print_error("descriptors were lost\n");
    if (!gone)
        print_error("the scratch folder stays\n");
    return !same || !gone;
}

#define SCRATCH_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

static inline void
scratch_write(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(close(fd), 0);
}

static inline void
scratch_text(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

/* All bytes of a file, with a zero behind them; malloc'd; NULL: no such file.*/
static inline char *
scratch_read(const char *path, size_t *n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0)
        return NULL;
    assert_int_equal(fstat(fd, &status), 0);
    char *bytes = calloc(1, (size_t)status.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
    close(fd);
    *n = (size_t)status.st_size;
    return bytes;
}

static inline void
scratch_assert_text(const char *path, const char *text)
{
    size_t n;
    char *bytes = scratch_read(path, &n);

    assert_non_null(bytes);
    assert_string_equal(bytes, text);
    free(bytes);
}

#endif
