/* The planner: which stations an image gets, said in words. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recipe_make.h"

/* ---- sources ------------------------------------------------------------- */

enum source {
    JPEG_420,
    JPEG_444,
    JPEG_422,
    JPEG_440,
    JPEG_ODD, /* 4:2:0, sides of odd length */
    JPEG_GRAY,
    JPEG_CMYK,
    PNG_RGB,
    PNG_RGBA,
    PNG_RGB_16,
    PNG_GRAY,
    PNG_GRAY_ALPHA,
    PNM_RGB,
    SOURCES
};

static struct mill_info
info_of(enum source source)
{
    switch (source) {
    case JPEG_420:
        return recipe_info_jpeg(400, 300);
    case JPEG_444:
        return recipe_info("jpeg", 400, 300, MILL_YCC, MILL_OPAQUE, 8, 1, 1);
    case JPEG_422:
        return recipe_info("jpeg", 400, 300, MILL_YCC, MILL_OPAQUE, 8, 2, 1);
    case JPEG_440:
        return recipe_info("jpeg", 400, 300, MILL_YCC, MILL_OPAQUE, 8, 1, 2);
    case JPEG_ODD:
        return recipe_info_jpeg(401, 301);
    case JPEG_GRAY:
        return recipe_info("jpeg", 400, 300, MILL_GRAY, MILL_OPAQUE, 8, 1, 1);
    case JPEG_CMYK:
        return recipe_info("jpeg", 400, 300, MILL_CMYK, MILL_OPAQUE, 8, 1, 1);
    case PNG_RGB:
        return recipe_info("png", 400, 300, MILL_RGB, MILL_OPAQUE, 8, 1, 1);
    case PNG_RGBA:
        return recipe_info("png", 400, 300, MILL_RGB, MILL_STRAIGHT, 8, 1, 1);
    case PNG_RGB_16:
        return recipe_info("png", 400, 300, MILL_RGB, MILL_OPAQUE, 16, 1, 1);
    case PNG_GRAY:
        return recipe_info("png", 400, 300, MILL_GRAY, MILL_OPAQUE, 8, 1, 1);
    case PNG_GRAY_ALPHA:
        return recipe_info("png", 400, 300, MILL_GRAY, MILL_STRAIGHT, 8, 1, 1);
    default:
        return recipe_info("pnm", 400, 300, MILL_RGB, MILL_OPAQUE, 8, 1, 1);
    }
}

/* ---- what a plan must hold ----------------------------------------------- */

static void
assert_shape(const struct mill_shape *shape)
{
    struct mill_err err = {0};
    if (mill_shape_check(shape, &err) != MILL_OK)
        fail_msg("%s", err.text);
}

/* Every shape is one, each station takes what the one before gives, and
 * everybody's wants are met. */
static void
assert_sound(const struct mill_plan *plan, const struct mill_recipe *recipe,
             const struct mill_info *info)
{
    const struct mill_shape *now = &plan->decoded;
    struct mill_want want = {0};
    assert_shape(now);
    for (unsigned i = 0; i < plan->n_stages; i++) {
        const struct mill_stage *stage = &plan->stages[i];
        assert_memory_equal(now, &stage->in, sizeof *now);
        assert_shape(&stage->out);
        want = (struct mill_want){0};
        if (stage->op->want)
            stage->op->want(stage->params, &stage->in, &want);
        assert_true(mill_want_met(&want, &stage->in));
        now = &stage->out;
    }
    assert_memory_equal(now, &plan->encoded, sizeof *now);
    plan->format->want(&recipe->encode, info, now, &want);
    assert_true(mill_want_met(&want, now));
}

/* The plan for a source, in words. */
static void
plan_words(const struct mill_info *info, const char *steps, const char *format,
           char words[400])
{
    struct mill_plan *plan = malloc(sizeof *plan);
    struct mill_recipe recipe;
    struct mill_err err = {0};
    recipe_make(&recipe, steps, format);
    if (mill_plan_make(plan, &recipe, info, &err) != MILL_OK)
        fail_msg("%s: %s", steps, err.text);
    assert_sound(plan, &recipe, info);
    assert_ptr_equal(mill_plan_text(plan, words, 400), words);
    mill_recipe_clear(&recipe);
    free(plan);
}

