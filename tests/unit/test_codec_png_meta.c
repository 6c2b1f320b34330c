/* Metadata of PNGs: found wherever it stands, dropped and counted where it is
 * broken, and what the chunk list says beside it. */
#include "codec_run.h"
#include "icc_make.h"
#include "png_make.h"

#include "codec/codecs.h"

static const uint8_t exif[] = {'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                               0,   1,   0,   0, 0, 6, 0, 0, 0, 0, 0,    0, 0};
static const char xmp[] = "<x:xmpmeta>hello</x:xmpmeta>";

#define XMP_HEAD "XML:com.adobe.xmp\0"

static const struct png_spec rgb = {
    .w = 20, .h = 18, .type = PNG_COLOR_TYPE_RGB, .depth = 8};

struct fixture {
    struct mill_buffer file;
    struct codec_run run;
    void *block;
};

enum { AROUND_BYTES = 4096 }; /* what the checking sink takes */

/* Whatever the metadata, its memory was foretold. */
static void
load(struct fixture *f)
{
    codec_run_init(&f->run);
    codec_run_decode_at(&f->run, &mill_codec_png, png_bytes(&f->file),
                        &f->block);
    if (f->run.collect.begins)
        assert_true(mill_arena_bytes(f->run.arena) <=
                    AROUND_BYTES +
                        mill_codec_png.decode_bytes(&f->run.info, &f->run.how));
}

static void
clear(struct fixture *f)
{
    codec_run_clear(&f->run);
    free(f->block);
    mill_buffer_clear(&f->file);
}

/* The file of the spec with one chunk before the first one named. */
static void
load_with(struct fixture *f, const struct png_spec *spec, const char *before,
          const char *type, const void *data, size_t n)
{
    struct mill_buffer file = png_make(spec);
    f->file = png_with_chunk(&file, before, type, data, n);
    mill_buffer_clear(&file);
    load(f);
    assert_int_equal(f->run.status, MILL_OK);
}

static void
assert_bytes(struct mill_bytes got, const void *want, size_t n)
{
    assert_int_equal(got.n, n);
    assert_memory_equal(got.at, want, n);
}

/* ---- EXIF ---------------------------------------------------------------- */

static void
exif_before_and_after_the_pixels(void **state)
{
    const char *before[] = {"IDAT", "IEND"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fixture f;
        load_with(&f, &rgb, before[i], "eXIf", exif, sizeof exif);
        assert_bytes(f.run.collect.meta.exif, exif, sizeof exif);
        assert_int_equal(f.run.info.facts.exif_bytes, sizeof exif);
        assert_int_equal(f.run.info.facts.orientation, 6);
        assert_int_equal(f.run.warnings, 0);
        clear(&f);
    }
}

static void
exif_in_a_jpeg_frame(void **state)
{
    uint8_t framed[6 + sizeof exif] = "Exif\0";
    struct fixture f;
    (void)state;
    memcpy(framed + 6, exif, sizeof exif);
    load_with(&f, &rgb, "IDAT", "eXIf", framed, sizeof framed);
    assert_bytes(f.run.collect.meta.exif, exif, sizeof exif);
    clear(&f);
}

static void
broken_exif_is_dropped(void **state)
{
    struct fixture f;
    (void)state;
    load_with(&f, &rgb, "IEND", "eXIf", "rubbish", 7);
    assert_int_equal(f.run.collect.meta.exif.n, 0);
    assert_int_equal(f.run.warnings, 1);
    assert_int_equal(f.run.notes, MILL_NOTE_EXIF_DROPPED);
    clear(&f);
}

/* libpng warns of the CRC, so it is counted once and not twice. */
static void
exif_with_a_wrong_crc_is_dropped(void **state)
{
    struct mill_buffer file = png_make(&rgb);
    struct fixture f = {0};
    (void)state;
    f.file = png_with_chunk(&file, "IEND", "eXIf", exif, sizeof exif);
    f.file.at[png_find_chunk(&f.file, "eXIf") + 8 + sizeof exif] ^= 1;
    load(&f);
    assert_int_equal(f.run.status, MILL_OK);
    assert_int_equal(f.run.collect.meta.exif.n, 0);
    assert_int_equal(f.run.warnings, 1);
    assert_int_equal(f.run.notes, MILL_NOTE_EXIF_DROPPED);
    clear(&f);
    mill_buffer_clear(&file);
}

/* ---- XMP ----------------------------------------------------------------- */

static void
xmp_before_and_after_the_pixels(void **state)
{
    static const char chunk[] = XMP_HEAD "\0\0en\0key\0"
                                         "<x:xmpmeta>hello</x:xmpmeta>";
    const char *before[] = {"IDAT", "IEND"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fixture f;
        load_with(&f, &rgb, before[i], "iTXt", chunk, sizeof chunk - 1);
        assert_bytes(f.run.collect.meta.xmp, xmp, sizeof xmp - 1);
        assert_int_equal(f.run.info.facts.xmp_bytes, sizeof xmp - 1);
        clear(&f);
    }
}

/* A chunk with the zlib stream of n bytes, padded to make a text. */
static struct mill_buffer
packed_xmp(const void *text, size_t n)
{
    static const char head[] = XMP_HEAD "\1\0\0"; /* and one NUL more */
    struct mill_buffer chunk = {0};
    uLongf packed_n = compressBound(n);
    uint8_t *packed = malloc(packed_n);
    assert_int_equal(compress(packed, &packed_n, text, n), Z_OK);
    assert_true(mill_buffer_append(&chunk, head, sizeof head));
    assert_true(mill_buffer_append(&chunk, packed, packed_n));
    free(packed);
    return chunk;
}

static void
xmp_packed(void **state)
{
    struct mill_buffer chunk = packed_xmp(xmp, sizeof xmp - 1);
    struct fixture f;
    (void)state;
    load_with(&f, &rgb, "IEND", "iTXt", chunk.at, chunk.n);
    assert_bytes(f.run.collect.meta.xmp, xmp, sizeof xmp - 1);
    assert_int_equal(f.run.info.facts.xmp_bytes, sizeof xmp - 1);
    clear(&f);
    mill_buffer_clear(&chunk);
}

static void
xmp_bomb_is_dropped(void **state)
{
    void *text = calloc(1, MILL_META_MOST + 1);
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct mill_buffer chunk = packed_xmp(text, MILL_META_MOST + more);
        struct fixture f;
        load_with(&f, &rgb, "IDAT", "iTXt", chunk.at, chunk.n);
        assert_int_equal(f.run.collect.meta.xmp.n, more ? 0 : MILL_META_MOST);
        assert_int_equal(f.run.notes, more ? MILL_NOTE_XMP_DROPPED : 0);
        assert_int_equal(f.run.warnings, more);
        clear(&f);
        mill_buffer_clear(&chunk);
    }
    free(text);
}

