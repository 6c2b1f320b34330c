/* What the JPEG decoder gives, held against libjpeg's own scanlines and its own
 * raw rows: exact, at every sampling, size and shrink. */
#include "jpeg_make.h"

/* ---- libjpeg's answers --------------------------------------------------- */

/* One plane of libjpeg's raw output: stride is whole blocks. */
struct raw {
    unsigned w, h, stride;
    uint8_t *at;
};

static void
raw_take(struct raw *raw, const jpeg_component_info *c, unsigned imcu_rows)
{
    raw->w = c->downsampled_width;
    raw->h = c->downsampled_height;
    raw->stride = c->width_in_blocks * (unsigned)c->DCT_scaled_size + 8;
    raw->at = malloc((size_t)raw->stride * imcu_rows *
                     (unsigned)(c->v_samp_factor * c->DCT_scaled_size));
}

static void
raw_read_row(j_decompress_ptr jpeg, struct raw *raw, unsigned imcu_row)
{
    JSAMPROW rows[4][32];
    JSAMPARRAY planes[4] = {rows[0], rows[1], rows[2], rows[3]};
    for (int p = 0; p < jpeg->num_components; p++) {
        const jpeg_component_info *c = &jpeg->comp_info[p];
        unsigned n = (unsigned)(c->v_samp_factor * c->DCT_scaled_size);
        for (unsigned i = 0; i < n; i++)
            rows[p][i] = raw[p].at + (size_t)(imcu_row * n + i) * raw[p].stride;
    }
    jpeg_read_raw_data(jpeg, planes, 32);
}

static void
raw_of_libjpeg(struct mill_bytes in, unsigned shrink, struct raw raw[4])
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr manager;
    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, in.at, in.n);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.raw_data_out = TRUE;
    jpeg.out_color_space = jpeg.jpeg_color_space;
    jpeg.scale_denom = shrink;
    jpeg_start_decompress(&jpeg);
    for (int p = 0; p < jpeg.num_components; p++)
        raw_take(&raw[p], &jpeg.comp_info[p], jpeg.total_iMCU_rows);
    for (unsigned i = 0; i < jpeg.total_iMCU_rows; i++)
        raw_read_row(&jpeg, raw, i);
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
}

/* Interleaved scanlines in `space`; free them. */
static uint8_t *
lines_of_libjpeg(struct mill_bytes in, J_COLOR_SPACE space, unsigned shrink)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr manager;
    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, in.at, in.n);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = space;
    jpeg.scale_denom = shrink;
    jpeg_start_decompress(&jpeg);
    size_t stride =
        (size_t)jpeg.output_width * (unsigned)jpeg.output_components;
    uint8_t *lines = malloc(stride * jpeg.output_height);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = lines + stride * jpeg.output_scanline;
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    return lines;
}

/* ---- comparing ----------------------------------------------------------- */

static void
assert_raw_equal(const struct keeper *k, const struct raw *raw)
{
    for (unsigned p = 0; p < k->shape.n_planes; p++) {
        const struct mill_grid *g = &k->shape.plane[p];
        assert_int_equal(g->w, raw[p].w);
        assert_int_equal(g->h, raw[p].h);
        for (unsigned y = 0; y < g->h; y++)
            assert_memory_equal(mill_rows_at(&k->all.plane[p], y),
                                raw[p].at + (size_t)y * raw[p].stride, g->w);
    }
}

/* Every plane of step 1 (or the shrink), against interleaved lines. */
static void
assert_lines_equal(const struct keeper *k, const uint8_t *lines, uint8_t flip)
{
    unsigned n = k->shape.n_planes;
    const struct mill_grid *g = &k->shape.plane[0];
    for (unsigned y = 0; y < g->h; y++)
        for (unsigned x = 0; x < g->w; x++)
            for (unsigned p = 0; p < n; p++)
                assert_int_equal(keeper_at(k, p, x, y),
                                 lines[((size_t)y * g->w + x) * n + p] ^ flip);
}

static void
assert_decodes_raw(const struct jpeg_spec *spec, unsigned shrink)
{
    struct mill_buffer file = jpeg_make(spec);
    struct raw raw[4] = {{0}};
    struct decoded d;
    decoded_setup(&d);
    d.how.shrink = (uint8_t)shrink;
    if (decoded_run(&d, jpeg_bytes(&file)) != MILL_OK)
        fail_msg("%ux%u: %s", spec->w, spec->h, d.err.text);
    assert_int_equal(d.keeper.y, spec->h);
    assert_int_equal(d.keeper.ends, 1);
    raw_of_libjpeg(jpeg_bytes(&file), shrink, raw);
    assert_raw_equal(&d.keeper, raw);
    for (unsigned p = 0; p < 4; p++)
        free(raw[p].at);
    decoded_clear(&d);
    free(file.at);
}

