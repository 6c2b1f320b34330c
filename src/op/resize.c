/* resize, as users name it: the text, and the size that it means for a picture.
 * It folds into the run of geometric operations; the work is done by the
 * station in resample.c. fit=contain has a second half, the padding of pad.c,
 * which stands behind the run.
 *
 * All arithmetic is in whole numbers: a scale is a ratio of two of them, and a
 * side is rounded half up once. */
#include "resize.h"
#include "gravity.h"
#include "number.h"
#include "ops.h"

#include <string.h>

static const char *const fit_words[] = {"inside",  "outside", "cover",
                                        "contain", "fill",    NULL};
static const char *const enlarge_words[] = {"no", "yes", NULL};
static const char *const shrink_words[] = {"fine", "fast", NULL};
static const char *const keys[] = {"fit",    "enlarge",    "gravity", "kernel",
                                   "shrink", "background", NULL};

/* ---- text ---------------------------------------------------------------- */

/* "50%", "12.5%": digits, then up to four decimals. */
static bool
read_percent(const char *text, struct op__resize_params *params)
{
    uint32_t whole, decimals = 0, den = 100;
    if (!op__number_read(&text, 10000, &whole))
        return false;
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9' && den < 1000000; text++) {
            decimals = decimals * 10 + (uint32_t)(*text - '0');
            den *= 10;
        }
    }
    params->percent_num = whole * (den / 100) + decimals;
    params->percent_den = den;
    return params->percent_num && !strcmp(text, "%");
}

/* "WxH", "Wx", "xH". */
static bool
read_box(const char *text, struct op__resize_params *params)
{
    if (*text != 'x' &&
        (!op__number_read(&text, OP__SIDE_MAX, &params->w) || !params->w))
        return false;
    if (*text++ != 'x')
        return false;
    if (*text &&
        (!op__number_read(&text, OP__SIDE_MAX, &params->h) || !params->h))
        return false;
    return !*text && (params->w || params->h);
}

static enum mill_status
read_choices(const struct mill_args *args, struct op__resize_params *params,
             struct mill_err *err)
{
    const struct {
        const char *key;
        const char *const *words;
        unsigned *index;
    } choices[] = {{"fit", fit_words, &params->fit},
                   {"enlarge", enlarge_words, &params->enlarge},
                   {"gravity", mill_gravity_names, &params->gravity},
                   {"kernel", mill_kernel_names, &params->kernel},
                   {"shrink", shrink_words, &params->shrink}};
    for (unsigned i = 0; i < MILL_COUNT(choices); i++) {
        enum mill_status status = mill_args_choice(
            args, choices[i].key, choices[i].words, choices[i].index, err);
        if (status != MILL_OK)
            return status;
    }
    const char *colour = mill_args_get(args, "background");
    params->opaque = colour;
    if (!mill_colour_parse(colour ? colour : "white", &params->background))
        return mill_fail(err, MILL_USAGE,
                         "--%s: a background is white, black, #rgb or "
                         "#rrggbb, not \"%s\"",
                         args->op, colour);
    return MILL_OK;
}

static enum mill_status
resize_parse(const struct mill_args *args, void *into, struct mill_err *err)
{
    struct op__resize_params *params = into;
    enum mill_status status = mill_args_check(args, 1, 1, keys, err);
    if (status == MILL_OK)
        status = read_choices(args, params, err);
    if (status != MILL_OK)
        return status;
    const char *text = args->positional[0];
    bool percent = strchr(text, '%') != NULL;
    if (percent ? !read_percent(text, params) : !read_box(text, params))
        return mill_fail(err, MILL_USAGE,
                         "--%s: a size is WxH, Wx (a width), xH (1 to %d px) "
                         "or a percentage up to 10000%%, not \"%s\"",
                         args->op, OP__SIDE_MAX, text);
    if (params->percent_num > params->percent_den && !params->enlarge)
        return mill_fail(err, MILL_USAGE, "--%s: %s enlarges; add enlarge=yes",
                         args->op, text);
    return MILL_OK;
}

/* ---- sizes --------------------------------------------------------------- */

/* side * num / den, rounded half up, at least 1. Sides and boxes are below
 * 2^32, so nothing overflows. */
