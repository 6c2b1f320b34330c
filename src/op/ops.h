/* The operations that users may name, one file each; table.c gathers them. */
#ifndef OP_OPS_H
#define OP_OPS_H

#include <imgmill/op.h>

extern const struct mill_op mill_op_resize;
extern const struct mill_op mill_op_crop;
extern const struct mill_op mill_op_rotate;
extern const struct mill_op mill_op_flip;
extern const struct mill_op mill_op_flop;
extern const struct mill_op mill_op_gray;
extern const struct mill_op mill_op_blur;
extern const struct mill_op mill_op_sharpen;
extern const struct mill_op mill_op_gamma;
/* mill_op_flatten is in the door: the planner calls it too. */

#endif
