/* What `resize` was asked for, and the arithmetic of sizes. Inside op. */
#ifndef OP_RESIZE_H
#define OP_RESIZE_H

#include <imgmill/op.h>

enum op__fit {
    OP__FIT_INSIDE,  /* the largest within the box */
    OP__FIT_OUTSIDE, /* the smallest that covers it */
    OP__FIT_COVER,   /* that, cut to the box */
    OP__FIT_CONTAIN, /* the largest within, padded to the box */
    OP__FIT_FILL     /* the box, whatever the aspect ratio */
};

struct op__resize_params {
    uint32_t w, h; /* the box, px; 0: whatever keeps the aspect ratio */
    uint32_t percent_num, percent_den; /* num 0: the box counts */
    unsigned fit;                      /* enum op__fit */
    unsigned enlarge;                  /* 0: never larger than the source */
    unsigned gravity, kernel;
    unsigned shrink;               /* 0: fine, 1: fast */
    struct mill_colour background; /* of contain's padding */
    bool opaque; /* it was asked for: so it is seen, alpha or not */
};

/* The size that a w x h picture is resized to. Rounded half up, never 0. */
void op__resize_size(const struct op__resize_params *params, uint32_t w,
                     uint32_t h, uint64_t *new_w, uint64_t *new_h);

/* What stands behind a `contain`: the picture amid padding. */
void op__pad_want(const void *params, const struct mill_shape *in,
                  struct mill_want *want);
enum mill_status op__pad_shape(const void *params, const struct mill_shape *in,
                               struct mill_shape *out, struct mill_err *err);
uint64_t op__pad_bytes(const void *params, const struct mill_shape *in);
struct mill_sink *op__pad_open(const void *params, const struct mill_shape *in,
                               struct mill_sink *next, struct mill_arena *arena,
                               struct mill_err *err);

#endif
