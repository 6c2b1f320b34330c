/* The tasks: whole conversions of small pictures, in memory. Pictures are drawn
 * as PNM, since what comes back as PNM can be compared sample by sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "icc_make.h"
#include "jpeg_make.h"
#include "recipe_make.h"

/* ---- what a file is ------------------------------------------------------ */

static struct mill_result
info_of(struct mill_bytes file)
{
    struct mill_recipe recipe;
    struct recipe_desk desk;
    struct mill_result result;
    struct mill_err err;
    mill_recipe_init(&recipe);
    recipe_desk_init(&desk);
    if (recipe_run_task(mill_task_info(&recipe), file, &desk, &result, &err))
        fail_msg("info: %s", err.text);
    assert_int_equal(desk.bytes.n, 0);
    assert_int_equal(result.n_outputs, 0);
    return result;
}

static void
assert_file(const struct mill_buffer *file, const char *format, uint32_t w,
            uint32_t h)
{
    struct mill_result info = info_of(recipe_bytes(file));
    assert_string_equal(info.facts.format, format);
    assert_int_equal(info.facts.w, w);
    assert_int_equal(info.facts.h, h);
}

static void
assert_same(const struct mill_buffer *a, const struct mill_buffer *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->at, b->at, a->n);
}

/* ---- there and back ------------------------------------------------------ */

static void
png_holds_what_pnm_held(void **state)
{
    static const char *const kinds[] = {"P5", "P6", "P7"};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(kinds); i++) {
        struct mill_result result;
        struct mill_buffer from = recipe_pnm(kinds[i], 67, 45);
        struct mill_buffer png =
            recipe_convert(recipe_bytes(&from), "", "png", &result);
        assert_file(&png, "png", 67, 45);
        assert_string_equal(result.facts.format, "pnm");
        assert_int_equal(result.n_outputs, 1);
        assert_string_equal(result.out[0].format, "png");
        struct mill_buffer back =
            recipe_convert(recipe_bytes(&png), "", "pnm", &result);
        assert_same(&back, &from);
        mill_buffer_clear(&from);
        mill_buffer_clear(&png);
        mill_buffer_clear(&back);
    }
}

/* Folding is an optimisation: one recipe gives the same bytes as one image
 * after another through a recipe of each step. */
static void
folded_steps_are_steps_one_by_one(void **state)
{
    static const char *const steps[] = {
        "crop 61x40+3+2", "rotate 90", "flip",       "crop 33x50+5+4",
        "rotate 180",     "flop",      "crop 30x30",
    };
    char all[400] = "";
    struct mill_result result;
    struct mill_buffer from = recipe_pnm("P7", 67, 45);
    struct mill_buffer now =
        recipe_convert(recipe_bytes(&from), "", "pnm", &result);
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(steps); i++) {
        struct mill_buffer before = now;
        now = recipe_convert(recipe_bytes(&before), steps[i], "pnm", &result);
        mill_buffer_clear(&before);
        strcat(all, steps[i]);
        strcat(all, ";");
        struct mill_buffer once =
            recipe_convert(recipe_bytes(&from), all, "pnm", &result);
        assert_same(&once, &now);
        mill_buffer_clear(&once);
    }
    mill_buffer_clear(&now);
    mill_buffer_clear(&from);
}

static void
any_chain_runs_as_planned(void **state)
{
    static const char *const chains[] = {
        "",
        "resize 50%",
        "resize 20x20,fit=cover; rotate 270",
        "resize 80x80,fit=contain",
        "crop 31x29+1+1; resize 17x; flip",
        "resize 40x; blur 1; resize 20x; sharpen 1",
        "gray; resize 33x",
        "gamma 1.5; rotate 90; gray",
        "resize 150%,enlarge=yes; crop 50x50; flatten #102030",
        "sharpen 1; rotate 90; crop 30x30+1+1",
    };
    static const char *const kinds[] = {"P5", "P6", "P7"};
    static const char *const formats[] = {"jpeg", "png", "pnm"};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(chains) * 27; i++) {
        struct mill_result result;
        struct mill_buffer pnm = recipe_pnm(kinds[i % 3], 67, 45);
        struct mill_buffer from =
            recipe_convert(recipe_bytes(&pnm), "", formats[i / 3 % 3], &result);
        const char *to = formats[i / 9 % 3];
        struct mill_buffer made =
            recipe_convert(recipe_bytes(&from), chains[i / 27], to, &result);
        assert_file(&made, to, result.out[0].w, result.out[0].h);
        mill_buffer_clear(&pnm);
        mill_buffer_clear(&from);
        mill_buffer_clear(&made);
    }
}

