/* Our own reader of progressive JPEGs against libjpeg: the same samples,
 * verdicts, words, notes and counts, of good files with scans of every kind and
 * of damaged ones, at every scale and with each level of its inner loops. */
#include "jpeg_damage.h"

/* ---- scripts ------------------------------------------------------------- */

#define ALL_3                                                                  \
    3,                                                                         \
    {                                                                          \
        0, 1, 2                                                                \
    }
#define ALONE(p)                                                               \
    1,                                                                         \
    {                                                                          \
        p                                                                      \
    }

/* Every bit by itself. */
static const jpeg_scan_info deep[] = {
    {ALL_3, 0, 0, 0, 3},     {ALONE(0), 1, 63, 0, 5}, {ALONE(1), 1, 63, 0, 4},
    {ALONE(2), 1, 63, 0, 4}, {ALONE(0), 1, 63, 5, 4}, {ALONE(0), 1, 63, 4, 3},
    {ALL_3, 0, 0, 3, 2},     {ALONE(0), 1, 63, 3, 2}, {ALONE(1), 1, 63, 4, 3},
    {ALONE(2), 1, 63, 4, 3}, {ALONE(1), 1, 63, 3, 2}, {ALONE(2), 1, 63, 3, 2},
    {ALL_3, 0, 0, 2, 1},     {ALONE(0), 1, 63, 2, 1}, {ALONE(1), 1, 63, 2, 1},
    {ALONE(2), 1, 63, 2, 1}, {ALONE(0), 1, 63, 1, 0}, {ALONE(1), 1, 63, 1, 0},
    {ALONE(2), 1, 63, 1, 0}, {ALL_3, 0, 0, 1, 0}};

/* Bands of one and of many, out of order, refined together and apart; DCs by
 * pairs and alone. */
static const jpeg_scan_info bands[] = {
    {ALONE(0), 0, 0, 0, 1},  {2, {1, 2}, 0, 0, 0, 0}, {ALONE(0), 10, 63, 0, 0},
    {ALONE(0), 1, 1, 0, 2},  {ALONE(0), 2, 9, 0, 1},  {ALONE(0), 0, 0, 1, 0},
    {ALONE(0), 1, 1, 2, 1},  {ALONE(0), 1, 9, 1, 0},  {ALONE(2), 1, 5, 0, 1},
    {ALONE(2), 6, 63, 0, 1}, {ALONE(1), 1, 63, 0, 0}, {ALONE(2), 1, 63, 1, 0}};

/* No bit is kept for later. */
static const jpeg_scan_info spectral[] = {
    {2, {0, 1}, 0, 0, 0, 0}, {ALONE(2), 0, 0, 0, 0},  {ALONE(0), 1, 2, 0, 0},
    {ALONE(0), 3, 3, 0, 0},  {ALONE(0), 4, 63, 0, 0}, {ALONE(1), 1, 63, 0, 0},
    {ALONE(2), 1, 31, 0, 0}, {ALONE(2), 32, 63, 0, 0}};

/* Of one component. */
static const jpeg_scan_info gray[] = {
    {ALONE(0), 0, 0, 0, 2},  {ALONE(0), 1, 63, 0, 4}, {ALONE(0), 1, 63, 4, 3},
    {ALONE(0), 0, 0, 2, 1},  {ALONE(0), 1, 63, 3, 2}, {ALONE(0), 1, 63, 2, 1},
    {ALONE(0), 1, 63, 1, 0}, {ALONE(0), 0, 0, 1, 0}};

/* libjpeg-turbo's own; then these. */
enum { SCRIPTS = 4 };

static struct jpeg_spec
progressive(unsigned script, unsigned sampling, unsigned w, unsigned h)
{
    static const struct {
        const jpeg_scan_info *scans;
        int n;
    } scripts[SCRIPTS] = {{NULL, 0},
                          {deep, MILL_COUNT(deep)},
                          {bands, MILL_COUNT(bands)},
                          {spectral, MILL_COUNT(spectral)}};
    struct jpeg_spec spec = spec_of(sampling, w, h);
    spec.progressive = true;
    spec.scans = scripts[script].scans;
    spec.n_scans = scripts[script].n;
    if (script && sampling == GRAY) {
        spec.scans = gray;
        spec.n_scans = MILL_COUNT(gray);
    }
    return spec;
}

/* ---- good files ---------------------------------------------------------- */

