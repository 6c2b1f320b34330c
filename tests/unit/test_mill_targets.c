/* Names of outputs: how they follow the format, and the two ways in which they
 * would cost somebody a file. */
#include "scratch.h"

#include <imgmill/mill.h>

static const char jpeg_head[] = "\xff\xd8\xff\xe0....JFIF";

struct planned {
    struct mill_target target;
    struct mill_list list;
    const struct mill_codec *format;
    char **names;
    struct mill_clash clash;
    enum mill_status status;
    struct mill_err err;
};

static bool
all_count(void *context, const char *name, struct mill_bytes head)
{
    (void)context;
    (void)name;
    (void)head;
    return true;
}

static void
add(struct planned *planned, const char *path)
{
    struct mill_scan how = {.recursive = true, .counts = all_count};

    assert_int_equal(mill_scan_add(&planned->list, &how, path, &planned->err),
                     MILL_OK);
}

static void
plan(struct planned *planned)
{
    planned->target.root = "out";
    planned->status =
        mill_target_names(&planned->target, &planned->list, planned->format,
                          &planned->names, &planned->clash, &planned->err);
}

static void
clear(struct planned *planned)
{
    mill_target_names_free(planned->names, planned->list.n);
    mill_list_clear(&planned->list);
}

static void
assert_text_has(const struct mill_err *err, const char *part)
{
    if (strstr(err->text, part) == NULL)
        assert_string_equal(err->text, part);
}

static void
assert_refused(struct planned *planned, const char *a, const char *b)
{
    assert_int_equal(planned->status, MILL_USAGE);
    assert_null(planned->names);
    assert_text_has(&planned->err, a);
    assert_text_has(&planned->err, b);
}

static void
test_format_names_extension(void **state)
{
    struct planned planned = {.format = mill_codec_named("png")};

    (void)state;
    scratch_text("a.jpg", "");
    add(&planned, "a.jpg");
    plan(&planned);
    assert_int_equal(planned.status, MILL_OK);
    assert_string_equal(planned.names[0], "a.png");
    clear(&planned);
}

static void
test_same_format_keeps_spelling(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};

    (void)state;
    scratch_text("a.JPEG", "");
    add(&planned, "a.JPEG");
    plan(&planned);
    assert_string_equal(planned.names[0], "a.JPEG");
    clear(&planned);
}

static void
test_content_decides_without_format(void **state)
{
    struct planned planned = {0};

    (void)state;
    scratch_text("a.png", jpeg_head);
    scratch_text("b.jpeg", jpeg_head);
    scratch_text("c.txt", "no image");
    add(&planned, "a.png");
    add(&planned, "b.jpeg");
    add(&planned, "c.txt");
    plan(&planned);
    assert_string_equal(planned.names[0], "a.jpg");
    assert_string_equal(planned.names[1], "b.jpeg");
    assert_string_equal(planned.names[2], "c.txt");
    clear(&planned);
}

static void
test_missing_input_has_no_name(void **state)
{
    struct planned planned = {0};

    (void)state;
    scratch_text("a.jpg", jpeg_head);
    add(&planned, "none.jpg");
    add(&planned, "a.jpg");
    plan(&planned);
    assert_int_equal(planned.status, MILL_OK);
    assert_null(planned.names[0]);
    assert_string_equal(planned.names[1], "a.jpg");
    clear(&planned);
}

static void
test_one_file_has_the_given_name(void **state)
{
    struct planned planned = {.target.file = "b.jpg"};

    (void)state;
    scratch_text("a.jpg", jpeg_head);
    add(&planned, "a.jpg");
    plan(&planned);
    assert_string_equal(planned.names[0], "b.jpg");
    clear(&planned);
}

static void
test_without_folder_no_names(void **state)
{
    struct planned planned = {.target.fd = 1};

    (void)state;
    scratch_text("a.jpg", jpeg_head);
    add(&planned, "a.jpg");
    assert_int_equal(mill_target_names(&planned.target, &planned.list, NULL,
                                       &planned.names, NULL, &planned.err),
                     MILL_OK);
    assert_null(planned.names[0]);
    clear(&planned);
}

static void
test_collision_names_both_and_the_way_out(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};

    (void)state;
    mkdir("a", 0777);
    scratch_text("a/x.jpg", "");
    scratch_text("a/x.png", "");
    add(&planned, "a");
    plan(&planned);
    assert_refused(&planned, "a/x.jpg", "a/x.png");
    assert_text_has(&planned.err, "both become x.jpg");
    assert_text_has(&planned.err,
                    "; --name '{dir}/{stem}-{srcext}.{ext}' keeps them apart");
    planned.target.name = "{stem}-{srcext}.{ext}";
    plan(&planned);
    assert_int_equal(planned.status, MILL_OK);
    clear(&planned);
}

