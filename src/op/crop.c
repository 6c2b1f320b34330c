/* crop, as users name it: WxH+X+Y, or WxH at a side. It folds into the run of
 * geometric operations; where pixels have to be left out after all, the station
 * in window.c does it. */

#include "gravity.h"
#include "number.h"
#include "ops.h"

struct crop_params {
    uint32_t w, h;
    int64_t x, y; /* when at */
    bool at;      /* an offset was given, gravity does not count */
    unsigned gravity;
};

static const char *const keys[] = {"gravity", NULL};

static bool
read_offset(const char **text, int64_t *value)
{
    const char sign = *(*text)++;
    uint32_t size;
    if ((sign != '+' && sign != '-') ||
        !op__number_read(text, OP__SIDE_MAX, &size))
        return false;
    *value = sign == '-' ? -(int64_t)size : (int64_t)size;
    return true;
}

static bool
read_geometry(const char *text, struct crop_params *params)
{
    if (!op__number_read(&text, OP__SIDE_MAX, &params->w) || !params->w ||
        *text++ != 'x' || !op__number_read(&text, OP__SIDE_MAX, &params->h) ||
        !params->h)
        return false;
    if (!*text)
        return true;
    params->at = true;
    return read_offset(&text, &params->x) && *text &&
           read_offset(&text, &params->y) && !*text;
}

static enum mill_status
crop_parse(const struct mill_args *args, void *into, struct mill_err *err)
{
    struct crop_params *params = into;
    enum mill_status status = mill_args_check(args, 1, 1, keys, err);
    if (status == MILL_OK)
        status = mill_args_choice(args, "gravity", mill_gravity_names,
                                  &params->gravity, err);
    if (status != MILL_OK)
        return status;
    if (!read_geometry(args->positional[0], params))
        return mill_fail(err, MILL_USAGE,
                         "--%s: a part is WxH or WxH+X+Y (1 to %d px), not "
                         "\"%s\"",
                         args->op, OP__SIDE_MAX, args->positional[0]);
    if (params->at && mill_args_get(args, "gravity"))
        return mill_fail(err, MILL_USAGE,
                         "--%s: gravity does not go with an offset: \"%s\"",
                         args->op, args->text);
    return MILL_OK;
}

/* The part of [at, at + n) within [0, size); false when there is none. */
static bool
clip(int64_t at, uint32_t n, uint32_t size, uint32_t *from, uint32_t *length)
{
    int64_t end = at + n < size ? at + n : size;
    int64_t begin = at > 0 ? at : 0;
    *from = (uint32_t)begin;
    *length = (uint32_t)(end - begin);
    return end > begin;
}

static enum mill_fold
crop_fold(const void *what, struct mill_geom *geom, struct mill_err *err)
{
    const struct crop_params *params = what;
    struct mill_rect part;
    uint32_t w, h;
    mill_geom_size(geom, &w, &h);
    if (!params->at) {
        part = op__gravity_place(params->gravity, params->w < w ? params->w : w,
                                 params->h < h ? params->h : h, w, h);
    } else if (!clip(params->x, params->w, w, &part.x, &part.w) ||
               !clip(params->y, params->h, h, &part.y, &part.h)) {
        mill_fail(err, MILL_USAGE,
                  "crop %ux%u%+lld%+lld lies beside the picture of %ux%u px",
                  params->w, params->h, (long long)params->x,
                  (long long)params->y, w, h);
        return MILL_FOLD_FAILED;
    }
    if (part.w != w || part.h != h)
        mill_geom_crop(geom, &part);
    return MILL_FOLDED;
}

const struct mill_op mill_op_crop = {
    .name = "crop",
    .usage = "WxH+X+Y|WxH[,gravity=SIDE]",
    .summary = "a part of the picture, by default its middle",
    .params_size = sizeof(struct crop_params),
    .parse = crop_parse,
    .fold = crop_fold,
};
