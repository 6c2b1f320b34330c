/* The checking and the measuring station, and the two ends that tests put round
 * a station (mill_test_pixel.h). */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mill_test_pixel.h"

enum { W = 13, H = 21, BAND = 8 };

/* A line of one checking station before a collecting end. */
struct line {
    struct mill_arena *arena;
    struct mill_shape shape;
    struct mill_test_collect end;
    struct mill_sink *check;
    struct mill_band whole; /* the picture, all rows */
    struct mill_err err;
};

static const struct mill_meta no_meta;

static struct mill_shape
shape_make(unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, W, H, MILL_YCC, MILL_OPAQUE, depth);
    shape.plane[1] = mill_grid_make(W, H + 1, 2, 2);
    shape.plane[1].y0 = -1;
    shape.plane[2] = shape.plane[1];
    shape.band_px = BAND;
    return shape;
}

static int
line_open(void **state)
{
    struct line *line = calloc(1, sizeof *line);
    *state = line;
    line->arena = mill_arena_new(1 << 16);
    line->shape = shape_make(8);
    mill_test_collect_init(&line->end);
    line->check = mill_sink_check(&line->end.sink, &line->shape, "here",
                                  line->arena, &line->err);
    mill_band_take(&line->whole, &line->shape, H, line->arena, &line->err);
    mill_band_place(&line->whole, &line->shape, 0, H);
    return line->check && line->err.status == MILL_OK ? 0 : -1;
}

static int
line_close(void **state)
{
    struct line *line = *state;
    mill_test_collect_clear(&line->end);
    mill_arena_free(line->arena);
    free(line);
    return 0;
}

static enum mill_flow
begin(struct line *line)
{
    return line->check->begin(line->check, &line->shape, &no_meta, &line->err);
}

static enum mill_flow
end(struct line *line)
{
    return line->check->end(line->check, &line->err);
}

static enum mill_flow
push(struct line *line, const struct mill_band *band)
{
    return line->check->band(line->check, band, &line->err);
}

static enum mill_flow
rows(struct line *line, uint32_t y, uint32_t n)
{
    struct mill_band band = mill_band_part(&line->whole, &line->shape, y, n);
    return push(line, &band);
}

/* The rule was broken: said by the station's name, and nothing gets through. */
static void
assert_broken(struct line *line, enum mill_flow flow, const char *word)
{
    unsigned calls = line->end.bands + line->end.ends;
    assert_int_equal(flow, MILL_FLOW_FAILED);
    assert_int_equal(line->err.status, MILL_INTERNAL);
    assert_non_null(strstr(line->err.text, "here"));
    assert_non_null(strstr(line->err.text, word));
    line->err = (struct mill_err){0};
    assert_int_equal(end(line), MILL_FLOW_FAILED);
    assert_non_null(strstr(line->err.text, "after failed"));
    assert_int_equal(line->end.bands + line->end.ends, calls);
}

static void
good_line_passes_in_every_cut(void **state)
{
    struct line *line = *state;
    for (size_t i = 0; i < MILL_COUNT(mill_test_cuts); i++) {
        struct mill_test_source source = {.shape = &line->shape,
                                          .cut = mill_test_cuts[i],
                                          .value = mill_test_noise};
        struct mill_test_collect *out = &line->end;
        mill_test_collect_clear(out);
        struct mill_sink *check = mill_sink_check(
            &out->sink, &line->shape, "here", line->arena, &line->err);
        assert_int_equal(mill_test_drive(&source, check, &line->err),
                         MILL_FLOW_MORE);
        assert_int_equal(out->begins, 1);
        assert_int_equal(out->ends, 1);
        assert_int_equal(out->rows, H);
        assert_int_equal(mill_test_sample(out, 1, 3, 4),
                         mill_test_noise(NULL, 1, 3, 4) & 255);
    }
}

