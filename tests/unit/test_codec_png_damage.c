/* Damaged PNGs: whatever can have touched a pixel fails, and nothing crashes.
 */
#include "codec_run.h"
#include "png_make.h"

#include "codec/codecs.h"

static const struct png_spec kinds[] = {
    {.w = 9, .h = 21, .type = PNG_COLOR_TYPE_RGB, .depth = 8},
    {.w = 9, .h = 21, .type = PNG_COLOR_TYPE_GRAY, .depth = 1, .interlace = 1},
    {.w = 9,
     .h = 7,
     .type = PNG_COLOR_TYPE_PALETTE,
     .depth = 2,
     .transparent = true},
    {.w = 5, .h = 5, .type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16},
};

static void
every_truncation_fails(void **state)
{
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(kinds); i++) {
        struct mill_buffer file = png_make(&kinds[i]);
        for (size_t n = 0; n < file.n; n++) {
            struct mill_bytes part = {file.at, n};
            assert_int_equal(codec_run_verdict(&mill_codec_png, part, &err),
                             MILL_DAMAGED);
        }
        assert_int_equal(
            codec_run_verdict(&mill_codec_png, png_bytes(&file), &err),
            MILL_OK);
        mill_buffer_clear(&file);
    }
}

static void
truncation_says_so(void **state)
{
    struct mill_buffer file = png_make(&kinds[0]);
    struct mill_bytes part = {file.at, file.n - 30};
    struct mill_err err;
    (void)state;
    codec_run_verdict(&mill_codec_png, part, &err);
    assert_string_equal(err.text, "truncated");
    mill_buffer_clear(&file);
}

/* With its CRCs in place no flip of a critical chunk can pass. */
static void
every_bit_flip_fails(void **state)
{
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(kinds); i++) {
        struct mill_buffer file = png_make(&kinds[i]);
        for (size_t bit = 0; bit < 8 * file.n; bit++) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(
                codec_run_verdict(&mill_codec_png, png_bytes(&file), &err),
                MILL_OK);
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        mill_buffer_clear(&file);
    }
}

/* Recompute the CRCs of all chunks. */
static void
mend(struct mill_buffer *file)
{
    for (size_t at = 8; at + 12 <= file->n;) {
        size_t n = png_get_be32(file->at + at);
        if (n > file->n - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, file->at + at + 4, (uInt)n + 4);
        png_put_be32(file->at + at + 8 + n, crc);
        at += 12 + n;
    }
}

/* The verdict is free here; a sanitizer and the checking sink look on. */
static void
flips_with_right_crcs_do_no_harm(void **state)
{
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(kinds); i++) {
        struct mill_buffer file = png_make(&kinds[i]);
        uint8_t *copy = malloc(file.n);
        memcpy(copy, file.at, file.n);
        for (size_t bit = 0; bit < 8 * file.n; bit++) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            mend(&file);
            codec_run_verdict(&mill_codec_png, png_bytes(&file), &err);
            memcpy(file.at, copy, file.n);
        }
        free(copy);
        mill_buffer_clear(&file);
    }
}

/* ---- pixels that do not fit ---------------------------------------------- */

/* A gray picture of 4 x 3 px whose raster has n bytes. */
static struct mill_buffer
gray_with(const uint8_t *rows, size_t n)
{
    struct mill_buffer file = {0};
    png_put_signature(&file);
    png_put_header(&file, 4, 3, 8, PNG_COLOR_TYPE_GRAY);
    png_put_pixels(&file, rows, n);
    png_put_chunk(&file, "IEND", "", 0);
    return file;
}

static void
assert_damaged(struct mill_buffer *file, const char *why)
{
    struct mill_err err;
    assert_int_equal(codec_run_verdict(&mill_codec_png, png_bytes(file), &err),
                     MILL_DAMAGED);
    assert_non_null(strstr(err.text, why));
    mill_buffer_clear(file);
}

static void
more_or_less_than_the_rows_fails(void **state)
{
    static const uint8_t rows[20];
    struct mill_err err;
    (void)state;
    struct mill_buffer right = gray_with(rows, 15);
    assert_int_equal(
        codec_run_verdict(&mill_codec_png, png_bytes(&right), &err), MILL_OK);
    mill_buffer_clear(&right);
    struct mill_buffer less = gray_with(rows, 14), more = gray_with(rows, 16);
    assert_damaged(&less, "Not enough image data");
    assert_damaged(&more, "Too much image data");
}

static void
bytes_behind_the_stream_fail(void **state)
{
    static const uint8_t rows[15];
    uint8_t packed[64 + 3] = {0};
    uLongf n = sizeof packed - 3;
    struct mill_buffer file = {0};
    (void)state;
    assert_int_equal(compress(packed, &n, rows, sizeof rows), Z_OK);
    png_put_signature(&file);
    png_put_header(&file, 4, 3, 8, PNG_COLOR_TYPE_GRAY);
    png_put_chunk(&file, "IDAT", packed, n + 3);
    png_put_chunk(&file, "IEND", "", 0);
    assert_damaged(&file, "Extra compressed data");
}