static void
a_jpeg_is_shrunk_while_it_is_decoded(void **state)
{
    struct mill_result result;
    struct jpeg_spec spec = {.w = 257,
                             .h = 190,
                             .drawn = JCS_RGB,
                             .stored = JCS_YCbCr,
                             .n = 3,
                             .sx = {2, 1, 1},
                             .sy = {2, 1, 1}};
    struct mill_buffer from = jpeg_make(&spec);
    struct mill_buffer made =
        recipe_convert(jpeg_bytes(&from), "resize 30x", NULL, &result);
    (void)state;
    assert_file(&made, "jpeg", 30, 22);
    assert_true(result.notes & MILL_NOTE_SHRUNK);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

static void
a_cmyk_jpeg_becomes_rgb(void **state)
{
    struct mill_result result;
    struct jpeg_spec spec = {
        .w = 57, .h = 39, .drawn = JCS_CMYK, .stored = JCS_YCCK, .n = 4};
    struct mill_buffer from = jpeg_make(&spec);
    struct mill_buffer made =
        recipe_convert(jpeg_bytes(&from), "resize 30x", "png", &result);
    (void)state;
    assert_string_equal(result.facts.colour, "cmyk");
    assert_file(&made, "png", 30, 21);
    assert_string_equal(info_of(recipe_bytes(&made)).facts.colour, "rgb");
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

/* ---- metadata ------------------------------------------------------------ */

enum { ORIENTED = 6 };

static void
write_markers(j_compress_ptr jpeg)
{
    static const uint8_t exif[] = {
        'E', 'x',  'i', 'f', 0, 0, 'M', 'M', 0, '*',      0, 0, 0, 8, 0, 1,
        1,   0x12, 0,   3,   0, 0, 0,   1,   0, ORIENTED, 0, 0, 0, 0, 0, 0};
    uint8_t profile[ICC_MADE_BYTES];
    icc_make(profile, "RGB ");
    jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif, sizeof exif);
    jpeg_write_icc_profile(jpeg, profile, sizeof profile);
}

static struct mill_buffer
jpeg_with_metadata(void)
{
    struct jpeg_spec spec = {.w = 48,
                             .h = 31,
                             .drawn = JCS_RGB,
                             .stored = JCS_YCbCr,
                             .n = 3,
                             .sx = {2, 1, 1},
                             .sy = {2, 1, 1},
                             .markers = write_markers};
    return jpeg_make(&spec);
}

static void
orientation_is_applied_and_then_said_to_be_upright(void **state)
{
    static const char *const formats[] = {"jpeg", "png"};
    struct mill_buffer from = jpeg_with_metadata();
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(formats); i++) {
        struct mill_result result;
        struct mill_buffer made =
            recipe_convert(jpeg_bytes(&from), "", formats[i], &result);
        assert_int_equal(result.facts.orientation, ORIENTED);
        assert_int_equal(result.notes, MILL_NOTE_ORIENTED);
        assert_file(&made, formats[i], 31, 48);
        struct mill_facts facts = info_of(recipe_bytes(&made)).facts;
        assert_int_equal(facts.orientation, 1);
        assert_int_equal(facts.icc_bytes, ICC_MADE_BYTES);
        mill_buffer_clear(&made);
    }
    mill_buffer_clear(&from);
}

/* One conversion with a recipe that the caller has changed. */
static struct mill_buffer
convert_with(const struct mill_recipe *recipe, struct mill_bytes in,
             struct mill_result *result)
{
    struct recipe_desk desk;
    struct mill_err err;
    recipe_desk_init(&desk);
    if (recipe_run_task(mill_task_convert(recipe), in, &desk, result, &err))
        fail_msg("%s", err.text);
    return desk.bytes;
}

static void
orientation_is_left_alone_when_asked(void **state)
{
    struct mill_recipe recipe;
    struct mill_result result;
    struct mill_buffer from = jpeg_with_metadata();
    (void)state;
    recipe_make(&recipe, "", NULL);
    recipe.auto_orient = false;
    struct mill_buffer made = convert_with(&recipe, jpeg_bytes(&from), &result);
    assert_file(&made, "jpeg", 48, 31);
    assert_int_equal(info_of(recipe_bytes(&made)).facts.orientation, ORIENTED);
    assert_int_equal(result.notes, 0);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
    mill_recipe_clear(&recipe);
}

