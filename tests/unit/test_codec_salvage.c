/* Salvaging: what stands above the damage is what a clean file gives, the rest
 * is blank or made up, the note and the words are there, and what has no row,
 * or is over a limit, still fails. */
#include "codec_run.h"
#include "jpeg_make.h"
#include "png_make.h"

#include "codec/codecs.h"

struct saved {
    struct codec_run run;
    char damage[MILL_ERR_TEXT];
    void *block;
};

static enum mill_status
load(struct saved *s, const struct mill_codec *codec, struct mill_bytes in,
     bool salvage)
{
    *s = (struct saved){0};
    codec_run_init(&s->run);
    s->run.how.limits.pixels = CODEC_RUN_VERDICT_PX;
    s->run.how.damage = salvage ? s->damage : NULL;
    return codec_run_decode_at(&s->run, codec, in, &s->block);
}

static void
clear(struct saved *s)
{
    codec_run_clear(&s->run);
    free(s->block);
}

/* Salvaged, whole in size, and said so; or failed in the usual way. */
static void
assert_saved(const struct saved *s, const char *why)
{
    assert_int_equal(s->run.status, MILL_OK);
    assert_true(s->run.notes & MILL_NOTE_SALVAGED);
    assert_non_null(strstr(s->damage, why));
    assert_int_equal(s->run.collect.rows, s->run.expect.h);
    assert_int_equal(s->run.collect.ends, 1);
}

static void
assert_untouched(const struct saved *s)
{
    assert_int_equal(s->run.notes & MILL_NOTE_SALVAGED, 0);
    assert_string_equal(s->damage, "");
}

/* Picture rows, in every plane, that are as in the clean one, from the top. */
static uint32_t
rows_alike(const struct codec_run *clean, const struct codec_run *run)
{
    uint32_t most = clean->expect.h;
    for (unsigned p = 0; p < clean->expect.n_planes; p++) {
        const struct mill_grid *g = &clean->expect.plane[p];
        size_t n = mill_test_row_bytes(&clean->expect, p);
        uint32_t y = 0;
        while (y < g->h && !memcmp((uint8_t *)clean->collect.plane[p] + y * n,
                                   (uint8_t *)run->collect.plane[p] + y * n, n))
            y++;
        most = y * g->sy < most ? y * g->sy : most;
    }
    return most;
}

static bool
is_blank(const struct codec_run *run, uint32_t from)
{
    for (unsigned p = 0; p < run->expect.n_planes; p++)
        for (uint32_t y = from; y < run->expect.h; y++)
            for (uint32_t x = 0; x < run->expect.w; x++)
                if (mill_test_sample(&run->collect, p, x, y) != 0)
                    return false;
    return true;
}

/* ---- every truncation ---------------------------------------------------- */

/* Of each length: it fails as without salvaging, or is salvaged; the more bytes
 * there are, the more rows are right; and the last lengths are salvaged. blank:
 * what is missing is blank. */
static void
check_truncations(const struct mill_codec *codec, struct mill_bytes file,
                  bool ordered, bool blank)
{
    struct saved clean, s;
    uint32_t before = 0;
    unsigned saved = 0;
    assert_int_equal(load(&clean, codec, file, true), MILL_OK);
    assert_untouched(&clean);
    for (size_t n = 0; n < file.n; n++) {
        struct mill_bytes part = {file.at, n};
        if (load(&s, codec, part, true) == MILL_OK) {
            uint32_t alike = rows_alike(&clean.run, &s.run);
            assert_saved(&s, "truncated");
            assert_true(!ordered || (alike > 0 && alike >= before));
            assert_true(!blank || is_blank(&s.run, alike));
            before = alike;
            saved++;
        } else {
            assert_int_equal(s.run.status, MILL_DAMAGED);
            if (saved)
                fail_msg("%zu of %zu bytes: %s", n, file.n, s.run.err.text);
        }
        clear(&s);
    }
    assert_true(saved > 1);
    clear(&clean);
}

static const struct png_spec png_kinds[] = {
    {.w = 9, .h = 41, .type = PNG_COLOR_TYPE_RGB, .depth = 8},
    {.w = 9, .h = 21, .type = PNG_COLOR_TYPE_GRAY, .depth = 1, .interlace = 1},
    {.w = 9, .h = 7, .type = PNG_COLOR_TYPE_PALETTE, .depth = 2},
    {.w = 5, .h = 25, .type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16},
    {.w = 17, .h = 21, .type = PNG_COLOR_TYPE_RGB, .depth = 8, .interlace = 1},
};