static void
test_collision_of_long_names_fits(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};
    char name[80];

    (void)state;
    memset(name, 'n', sizeof name);
    memcpy(name + 60, "\xc3\xa4-end.jpg", 11);
    scratch_text(name, "");
    add(&planned, name);
    memcpy(name + 60, "\xc3\xa4-end.png", 11);
    scratch_text(name, "");
    add(&planned, name);
    plan(&planned);
    assert_refused(&planned, "-end.jpg and ...", "-end.png would");
    assert_string_equal(planned.clash.one, planned.list.inputs[0].path);
    assert_string_equal(planned.clash.two, planned.list.inputs[1].path);
    assert_text_has(&planned.err, "keeps them apart");
    clear(&planned);
}

static void
test_collision_of_equal_names_offers_folders(void **state)
{
    struct planned planned = {.target.flat = true};

    (void)state;
    mkdir("a", 0777);
    mkdir("b", 0777);
    scratch_text("a/x.jpg", jpeg_head);
    scratch_text("b/x.jpg", jpeg_head);
    add(&planned, "a");
    add(&planned, "b");
    plan(&planned);
    assert_refused(&planned, "a/x.jpg", "b/x.jpg");
    assert_null(strstr(planned.err.text, "keep"));
    planned.target.flat = false;
    plan(&planned);
    assert_refused(&planned, "a/x.jpg and b/x.jpg would both become x.jpg; ",
                   "-r and a folder above keep them apart");
    planned.target.name = "{stem}.{ext}";
    plan(&planned);
    assert_refused(&planned, "a/x.jpg", "b/x.jpg");
    assert_null(strstr(planned.err.text, "keep"));
    clear(&planned);
}

static void
test_input_named_twice(void **state)
{
    struct planned planned = {0};

    (void)state;
    scratch_text("x.jpg", jpeg_head);
    add(&planned, "x.jpg");
    add(&planned, "x.jpg");
    plan(&planned);
    assert_refused(&planned, "x.jpg is named twice", "");
    clear(&planned);
}

static void
test_output_that_is_an_input(void **state)
{
    struct planned planned = {0};

    (void)state;
    mkdir("out", 0777);
    scratch_text("out/a.jpg", jpeg_head);
    add(&planned, "out");
    plan(&planned);
    assert_refused(&planned, "out/a.jpg would be written over", "out/a.jpg");
    clear(&planned);
}

static void
test_output_that_is_an_input_by_another_name(void **state)
{
    struct planned planned = {0};

    (void)state;
    mkdir("out", 0777);
    scratch_text("a.jpg", jpeg_head);
    scratch_text("b.jpg", jpeg_head);
    assert_int_equal(link("b.jpg", "out/a.jpg"), 0);
    add(&planned, "a.jpg");
    add(&planned, "b.jpg");
    plan(&planned);
    assert_refused(&planned, "a.jpg would", "the input b.jpg");
    clear(&planned);
}

static void
test_output_that_is_a_link_to_an_input(void **state)
{
    struct planned planned = {0};

    (void)state;
    mkdir("out", 0777);
    scratch_text("a.jpg", jpeg_head);
    assert_int_equal(symlink("../a.jpg", "out/a.jpg"), 0);
    add(&planned, "out/a.jpg");
    plan(&planned);
    assert_refused(&planned, "out/a.jpg would", "the input out/a.jpg");
    clear(&planned);
}

static void
test_existing_output_is_no_input(void **state)
{
    struct planned planned = {0};

    (void)state;
    mkdir("out", 0777);
    scratch_text("a.jpg", jpeg_head);
    scratch_text("out/a.jpg", "");
    add(&planned, "a.jpg");
    plan(&planned);
    assert_int_equal(planned.status, MILL_OK);
    clear(&planned);
}

static void
test_wrong_template_names_the_input(void **state)
{
    struct planned planned = {.target.name = "{stem"};

    (void)state;
    scratch_text("a.jpg", jpeg_head);
    add(&planned, "a.jpg");
    plan(&planned);
    assert_refused(&planned, "a.jpg: ", "{");
    clear(&planned);
}

/* ---- in place ------------------------------------------------------------ */

