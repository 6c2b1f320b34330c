/* For the tests of the store: every way it has of doing its work, and children
 * that may spoil their process. */
#ifndef MILL_TESTS_STORE_WAYS_H
#define MILL_TESTS_STORE_WAYS_H

#include "scratch.h"

#include <sys/wait.h>

#include "io/store.h"

/* All ways: what the system has, and what is left without each of it. */
enum { WAYS = 4 };

/* Bytes without a period. */
static inline uint8_t
pattern(size_t i)
{
    return (uint8_t)((uint32_t)i * 2654435761u >> 24);
}

static inline struct mill_store *
open_store(const char *root, unsigned without)
{
    struct mill_err err = {0};
    struct mill_store *store = mill_store_open(root, &err);

    if (store == NULL)
        fail_msg("%s: %s", root, err.text);
    store->without |= without;
    return store;
}

static inline int
put_text(struct mill_store *store, const char *path, const char *text,
         enum mill_clobber clobber, struct mill_err *err)
{
    *err = (struct mill_err){0};
    return mill_store_put(store, path, text, strlen(text), clobber, err);
}

static inline void
assert_put(struct mill_store *store, const char *path, const char *text)
{
    struct mill_err err;

    if (put_text(store, path, text, MILL_REPLACE, &err) != MILL_OK)
        fail_msg("%s: %s", path, err.text);
}

/* Runs test(store) on the folder out-N for each way. */
static inline void
each_way(void (*test)(struct mill_store *store))
{
    char root[16];

    for (unsigned without = 0; without < WAYS; without++) {
        snprintf(root, sizeof root, "out-%u", without);
        struct mill_store *store = open_store(root, without);
        int back = open(".", O_PATH | O_CLOEXEC);
        assert_int_equal(chdir(root), 0);
        test(store);
        assert_int_equal(fchdir(back), 0);
        close(back);
        mill_store_close(store);
    }
}

/* In a child: test's answer is its exit code, 77 for "cannot be done here". */
static inline int
in_child(int (*test)(unsigned without), unsigned without)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(test(without));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#endif
