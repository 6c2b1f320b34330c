/* Our own PNG reader against the library's: the same samples, verdicts, words,
 * notes and counts, of good files of every kind and of damaged ones. */
#include "codec_both.h"
#include "png_make.h"

#include "codec/codecs.h"
#include "codec/png/own.h"

static void
compare_until(struct mill_bytes in, bool salvage, uint32_t enough_at,
              const char *what, size_t i)
{
    codec_both_compare(in,
                       &(struct codec_both_how){.codec = &mill_codec_png,
                                                .salvage = salvage,
                                                .enough_at = enough_at},
                       1 << 20, what, i);
}

static void
compare(struct mill_bytes in, const char *what, size_t i)
{
    compare_until(in, false, 0, what, i);
    compare_until(in, true, 0, what, i);
}

/* ---- good files ---------------------------------------------------------- */

static const uint8_t kinds[][2] = {{0, 1}, {0, 2},  {0, 4},  {0, 8}, {0, 16},
                                   {2, 8}, {2, 16}, {3, 1},  {3, 2}, {3, 4},
                                   {3, 8}, {4, 8},  {4, 16}, {6, 8}, {6, 16}};

static size_t
row_bytes(unsigned kind, uint32_t w)
{
    static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    return ((size_t)w * channels[kinds[kind][0]] * kinds[kind][1] + 7) / 8;
}

/* A file of noise, whose filters (5: any) and IDATs are chosen. */
struct recipe {
    unsigned kind, filter;
    uint32_t w, h;
    size_t idat;      /* bytes of each; 0: one for all */
    unsigned empties; /* empty IDATs: bit 0 first, 1 between, 2 at the end */
    bool transparent;
};

static void
put_palette(struct mill_buffer *file, const struct recipe *r)
{
    uint8_t palette[3 * 256], key[256];
    unsigned type = kinds[r->kind][0];
    for (unsigned i = 0; i < sizeof palette; i++)
        palette[i] = (uint8_t)(i * 29);
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(i * 53 & (type == 3 ? 255 : i & 1));
    if (type == 3)
        png_put_chunk(file, "PLTE", palette, 3u << kinds[r->kind][1]);
    if (r->transparent && !(type & 4))
        png_put_chunk(file, "tRNS", key,
                      type == 3   ? (1u << kinds[r->kind][1]) - 1
                      : type == 2 ? 6
                                  : 2);
}

static void
put_idats(struct mill_buffer *file, const struct recipe *r, const uint8_t *at,
          size_t n)
{
    size_t part = r->idat ? r->idat : n;
    if (r->empties & 1)
        png_put_chunk(file, "IDAT", "", 0);
    for (size_t i = 0; i < n; i += part) {
        png_put_chunk(file, "IDAT", at + i, n - i < part ? n - i : part);
        if (r->empties & 2 && i + part < n)
            png_put_chunk(file, "IDAT", "", 0);
    }
    if (r->empties & 4)
        png_put_chunk(file, "IDAT", "", 0);
}

static void
draw(const struct recipe *r, uint8_t *rows, size_t n)
{
    size_t stride = row_bytes(r->kind, r->w) + 1;
    for (size_t i = 0; i < n; i++)
        rows[i] = (uint8_t)mill_test_noise(NULL, i % stride > 40,
                                           (uint32_t)(i % stride / 3),
                                           (uint32_t)(i / stride));
    for (uint32_t y = 0; y < r->h; y++)
        rows[y * stride] = (uint8_t)(r->filter < 5 ? r->filter : y * 7 / 3 % 5);
}

static struct mill_buffer
make(const struct recipe *r)
{
    struct mill_buffer file = {0};
    size_t n = (row_bytes(r->kind, r->w) + 1) * r->h;
    uLongf packed_n = compressBound(n);
    uint8_t *rows = malloc(n), *packed = malloc(packed_n);
    draw(r, rows, n);
    assert_int_equal(compress2(packed, &packed_n, rows, n, 1), Z_OK);
    png_put_signature(&file);
    png_put_header(&file, r->w, r->h, kinds[r->kind][1], kinds[r->kind][0]);
    put_palette(&file, r);
    put_idats(&file, r, packed, packed_n);
    png_put_chunk(&file, "tEXt", "Title\0what stands behind", 23);
    png_put_chunk(&file, "IEND", "", 0);
    free(rows);
    free(packed);
    return file;
}