static uint64_t
scale_side(uint32_t side, uint32_t num, uint32_t den)
{
    uint64_t product = (uint64_t)side * num;
    uint64_t scaled = product / den + (product % den >= den - product % den);
    return scaled ? scaled : 1;
}

static bool
keeps_aspect(const struct op__resize_params *params)
{
    return params->percent_num || !params->w || !params->h ||
           params->fit != OP__FIT_FILL;
}

/* Does the box's width set the scale, not its height? */
static bool
width_rules(const struct op__resize_params *params, uint32_t w, uint32_t h)
{
    if (!params->w || !params->h)
        return params->w != 0;
    bool wide = (uint64_t)params->w * h <= (uint64_t)params->h * w;
    bool covers =
        params->fit == OP__FIT_OUTSIDE || params->fit == OP__FIT_COVER;
    return covers ? !wide : wide;
}

static void
scale_both(uint32_t num, uint32_t den, uint32_t w, uint32_t h, uint64_t *new_w,
           uint64_t *new_h)
{
    *new_w = scale_side(w, num, den);
    *new_h = scale_side(h, num, den);
}

void
op__resize_size(const struct op__resize_params *params, uint32_t w, uint32_t h,
                uint64_t *new_w, uint64_t *new_h)
{
    if (!keeps_aspect(params)) {
        *new_w = params->enlarge || params->w < w ? params->w : w;
        *new_h = params->enlarge || params->h < h ? params->h : h;
        return;
    }
    uint32_t num = params->percent_num, den = params->percent_den;
    if (!num) {
        bool wide = width_rules(params, w, h);
        num = wide ? params->w : params->h;
        den = wide ? w : h;
    }
    if (num > den && !params->enlarge)
        num = den;
    scale_both(num, den, w, h, new_w, new_h);
}

/* ---- folding ------------------------------------------------------------- */

static bool
has_box(const struct op__resize_params *params, enum op__fit fit)
{
    return params->fit == fit && params->w && params->h;
}

static void
cut_to_box(const struct op__resize_params *params, struct mill_geom *geom)
{
    uint32_t w, h;
    mill_geom_size(geom, &w, &h);
    struct mill_rect part =
        op__gravity_place(params->gravity, params->w < w ? params->w : w,
                          params->h < h ? params->h : h, w, h);
    if (part.w != w || part.h != h)
        mill_geom_crop(geom, &part);
}

static enum mill_fold
resize_fold(const void *what, struct mill_geom *geom, struct mill_err *err)
{
    const struct op__resize_params *params = what;
    uint32_t w, h;
    uint64_t new_w, new_h;
    mill_geom_size(geom, &w, &h);
    op__resize_size(params, w, h, &new_w, &new_h);
    if ((new_w > OP__SIDE_MAX && new_w > w) ||
        (new_h > OP__SIDE_MAX && new_h > h)) {
        mill_fail(err, MILL_LIMIT,
                  "resize makes %llux%llu px of %ux%u, a side may have %d",
                  (unsigned long long)new_w, (unsigned long long)new_h, w, h,
                  OP__SIDE_MAX);
        return MILL_FOLD_FAILED;
    }
    if (!mill_geom_resize(geom, (uint32_t)new_w, (uint32_t)new_h,
                          params->kernel))
        return MILL_FOLD_NEW_RUN;
    geom->fast = params->shrink;
    if (has_box(params, OP__FIT_COVER))
        cut_to_box(params, geom);
    return MILL_FOLDED;
}

const struct mill_op mill_op_resize = {
    .name = "resize",
    .usage = "WxH|Wx|xH|N%[,fit=inside|outside|cover|contain|fill]"
             "[,enlarge=yes][,gravity=SIDE][,kernel=NAME][,shrink=fine|fast]"
             "[,background=COLOUR]",
    .summary =
        "another size, by default the largest within WxH; grows only with "
        "enlarge=yes; contain pads with the background, or, if none is given, "
        "with white or transparency; shrink=fast takes less time for a JPEG, "
        "and some detail",
    .params_size = sizeof(struct op__resize_params),
    .parse = resize_parse,
    .fold = resize_fold,
    .want = op__pad_want,
    .shape = op__pad_shape,
    .bytes = op__pad_bytes,
    .open = op__pad_open,
};
