/* PNM decoding: each of the seven kinds by hand-written files, the scaling of
 * samples, headers in all their freedom, and damage. */
#include "codec_run.h"

#include "codec/codecs.h"

struct fixture {
    struct codec_run run;
    void *block;
};

static void
load(struct fixture *f, const void *at, size_t n)
{
    codec_run_init(&f->run);
    codec_run_decode_at(&f->run, &mill_codec_pnm, (struct mill_bytes){at, n},
                        &f->block);
}

static void
clear(struct fixture *f)
{
    codec_run_clear(&f->run);
    free(f->block);
}

/* The file holds these samples, px after px. */
static void
assert_holds_n(const char *file, size_t bytes, uint32_t w, uint32_t h,
               unsigned channels, const unsigned *samples)
{
    struct fixture f;
    load(&f, file, bytes);
    assert_string_equal(f.run.err.text, "");
    assert_int_equal(f.run.status, MILL_OK);
    assert_int_equal(f.run.collect.shape.w, w);
    assert_int_equal(f.run.collect.shape.h, h);
    assert_int_equal(f.run.collect.shape.n_planes, channels);
    assert_int_equal(f.run.collect.rows, h);
    for (uint32_t i = 0; i < w * h * channels; i++)
        assert_int_equal(mill_test_sample(&f.run.collect, i % channels,
                                          i / channels % w, i / channels / w),
                         samples[i]);
    clear(&f);
}

#define ASSERT_HOLDS(file, w, h, channels, ...)                                \
    assert_holds_n(file, sizeof(file) - 1, w, h, channels,                     \
                   (const unsigned[]){__VA_ARGS__})

/* ---- the kinds ----------------------------------------------------------- */

static void
plain_bits(void **state)
{
    (void)state;
    ASSERT_HOLDS("P1\n3 2\n101\n0 1 0\n", 3, 2, 1, 0, 255, 0, 255, 0, 255);
}

static void
plain_gray(void **state)
{
    (void)state;
    ASSERT_HOLDS("P2 3 1 255 0 128 255", 3, 1, 1, 0, 128, 255);
}

static void
plain_rgb(void **state)
{
    (void)state;
    ASSERT_HOLDS("P3\n1 2\n255\n1 2 3\n4 5 6\n", 1, 2, 3, 1, 2, 3, 4, 5, 6);
}

/* Rows begin at a byte: 9 px are two bytes. */
static void
raw_bits(void **state)
{
    (void)state;
    ASSERT_HOLDS("P4\n9 2\n\x80\x80\x01\x7F", 9, 2, 1, 0, 255, 255, 255, 255,
                 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 0, 255);
}

static void
raw_gray(void **state)
{
    (void)state;
    ASSERT_HOLDS("P5 2 2 255\n\x01\x02\xFE\xFF", 2, 2, 1, 1, 2, 254, 255);
}

static void
raw_rgb(void **state)
{
    (void)state;
    ASSERT_HOLDS("P6\n1 2\n255\nabcdef", 1, 2, 3, 'a', 'b', 'c', 'd', 'e', 'f');
}

static void
raw_words_have_the_high_byte_first(void **state)
{
    (void)state;
    ASSERT_HOLDS("P5 2 1 65535\n\x01\x02\xFF\xFE", 2, 1, 1, 0x102, 0xFFFE);
}

#define PAM(type, depth, top)                                                  \
    "P7\n# a comment\nWIDTH 2\nHEIGHT 1\nDEPTH " depth "\nMAXVAL " top         \
    "\n" type "ENDHDR\n"

