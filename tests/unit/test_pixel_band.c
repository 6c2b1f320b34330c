/* Bands: the buffer that is taken, what lies where, and interleaving. */
#include <imgmill/pixel.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTHS = 70, CHANNELS = 6 };

static int
arena_open(void **state)
{
    *state = mill_arena_new(1 << 20);
    return *state ? 0 : -1;
}

static int
arena_close(void **state)
{
    mill_arena_free(*state);
    return 0;
}

/* YCC, chroma with steps 2 x sy from y0 on. */
static struct mill_shape
shape_make(uint32_t w, uint32_t h, unsigned sy, int y0, unsigned depth)
{
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, MILL_YCC, MILL_OPAQUE, depth);
    struct mill_grid g = mill_grid_make(w, h + (uint32_t)-y0, 2, sy);
    g.y0 = (int8_t)y0;
    shape.plane[1] = shape.plane[2] = g;
    return shape;
}

static void
take_lays_rows_on_lines_with_room_behind(void **arena)
{
    for (uint32_t w = 1; w < 9000; w = w * 3 / 2 + 1) {
        struct mill_shape shape = shape_make(w, 40, 2, 0, 16);
        struct mill_band band;
        struct mill_err err = {0};
        assert_int_equal(mill_band_take(&band, &shape, 16, *arena, &err),
                         MILL_OK);
        for (unsigned p = 0; p < 3; p++) {
            size_t stride = band.plane[p].stride_bytes;
            assert_int_equal((uintptr_t)band.plane[p].at % 64, 0);
            assert_int_equal(stride % 64, 0);
            assert_true(stride >= shape.plane[p].w * 2 + 64);
        }
        mill_arena_clear(*arena);
    }
}

static void
take_avoids_strides_of_whole_pages(void **arena)
{
    static const uint32_t widths[] = {4096 - 64, 8192 - 64, 8192 - 100};
    for (size_t i = 0; i < MILL_COUNT(widths); i++) {
        struct mill_shape shape;
        struct mill_band band;
        struct mill_err err = {0};
        mill_shape_init(&shape, widths[i], 4, MILL_GRAY, MILL_OPAQUE, 8);
        assert_int_equal(mill_band_take(&band, &shape, 4, *arena, &err),
                         MILL_OK);
        assert_int_equal(band.plane[0].stride_bytes % 4096, 64);
    }
}

/* The most rows that any band of up to px rows has of a plane. */
static uint32_t
rows_at_most(const struct mill_shape *shape, unsigned p, uint32_t px)
{
    uint32_t most = 1;
    for (uint32_t y = 0; y < shape->h; y++) {
        struct mill_band band = {0};
        uint32_t n = px < shape->h - y ? px : shape->h - y;
        mill_band_place(&band, shape, y, n);
        most = band.plane[p].n > most ? band.plane[p].n : most;
    }
    return most;
}

static void
bytes_is_the_most_that_any_band_needs(void **arena)
{
    for (unsigned sy = 1; sy <= 8; sy++)
        for (int y0 = 0; y0 > -(int)sy; y0--)
            for (uint32_t px = 0; px <= 24; px += 1 + px / 8) {
                struct mill_shape shape = shape_make(33, 21, sy, y0, 8);
                struct mill_band band;
                struct mill_err err = {0};
                uint64_t sum = 0, before = mill_arena_bytes(*arena);
                assert_int_equal(
                    mill_band_take(&band, &shape, px, *arena, &err), MILL_OK);
                for (unsigned p = 0; p < 3; p++)
                    sum += rows_at_most(&shape, p, px) *
                           band.plane[p].stride_bytes;
                assert_int_equal(mill_band_bytes(&shape, px), sum);
                assert_true(mill_arena_bytes(*arena) - before >= sum);
            }
}

static void
planes_of_a_band_do_not_overlap(void **arena)
{
    struct mill_shape shape = shape_make(33, 21, 2, -1, 8);
    struct mill_band band;
    struct mill_err err = {0};
    assert_int_equal(mill_band_take(&band, &shape, 21, *arena, &err), MILL_OK);
    mill_band_place(&band, &shape, 0, 21);
    for (unsigned p = 0; p < 3; p++)
        memset(band.plane[p].at, (int)p + 1,
               band.plane[p].n * band.plane[p].stride_bytes);
    for (unsigned p = 0; p < 3; p++)
        for (uint32_t y = 0; y < band.plane[p].n; y++)
            for (uint32_t x = 0; x < shape.plane[p].w + 64; x++)
                assert_int_equal(
                    ((uint8_t *)mill_rows_at(&band.plane[p], y))[x], p + 1);
}

static void
take_says_when_it_is_too_much(void **arena)
{
    struct mill_shape shape;
    struct mill_band band;
    struct mill_err err = {0};
    uint32_t most = UINT32_MAX;
    mill_shape_init(&shape, most, most, MILL_CMYK, MILL_STRAIGHT, 16);
    assert_true(mill_band_bytes(&shape, most) == UINT64_MAX);
    assert_int_equal(mill_band_take(&band, &shape, most, *arena, &err),
                     MILL_LIMIT);
    assert_int_equal(err.status, MILL_LIMIT);
    assert_true(mill_band_bytes(&shape, 16) < UINT64_MAX);
}