static void
what_is_not_kept_is_gone_without_a_note(void **state)
{
    struct mill_recipe recipe;
    struct mill_result result;
    struct mill_buffer from = jpeg_with_metadata();
    (void)state;
    recipe_make(&recipe, "", NULL);
    recipe.keep = MILL_KEEP_XMP;
    struct mill_buffer made = convert_with(&recipe, jpeg_bytes(&from), &result);
    struct mill_facts facts = info_of(recipe_bytes(&made)).facts;
    assert_int_equal(facts.icc_bytes, 0);
    assert_int_equal(facts.exif_bytes, 0);
    assert_int_equal(result.notes, MILL_NOTE_ORIENTED);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
    mill_recipe_clear(&recipe);
}

static void
a_profile_of_other_colours_is_dropped_with_a_note(void **state)
{
    struct mill_result result;
    struct mill_buffer from = jpeg_with_metadata();
    struct mill_buffer made =
        recipe_convert(jpeg_bytes(&from), "gray", "png", &result);
    (void)state;
    struct mill_facts facts = info_of(recipe_bytes(&made)).facts;
    assert_int_equal(facts.icc_bytes, 0);
    assert_true(facts.exif_bytes > 0);
    assert_int_equal(result.notes, MILL_NOTE_ORIENTED | MILL_NOTE_ICC_DROPPED);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

static void
a_format_without_metadata_drops_it_with_notes(void **state)
{
    struct mill_result result;
    struct mill_buffer from = jpeg_with_metadata();
    struct mill_buffer made =
        recipe_convert(jpeg_bytes(&from), "", "pnm", &result);
    (void)state;
    assert_int_equal(result.notes, MILL_NOTE_ORIENTED | MILL_NOTE_ICC_DROPPED |
                                       MILL_NOTE_EXIF_DROPPED);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

static void
a_payload_above_what_the_format_holds_is_dropped(void **state)
{
    struct mill_codec small = *mill_codec_named("jpeg");
    struct mill_recipe recipe;
    struct mill_result result;
    struct mill_buffer from = jpeg_with_metadata();
    (void)state;
    small.icc_most = ICC_MADE_BYTES - 1;
    small.exif_most = 10;
    recipe_make(&recipe, "", NULL);
    recipe.format = &small;
    struct mill_buffer made = convert_with(&recipe, jpeg_bytes(&from), &result);
    struct mill_facts facts = info_of(recipe_bytes(&made)).facts;
    assert_int_equal(facts.icc_bytes, 0);
    assert_int_equal(facts.exif_bytes, 0);
    assert_int_equal(result.notes, MILL_NOTE_ORIENTED | MILL_NOTE_ICC_DROPPED |
                                       MILL_NOTE_EXIF_DROPPED);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
    mill_recipe_clear(&recipe);
}

/* ---- what fails ---------------------------------------------------------- */

static enum mill_status
verdict(struct recipe_desk *desk, struct mill_bytes in, struct mill_err *err)
{
    struct mill_recipe recipe;
    struct mill_result result;
    recipe_make(&recipe, "rotate 90; blur 2", "png");
    enum mill_status status =
        recipe_run_task(mill_task_convert(&recipe), in, desk, &result, err);
    mill_recipe_clear(&recipe);
    return status;
}

static void
other_bytes_are_no_image(void **state)
{
    struct recipe_desk desk;
    struct mill_err err;
    (void)state;
    recipe_desk_init(&desk);
    assert_int_equal(verdict(&desk, (struct mill_bytes){0}, &err), MILL_FORMAT);
    assert_string_equal(err.text, "the file is empty");
    struct mill_bytes text = {(const uint8_t *)"hello", 5};
    assert_int_equal(verdict(&desk, text, &err), MILL_FORMAT);
    assert_string_equal(err.text, "not an image that this build knows");
}

static void
a_cut_file_is_damaged(void **state)
{
    struct mill_buffer from = jpeg_with_metadata();
    struct recipe_desk desk;
    struct mill_err err;
    (void)state;
    recipe_desk_init(&desk);
    struct mill_bytes part = {from.at, from.n - 200};
    assert_int_equal(verdict(&desk, part, &err), MILL_DAMAGED);
    mill_buffer_clear(&desk.bytes);
    mill_buffer_clear(&from);
}

static uint64_t
asked(const struct mill_buffer *from, uint64_t lane, uint64_t held,
      uint64_t most)
{
    struct recipe_desk desk;
    struct mill_err err;
    recipe_desk_init(&desk);
    desk.face =
        (struct mill_desk){desk.face.need, desk.face.out, lane, most, held, 0};
    assert_int_equal(verdict(&desk, recipe_bytes(from), &err), MILL_OK);
    mill_buffer_clear(&desk.bytes);
    return desk.n_asks ? desk.asked : 0;
}

/* Of the output what is held, but all where that is more than there is. */
static void
memory_is_asked_for_only_above_the_lane(void **state)
{
    (void)state;
    enum { MB = 1 << 20 };
    struct mill_buffer from = recipe_pnm("P6", 67, 45);
    struct recipe_desk desk;
    struct mill_err err;
    assert_int_equal(asked(&from, 64 << 20, 0, 0), 0);
    uint64_t all = asked(&from, MB, 0, 0);
    assert_true(all > MB);
    assert_int_equal(all - asked(&from, MB, 1000, all), 67 * 45 * 3 / 2 - 1000);
    assert_int_equal(asked(&from, MB, 1000, all - 1), all);

    recipe_desk_init(&desk);
    desk.face.lane_bytes = MB;
    desk.refuses = true;
    assert_int_equal(verdict(&desk, recipe_bytes(&from), &err), MILL_LIMIT);
    assert_int_equal(desk.bytes.n, 0);
    mill_buffer_clear(&from);
}

static void
a_failing_window_fails_the_image(void **state)
{
    struct mill_buffer from = recipe_pnm("P6", 67, 45);
    struct recipe_desk desk;
    struct mill_err err;
    (void)state;
    recipe_desk_init(&desk);
    assert_int_equal(verdict(&desk, recipe_bytes(&from), &err), MILL_OK);
    size_t n = desk.bytes.n;
    mill_buffer_clear(&desk.bytes);
    for (size_t most = 1; most <= n; most += n / 7) {
        recipe_desk_init(&desk);
        desk.most = most;
        assert_int_equal(verdict(&desk, recipe_bytes(&from), &err), MILL_WRITE);
        mill_buffer_clear(&desk.bytes);
    }
    mill_buffer_clear(&from);
}

/* A failure leaves nothing behind in the lane. */
static void
a_lane_goes_on_after_a_failure(void **state)
{
    struct mill_buffer good = recipe_pnm("P6", 67, 45);
    struct mill_buffer bad = jpeg_with_metadata();
    struct mill_bytes part = {bad.at, bad.n - 200};
    struct mill_recipe recipe;
    struct mill_result result;
    struct mill_err err = {0};
    (void)state;
    recipe_make(&recipe, "resize 50%", "png");
    struct mill_buffer alone =
        recipe_convert(recipe_bytes(&good), "resize 50%", "png", &result);
    struct mill_task task = mill_task_convert(&recipe);
    void *lane = task.begin(task.arg, &err);
    for (unsigned i = 0; i < 6; i++) {
        struct recipe_desk desk;
        recipe_desk_init(&desk);
        struct mill_bytes in = i % 2 ? part : recipe_bytes(&good);
        int status = task.run(lane, in, &desk.face, &result, &err);
        assert_int_equal(status, i % 2 ? MILL_DAMAGED : MILL_OK);
        if (status == MILL_OK)
            assert_same(&desk.bytes, &alone);
        mill_buffer_clear(&desk.bytes);
    }
    task.end(lane);
    mill_buffer_clear(&alone);
    mill_buffer_clear(&good);
    mill_buffer_clear(&bad);
    mill_recipe_clear(&recipe);
}

/* ---- the other two tasks ------------------------------------------------- */

static void
plan_says_what_convert_would_make(void **state)
{
    struct mill_recipe recipe;
    struct recipe_desk desk;
    struct mill_result planned, made;
    struct mill_err err;
    struct mill_buffer from = jpeg_with_metadata();
    (void)state;
    recipe_make(&recipe, "resize 20x", "png");
    recipe_desk_init(&desk);
    assert_int_equal(recipe_run_task(mill_task_plan(&recipe), jpeg_bytes(&from),
                                     &desk, &planned, &err),
                     MILL_OK);
    assert_int_equal(desk.bytes.n, 0);
    struct mill_buffer file = convert_with(&recipe, jpeg_bytes(&from), &made);
    assert_int_equal(planned.out[0].w, made.out[0].w);
    assert_int_equal(planned.out[0].h, made.out[0].h);
    assert_string_equal(planned.out[0].format, "png");
    assert_true(planned.need_bytes == made.need_bytes);
    assert_file(&file, "png", planned.out[0].w, planned.out[0].h);
    mill_buffer_clear(&file);
    mill_buffer_clear(&from);
    mill_recipe_clear(&recipe);
}

static void
times_add_up(void **state)
{
    struct mill_result result;
    struct mill_buffer from = recipe_pnm("P6", 300, 200);
    uint64_t start = mill_now_ns();
    struct mill_buffer made =
        recipe_convert(recipe_bytes(&from), "blur 3", "png", &result);
    uint64_t spent = mill_now_ns() - start;
    (void)state;
    assert_true(result.filter_ns > 0 && result.encode_ns > 0);
    assert_true(result.decode_ns + result.filter_ns + result.encode_ns <=
                spent);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

/* Of a lane that owns less than all coefficients take, but enough for rows: a
 * sound picture asks for nothing, a damaged one for all, once, and then fails
 * or is salvaged. With a crew that is found out before, and the lane owns less
 * than what rows and output take. */
static void
check_large_progressive(const struct mill_recipe *recipe, struct mill_bytes in,
                        bool damaged, bool refuses)
{
    enum mill_status failed = recipe->salvage ? MILL_OK : MILL_DAMAGED;
    struct recipe_desk desk;
    struct mill_result result;
    struct mill_err err = {0};
    recipe_desk_init(&desk);
    bool asks = damaged || recipe->threads > 1;
    desk.face.lane_bytes = recipe->threads > 1 ? 5 << 20 : 11 << 20;
    desk.refuses = refuses;
    enum mill_status status =
        recipe_run_task(mill_task_convert(recipe), in, &desk, &result, &err);
    if (asks && refuses)
        assert_int_equal(status, MILL_LIMIT);
    else
        assert_int_equal(status, damaged ? failed : MILL_OK);
    assert_int_equal(desk.n_asks, asks);
    assert_int_equal(desk.asked > 20u << 20, damaged);
    assert_int_equal(result.need_bytes > 12u << 20, damaged);
    mill_buffer_clear(&desk.bytes);
}

/* Its header says that it is of 9 components: when that is salvaged, libjpeg
 * begins twice. */
static void
break_last_scan(struct mill_buffer *file)
{
    size_t at = file->n - 2;
    while (file->at[at] != 0xFF || file->at[at + 1] != 0xDA)
        at--;
    file->at[at + 4] = 9;
}

static void
a_large_progressive_jpeg_goes_by_in_rows(void **state)
{
    struct jpeg_spec spec = {.w = 3000,
                             .h = 2000,
                             .drawn = JCS_GRAYSCALE,
                             .stored = JCS_GRAYSCALE,
                             .n = 1,
                             .progressive = true};
    struct mill_buffer from = jpeg_make(&spec);
    struct mill_recipe recipe;
    (void)state;
    recipe_make(&recipe, "", "pnm");
    for (unsigned damage = 0; damage < 3; damage++) {
        if (damage == 1)
            memset(from.at + from.n - 1000, 0, 500);
        if (damage == 2)
            break_last_scan(&from);
        for (unsigned way = 0; way < 8; way++) {
            recipe.threads = 1 + way % 2;
            recipe.salvage = way / 2 % 2;
            check_large_progressive(&recipe, jpeg_bytes(&from), damage > 0,
                                    way / 4);
        }
    }
    free(from.at);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_holds_what_pnm_held),
        cmocka_unit_test(folded_steps_are_steps_one_by_one),
        cmocka_unit_test(any_chain_runs_as_planned),
        cmocka_unit_test(a_jpeg_is_shrunk_while_it_is_decoded),
        cmocka_unit_test(a_cmyk_jpeg_becomes_rgb),
        cmocka_unit_test(orientation_is_applied_and_then_said_to_be_upright),
        cmocka_unit_test(orientation_is_left_alone_when_asked),
        cmocka_unit_test(what_is_not_kept_is_gone_without_a_note),
        cmocka_unit_test(a_profile_of_other_colours_is_dropped_with_a_note),
        cmocka_unit_test(a_format_without_metadata_drops_it_with_notes),
        cmocka_unit_test(a_payload_above_what_the_format_holds_is_dropped),
        cmocka_unit_test(other_bytes_are_no_image),
        cmocka_unit_test(a_cut_file_is_damaged),
        cmocka_unit_test(memory_is_asked_for_only_above_the_lane),
        cmocka_unit_test(a_large_progressive_jpeg_goes_by_in_rows),
        cmocka_unit_test(a_failing_window_fails_the_image),
        cmocka_unit_test(a_lane_goes_on_after_a_failure),
        cmocka_unit_test(plan_says_what_convert_would_make),
        cmocka_unit_test(times_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