static void
png_truncated_anywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(png_kinds); i++) {
        struct mill_buffer file = png_make(&png_kinds[i]);
        bool rows = !png_kinds[i].interlace;
        check_truncations(&mill_codec_png, png_bytes(&file), rows,
                          rows && png_kinds[i].depth > 2);
        mill_buffer_clear(&file);
    }
}

static void
pnm_truncated_anywhere(void **state)
{
    static const char *const files[] = {
        "P1 3 3 101 011 110 ",     "P2 2 3 9 1 2 3 4 5 6 ",
        "P3 1 2 255 1 2 3 4 5 6 ", "P4 9 3\n\x11\x80\x22\x80\x33\x80",
        "P5 2 2 255 abcd",         "P6 1 3 65535 abcdefghijklmnopqr",
    };
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(files); i++) {
        struct mill_bytes all = {(const uint8_t *)files[i], strlen(files[i])};
        struct saved s;
        all.n -= i < 3; /* the last number may end with the file */
        assert_int_equal(load(&s, &mill_codec_pnm, all, true), MILL_OK);
        assert_untouched(&s);
        clear(&s);
        all.n--;
        assert_int_equal(load(&s, &mill_codec_pnm, all, false), MILL_DAMAGED);
        clear(&s);
        load(&s, &mill_codec_pnm, all, true);
        assert_saved(&s, "truncated");
        assert_true(is_blank(&s.run, s.run.expect.h - 1));
        assert_false(is_blank(&s.run, 0));
        clear(&s);
    }
}

static struct jpeg_spec
jpeg_kind(bool progressive, unsigned restart)
{
    return (struct jpeg_spec){.w = 61,
                              .h = 75,
                              .drawn = JCS_YCbCr,
                              .stored = JCS_YCbCr,
                              .n = 3,
                              .sx = {2},
                              .sy = {2},
                              .progressive = progressive,
                              .restart = restart};
}

static void
jpeg_truncated_anywhere(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        struct jpeg_spec spec = jpeg_kind(kind == 2, kind == 1 ? 4 : 0);
        struct mill_buffer file = jpeg_make(&spec);
        check_truncations(&mill_codec_jpeg, jpeg_bytes(&file), kind < 2, false);
        free(file.at);
    }
}

/* ---- damage within ------------------------------------------------------- */

static void
png_crc_alone_loses_nothing(void **state)
{
    struct saved clean, s;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(png_kinds); i++) {
        struct mill_buffer file = png_make(&png_kinds[i]);
        size_t at = png_find_chunk(&file, "IDAT");
        load(&clean, &mill_codec_png, png_bytes(&file), false);
        file.at[at + 8 + png_get_be32(file.at + at)] ^= 1;
        load(&s, &mill_codec_png, png_bytes(&file), true);
        assert_saved(&s, "CRC");
        assert_int_equal(rows_alike(&clean.run, &s.run), png_kinds[i].h);
        clear(&s);
        clear(&clean);
        mill_buffer_clear(&file);
    }
}

/* Three rows as they are fill 64 bytes of stream, which then has the beginning
 * of a block and no end. libpng finds that out only if it asks for all of the
 * stream at once. */
static void
png_stream_without_an_end_is_told(void **state)
{
    static const uint8_t stream[64 + 2] = {0x78, 0x01, 0, 57, 0, 0xC6, 0xFF};
    struct mill_buffer file = {0};
    struct saved strict, s;
    (void)state;
    png_put_signature(&file);
    png_put_header(&file, 18, 3, 8, PNG_COLOR_TYPE_GRAY);
    png_put_chunk(&file, "IDAT", stream, sizeof stream);
    png_put_chunk(&file, "IEND", "", 0);
    assert_int_equal(load(&strict, &mill_codec_png, png_bytes(&file), false),
                     MILL_DAMAGED);
    load(&s, &mill_codec_png, png_bytes(&file), true);
    assert_saved(&s, strict.run.err.text);
    clear(&s);
    clear(&strict);
    mill_buffer_clear(&file);
}

