/* PNG encoding: what is drawn comes back sample for sample, whatever the shape,
 * the bands and the window; metadata too; and every way of being stopped. */
#include "codec_run.h"
#include "icc_make.h"

#include "codec/codecs.h"

static struct mill_shape
shape_of(uint32_t w, uint32_t h, enum mill_model model, enum mill_alpha alpha,
         unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, model, alpha, depth);
    return shape;
}

struct round {
    struct mill_encode how;
    struct mill_shape shape;
    struct mill_test_source source;
    struct codec_file file;
    struct codec_run run;
    struct mill_err err;
    void *block;
};

static void
round_init(struct round *r, struct mill_shape shape, size_t window_bytes)
{
    *r = (struct round){.how = mill_encode_default(), .shape = shape};
    r->source = (struct mill_test_source){.shape = &r->shape,
                                          .cut = MILL_TEST_CUT_MIXED,
                                          .value = mill_test_noise};
    codec_file_init(&r->file, window_bytes);
    codec_run_init(&r->run);
}

static void
round_trip(struct round *r)
{
    assert_int_equal(codec_run_encode(&mill_codec_png, &r->how, &r->source,
                                      &r->file, &r->err),
                     MILL_FLOW_MORE);
    assert_int_equal(codec_run_decode_at(&r->run, &mill_codec_png,
                                         codec_file_bytes(&r->file), &r->block),
                     MILL_OK);
    assert_int_equal(r->run.warnings, 0);
    assert_int_equal(r->run.notes, 0);
}

static void
round_clear(struct round *r)
{
    codec_file_clear(&r->file);
    codec_run_clear(&r->run);
    free(r->block);
}

static void
assert_same_samples(const struct round *r)
{
    unsigned mask = r->shape.depth == 16 ? 0xFFFF : 0xFF;
    assert_int_equal(r->run.collect.shape.n_planes, r->shape.n_planes);
    assert_int_equal(r->run.collect.shape.depth, r->shape.depth);
    assert_int_equal(r->run.collect.shape.model, r->shape.model);
    for (unsigned p = 0; p < r->shape.n_planes; p++)
        for (uint32_t y = 0; y < r->shape.h; y++)
            for (uint32_t x = 0; x < r->shape.w; x++)
                assert_int_equal(mill_test_sample(&r->run.collect, p, x, y),
                                 mill_test_noise(NULL, p, x, y) & mask);
}

/* ---- samples ------------------------------------------------------------- */

static void
every_shape_comes_back(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {13, 40}, {64, 33}};
    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        struct round r;
        round_init(&r,
                   shape_of(sizes[i % 3][0], sizes[i % 3][1],
                            i / 3 % 2 ? MILL_RGB : MILL_GRAY,
                            i / 6 % 2 ? MILL_STRAIGHT : MILL_OPAQUE,
                            i / 12 % 2 ? 16 : 8),
                   4096);
        round_trip(&r);
        assert_same_samples(&r);
        round_clear(&r);
    }
}

/* The same bytes, however bands and windows are cut. */
static void
cuts_do_not_show(void **state)
{
    static const size_t windows[] = {1, 7, 100, 1 << 20};
    struct round first;
    (void)state;
    round_init(&first, shape_of(31, 50, MILL_RGB, MILL_STRAIGHT, 8), 64);
    round_trip(&first);
    for (unsigned i = 0; i < MILL_COUNT(windows); i++) {
        struct round r;
        round_init(&r, first.shape, windows[i]);
        r.source.cut = mill_test_cuts[i];
        round_trip(&r);
        assert_int_equal(r.file.bytes.n, first.file.bytes.n);
        assert_memory_equal(r.file.bytes.at, first.file.bytes.at,
                            r.file.bytes.n);
        round_clear(&r);
    }
    round_clear(&first);
}

static unsigned
ramp(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    (void)arg;
    return x + y * 3 + plane * 20;
}

