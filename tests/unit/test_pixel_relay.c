/* The relay: whatever runs behind it, the picture, the answers and the calls
 * are those of a line without it. */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mill_test_pixel.h"
#include "threads.h"

enum { W = 37, H = 203, BAND = 8, THREADS = 4 };

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

/* relay - relay - collect */
struct line {
    struct mill_arena *arena;
    struct mill_crew *crew;
    struct mill_shape shape;
    struct mill_test_collect end;
    struct mill_sink *first, *second;
    struct mill_err err;
};

static void
line_open(struct line *line, unsigned threads, unsigned depth, uint32_t sure)
{
    watchdog();
    *line = (struct line){.arena = mill_arena_new(1 << 16),
                          .crew = mill_crew_new(threads),
                          .shape = shape_make(depth)};
    mill_test_collect_init(&line->end);
    line->second = mill_sink_relay(&line->end.sink, sure, line->crew, 2,
                                   line->arena, &line->err);
    line->first = mill_sink_relay(line->second, sure, line->crew, 1,
                                  line->arena, &line->err);
    assert_non_null(line->first);
}

static void
line_close(struct line *line)
{
    line->first->free(line->first);
    line->second->free(line->second);
    unsigned bands = line->end.bands;
    nap_ms(1);
    assert_int_equal(line->end.bands, bands); /* nothing comes after free */
    mill_test_collect_clear(&line->end);
    mill_crew_free(line->crew);
    mill_arena_free(line->arena);
}

static struct mill_test_source
source_of(const struct line *line, uint32_t cut)
{
    return (struct mill_test_source){
        .shape = &line->shape, .cut = cut, .value = mill_test_noise};
}

static void
pictures_come_through(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * THREADS * MILL_COUNT(mill_test_cuts); i++) {
        struct line line;
        struct mill_test_collect direct;
        line_open(&line, 1 + i / 2 % THREADS, i % 2 ? 16 : 8, H);
        struct mill_test_source source =
            source_of(&line, mill_test_cuts[i / (2 * THREADS)]);
        mill_test_collect_init(&direct);
        assert_int_equal(mill_test_drive(&source, &direct.sink, &line.err),
                         MILL_FLOW_MORE);
        assert_int_equal(mill_test_drive(&source, line.first, &line.err),
                         MILL_FLOW_MORE);
        assert_int_equal(line.end.begins, 1);
        assert_int_equal(line.end.ends, 1);
        assert_int_equal(line.end.bands, direct.bands);
        assert_true(mill_test_equal(&line.end, &direct));
        mill_test_collect_clear(&direct);
        line_close(&line);
    }
}

/* From the row `sure` on an answer comes with the band that it is for. */
static void
enough_stops_at_its_band(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS; threads++) {
        struct line line;
        line_open(&line, threads, 8, 100);
        struct mill_test_source source = source_of(&line, 7);
        line.end.enough_at = 101;
        assert_int_equal(mill_test_drive(&source, line.first, &line.err),
                         MILL_FLOW_ENOUGH);
        assert_int_equal(line.end.rows, 105);
        assert_int_equal(line.end.bands, 15);
        assert_int_equal(line.end.ends, 1);
        line_close(&line);
    }
}

/* It may come late, but comes, and nothing that follows gets through. */
static void
failures_come_back(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= THREADS; threads++) {
        struct line line;
        line_open(&line, threads, 8, H);
        struct mill_test_source source = source_of(&line, 7);
        line.end.fail_at = threads % 2 ? 50 : H;
        assert_int_equal(mill_test_drive(&source, line.first, &line.err),
                         MILL_FLOW_FAILED);
        assert_int_equal(line.err.status, MILL_WRITE);
        assert_int_equal(line.end.rows, threads % 2 ? 56 : H);
        assert_int_equal(line.end.ends, 0);
        line_close(&line);
    }
}

static enum mill_flow
give_rows(struct line *line, uint32_t end)
{
    struct mill_band whole;
    enum mill_flow flow =
        line->first->begin(line->first, &line->shape, &no_meta, &line->err);
    mill_band_take(&whole, &line->shape, H, line->arena, &line->err);
    mill_band_place(&whole, &line->shape, 0, H);
    for (uint32_t y = 0; y < end && flow == MILL_FLOW_MORE; y += BAND) {
        struct mill_band band = mill_band_part(&whole, &line->shape, y, BAND);
        flow = line->first->band(line->first, &band, &line->err);
    }
    return flow;
}

/* Who fails by itself finds out what had failed before. */
static void
settling_tells_what_was_first(void **state)
{
    struct line line;
    struct mill_err err = {0};
    (void)state;
    for (unsigned threads = 1; threads <= THREADS; threads++) {
        line_open(&line, threads, 8, H);
        line.end.fail_at = 5 * BAND;
        give_rows(&line, 6 * BAND);
        mill_sink_relay_settle(line.first, &err);
        assert_int_equal(mill_sink_relay_settle(line.second, &err),
                         MILL_FLOW_FAILED);
        assert_int_equal(err.status, MILL_WRITE);
        line_close(&line);
    }
}

/* A line that is left in the middle is at rest when its relays are freed. */
static void
freeing_ends_the_work(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8 * THREADS; i++) {
        struct line line;
        line_open(&line, 1 + i % THREADS, 8, H);
        assert_int_equal(give_rows(&line, (1 + i / THREADS) * BAND),
                         MILL_FLOW_MORE);
        line_close(&line);
    }
}

static void
memory_is_counted(void **state)
{
    struct line line;
    (void)state;
    line_open(&line, 1, 8, H);
    uint64_t before = mill_arena_bytes(line.arena);
    line.first->begin(line.first, &line.shape, &no_meta, &line.err);
    assert_true(mill_arena_bytes(line.arena) - before <=
                2 * mill_sink_relay_bytes(&line.shape));
    line_close(&line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_through),
        cmocka_unit_test(enough_stops_at_its_band),
        cmocka_unit_test(failures_come_back),
        cmocka_unit_test(settling_tells_what_was_first),
        cmocka_unit_test(freeing_ends_the_work),
        cmocka_unit_test(memory_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