static void
png_pass_that_is_there_fills_the_picture(void **state)
{
    struct mill_buffer file = png_make(&png_kinds[4]);
    struct mill_bytes part = {file.at, file.n * 2 / 3};
    struct saved s;
    (void)state;
    load(&s, &mill_codec_png, part, true);
    assert_saved(&s, "truncated");
    for (unsigned y = 0; y < 21; y++)
        assert_false(is_blank(&s.run, y));
    clear(&s);
    mill_buffer_clear(&file);
}

static void
png_colour_that_is_not_there_is_blank(void **state)
{
    static const uint8_t rows[] = {0, 0x60}; /* colours 1 and 2 of two */
    struct mill_buffer file = {0};
    struct saved s;
    (void)state;
    png_put_signature(&file);
    png_put_header(&file, 2, 1, 2, PNG_COLOR_TYPE_PALETTE);
    png_put_chunk(&file, "PLTE", "abcdef", 6);
    png_put_pixels(&file, rows, sizeof rows);
    png_put_chunk(&file, "IEND", "", 0);
    load(&s, &mill_codec_png, png_bytes(&file), true);
    assert_saved(&s, "colour 2 of a palette of 2");
    assert_int_equal(mill_test_sample(&s.run.collect, 0, 0, 0), 'd');
    assert_int_equal(mill_test_sample(&s.run.collect, 0, 1, 0), 0);
    clear(&s);
    mill_buffer_clear(&file);
}

static void
pnm_sample_too_great_is_the_greatest(void **state)
{
    static const char *const files[] = {"P2 2 2 9 3 12 9 0", "P5 2 2 9 \3\14\11"
                                                             "\1"};
    struct saved s;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(files); i++) {
        struct mill_bytes in = {(const uint8_t *)files[i], strlen(files[i])};
        load(&s, &mill_codec_pnm, in, true);
        assert_saved(&s, "sample 12 above 9");
        assert_int_equal(mill_test_sample(&s.run.collect, 0, 0, 0), 85);
        assert_int_equal(mill_test_sample(&s.run.collect, 0, 1, 0), 255);
        assert_int_equal(mill_test_sample(&s.run.collect, 0, 0, 1), 255);
        clear(&s);
    }
}

/* A restart marker every row of blocks: damage in one leaves the others. */
static void
jpeg_restarts_confine_the_damage(void **state)
{
    struct jpeg_spec spec = jpeg_kind(false, 4);
    struct mill_buffer file = jpeg_make(&spec);
    struct saved clean, s;
    size_t at = 0;
    (void)state;
    load(&clean, &mill_codec_jpeg, jpeg_bytes(&file), false);
    while (file.at[at] != 0xFF || file.at[at + 1] != JPEG_RST0 + 1)
        at++;
    for (size_t i = 8; i < 20; i++) /* a code that no table has */
        file.at[at + i] = i % 2 ? 0 : 0xFF;
    load(&s, &mill_codec_jpeg, jpeg_bytes(&file), true);
    assert_saved(&s, "");
    assert_true(*s.damage);
    assert_int_equal(rows_alike(&clean.run, &s.run) / 16, 2);
    for (unsigned y = 48; y < 75; y++)
        for (unsigned x = 0; x < 61; x++)
            assert_int_equal(mill_test_sample(&s.run.collect, 0, x, y),
                             mill_test_sample(&clean.run.collect, 0, x, y));
    clear(&s);
    clear(&clean);
    free(file.at);
}

static void
jpeg_damage_behind_the_rows_costs_none(void **state)
{
    static const uint8_t bad_table[] = {0xFF, 0xC4, 0, 5, 0x3F, 1, 2};
    struct jpeg_spec spec = jpeg_kind(false, 0);
    struct mill_buffer file = jpeg_make(&spec);
    struct saved clean, s;
    (void)state;
    load(&clean, &mill_codec_jpeg, jpeg_bytes(&file), false);
    file.n -= 2;
    assert_true(mill_buffer_append(&file, bad_table, sizeof bad_table));
    load(&s, &mill_codec_jpeg, jpeg_bytes(&file), true);
    assert_saved(&s, "");
    assert_int_equal(rows_alike(&clean.run, &s.run), 75);
    clear(&s);
    clear(&clean);
    free(file.at);
}

/* ---- what salvaging does not do ------------------------------------------ */

