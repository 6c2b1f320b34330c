/* The JPEG encoder: what it asks for, that what it writes decodes to what it
 * was given, however bands and windows are cut, and that it stops cleanly. */
#include "jpeg_make.h"

/* ---- a window that collects ---------------------------------------------- */

struct collector {
    struct mill_out out; /* first */
    struct mill_buffer bytes;
    uint8_t window[4096];
    size_t window_n;
    size_t stop_at; /* 0: never; then `says` */
    enum mill_flow says;
};

static enum mill_flow
collect(struct mill_out *out, struct mill_err *err)
{
    struct collector *c = (struct collector *)out;
    assert_true(
        mill_buffer_append(&c->bytes, c->window, c->window_n - out->left));
    if (c->stop_at && c->bytes.n >= c->stop_at) {
        if (c->says == MILL_FLOW_FAILED)
            mill_fail(err, MILL_WRITE, "no room");
        return c->says;
    }
    out->at = c->window;
    out->left = c->window_n;
    return MILL_FLOW_MORE;
}

static void
collector_setup(struct collector *c, size_t window_n)
{
    memset(c, 0, sizeof *c);
    c->window_n = window_n;
    c->out = (struct mill_out){c->window, window_n, collect};
}

/* ---- encoding ------------------------------------------------------------ */

struct encoding {
    struct mill_arena *arena;
    struct mill_shape shape;
    struct mill_band picture;
    struct mill_meta meta;
    struct mill_encode how;
    struct mill_err err;
    uint32_t band_px;
    struct collector file;
};

static void
encoding_setup(struct encoding *e, uint32_t w, uint32_t h,
               enum mill_model model, unsigned sx, unsigned sy)
{
    memset(e, 0, sizeof *e);
    e->arena = mill_arena_new(1 << 20);
    e->how = (struct mill_encode){.quality = 95};
    e->band_px = 16;
    collector_setup(&e->file, 4096);
    mill_shape_init(&e->shape, w, h, model, MILL_OPAQUE, 8);
    for (unsigned p = 1; p < 3 && model == MILL_YCC; p++)
        e->shape.plane[p] = mill_grid_make(w, h, sx, sy);
    assert_int_equal(
        mill_band_take(&e->picture, &e->shape, h, e->arena, &e->err), MILL_OK);
    mill_band_place(&e->picture, &e->shape, 0, h);
    for (unsigned p = 0; p < e->shape.n_planes; p++)
        for (uint32_t y = 0; y < e->shape.plane[p].h; y++) {
            uint8_t *row = mill_rows_at(&e->picture.plane[p], y);
            for (uint32_t x = 0; x < e->shape.plane[p].w; x++)
                row[x] = (uint8_t)(40 + p * 30 + x * 2 + y);
        }
}

static void
encoding_clear(struct encoding *e)
{
    mill_buffer_clear(&e->file.bytes);
    mill_arena_free(e->arena);
}

static enum mill_flow
encoding_drive(struct encoding *e, struct mill_sink *sink)
{
    enum mill_flow flow = sink->begin(sink, &e->shape, &e->meta, &e->err);
    uint32_t n;
    for (uint32_t y = 0; flow == MILL_FLOW_MORE && y < e->shape.h; y += n) {
        n = e->shape.h - y < e->band_px ? e->shape.h - y : e->band_px;
        struct mill_band part = mill_band_part(&e->picture, &e->shape, y, n);
        flow = sink->band(sink, &part, &e->err);
    }
    return flow == MILL_FLOW_FAILED ? flow : sink->end(sink, &e->err);
}

static enum mill_flow
encoding_run(struct encoding *e)
{
    struct mill_sink *sink =
        mill_codec_jpeg.encoder(&e->how, &e->file.out, e->arena, &e->err);
    assert_non_null(sink);
    enum mill_flow flow = encoding_drive(e, sink);
    sink->free(sink);
    if (flow == MILL_FLOW_MORE)
        collect(&e->file.out, &e->err);
    return flow;
}

