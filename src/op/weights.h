/* Where output samples lie among input samples, and what each weighs. Inside
 * op. */
#ifndef OP_WEIGHTS_H
#define OP_WEIGHTS_H

#include "kernel/resize.h"

#include <imgmill/op.h>

/* One axis of one plane. Output j lies at (start + j * step) / den input
 * samples, the centre of sample 0 being 0. Sides are at most 2^28 px, so that
 * twice any of these fits. */
struct op__axis {
    int64_t start, step, den;
    uint32_t n_in, n_out;
    uint8_t kernel; /* enum mill_kernel */
};

/* The axis that maps W_in px, sampled from x0_in in steps of s_in, onto w px,
 * of which the part from out on is sampled from x0 in steps of s. */
struct op__span {
    uint32_t px;
    uint32_t n;
    int x0;
    unsigned step;
};
struct op__axis op__axis_make(const struct op__span *in, uint32_t px,
                              uint32_t out, const struct op__span *to,
                              unsigned kernel);

/* First and last input sample that output j depends on. Neither ever falls. */
void op__axis_reach(const struct op__axis *axis, uint32_t j, uint32_t *first,
                    uint32_t *last);
/* No output depends on more samples than this. */
uint32_t op__axis_taps(const struct op__axis *axis);

enum op__form {
    OP__FORM_BLOCK,  /* narrow, OP__NARROW_BITS */
    OP__FORM_NARROW, /* narrow, as many bits as fit */
    OP__FORM_WIDE    /* wide, OP__WIDE_BITS */
};

/* The table of an axis; each first counts from `origin`, the first sample that
 * the axis needs at all. k is a multiple of `quantum`. */
struct op__weights {
    struct op__axis axis;
    enum op__form form;
    uint32_t quantum, origin;
    struct op__taps taps;
};
enum mill_status op__weights_make(struct op__weights *weights,
                                  const struct op__axis *axis,
                                  enum op__form form, uint32_t quantum,
                                  struct mill_arena *arena,
                                  struct mill_err *err);
/* Bytes that the call above takes. Saturates. */
uint64_t op__weights_bytes(const struct op__axis *axis, enum op__form form,
                           uint32_t quantum);

#endif
