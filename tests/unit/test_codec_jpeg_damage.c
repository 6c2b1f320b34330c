/* Damaged and hostile JPEGs: what is cut off or broken fails, limits hold, and
 * no byte can crash the decoder (run under the sanitizers). */
#include "jpeg_make.h"

static struct jpeg_spec
small(bool progressive)
{
    return (struct jpeg_spec){.w = 37,
                              .h = 29,
                              .drawn = JCS_YCbCr,
                              .stored = JCS_YCbCr,
                              .n = 3,
                              .sx = {2},
                              .sy = {2},
                              .progressive = progressive};
}

static enum mill_status
status_of(struct mill_bytes in, char text[MILL_ERR_TEXT])
{
    struct decoded d;
    decoded_setup(&d);
    enum mill_status status = decoded_run(&d, in);
    if (text)
        strcpy(text, d.err.text);
    decoded_clear(&d);
    return status;
}

static void
every_truncation_fails(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct jpeg_spec spec = small(progressive);
        struct mill_buffer file = jpeg_make(&spec);
        for (size_t n = 0; n < file.n; n++) {
            char text[MILL_ERR_TEXT];
            uint8_t *copy = malloc(n ? n : 1); /* for the sanitizer's fences */
            memcpy(copy, file.at, n);
            assert_int_equal(status_of((struct mill_bytes){copy, n}, text),
                             MILL_DAMAGED);
            assert_non_null(strstr(text, "truncated"));
            free(copy);
        }
        free(file.at);
    }
}

static void
bytes_behind_the_end_are_fine(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    struct mill_buffer file = jpeg_make(&spec);
    assert_true(mill_buffer_append(&file, "trailer", 7));
    assert_int_equal(status_of(jpeg_bytes(&file), NULL), MILL_OK);
    free(file.at);
}

/* A comment that is cut off, after all samples were given. */
static void
the_file_is_judged_to_its_end(void **state)
{
    (void)state;
    static const uint8_t comment[] = {0xFF, 0xFE, 0, 9, 'c'};
    struct jpeg_spec spec = small(false);
    struct mill_buffer file = jpeg_make(&spec);
    file.n -= 2;
    assert_true(mill_buffer_append(&file, comment, sizeof comment));
    assert_int_equal(status_of(jpeg_bytes(&file), NULL), MILL_DAMAGED);
    free(file.at);
}

/* An end marker where the last third of the data would be. */
static void
an_early_end_is_damage(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    struct mill_buffer file = jpeg_make(&spec);
    size_t n = file.n - file.n / 3;
    file.at[n] = 0xFF;
    file.at[n + 1] = 0xD9;
    assert_int_equal(status_of((struct mill_bytes){file.at, n + 2}, NULL),
                     MILL_DAMAGED);
    free(file.at);
}

static size_t
find_scan(const struct mill_buffer *file, unsigned nth)
{
    for (size_t i = 0; i + 1 < file->n; i++)
        if (file->at[i] == 0xFF && file->at[i + 1] == 0xDA && nth-- == 0)
            return i;
    fail_msg("no such scan");
    return 0;
}

static void
a_component_with_no_scan_is_damage(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    char text[MILL_ERR_TEXT];
    spec.split_scans = true;
    struct mill_buffer file = jpeg_make(&spec);
    size_t second = find_scan(&file, 1);
    while (file.at[second - 1] != 0xFF || file.at[second] != 0xC4)
        second--; /* the tables that stand before it */
    file.at[second] = 0xD9;
    assert_int_equal(status_of((struct mill_bytes){file.at, second + 1}, text),
                     MILL_DAMAGED);
    assert_non_null(strstr(text, "no scan"));
    free(file.at);
}

static void
a_stray_byte_in_the_data_is_damage(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    spec.restart = 1;
    struct mill_buffer file = jpeg_make(&spec);
    size_t at = find_scan(&file, 0);
    while (file.at[at] != 0xFF || (file.at[at + 1] & 0xF8) != 0xD0)
        at++;
    file.at[at + 1] ^= 3; /* another restart marker than is due */
    assert_int_equal(status_of(jpeg_bytes(&file), NULL), MILL_DAMAGED);
    free(file.at);
}

static void
a_wrong_version_is_only_a_warning(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    struct mill_buffer file = jpeg_make(&spec);
    struct decoded d;
    decoded_setup(&d);
    assert_memory_equal(file.at + 6, "JFIF", 4);
    file.at[11] = 9;
    assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_OK);
    assert_int_equal(d.warnings, 1);
    decoded_clear(&d);
    free(file.at);
}

static void
write_broken_exif(j_compress_ptr jpeg)
{
    jpeg_write_marker(jpeg, JPEG_APP0 + 1, (const JOCTET *)"Exif\0\0what?", 11);
}

static void
broken_exif_is_dropped(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(false);
    spec.markers = write_broken_exif;
    struct mill_buffer file = jpeg_make(&spec);
    struct decoded d;
    decoded_setup(&d);
    assert_int_equal(decoded_run(&d, jpeg_bytes(&file)), MILL_OK);
    assert_int_equal(d.warnings, 1);
    assert_int_equal(d.notes, MILL_NOTE_EXIF_DROPPED);
    assert_int_equal(d.keeper.meta.exif.n, 0);
    assert_int_equal(d.info.facts.exif_bytes, 0);
    decoded_clear(&d);
    free(file.at);
}

static void
assert_limit(const struct mill_buffer *file, struct mill_limits limits,
             enum mill_status status, const char *text)
{
    struct decoded d;
    decoded_setup(&d);
    d.how.limits = limits;
    assert_int_equal(decoded_run(&d, jpeg_bytes(file)), status);
    if (status != MILL_OK) {
        assert_non_null(strstr(d.err.text, text));
        assert_int_equal(d.keeper.ends, 0);
    }
    decoded_clear(&d);
}

static void
limits_hold_to_the_unit(void **state)
{
    (void)state;
    struct jpeg_spec spec = small(true);
    struct mill_buffer file = jpeg_make(&spec);
    uint64_t px = 37 * 29;
    assert_limit(&file, (struct mill_limits){px, 10}, MILL_OK, "");
    assert_limit(&file, (struct mill_limits){px - 1, 10}, MILL_LIMIT,
                 "--max-pixels");
    assert_limit(&file, (struct mill_limits){px, 9}, MILL_LIMIT,
                 "more than 9 scans; --max-scans");
    assert_limit(&file, (struct mill_limits){px, 0}, MILL_LIMIT, "--max-scans");
    free(file.at);
}

static void
no_flipped_bit_crashes(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct jpeg_spec spec = small(progressive);
        struct mill_buffer file = jpeg_make(&spec);
        unsigned failed = 0;
        for (size_t bit = 0; bit < file.n * 8; bit += 3) {
            file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            failed += status_of(jpeg_bytes(&file), NULL) != MILL_OK;
            file.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(failed > 100);
        assert_int_equal(status_of(jpeg_bytes(&file), NULL), MILL_OK);
        free(file.at);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_fails),
        cmocka_unit_test(bytes_behind_the_end_are_fine),
        cmocka_unit_test(the_file_is_judged_to_its_end),
        cmocka_unit_test(an_early_end_is_damage),
        cmocka_unit_test(a_component_with_no_scan_is_damage),
        cmocka_unit_test(a_stray_byte_in_the_data_is_damage),
        cmocka_unit_test(a_wrong_version_is_only_a_warning),
        cmocka_unit_test(broken_exif_is_dropped),
        cmocka_unit_test(limits_hold_to_the_unit),
        cmocka_unit_test(no_flipped_bit_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
