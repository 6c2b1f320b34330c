/* PNGs that others made, read by our own reader and by libpng: the same
 * samples, verdicts and words, salvaged too. Those of the tree, and those of
 * the corpus, when it is there. No file is an exception. */
#include "codec_both.h"
#include "corpus.h"
#include "slurp.h"

extern const struct mill_codec mill_codec_png;

enum { SMALL_PX = 1 << 22 };

static int
visit(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)at;
    if (type != FTW_F)
        return 0;
    struct mill_bytes in = slurp(path);
    struct codec_both_how how = {.codec = &mill_codec_png};
    for (unsigned i = 0; mill_codec_png.sniff(in) && i < 2; i++) {
        how.salvage = i;
        codec_both_compare(in, &how, SMALL_PX, path, i);
    }
    free((void *)(uintptr_t)in.at);
    return 0;
}

static void
the_trees_files_are_the_same(void **state)
{
    (void)state;
    assert_true(corpus_walk(MILL_TEST_SOURCE "/samples", visit));
    assert_true(corpus_walk(MILL_TEST_SOURCE "/tests/fuzz/corpus/png", visit));
}

static void
the_corpus_is_the_same(void **state)
{
    (void)state;
    if (!corpus_walk(corpus_folder(), visit))
        skip();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trees_files_are_the_same),
        cmocka_unit_test(the_corpus_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