static void
wrong_checksum_of_the_stream_fails(void **state)
{
    static const uint8_t rows[15];
    struct mill_buffer file = gray_with(rows, sizeof rows);
    size_t at = png_find_chunk(&file, "IDAT");
    (void)state;
    file.at[at + 8 + png_get_be32(file.at + at) - 1] ^= 1;
    mend(&file);
    assert_damaged(&file, "incorrect data check");
}

static void
unknown_filter_fails(void **state)
{
    uint8_t rows[15] = {[5] = 9};
    struct mill_buffer file = gray_with(rows, sizeof rows);
    (void)state;
    assert_damaged(&file, "filter");
}

static struct mill_buffer
palette_of_two(unsigned index, int interlace)
{
    struct mill_buffer file = {0};
    uint8_t header[13] = {0, 0, 0, 1, 0, 0, 0, 1, 4, 3};
    uint8_t row[2] = {0, (uint8_t)(index << 4)};
    header[12] = (uint8_t)interlace;
    png_put_signature(&file);
    png_put_chunk(&file, "IHDR", header, sizeof header);
    png_put_chunk(&file, "PLTE", "abcdef", 6);
    png_put_pixels(&file, row, sizeof row);
    png_put_chunk(&file, "IEND", "", 0);
    return file;
}

static void
index_beyond_the_palette_fails(void **state)
{
    (void)state;
    for (int interlace = 0; interlace < 2; interlace++) {
        struct mill_err err;
        struct mill_buffer file = palette_of_two(1, interlace);
        assert_int_equal(
            codec_run_verdict(&mill_codec_png, png_bytes(&file), &err),
            MILL_OK);
        mill_buffer_clear(&file);
        file = palette_of_two(2, interlace);
        assert_damaged(&file, "colour 2 of a palette of 2");
    }
}

/* ---- chunks that matter -------------------------------------------------- */

static void
damaged_transparency_fails(void **state)
{
    struct mill_buffer file = png_make(&kinds[2]);
    (void)state;
    file.at[png_find_chunk(&file, "tRNS") + 8] ^= 1;
    assert_damaged(&file, "tRNS");
}

static void
transparency_that_cannot_be_is_no_harm(void **state)
{
    struct mill_err err;
    struct mill_buffer file = png_make(&kinds[3]);
    struct mill_buffer more =
        png_with_chunk(&file, "IDAT", "tRNS", "\0\0\0\0\0\0", 6);
    (void)state;
    assert_int_equal(codec_run_verdict(&mill_codec_png, png_bytes(&more), &err),
                     MILL_OK);
    mill_buffer_clear(&more);
    mill_buffer_clear(&file);
}

/* What it was cannot be known: its name may be what is damaged. */
static void
damage_in_an_unknown_chunk_fails(void **state)
{
    struct mill_buffer file = png_make(&kinds[2]);
    (void)state;
    memcpy(file.at + png_find_chunk(&file, "tRNS") + 4, "tQNS", 4);
    assert_damaged(&file, "tQNS");
}

static void
unknown_critical_chunk_fails(void **state)
{
    struct mill_buffer file = png_make(&kinds[0]);
    struct mill_buffer more = png_with_chunk(&file, "IDAT", "NEWS", "x", 1);
    (void)state;
    mill_buffer_clear(&file);
    assert_damaged(&more, "NEWS");
}

static void
bytes_behind_the_end_are_no_harm(void **state)
{
    struct mill_err err;
    struct mill_buffer file = png_make(&kinds[0]);
    (void)state;
    assert_true(mill_buffer_append(&file, "rubbish", 7));
    assert_int_equal(codec_run_verdict(&mill_codec_png, png_bytes(&file), &err),
                     MILL_OK);
    mill_buffer_clear(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_fails),
        cmocka_unit_test(truncation_says_so),
        cmocka_unit_test(every_bit_flip_fails),
        cmocka_unit_test(flips_with_right_crcs_do_no_harm),
        cmocka_unit_test(more_or_less_than_the_rows_fails),
        cmocka_unit_test(bytes_behind_the_stream_fail),
        cmocka_unit_test(wrong_checksum_of_the_stream_fails),
        cmocka_unit_test(unknown_filter_fails),
        cmocka_unit_test(index_beyond_the_palette_fails),
        cmocka_unit_test(damaged_transparency_fails),
        cmocka_unit_test(transparency_that_cannot_be_is_no_harm),
        cmocka_unit_test(damage_in_an_unknown_chunk_fails),
        cmocka_unit_test(unknown_critical_chunk_fails),
        cmocka_unit_test(bytes_behind_the_end_are_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
