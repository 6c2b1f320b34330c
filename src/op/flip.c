/* flip and flop: mirrored top to bottom, left to right. Both fold. */
#include "ops.h"

static enum mill_status
mirror_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    (void)params;
    return mill_args_check(args, 0, 0, NULL, err);
}

static enum mill_fold
flip_fold(const void *params, struct mill_geom *geom, struct mill_err *err)
{
    (void)params, (void)err;
    mill_geom_turn(geom, MILL_FLIP);
    return MILL_FOLDED;
}

static enum mill_fold
flop_fold(const void *params, struct mill_geom *geom, struct mill_err *err)
{
    (void)params, (void)err;
    mill_geom_turn(geom, MILL_FLOP);
    return MILL_FOLDED;
}

const struct mill_op mill_op_flip = {
    .name = "flip",
    .usage = "",
    .summary = "mirrored top to bottom",
    .parse = mirror_parse,
    .fold = flip_fold,
};

const struct mill_op mill_op_flop = {
    .name = "flop",
    .usage = "",
    .summary = "mirrored left to right",
    .parse = mirror_parse,
    .fold = flop_fold,
};
