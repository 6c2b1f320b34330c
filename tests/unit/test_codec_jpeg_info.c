/* What a JPEG's header is found to say, what its metadata segments come to, and
 * what is refused. */
#include "jpeg_make.h"

#include "codec/jpeg/codec.h"

static const uint8_t TIFF_ROTATED[] = {'I', 'I',  42, 0, 8, 0, 0, 0, 1,
                                       0,   0x12, 1,  3, 0, 1, 0, 0, 0,
                                       6,   0,    0,  0, 0, 0, 0, 0};
static const char XMP[] = "<x:xmpmeta/>";

static void
write_segment(j_compress_ptr jpeg, int app, const char *tag, size_t tag_n,
              const void *payload, size_t n)
{
    jpeg_write_m_header(jpeg, JPEG_APP0 + app, (unsigned)(tag_n + n));
    for (size_t i = 0; i < tag_n; i++)
        jpeg_write_m_byte(jpeg, tag[i]);
    for (size_t i = 0; i < n; i++)
        jpeg_write_m_byte(jpeg, ((const uint8_t *)payload)[i]);
}

static void
write_chunk(j_compress_ptr jpeg, int number, int count, const char *text)
{
    char tag[14] = "ICC_PROFILE";
    tag[12] = (char)number;
    tag[13] = (char)count;
    write_segment(jpeg, 2, tag, sizeof tag, text, strlen(text));
}

static void
exif_and_xmp(j_compress_ptr jpeg)
{
    write_segment(jpeg, 1, "http://ns.adobe.com/xap/1.0/", 29, XMP,
                  sizeof XMP - 1);
    write_segment(jpeg, 1, "Exif\0", 6, TIFF_ROTATED, sizeof TIFF_ROTATED);
    write_segment(jpeg, 1, "Exif\0", 6, "second", 6);
}

static void
one_chunk(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 1, "profile");
}

static void
chunks_out_of_order(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 2, 3, "fi");
    write_chunk(jpeg, 1, 3, "pro");
    write_chunk(jpeg, 3, 3, "le");
}

static void
chunk_missing(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 3, "pro");
    write_chunk(jpeg, 3, 3, "le");
}

static void
chunk_twice(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 2, "pro");
    write_chunk(jpeg, 1, 2, "pro");
    write_chunk(jpeg, 2, 2, "file");
}

static void
counts_at_odds(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 2, "pro");
    write_chunk(jpeg, 2, 3, "file");
}

static void
counts_at_odds_but_all_there(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 3, "pro");
    write_chunk(jpeg, 2, 2, "file");
}

static void
one_more_than_the_count(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 1, 1, "pro");
    write_chunk(jpeg, 2, 1, "file");
}

static void
number_above_count(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 2, 1, "profile");
}

static void
number_zero(j_compress_ptr jpeg)
{
    write_chunk(jpeg, 0, 1, "profile");
}

static struct jpeg_spec
small(void (*markers)(j_compress_ptr))
{
    return (struct jpeg_spec){.w = 20,
                              .h = 11,
                              .drawn = JCS_YCbCr,
                              .stored = JCS_YCbCr,
                              .n = 3,
                              .sx = {2},
                              .sy = {2},
                              .markers = markers};
}

/* The file's frame header: its marker's 0xFF. */
static uint8_t *
sof_of(const struct mill_buffer *file)
{
    for (size_t i = 2; i + 4 < file->n;
         i += 2 + (file->at[i + 2] << 8) + file->at[i + 3])
        if (file->at[i + 1] >= 0xC0 && file->at[i + 1] <= 0xC2)
            return file->at + i;
    fail_msg("no frame header");
    return NULL;
}