static void
assert_decodes_lines(const struct jpeg_spec *spec, J_COLOR_SPACE space,
                     unsigned shrink, uint8_t flip)
{
    struct mill_buffer file = jpeg_make(spec);
    struct decoded d;
    decoded_setup(&d);
    d.how.shrink = (uint8_t)shrink;
    if (decoded_run(&d, jpeg_bytes(&file)) != MILL_OK)
        fail_msg("%ux%u: %s", spec->w, spec->h, d.err.text);
    uint8_t *lines = lines_of_libjpeg(jpeg_bytes(&file), space, shrink);
    assert_lines_equal(&d.keeper, lines, flip);
    free(lines);
    decoded_clear(&d);
    free(file.at);
}

/* ---- tests --------------------------------------------------------------- */

static const uint8_t FACTORS[][2] = {{1, 1}, {2, 1}, {2, 2}, {1, 2},
                                     {4, 1}, {1, 4}, {4, 2}, {3, 1}};

static struct jpeg_spec
ycc_spec(unsigned w, unsigned h, const uint8_t factors[2])
{
    return (struct jpeg_spec){.w = w,
                              .h = h,
                              .drawn = JCS_YCbCr,
                              .stored = JCS_YCbCr,
                              .n = 3,
                              .sx = {factors[0]},
                              .sy = {factors[1]}};
}

static void
every_sampling_and_shrink_is_libjpegs(void **state)
{
    (void)state;
    for (size_t f = 0; f < MILL_COUNT(FACTORS); f++)
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2) {
            struct jpeg_spec spec = ycc_spec(133, 77, FACTORS[f]);
            assert_decodes_raw(&spec, shrink);
            spec.progressive = true;
            assert_decodes_raw(&spec, shrink);
        }
}

static void
every_small_size_is_libjpegs(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= 40; size++)
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2) {
            struct jpeg_spec wide = ycc_spec(size, 41 - size, FACTORS[2]);
            struct jpeg_spec square = ycc_spec(size, size, FACTORS[1]);
            assert_decodes_raw(&wide, shrink);
            assert_decodes_raw(&square, shrink);
        }
}

static void
odd_orders_of_sampling_are_libjpegs(void **state)
{
    (void)state;
    static const struct jpeg_spec specs[] = {
        {.sx = {1, 2, 1}, .sy = {1, 1, 2}},
        {.sx = {2, 1, 2}, .sy = {2, 2, 1}},
        {.sx = {2, 2, 2}, .sy = {1, 1, 1}},
        {.sx = {4, 2, 1}, .sy = {1, 1, 1}},
    };
    for (size_t i = 0; i < MILL_COUNT(specs); i++)
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2) {
            struct jpeg_spec spec = specs[i];
            spec.w = 67;
            spec.h = 35;
            spec.n = 3;
            spec.drawn = spec.stored = JCS_YCbCr;
            assert_decodes_raw(&spec, shrink);
        }
}

static void
restarts_arithmetic_and_split_scans_decode(void **state)
{
    (void)state;
    struct jpeg_spec spec = ycc_spec(100, 60, FACTORS[2]);
    spec.restart = 3;
    assert_decodes_raw(&spec, 1);
    spec.arithmetic = true;
    assert_decodes_raw(&spec, 2);
    spec.arithmetic = false;
    spec.split_scans = true;
    assert_decodes_raw(&spec, 1);
}

static void
full_chroma_is_what_scanlines_are(void **state)
{
    (void)state;
    struct jpeg_spec spec = ycc_spec(61, 43, FACTORS[0]);
    for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
        assert_decodes_lines(&spec, JCS_YCbCr, shrink, 0);
}

static void
gray_is_what_scanlines_are(void **state)
{
    (void)state;
    struct jpeg_spec spec = {.w = 61, .h = 43, .n = 1};
    spec.drawn = spec.stored = JCS_GRAYSCALE;
    for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
        assert_decodes_lines(&spec, JCS_GRAYSCALE, shrink, 0);
    spec.sx[0] = spec.sy[0] = 2; /* means nothing with one component */
    assert_decodes_lines(&spec, JCS_GRAYSCALE, 1, 0);
    assert_decodes_lines(&spec, JCS_GRAYSCALE, 4, 0);
}

