/* PNGs that others made, read by our own reader and by libpng: the same
 * samples, verdicts and words, salvaged too. Those of the tree, and those of
 * the corpus, when it is there. No file is an exception. */
#include "codec_both.h"
#include "corpus.h"

extern const struct mill_codec mill_codec_png;

enum { SMALL_PX = 1 << 22 };

static bool
compare(const char *path, struct mill_bytes in)
{
    struct codec_both_how how = {.codec = &mill_codec_png};
    if (!mill_codec_png.sniff(in))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        how.salvage = i;
        codec_both_compare(in, &how, SMALL_PX, path, i);
    }
    return true;
}

static void
the_trees_files_are_the_same(void **state)
{
    (void)state;
    corpus_walk_tree("png", compare);
}

static void
the_corpus_is_the_same(void **state)
{
    (void)state;
    corpus_walk_or_skip(compare);
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