static void
the_facts_are_the_headers(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(exif_and_xmp);
    spec.progressive = true;
    struct mill_buffer file = jpeg_make(&spec);
    struct mill_info info;
    struct mill_err err;
    assert_int_equal(mill_codec_jpeg.info(jpeg_bytes(&file), &info, &err),
                     MILL_OK);
    assert_ptr_equal(info.codec, &mill_codec_jpeg);
    assert_string_equal(info.facts.format, "jpeg");
    assert_string_equal(info.facts.colour, "ycc");
    assert_string_equal(info.facts.sampling, "420");
    assert_int_equal(info.facts.w, 20);
    assert_int_equal(info.facts.h, 11);
    assert_int_equal(info.facts.channels, 3);
    assert_int_equal(info.facts.depth, 8);
    assert_int_equal(info.facts.frames, 1);
    assert_int_equal(info.facts.orientation, 6);
    assert_true(info.facts.interlaced && info.whole);
    assert_int_equal(info.facts.exif_bytes, sizeof TIFF_ROTATED);
    assert_int_equal(info.facts.xmp_bytes, sizeof XMP - 1);
    assert_int_equal(info.shrinks, 15);
    assert_int_equal(mill_shape_check(&info.shape, &err), MILL_OK);
    free(file.at);
}

static void
samplings_have_their_names(void **state)
{
    (void)state;
    static const struct {
        uint8_t sx, sy;
        const char *name;
    } rows[] = {{1, 1, "444"}, {2, 1, "422"}, {2, 2, "420"}, {1, 2, "440"},
                {4, 1, "411"}, {4, 2, ""},    {3, 1, ""}};
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct jpeg_spec spec = small(NULL);
        spec.sx[0] = rows[i].sx;
        spec.sy[0] = rows[i].sy;
        struct mill_buffer file = jpeg_make(&spec);
        struct mill_info info;
        struct mill_err err;
        mill_codec_jpeg.info(jpeg_bytes(&file), &info, &err);
        assert_string_equal(info.facts.sampling, rows[i].name);
        free(file.at);
    }
}

static void
colours_have_their_names(void **state)
{
    (void)state;
    static const struct {
        J_COLOR_SPACE space;
        unsigned n;
        const char *name;
    } rows[] = {
        {JCS_GRAYSCALE, 1, "gray"}, {JCS_RGB, 3, "rgb"}, {JCS_CMYK, 4, "cmyk"}};
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct jpeg_spec spec = {.w = 9, .h = 9, .n = rows[i].n};
        spec.drawn = spec.stored = rows[i].space;
        struct mill_buffer file = jpeg_make(&spec);
        struct mill_info info;
        struct mill_err err;
        mill_codec_jpeg.info(jpeg_bytes(&file), &info, &err);
        assert_string_equal(info.facts.colour, rows[i].name);
        assert_string_equal(info.facts.sampling, "");
        assert_int_equal(info.facts.channels, rows[i].n);
        free(file.at);
    }
}

static void
payloads_come_without_their_framing(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(exif_and_xmp);
    struct mill_buffer file = jpeg_make(&spec);
    struct decoded d;
    decoded_setup(&d);
    assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_OK);
    assert_int_equal(d.keeper.meta.exif.n, sizeof TIFF_ROTATED);
    assert_memory_equal(d.keeper.meta.exif.at, TIFF_ROTATED,
                        sizeof TIFF_ROTATED);
    assert_int_equal(d.keeper.meta.xmp.n, sizeof XMP - 1);
    assert_memory_equal(d.keeper.meta.xmp.at, XMP, sizeof XMP - 1);
    assert_int_equal(d.keeper.meta.icc.n, 0);
    assert_int_equal(d.keeper.meta.density_x, 1); /* libjpeg's default */
    decoded_clear(&d);
    free(file.at);
}

static void
a_profile_is_joined_from_its_chunks(void **state)
{
    (void)state;
    void (*const writers[])(j_compress_ptr) = {one_chunk, chunks_out_of_order};
    for (size_t i = 0; i < MILL_COUNT(writers); i++) {
        struct jpeg_spec spec = small(writers[i]);
        struct mill_buffer file = jpeg_make(&spec);
        struct decoded d;
        decoded_setup(&d);
        assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_OK);
        assert_int_equal(d.info.facts.icc_bytes, 7);
        assert_int_equal(d.keeper.meta.icc.n, 7);
        assert_memory_equal(d.keeper.meta.icc.at, "profile", 7);
        assert_int_equal(d.warnings, 0);
        assert_int_equal(d.notes, 0);
        decoded_clear(&d);
        free(file.at);
    }
}

