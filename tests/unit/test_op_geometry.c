/* resize, crop, rotate, flip and flop: what their text folds into, and which
 * text is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <imgmill/op.h>

#include "op/ops.h"
#include "op/resize.h"

union params {
    struct op__resize_params resize;
    uint8_t bytes[256];
};

static enum mill_status
parse(const struct mill_op *op, const char *text, union params *params,
      struct mill_err *err)
{
    static char copy[128];
    struct mill_args args;
    memset(params, 0, sizeof *params);
    assert_true(op->params_size <= sizeof *params);
    snprintf(copy, sizeof copy, "%s", text);
    enum mill_status status = mill_args_split(&args, op->name, copy, err);
    return status == MILL_OK ? op->parse(&args, params, err) : status;
}

static enum mill_fold
fold(const struct mill_op *op, const char *text, struct mill_geom *geom)
{
    struct mill_err err = {0};
    union params params;
    if (parse(op, text, &params, &err) != MILL_OK)
        fail_msg("%s: %s", text, err.text);
    enum mill_fold folded = op->fold(&params, geom, &err);
    assert_true((folded == MILL_FOLD_FAILED) == (err.status != MILL_OK));
    return folded;
}

static void
geom_is(const struct mill_geom *geom, const char *label,
        const struct mill_geom *want)
{
    if (memcmp(&geom->in, &want->in, sizeof geom->in) || geom->w != want->w ||
        geom->h != want->h ||
        memcmp(&geom->out, &want->out, sizeof geom->out) ||
        geom->turn != want->turn)
        fail_msg("%s: in %ux%u+%u+%u, %ux%u, out %ux%u+%u+%u, turn %d", label,
                 geom->in.w, geom->in.h, geom->in.x, geom->in.y, geom->w,
                 geom->h, geom->out.w, geom->out.h, geom->out.x, geom->out.y,
                 geom->turn);
}

/* ---- resize -------------------------------------------------------------- */

static const struct {
    uint32_t in_w, in_h;
    const char *text;
    uint32_t w, h;         /* resized to */
    struct mill_rect part; /* w 0: all of it */
} resizes[] = {
    /* inside */
    {4000, 3000, "1600x1600", 1600, 1200, {0}},
    {3000, 4000, "1600x1600", 1200, 1600, {0}},
    {4000, 3000, "1600x1600,fit=inside", 1600, 1200, {0}},
    {100, 75, "1600x1600", 100, 75, {0}},
    {100, 75, "1600x1600,enlarge=yes", 1600, 1200, {0}},
    {100, 75, "1600x1600,enlarge=no", 100, 75, {0}},
    {1600, 1200, "1600x1200", 1600, 1200, {0}},
    {3, 2, "2x2", 2, 1, {0}},           /* 1.33 */
    {4, 3, "2x2", 2, 2, {0}},           /* 1.5 rounds up */
    {10000, 1, "100x100", 100, 1, {0}}, /* never 0 */
    {1, 10000, "100x100", 1, 100, {0}},
    /* one side */
    {4000, 3000, "800x", 800, 600, {0}},
    {4000, 3000, "x600", 800, 600, {0}},
    {400, 300, "800x", 400, 300, {0}},
    {400, 300, "800x,enlarge=yes", 800, 600, {0}},
    {400, 300, "200x,fit=cover", 200, 150, {0}},
    {400, 300, "200x,fit=fill", 200, 150, {0}},
    {400, 300, "x150,fit=contain", 200, 150, {0}},
    /* percent */
    {401, 301, "50%", 201, 151, {0}}, /* halves round up */
    {1000, 1000, "12.5%", 125, 125, {0}},
    {1000, 10, "33.3%", 333, 3, {0}},
    {10, 10, "1%", 1, 1, {0}},
    {10, 20, "250%,enlarge=yes", 25, 50, {0}},
    {10, 20, "100%", 10, 20, {0}},
    /* outside */
    {4000, 3000, "1000x1000,fit=outside", 1333, 1000, {0}},
    {3000, 4000, "1000x1000,fit=outside", 1000, 1333, {0}},
    {400, 300, "1000x1000,fit=outside", 400, 300, {0}},
    {400, 300, "1000x1000,fit=outside,enlarge=yes", 1333, 1000, {0}},
    /* fill */
    {400, 300, "100x200,fit=fill", 100, 200, {0}},
    {400, 300, "500x200,fit=fill", 400, 200, {0}},
    {400, 300, "500x900,fit=fill,enlarge=yes", 500, 900, {0}},
    /* contain: the first half of it */
    {4000, 3000, "1000x1000,fit=contain", 1000, 750, {0}},
    {40, 30, "1000x1000,fit=contain", 40, 30, {0}},
    /* cover */
    {4000, 3000, "900x900,fit=cover", 1200, 900, {150, 0, 900, 900}},
    {4000, 3000, "900x900,fit=cover,gravity=west", 1200, 900, {0, 0, 900, 900}},
    {4000,
     3000,
     "900x900,fit=cover,gravity=southeast",
     1200,
     900,
     {300, 0, 900, 900}},
    {3000,
     4000,
     "900x900,fit=cover,gravity=north",
     900,
     1200,
     {0, 0, 900, 900}},
    {3000,
     4000,
     "900x900,fit=cover,gravity=south",
     900,
     1200,
     {0, 300, 900, 900}},
    {3000,
     4000,
     "900x900,fit=cover,gravity=east",
     900,
     1200,
     {0, 150, 900, 900}},
    {1001, 500, "500x500,fit=cover", 1001, 500, {250, 0, 500, 500}},
    {400, 400, "200x200,fit=cover", 200, 200, {0}},
    {40, 30, "900x900,fit=cover", 40, 30, {0}},
    {1000, 50, "100x100,fit=cover", 1000, 50, {450, 0, 100, 50}},
    {40, 30, "90x90,fit=cover,enlarge=yes", 120, 90, {15, 0, 90, 90}},
};

