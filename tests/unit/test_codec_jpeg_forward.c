/* JPEG's forward DCTs and quantisation: every level gives the coefficients that
 * libjpeg writes, of what is hardest on their ranges too, in the order of the
 * zigzag, and reads and writes its own blocks alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <imgmill/base.h>

#include "codec/kernel/kernels.h"

static uint32_t
noise(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

/* ---- samples ------------------------------------------------------------- */

enum { MOST = 67, WIDTH = 8 * MOST };

/* Eight rows, without gaps. */
struct samples {
    unsigned n; /* blocks */
    uint8_t *at;
};

/* Of their own size alone, so that AddressSanitizer sees who reads beyond. */
static struct samples
samples_of(unsigned n)
{
    struct samples s = {.n = n, .at = malloc((size_t)64 * n)};
    assert_non_null(s.at);
    return s;
}

static uint8_t *
sample_at(const struct samples *s, unsigned block, unsigned i)
{
    return s->at + (size_t)i / 8 * 8 * s->n + (size_t)block * 8 + i % 8;
}

/* What makes coefficient (block % 64) as large as it can be, or as low. */
static uint8_t
extreme(unsigned block, unsigned i, bool down)
{
    double x = cos((i % 8 * 2 + 1) * (block % 8) * M_PI / 16);
    double y = cos((i / 8 * 2 + 1) * (block / 8 % 8) * M_PI / 16);
    return (x * y > 0) != down ? 255 : 0;
}

enum kind {
    NOISE,
    SOFT,
    BLACK_WHITE,
    FLAT,
    CHECKERS,
    EXTREMES,
    EXTREMES_DOWN,
    RAMPS,
    EDGES,
    KINDS
};

static uint8_t
draw(enum kind kind, unsigned block, unsigned i, uint32_t *state)
{
    unsigned x = i % 8, y = i / 8;
    switch (kind) {
    case NOISE:
        return (uint8_t)noise(state);
    case SOFT:
        return (uint8_t)(block * 3 + noise(state) % (1 + block % 7));
    case BLACK_WHITE:
        return noise(state) & 1 ? 255 : 0;
    case FLAT:
        return (uint8_t)(block * 255 / (MOST - 1));
    case CHECKERS:
        return ((x >> (block & 3)) ^ (y >> (block >> 2 & 3))) & 1 ? 255 : 0;
    case EXTREMES:
    case EXTREMES_DOWN:
        return extreme(block, i, kind == EXTREMES_DOWN);
    case RAMPS:
        return (uint8_t)((x * block + y * (MOST - block)) / 4);
    default:
        return x + y * (block % 5) > block % 11 ? 200 : 30;
    }
}

static struct samples
drawn(unsigned n, enum kind kind, uint32_t seed)
{
    struct samples s = samples_of(n);
    for (unsigned block = 0; block < n; block++)
        for (unsigned i = 0; i < 64; i++)
            *sample_at(&s, block, i) = draw(kind, block, i, &seed);
    return s;
}

/* ---- libjpeg ------------------------------------------------------------- */

/* What libjpeg makes of samples: its steps and its coefficients, both in
 * natural order. */
struct oracle {
    uint16_t step[64];
    int16_t natural[MOST][64];
};

static unsigned long
encode(const struct samples *s, int quality, unsigned char **file)
{
    struct jpeg_compress_struct jpeg = {0};
    struct jpeg_error_mgr manager;
    unsigned long n = 0;
    JSAMPROW rows[8];
    JSAMPARRAY planes[1] = {rows};
    for (unsigned i = 0; i < 8; i++)
        rows[i] = s->at + (size_t)i * 8 * s->n;
    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, file, &n);
    jpeg.image_width = 8 * s->n;
    jpeg.image_height = 8;
    jpeg.input_components = 1;
    jpeg.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg.dct_method = JDCT_ISLOW;
    jpeg.raw_data_in = TRUE;
    jpeg_start_compress(&jpeg, TRUE);
    jpeg_write_raw_data(&jpeg, planes, 8);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return n;
}