static void
levels_are_obeyed(void **state)
{
    size_t n[10];
    (void)state;
    for (unsigned level = 0; level <= 9; level += 3) {
        struct round r;
        round_init(&r, shape_of(100, 100, MILL_RGB, MILL_OPAQUE, 8), 4096);
        r.source.value = ramp;
        r.how.compression = (uint8_t)level;
        round_trip(&r);
        n[level] = r.file.bytes.n;
        round_clear(&r);
    }
    assert_true(n[0] > 30000);
    assert_true(n[9] < n[0] / 10);
    assert_true(n[9] <= n[3]);
}

/* ---- metadata ------------------------------------------------------------ */

static const uint8_t exif[] = "MM\0*\0\0\0\x08\0\0\0\0\0";
static const char xmp[] = "<x:xmpmeta/>";

static void
metadata_comes_back(void **state)
{
    uint8_t icc[ICC_MADE_BYTES];
    struct mill_meta meta = {.icc = {icc, sizeof icc},
                             .exif = {exif, sizeof exif},
                             .xmp = {(const uint8_t *)xmp, sizeof xmp - 1},
                             .density_x = 300,
                             .density_y = 72,
                             .density_unit = 1};
    struct round r;
    (void)state;
    icc_make(icc, "RGB ");
    round_init(&r, shape_of(9, 9, MILL_RGB, MILL_OPAQUE, 8), 64);
    r.source.meta = &meta;
    round_trip(&r);
    const struct mill_meta *got = &r.run.collect.meta;
    assert_int_equal(got->icc.n, sizeof icc);
    assert_memory_equal(got->icc.at, icc, sizeof icc);
    assert_int_equal(got->exif.n, sizeof exif);
    assert_memory_equal(got->exif.at, exif, sizeof exif);
    assert_int_equal(got->xmp.n, sizeof xmp - 1);
    assert_memory_equal(got->xmp.at, xmp, sizeof xmp - 1);
    assert_int_equal(got->density_x, 300);
    assert_int_equal(got->density_y, 72);
    assert_int_equal(got->density_unit, 1);
    round_clear(&r);
}

static void
profile_must_suit_the_planes(void **state)
{
    static const char *const spaces[] = {"GRAY", "RGB "};
    (void)state;
    for (int i = 0; i < 4; i++) {
        uint8_t icc[ICC_MADE_BYTES];
        struct mill_meta meta = {.icc = {icc, sizeof icc}};
        struct round r;
        icc_make(icc, spaces[i % 2]);
        round_init(&r,
                   shape_of(9, 9, i / 2 ? MILL_RGB : MILL_GRAY, MILL_OPAQUE, 8),
                   64);
        r.source.meta = &meta;
        round_trip(&r);
        assert_int_equal(r.run.collect.meta.icc.n,
                         i % 2 == i / 2 ? sizeof icc : 0);
        round_clear(&r);
    }
}

static void
broken_profile_is_left_out(void **state)
{
    uint8_t icc[ICC_MADE_BYTES];
    struct mill_meta meta = {.icc = {icc, sizeof icc - 3}};
    struct round r;
    (void)state;
    icc_make(icc, "RGB ");
    round_init(&r, shape_of(9, 9, MILL_RGB, MILL_OPAQUE, 8), 64);
    r.source.meta = &meta;
    round_trip(&r);
    assert_int_equal(r.run.collect.meta.icc.n, 0);
    round_clear(&r);
}

static void
density_in_other_units(void **state)
{
    struct mill_meta meta = {
        .density_x = 100, .density_y = 50, .density_unit = 2};
    (void)state;
    for (unsigned unit = 0; unit <= 2; unit += 2) {
        struct round r;
        round_init(&r, shape_of(9, 9, MILL_GRAY, MILL_OPAQUE, 8), 64);
        meta.density_unit = (uint8_t)unit;
        r.source.meta = &meta;
        round_trip(&r);
        assert_int_equal(r.run.collect.meta.density_x, unit ? 254 : 100);
        assert_int_equal(r.run.collect.meta.density_y, unit ? 127 : 50);
        assert_int_equal(r.run.collect.meta.density_unit, unit ? 1 : 0);
        round_clear(&r);
    }
}