static void
limits_stay(void **state)
{
    struct jpeg_spec spec = jpeg_kind(true, 0);
    struct mill_buffer file = jpeg_make(&spec);
    struct saved s = {0};
    (void)state;
    codec_run_init(&s.run);
    s.run.how.damage = s.damage;
    s.run.how.limits.scans = 3;
    codec_run_decode_at(&s.run, &mill_codec_jpeg, jpeg_bytes(&file), &s.block);
    assert_int_equal(s.run.status, MILL_LIMIT);
    assert_untouched(&s);
    clear(&s);
    free(file.at);
}

static void
assert_lost(const struct mill_codec *codec, struct mill_bytes in,
            const char *why)
{
    struct saved s;
    assert_int_equal(load(&s, codec, in, true), MILL_DAMAGED);
    assert_non_null(strstr(s.run.err.text, why));
    assert_untouched(&s);
    clear(&s);
}

/* The header alone, and with an end right behind it. */
static void
no_row_is_no_picture(void **state)
{
    struct jpeg_spec spec = jpeg_kind(false, 0);
    struct mill_buffer jpeg = jpeg_make(&spec), png = png_make(&png_kinds[0]);
    size_t at = 2;
    (void)state;
    while (jpeg.at[at + 1] != 0xDA)
        at += 2 + (size_t)(jpeg.at[at + 2] << 8 | jpeg.at[at + 3]);
    at += 2 + (size_t)jpeg.at[at + 3];
    assert_lost(&mill_codec_jpeg, (struct mill_bytes){jpeg.at, at + 9},
                "truncated");
    jpeg.at[at + 9] = 0xFF;
    jpeg.at[at + 10] = 0xD9;
    assert_lost(&mill_codec_jpeg, (struct mill_bytes){jpeg.at, at + 11},
                "premature end");
    at = png_find_chunk(&png, "IDAT");
    assert_lost(&mill_codec_png, (struct mill_bytes){png.at, at + 20},
                "truncated");
    assert_lost(&mill_codec_pnm,
                (struct mill_bytes){(const uint8_t *)"P5 2 1 9 x", 10},
                "truncated");
    assert_lost(&mill_codec_pnm,
                (struct mill_bytes){(const uint8_t *)"P2 2 1 9 1", 10},
                "truncated");
    free(jpeg.at);
    mill_buffer_clear(&png);
}

static void
a_sink_that_fails_is_obeyed(void **state)
{
    struct mill_buffer file = png_make(&png_kinds[0]);
    struct saved s = {0};
    (void)state;
    codec_run_init(&s.run);
    s.run.how.damage = s.damage;
    s.run.collect.fail_at = 16;
    codec_run_decode_at(&s.run, &mill_codec_png, png_bytes(&file), &s.block);
    assert_int_equal(s.run.status, MILL_WRITE);
    assert_untouched(&s);
    clear(&s);
    mill_buffer_clear(&file);
}

/* The verdict is free here; a sanitizer and the checking sink look on. */
static void
no_flipped_bit_does_harm(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        struct jpeg_spec spec = jpeg_kind(kind == 1, kind == 2 ? 4 : 0);
        struct mill_buffer file =
            kind == 3 ? png_make(&png_kinds[4]) : jpeg_make(&spec);
        struct mill_bytes in = {file.at, file.n};
        unsigned saved = 0;
        for (size_t bit = 0; bit < file.n * 8; bit += 11) {
            struct saved s;
            file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            load(&s, kind == 3 ? &mill_codec_png : &mill_codec_jpeg, in, true);
            saved += (s.run.notes & MILL_NOTE_SALVAGED) != 0;
            clear(&s);
            file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(saved > 20);
        mill_buffer_clear(&file);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_truncated_anywhere),
        cmocka_unit_test(pnm_truncated_anywhere),
        cmocka_unit_test(jpeg_truncated_anywhere),
        cmocka_unit_test(png_crc_alone_loses_nothing),
        cmocka_unit_test(png_stream_without_an_end_is_told),
        cmocka_unit_test(png_pass_that_is_there_fills_the_picture),
        cmocka_unit_test(png_colour_that_is_not_there_is_blank),
        cmocka_unit_test(pnm_sample_too_great_is_the_greatest),
        cmocka_unit_test(jpeg_restarts_confine_the_damage),
        cmocka_unit_test(jpeg_damage_behind_the_rows_costs_none),
        cmocka_unit_test(limits_stay),
        cmocka_unit_test(no_row_is_no_picture),
        cmocka_unit_test(a_sink_that_fails_is_obeyed),
        cmocka_unit_test(no_flipped_bit_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