static void
decode(const unsigned char *file, unsigned long n, struct oracle *oracle)
{
    struct jpeg_decompress_struct jpeg = {0};
    struct jpeg_error_mgr manager;
    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, file, n);
    jpeg_read_header(&jpeg, TRUE);
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(&jpeg);
    JBLOCKARRAY rows = jpeg.mem->access_virt_barray((j_common_ptr)&jpeg,
                                                    arrays[0], 0, 1, FALSE);
    memcpy(oracle->natural, rows[0],
           jpeg.comp_info[0].width_in_blocks * sizeof *oracle->natural);
    memcpy(oracle->step, jpeg.comp_info[0].quant_table->quantval,
           sizeof oracle->step);
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
}

static void
ask(const struct samples *s, int quality, struct oracle *oracle)
{
    unsigned char *file = NULL;
    unsigned long n = encode(s, quality, &file);
    decode(file, n, oracle);
    free(file);
}

/* ---- the same ------------------------------------------------------------ */

static void
compare_block(const struct codec__forward_block *block, const int16_t *natural,
              const char *what)
{
    uint64_t set = 0;
    for (unsigned k = 0; k < 64; k++) {
        int16_t v = natural[codec__zigzag[k]];
        set |= (uint64_t)(v != 0) << k;
        if (block->zigzag[k] != v)
            fail_msg("%s, coefficient %u: %d, not %d", what, k,
                     block->zigzag[k], v);
    }
    if (block->set != set)
        fail_msg("%s: set %#llx, not %#llx", what,
                 (unsigned long long)block->set, (unsigned long long)set);
}

/* Every level's blocks of these samples; the block behind them is as it was. */
static void
compare(const struct samples *s, const struct oracle *oracle, const char *what)
{
    static struct codec__forward_block blocks[MOST + 1], untouched;
    const struct codec__kernels *kernels;
    struct codec__divisors divisors;
    char text[160];
    codec__divisors_make(&divisors, oracle->step, MILL_ROUNDING_NEAREST);
    memset(&untouched, 0xA5, sizeof untouched);
    for (unsigned level = 0; (kernels = codec__kernels_at(level)); level++) {
        memset(blocks, 0xA5, sizeof blocks);
        kernels->forward(s->at, (size_t)8 * s->n, s->n, &divisors, blocks);
        for (unsigned i = 0; i < s->n; i++) {
            snprintf(text, sizeof text, "%s: %s, block %u of %u",
                     kernels->level, what, i, s->n);
            compare_block(&blocks[i], oracle->natural[i], text);
        }
        assert_memory_equal(&blocks[s->n], &untouched, sizeof untouched);
    }
}

static void
coefficients_are_libjpegs(void **state)
{
    static struct oracle oracle;
    char what[80];
    (void)state;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (int quality = 1; quality <= 100; quality++) {
            struct samples s = drawn(MOST, kind, (uint32_t)quality);
            snprintf(what, sizeof what, "kind %u, quality %d", kind, quality);
            ask(&s, quality, &oracle);
            compare(&s, &oracle, what);
            free(s.at);
        }
    }
}

static void
any_number_of_blocks(void **state)
{
    static struct oracle oracle;
    char what[80];
    (void)state;
    for (unsigned n = 1; n < 20; n++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            struct samples s = drawn(n, kind, n);
            snprintf(what, sizeof what, "kind %u", kind);
            ask(&s, 80, &oracle);
            compare(&s, &oracle, what);
            free(s.at);
        }
    }
}

/* ---- quantisation -------------------------------------------------------- */

/* A flat block's DC is 64 times its sample less 128, and eight of its rows one
 * more sample: all values that a DC may have, by all steps. */