static void
enough_is_handed_on_and_then_only_end(void **state)
{
    struct line *line = *state;
    line->end.enough_at = 10;
    assert_int_equal(begin(line), MILL_FLOW_MORE);
    assert_int_equal(rows(line, 0, 8), MILL_FLOW_MORE);
    assert_int_equal(rows(line, 8, 8), MILL_FLOW_ENOUGH);
    assert_int_equal(end(line), MILL_FLOW_MORE);
    assert_int_equal(line->end.ends, 1);
}

static void
a_band_after_enough_is_broken(void **state)
{
    struct line *line = *state;
    line->end.enough_at = 1;
    begin(line);
    assert_int_equal(rows(line, 0, 8), MILL_FLOW_ENOUGH);
    assert_broken(line, rows(line, 8, 8), "a band after enough");
}

static void
enough_at_the_last_row_may_end(void **state)
{
    struct line *line = *state;
    line->end.enough_at = H;
    begin(line);
    rows(line, 0, 8);
    rows(line, 8, 8);
    assert_int_equal(rows(line, 16, 5), MILL_FLOW_ENOUGH);
    assert_int_equal(end(line), MILL_FLOW_MORE);
}

static void
a_failure_is_handed_on_as_it_is(void **state)
{
    struct line *line = *state;
    line->end.fail_at = 1;
    begin(line);
    assert_int_equal(rows(line, 0, 8), MILL_FLOW_FAILED);
    assert_int_equal(line->err.status, MILL_WRITE);
    assert_broken(line, rows(line, 8, 8), "a band after failed");
}

static void
begin_twice_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    assert_broken(line, begin(line), "begin twice");
}

static void
begin_without_metadata_is_broken(void **state)
{
    struct line *line = *state;
    enum mill_flow flow =
        line->check->begin(line->check, &line->shape, NULL, &line->err);
    assert_broken(line, flow, "metadata");
}

static void
begin_with_a_wrong_shape_is_broken(void **state)
{
    struct line *line = *state;
    line->shape.plane[1].w = 3;
    assert_broken(line, begin(line), "grid of plane 1");
}

static void
begin_with_another_shape_than_planned_is_broken(void **state)
{
    struct line *line = *state;
    line->shape.plane[1] = line->shape.plane[0];
    assert_broken(line, begin(line), "grid is not what was planned");
}

static void
begin_may_have_another_band_px_and_unused_grids(void **state)
{
    struct line *line = *state;
    line->shape.band_px = 5;
    line->shape.plane[4].w = 1000;
    assert_int_equal(begin(line), MILL_FLOW_MORE);
    assert_broken(line, rows(line, 0, 6), "not 1 to 5");
}

static void
begin_without_a_plan_takes_any_shape(void **state)
{
    struct line *line = *state;
    line->check =
        mill_sink_check(&line->end.sink, NULL, "here", line->arena, &line->err);
    line->shape = shape_make(16);
    assert_int_equal(begin(line), MILL_FLOW_MORE);
}

static void
the_shape_is_copied(void **state)
{
    struct line *line = *state;
    struct mill_band band = mill_band_part(&line->whole, &line->shape, 0, 8);
    assert_int_equal(begin(line), MILL_FLOW_MORE);
    memset(&line->shape, 0xFF, sizeof line->shape);
    assert_int_equal(push(line, &band), MILL_FLOW_MORE);
}

static void
a_band_before_begin_is_broken(void **state)
{
    struct line *line = *state;
    assert_broken(line, rows(line, 0, 8), "before begin");
}

static void
a_gap_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    rows(line, 0, 8);
    assert_broken(line, rows(line, 9, 8), "a band at row 9, not 8");
}

static void
a_band_again_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    rows(line, 0, 8);
    assert_broken(line, rows(line, 0, 8), "a band at row 0, not 8");
}

static void
a_tall_band_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    assert_broken(line, rows(line, 0, 9), "not 1 to 8");
}

static void
an_empty_band_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    assert_broken(line, rows(line, 0, 0), "not 1 to 8");
}