static void
make_and_compare(const struct recipe *r, const char *what, size_t i)
{
    struct mill_buffer file = make(r);
    compare(png_bytes(&file), what, i);
    mill_buffer_clear(&file);
}

static void
every_kind_and_filter_is_the_same(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {7, 5}, {33, 40}, {70, 18}};
    (void)state;
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++)
        for (unsigned filter = 0; filter < 6; filter++)
            for (unsigned i = 0; i < 2 * MILL_COUNT(sizes); i++)
                make_and_compare(&(struct recipe){.kind = kind,
                                                  .filter = filter,
                                                  .w = sizes[i / 2][0],
                                                  .h = sizes[i / 2][1],
                                                  .transparent = i % 2},
                                 "kind", kind * 100 + filter * 10 + i);
}

static void
every_cut_into_idats_is_the_same(void **state)
{
    static const size_t parts[] = {0, 1, 2, 3, 100, 4096};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(parts); i++)
        for (unsigned empties = 0; empties < 8; empties++)
            make_and_compare(&(struct recipe){.kind = 5,
                                              .filter = 5,
                                              .w = 40,
                                              .h = 35,
                                              .idat = parts[i],
                                              .empties = empties},
                             "cut", parts[i] * 10 + empties);
}

/* More rows than a window of our own holds. */
static void
large_pictures_are_the_same(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++)
        make_and_compare(&(struct recipe){.kind = kind,
                                          .filter = 5,
                                          .w = 701,
                                          .h = 533,
                                          .idat = 8192,
                                          .transparent = kind % 2},
                         "large", kind);
}

static void
enough_is_enough(void **state)
{
    struct recipe r = {.kind = 5, .filter = 5, .w = 50, .h = 60};
    struct mill_buffer file = make(&r);
    (void)state;
    for (uint32_t y = 1; y < 62; y += 5)
        compare_until(png_bytes(&file), false, y, "enough at", y);
    file.at[file.n - 60] ^= 1;
    for (uint32_t y = 1; y < 62; y += 5)
        compare_until(png_bytes(&file), true, y, "enough of damage at", y);
    mill_buffer_clear(&file);
}

/* ---- damage -------------------------------------------------------------- */

static const struct recipe small[] = {
    {.kind = 5, .filter = 5, .w = 9, .h = 35},
    {.kind = 1, .filter = 5, .w = 13, .h = 20, .idat = 9, .transparent = true},
    {.kind = 8, .filter = 0, .w = 9, .h = 7},
    {.kind = 14, .filter = 5, .w = 5, .h = 18, .idat = 50, .empties = 3},
};

static void
every_truncation_is_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(small); i++) {
        struct mill_buffer file = make(&small[i]);
        for (size_t n = 0; n <= file.n; n++)
            compare((struct mill_bytes){file.at, n}, "cut at", n);
        mill_buffer_clear(&file);
    }
}

static void
every_flipped_bit_is_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(small); i++) {
        struct mill_buffer file = make(&small[i]);
        for (size_t bit = 0; bit < 8 * file.n; bit += 1 + bit % 3) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            compare(png_bytes(&file), "flipped bit", bit);
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        mill_buffer_clear(&file);
    }
}

/* With right CRCs it is for the stream to show damage. */
static void
mend(struct mill_buffer *file)
{
    size_t at = 8;
    while (at + 12 <= file->n) {
        size_t n = png_get_be32(file->at + at);
        if (n > file->n - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, file->at + at + 4, (uInt)n + 4);
        png_put_be32(file->at + at + 8 + n, crc);
        at += 12 + n;
    }
}

static void
every_mended_flip_is_the_same(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(small); i++) {
        struct mill_buffer file = make(&small[i]);
        uint8_t *copy = malloc(file.n);
        memcpy(copy, file.at, file.n);
        for (size_t bit = 8 * png_find_chunk(&file, "IDAT"); bit < 8 * file.n;
             bit += 1 + bit % 3) {
            file.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            mend(&file);
            compare(png_bytes(&file), "mended bit", bit);
            memcpy(file.at, copy, file.n);
        }
        free(copy);
        mill_buffer_clear(&file);
    }
}

/* ---- streams and ends that are nearly right -------------------------------
 */

enum { SIDE = 63, RAW = SIDE * (SIDE + 1), PERIOD = 2048, EXCESS = 300 };

/* Gray rows, and more than those; what is like what came PERIOD bytes before.
 */