/* Else many small bombs would be as costly as a great one. */
static void
only_the_first_xmp_counts(void **state)
{
    static const char good[] = XMP_HEAD "\0\0\0\0good";
    static const char bad[] = XMP_HEAD "\1\0\0\0bad";
    struct mill_buffer file = png_make(&rgb);
    struct mill_buffer one =
        png_with_chunk(&file, "IDAT", "iTXt", good, sizeof good - 1);
    struct fixture f;
    f.file = png_with_chunk(&one, "iTXt", "iTXt", bad, sizeof bad - 1);
    (void)state;
    load(&f);
    assert_int_equal(f.run.status, MILL_OK);
    assert_int_equal(f.run.collect.meta.xmp.n, 0);
    assert_int_equal(f.run.notes, MILL_NOTE_XMP_DROPPED);
    clear(&f);
    mill_buffer_clear(&one);
    mill_buffer_clear(&file);
}

static void
broken_xmp_is_dropped(void **state)
{
    static const struct {
        const char *at;
        size_t n;
    } chunks[] = {
        {XMP_HEAD, 18},
        {XMP_HEAD "\0", 19},
        {XMP_HEAD "\2\0\0\0x", 23},
        {XMP_HEAD "\0\0no end", 26},
        {XMP_HEAD "\1\0\0\0no zlib", 29},
    };
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(chunks); i++) {
        struct fixture f;
        load_with(&f, &rgb, "IEND", "iTXt", chunks[i].at, chunks[i].n);
        assert_int_equal(f.run.collect.meta.xmp.n, 0);
        assert_int_equal(f.run.notes, MILL_NOTE_XMP_DROPPED);
        assert_int_equal(f.run.warnings, 1);
        clear(&f);
    }
}

/* ---- profiles ------------------------------------------------------------ */

static void
set_rgb_profile(png_struct *png, png_info *info)
{
    uint8_t icc[ICC_MADE_BYTES];
    icc_make(icc, "RGB ");
    png_set_iCCP(png, info, "some", 0, icc, sizeof icc);
}

static void
profile_is_read(void **state)
{
    struct png_spec spec = rgb;
    uint8_t icc[ICC_MADE_BYTES];
    struct fixture f = {0};
    (void)state;
    icc_make(icc, "RGB ");
    spec.chunks = set_rgb_profile;
    f.file = png_make(&spec);
    load(&f);
    assert_int_equal(f.run.status, MILL_OK);
    assert_bytes(f.run.collect.meta.icc, icc, sizeof icc);
    assert_int_equal(f.run.info.facts.icc_bytes, sizeof icc);
    assert_int_equal(f.run.notes, 0);
    clear(&f);
}

enum { LARGE_BYTES = 400000 };