/* ---- comparing ----------------------------------------------------------- */

static void
assert_near(const struct encoding *e, const struct keeper *k, int tolerance)
{
    for (unsigned p = 0; p < e->shape.n_planes; p++) {
        const struct mill_grid *g = &e->shape.plane[p];
        assert_true(mill_grid_equal(g, &k->shape.plane[p]));
        for (uint32_t y = 0; y < g->h; y++) {
            const uint8_t *row = mill_rows_at(&e->picture.plane[p], y);
            for (uint32_t x = 0; x < g->w; x++)
                if (abs(row[x] - keeper_at(k, p, x, y)) > tolerance)
                    fail_msg("plane %u, %u,%u: %d became %d", p, x, y, row[x],
                             keeper_at(k, p, x, y));
        }
    }
}

static void
assert_round_trip(struct encoding *e)
{
    struct decoded d;
    if (encoding_run(e) != MILL_FLOW_MORE)
        fail_msg("encode: %s", e->err.text);
    decoded_setup(&d);
    if (decoded_run(&d, jpeg_bytes(&e->file.bytes)) != MILL_OK)
        fail_msg("decode: %s", d.err.text);
    assert_int_equal(d.keeper.shape.model, e->shape.model);
    assert_int_equal(d.info.facts.interlaced, e->how.progressive);
    assert_near(e, &d.keeper, 12);
    decoded_clear(&d);
}

static void
every_model_and_sampling_comes_back(void **state)
{
    (void)state;
    static const struct {
        enum mill_model model;
        unsigned sx, sy;
    } rows[] = {{MILL_GRAY, 1, 1}, {MILL_CMYK, 1, 1}, {MILL_YCC, 1, 1},
                {MILL_YCC, 2, 1},  {MILL_YCC, 2, 2},  {MILL_YCC, 1, 2},
                {MILL_YCC, 4, 1},  {MILL_YCC, 4, 2}};
    for (size_t i = 0; i < MILL_COUNT(rows); i++)
        for (int mode = 0; mode < 3; mode++) {
            struct encoding e;
            encoding_setup(&e, 45, 51, rows[i].model, rows[i].sx, rows[i].sy);
            e.how.progressive = mode == 1;
            e.how.tables = mode == 2 ? MILL_TABLES_EXACT : MILL_TABLES_STANDARD;
            assert_round_trip(&e);
            encoding_clear(&e);
        }
}

static void
every_small_size_comes_back(void **state)
{
    (void)state;
    for (uint32_t size = 1; size <= 40; size++) {
        struct encoding e;
        encoding_setup(&e, size, 41 - size, MILL_YCC, 2, 2);
        assert_round_trip(&e);
        encoding_clear(&e);
    }
}

static void
cuts_of_bands_and_windows_change_no_byte(void **state)
{
    (void)state;
    static const uint32_t bands[] = {1, 3, 8, 16, 17, 32, 50, 77};
    static const size_t windows[] = {1, 2, 7, 600, 4096};
    struct encoding whole;
    encoding_setup(&whole, 61, 77, MILL_YCC, 2, 2);
    whole.band_px = 77;
    assert_int_equal(encoding_run(&whole), MILL_FLOW_MORE);
    for (size_t b = 0; b < MILL_COUNT(bands); b++)
        for (size_t w = 0; w < MILL_COUNT(windows); w++) {
            struct encoding e;
            encoding_setup(&e, 61, 77, MILL_YCC, 2, 2);
            e.band_px = bands[b];
            collector_setup(&e.file, windows[w]);
            assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);
            assert_int_equal(e.file.bytes.n, whole.file.bytes.n);
            assert_memory_equal(e.file.bytes.at, whole.file.bytes.at,
                                e.file.bytes.n);
            encoding_clear(&e);
        }
    encoding_clear(&whole);
}