struct row {
    enum source source;
    const char *steps, *format, *words;
};

static void
assert_rows(const struct row *rows, unsigned n)
{
    char words[400];
    for (unsigned i = 0; i < n; i++) {
        struct mill_info info = info_of(rows[i].source);
        plan_words(&info, rows[i].steps, rows[i].format, words);
        assert_string_equal(words, rows[i].words);
    }
}

/* ---- tables -------------------------------------------------------------- */

static void
a_jpeg_keeps_its_planes(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "", "jpeg", "decode > jpeg"},
        {JPEG_420, "", NULL, "decode > jpeg"},
        {JPEG_420, "resize 300x300", "jpeg",
         "decode > resize 300x225/2x2 > jpeg"},
        {JPEG_GRAY, "resize 300x300", "jpeg", "decode > resize 300x225 > jpeg"},
        {JPEG_CMYK, "", "jpeg", "decode > jpeg"},
        {JPEG_444, "", "jpeg", "decode > grids/2x2 > jpeg"},
        {JPEG_444, "resize 300x300", "jpeg",
         "decode > resize 300x225/2x2 > jpeg"},
        {JPEG_420, "blur 2", "jpeg", "decode > blur > jpeg"},
        {JPEG_420, "sharpen 1", "jpeg", "decode > sharpen > jpeg"},
        {JPEG_420, "resize 300x300; blur 2", "jpeg",
         "decode > resize 300x225/2x2 > blur > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
other_models_are_converted_once(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "", "png", "decode > grids > convert rgb8 > png"},
        {JPEG_444, "", "png", "decode > convert rgb8 > png"},
        {JPEG_420, "resize 300x300", "png",
         "decode > resize 300x225 > convert rgb8 > png"},
        {JPEG_CMYK, "", "png", "decode > convert rgb8 > png"},
        {JPEG_CMYK, "resize 300x300", "png",
         "decode > resize 300x225 > convert rgb8 > png"},
        {JPEG_420, "gamma 2", "jpeg",
         "decode > grids > convert rgb8 > gamma > convert ycc8 > grids/2x2 > "
         "jpeg"},
        {JPEG_420, "gray", "jpeg", "decode > convert gray8 > jpeg"},
        {JPEG_420, "gray", "png", "decode > convert gray8 > png"},
        {PNG_RGB, "", "jpeg", "decode > convert ycc8 > grids/2x2 > jpeg"},
        {PNG_RGB, "resize 300x300", "jpeg",
         "decode > resize 300x225 > convert ycc8 > grids/2x2 > jpeg"},
        {PNG_GRAY, "", "jpeg", "decode > jpeg"},
        {PNM_RGB, "", "png", "decode > png"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
depth_changes_with_the_model(void **state)
{
    static const struct row rows[] = {
        {PNG_RGB_16, "", "png", "decode > png"},
        {PNG_RGB_16, "resize 300x300", "png", "decode > resize 300x225 > png"},
        {PNG_RGB_16, "", "jpeg", "decode > convert ycc8 > grids/2x2 > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
alpha_is_premultiplied_where_it_is_mixed(void **state)
{
    static const struct row rows[] = {
        {PNG_RGBA, "", "png", "decode > png"},
        {PNG_RGBA, "crop 99x77+1+1; rotate 90", "png",
         "decode > crop 99x77 > turn > png"},
        {PNG_RGBA, "resize 300x300", "png",
         "decode > convert rgbp8 > resize 300x225 > convert rgba8 > png"},
        {PNG_RGBA, "resize 300x300; blur 2; resize 200x200", "png",
         "decode > convert rgbp8 > resize 300x225 > blur > resize 200x150 > "
         "convert rgba8 > png"},
        {PNG_RGBA, "", "jpeg",
         "decode > flatten > convert ycc8 > grids/2x2 > jpeg"},
        {PNG_RGBA, "resize 300x300", "jpeg",
         "decode > convert rgbp8 > resize 300x225 > flatten > convert ycc8 > "
         "grids/2x2 > jpeg"},
        {PNG_RGBA, "sharpen 1; resize 300x300", "jpeg",
         "decode > convert yccp8 > sharpen > resize 300x225 > flatten > "
         "grids/2x2 > jpeg"},
        {PNG_RGBA, "flatten black", "png", "decode > flatten > png"},
        {PNG_GRAY_ALPHA, "", "jpeg", "decode > flatten > jpeg"},
        {PNG_GRAY_ALPHA, "flatten #ff0000", "jpeg",
         "decode > convert rgba8 > flatten > convert ycc8 > grids/2x2 > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
geometry_is_folded(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "crop 200x100+10+20; resize 100x100", "jpeg",
         "decode > crop 200x100 > resize 100x50/2x2 > jpeg"},
        {JPEG_420, "resize 200x150; crop 100x100+7+9", "jpeg",
         "decode > resize 100x100/2x2 > jpeg"},
        {JPEG_420, "resize 300x225; rotate 90; flip; crop 100x80+1+1", "jpeg",
         "decode > resize 80x100/2x2 > turn > jpeg"},
        {JPEG_420, "rotate 90; rotate 90; rotate 180", "jpeg", "decode > jpeg"},
        {JPEG_420, "resize 300x300; resize 200x200", "jpeg",
         "decode > resize 300x225/2x2 > resize 200x150/2x2 > jpeg"},
        {JPEG_420, "crop 399x299+1+1", "jpeg",
         "decode > crop 399x299 > grids/2x2 > jpeg"},
        {JPEG_420, "crop 398x298+2+2", "jpeg", "decode > crop 398x298 > jpeg"},
        {JPEG_422, "resize 300x225; rotate 90; blur 2", "jpeg",
         "decode > resize 300x225/2x1 > turn > blur > grids/2x2 > jpeg"},
        {JPEG_420, "resize 200x200,fit=cover", "jpeg",
         "decode > resize 200x200/2x2 > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
contain_pads_only_where_something_is_missing(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "resize 200x200,fit=contain", "jpeg",
         "decode > resize 200x150 > resize > grids/2x2 > jpeg"},
        {JPEG_420, "resize 200x150,fit=contain", "jpeg",
         "decode > resize 200x150/2x2 > jpeg"},
        {PNG_RGB, "resize 500x500,fit=contain", "png", "decode > resize > png"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
shrink_leaves_a_reduction(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "resize 101x76,fit=fill", "jpeg",
         "decode > resize 101x76/2x2 > jpeg"},
        {JPEG_420, "resize 100x75", "jpeg",
         "decode 1/2 > resize 100x75/2x2 > jpeg"},
        {JPEG_420, "resize 100x76,fit=fill", "jpeg",
         "decode > resize 100x76/2x2 > jpeg"},
        {JPEG_420, "resize 50x37,fit=fill", "jpeg",
         "decode 1/4 > resize 50x37/2x2 > jpeg"},
        {JPEG_420, "resize 25x18,fit=fill", "jpeg",
         "decode 1/8 > resize 25x18/2x2 > jpeg"},
        {JPEG_420, "resize 25x18,fit=fill,kernel=nearest", "jpeg",
         "decode > resize 25x18/2x2 > jpeg"},
        {JPEG_420, "resize 134x100,fit=fill,shrink=fast", "jpeg",
         "decode > resize 134x100/2x2 > jpeg"},
        {JPEG_420, "resize 133x100,fit=fill,shrink=fast", "jpeg",
         "decode 1/2 > resize 133x100/2x2 > jpeg"},
        {JPEG_420, "resize 133x101,fit=fill,shrink=fast", "jpeg",
         "decode > resize 133x101/2x2 > jpeg"},
        {JPEG_420, "resize 81x60,fit=fill,shrink=fast", "jpeg",
         "decode 1/2 > resize 81x60/2x2 > jpeg"},
        {JPEG_420, "resize 80x60,shrink=fast", "jpeg",
         "decode 1/4 > resize 80x60/2x2 > jpeg"},
        {JPEG_420, "resize 40x31,fit=fill,shrink=fast", "jpeg",
         "decode 1/4 > resize 40x31/2x2 > jpeg"},
        {JPEG_420, "resize 40x30,shrink=fast", "jpeg",
         "decode 1/8 > resize 40x30/2x2 > jpeg"},
        {JPEG_420, "resize 40x30,kernel=nearest,shrink=fast", "jpeg",
         "decode > resize 40x30/2x2 > jpeg"},
        {JPEG_420, "crop 100x100+0+0; resize 25x25", "jpeg",
         "decode 1/2 > crop 100x100 > resize 25x25/2x2 > jpeg"},
        {JPEG_420, "blur 2; resize 25x25", "jpeg",
         "decode > blur > resize 25x19/2x2 > jpeg"},
        {PNG_RGB, "resize 25x25", "png", "decode > resize 25x19 > png"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

/* What changes nothing does not stand between the decoder and a resize. */
static void
idle_steps_close_no_run(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "flatten white; resize 100x75", "jpeg",
         "decode 1/2 > resize 100x75/2x2 > jpeg"},
        {JPEG_GRAY, "gray; resize 100x75", "jpeg",
         "decode 1/2 > resize 100x75 > jpeg"},
        {JPEG_420, "gamma 1; resize 100x75", "jpeg",
         "decode 1/2 > resize 100x75/2x2 > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

/* Gray costs no decoder its shrinking and no resize two planes. */
static void
gray_is_made_within_the_first_run(void **state)
{
    static const struct row rows[] = {
        {JPEG_420, "gray; resize 100x75", "jpeg",
         "decode 1/2 > convert gray8 > resize 100x75 > jpeg"},
        {JPEG_420, "resize 100x75; gray; rotate 90; blur 2", "png",
         "decode 1/2 > convert gray8 > resize 100x75 > turn > blur > png"},
        {JPEG_420, "crop 99x99+1+1; gray", "jpeg",
         "decode > crop 99x99 > convert gray8 > jpeg"},
        {JPEG_CMYK, "gray; resize 100x75", "jpeg",
         "decode 1/2 > convert gray8 > resize 100x75 > jpeg"},
        {PNG_RGB, "rotate 90; gray; resize 100x", "png",
         "decode > convert gray8 > resize 133x100 > turn > png"},
        {PNG_RGB, "resize 100x75; gray", "png",
         "decode > resize 100x75 > convert gray8 > png"},
        {PNG_RGBA, "gray; resize 100x75", "png",
         "decode > convert graya8 > convert grayp8 > resize 100x75 > "
         "convert graya8 > png"},
        {JPEG_420, "blur 1; gray; resize 100x75; gray", "jpeg",
         "decode > blur > convert gray8 > resize 100x75 > jpeg"},
    };
    (void)state;
    assert_rows(rows, MILL_COUNT(rows));
}

static void
orientation_is_a_turn_at_the_start(void **state)
{
    char words[400];
    struct mill_info even = info_of(JPEG_420), odd = info_of(JPEG_ODD);
    even.facts.orientation = odd.facts.orientation = 6;
    (void)state;
    plan_words(&even, "", NULL, words);
    assert_string_equal(words, "decode > turn > jpeg");
    plan_words(&odd, "", NULL, words);
    assert_string_equal(words, "decode > turn > grids/2x2 > jpeg");
    plan_words(&odd, "resize 151x", NULL, words);
    assert_string_equal(words, "decode > resize 201x151/2x2 > turn > jpeg");
    plan_words(&odd, "rotate 270", NULL, words);
    assert_string_equal(words, "decode > jpeg");
    even.facts.orientation = 1;
    plan_words(&even, "", NULL, words);
    assert_string_equal(words, "decode > jpeg");
}

/* The kernel of the plan's last station, which changes grids. */
static unsigned
grids_kernel(enum source source, const char *format, unsigned subsampling)
{
    struct mill_plan *plan = malloc(sizeof *plan);
    struct mill_info info = info_of(source);
    struct mill_recipe recipe;
    struct mill_err err = {0};
    unsigned kernel = UINT_MAX;
    recipe_make(&recipe, "", format);
    recipe.encode.subsampling = (uint8_t)subsampling;
    assert_int_equal(mill_plan_make(plan, &recipe, &info, &err), MILL_OK);
    for (unsigned i = 0; i < plan->n_stages; i++)
        if (plan->stages[i].op == &mill_stage_resize)
            kernel = plan->stages[i].own.resize.kernel;
    mill_recipe_clear(&recipe);
    free(plan);
    return kernel;
}

static void
grids_are_boxed_down_and_drawn_out_smoothly(void **state)
{
    (void)state;
    assert_int_equal(grids_kernel(JPEG_444, "jpeg", MILL_SUBSAMPLING_420),
                     MILL_BOX);
    assert_int_equal(grids_kernel(JPEG_422, "jpeg", MILL_SUBSAMPLING_420),
                     MILL_BOX);
    assert_int_equal(grids_kernel(JPEG_420, "png", 0), MILL_LINEAR);
    assert_int_equal(grids_kernel(JPEG_440, "jpeg", MILL_SUBSAMPLING_422),
                     MILL_LINEAR);
    assert_int_equal(grids_kernel(JPEG_440, "jpeg", MILL_SUBSAMPLING_KEEP),
                     UINT_MAX);
}

/* ---- any chain ----------------------------------------------------------- */

static const char *const some_steps[] = {
    "resize 50%",
    "resize 173x131,fit=fill",
    "resize 90x90,fit=contain",
    "resize 300x50,fit=cover,gravity=north",
    "resize 150%,enlarge=yes",
    "crop 31x29",
    "crop 60x41,gravity=southeast",
    "rotate 90",
    "rotate 180",
    "flip",
    "flop",
    "gray",
    "flatten #123456",
    "blur 1.5",
    "sharpen 1",
    "gamma 1.7",
};

static unsigned
pick(uint32_t *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 16) % n;
}

/* The size after each step taken alone: folding changes no size. */
static void
assert_sizes(const struct mill_plan *plan, const struct mill_recipe *recipe,
             uint32_t w, uint32_t h)
{
    for (unsigned i = 0; i < recipe->n_steps; i++) {
        const struct mill_step *step = &recipe->steps[i];
        struct mill_geom run = mill_geom_start(w, h);
        struct mill_shape in, out;
        struct mill_err err;
        if (!step->op->fold)
            continue;
        assert_int_equal(step->op->fold(step->params, &run, &err), MILL_FOLDED);
        mill_geom_size(&run, &w, &h);
        if (!step->op->shape)
            continue;
        mill_shape_init(&in, w, h, MILL_GRAY, MILL_OPAQUE, 8);
        step->op->shape(step->params, &in, &out, &err);
        w = out.w;
        h = out.h;
    }
    assert_int_equal(plan->encoded.w, w);
    assert_int_equal(plan->encoded.h, h);
}

static void
any_chain_is_sound(void **state)
{
    static const char *const formats[] = {"jpeg", "png", "pnm"};
    struct mill_plan *plan = malloc(sizeof *plan);
    uint32_t seed = 7;
    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        struct mill_info info = info_of((enum source)pick(&seed, SOURCES));
        struct mill_recipe recipe;
        struct mill_err err = {0};
        char steps[500] = "";
        for (unsigned n = pick(&seed, 6); n; n--) {
            strcat(steps, some_steps[pick(&seed, MILL_COUNT(some_steps))]);
            strcat(steps, "; ");
        }
        recipe_make(&recipe, steps, formats[pick(&seed, 3)]);
        recipe.auto_orient = false;
        if (mill_plan_make(plan, &recipe, &info, &err) != MILL_OK)
            fail_msg("%s: %s", steps, err.text);
        assert_sound(plan, &recipe, &info);
        assert_sizes(plan, &recipe, info.shape.w, info.shape.h);
        assert_true(plan->need_bytes > 1 << 20);
        mill_recipe_clear(&recipe);
    }
    free(plan);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_keeps_its_planes),
        cmocka_unit_test(other_models_are_converted_once),
        cmocka_unit_test(depth_changes_with_the_model),
        cmocka_unit_test(alpha_is_premultiplied_where_it_is_mixed),
        cmocka_unit_test(geometry_is_folded),
        cmocka_unit_test(contain_pads_only_where_something_is_missing),
        cmocka_unit_test(shrink_leaves_a_reduction),
        cmocka_unit_test(idle_steps_close_no_run),
        cmocka_unit_test(gray_is_made_within_the_first_run),
        cmocka_unit_test(orientation_is_a_turn_at_the_start),
        cmocka_unit_test(grids_are_boxed_down_and_drawn_out_smoothly),
        cmocka_unit_test(any_chain_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
