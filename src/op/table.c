/* The tables by which operations and kernels are named. --help, messages and
 * the recipe's parser all read these; an operation is one line here. */
#include "ops.h"

#include <string.h>

const struct mill_op *const mill_ops[] = {
    &mill_op_resize,  &mill_op_crop, &mill_op_rotate,
    &mill_op_flip,    &mill_op_flop, &mill_op_gray,
    &mill_op_flatten, &mill_op_blur, &mill_op_sharpen,
    &mill_op_gamma,   NULL,
};

const char *const mill_kernel_names[] = {
    [MILL_LANCZOS3] = "lanczos3", [MILL_MITCHELL] = "mitchell",
    [MILL_LINEAR] = "linear",     [MILL_NEAREST] = "nearest",
    [MILL_BOX] = "box",           NULL,
};

const struct mill_op *
mill_op_named(const char *name)
{
    for (const struct mill_op *const *op = mill_ops; *op; op++)
        if (!strcmp((*op)->name, name))
            return *op;
    return NULL;
}