/* The samples beside the picture are the edge's, so the edge is not blurred by
 * whatever lay in memory. */
static void
a_flat_picture_stays_flat_to_its_edge(void **state)
{
    (void)state;
    struct encoding e;
    encoding_setup(&e, 19, 13, MILL_YCC, 2, 2);
    e.how.quality = 10;
    for (unsigned p = 0; p < 3; p++)
        for (uint32_t y = 0; y < e.shape.plane[p].h; y++)
            memset(mill_rows_at(&e.picture.plane[p], y), 200,
                   e.shape.plane[p].w);
    assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);
    struct decoded d;
    decoded_setup(&d);
    assert_int_equal(decoded_run(&d, jpeg_bytes(&e.file.bytes)), MILL_OK);
    assert_near(&e, &d.keeper, 4); /* the quantiser's step, not the edge's */
    decoded_clear(&d);
    encoding_clear(&e);
}

static void
cmyk_is_stored_as_adobe_does(void **state)
{
    (void)state;
    struct encoding e;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr manager;
    uint8_t line[8 * 4], *row = line;
    encoding_setup(&e, 8, 8, MILL_CMYK, 1, 1);
    for (unsigned p = 0; p < 4; p++)
        for (uint32_t y = 0; y < 8; y++)
            memset(mill_rows_at(&e.picture.plane[p], y), (int)(p * 10), 8);
    assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);

    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, e.file.bytes.at, e.file.bytes.n);
    jpeg_read_header(&jpeg, TRUE);
    assert_true(jpeg.saw_Adobe_marker);
    jpeg_start_decompress(&jpeg);
    jpeg_read_scanlines(&jpeg, &row, 1);
    for (int p = 0; p < 4; p++)
        assert_in_range(line[p], 255 - p * 10 - 1, 255 - p * 10 + 1);
    jpeg_destroy_decompress(&jpeg);
    encoding_clear(&e);
}

static void
metadata_comes_back(void **state)
{
    (void)state;
    enum { ICC_N = 150000 }; /* three chunks */
    struct encoding e;
    struct decoded d;
    uint8_t *icc = malloc(ICC_N);
    for (unsigned i = 0; i < ICC_N; i++)
        icc[i] = (uint8_t)(i * 7 + i / 256);
    encoding_setup(&e, 20, 20, MILL_GRAY, 1, 1);
    e.meta = (struct mill_meta){.icc = {icc, ICC_N},
                                .exif = {(const uint8_t *)"II*\0rest", 8},
                                .xmp = {(const uint8_t *)"<xmp/>", 6},
                                .density_x = 300,
                                .density_y = 299,
                                .density_unit = 1};
    assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);
    decoded_setup(&d);
    assert_int_equal(decoded_run(&d, jpeg_bytes(&e.file.bytes)), MILL_OK);
    assert_int_equal(d.keeper.meta.icc.n, ICC_N);
    assert_memory_equal(d.keeper.meta.icc.at, icc, ICC_N);
    assert_int_equal(d.keeper.meta.exif.n, 8);
    assert_memory_equal(d.keeper.meta.exif.at, "II*\0rest", 8);
    assert_int_equal(d.keeper.meta.xmp.n, 6);
    assert_memory_equal(d.keeper.meta.xmp.at, "<xmp/>", 6);
    assert_int_equal(d.keeper.meta.density_x, 300);
    assert_int_equal(d.keeper.meta.density_y, 299);
    assert_int_equal(d.keeper.meta.density_unit, 1);
    decoded_clear(&d);
    encoding_clear(&e);
    free(icc);
}