static void
rgb_coded_stays_rgb(void **state)
{
    (void)state;
    struct jpeg_spec spec = {.w = 50, .h = 31, .n = 3};
    spec.drawn = spec.stored = JCS_RGB;
    for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
        assert_decodes_lines(&spec, JCS_RGB, shrink, 0);
}

static void
adobe_cmyk_is_complemented(void **state)
{
    (void)state;
    struct jpeg_spec spec = {.w = 53, .h = 37, .n = 4};
    spec.drawn = spec.stored = JCS_CMYK;
    for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
        assert_decodes_lines(&spec, JCS_CMYK, shrink, 0xFF);
    spec.no_adobe = true;
    assert_decodes_lines(&spec, JCS_CMYK, 1, 0);
}

static void
ycck_becomes_cmyk(void **state)
{
    (void)state;
    struct jpeg_spec spec = {.w = 53, .h = 37, .n = 4};
    spec.drawn = JCS_CMYK;
    spec.stored = JCS_YCCK;
    spec.sx[0] = spec.sy[0] = spec.sx[3] = spec.sy[3] = 2;
    for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
        assert_decodes_lines(&spec, JCS_CMYK, shrink, 0xFF);
    spec.progressive = true;
    assert_decodes_lines(&spec, JCS_CMYK, 1, 0xFF);
}

static void
bands_hold_as_many_rows_at_every_shrink(void **state)
{
    (void)state;
    static const unsigned px[][2] = {{1, 16}, {2, 16}, {3, 24}, {4, 32}};
    for (size_t i = 0; i < MILL_COUNT(px); i++) {
        const uint8_t factors[2] = {1, (uint8_t)px[i][0]};
        struct jpeg_spec spec = ycc_spec(20, 20, factors);
        struct mill_buffer file = jpeg_make(&spec);
        struct mill_info info;
        struct mill_err err;
        mill_codec_jpeg.info(jpeg_bytes(&file), &info, &err);
        for (uint8_t shrink = 1; shrink <= 8; shrink *= 2) {
            struct mill_decode how = {.shrink = shrink};
            struct mill_shape shape;
            mill_codec_jpeg.shape(&info, &how, &shape);
            assert_int_equal(shape.band_px, px[i][1] * shrink);
        }
        free(file.at);
    }
}

static void
enough_ends_early_and_judges_nothing_more(void **state)
{
    (void)state;
    struct jpeg_spec spec = ycc_spec(64, 200, FACTORS[2]);
    struct mill_buffer file = jpeg_make(&spec);
    struct decoded d;
    decoded_setup(&d);
    d.keeper.enough_at = 32;
    struct mill_bytes half = {file.at, file.n / 2};
    assert_int_equal(decoded_run(&d, half), MILL_OK);
    assert_int_equal(d.keeper.y, 32);
    assert_int_equal(d.keeper.ends, 1);
    decoded_clear(&d);
    free(file.at);
}

static void
a_sinks_failure_is_passed_on(void **state)
{
    (void)state;
    struct jpeg_spec spec = ycc_spec(16, 16, FACTORS[0]);
    struct mill_buffer file = jpeg_make(&spec);
    struct decoded d;
    decoded_setup(&d);
    d.keeper.begin_says = MILL_FLOW_FAILED;
    assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_WRITE);
    assert_string_equal(d.err.text, "the keeper says no");
    assert_int_equal(d.keeper.ends, 0);
    decoded_clear(&d);
    free(file.at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sampling_and_shrink_is_libjpegs),
        cmocka_unit_test(every_small_size_is_libjpegs),
        cmocka_unit_test(odd_orders_of_sampling_are_libjpegs),
        cmocka_unit_test(restarts_arithmetic_and_split_scans_decode),
        cmocka_unit_test(full_chroma_is_what_scanlines_are),
        cmocka_unit_test(gray_is_what_scanlines_are),
        cmocka_unit_test(rgb_coded_stays_rgb),
        cmocka_unit_test(adobe_cmyk_is_complemented),
        cmocka_unit_test(ycck_becomes_cmyk),
        cmocka_unit_test(bands_hold_as_many_rows_at_every_shrink),
        cmocka_unit_test(enough_ends_early_and_judges_nothing_more),
        cmocka_unit_test(a_sinks_failure_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