static void
every_script_is_the_same(void **state)
{
    unsigned n = 0;
    (void)state;
    for (unsigned script = 0; script < SCRIPTS; script++)
        for (unsigned sampling = 0; sampling <= GRAY; sampling++)
            for (unsigned i = 0; i < 22; i++, n++) {
                struct jpeg_spec spec =
                    progressive(script, sampling, 1 + (i * 29 + script) % 75,
                                1 + (i * 47 + sampling) % 63);
                spec.quality = 5 + (int)(i * 53 + n) % 96;
                spec.restart = n % 3 ? 0 : 1 + n % 11;
                make_and_compare(&spec, 1u << (n + i) % 4, "script", n);
            }
    assert_true(n > 500);
}

/* More bytes than a window holds, and blocks with all their coefficients. */
static void
large_pictures_are_the_same(void **state)
{
    (void)state;
    for (unsigned script = 0; script < SCRIPTS; script++)
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2) {
            struct jpeg_spec spec = progressive(script, 3, 513, 377);
            spec.quality = script % 2 ? 100 : 90;
            make_and_compare(&spec, shrink, "large", script);
        }
}

static void
a_gray_picture_may_have_factors(void **state)
{
    (void)state;
    for (unsigned factors = 0; factors < 16; factors++) {
        struct jpeg_spec spec = progressive(factors % 2, GRAY, 45, 61);
        spec.sx[0] = (uint8_t)(1 + factors % 4);
        spec.sy[0] = (uint8_t)(1 + factors / 4);
        for (unsigned shrink = 1; shrink <= 8; shrink *= 2)
            make_and_compare(&spec, shrink, "factors", factors);
    }
}

static void
enough_is_enough(void **state)
{
    struct jpeg_spec spec = progressive(0, 3, 50, 90);
    struct mill_buffer file = jpeg_make(&spec);
    struct codec_both_how how = {.codec = &mill_codec_jpeg};
    (void)state;
    for (how.enough_at = 1; how.enough_at < 92; how.enough_at += 5)
        codec_both_compare(jpeg_bytes(&file), &how, GOOD_PX, "enough at",
                           how.enough_at);
    free(file.at);
}

/* ---- memory -------------------------------------------------------------- */

/* info and decode_bytes of a picture that its header says is to be held. */
static void
try_rows(struct mill_bytes in, struct mill_info *info, uint64_t *bytes)
{
    struct mill_err err;
    struct mill_decode how = {.shrink = 1,
                              .limits = mill_limits_default(),
                              .arena = mill_arena_new(0)};
    assert_int_equal(mill_codec_jpeg.info(in, info, &err), MILL_OK);
    assert_true(info->whole);
    mill_codec_jpeg.try_rows(in, &how, info);
    *bytes = mill_codec_jpeg.decode_bytes(info, &how);
    if (!info->whole)
        assert_true(mill_arena_bytes(how.arena) <= *bytes);
    mill_arena_free(how.arena);
}

static void
what_goes_by_in_rows_is_tried(void **state)
{
    struct jpeg_spec spec = progressive(1, 3, 600, 400);
    struct mill_buffer file = jpeg_make(&spec);
    struct mill_info info;
    uint64_t rows, whole;
    (void)state;
    try_rows(jpeg_bytes(&file), &info, &rows);
    assert_false(info.whole);
    memset(file.at + file.n - 1000, 0, 500);
    try_rows(jpeg_bytes(&file), &info, &whole);
    assert_true(info.whole);
    assert_true(whole >= rows + 600 * 400 * 3);
    free(file.at);
}

/* 18 Mpx, with all scans that there may be. */
static void
rows_take_little_memory(void **state)
{
    struct mill_info info = {.codec = &mill_codec_jpeg,
                             .facts = {.interlaced = true}};
    struct mill_decode how = {.shrink = 1};
    (void)state;
    mill_shape_init(&info.shape, 5640, 3172, MILL_YCC, MILL_OPAQUE, 8);
    for (unsigned p = 0; p < 3; p++)
        info.shape.plane[p] = mill_grid_make(5640, 3172, p ? 2 : 1, p ? 2 : 1);
    info.shape.band_px = MILL_BAND_PX;
    assert_true(mill_codec_jpeg.decode_bytes(&info, &how) < 24u << 20);
}

/* ---- what is not ours ---------------------------------------------------- */

static bool
is_ours_at(struct mill_bytes in, unsigned shrink)
{
    struct level l;
    level_run(&l, in, shrink, codec__kernels());
    mill_arena_free(l.arena);
    return l.ours;
}

