/* JPEGs that others made, read by our own reader and by libjpeg: the same in
 * all, at every scale, but for the verdict of a few files that are listed here.
 * Those of the corpus, when it is there, are small, odd and broken, and so are
 * those of the tree; the system's pictures are large and sound: a few of them,
 * or all with IMGMILL_TEST_FULL. */
#include "codec_both.h"
#include "corpus.h"

#include <glob.h>
#include <string.h>

extern const struct mill_codec mill_codec_jpeg;

enum { SMALL_PX = 1 << 22, PICTURE_PX = 1 << 28 };

/* What our own reader takes at 1/8 and libjpeg refuses, by the end of its path,
 * each with its reason. Of the corpus it is none. */
static const struct {
    const char *file, *reason;
} unseen[] = {
    {"/fuzz/corpus/jpeg/code-that-is-none",
     "a code that is none, in a scan that no sample at 1/8 needs"},
};

static const char *
reason_of(const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < MILL_COUNT(unseen); i++) {
        size_t m = strlen(unseen[i].file);
        if (n >= m && strcmp(path + n - m, unseen[i].file) == 0)
            return unseen[i].reason;
    }
    return NULL;
}

static void
compare(const char *path, struct mill_bytes in, struct codec_both_how how,
        uint64_t px_most)
{
    bool differs = false;
    const char *reason = reason_of(path);
    how.codec = &mill_codec_jpeg;
    how.unseen = &differs;
    for (how.shrink = 1; how.shrink <= 8; how.shrink *= 2) {
        codec_both_compare(in, &how, px_most, path, how.salvage);
        if (differs && !reason)
            fail_msg("%s at 1/%u: libjpeg alone refuses it; it is not listed",
                     path, how.shrink);
        if (!differs && reason && how.shrink == 8)
            fail_msg("%s is listed (%s), but both take it or neither does",
                     path, reason);
    }
}

/* ---- small files --------------------------------------------------------- */

static bool
compare_small(const char *path, struct mill_bytes in)
{
    if (!mill_codec_jpeg.sniff(in))
        return false;
    compare(path, in, (struct codec_both_how){0}, SMALL_PX);
    compare(path, in, (struct codec_both_how){.salvage = true}, SMALL_PX);
    return true;
}

static void
the_trees_files_are_the_same(void **state)
{
    (void)state;
    corpus_walk_tree("jpeg", compare_small);
}

static void
the_corpus_is_the_same(void **state)
{
    (void)state;
    corpus_walk_or_skip(compare_small);
}

/* ---- the system's pictures ----------------------------------------------- */

static const char *const places[] = {
    "/usr/share/wallpapers/*/contents/images/*.jpg",
    "/usr/share/backgrounds/*/*.jpg", "/usr/share/backgrounds/*/*/*.jpg"};

static void
the_systems_pictures_are_the_same(void **state)
{
    glob_t found = {0};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(places); i++)
        glob(places[i], i ? GLOB_APPEND : 0, NULL, &found);
    size_t n = found.gl_pathc;
    size_t step = getenv("IMGMILL_TEST_FULL") ? 1 : n / 4 + 1;
    for (size_t i = 0; i < n; i += step) {
        struct mill_bytes in = slurp(found.gl_pathv[i]);
        compare(found.gl_pathv[i], in, (struct codec_both_how){0}, PICTURE_PX);
        free((void *)(uintptr_t)in.at);
    }
    globfree(&found);
    if (!n) {
        print_message("no pictures below /usr/share\n");
        skip();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trees_files_are_the_same),
        cmocka_unit_test(the_corpus_is_the_same),
        cmocka_unit_test(the_systems_pictures_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
