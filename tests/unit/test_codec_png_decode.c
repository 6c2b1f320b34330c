/* PNG decoding against samples that are computed here, for every kind of file:
 * colour types, depths, tRNS, interlacing, odd sizes. */
#include "codec_run.h"
#include "png_make.h"

#include "codec/codecs.h"

/* ---- what a sample must be ----------------------------------------------- */

static unsigned
widened(unsigned v, int depth)
{
    return depth >= 8 ? v : v * 255u / ((1u << depth) - 1);
}

static bool
is_key(const struct png_spec *spec, uint32_t x, uint32_t y)
{
    for (unsigned c = 0; c < png_spec_channels(spec); c++)
        if (png_drawn(spec, x, y, c) != png_drawn(spec, 0, 0, c))
            return false;
    return true;
}

static unsigned
expected(const struct png_spec *spec, unsigned plane, uint32_t x, uint32_t y)
{
    unsigned full = spec->depth == 16 ? 65535 : 255;
    if (spec->type == PNG_COLOR_TYPE_PALETTE) {
        unsigned i = png_drawn(spec, x, y, 0);
        bool last = i == png_spec_colours(spec) - 1;
        return plane == 3 && last ? 255 : png_drawn_colour(i, plane);
    }
    if (plane >= png_spec_channels(spec))
        return is_key(spec, x, y) ? 0 : full;
    return widened(png_drawn(spec, x, y, plane), spec->depth);
}

static void
check_facts(const struct png_spec *spec, const struct mill_facts *facts)
{
    bool colour = spec->type & PNG_COLOR_MASK_COLOR;
    bool alpha = spec->transparent || (spec->type & PNG_COLOR_MASK_ALPHA);
    assert_string_equal(facts->format, "png");
    assert_int_equal(facts->w, spec->w);
    assert_int_equal(facts->h, spec->h);
    assert_int_equal(facts->depth, spec->depth);
    assert_int_equal(facts->channels, (colour ? 3 : 1) + alpha);
    assert_int_equal(facts->alpha, alpha);
    assert_int_equal(facts->palette, spec->type == PNG_COLOR_TYPE_PALETTE);
    assert_int_equal(facts->interlaced, spec->interlace);
    assert_int_equal(facts->frames, 1);
    assert_string_equal(facts->colour, colour ? "rgb" : "gray");
}

static void
check_samples(const struct png_spec *spec,
              const struct mill_test_collect *collect)
{
    assert_int_equal(collect->rows, spec->h);
    assert_int_equal(collect->ends, 1);
    for (unsigned p = 0; p < collect->shape.n_planes; p++)
        for (uint32_t y = 0; y < spec->h; y++)
            for (uint32_t x = 0; x < spec->w; x++)
                assert_int_equal(mill_test_sample(collect, p, x, y),
                                 expected(spec, p, x, y));
}

static void
check(const struct png_spec *spec)
{
    struct mill_buffer file = png_make(spec);
    struct codec_run run;
    void *block;
    codec_run_init(&run);
    assert_int_equal(
        codec_run_decode_at(&run, &mill_codec_png, png_bytes(&file), &block),
        MILL_OK);
    check_facts(spec, &run.info.facts);
    check_samples(spec, &run.collect);
    assert_int_equal(run.warnings, 0);
    assert_int_equal(run.notes, 0);
    assert_int_equal(run.info.whole, spec->interlace);
    codec_run_clear(&run);
    free(block);
    mill_buffer_clear(&file);
}

/* ---- every kind ---------------------------------------------------------- */

static const uint32_t sizes[][2] = {{1, 1}, {7, 5}, {16, 16}, {33, 37}};

static void
check_kind(int type, int depth, bool transparent)
{
    for (unsigned i = 0; i < MILL_COUNT(sizes); i++)
        for (int interlace = 0; interlace < 2; interlace++) {
            struct png_spec spec = {.w = sizes[i][0],
                                    .h = sizes[i][1],
                                    .type = type,
                                    .depth = depth,
                                    .interlace = interlace,
                                    .transparent = transparent};
            check(&spec);
        }
}

static void
gray_of_every_depth(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 16; depth *= 2)
        for (int transparent = 0; transparent < 2; transparent++)
            check_kind(PNG_COLOR_TYPE_GRAY, depth, transparent);
}

static void
palette_of_every_depth(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 8; depth *= 2)
        for (int transparent = 0; transparent < 2; transparent++)
            check_kind(PNG_COLOR_TYPE_PALETTE, depth, transparent);
}

static void
rgb_of_every_depth(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth *= 2)
        for (int transparent = 0; transparent < 2; transparent++)
            check_kind(PNG_COLOR_TYPE_RGB, depth, transparent);
}