static void
resize_folds_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(resizes); i++) {
        struct mill_geom geom =
            mill_geom_start(resizes[i].in_w, resizes[i].in_h);
        struct mill_geom want = geom;
        struct mill_rect part = resizes[i].part;
        if (!part.w)
            part = (struct mill_rect){0, 0, resizes[i].w, resizes[i].h};
        want.w = resizes[i].w;
        want.h = resizes[i].h;
        want.out = part;
        if (want.w == resizes[i].in_w && want.h == resizes[i].in_h) {
            want.in = part; /* a crop of what is not resized */
            want.w = part.w;
            want.h = part.h;
            want.out = (struct mill_rect){0, 0, part.w, part.h};
        }
        assert_int_equal(fold(&mill_op_resize, resizes[i].text, &geom),
                         MILL_FOLDED);
        geom_is(&geom, resizes[i].text, &want);
    }
}

static void
resize_sees_the_turned_picture(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(400, 300);
    fold(&mill_op_rotate, "90", &geom);
    fold(&mill_op_resize, "x200", &geom);
    uint32_t w, h;
    mill_geom_size(&geom, &w, &h);
    assert_int_equal(w, 150);
    assert_int_equal(h, 200);
    assert_int_equal(geom.w, 200);
    assert_int_equal(geom.h, 150);
}

static void
a_second_resize_begins_a_new_run(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(400, 300);
    assert_int_equal(fold(&mill_op_resize, "200x", &geom), MILL_FOLDED);
    struct mill_geom before = geom;
    assert_int_equal(fold(&mill_op_resize, "100x", &geom), MILL_FOLD_NEW_RUN);
    geom_is(&geom, "untouched", &before);
    assert_int_equal(fold(&mill_op_resize, "200x150", &geom), MILL_FOLDED);
}

static void
resize_keeps_kernel(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(400, 300);
    fold(&mill_op_resize, "50%,kernel=box", &geom);
    assert_int_equal(geom.kernel, MILL_BOX);
}

static void
resize_refuses_giants(void **state)
{
    (void)state;
    struct mill_geom geom = mill_geom_start(1, 10);
    assert_int_equal(fold(&mill_op_resize, "1000000x,enlarge=yes", &geom),
                     MILL_FOLD_FAILED);
}

/* ---- crop, rotate, flip, flop -------------------------------------------- */

static const struct {
    const char *text;
    struct mill_rect part; /* of 400 x 301 */
} crops[] = {
    {"100x50+10+20", {10, 20, 100, 50}},
    {"100x50-10+20", {0, 20, 90, 50}},
    {"100x50+350+280", {350, 280, 50, 21}},
    {"400x301+0+0", {0, 0, 400, 301}},
    {"1000x1000-5-5", {0, 0, 400, 301}},
    {"100x50", {150, 125, 100, 50}},
    {"100x50,gravity=north", {150, 0, 100, 50}},
    {"100x50,gravity=southwest", {0, 251, 100, 50}},
    {"100x50,gravity=northeast", {300, 0, 100, 50}},
    {"1000x50,gravity=south", {0, 251, 400, 50}},
};

