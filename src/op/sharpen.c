/* Sharpen by an unsharp mask: what a blur takes away is added `amount` times.
 * On brightness only, so edges get no coloured fringes: RGB is converted to YCC
 * in front. The work is blur's station. */
#include "blur.h"
#include "ops.h"

static const char *const KEYS[] = {"amount", "threshold", NULL};

static enum mill_status
read_named(const struct mill_args *args, const char *key, double most,
           double *value, struct mill_err *err)
{
    const char *text = mill_args_get(args, key);
    return text ? mill_args_number(args, key, text, 0, most, value, err)
                : MILL_OK;
}

static enum mill_status
sharpen_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    struct op__blur_params *sharpen = params;
    *sharpen = (struct op__blur_params){.sharpens = true, .amount = 1};
    enum mill_status status = mill_args_check(args, 1, 1, KEYS, err);
    if (status == MILL_OK)
        status = mill_args_number(args, "sigma", args->positional[0], 0.3, 100,
                                  &sharpen->sigma, err);
    if (status == MILL_OK)
        status = read_named(args, "amount", 10, &sharpen->amount, err);
    if (status == MILL_OK)
        status = read_named(args, "threshold", 255, &sharpen->threshold, err);
    return status;
}

static bool
does_nothing(const void *params)
{
    const struct op__blur_params *sharpen = params;
    return sharpen->amount == 0;
}

static void
sharpen_want(const void *params, const struct mill_shape *in,
             struct mill_want *want)
{
    (void)in;
    if (does_nothing(params))
        return;
    want->models = 1 << MILL_GRAY | 1 << MILL_YCC | 1 << MILL_CMYK;
    want->alphas = 1 << MILL_OPAQUE | 1 << MILL_PREMULTIPLIED;
}

static uint64_t
sharpen_bytes(const void *params, const struct mill_shape *in)
{
    return does_nothing(params) ? 0 : op__blur_bytes(params, in);
}

static struct mill_sink *
sharpen_open(const void *params, const struct mill_shape *in,
             struct mill_sink *next, struct mill_arena *arena,
             struct mill_err *err)
{
    if (does_nothing(params))
        return next;
    return op__blur_open(params, in, next, arena, err);
}

const struct mill_op mill_op_sharpen = {
    .name = "sharpen",
    .usage = "SIGMA[,amount=1,threshold=0]",
    .summary = "unsharp mask on brightness, sigma in pixels, 0.3 to 100",
    .params_size = sizeof(struct op__blur_params),
    .parse = sharpen_parse,
    .want = sharpen_want,
    .bytes = sharpen_bytes,
    .open = sharpen_open,
};