static void
plan_in_place(struct planned *planned)
{
    planned->target.in_place = true;
    planned->status =
        mill_target_names(&planned->target, &planned->list, planned->format,
                          &planned->names, &planned->clash, &planned->err);
}

static void
test_in_place_is_the_own_path(void **state)
{
    struct planned planned = {0};

    (void)state;
    mkdir("d", 0777);
    scratch_text("d/a.png", jpeg_head);
    scratch_text("b.JPEG", jpeg_head);
    add(&planned, "./d");
    add(&planned, "b.JPEG");
    add(&planned, "none.jpg");
    plan_in_place(&planned);
    assert_int_equal(planned.status, MILL_OK);
    assert_string_equal(planned.names[0], planned.list.inputs[0].path);
    assert_string_equal(planned.names[1], "b.JPEG");
    assert_null(planned.names[2]);
    clear(&planned);
}

static void
test_in_place_another_format_is_beside(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};

    (void)state;
    mkdir("d", 0777);
    mkdir("d/e.f", 0777);
    scratch_text("d/e.f/a.png", "");
    scratch_text("d/e.f/b.JPEG", "");
    scratch_text("c", "");
    add(&planned, "d/e.f/a.png");
    add(&planned, "d/e.f/b.JPEG");
    add(&planned, "c");
    plan_in_place(&planned);
    assert_int_equal(planned.status, MILL_OK);
    assert_string_equal(planned.names[0], "d/e.f/a.jpg");
    assert_string_equal(planned.names[1], "d/e.f/b.JPEG");
    assert_string_equal(planned.names[2], "c.jpg");
    clear(&planned);
}

/* Two paths for one place, which does not exist yet. */
static void
test_in_place_new_files_do_not_meet(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};

    (void)state;
    mkdir("d", 0777);
    assert_int_equal(symlink("d", "link"), 0);
    scratch_text("d/a.png", "");
    scratch_text("d/a.pnm", "");
    add(&planned, "d/a.png");
    add(&planned, "link/../link/a.pnm");
    plan_in_place(&planned);
    assert_refused(&planned, "d/a.png", "link/../link/a.pnm");
    assert_null(strstr(planned.err.text, "--name"));
    clear(&planned);
}

static void
test_in_place_new_file_is_no_input(void **state)
{
    struct planned planned = {.format = mill_codec_named("jpeg")};

    (void)state;
    scratch_text("a.png", "");
    scratch_text("a.jpg", "");
    add(&planned, "a.png");
    add(&planned, "./a.jpg");
    plan_in_place(&planned);
    assert_refused(&planned, "a.png would be written over", "./a.jpg");
    clear(&planned);
}

static void
test_in_place_one_file_once(void **state)
{
    static const char *const twins[] = {"a.jpg", "./a.jpg", "soft", "hard"};

    (void)state;
    scratch_text("a.jpg", jpeg_head);
    assert_int_equal(symlink("a.jpg", "soft"), 0);
    assert_int_equal(link("a.jpg", "hard"), 0);
    for (size_t i = 0; i < MILL_COUNT(twins); i++) {
        struct planned planned = {0};
        add(&planned, "a.jpg");
        add(&planned, twins[i]);
        plan_in_place(&planned);
        assert_refused(&planned, "a.jpg and ", "are one file");
        clear(&planned);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_format_names_extension),
        SCRATCH_TEST(test_same_format_keeps_spelling),
        SCRATCH_TEST(test_content_decides_without_format),
        SCRATCH_TEST(test_missing_input_has_no_name),
        SCRATCH_TEST(test_one_file_has_the_given_name),
        SCRATCH_TEST(test_without_folder_no_names),
        SCRATCH_TEST(test_collision_names_both_and_the_way_out),
        SCRATCH_TEST(test_collision_of_long_names_fits),
        SCRATCH_TEST(test_collision_of_equal_names_offers_folders),
        SCRATCH_TEST(test_input_named_twice),
        SCRATCH_TEST(test_output_that_is_an_input),
        SCRATCH_TEST(test_output_that_is_an_input_by_another_name),
        SCRATCH_TEST(test_output_that_is_a_link_to_an_input),
        SCRATCH_TEST(test_existing_output_is_no_input),
        SCRATCH_TEST(test_wrong_template_names_the_input),
        SCRATCH_TEST(test_in_place_is_the_own_path),
        SCRATCH_TEST(test_in_place_another_format_is_beside),
        SCRATCH_TEST(test_in_place_new_files_do_not_meet),
        SCRATCH_TEST(test_in_place_new_file_is_no_input),
        SCRATCH_TEST(test_in_place_one_file_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
