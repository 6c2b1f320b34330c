/* The station that brings a picture's model, alpha and depth to those that are
 * wanted, by a chain of row loops (chain.c). A plane that none of them touches
 * passes as it came: nothing is copied. Rows are independent of each other: it
 * keeps nothing between bands. */
#include "chain.h"
#include "ops.h"

enum { LINE = 64 };

struct convert {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_band made;
    struct op__chain chain;
};

/* ---- what it takes and gives --------------------------------------------- */

static bool
grids_equal(const struct mill_shape *in)
{
    for (unsigned p = 1; p < in->n_planes; p++)
        if (!mill_grid_equal(&in->plane[0], &in->plane[p]))
            return false;
    return true;
}

static void
convert_want(const void *params, const struct mill_shape *in,
             struct mill_want *want)
{
    if (!op__chain_formulas(params, in) || grids_equal(in))
        return;
    bool alpha = in->alpha != MILL_OPAQUE; /* always has step 1 */
    want->grids = true;
    for (unsigned p = 0; p < in->n_planes; p++) {
        want->sx[p] = alpha ? 1 : in->plane[0].sx;
        want->sy[p] = alpha ? 1 : in->plane[0].sy;
    }
}

static enum mill_status
convert_shape(const void *params, const struct mill_shape *in,
              struct mill_shape *out, struct mill_err *err)
{
    const struct mill_convert_params *to = params;
    unsigned had = mill_model_colours(in->model);
    unsigned colours = mill_model_colours(to->model);
    if (to->model == MILL_CMYK && in->model != MILL_CMYK)
        return mill_fail(err, MILL_UNSUPPORTED, "making CMYK from %s",
                         mill_model_name(in->model));
    if (to->alpha == MILL_OPAQUE && in->alpha != MILL_OPAQUE)
        return mill_fail(err, MILL_INTERNAL, "convert cannot drop alpha");
    if (op__chain_formulas(params, in) && !grids_equal(in))
        return mill_fail(err, MILL_INTERNAL, "convert needs equal grids");

    *out = *in;
    out->model = to->model;
    out->alpha = to->alpha;
    out->depth = to->depth;
    out->n_planes = (uint8_t)(colours + (to->alpha != MILL_OPAQUE));
    if (in->model != to->model)
        for (unsigned p = 1; p < colours; p++)
            out->plane[p] = in->plane[0];
    if (in->alpha != MILL_OPAQUE)
        out->plane[colours] = in->plane[had];
    else if (to->alpha != MILL_OPAQUE)
        out->plane[colours] = mill_grid_make(in->w, in->h, 1, 1);
    return MILL_OK;
}

/* ---- the station --------------------------------------------------------- */

static size_t
scratch_bytes(const struct op__slot *slot)
{
    return mill_size_align((size_t)slot->grid->w * sizeof(uint16_t) + LINE,
                           LINE);
}

static bool
is_given(const struct op__chain *chain, unsigned slot)
{
    for (unsigned p = 0; p < chain->n_now; p++)
        if (chain->now[p] == slot)
            return true;
    return false;
}

static bool
changes_nothing(const struct mill_convert_params *to,
                const struct mill_shape *in)
{
    return to->model == in->model && to->alpha == in->alpha &&
           to->depth == in->depth;
}

static uint64_t
convert_bytes(const void *params, const struct mill_shape *in)
{
    struct mill_err err;
    struct mill_shape out;
    struct op__chain chain;
    if (changes_nothing(params, in) ||
        convert_shape(params, in, &out, &err) != MILL_OK)
        return 0;
    op__chain_make(&chain, params, in, &out);
    uint64_t bytes = sizeof(struct convert) + LINE;
    bytes = mill_u64_add(bytes, mill_band_bytes(&out, out.band_px));
    for (unsigned s = in->n_planes; s < chain.n_slots; s++)
        if (!is_given(&chain, s))
            bytes = mill_u64_add(bytes, scratch_bytes(&chain.slots[s]));
    return bytes;
}

/* Planes that come out are made in the outgoing band, the others a row at a
 * time. */
static enum mill_status
take_buffers(struct convert *convert, struct mill_arena *arena,
             struct mill_err *err)
{
    struct op__chain *chain = &convert->chain;
    enum mill_status status = mill_band_take(&convert->made, &chain->out,
                                             chain->out.band_px, arena, err);
    if (status != MILL_OK)
        return status;
    for (unsigned p = chain->n_now; p-- > 0;) {
        struct op__slot *slot = &chain->slots[chain->now[p]];
        slot->at = convert->made.plane[p].at;
        slot->stride_bytes = convert->made.plane[p].stride_bytes;
    }
    for (unsigned s = chain->in.n_planes; s < chain->n_slots; s++) {
        struct op__slot *slot = &chain->slots[s];
        if (slot->at)
            continue;
        slot->at = mill_arena_take(arena, scratch_bytes(slot), err);
        if (!slot->at)
            return (enum mill_status)err->status;
    }
    return MILL_OK;
}

static enum mill_flow
convert_begin(struct mill_sink *sink, const struct mill_shape *shape,
              const struct mill_meta *meta, struct mill_err *err)
{
    struct convert *convert = (struct convert *)sink;
    (void)shape;
    return convert->next->begin(convert->next, &convert->chain.out, meta, err);
}

static enum mill_flow
convert_band(struct mill_sink *sink, const struct mill_band *band,
             struct mill_err *err)
{
    struct convert *convert = (struct convert *)sink;
    struct op__chain *chain = &convert->chain;
    for (unsigned p = 0; p < chain->in.n_planes; p++) {
        chain->slots[p].at = band->plane[p].at;
        chain->slots[p].stride_bytes = band->plane[p].stride_bytes;
    }
    op__chain_run(chain, band);

    mill_band_place(&convert->made, &chain->out, band->y, band->n);
    for (unsigned p = 0; p < chain->n_now; p++) {
        const struct op__slot *slot = &chain->slots[chain->now[p]];
        convert->made.plane[p].at = slot->at;
        convert->made.plane[p].stride_bytes = slot->stride_bytes;
    }
    return convert->next->band(convert->next, &convert->made, err);
}

static enum mill_flow
convert_end(struct mill_sink *sink, struct mill_err *err)
{
    struct convert *convert = (struct convert *)sink;
    return convert->next->end(convert->next, err);
}

static struct mill_sink *
convert_open(const void *params, const struct mill_shape *in,
             struct mill_sink *next, struct mill_arena *arena,
             struct mill_err *err)
{
    struct mill_shape out;
    if (convert_shape(params, in, &out, err) != MILL_OK)
        return NULL;
    if (changes_nothing(params, in))
        return next;
    struct convert *convert = mill_arena_take(arena, sizeof *convert, err);
    if (!convert)
        return NULL;
    *convert = (struct convert){
        .sink = {convert_begin, convert_band, convert_end, NULL}, .next = next};
    op__chain_make(&convert->chain, params, in, &out);
    if (take_buffers(convert, arena, err) != MILL_OK)
        return NULL;
    return &convert->sink;
}

const struct mill_op mill_stage_convert = {
    .name = "convert",
    .usage = "",
    .summary = "colour model, alpha and depth",
    .params_size = sizeof(struct mill_convert_params),
    .want = convert_want,
    .shape = convert_shape,
    .bytes = convert_bytes,
    .open = convert_open,
};