static void
every_step_rounds_away_from_zero(void **state)
{
    const struct codec__kernels *kernels;
    static struct codec__forward_block blocks[MOST];
    struct codec__divisors divisors;
    uint16_t step[64];
    (void)state;
    struct samples s = samples_of(64);
    for (unsigned d = 1; d <= 255; d++) {
        for (unsigned i = 0; i < 64; i++)
            step[i] = (uint16_t)d;
        codec__divisors_make(&divisors, step, MILL_ROUNDING_NEAREST);
        for (int v = d % 8; v < 255; v += 8) {
            for (unsigned i = 0; i < 64 * 64; i++)
                *sample_at(&s, i / 64, i % 64) =
                    (uint8_t)(v + (i % 64 < i / 64));
            for (unsigned l = 0; (kernels = codec__kernels_at(l)); l++) {
                kernels->forward(s.at, 8 * 64, 64, &divisors, blocks);
                for (int more = 0; more < 64; more++) {
                    int dc = (v - 128) * 64 + more, step_8 = (int)d * 8;
                    int size = (abs(dc) + step_8 / 2) / step_8;
                    assert_int_equal(blocks[more].zigzag[0],
                                     dc < 0 ? -size : size);
                }
            }
        }
    }
    free(s.at);
}

/* Blocks by one step for all; rounded has them by a step of 1. */
static void
check_smaller(const struct codec__forward_block *block,
              const struct codec__forward_block *nearest,
              const struct codec__forward_block *rounded, int step)
{
    for (unsigned k = 0; k < 64; k++) {
        int size = abs(block->zigzag[k]), half = abs(nearest->zigzag[k]);
        int value = abs(rounded->zigzag[k]), gone = half - size;
        assert_int_equal(block->set >> k & 1, size != 0);
        assert_in_range(gone, 0, k > 0 && step > 3);
        assert_true((int)block->zigzag[k] * nearest->zigzag[k] >= 0);
        /* in 256ths, the value itself being half of one off */
        int over = (value - size * step) * 256;
        assert_true(over <= (256 - 118) * step + 128 || (!gone && step <= 3));
        assert_true(over >= -118 * step - 128 - 32 || step <= 3 || k == 0);
    }
}

/* By every step: what is rounded down is what is to be, by all levels. */
static void
smaller_rounding_is_towards_0(void **state)
{
    static struct codec__forward_block first[MOST], nearest[MOST],
        rounded[MOST], blocks[MOST];
    const struct codec__kernels *kernels = codec__kernels_at(0);
    struct codec__divisors divisors;
    uint16_t steps[64];
    (void)state;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct samples s = drawn(MOST, kind, kind + 1);
        for (uint16_t step = 1; step <= 255; step++) {
            size_t stride = (size_t)8 * s.n;
            for (unsigned i = 0; i < 64; i++)
                steps[i] = 1;
            codec__divisors_make(&divisors, steps, MILL_ROUNDING_NEAREST);
            kernels->forward(s.at, stride, s.n, &divisors, rounded);
            for (unsigned i = 0; i < 64; i++)
                steps[i] = step;
            codec__divisors_make(&divisors, steps, MILL_ROUNDING_NEAREST);
            kernels->forward(s.at, stride, s.n, &divisors, nearest);
            codec__divisors_make(&divisors, steps, MILL_ROUNDING_SMALLER);
            kernels->forward(s.at, stride, s.n, &divisors, first);
            for (unsigned i = 0; i < s.n; i++)
                check_smaller(&first[i], &nearest[i], &rounded[i], step);
            for (unsigned level = 1; codec__kernels_at(level); level++) {
                codec__kernels_at(level)->forward(s.at, stride, s.n, &divisors,
                                                  blocks);
                assert_memory_equal(blocks, first, s.n * sizeof *first);
            }
        }
        free(s.at);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coefficients_are_libjpegs),
        cmocka_unit_test(any_number_of_blocks),
        cmocka_unit_test(every_step_rounds_away_from_zero),
        cmocka_unit_test(smaller_rounding_is_towards_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
