/* Names: templates, what they refuse, and the table of names that are taken. */
#include "scratch.h"

#include <malloc.h>

#include <imgmill/io.h>

enum { PLAIN, KEEP = 1, FLAT = 2 }; /* an extension kept, no tree */

struct made {
    const char *tmpl, *relative, *name;
    unsigned how;
};

static void
assert_made(const struct made *made)
{
    struct mill_err err = {0};
    char *name = NULL;

    int status = mill_name_make(&name, made->tmpl, made->relative, "jpg",
                                made->how & KEEP, made->how & FLAT, &err);
    if (status != MILL_OK)
        print_error("%s: %s\n", made->relative, err.text);
    assert_int_equal(status, MILL_OK);
    assert_string_equal(name, made->name);
    free(name);
}

static void
assert_all_made(const struct made *made, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_made(&made[i]);
}

static void
assert_refused(const char *tmpl, const char *relative, const char *text)
{
    struct mill_err err = {0};
    char *name = NULL;

    assert_int_equal(
        mill_name_make(&name, tmpl, relative, "jpg", false, false, &err),
        MILL_USAGE);
    assert_int_equal(err.status, MILL_USAGE);
    assert_null(name);
    if (strstr(err.text, text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
}

static void
default_keeps_tree_and_takes_extension(void **state)
{
    (void)state;
    const struct made made[] = {
        {NULL, "a.png", "a.jpg", PLAIN},
        {NULL, "b/c/a.png", "b/c/a.jpg", PLAIN},
        {NULL, "b.d/a", "b.d/a.jpg", PLAIN},
        {NULL, "a.tar.png", "a.tar.jpg", PLAIN},
        {NULL, "a.", "a.jpg", PLAIN},
        {NULL, ".bashrc", ".bashrc.jpg", PLAIN},
        {NULL, "x/.hidden.png", "x/.hidden.jpg", PLAIN},
        {NULL, "..a", "..a.jpg", PLAIN},
        {NULL, "b/a.png", "a.jpg", FLAT},
        {NULL, "{stem}.png", "{stem}.jpg", PLAIN},
    };
    assert_all_made(made, MILL_COUNT(made));
}

static void
same_format_keeps_spelling(void **state)
{
    (void)state;
    const struct made made[] = {
        {NULL, "a.JPEG", "a.JPEG", KEEP}, {NULL, "d/a.jpeg", "d/a.jpeg", KEEP},
        {NULL, "a", "a.jpg", KEEP},       {NULL, "a.", "a.jpg", KEEP},
        {NULL, "a.JPEG", "a.jpg", PLAIN},
    };
    assert_all_made(made, MILL_COUNT(made));
}

static void
words_are_put_in(void **state)
{
    (void)state;
    const struct made made[] = {
        {"{stem}-{srcext}.{ext}", "a.png", "a-png.jpg", PLAIN},
        {"{stem}-{srcext}.{ext}", "d/a.png", "d/a-png.jpg", PLAIN},
        {"{stem}.{srcext}", "a", "a", PLAIN},
        {"{stem}.{srcext}.{ext}", "a", "a.jpg", PLAIN},
        {"{{{stem}}}.{ext}", "a.png", "{a}.jpg", PLAIN},
        {"{{dir}}", "d/a.png", "d/{dir}", PLAIN},
        {"thumbs/{stem}.{ext}", "d/a.png", "d/thumbs/a.jpg", PLAIN},
        {"plain", "a.png", "plain", PLAIN},
    };
    assert_all_made(made, MILL_COUNT(made));
}

static void
folder_stands_where_it_is_named(void **state)
{
    (void)state;
    const struct made made[] = {
        {"{dir}/t/{stem}.{ext}", "d/e/a.png", "d/e/t/a.jpg", PLAIN},
        {"t/{dir}/{stem}.{ext}", "d/a.png", "t/d/a.jpg", PLAIN},
        {"t/{dir}/{stem}.{ext}", "a.png", "t/a.jpg", PLAIN},
        {"t/{dir}/{stem}.{ext}", "d/a.png", "t/a.jpg", FLAT},
        {"{dir}-{stem}", "d/a.png", "d-a", PLAIN},
        {"x{dir}/{stem}", "a.png", "x/a", PLAIN},
        {"{{{dir}/{stem}", "d/a.png", "{d/a", PLAIN},
    };
    assert_all_made(made, MILL_COUNT(made));
}

static void
bad_templates_are_refused(void **state)
{
    (void)state;
    assert_refused("{width}", "a.png", "not {width}");
    assert_refused("{width}", "a.png", "{dir}, {stem}, {srcext} and {ext}");
    assert_refused("{}", "a.png", "not {}");
    assert_refused("{stem", "a.png", "without '}'");
    assert_refused("{st{em}", "a.png", "without '}'");
    assert_refused("a}", "a.png", "without '{'");
    assert_refused("", "a.png", "empty");
    assert_refused("", "d/a.png", "empty");
    assert_refused("/etc/{stem}", "a.png", "begin with '/'");
    assert_refused("a//{stem}", "a.png", "empty");
    assert_refused("{stem}/", "a.png", "empty");
    assert_refused("../{stem}", "a.png", "\"..\"");
    assert_refused("a/../{stem}", "a.png", "\"..\"");
    assert_refused("./{stem}", "a.png", "\".\"");
}

static void
template_and_input_together_do_not_go_up(void **state)
{
    (void)state;
    assert_refused("{stem}", "..", "\"..\"");
    assert_refused(".{srcext}.", "a", "\".\"");
    assert_refused("{dir}/{stem}", "../a", "\"..\"");
}

static void
long_components_are_refused(void **state)
{
    char relative[300], deep[5000];

    (void)state;
    memset(relative, 'a', sizeof relative);
    relative[251] = '\0';
    assert_made(&(struct made){"{stem}.jpg", relative,
                               strcat(strcpy(deep, relative), ".jpg"), PLAIN});
    relative[251] = 'a';
    relative[252] = '\0';
    assert_refused("{stem}.jpg", relative, "256 bytes");

    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = i % 2 ? '/' : 'a';
    deep[sizeof deep - 1] = '\0';
    assert_refused(NULL, deep, "a path of");
}

/* A batch keeps a name for every input. */
static void
name_takes_little_memory(void **state)
{
    struct mill_err err;
    char *name;

    (void)state;
    assert_int_equal(
        mill_name_make(&name, NULL, "d/a.png", "jpg", false, false, &err),
        MILL_OK);
    assert_true(malloc_usable_size(name) < 64);
    free(name);
}

static void
templates_are_checked_alone(void **state)
{
    struct mill_err err;

    (void)state;
    assert_int_equal(mill_name_check("{dir}/x-{stem}.{ext}", &err), MILL_OK);
    assert_int_equal(mill_name_check(NULL, &err), MILL_OK);
    assert_int_equal(mill_name_check("{nothing}", &err), MILL_USAGE);
    assert_int_equal(mill_name_check("../{stem}", &err), MILL_USAGE);
}

static void
taken_name_tells_its_owner(void **state)
{
    struct mill_names *names = mill_names_new(0);
    bool out_of_memory = true;
    char again[] = "a.jpg";
    size_t other = 99;

    (void)state;
    assert_non_null(names);
    assert_true(mill_names_take(names, "a.jpg", 7, &other, &out_of_memory));
    assert_false(out_of_memory);
    assert_true(mill_names_take(names, "b.jpg", 8, &other, &out_of_memory));
    assert_false(mill_names_take(names, again, 9, &other, &out_of_memory));
    assert_false(out_of_memory);
    assert_int_equal(other, 7);
    mill_names_free(names);
    mill_names_free(NULL);
}

static void
many_names_are_all_found_again(void **state)
{
    enum { N = 20000 };
    char(*text)[16] = calloc(N, sizeof *text);
    struct mill_names *names = mill_names_new(10);
    bool out_of_memory;
    size_t other;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < N; i++) {
        snprintf(text[i], sizeof *text, "d/%zu", i);
        assert_true(mill_names_take(names, text[i], i, &other, &out_of_memory));
    }
    for (size_t i = 0; i < N; i++) {
        assert_false(
            mill_names_take(names, text[i], 0, &other, &out_of_memory));
        assert_int_equal(other, i);
    }
    mill_names_free(names);
    free(text);
}

static bool
are_one(const char *one, const char *two)
{
    struct mill_names *names = mill_names_new_folded(2);
    bool out_of_memory;
    size_t other;

    assert_true(mill_names_take(names, one, 1, &other, &out_of_memory));
    bool taken = !mill_names_take(names, two, 2, &other, &out_of_memory);
    assert_int_equal(mill_names_find(names, two, &other), true);
    mill_names_free(names);
    return taken;
}

static void
folded_names_have_no_case(void **state)
{
    (void)state;
    assert_true(are_one("May/a.JPG", "mAY/A.jpg"));
    assert_false(are_one("a.jpg", "a.jp"));
    assert_false(are_one("a[", "a{"));
    assert_true(are_one("\u00c9\u0394\u0416", "\u00e9\u03b4\u0436"));
    assert_true(are_one("\u03a3", "\u03c2"));
    assert_false(are_one("\u00e9", "e\u0301"));
    assert_true(are_one("\U00010400x", "\U00010428X"));
    assert_true(are_one("\xc3(A", "\xc3(a"));
    assert_false(are_one("\xe9", "\xc9"));
    assert_false(are_one("\xc0\x80", ""));
    assert_false(are_one("\xe0\x80\x80", ""));
    assert_false(are_one("x\xf0\x90", "x\xf0"));
}

static void
apart(const char *root, const char *one, const char *two)
{
    struct mill_apart apart = {.root = root};

    assert_true(mill_names_apart(&apart, one, two));
    assert_true(mill_names_apart(&apart, two, one));
}

/* Case counts where the tests run; elsewhere fault/case.sh asks. */
static void
names_are_asked_about_and_nothing_is_left(void **state)
{
    char cwd[PATH_MAX];

    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(mkdir("root", 0777), 0);
    assert_int_equal(mkdir("root/d", 0777), 0);
    assert_int_equal(symlink("..", "root/up"), 0);
    apart("root", "a", "A");
    apart("root", "d/a", "d/A");
    apart("root", "d/e/f/a", "d/e/f/A");
    apart("root", "up/a", "up/A");
    apart("new", "a", "A");
    apart("new/folder/", "a", "A");
    apart(cwd, "a", "A");
    apart("", "a", "A");
    assert_int_equal(scratch_count("root"), 2);
    assert_int_equal(scratch_count("root/d"), 0);
    assert_int_equal(scratch_count("."), 1);
    assert_int_equal(unlink("root/up"), 0);
    assert_int_equal(rmdir("root/d"), 0);
    assert_int_equal(rmdir("root"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_keeps_tree_and_takes_extension),
        cmocka_unit_test(same_format_keeps_spelling),
        cmocka_unit_test(words_are_put_in),
        cmocka_unit_test(folder_stands_where_it_is_named),
        cmocka_unit_test(bad_templates_are_refused),
        cmocka_unit_test(template_and_input_together_do_not_go_up),
        cmocka_unit_test(long_components_are_refused),
        cmocka_unit_test(name_takes_little_memory),
        cmocka_unit_test(templates_are_checked_alone),
        cmocka_unit_test(taken_name_tells_its_owner),
        cmocka_unit_test(many_names_are_all_found_again),
        cmocka_unit_test(folded_names_have_no_case),
        SCRATCH_TEST(names_are_asked_about_and_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
