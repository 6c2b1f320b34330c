/* One plane on its way through the resizer. Inside op. */
#ifndef OP_PLANE_H
#define OP_PLANE_H

#include "weights.h"

/* What is to be known of a plane before there is memory for it. */
struct op__plane_plan {
    struct op__axis x, y;
    unsigned depth;     /* 8 or 16 */
    uint32_t ring_rows; /* source rows held at once; when it sums, output rows*/
};

/* Does the plane hold output rows that are being summed, not source rows? */
bool op__plane_sums(const struct op__plane_plan *plan);

struct op__plane {
    struct op__plane_plan plan;
    struct op__weights x, y;
    const struct op__resize_kernels *kernels;
    uint32_t span;       /* samples of a source row that count, from x.origin */
    size_t stride_bytes; /* of the ring */
    uint8_t *ring;       /* row i in place i % ring_rows */
    void *work;          /* a block's tall; when it sums, across's */
    int32_t *row;        /* rows across */
    struct op__block *block;
    struct op__across across;
    uint32_t fed;          /* source rows */
    uint32_t begun, ended; /* output rows that have begun, that got all */
};

/* Bytes that op__plane_init takes. Saturates. */
uint64_t op__plane_bytes(const struct op__plane_plan *plan);
/* others: n planes made before, whose tables may be shared. */
enum mill_status op__plane_init(struct op__plane *plane,
                                const struct op__plane_plan *plan,
                                const struct op__plane *others, unsigned n,
                                struct mill_arena *arena, struct mill_err *err);

/* The next source rows, up to row stop, from those of a band. */
void op__plane_feed(struct op__plane *plane, const struct mill_rows *rows,
                    uint32_t stop);

/* n output rows from row y on; all that they depend on was fed, and no more
 * than the ring holds. */
void op__plane_make(struct op__plane *plane, uint32_t y, uint32_t n, void *to,
                    size_t to_stride_bytes);

#endif
