/* The table of formats: found by content, by name and by path; the defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <imgmill/codec.h>

#include "codec/codecs.h"

static const struct mill_codec *
sniffed_n(const char *head, size_t n)
{
    return mill_codec_sniff((struct mill_bytes){(const uint8_t *)head, n});
}

#define SNIFFED(head) sniffed_n(head, sizeof(head) - 1)

static void
first_bytes_tell_the_format(void **state)
{
    (void)state;
    assert_ptr_equal(SNIFFED("\x89PNG\r\n\x1a\n"), &mill_codec_png);
    assert_ptr_equal(SNIFFED("\xFF\xD8\xFF\xE0"), &mill_codec_jpeg);
    assert_ptr_equal(SNIFFED("P1\n3 2"), &mill_codec_pnm);
    assert_ptr_equal(SNIFFED("P4 # x\n3 2"), &mill_codec_pnm);
    assert_ptr_equal(SNIFFED("P6\n#x\n3 2"), &mill_codec_pnm);
    assert_ptr_equal(SNIFFED("P5#x\n3 2"), &mill_codec_pnm);
    assert_ptr_equal(SNIFFED("P7\nWIDTH 3"), &mill_codec_pnm);
    assert_ptr_equal(SNIFFED("P7\n# x\nWIDTH 3"), &mill_codec_pnm);
}

static void
other_first_bytes_are_of_none(void **state)
{
    static const char *const heads[] = {"\x89PNG\r\n\x1a",
                                        "\x89PNG\r\n\n\x1a",
                                        "\xFF\xD8",
                                        "\xFF\xD9\xFF",
                                        "P1 is a priority",
                                        "P1",
                                        "P5",
                                        "P8\n1 1",
                                        "P0\n1 1",
                                        "PNG",
                                        "P512 2",
                                        "p5 1 1",
                                        "P7 WORDS",
                                        "P7 332\n#XVVERS",
                                        "P7\n1 1",
                                        "P5 ",
                                        "Plain text"};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(heads); i++)
        assert_null(sniffed_n(heads[i], strlen(heads[i])));
    assert_null(mill_codec_sniff((struct mill_bytes){NULL, 0}));
}

static void
what_is_not_read_has_a_name(void **state)
{
#define HEAD(text)                                                             \
    {                                                                          \
        (const uint8_t *)(text), sizeof(text) - 1                              \
    }
    static const struct {
        struct mill_bytes head;
        const char *name;
    } cases[] = {
        {HEAD("GIF89a\1\0\1\0"), "GIF"},
        {HEAD("RIFF\x24\0\0\0WEBPVP8 "), "WebP"},
        {HEAD("RIFF\x24\0\0\0WAVEfmt "), NULL},
        {HEAD("\0\0\0\x18"
              "ftypheic"),
         "HEIC"},
        {HEAD("\0\0\0\x18"
              "ftypavif"),
         "AVIF"},
        {HEAD("\0\0\0\x18"
              "ftyp3gp4"),
         NULL},
        {HEAD("II*\0\x08\0\0\0"), "TIFF"},
        {HEAD("BM\x36\x10\0\0\0\0\0\0"), "BMP"},
        {HEAD("BMW and others"), NULL},
        {HEAD("\xFF\x0A"), "JPEG XL"},
        {HEAD("%PDF-1.7"), "PDF"},
        {HEAD("<svg xmlns="), "SVG"},
        {HEAD("<!DOCTYPE html>"), "HTML"},
        {HEAD("GIF8"), NULL},
        {HEAD("hello"), NULL},
        {HEAD(""), NULL},
    };
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(cases); i++) {
        const char *name = mill_codec_strange(cases[i].head);
        assert_int_equal(!name, !cases[i].name);
        if (name)
            assert_string_equal(name, cases[i].name);
    }
#undef HEAD
}

static void
names_and_extensions_of_any_case(void **state)
{
    (void)state;
    assert_ptr_equal(mill_codec_named("jpeg"), &mill_codec_jpeg);
    assert_ptr_equal(mill_codec_named("JPG"), &mill_codec_jpeg);
    assert_ptr_equal(mill_codec_named("Png"), &mill_codec_png);
    assert_ptr_equal(mill_codec_named("pnm"), &mill_codec_pnm);
    assert_ptr_equal(mill_codec_named("PAM"), &mill_codec_pnm);
    assert_ptr_equal(mill_codec_named("ppm"), &mill_codec_pnm);
    assert_null(mill_codec_named("gif"));
    assert_null(mill_codec_named("pn"));
    assert_null(mill_codec_named("pngx"));
    assert_null(mill_codec_named(""));
}

static void
paths_by_their_last_extension(void **state)
{
    (void)state;
    assert_ptr_equal(mill_codec_of_path("a.png"), &mill_codec_png);
    assert_ptr_equal(mill_codec_of_path("d.jpg/a.b.PNG"), &mill_codec_png);
    assert_ptr_equal(mill_codec_of_path("/x/a.png.jpeg"), &mill_codec_jpeg);
    assert_null(mill_codec_of_path("d.png/a"));
    assert_null(mill_codec_of_path("png"));
    assert_null(mill_codec_of_path("d/.png"));
    assert_null(mill_codec_of_path("a."));
    assert_null(mill_codec_of_path(""));
}

static void
every_format_is_described(void **state)
{
    unsigned n = 0;
    (void)state;
    for (; mill_codecs[n]; n++) {
        assert_true(strlen(mill_codecs[n]->name) <
                    sizeof(((struct mill_facts *)0)->format));
        assert_true(strlen(mill_codecs[n]->summary) > 10);
        assert_non_null(mill_codecs[n]->extensions[0]);
        assert_ptr_equal(mill_codec_named(mill_codecs[n]->name),
                         mill_codecs[n]);
        assert_int_equal(mill_codecs[n]->info != NULL,
                         mill_codecs[n]->decode != NULL);
        assert_int_equal(mill_codecs[n]->want != NULL,
                         mill_codecs[n]->encoder != NULL);
    }
    assert_true(n >= 3);
}

static void
defaults(void **state)
{
    struct mill_limits limits = mill_limits_default();
    struct mill_encode encode = mill_encode_default();
    (void)state;
    assert_int_equal(limits.pixels, 268402689);
    assert_int_equal(limits.scans, 100);
    assert_int_equal(encode.quality, 80);
    assert_int_equal(encode.subsampling, MILL_SUBSAMPLING_420);
    assert_int_equal(encode.compression, MILL_COMPRESSION_DEFAULT);
    assert_int_equal(encode.depth, 0);
    assert_false(encode.progressive);
    assert_int_equal(encode.tables, MILL_TABLES_SAMPLED);
}

static void
versions_name_the_libraries(void **state)
{
    char text[80], little[8];
    (void)state;
    assert_ptr_equal(mill_codec_versions(text, sizeof text), text);
    assert_non_null(strstr(text, "libjpeg-turbo "));
    assert_non_null(strstr(text, "libpng 1."));
    assert_int_equal(strlen(mill_codec_versions(little, sizeof little)), 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bytes_tell_the_format),
        cmocka_unit_test(other_first_bytes_are_of_none),
        cmocka_unit_test(what_is_not_read_has_a_name),
        cmocka_unit_test(names_and_extensions_of_any_case),
        cmocka_unit_test(paths_by_their_last_extension),
        cmocka_unit_test(every_format_is_described),
        cmocka_unit_test(defaults),
        cmocka_unit_test(versions_name_the_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
