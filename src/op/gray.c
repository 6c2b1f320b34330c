/* Colour away: brightness alone. The conversion that the planner puts in front
 * is all the work; no station of its own. */
#include "ops.h"

static enum mill_status
gray_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    (void)params;
    return mill_args_check(args, 0, 0, NULL, err);
}

static void
gray_want(const void *params, const struct mill_shape *in,
          struct mill_want *want)
{
    (void)params, (void)in;
    want->models = 1 << MILL_GRAY;
}

const struct mill_op mill_op_gray = {
    .name = "gray",
    .usage = "",
    .summary = "to shades of gray",
    .parse = gray_parse,
    .want = gray_want,
};