static void
a_band_beyond_the_picture_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    rows(line, 0, 8);
    rows(line, 8, 8);
    assert_broken(line, rows(line, 16, 6), "beyond row 21");
}

static void
a_band_after_the_last_row_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    rows(line, 0, 8);
    rows(line, 8, 8);
    rows(line, 16, 5);
    assert_broken(line, rows(line, 21, 1), "after the last row");
}

/* Pushes the first band, with plane 1's rows replaced. */
static enum mill_flow
push_with(struct line *line, struct mill_rows plane_1)
{
    struct mill_band band = mill_band_part(&line->whole, &line->shape, 0, 8);
    begin(line);
    band.plane[1] = plane_1;
    return push(line, &band);
}

static void
a_plane_with_too_few_rows_is_broken(void **state)
{
    struct line *line = *state;
    struct mill_rows plane = line->whole.plane[1];
    plane.n = 4; /* 8 px from -1 on with step 2: 5 rows */
    assert_broken(line, push_with(line, plane), "rows 0+4, not 0+5");
}

static void
a_plane_at_another_row_is_broken(void **state)
{
    struct line *line = *state;
    struct mill_rows plane = line->whole.plane[1];
    plane.n = 5;
    plane.y = 1;
    assert_broken(line, push_with(line, plane), "rows 1+5, not 0+5");
}

static void
a_plane_without_address_is_broken(void **state)
{
    struct line *line = *state;
    struct mill_rows plane = line->whole.plane[1];
    plane.n = 5;
    plane.at = NULL;
    assert_broken(line, push_with(line, plane), "no address");
}

static void
rows_that_overlap_are_broken(void **state)
{
    struct line *line = *state;
    struct mill_rows plane = line->whole.plane[1];
    plane.n = 5;
    plane.stride_bytes = 6; /* of 7 samples */
    assert_broken(line, push_with(line, plane), "overlap");
}

static void
end_before_the_last_row_is_broken(void **state)
{
    struct line *line = *state;
    begin(line);
    rows(line, 0, 8);
    assert_broken(line, end(line), "end before the last row (row 8 of 21)");
}

static void
end_before_begin_is_broken(void **state)
{
    struct line *line = *state;
    assert_broken(line, end(line), "end before begin");
}

static void
end_twice_is_broken(void **state)
{
    struct line *line = *state;
    line->end.enough_at = 1;
    begin(line);
    rows(line, 0, 8);
    end(line);
    assert_broken(line, end(line), "end after end");
}

static enum mill_flow
band_fails_silently(struct mill_sink *sink, const struct mill_band *band,
                    struct mill_err *err)
{
    (void)sink, (void)band, (void)err;
    return MILL_FLOW_FAILED;
}

static enum mill_flow
band_answers_7(struct mill_sink *sink, const struct mill_band *band,
               struct mill_err *err)
{
    (void)sink, (void)band, (void)err;
    return (enum mill_flow)7;
}

static void
failing_without_a_word_is_broken(void **state)
{
    struct line *line = *state;
    line->end.sink.band = band_fails_silently;
    begin(line);
    assert_broken(line, rows(line, 0, 8), "without a word");
}

static void
an_answer_that_is_no_flow_is_broken(void **state)
{
    struct line *line = *state;
    line->end.sink.band = band_answers_7;
    begin(line);
    assert_broken(line, rows(line, 0, 8), "answered 7");
}

/* ---- the clock ----------------------------------------------------------- */

static enum mill_flow
end_takes_2_ms(struct mill_sink *sink, struct mill_err *err)
{
    (void)sink, (void)err;
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return MILL_FLOW_ENOUGH;
}

static void
clock_adds_the_time_behind_it(void **state)
{
    struct line *line = *state;
    uint64_t ns = 5, before = mill_now_ns();
    line->end.sink.end = end_takes_2_ms;
    struct mill_sink *clock =
        mill_sink_clock(&line->end.sink, &ns, line->arena, &line->err);
    assert_int_equal(clock->end(clock, &line->err), MILL_FLOW_ENOUGH);
    assert_int_equal(clock->end(clock, &line->err), MILL_FLOW_ENOUGH);
    assert_in_range(ns, 4000005, mill_now_ns() - before + 5);
}

