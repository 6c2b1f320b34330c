/* Every file of PngSuite, when the corpus is there (IMGMILL_TEST_CORPUS, else
 * ../shared/corpus beside the checkout): the legal ones give the pixels that
 * libpng's own whole-picture reader gives, sample by sample; those whose names
 * begin with x are refused. */
#include <codec_run.h>

#include <dirent.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"

extern const struct mill_codec mill_codec_png;

/* The reference: libpng reads it all at once and expands it. */
static void
compare(const char *path, const struct mill_test_collect *ours)
{
    FILE *file = fopen(path, "rb");
    png_structp png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_EXPAND | PNG_TRANSFORM_SWAP_ENDIAN,
                 NULL);
    unsigned channels = png_get_channels(png, info);
    assert_int_equal(png_get_image_width(png, info), ours->shape.w);
    assert_int_equal(png_get_image_height(png, info), ours->shape.h);
    assert_int_equal(channels, ours->shape.n_planes);
    assert_int_equal(png_get_bit_depth(png, info), ours->shape.depth);
    png_bytepp rows = png_get_rows(png, info);
    for (uint32_t y = 0; y < ours->shape.h; y++)
        for (uint32_t x = 0; x < ours->shape.w; x++)
            for (unsigned c = 0; c < channels; c++) {
                size_t i = (size_t)x * channels + c;
                unsigned want = rows[y][i];
                if (ours->shape.depth == 16) {
                    uint16_t wide;
                    memcpy(&wide, rows[y] + 2 * i, 2);
                    want = wide;
                }
                if (mill_test_sample(ours, c, x, y) != want)
                    fail_msg("%s: plane %u at %u,%u: %u, not %u", path, c, x, y,
                             mill_test_sample(ours, c, x, y), want);
            }
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
}

static void
judge(const char *path, bool legal)
{
    struct mill_bytes in = slurp(path);
    assert_non_null(in.at);
    struct codec_run run;
    void *block = NULL;
    codec_run_init(&run);
    enum mill_status status =
        codec_run_decode_at(&run, &mill_codec_png, in, &block);
    if (legal && status != MILL_OK)
        fail_msg("%s: %s", path, run.err.text);
    if (!legal && status == MILL_OK)
        fail_msg("%s is broken, but was decoded", path);
    if (legal)
        compare(path, &run.collect);
    codec_run_clear(&run);
    free(block);
    free((void *)(uintptr_t)in.at);
}

static void
every_legal_file_is_right_and_the_others_fail(void **state)
{
    (void)state;
    char folder[4096], path[8192];
    snprintf(folder, sizeof folder, "%s/pngsuite/png", corpus_folder());
    DIR *dir = opendir(folder);
    if (!dir) {
        printf("skipped: no %s (IMGMILL_TEST_CORPUS)\n", folder);
        skip();
    }
    unsigned n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 4, ".png"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        judge(path, entry->d_name[0] != 'x');
        n++;
    }
    closedir(dir);
    printf("%u files of PngSuite\n", n);
    assert_true(n > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_legal_file_is_right_and_the_others_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