/* The most that a segment holds comes back; a byte more is left out. */
static void
payloads_are_held_up_to_their_most(void **state)
{
    (void)state;
    size_t exif = mill_codec_jpeg.exif_most, xmp = mill_codec_jpeg.xmp_most;
    uint8_t *payload = calloc(1, exif + 1);
    memcpy(payload, "II*", 3);
    for (size_t more = 0; more < 2; more++) {
        struct encoding e;
        struct mill_info info;
        encoding_setup(&e, 8, 8, MILL_GRAY, 1, 1);
        e.meta.exif = (struct mill_bytes){payload, exif + more};
        e.meta.xmp = (struct mill_bytes){payload, xmp + more};
        assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);
        mill_codec_jpeg.info(jpeg_bytes(&e.file.bytes), &info, &e.err);
        assert_int_equal(info.facts.exif_bytes, more ? 0 : exif);
        assert_int_equal(info.facts.xmp_bytes, more ? 0 : xmp);
        encoding_clear(&e);
    }
    free(payload);
}

/* ---- stopping ------------------------------------------------------------ */

static void
a_full_window_that_fails_stops_the_encoder(void **state)
{
    (void)state;
    for (size_t stop = 1; stop < 1500; stop += 50) {
        struct encoding e;
        encoding_setup(&e, 90, 90, MILL_YCC, 2, 2);
        collector_setup(&e.file, 16);
        e.file.stop_at = stop;
        e.file.says = MILL_FLOW_FAILED;
        assert_int_equal(encoding_run(&e), MILL_FLOW_FAILED);
        assert_int_equal(e.err.status, MILL_WRITE);
        assert_string_equal(e.err.text, "no room");
        encoding_clear(&e);
    }
}

static void
a_window_that_has_enough_is_no_error(void **state)
{
    (void)state;
    struct encoding e;
    encoding_setup(&e, 90, 90, MILL_YCC, 2, 2);
    collector_setup(&e.file, 16);
    e.file.stop_at = 700;
    e.file.says = MILL_FLOW_ENOUGH;
    assert_int_equal(encoding_run(&e), MILL_FLOW_ENOUGH);
    encoding_clear(&e);
}

static void
free_is_safe_in_any_state(void **state)
{
    (void)state;
    for (int stage = 0; stage < 3; stage++) {
        struct encoding e;
        encoding_setup(&e, 20, 40, MILL_YCC, 2, 2);
        struct mill_sink *sink =
            mill_codec_jpeg.encoder(&e.how, &e.file.out, e.arena, &e.err);
        if (stage > 0)
            sink->begin(sink, &e.shape, &e.meta, &e.err);
        if (stage > 1) {
            struct mill_band part = mill_band_part(&e.picture, &e.shape, 0, 20);
            sink->band(sink, &part, &e.err);
        }
        sink->free(sink);
        encoding_clear(&e);
    }
}

static void
sides_have_an_end(void **state)
{
    (void)state;
    struct encoding e;
    encoding_setup(&e, 65500, 1, MILL_GRAY, 1, 1);
    assert_int_equal(encoding_run(&e), MILL_FLOW_MORE);
    encoding_clear(&e);
    encoding_setup(&e, 65501, 1, MILL_GRAY, 1, 1);
    assert_int_equal(encoding_run(&e), MILL_FLOW_FAILED);
    assert_int_equal(e.err.status, MILL_UNSUPPORTED);
    assert_non_null(strstr(e.err.text, "at most 65500 px a side"));
    encoding_clear(&e);
}

static void
other_shapes_are_a_bug(void **state)
{
    (void)state;
    struct encoding e;
    encoding_setup(&e, 20, 20, MILL_RGB, 1, 1);
    assert_int_equal(encoding_run(&e), MILL_FLOW_FAILED);
    assert_int_equal(e.err.status, MILL_INTERNAL);
    encoding_clear(&e);
    encoding_setup(&e, 20, 20, MILL_YCC, 2, 2);
    e.shape.plane[0] = e.shape.plane[1]; /* no plane with step 1 */
    assert_int_equal(encoding_run(&e), MILL_FLOW_FAILED);
    assert_int_equal(e.err.status, MILL_INTERNAL);
    assert_non_null(strstr(e.err.text, "not a shape"));
    encoding_clear(&e);
}

