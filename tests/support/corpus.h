/* Where files for tests lie: the corpus, when it is there (IMGMILL_TEST_CORPUS,
 * else ../shared/corpus beside the checkout), and what the tree has. */
#ifndef CORPUS_H
#define CORPUS_H

#include "slurp.h"

#include <fts.h>
#include <stdbool.h>

static inline const char *
corpus_folder(void)
{
    const char *named = getenv("IMGMILL_TEST_CORPUS");
    return named ? named : MILL_TEST_SOURCE "/../shared/corpus";
}

/* Looks at a file. False: it is none of those that the test is about. */
typedef bool corpus_look(const char *path, struct mill_bytes in);

static inline bool
corpus__look_at(const char *path, corpus_look *look)
{
    struct mill_bytes in = slurp(path);
    bool counts = look(path, in);
    free((void *)(uintptr_t)in.at);
    return counts;
}

/* Each file below. Gives how many counted. */
static inline unsigned
corpus_walk(const char *folder, corpus_look *look)
{
    char *const folders[] = {(char *)(uintptr_t)folder, NULL};
    FTS *walk = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    unsigned n = 0;
    assert_non_null(walk);
    for (FTSENT *entry; (entry = fts_read(walk));)
        if (entry->fts_info == FTS_F)
            n += corpus__look_at(entry->fts_path, look);
    fts_close(walk);
    return n;
}

/* The tree's: samples, and what fuzzing has found of a format. */
static inline void
corpus_walk_tree(const char *format, corpus_look *look)
{
    char found[sizeof MILL_TEST_SOURCE + 64];
    snprintf(found, sizeof found, "%s/tests/fuzz/corpus/%s", MILL_TEST_SOURCE,
             format);
    assert_true(corpus_walk(MILL_TEST_SOURCE "/samples", look) > 0);
    assert_true(corpus_walk(found, look) > 0);
}

/* The corpus; skips the test where it has no file that counts. */
static inline void
corpus_walk_or_skip(corpus_look *look)
{
    if (corpus_walk(corpus_folder(), look))
        return;
    print_message("none in %s (IMGMILL_TEST_CORPUS)\n", corpus_folder());
    skip();
}

#endif