static bool
is_ours(struct mill_bytes in)
{
    return is_ours_at(in, 1);
}

/* Where marker number i of its kind stands. */
static size_t
find_marker(const struct mill_buffer *file, uint8_t marker, unsigned i)
{
    size_t at = 0;
    for (i++; i; at++)
        i -= file->at[at] == 0xFF && file->at[at + 1] == marker;
    return at - 1;
}

/* n bytes put in before marker number `at`. */
static struct mill_buffer
with_bytes(const struct mill_buffer *file, uint8_t marker, unsigned at,
           const uint8_t *bytes, size_t n)
{
    struct mill_buffer made = {0};
    size_t i = find_marker(file, marker, at);
    assert_true(mill_buffer_append(&made, file->at, i) &&
                mill_buffer_append(&made, bytes, n) &&
                mill_buffer_append(&made, file->at + i, file->n - i));
    return made;
}

/* Between two scans, and before the picture's end. */
static void
what_stands_between_scans(void **state)
{
    enum { SOS = 0xDA };
    static const struct {
        uint8_t bytes[5];
        uint8_t n;
        bool ours;
    } kinds[] = {{{0xFF, 0xFE, 0, 3, 'x'}, 5, true},
                 {{0xFF, 0xE1, 0, 2}, 4, true},
                 {{0xFF, 0xE0, 0, 2}, 4, false},
                 {{0xFF, 0xEE, 0, 2}, 4, false},
                 {{0xFF, 0xDB, 0, 2}, 4, false},
                 {{0xFF, 0xDC, 0, 2}, 4, false},
                 {{0xFF, 0xD3}, 2, false},
                 {{0xFF}, 1, false},
                 {{0xFF, 0xFE, 0, 1}, 4, false},
                 {{0xFF, 0xFE, 0xFF, 0xFF}, 4, false}};
    struct jpeg_spec spec = progressive(0, 3, 40, 30);
    struct mill_buffer file = jpeg_make(&spec);
    (void)state;
    for (unsigned i = 0; i < 2 * MILL_COUNT(kinds); i++) {
        unsigned kind = i / 2;
        struct mill_buffer made =
            i % 2 ? with_bytes(&file, SOS, 3, kinds[kind].bytes, kinds[kind].n)
                  : with_bytes(&file, JPEG_EOI, 0, kinds[kind].bytes,
                               kinds[kind].n);
        if (is_ours(jpeg_bytes(&made)) != kinds[kind].ours)
            fail_msg("kind %u: it is %sours", kind,
                     kinds[kind].ours ? "not " : "");
        compare_damaged(jpeg_bytes(&made), 1u << i % 4, "between scans", i);
        mill_buffer_clear(&made);
    }
    free(file.at);
}

/* Also in scans that are only walked over. */
static void
restarts_stand_where_they_belong(void **state)
{
    struct jpeg_spec spec = progressive(0, GRAY, 50, 40);
    spec.restart = 7;
    struct mill_buffer file = jpeg_make(&spec);
    size_t at = find_marker(&file, JPEG_RST0 + 2, 3);
    (void)state;
    assert_true(is_ours_at(jpeg_bytes(&file), 8));
    file.at[at + 1]++;
    assert_false(is_ours_at(jpeg_bytes(&file), 8));
    memmove(file.at + at, file.at + at + 2, file.n - at - 2);
    file.n -= 2;
    assert_false(is_ours_at(jpeg_bytes(&file), 8));
    compare_damaged(jpeg_bytes(&file), 8, "restart", 0);
    free(file.at);
}

/* The last restart of a scan that is only walked over is missing. */
static void
a_restart_too_few(void **state)
{
    struct jpeg_spec spec = progressive(0, GRAY, 50, 40);
    spec.restart = 30;
    struct mill_buffer file = jpeg_make(&spec);
    size_t at = find_marker(&file, JPEG_RST0, 1);
    (void)state;
    assert_true(is_ours_at(jpeg_bytes(&file), 8));
    memmove(file.at + at, file.at + at + 2, file.n - at - 2);
    file.n -= 2;
    assert_false(is_ours_at(jpeg_bytes(&file), 8));
    free(file.at);
}