struct stream {
    uint8_t raw[RAW + EXCESS], packed[2 * RAW];
    uLongf n;
};

static void
pack_stream(struct stream *s, size_t raw)
{
    for (size_t i = 0; i < raw; i++)
        s->raw[i] = i % (SIDE + 1) == 0 ? 0
                    : i >= PERIOD
                        ? s->raw[i - PERIOD]
                        : (uint8_t)mill_test_noise(NULL, 0, (uint32_t)i, 0);
    s->n = sizeof s->packed;
    assert_int_equal(compress2(s->packed, &s->n, s->raw, raw, 9), Z_OK);
}

/* bits: of the window; dictionary: one is said to be needed. */
static void
put_head(struct stream *s, unsigned bits, bool dictionary)
{
    unsigned head = (bits - 8) << 12 | 8 << 8 | (dictionary ? 0x20 : 0);
    head += 31 - head % 31;
    s->packed[0] = (uint8_t)(head >> 8);
    s->packed[1] = (uint8_t)head;
}

static struct mill_buffer
begin_gray(const struct stream *s)
{
    struct mill_buffer file = {0};
    png_put_signature(&file);
    png_put_header(&file, SIDE, SIDE, 8, 0);
    png_put_chunk(&file, "IDAT", s->packed, s->n);
    return file;
}

static void
compare_stream(const struct stream *s, const char *what, size_t i)
{
    struct mill_buffer file = begin_gray(s);
    png_put_chunk(&file, "IEND", "", 0);
    compare(png_bytes(&file), what, i);
    mill_buffer_clear(&file);
}

static void
every_head_of_a_stream_is_the_same(void **state)
{
    struct stream s;
    (void)state;
    pack_stream(&s, RAW);
    for (unsigned bits = 8; bits <= 16; bits++)
        for (unsigned dictionary = 0; dictionary < 2; dictionary++) {
            put_head(&s, bits, dictionary);
            compare_stream(&s, "window of bits", bits);
        }
}

/* Its checksum is that of the rows, or of all. */
static void
what_follows_the_rows_is_the_same(void **state)
{
    static const size_t excess[] = {0, 1, 2, EXCESS};
    struct stream s;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(excess); i++) {
        pack_stream(&s, RAW + excess[i]);
        compare_stream(&s, "bytes too many", excess[i]);
        png_put_be32(s.packed + s.n - 4, (uint32_t)adler32(1, s.raw, RAW));
        compare_stream(&s, "bytes that are not summed", excess[i]);
    }
    pack_stream(&s, RAW);
    for (unsigned i = 0; i < 9; i++, s.n++)
        compare_stream(&s, "bytes behind the stream", i);
}

static void
every_end_of_a_file_is_the_same(void **state)
{
    static const struct {
        const char *type;
        size_t n;
    } ends[][3] = {
        {{"IEND", 1}},
        {{"IDAT", 0}, {"IEND", 0}},
        {{"IDAT", 4}, {"IEND", 0}},
        {{"tEXt", 9}, {"IDAT", 0}, {"IEND", 0}},
        {{"tEXt", 9}, {"IDAT", 4}, {"IEND", 0}},
        {{"IHDR", 13}, {"IEND", 0}},
        {{"PLTE", 3}, {"IEND", 0}},
        {{"abcd", 3}, {"IEND", 0}},
        {{"ABCD", 3}, {"IEND", 0}},
        {{"ab1d", 3}, {"IEND", 0}},
        {{"tEXt", 9}},
    };
    struct stream s;
    (void)state;
    pack_stream(&s, RAW);
    for (size_t i = 0; i < MILL_COUNT(ends); i++) {
        struct mill_buffer file = begin_gray(&s);
        for (unsigned k = 0; k < 3 && ends[i][k].type; k++)
            png_put_chunk(&file, ends[i][k].type, "a\0text and more",
                          ends[i][k].n);
        compare(png_bytes(&file), "end", i);
        mill_buffer_clear(&file);
    }
}

/* ---- with a crew --------------------------------------------------------- */

static void
compare_with(struct mill_crew *crew, struct mill_bytes in, const char *what,
             size_t i)
{
    for (unsigned salvage = 0; salvage < 2; salvage++)
        codec_both_compare(in,
                           &(struct codec_both_how){.codec = &mill_codec_png,
                                                    .salvage = salvage,
                                                    .crew = crew},
                           1 << 20, what, i);
}

