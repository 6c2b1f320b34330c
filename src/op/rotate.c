/* rotate: quarter turns, clockwise. Folds. */
#include "ops.h"

#include <string.h>

struct rotate_params {
    enum mill_turn turn;
};

static const struct {
    const char *text;
    enum mill_turn turn;
} angles[] = {{"0", MILL_TURN_0},     {"90", MILL_TURN_90},
              {"180", MILL_TURN_180}, {"270", MILL_TURN_270},
              {"-90", MILL_TURN_270}, {"-180", MILL_TURN_180},
              {"-270", MILL_TURN_90}, {"360", MILL_TURN_0}};

static enum mill_status
rotate_parse(const struct mill_args *args, void *into, struct mill_err *err)
{
    struct rotate_params *params = into;
    enum mill_status status = mill_args_check(args, 1, 1, NULL, err);
    if (status != MILL_OK)
        return status;
    for (unsigned i = 0; i < MILL_COUNT(angles); i++) {
        if (!strcmp(angles[i].text, args->positional[0])) {
            params->turn = angles[i].turn;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_USAGE,
                     "--%s: an angle is 90, 180, 270, -90 or 0, not \"%s\"",
                     args->op, args->positional[0]);
}

static enum mill_fold
rotate_fold(const void *params, struct mill_geom *geom, struct mill_err *err)
{
    (void)err;
    mill_geom_turn(geom, ((const struct rotate_params *)params)->turn);
    return MILL_FOLDED;
}

const struct mill_op mill_op_rotate = {
    .name = "rotate",
    .usage = "90|180|270|-90|0",
    .summary = "quarter turns, clockwise",
    .params_size = sizeof(struct rotate_params),
    .parse = rotate_parse,
    .fold = rotate_fold,
};