/* ---- wants --------------------------------------------------------------- */

static struct mill_want
want_for(unsigned subsampling, const struct mill_info *source,
         enum mill_model model)
{
    struct mill_encode how = {.subsampling = (uint8_t)subsampling};
    struct mill_shape in;
    struct mill_want want;
    mill_shape_init(&in, 10, 10, model, MILL_STRAIGHT, 16);
    mill_codec_jpeg.want(&how, source, &in, &want);
    assert_true(want.grids);
    assert_int_equal(want.alphas, 1 << MILL_OPAQUE);
    assert_int_equal(want.depths, 1);
    return want;
}

static void
subsampling_is_asked_for(void **state)
{
    (void)state;
    static const uint8_t steps[][2] = {[MILL_SUBSAMPLING_420] = {2, 2},
                                       [MILL_SUBSAMPLING_422] = {2, 1},
                                       [MILL_SUBSAMPLING_444] = {1, 1},
                                       [MILL_SUBSAMPLING_KEEP] = {2, 2}};
    struct mill_info source = {0};
    for (unsigned s = 0; s < MILL_COUNT(steps); s++) {
        struct mill_want want = want_for(s, &source, MILL_RGB);
        assert_int_equal(want.models, 1 << MILL_YCC);
        assert_int_equal(want.sx[0] * want.sy[0], 1);
        assert_int_equal(want.sx[1], steps[s][0]);
        assert_int_equal(want.sy[2], steps[s][1]);
        want = want_for(s, &source, MILL_CMYK);
        assert_int_equal(want.models, 1 << MILL_CMYK);
        assert_int_equal(want.sx[1], 1);
        want = want_for(s, &source, MILL_GRAY);
        assert_int_equal(want.models, 1 << MILL_GRAY);
        assert_int_equal(want.sx[0], 1);
    }
}

static void
keep_takes_the_sources_sampling(void **state)
{
    (void)state;
    struct mill_info source = {.codec = &mill_codec_jpeg};
    mill_shape_init(&source.shape, 9, 9, MILL_YCC, MILL_OPAQUE, 8);
    source.shape.plane[1] = mill_grid_make(9, 9, 2, 1);
    source.shape.plane[2] = mill_grid_make(9, 9, 2, 2);
    struct mill_want want = want_for(MILL_SUBSAMPLING_KEEP, &source, MILL_YCC);
    assert_int_equal(want.sx[1], 2);
    assert_int_equal(want.sy[1], 1);
    assert_int_equal(want.sy[2], 2);
    source.shape.plane[1] = mill_grid_make(9, 9, 4, 4); /* 16 blocks: no scan */
    want = want_for(MILL_SUBSAMPLING_KEEP, &source, MILL_YCC);
    assert_int_equal(want.sx[1], 2);
    assert_int_equal(want.sy[1], 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_and_sampling_comes_back),
        cmocka_unit_test(every_small_size_comes_back),
        cmocka_unit_test(cuts_of_bands_and_windows_change_no_byte),
        cmocka_unit_test(a_flat_picture_stays_flat_to_its_edge),
        cmocka_unit_test(cmyk_is_stored_as_adobe_does),
        cmocka_unit_test(metadata_comes_back),
        cmocka_unit_test(payloads_are_held_up_to_their_most),
        cmocka_unit_test(a_full_window_that_fails_stops_the_encoder),
        cmocka_unit_test(a_window_that_has_enough_is_no_error),
        cmocka_unit_test(free_is_safe_in_any_state),
        cmocka_unit_test(sides_have_an_end),
        cmocka_unit_test(other_shapes_are_a_bug),
        cmocka_unit_test(subsampling_is_asked_for),
        cmocka_unit_test(keep_takes_the_sources_sampling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