static void
clock_counts_begin_and_bands_and_changes_nothing(void **state)
{
    struct line *line = *state;
    uint64_t ns = 0;
    struct mill_test_source source = {
        .shape = &line->shape, .cut = 3, .value = mill_test_noise};
    struct mill_sink *clock =
        mill_sink_clock(&line->end.sink, &ns, line->arena, &line->err);
    line->end.enough_at = 10;
    assert_int_equal(mill_test_drive(&source, clock, &line->err),
                     MILL_FLOW_ENOUGH);
    assert_int_equal(line->end.bands, 4);
    assert_int_equal(line->end.begins + line->end.ends, 2);
    assert_true(ns > 0);
}

/* ---- the ends for tests -------------------------------------------------- */

static void
pictures_are_equal_however_they_were_cut(void **state)
{
    struct line *line = *state;
    struct mill_shape shape = shape_make(16);
    struct mill_test_source source = {
        .shape = &shape, .cut = 7, .value = mill_test_noise};
    assert_int_equal(mill_test_drive(&source, &line->end.sink, &line->err),
                     MILL_FLOW_MORE);
    for (size_t i = 0; i < MILL_COUNT(mill_test_cuts); i++) {
        struct mill_test_collect other;
        mill_test_collect_init(&other);
        source.cut = mill_test_cuts[i];
        source.shift = 2 * (unsigned)i;
        mill_test_drive(&source, &other.sink, &line->err);
        assert_true(mill_test_equal(&other, &line->end));
        ((uint16_t *)other.plane[2])[5] ^= 256;
        assert_false(mill_test_equal(&other, &line->end));
        mill_test_collect_clear(&other);
    }
}

#define LINE_TEST(test)                                                        \
    cmocka_unit_test_setup_teardown(test, line_open, line_close)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LINE_TEST(good_line_passes_in_every_cut),
        LINE_TEST(enough_is_handed_on_and_then_only_end),
        LINE_TEST(a_band_after_enough_is_broken),
        LINE_TEST(enough_at_the_last_row_may_end),
        LINE_TEST(a_failure_is_handed_on_as_it_is),
        LINE_TEST(begin_twice_is_broken),
        LINE_TEST(begin_without_metadata_is_broken),
        LINE_TEST(begin_with_a_wrong_shape_is_broken),
        LINE_TEST(begin_with_another_shape_than_planned_is_broken),
        LINE_TEST(begin_may_have_another_band_px_and_unused_grids),
        LINE_TEST(begin_without_a_plan_takes_any_shape),
        LINE_TEST(the_shape_is_copied),
        LINE_TEST(a_band_before_begin_is_broken),
        LINE_TEST(a_gap_is_broken),
        LINE_TEST(a_band_again_is_broken),
        LINE_TEST(a_tall_band_is_broken),
        LINE_TEST(an_empty_band_is_broken),
        LINE_TEST(a_band_beyond_the_picture_is_broken),
        LINE_TEST(a_band_after_the_last_row_is_broken),
        LINE_TEST(a_plane_with_too_few_rows_is_broken),
        LINE_TEST(a_plane_at_another_row_is_broken),
        LINE_TEST(a_plane_without_address_is_broken),
        LINE_TEST(rows_that_overlap_are_broken),
        LINE_TEST(end_before_the_last_row_is_broken),
        LINE_TEST(end_before_begin_is_broken),
        LINE_TEST(end_twice_is_broken),
        LINE_TEST(failing_without_a_word_is_broken),
        LINE_TEST(an_answer_that_is_no_flow_is_broken),
        LINE_TEST(clock_adds_the_time_behind_it),
        LINE_TEST(clock_counts_begin_and_bands_and_changes_nothing),
        LINE_TEST(pictures_are_equal_however_they_were_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