static void
a_broken_profile_is_dropped_and_noted(void **state)
{
    (void)state;
    void (*const writers[])(j_compress_ptr) = {counts_at_odds_but_all_there,
                                               one_more_than_the_count,
                                               chunk_missing,
                                               chunk_twice,
                                               counts_at_odds,
                                               number_above_count,
                                               number_zero};
    for (size_t i = 0; i < MILL_COUNT(writers); i++) {
        struct jpeg_spec spec = small(writers[i]);
        struct mill_buffer file = jpeg_make(&spec);
        struct decoded d;
        decoded_setup(&d);
        assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_OK);
        assert_int_equal(d.info.facts.icc_bytes, 0);
        assert_int_equal(d.keeper.meta.icc.n, 0);
        assert_int_equal(d.warnings, 1);
        assert_int_equal(d.notes, MILL_NOTE_ICC_DROPPED);
        decoded_clear(&d);
        free(file.at);
    }
}

/* Under the sanitizers: no byte behind the input is read. */
static void
any_beginning_of_a_file_can_be_walked(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(exif_and_xmp);
    struct mill_buffer file = jpeg_make(&spec);
    struct jpeg_found found;
    for (size_t n = 1; n < file.n; n++) {
        uint8_t *copy = malloc(n);
        memcpy(copy, file.at, n);
        codec__jpeg_find((struct mill_bytes){copy, n}, &found);
        assert_true(!found.exif.n || found.exif.at + found.exif.n <= copy + n);
        assert_true(!found.xmp.n || found.xmp.at + found.xmp.n <= copy + n);
        free(copy);
    }
    assert_true(found.exif.n && found.xmp.n);
    free(file.at);
}

static void
assert_refused(const struct mill_buffer *file, enum mill_status status,
               const char *text)
{
    struct mill_info info;
    struct mill_err err;
    assert_int_equal(mill_codec_jpeg.info(jpeg_bytes(file), &info, &err),
                     status);
    assert_non_null(strstr(err.text, text));
}

static void
what_cannot_be_decoded_is_refused(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(NULL);
    struct mill_buffer file = jpeg_make(&spec);
    uint8_t *sof = sof_of(&file);

    sof[1] = 0xC3;
    assert_refused(&file, MILL_UNSUPPORTED, "lossless");
    sof[1] = 0xC1;
    sof[4] = 12;
    assert_refused(&file, MILL_UNSUPPORTED, "12 bits");
    sof[4] = 8;
    sof[11] = 0x31; /* 3:2, in px a sample and a half */
    sof[14] = 0x21;
    assert_refused(&file, MILL_UNSUPPORTED, "fractional");
    free(file.at);
}

static void
two_components_are_refused(void **state)
{
    (void)state;
    struct jpeg_spec spec = {.w = 9, .h = 9, .n = 2};
    spec.drawn = spec.stored = JCS_UNKNOWN;
    struct mill_buffer file = jpeg_make(&spec);
    assert_refused(&file, MILL_UNSUPPORTED, "2 components");
    free(file.at);
}

static void
sniffing_takes_the_start_of_image(void **state)
{
    (void)state;
    static const uint8_t yes[] = {0xFF, 0xD8, 0xFF, 0xE0};
    static const uint8_t no[] = {0xFF, 0xD8, 0x00, 0xE0};
    assert_true(mill_codec_jpeg.sniff((struct mill_bytes){yes, sizeof yes}));
    assert_false(mill_codec_jpeg.sniff((struct mill_bytes){yes, 2}));
    assert_false(mill_codec_jpeg.sniff((struct mill_bytes){no, sizeof no}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_facts_are_the_headers),
        cmocka_unit_test(samplings_have_their_names),
        cmocka_unit_test(colours_have_their_names),
        cmocka_unit_test(payloads_come_without_their_framing),
        cmocka_unit_test(a_profile_is_joined_from_its_chunks),
        cmocka_unit_test(a_broken_profile_is_dropped_and_noted),
        cmocka_unit_test(any_beginning_of_a_file_can_be_walked),
        cmocka_unit_test(what_cannot_be_decoded_is_refused),
        cmocka_unit_test(two_components_are_refused),
        cmocka_unit_test(sniffing_takes_the_start_of_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