static void
set_large_profile(png_struct *png, png_info *info)
{
    uint8_t *icc = calloc(1, LARGE_BYTES);
    icc_make(icc, "RGB ");
    png_put_be32(icc, LARGE_BYTES);
    for (uint32_t i = ICC_MADE_BYTES; i < LARGE_BYTES; i++)
        icc[i] = (uint8_t)mill_test_noise(NULL, 0, i, 0);
    png_set_iCCP(png, info, "large", 0, icc, LARGE_BYTES);
    free(icc);
}

static void
large_profile_is_counted(void **state)
{
    struct png_spec spec = rgb;
    struct fixture f = {0};
    (void)state;
    spec.chunks = set_large_profile;
    f.file = png_make(&spec);
    load(&f);
    assert_int_equal(f.run.status, MILL_OK);
    assert_int_equal(f.run.collect.meta.icc.n, LARGE_BYTES);
    clear(&f);
}

static void
broken_profile_is_dropped(void **state)
{
    struct fixture f;
    (void)state;
    load_with(&f, &rgb, "IDAT", "iCCP", "some\0\0no zlib at all", 20);
    assert_int_equal(f.run.collect.meta.icc.n, 0);
    assert_int_equal(f.run.notes, MILL_NOTE_ICC_DROPPED);
    assert_int_equal(f.run.warnings, 1);
    clear(&f);
}

/* ---- other chunks -------------------------------------------------------- */

static void
density_an_inch(void **state)
{
    uint8_t phys[9] = {[8] = 1};
    struct fixture f;
    (void)state;
    png_put_be32(phys, 2835);
    png_put_be32(phys + 4, 11811);
    load_with(&f, &rgb, "IDAT", "pHYs", phys, sizeof phys);
    assert_int_equal(f.run.collect.meta.density_unit, 1);
    assert_int_equal(f.run.collect.meta.density_x, 72);
    assert_int_equal(f.run.collect.meta.density_y, 300);
    clear(&f);
}

static void
density_beyond_all_sense_is_none(void **state)
{
    uint8_t phys[9] = {[8] = 1};
    struct fixture f;
    (void)state;
    png_put_be32(phys, 0x7FFFFFFF);
    png_put_be32(phys + 4, 2835);
    load_with(&f, &rgb, "IDAT", "pHYs", phys, sizeof phys);
    assert_int_equal(f.run.collect.meta.density_x, 0);
    assert_int_equal(f.run.collect.meta.density_y, 0);
    clear(&f);
}

static void
animation_counts_its_frames(void **state)
{
    uint8_t actl[8] = {0, 0, 0, 7};
    struct fixture f;
    (void)state;
    load_with(&f, &rgb, "IDAT", "acTL", actl, sizeof actl);
    assert_int_equal(f.run.info.facts.frames, 7);
    clear(&f);
}

/* gAMA must not change a sample. */
static void
gamma_is_not_applied(void **state)
{
    uint8_t gama[4];
    struct fixture f;
    (void)state;
    png_put_be32(gama, 200000);
    load_with(&f, &rgb, "IDAT", "gAMA", gama, sizeof gama);
    assert_int_equal(mill_test_sample(&f.run.collect, 1, 5, 5),
                     png_drawn(&rgb, 5, 5, 1));
    clear(&f);
}

static void
broken_text_is_counted(void **state)
{
    struct mill_buffer file = png_make(&rgb);
    struct fixture f = {0};
    (void)state;
    f.file = png_with_chunk(&file, "IDAT", "tEXt", "a\0b", 3);
    f.file.at[png_find_chunk(&f.file, "tEXt") + 8] ^= 1;
    load(&f);
    assert_int_equal(f.run.status, MILL_OK);
    assert_int_equal(f.run.warnings, 1);
    assert_int_equal(f.run.notes, 0);
    clear(&f);
    mill_buffer_clear(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_before_and_after_the_pixels),
        cmocka_unit_test(exif_in_a_jpeg_frame),
        cmocka_unit_test(broken_exif_is_dropped),
        cmocka_unit_test(exif_with_a_wrong_crc_is_dropped),
        cmocka_unit_test(xmp_before_and_after_the_pixels),
        cmocka_unit_test(xmp_packed),
        cmocka_unit_test(xmp_bomb_is_dropped),
        cmocka_unit_test(only_the_first_xmp_counts),
        cmocka_unit_test(broken_xmp_is_dropped),
        cmocka_unit_test(profile_is_read),
        cmocka_unit_test(large_profile_is_counted),
        cmocka_unit_test(broken_profile_is_dropped),
        cmocka_unit_test(density_an_inch),
        cmocka_unit_test(density_beyond_all_sense_is_none),
        cmocka_unit_test(animation_counts_its_frames),
        cmocka_unit_test(gamma_is_not_applied),
        cmocka_unit_test(broken_text_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
