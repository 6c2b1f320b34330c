/* Arguments of operations: how text is taken apart, what is refused, and that
 * messages name the option, the value and what would be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "op/ops.h"

static struct mill_err err;

static enum mill_status
split(struct mill_args *args, const char *text)
{
    static char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    memset(&err, 0, sizeof err);
    return mill_args_split(args, "resize", copy, &err);
}

static void
assert_told(const char *text)
{
    if (!strstr(err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
}

/* ---- split --------------------------------------------------------------- */

static void
positionals_and_pairs_are_told_apart(void **state)
{
    struct mill_args args;
    (void)state;
    assert_int_equal(split(&args, "1600x1600,fit=cover,2,key=a=b"), MILL_OK);
    assert_int_equal(args.n_positional, 2);
    assert_string_equal(args.positional[0], "1600x1600");
    assert_string_equal(args.positional[1], "2");
    assert_string_equal(mill_args_get(&args, "fit"), "cover");
    assert_string_equal(mill_args_get(&args, "key"), "a=b");
    assert_null(mill_args_get(&args, "fi"));
    assert_string_equal(args.text, "1600x1600,fit=cover,2,key=a=b");
}

static void
empty_text_has_no_arguments(void **state)
{
    struct mill_args args;
    (void)state;
    assert_int_equal(split(&args, ""), MILL_OK);
    assert_int_equal(args.n_positional + args.n_named, 0);
}

static void
an_empty_value_is_a_value(void **state)
{
    struct mill_args args;
    (void)state;
    assert_int_equal(split(&args, "fit="), MILL_OK);
    assert_string_equal(mill_args_get(&args, "fit"), "");
}

static void
broken_text_is_refused(void **state)
{
    static const char *const texts[] = {
        ",", "1,", "1,,2", "=3", "a=1,a=2", "1,2,=", "a=,a=", ",fit=cover"};
    struct mill_args args;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(texts); i++) {
        assert_int_equal(split(&args, texts[i]), MILL_USAGE);
        assert_told("--resize: ");
    }
}

static void
too_many_are_refused(void **state)
{
    struct mill_args args;
    (void)state;
    assert_int_equal(split(&args, "1,2,3,4,5,6,7,8,9,10,11,12"), MILL_OK);
    assert_int_equal(split(&args, "1,2,3,4,5,6,7,8,9,10,11,12,13"), MILL_USAGE);
    assert_told("more than 12");
    assert_int_equal(split(&args, "a=,b=,c=,d=,e=,f=,g=,h=,i=,j=,k=,l=,m="),
                     MILL_USAGE);
    assert_told("more than 12");
}

static void
long_text_is_cut_in_messages_only(void **state)
{
    struct mill_args args;
    char text[201];
    (void)state;
    memset(text, 'x', 200);
    text[200] = '\0';
    assert_int_equal(split(&args, text), MILL_OK);
    assert_int_equal(strlen(args.positional[0]), 200);
    assert_int_equal(strlen(args.text), MILL_ARGS_TEXT - 1);
}

/* ---- check, choice, number ----------------------------------------------- */

static void
unknown_keys_are_refused_with_the_known(void **state)
{
    static const char *const keys[] = {"fit", "enlarge", "kernel", NULL};
    struct mill_args args;
    (void)state;
    split(&args, "1,fot=cover");
    assert_int_equal(mill_args_check(&args, 1, 1, keys, &err), MILL_USAGE);
    assert_string_equal(
        err.text,
        "--resize: the names are fit, enlarge and kernel, not \"fot\"");
    assert_int_equal(mill_args_check(&args, 1, 1, NULL, &err), MILL_USAGE);
    assert_told("fot");
}

static void
the_count_of_positionals_is_held(void **state)
{
    struct mill_args args;
    (void)state;
    split(&args, "1,2");
    args.op = "blur";
    assert_int_equal(mill_args_check(&args, 1, 2, NULL, &err), MILL_OK);
    assert_int_equal(mill_args_check(&args, 2, 3, NULL, &err), MILL_OK);
    assert_int_equal(mill_args_check(&args, 3, 4, NULL, &err), MILL_USAGE);
    assert_int_equal(mill_args_check(&args, 0, 1, NULL, &err), MILL_USAGE);
    assert_string_equal(err.text, "--blur takes SIGMA, not \"1,2\"");
    args.op = "gray";
    assert_int_equal(mill_args_check(&args, 0, 0, NULL, &err), MILL_USAGE);
    assert_string_equal(err.text, "--gray takes no value, not \"1,2\"");
}

static void
a_choice_is_an_index(void **state)
{
    static const char *const words[] = {"inside", "cover", "fill", NULL};
    struct mill_args args;
    unsigned index = 7;
    (void)state;
    split(&args, "fit=fill,bad=filly");
    assert_int_equal(mill_args_choice(&args, "none", words, &index, &err),
                     MILL_OK);
    assert_int_equal(index, 7);
    assert_int_equal(mill_args_choice(&args, "fit", words, &index, &err),
                     MILL_OK);
    assert_int_equal(index, 2);
    assert_int_equal(mill_args_choice(&args, "bad", words, &index, &err),
                     MILL_USAGE);
    assert_string_equal(
        err.text, "--resize: bad is inside, cover or fill, not \"filly\"");
}

