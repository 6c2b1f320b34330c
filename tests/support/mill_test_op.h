/* Run one station over a drawn picture, and hold it to what its descriptor
 * promised: the shape it gives, the bytes it takes, and that it can be opened
 * where its want is met. The end of mill_test_op_run is in the collector. */
#ifndef MILL_TEST_OP_H
#define MILL_TEST_OP_H

#include <imgmill/op.h>

#include "mill_test_pixel.h"

/* Any broken promise prints what was broken and answers false. `out` must be
 * initialised; it is cleared first. */
static inline bool
mill_test_op_run(const struct mill_op *op, const void *params,
                 const struct mill_test_source *source,
                 struct mill_test_collect *out)
{
    struct mill_err err = {0};
    struct mill_want want = {0};
    struct mill_shape shape = *source->shape;
    struct mill_arena *arena = mill_arena_new(1 << 20);
    uint64_t promised = 0, taken;
    struct mill_sink *end = &out->sink, *sink = NULL;
    bool good = false;

    mill_test_collect_clear(out);
    if (op->want)
        op->want(params, source->shape, &want);
    if (!mill_want_met(&want, source->shape))
        mill_fail(&err, MILL_INTERNAL, "the want is not met");
    else if (!op->shape ||
             op->shape(params, source->shape, &shape, &err) == MILL_OK)
        end = mill_sink_check(end, &shape, op->name, arena, &err);
    if (err.status != MILL_OK || !end)
        goto out;
    if (op->bytes)
        promised = op->bytes(params, source->shape);
    taken = mill_arena_bytes(arena);
    sink = op->open(params, source->shape, end, arena, &err);
    if (!sink || mill_test_drive(source, sink, &err) == MILL_FLOW_FAILED)
        goto out;
    taken = mill_arena_bytes(arena) - taken;
    if (taken > promised)
        mill_fail(&err, MILL_INTERNAL, "%llu bytes taken, %llu promised",
                  (unsigned long long)taken, (unsigned long long)promised);
    else if (out->ends != 1 || out->rows != shape.h)
        mill_fail(&err, MILL_INTERNAL, "%u rows of %u, %u ends", out->rows,
                  shape.h, out->ends);
    good = err.status == MILL_OK;
out:
    if (!good)
        fprintf(stderr, "%s: %s\n", op->name, err.text);
    if (sink && sink->free)
        sink->free(sink);
    mill_arena_free(arena);
    return good;
}

/* Is what comes out the same for every way to cut bands? */
static inline bool
mill_test_op_cuts_agree(const struct mill_op *op, const void *params,
                        struct mill_test_source source)
{
    struct mill_test_collect first, other;
    bool agree = true;
    mill_test_collect_init(&first);
    mill_test_collect_init(&other);
    for (size_t i = 0; agree && i < MILL_COUNT(mill_test_cuts); i++) {
        source.cut = mill_test_cuts[i];
        agree = mill_test_op_run(op, params, &source, i ? &other : &first) &&
                (!i || mill_test_equal(&first, &other));
    }
    mill_test_collect_clear(&first);
    mill_test_collect_clear(&other);
    return agree;
}

#endif
