/* A conversion as a chain of row loops. Inside op. */
#ifndef OP_CHAIN_H
#define OP_CHAIN_H

#include "kernel/convert.h"

#include <imgmill/op.h>

enum { OP__SLOTS = 40, OP__STEPS = 32 };

struct op__slot {
    uint8_t *at;
    size_t stride_bytes;          /* 0: the one row of a scratch buffer */
    const struct mill_grid *grid; /* how many rows of what length */
};

struct op__step {
    void (*run)(const struct op__rows *);
    uint8_t from[MILL_PLANES], to[MILL_PLANES]; /* slots */
    uint8_t n_from, n_to, n_planes;
    uint32_t level; /* of fill; the centre of the others */
};

/* Slots 0 … in.n_planes - 1 are the incoming planes. now[] tells, while the
 * chain is written and at its end, in which slots the planes lie. Its grids are
 * its own: it must not move. */
struct op__chain {
    const struct op__convert_kernels *kernels;
    struct mill_shape in, out;
    bool wide;       /* what lies in now[] has 16 bits */
    uint32_t centre; /* of chroma, for every step of the chain */
    int32_t delta;   /* of the shift, when there is one */
    unsigned n_slots, n_steps, n_now;
    uint8_t now[MILL_PLANES];
    struct op__slot slots[OP__SLOTS];
    struct op__step steps[OP__STEPS];
};

/* Row loops that mix planes: what one conversion of `in` needs. */
unsigned op__chain_formulas(const struct mill_convert_params *to,
                            const struct mill_shape *in);

/* Writes the chain; its slots have no memory yet. */
void op__chain_make(struct op__chain *chain,
                    const struct mill_convert_params *to,
                    const struct mill_shape *in, const struct mill_shape *out);

/* All rows of a band, which the first slots point to. */
void op__chain_run(const struct op__chain *chain, const struct mill_band *band);

#endif