static void
pam_of_every_type(void **state)
{
    (void)state;
    ASSERT_HOLDS(PAM("TUPLTYPE BLACKANDWHITE\n", "1", "1") "\1\0", 2, 1, 1, 255,
                 0);
    ASSERT_HOLDS(PAM("TUPLTYPE GRAYSCALE\n", "1", "255") "\1\2", 2, 1, 1, 1, 2);
    ASSERT_HOLDS(PAM("TUPLTYPE RGB\n", "3", "255") "abcdef", 2, 1, 3, 'a', 'b',
                 'c', 'd', 'e', 'f');
    ASSERT_HOLDS(PAM("TUPLTYPE BLACKANDWHITE_ALPHA\n", "2", "1") "\1\0\0\1", 2,
                 1, 2, 255, 0, 0, 255);
    ASSERT_HOLDS(PAM("TUPLTYPE GRAYSCALE_ALPHA\n", "2", "255") "abcd", 2, 1, 2,
                 'a', 'b', 'c', 'd');
    ASSERT_HOLDS(PAM("TUPLTYPE RGB_ALPHA\n", "4", "255") "abcdefgh", 2, 1, 4,
                 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    ASSERT_HOLDS(PAM("", "4", "255") "abcdefgh", 2, 1, 4, 'a', 'b', 'c', 'd',
                 'e', 'f', 'g', 'h');
}

static void
alpha_is_straight(void **state)
{
    static const char file[] = PAM("", "2", "65535") "abcdabcd";
    struct fixture f;
    (void)state;
    load(&f, file, sizeof file - 1);
    assert_int_equal(f.run.collect.shape.alpha, MILL_STRAIGHT);
    assert_int_equal(f.run.collect.shape.model, MILL_GRAY);
    assert_int_equal(f.run.collect.shape.depth, 16);
    assert_true(f.run.info.facts.alpha);
    assert_int_equal(f.run.info.facts.channels, 2);
    assert_int_equal(f.run.info.facts.depth, 16);
    assert_int_equal(f.run.info.facts.frames, 1);
    assert_string_equal(f.run.info.facts.colour, "gray");
    clear(&f);
}

/* ---- scaling ------------------------------------------------------------- */

static unsigned
nearest(unsigned v, unsigned top)
{
    double full = top > 255 ? 65535 : 255;
    return (unsigned)(v * full / top + 0.5);
}

/* All samples that there are, in one row, raw and plain. */
static void
check_scaling(unsigned top)
{
    char *file = malloc(32 + 7 * ((size_t)top + 1));
    unsigned *want = malloc(sizeof *want * ((size_t)top + 1));
    int n = sprintf(file, "P5 %u 1 %u\n", top + 1, top);
    for (unsigned v = 0; v <= top; v++) {
        if (top > 255)
            file[n++] = (char)(v >> 8);
        file[n++] = (char)v;
        want[v] = nearest(v, top);
    }
    assert_holds_n(file, (size_t)n, top + 1, 1, 1, want);
    n = sprintf(file, "P2 %u 1 %u", top + 1, top);
    for (unsigned v = 0; v <= top; v++)
        n += sprintf(file + n, " %u", v);
    assert_holds_n(file, (size_t)n, top + 1, 1, 1, want);
    free(file);
    free(want);
}

static void
samples_are_scaled_to_the_nearest(void **state)
{
    static const unsigned tops[] = {1,   2,   3,    7,    15,    100,   254,
                                    255, 256, 1023, 4095, 30000, 65534, 65535};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(tops); i++)
        check_scaling(tops[i]);
}

/* ---- headers ------------------------------------------------------------- */

static void
comments_anywhere_in_the_header(void **state)
{
    (void)state;
    ASSERT_HOLDS("P5# one\n#two\n1 # three\r\n1#four\n255\nA", 1, 1, 1, 'A');
    ASSERT_HOLDS("P5 1 1 255# ends it\nA", 1, 1, 1, 'A');
    ASSERT_HOLDS("P2 2 1 255 1 # in the raster\n2", 2, 1, 1, 1, 2);
}

static void
one_white_space_ends_the_header(void **state)
{
    (void)state;
    ASSERT_HOLDS("P5 1 1 255\n\n", 1, 1, 1, '\n');
    ASSERT_HOLDS("P5 1 1 255 #", 1, 1, 1, '#');
}

static void
only_the_first_picture_counts(void **state)
{
    (void)state;
    ASSERT_HOLDS("P5 1 1 255\nAP5 1 1 255\nB", 1, 1, 1, 'A');
}

/* ---- damage -------------------------------------------------------------- */

static enum mill_status
verdict(const char *file, size_t n, struct mill_err *err)
{
    return codec_run_verdict(
        &mill_codec_pnm, (struct mill_bytes){(const uint8_t *)file, n}, err);
}

static void
every_truncation_fails(void **state)
{
    static const char *const files[] = {
        "P1 2 2 0110",
        "P2 2 2 9 1 2 3 4",
        "P3 1 1 9 1 2 3",
        "P4 9 2\naabb",
        "P5 2 2 255\nabcd",
        "P6 1 1 500\n\1a\1b\1c",
        "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na",
    };
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(files); i++) {
        size_t all = strlen(files[i]);
        assert_int_equal(verdict(files[i], all, &err), MILL_OK);
        for (size_t n = 2; n < all; n++)
            assert_int_equal(verdict(files[i], n, &err), MILL_DAMAGED);
        assert_string_equal(err.text, "truncated");
    }
}

