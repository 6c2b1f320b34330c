/* JPEGs that others made, read by our own reader and by libjpeg: the same in
 * all, at every scale. Those of the corpus, when it is there
 * (IMGMILL_TEST_CORPUS, else ../shared/corpus beside the checkout), are small,
 * odd and broken; the system's pictures are large and sound: a few of them, or
 * all with IMGMILL_TEST_FULL. */
#include "codec_both.h"
#include "slurp.h"

#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct mill_codec mill_codec_jpeg;

enum { DESCRIPTORS = 16 };
enum { CORPUS_PX = 1 << 22, PICTURE_PX = 1 << 28 };

/* Is it a JPEG? Then both ways are the same. */
static bool
compare(const char *path, uint64_t px_most, unsigned salvages)
{
    struct mill_bytes in = slurp(path);
    bool ours = mill_codec_jpeg.sniff(in);
    struct codec_both_how how = {.codec = &mill_codec_jpeg};
    for (unsigned i = 0; ours && i <= salvages; i++)
        for (how.shrink = 1; how.shrink <= 8; how.shrink *= 2) {
            how.salvage = i;
            codec_both_compare(in, &how, px_most, path, i);
        }
    free((void *)(uintptr_t)in.at);
    return ours;
}

/* ---- the corpus ---------------------------------------------------------- */

static int
visit(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)at;
    if (type == FTW_F)
        compare(path, CORPUS_PX, 1);
    return 0;
}

static void
the_corpus_is_the_same(void **state)
{
    const char *named = getenv("IMGMILL_TEST_CORPUS");
    const char *corpus = named ? named : MILL_TEST_SOURCE "/../shared/corpus";
    (void)state;
    if (nftw(corpus, visit, DESCRIPTORS, FTW_PHYS) != 0) {
        print_message("no corpus at %s\n", corpus);
        skip();
    }
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
    for (size_t i = 0; i < n; i += step)
        compare(found.gl_pathv[i], PICTURE_PX, 0);
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
        cmocka_unit_test(the_corpus_is_the_same),
        cmocka_unit_test(the_systems_pictures_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
