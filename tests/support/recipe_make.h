/* Recipes from words, headers without files, and a desk that keeps what a task
 * writes. Include cmocka.h's own headers and it first.
 *
 *     recipe_make(&recipe, "resize 40x30; blur 1.5", "jpeg"); */
#ifndef RECIPE_MAKE_H
#define RECIPE_MAKE_H

#include <imgmill/recipe.h>

#include <stdio.h>
#include <string.h>

/* steps: "NAME ARGUMENTS; NAME; …", at most 500 letters; format NULL: as the
 * input. Clear it after. */
static inline void
recipe_make(struct mill_recipe *recipe, const char *steps, const char *format)
{
    char text[500];
    struct mill_err err = {0};
    mill_recipe_init(recipe);
    snprintf(text, sizeof text, "%s", steps);
    for (char *rest = text, *step; (step = strsep(&rest, ";"));) {
        step += strspn(step, " ");
        const char *name = strsep(&step, " ");
        if (*name && mill_recipe_add(recipe, name, step ? step : "", &err))
            fail_msg("%s: %s", name, err.text);
    }
    recipe->format = format ? mill_codec_named(format) : NULL;
}

/* ---- headers ------------------------------------------------------------- */

/* A header as its codec would give it; steps: of the second and third plane. */
static inline struct mill_info
recipe_info(const char *codec, uint32_t w, uint32_t h, enum mill_model model,
            enum mill_alpha alpha, unsigned depth, unsigned sx, unsigned sy)
{
    struct mill_info info = {.codec = mill_codec_named(codec), .shrinks = 1};
    mill_shape_init(&info.shape, w, h, model, alpha, depth);
    for (unsigned p = 1; p < 3 && model == MILL_YCC; p++)
        info.shape.plane[p] = mill_grid_make(w, h, sx, sy);
    if (!strcmp(codec, "jpeg"))
        info.shrinks = 1 | 2 | 4 | 8;
    info.facts.w = w;
    info.facts.h = h;
    return info;
}

static inline struct mill_info
recipe_info_jpeg(uint32_t w, uint32_t h)
{
    return recipe_info("jpeg", w, h, MILL_YCC, MILL_OPAQUE, 8, 2, 2);
}

/* ---- a desk -------------------------------------------------------------- */

enum { RECIPE_WINDOW = 1000 };

struct recipe_desk {
    struct mill_desk face;
    struct mill_out out;
    struct mill_buffer bytes; /* the output */
    uint8_t window[RECIPE_WINDOW];
    uint64_t asked;  /* of need */
    unsigned n_asks; /* calls of need */
    bool refuses;    /* need answers MILL_LIMIT */
    size_t most;     /* bytes, then the window fails; 0: never */
};

static inline enum mill_flow
recipe_desk__full(struct mill_out *out, struct mill_err *err)
{
    struct recipe_desk *desk =
        (void *)((uint8_t *)out - offsetof(struct recipe_desk, out));
    size_t n = RECIPE_WINDOW - out->left;
    if (out->at)
        assert_true(mill_buffer_append(&desk->bytes, desk->window, n));
    out->at = desk->window;
    out->left = RECIPE_WINDOW;
    if (!desk->most || desk->bytes.n < desk->most)
        return MILL_FLOW_MORE;
    mill_fail(err, MILL_WRITE, "the window fails");
    return MILL_FLOW_FAILED;
}

static inline enum mill_status
recipe_desk__need(struct mill_desk *face, uint64_t bytes, struct mill_err *err)
{
    struct recipe_desk *desk = (struct recipe_desk *)face;
    desk->asked = bytes;
    desk->n_asks++;
    if (desk->refuses)
        return mill_fail(err, MILL_LIMIT, "the desk refuses");
    return MILL_OK;
}

static inline struct mill_out *
recipe_desk__out(struct mill_desk *face, unsigned output)
{
    assert_int_equal(output, 0);
    return &((struct recipe_desk *)face)->out;
}

static inline void
recipe_desk_init(struct recipe_desk *desk)
{
    *desk = (struct recipe_desk){.face = {.need = recipe_desk__need,
                                          .out = recipe_desk__out,
                                          .lane_bytes = 64 << 20},
                                 .out = {.full = recipe_desk__full}};
}

/* ---- one run ------------------------------------------------------------- */

/* begin, one run, end. The output is in desk->bytes; clear it after. */
static inline enum mill_status
recipe_run_task(struct mill_task task, struct mill_bytes in,
                struct recipe_desk *desk, struct mill_result *result,
                struct mill_err *err)
{
    *err = (struct mill_err){0};
    void *state = task.begin(task.arg, err);
    assert_non_null(state);
    enum mill_status status = task.run(state, in, &desk->face, result, err);
    assert_int_equal(status, err->status);
    task.end(state);
    return status;
}

/* The file that the steps make of another; it must work. Clear it after. */
static inline struct mill_buffer
recipe_convert(struct mill_bytes in, const char *steps, const char *format,
               struct mill_result *result)
{
    struct mill_recipe recipe;
    struct recipe_desk desk;
    struct mill_err err;
    recipe_make(&recipe, steps, format);
    recipe_desk_init(&desk);
    if (recipe_run_task(mill_task_convert(&recipe), in, &desk, result, &err))
        fail_msg("\"%s\": %s", steps, err.text);
    mill_recipe_clear(&recipe);
    return desk.bytes;
}

static inline struct mill_bytes
recipe_bytes(const struct mill_buffer *file)
{
    return (struct mill_bytes){file->at, file->n};
}

/* A smooth PNM with some noise: "P5", "P6" or "P7" with alpha. */
static inline struct mill_buffer
recipe_pnm(const char *kind, uint32_t w, uint32_t h)
{
    struct mill_buffer file = {0};
    unsigned which = (unsigned)(kind[1] - '5');
    unsigned channels = which == 0 ? 1 : which + 2;
    char head[120];
    int n = 0;
    if (which == 0)
        n = snprintf(head, sizeof head, "P5\n%u %u\n255\n", w, h);
    else if (which == 1)
        n = snprintf(head, sizeof head, "P6\n%u %u\n255\n", w, h);
    else
        n = snprintf(head, sizeof head,
                     "P7\nWIDTH %u\nHEIGHT %u\nDEPTH 4\nMAXVAL 255\n"
                     "TUPLTYPE RGB_ALPHA\nENDHDR\n",
                     w, h);
    assert_true(mill_buffer_append(&file, head, (size_t)n));
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            for (unsigned c = 0; c < channels; c++) {
                uint8_t v =
                    (uint8_t)((x * (3 + c) + y * (7 - c) + (x * y) % 5) % 256);
                assert_true(mill_buffer_append(&file, &v, 1));
            }
    return file;
}

#endif
