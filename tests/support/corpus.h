/* Where files for tests lie: the corpus, when it is there (IMGMILL_TEST_CORPUS,
 * else ../shared/corpus beside the checkout), and what the tree has. */
#ifndef CORPUS_H
#define CORPUS_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { CORPUS_DESCRIPTORS = 16 };

static inline const char *
corpus_folder(void)
{
    const char *named = getenv("IMGMILL_TEST_CORPUS");
    return named ? named : MILL_TEST_SOURCE "/../shared/corpus";
}

/* Each file below. False, and says so: there is no such folder. */
static inline bool
corpus_walk(const char *folder, __nftw_func_t visit)
{
    if (nftw(folder, visit, CORPUS_DESCRIPTORS, FTW_PHYS) == 0)
        return true;
    printf("skipped: no %s (IMGMILL_TEST_CORPUS)\n", folder);
    return false;
}

#endif