static void
crop_folds_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(crops); i++) {
        struct mill_geom geom = mill_geom_start(400, 301), want = geom;
        want.in = crops[i].part;
        want.w = want.in.w;
        want.h = want.in.h;
        want.out = (struct mill_rect){0, 0, want.w, want.h};
        assert_int_equal(fold(&mill_op_crop, crops[i].text, &geom),
                         MILL_FOLDED);
        geom_is(&geom, crops[i].text, &want);
    }
}

static void
crop_beside_the_picture_fails(void **state)
{
    (void)state;
    static const char *const texts[] = {"10x10+400+0", "10x10+0+301",
                                        "10x10-10+0", "10x10+0-10"};
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_geom geom = mill_geom_start(400, 301);
        assert_int_equal(fold(&mill_op_crop, texts[i], &geom),
                         MILL_FOLD_FAILED);
    }
}

static void
turns_fold(void **state)
{
    (void)state;
    static const struct {
        const struct mill_op *op;
        const char *text;
        enum mill_turn turn;
    } turns[] = {{&mill_op_rotate, "0", MILL_TURN_0},
                 {&mill_op_rotate, "90", MILL_TURN_90},
                 {&mill_op_rotate, "180", MILL_TURN_180},
                 {&mill_op_rotate, "270", MILL_TURN_270},
                 {&mill_op_rotate, "-90", MILL_TURN_270},
                 {&mill_op_flip, "", MILL_FLIP},
                 {&mill_op_flop, "", MILL_FLOP}};
    for (size_t i = 0; i < MILL_COUNT(turns); i++) {
        struct mill_geom geom = mill_geom_start(40, 30);
        assert_int_equal(fold(turns[i].op, turns[i].text, &geom), MILL_FOLDED);
        assert_int_equal(geom.turn, turns[i].turn);
    }
}

/* ---- what is refused ----------------------------------------------------- */

static void
wrong_text_is_refused(void **state)
{
    (void)state;
    static const struct {
        const struct mill_op *op;
        const char *text;
    } wrong[] = {
        {&mill_op_resize, ""},
        {&mill_op_resize, "x"},
        {&mill_op_resize, "100"},
        {&mill_op_resize, "0x5"},
        {&mill_op_resize, "5x0"},
        {&mill_op_resize, "-5x5"},
        {&mill_op_resize, "5x5x5"},
        {&mill_op_resize, "5 x5"},
        {&mill_op_resize, "1000001x"},
        {&mill_op_resize, "0%"},
        {&mill_op_resize, "%"},
        {&mill_op_resize, "50%%"},
        {&mill_op_resize, "5.00001%"},
        {&mill_op_resize, "200%"},
        {&mill_op_resize, "5x5,fit=x"},
        {&mill_op_resize, "5x5,size=5"},
        {&mill_op_resize, "5x5,6x6"},
        {&mill_op_resize, "5x5,enlarge=1"},
        {&mill_op_resize, "5x5,kernel="},
        {&mill_op_resize, "1e3x"},
        {&mill_op_resize, "5x5,background=blue"},
        {&mill_op_resize, "99999999999999999999x5"},
        {&mill_op_crop, "5"},
        {&mill_op_crop, "5x"},
        {&mill_op_crop, "0x5+1+1"},
        {&mill_op_crop, "5x5+1"},
        {&mill_op_crop, "5x5+1+"},
        {&mill_op_crop, "5x5+1+1+1"},
        {&mill_op_crop, "5x5+1+1,gravity=east"},
        {&mill_op_rotate, "45"},
        {&mill_op_rotate, "90.0"},
        {&mill_op_flip, "1"},
        {&mill_op_flop, "x=1"},
    };
    for (size_t i = 0; i < MILL_COUNT(wrong); i++) {
        struct mill_err err = {0};
        union params params;
        if (parse(wrong[i].op, wrong[i].text, &params, &err) != MILL_USAGE)
            fail_msg("--%s %s was taken", wrong[i].op->name, wrong[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resize_folds_as_the_table_says),
        cmocka_unit_test(resize_sees_the_turned_picture),
        cmocka_unit_test(a_second_resize_begins_a_new_run),
        cmocka_unit_test(resize_keeps_kernel),
        cmocka_unit_test(resize_refuses_giants),
        cmocka_unit_test(crop_folds_as_the_table_says),
        cmocka_unit_test(crop_beside_the_picture_fails),
        cmocka_unit_test(turns_fold),
        cmocka_unit_test(wrong_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