/* Two scans, the wrong way round. */
static void
details_before_the_dc(void **state)
{
    enum { DHT = 0xC4 };
    static const jpeg_scan_info two[] = {{ALONE(0), 0, 0, 0, 0},
                                         {ALONE(0), 1, 63, 0, 0}};
    struct jpeg_spec spec = progressive(0, GRAY, 40, 30);
    spec.scans = two;
    spec.n_scans = MILL_COUNT(two);
    struct mill_buffer file = jpeg_make(&spec), turned = {0};
    size_t dc = find_marker(&file, DHT, 0), ac = find_marker(&file, DHT, 1);
    size_t end = file.n - 2;
    (void)state;
    assert_true(is_ours(jpeg_bytes(&file)));
    assert_true(mill_buffer_append(&turned, file.at, dc) &&
                mill_buffer_append(&turned, file.at + ac, end - ac) &&
                mill_buffer_append(&turned, file.at + dc, ac - dc) &&
                mill_buffer_append(&turned, file.at + end, 2));
    assert_false(is_ours(jpeg_bytes(&turned)));
    compare_damaged(jpeg_bytes(&turned), 1, "turned round", 0);
    mill_buffer_clear(&turned);
    free(file.at);
}

/* The last bits of something are missing: libjpeg smoothes. */
static void
incomplete_pictures_are_the_same(void **state)
{
    (void)state;
    for (unsigned scans = 1; scans < MILL_COUNT(deep); scans++) {
        struct jpeg_spec spec = progressive(1, 3, 40, 30);
        spec.n_scans = (int)scans;
        struct mill_buffer file = jpeg_make(&spec);
        assert_false(is_ours(jpeg_bytes(&file)));
        compare(jpeg_bytes(&file), 1u << scans % 4, "scans", scans);
        free(file.at);
    }
}

static void
scans_are_limited(void **state)
{
    struct jpeg_spec spec = progressive(1, 3, 40, 30);
    struct mill_buffer file = jpeg_make(&spec);
    (void)state;
    for (uint32_t most = 1; most < MILL_COUNT(deep) + 2; most++) {
        struct codec_both_how how = {.codec = &mill_codec_jpeg,
                                     .shrink = 1u << most % 4,
                                     .scans_most = most};
        codec_both_compare(jpeg_bytes(&file), &how, GOOD_PX, "scans", most);
    }
    free(file.at);
}

/* ---- damage -------------------------------------------------------------- */

static const struct damage damage = {
    .spec = progressive,
    .bytes = {1, 3},
    .bits = {5, 11},
    .markers = {3, 5},
    .part = 3,
    .second = {0x00, 0xD0, 0xD1, 0xD9, 0xDA, 0xFF}};

static void
every_truncation_is_the_same(void **state)
{
    (void)state;
    compare_truncations(&damage);
}

static void
every_flipped_bit_is_the_same(void **state)
{
    (void)state;
    compare_flipped_bits(&damage);
}

static void
every_marker_is_the_same(void **state)
{
    (void)state;
    compare_markers(&damage);
}

/* At 1/8 luma is its DCs: what its other scans hold is not looked at. At full
 * size it fails the picture. */
static void
damage_that_no_sample_has(void **state)
{
    struct jpeg_spec spec = progressive(3, 0, 64, 64);
    struct mill_buffer file = jpeg_make(&spec);
    struct level l;
    (void)state;
    memset(file.at + file.n - 40, 0, 30);
    for (unsigned shrink = 1; shrink <= 8; shrink *= 8) {
        level_run(&l, jpeg_bytes(&file), shrink, codec__kernels());
        assert_true(l.ours);
        assert_int_equal(is_given(&l), shrink == 8);
        mill_arena_free(l.arena);
        compare_damaged(jpeg_bytes(&file), shrink, "unseen", shrink);
    }
    free(file.at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_script_is_the_same),
        cmocka_unit_test(large_pictures_are_the_same),
        cmocka_unit_test(a_gray_picture_may_have_factors),
        cmocka_unit_test(enough_is_enough),
        cmocka_unit_test(what_goes_by_in_rows_is_tried),
        cmocka_unit_test(rows_take_little_memory),
        cmocka_unit_test(what_stands_between_scans),
        cmocka_unit_test(restarts_stand_where_they_belong),
        cmocka_unit_test(a_restart_too_few),
        cmocka_unit_test(details_before_the_dc),
        cmocka_unit_test(incomplete_pictures_are_the_same),
        cmocka_unit_test(scans_are_limited),
        cmocka_unit_test(every_truncation_is_the_same),
        cmocka_unit_test(every_flipped_bit_is_the_same),
        cmocka_unit_test(every_marker_is_the_same),
        cmocka_unit_test(damage_that_no_sample_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