static void
alpha_of_every_depth(void **state)
{
    (void)state;
    for (int depth = 8; depth <= 16; depth *= 2) {
        check_kind(PNG_COLOR_TYPE_GRAY_ALPHA, depth, false);
        check_kind(PNG_COLOR_TYPE_RGB_ALPHA, depth, false);
    }
}

static void
small_palette(void **state)
{
    (void)state;
    struct png_spec spec = {.w = 40,
                            .h = 20,
                            .type = PNG_COLOR_TYPE_PALETTE,
                            .depth = 8,
                            .n_palette = 5};
    check(&spec);
}

/* ---- the flow ------------------------------------------------------------ */

static const struct png_spec plain = {
    .w = 50, .h = 100, .type = PNG_COLOR_TYPE_RGB, .depth = 8};

static void
enough_stops_without_reading_on(void **state)
{
    struct mill_buffer file = png_make(&plain);
    struct codec_run run;
    void *block;
    (void)state;
    codec_run_init(&run);
    run.collect.enough_at = 16;
    struct mill_bytes part = {file.at, file.n - 40};
    assert_int_equal(codec_run_decode_at(&run, &mill_codec_png, part, &block),
                     MILL_OK);
    assert_int_equal(run.collect.rows, 16);
    assert_int_equal(run.collect.ends, 1);
    codec_run_clear(&run);
    free(block);
    mill_buffer_clear(&file);
}

static void
sink_failure_is_passed_on(void **state)
{
    struct mill_buffer file = png_make(&plain);
    struct codec_run run;
    void *block;
    (void)state;
    codec_run_init(&run);
    run.collect.fail_at = 32;
    assert_int_equal(
        codec_run_decode_at(&run, &mill_codec_png, png_bytes(&file), &block),
        MILL_WRITE);
    assert_int_equal(run.collect.ends, 0);
    codec_run_clear(&run);
    free(block);
    mill_buffer_clear(&file);
}

static void
limit_names_its_flag(void **state)
{
    struct mill_buffer file = png_make(&plain);
    struct codec_run run;
    void *block;
    (void)state;
    codec_run_init(&run);
    run.how.limits.pixels = 4999;
    assert_int_equal(
        codec_run_decode_at(&run, &mill_codec_png, png_bytes(&file), &block),
        MILL_LIMIT);
    assert_non_null(strstr(run.err.text, "--max-pixels"));
    assert_non_null(strstr(run.err.text, "4999"));
    assert_int_equal(run.collect.begins, 0);
    codec_run_clear(&run);
    free(block);
    mill_buffer_clear(&file);
}

/* 2^31 - 1 px on each side, no pixels behind it. */
static void
huge_header_costs_nothing(void **state)
{
    struct mill_buffer file = {0};
    struct mill_info info;
    struct mill_err err;
    (void)state;
    png_put_signature(&file);
    png_put_header(&file, 0x7FFFFFFF, 0x7FFFFFFF, 16, PNG_COLOR_TYPE_RGB_ALPHA);
    png_put_chunk(&file, "IDAT", "", 0);
    assert_int_equal(mill_codec_png.info(png_bytes(&file), &info, &err),
                     MILL_OK);
    assert_int_equal(info.facts.w, 0x7FFFFFFF);
    assert_int_equal(codec_run_verdict(&mill_codec_png, png_bytes(&file), &err),
                     MILL_LIMIT);
    mill_buffer_clear(&file);
}

static void
interlaced_is_counted_as_whole(void **state)
{
    struct mill_info info[2];
    struct mill_decode how = {.shrink = 1, .library = true};
    struct mill_err err;
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct mill_buffer file = {0};
        uint8_t header[13] = {[8] = 8, [9] = PNG_COLOR_TYPE_RGB, [12] = i};
        png_put_be32(header, 4000);
        png_put_be32(header + 4, 3000);
        png_put_signature(&file);
        png_put_chunk(&file, "IHDR", header, sizeof header);
        png_put_chunk(&file, "IDAT", "", 0);
        assert_int_equal(mill_codec_png.info(png_bytes(&file), &info[i], &err),
                         MILL_OK);
        mill_buffer_clear(&file);
    }
    assert_true(mill_codec_png.decode_bytes(&info[0], &how) < 2u << 20);
    assert_true(mill_codec_png.decode_bytes(&info[1], &how) > 36000000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gray_of_every_depth),
        cmocka_unit_test(palette_of_every_depth),
        cmocka_unit_test(rgb_of_every_depth),
        cmocka_unit_test(alpha_of_every_depth),
        cmocka_unit_test(small_palette),
        cmocka_unit_test(enough_stops_without_reading_on),
        cmocka_unit_test(sink_failure_is_passed_on),
        cmocka_unit_test(limit_names_its_flag),
        cmocka_unit_test(huge_header_costs_nothing),
        cmocka_unit_test(interlaced_is_counted_as_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