static void
numbers_are_plain_decimals_in_range(void **state)
{
    static const char *const good[] = {"0.3", "3", "1e1", ".5", "+7.", "10"};
    static const char *const bad[] = {"",    "x",   "0.29",  "10.1",
                                      "nan", "inf", "0x1p1", " 1",
                                      "1 ",  "1e",  "--1",   "1e999"};
    struct mill_args args = {.op = "blur"};
    double value = -1;
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(good); i++)
        assert_int_equal(
            mill_args_number(&args, "sigma", good[i], 0.3, 10, &value, &err),
            MILL_OK);
    assert_true(value == 10);
    for (unsigned i = 0; i < MILL_COUNT(bad); i++)
        assert_int_equal(
            mill_args_number(&args, "sigma", bad[i], 0.3, 10, &value, &err),
            MILL_USAGE);
    assert_true(value == 10);
    mill_args_number(&args, "sigma", "x", 0.3, 100, &value, &err);
    assert_string_equal(err.text, "--blur: sigma is 0.3 to 100, not \"x\"");
}

/* ---- colours and tables -------------------------------------------------- */

static void
colours_are_words_or_hexadecimal(void **state)
{
    static const char *const bad[] = {"",       "#",        "#12", "#1234",
                                      "#12345", "#1234567", "fff", "#ggg",
                                      "White",  "1,2,3",    "#-12"};
    struct mill_colour c;
    (void)state;
    assert_true(mill_colour_parse("white", &c) && c.r == 255 && c.b == 255);
    assert_true(mill_colour_parse("black", &c) && c.r == 0 && c.g == 0);
    assert_true(mill_colour_parse("#1aF", &c));
    assert_true(c.r == 0x11 && c.g == 0xaa && c.b == 0xff);
    assert_true(mill_colour_parse("#102c0D", &c));
    assert_true(c.r == 0x10 && c.g == 0x2c && c.b == 0x0d);
    for (unsigned i = 0; i < MILL_COUNT(bad); i++)
        assert_false(mill_colour_parse(bad[i], &c));
}

static void
operations_are_found_by_name(void **state)
{
    static const char *const names[] = {"resize",  "crop", "rotate",  "flip",
                                        "flop",    "gray", "flatten", "blur",
                                        "sharpen", "gamma"};
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(names); i++) {
        assert_ptr_equal(mill_op_named(names[i]), mill_ops[i]);
        assert_string_equal(mill_ops[i]->name, names[i]);
        assert_non_null(mill_ops[i]->usage);
        assert_non_null(mill_ops[i]->summary);
    }
    assert_null(mill_ops[MILL_COUNT(names)]);
    assert_null(mill_op_named("convert"));
    assert_string_equal(mill_kernel_names[MILL_BOX], "box");
    assert_null(mill_kernel_names[MILL_BOX + 1]);
}

/* ---- what the operations of colour and filter take ----------------------- */

struct sample {
    const char *op, *text, *told; /* told: of the error; NULL: it is right */
};

static const struct sample samples[] = {
    {"gray", "", NULL},
    {"gray", "1", "--gray takes"},
    {"flatten", "", NULL},
    {"flatten", "#123", NULL},
    {"flatten", "red", "not \"red\""},
    {"flatten", "white,black", "--flatten takes [COLOUR]"},
    {"blur", "0.3", NULL},
    {"blur", "0.2", "sigma is 0.3 to 100, not \"0.2\""},
    {"blur", "", "--blur takes SIGMA"},
    {"blur", "2,amount=1", "amount"},
    {"sharpen", "1,amount=0,threshold=255", NULL},
    {"sharpen", "1,amount=11", "amount is 0 to 10"},
    {"sharpen", "1,threshold=-1", "threshold is 0 to 255"},
    {"sharpen", "amount=1", "--sharpen takes SIGMA"},
    {"gamma", "2.2", NULL},
    {"gamma", "0", "gamma is 0.1 to 10, not \"0\""},
};

static void
operations_say_what_they_take(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MILL_COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        const struct mill_op *op = mill_op_named(s->op);
        max_align_t params[32] = {0};
        struct mill_args args;
        assert_true(op->params_size <= sizeof params);
        split(&args, s->text);
        args.op = s->op;
        enum mill_status status = op->parse(&args, params, &err);
        assert_int_equal(status, s->told ? MILL_USAGE : MILL_OK);
        if (s->told)
            assert_told(s->told);
    }
}

static void
flatten_is_white_unless_told(void **state)
{
    struct mill_flatten_params params = {0};
    struct mill_args args;
    (void)state;
    split(&args, "");
    assert_int_equal(mill_op_flatten.parse(&args, &params, &err), MILL_OK);
    assert_int_equal(params.background.r, 255);
    split(&args, "#000001");
    assert_int_equal(mill_op_flatten.parse(&args, &params, &err), MILL_OK);
    assert_int_equal(params.background.b, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positionals_and_pairs_are_told_apart),
        cmocka_unit_test(empty_text_has_no_arguments),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(broken_text_is_refused),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(long_text_is_cut_in_messages_only),
        cmocka_unit_test(unknown_keys_are_refused_with_the_known),
        cmocka_unit_test(the_count_of_positionals_is_held),
        cmocka_unit_test(a_choice_is_an_index),
        cmocka_unit_test(numbers_are_plain_decimals_in_range),
        cmocka_unit_test(colours_are_words_or_hexadecimal),
        cmocka_unit_test(operations_are_found_by_name),
        cmocka_unit_test(operations_say_what_they_take),
        cmocka_unit_test(flatten_is_white_unless_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