/* Whole, cut, damaged so that its chunk shows it, so that its stream does. */
static void
compare_damaged(struct mill_crew *crew, struct mill_buffer *file)
{
    enum { PLACES = 12 };
    uint8_t *copy = malloc(file->n);
    memcpy(copy, file->at, file->n);
    compare_with(crew, png_bytes(file), "whole", 0);
    for (unsigned i = 1; i < PLACES; i++) {
        size_t at = file->n * i / PLACES;
        compare_with(crew, (struct mill_bytes){file->at, at}, "cut at", at);
        file->at[at] ^= 0x10;
        compare_with(crew, png_bytes(file), "a flip at", at);
        mend(file);
        compare_with(crew, png_bytes(file), "a mended flip at", at);
        memcpy(file->at, copy, file->n);
    }
    free(copy);
}

/* Several windows, unpacked ahead; of the crews one has no thread of its own.
 */
static void
a_crew_reads_the_same(void **state)
{
    struct recipe r = {
        .kind = 5, .filter = 5, .w = 701, .h = 533, .idat = 8192};
    struct mill_buffer file = make(&r);
    (void)state;
    for (unsigned threads = 1; threads < 4; threads += 2) {
        struct mill_crew *crew = mill_crew_new(threads);
        assert_non_null(crew);
        compare_damaged(crew, &file);
        for (uint32_t y = 1; y < r.h; y += 97)
            codec_both_compare(
                png_bytes(&file),
                &(struct codec_both_how){
                    .codec = &mill_codec_png, .enough_at = y, .crew = crew},
                1 << 20, "enough at", y);
        mill_crew_free(crew);
    }
    mill_buffer_clear(&file);
}

/* ---- what is ours -------------------------------------------------------- */

static uint32_t
rows_of_our_own(struct mill_bytes in, struct mill_crew *crew)
{
    struct png_reader reader;
    struct png_own own = {0};
    struct mill_err err = {0};
    struct mill_arena *arena = mill_arena_new(1 << 20);
    uint32_t y = 0;
    size_t stride;
    assert_int_equal(codec__png_open(&reader, in, &reader, &err), MILL_OK);
    if (codec__png_own_bytes(&reader.info, crew))
        codec__png_own_open(&own, &reader, crew, arena, &err);
    while (own.unpacker && y < own.h) {
        uint32_t n = own.h - y < MILL_BAND_PX ? own.h - y : MILL_BAND_PX;
        if (!codec__png_own_rows(&own, n, &stride))
            break;
        y += n;
    }
    codec__png_own_close(&own);
    codec__png_close(&reader);
    mill_arena_free(arena);
    return y;
}

static void
good_files_are_ours(void **state)
{
    (void)state;
    if (!codec__png_unpacker)
        skip();
    struct mill_crew *crew = mill_crew_new(2);
    assert_non_null(crew);
    for (unsigned kind = 0; kind < MILL_COUNT(kinds); kind++) {
        struct mill_buffer file = make(&(struct recipe){.kind = kind,
                                                        .filter = 5,
                                                        .w = 300,
                                                        .h = 500,
                                                        .idat = 1000,
                                                        .empties = 3});
        assert_int_equal(rows_of_our_own(png_bytes(&file), NULL), 500);
        assert_int_equal(rows_of_our_own(png_bytes(&file), crew), 500);
        file.at[file.n - 1] ^= 1;
        assert_int_equal(rows_of_our_own(png_bytes(&file), NULL), 496);
        assert_int_equal(rows_of_our_own(png_bytes(&file), crew), 496);
        mill_buffer_clear(&file);
    }
    mill_crew_free(crew);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_and_filter_is_the_same),
        cmocka_unit_test(every_cut_into_idats_is_the_same),
        cmocka_unit_test(large_pictures_are_the_same),
        cmocka_unit_test(enough_is_enough),
        cmocka_unit_test(every_truncation_is_the_same),
        cmocka_unit_test(every_flipped_bit_is_the_same),
        cmocka_unit_test(every_mended_flip_is_the_same),
        cmocka_unit_test(every_head_of_a_stream_is_the_same),
        cmocka_unit_test(what_follows_the_rows_is_the_same),
        cmocka_unit_test(every_end_of_a_file_is_the_same),
        cmocka_unit_test(a_crew_reads_the_same),
        cmocka_unit_test(good_files_are_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
