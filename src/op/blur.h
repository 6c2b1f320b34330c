/* The station behind blur and sharpen. Inside op. */
#ifndef OP_BLUR_H
#define OP_BLUR_H

#include <imgmill/op.h>

/* What happens to a picture; plain data. */
struct op__blur_params {
    double sigma; /* px */
    bool sharpens;
    double amount;    /* of what the blur takes away; at most 10 */
    double threshold; /* 8-bit levels that a sample must differ by */
};

/* As mill_op's bytes and open. A blur is of every plane; sharpening is of
 * brightness: of GRAY and CMYK all colours, of YCC the first. */
uint64_t op__blur_bytes(const struct op__blur_params *params,
                        const struct mill_shape *in);
struct mill_sink *op__blur_open(const struct op__blur_params *params,
                                const struct mill_shape *in,
                                struct mill_sink *next,
                                struct mill_arena *arena, struct mill_err *err);

#endif