/* ---- being stopped ------------------------------------------------------- */

static void
owner_of_the_window_decides(void **state)
{
    static const size_t most[] = {1, 30, 2000, 70000};
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct round r;
        round_init(&r, shape_of(200, 200, MILL_RGB, MILL_OPAQUE, 8), 64);
        r.file.most = most[i / 2];
        r.file.then = i % 2 ? MILL_FLOW_FAILED : MILL_FLOW_ENOUGH;
        assert_int_equal(codec_run_encode(&mill_codec_png, &r.how, &r.source,
                                          &r.file, &r.err),
                         r.file.then);
        assert_int_equal(r.err.status, i % 2 ? MILL_WRITE : MILL_OK);
        assert_true(r.file.bytes.n < most[i / 2] + 64);
        round_clear(&r);
    }
}

static void
freed_before_begin(void **state)
{
    struct mill_encode how = mill_encode_default();
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_out out = {0};
    struct mill_err err;
    (void)state;
    struct mill_sink *sink = mill_codec_png.encoder(&how, &out, arena, &err);
    assert_non_null(sink);
    sink->free(sink);
    mill_arena_free(arena);
}

static void
freed_in_the_middle(void **state)
{
    struct mill_encode how = mill_encode_default();
    struct mill_shape shape = shape_of(9, 9, MILL_RGB, MILL_OPAQUE, 8);
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_meta none = {0};
    struct codec_file file;
    struct mill_err err;
    (void)state;
    codec_file_init(&file, 64);
    struct mill_sink *sink =
        mill_codec_png.encoder(&how, &file.out, arena, &err);
    assert_int_equal(sink->begin(sink, &shape, &none, &err), MILL_FLOW_MORE);
    sink->free(sink);
    codec_file_clear(&file);
    mill_arena_free(arena);
}

static void
planes_that_png_has_not_are_refused(void **state)
{
    const struct mill_shape shapes[] = {
        shape_of(9, 9, MILL_YCC, MILL_OPAQUE, 8),
        shape_of(9, 9, MILL_CMYK, MILL_OPAQUE, 8),
        shape_of(9, 9, MILL_RGB, MILL_PREMULTIPLIED, 8),
    };
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(shapes); i++) {
        struct round r;
        round_init(&r, shapes[i], 64);
        assert_int_equal(codec_run_encode(&mill_codec_png, &r.how, &r.source,
                                          &r.file, &r.err),
                         MILL_FLOW_FAILED);
        assert_int_equal(r.err.status, MILL_INTERNAL);
        round_clear(&r);
    }
}

static void
want_follows_the_depth(void **state)
{
    struct mill_encode how = mill_encode_default();
    struct mill_info source = {0};
    struct mill_shape in = shape_of(9, 9, MILL_CMYK, MILL_OPAQUE, 8);
    struct mill_want want;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        how.depth = (uint8_t)(8 * i);
        mill_codec_png.want(&how, &source, &in, &want);
        assert_int_equal(want.depths, i ? i : 3);
        assert_int_equal(want.models, 1 << MILL_GRAY | 1 << MILL_RGB);
        assert_int_equal(want.alphas, 1 << MILL_OPAQUE | 1 << MILL_STRAIGHT);
        assert_true(want.grids);
        assert_int_equal(want.sx[MILL_PLANES - 1], 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_comes_back),
        cmocka_unit_test(cuts_do_not_show),
        cmocka_unit_test(levels_are_obeyed),
        cmocka_unit_test(metadata_comes_back),
        cmocka_unit_test(profile_must_suit_the_planes),
        cmocka_unit_test(broken_profile_is_left_out),
        cmocka_unit_test(density_in_other_units),
        cmocka_unit_test(owner_of_the_window_decides),
        cmocka_unit_test(freed_before_begin),
        cmocka_unit_test(freed_in_the_middle),
        cmocka_unit_test(planes_that_png_has_not_are_refused),
        cmocka_unit_test(want_follows_the_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