static void
every_bit_flip_is_survived(void **state)
{
    static const char *const files[] = {
        "P1 4 4 0110011001100110",
        "P3 1 2 9 1 2 3 4 5 6",
        "P6 2 1 500\n\1a\1b\1c\1a\1b\1c",
        PAM("TUPLTYPE GRAYSCALE_ALPHA\n", "2", "255") "abcd",
    };
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(files); i++) {
        char *file = strdup(files[i]);
        size_t n = strlen(file);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            file[bit / 8] ^= (char)(1u << bit % 8);
            verdict(file, n, &err);
            file[bit / 8] ^= (char)(1u << bit % 8);
        }
        free(file);
    }
}

static void
bad_files_fail(void **state)
{
    static const struct {
        const char *file;
        enum mill_status status;
    } bad[] = {
        {"P5 0 1 255\n", MILL_DAMAGED},
        {"P5 1 0 255\n", MILL_DAMAGED},
        {"P5 1 1 0\na", MILL_DAMAGED},
        {"P5 1 1 65536\naa", MILL_DAMAGED},
        {"P5 2147483648 1 255\n", MILL_DAMAGED},
        {"P5 99999999999999999999 1 255\n", MILL_DAMAGED},
        {"P5 -1 1 255\n", MILL_DAMAGED},
        {"P5 1 1 255x", MILL_DAMAGED},
        {"P5 1 1 100\n\x65", MILL_DAMAGED},
        {"P5 1 1 300\n\x01\x2D", MILL_DAMAGED},
        {"P2 1 1 100 101", MILL_DAMAGED},
        {"P2 1 1 100 99999", MILL_DAMAGED},
        {"P1 1 1 2", MILL_DAMAGED},
        {"P3 1 1 9 1 2 x", MILL_DAMAGED},
        {"P8 1 1 9", MILL_FORMAT},
        {"", MILL_FORMAT},
        {"P7\nWIDTH 1\nENDHDR\na", MILL_DAMAGED},
        {"P7\nHUGE 1\nENDHDR\na", MILL_DAMAGED},
        {"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 9\nENDHDR\na", MILL_DAMAGED},
        {PAM("TUPLTYPE RGB\n", "1", "255") "ab", MILL_DAMAGED},
        {PAM("TUPLTYPE BLACKANDWHITE\n", "1", "2") "ab", MILL_DAMAGED},
        {PAM("TUPLTYPE CMYK\n", "4", "255") "abcdabcd", MILL_UNSUPPORTED},
        {PAM("TUPLTYPE A_NAME_OF_MORE_THAN_24_LETTERS\n", "4",
             "255") "abcdabcd",
         MILL_UNSUPPORTED},
        {"P5 100000 100000 255\n", MILL_LIMIT},
    };
    struct mill_err err;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(bad); i++)
        assert_int_equal(verdict(bad[i].file, strlen(bad[i].file), &err),
                         bad[i].status);
}

/* ---- the flow ------------------------------------------------------------ */

static void
enough_and_failure_end_it(void **state)
{
    char file[16 + 100 * 10] = "P5 10 100 255\n";
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        struct fixture f;
        codec_run_init(&f.run);
        if (fails)
            f.run.collect.fail_at = 20;
        else
            f.run.collect.enough_at = 20;
        codec_run_decode_at(&f.run, &mill_codec_pnm,
                            (struct mill_bytes){(uint8_t *)file, sizeof file},
                            &f.block);
        assert_int_equal(f.run.status, fails ? MILL_WRITE : MILL_OK);
        assert_int_equal(f.run.collect.rows, 32);
        assert_int_equal(f.run.collect.ends, !fails);
        clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_bits),
        cmocka_unit_test(plain_gray),
        cmocka_unit_test(plain_rgb),
        cmocka_unit_test(raw_bits),
        cmocka_unit_test(raw_gray),
        cmocka_unit_test(raw_rgb),
        cmocka_unit_test(raw_words_have_the_high_byte_first),
        cmocka_unit_test(pam_of_every_type),
        cmocka_unit_test(alpha_is_straight),
        cmocka_unit_test(samples_are_scaled_to_the_nearest),
        cmocka_unit_test(comments_anywhere_in_the_header),
        cmocka_unit_test(one_white_space_ends_the_header),
        cmocka_unit_test(only_the_first_picture_counts),
        cmocka_unit_test(every_truncation_fails),
        cmocka_unit_test(every_bit_flip_is_survived),
        cmocka_unit_test(bad_files_fail),
        cmocka_unit_test(enough_and_failure_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