static void
placed_bands_join_without_gap(void **state)
{
    (void)state;
    for (uint32_t cut = 1; cut <= 22; cut++)
        for (int y0 = 0; y0 > -4; y0--) {
            struct mill_shape shape = shape_make(9, 21, 4, y0, 8);
            uint32_t next[3] = {0};
            for (uint32_t y = 0; y < 21; y += cut) {
                struct mill_band band = {0};
                mill_band_place(&band, &shape, y, cut < 21 - y ? cut : 21 - y);
                assert_int_equal(band.y, y);
                for (unsigned p = 0; p < 3; p++) {
                    assert_int_equal(band.plane[p].y, next[p]);
                    next[p] += band.plane[p].n;
                }
            }
            for (unsigned p = 0; p < 3; p++)
                assert_int_equal(next[p], shape.plane[p].h);
        }
}

static void
a_part_shows_the_same_rows(void **arena)
{
    struct mill_shape shape = shape_make(9, 21, 4, -2, 8);
    struct mill_band whole;
    struct mill_err err = {0};
    assert_int_equal(mill_band_take(&whole, &shape, 21, *arena, &err), MILL_OK);
    mill_band_place(&whole, &shape, 3, 18);
    for (uint32_t y = 3; y < 21; y++)
        for (uint32_t n = 1; n <= 21 - y; n++) {
            struct mill_band part = mill_band_part(&whole, &shape, y, n);
            struct mill_band placed = {0};
            mill_band_place(&placed, &shape, y, n);
            for (unsigned p = 0; p < 3; p++) {
                const struct mill_rows *rows = &part.plane[p];
                assert_int_equal(rows->y, placed.plane[p].y);
                assert_int_equal(rows->n, placed.plane[p].n);
                if (rows->n)
                    assert_ptr_equal(rows->at,
                                     mill_rows_at(&whole.plane[p],
                                                  rows->y - whole.plane[p].y));
            }
        }
}

/* ---- interleaving -------------------------------------------------------- */

/* Buffers of exactly the size, so that a sanitizer sees a byte too far. */
struct mix {
    uint8_t *mixed;
    void *row[CHANNELS];
    size_t bytes; /* of a row of one channel */
    unsigned n;
};

static struct mix
mix_new(uint32_t w, unsigned n, unsigned depth)
{
    struct mix mix = {.bytes = w * (depth / 8), .n = n};
    mix.mixed = malloc(mix.bytes * n);
    for (size_t i = 0; i < mix.bytes * n; i++)
        mix.mixed[i] = (uint8_t)rand();
    for (unsigned c = 0; c < n; c++)
        mix.row[c] = malloc(mix.bytes);
    return mix;
}

static void
mix_free(struct mix *mix)
{
    free(mix->mixed);
    for (unsigned c = 0; c < mix->n; c++)
        free(mix->row[c]);
}

static void
check_split(uint32_t w, unsigned n, unsigned depth)
{
    struct mix mix = mix_new(w, n, depth);
    size_t size = depth / 8;
    mill_rows_split(mix.row, mix.mixed, w, n, depth);
    for (uint32_t x = 0; x < w; x++)
        for (unsigned c = 0; c < n; c++)
            assert_memory_equal((uint8_t *)mix.row[c] + x * size,
                                mix.mixed + (x * n + c) * size, size);
    mix_free(&mix);
}

static void
check_join(uint32_t w, unsigned n, unsigned depth)
{
    struct mix mix = mix_new(w, n, depth);
    const void *rows[CHANNELS];
    size_t size = depth / 8;
    for (unsigned c = 0; c < n; c++) {
        memcpy(mix.row[c], mix.mixed + c * mix.bytes, mix.bytes);
        rows[c] = mix.row[c];
    }
    memset(mix.mixed, 0, mix.bytes * n);
    mill_rows_join(mix.mixed, rows, w, n, depth);
    for (uint32_t x = 0; x < w; x++)
        for (unsigned c = 0; c < n; c++)
            assert_memory_equal((uint8_t *)mix.row[c] + x * size,
                                mix.mixed + (x * n + c) * size, size);
    mix_free(&mix);
}

static void
split_puts_every_sample_in_its_plane(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= CHANNELS; n++)
        for (uint32_t w = 1; w <= WIDTHS; w++) {
            check_split(w, n, 8);
            check_split(w, n, 16);
        }
}

static void
join_puts_every_sample_in_its_px(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= CHANNELS; n++)
        for (uint32_t w = 1; w <= WIDTHS; w++) {
            check_join(w, n, 8);
            check_join(w, n, 16);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_lays_rows_on_lines_with_room_behind),
        cmocka_unit_test(take_avoids_strides_of_whole_pages),
        cmocka_unit_test(bytes_is_the_most_that_any_band_needs),
        cmocka_unit_test(planes_of_a_band_do_not_overlap),
        cmocka_unit_test(take_says_when_it_is_too_much),
        cmocka_unit_test(placed_bands_join_without_gap),
        cmocka_unit_test(a_part_shows_the_same_rows),
        cmocka_unit_test(split_puts_every_sample_in_its_plane),
        cmocka_unit_test(join_puts_every_sample_in_its_px),
    };
    return cmocka_run_group_tests(tests, arena_open, arena_close);
}
