/* Model, alpha and depth of a picture to those that are wanted.
 *
 * What must happen is written down once, when the station opens, as a chain of
 * steps over slots; a slot is a plane's row: of the incoming band, of a one-row
 * scratch buffer, or of the outgoing band.
 *
 *     in ─► (widen) ─► (divide) ─► (model) ─► (multiply) ─► (narrow) ─► out
 *
 * One formula at 8 bits is done at 8 bits. Two of them, or a change of depth,
 * are done at 16, so that the whole is rounded to 8 bits only once. A plane
 * that no step touches passes as it came: nothing is copied. Colours are
 * divided by alpha before a formula that does not commute with alpha.
 *
 * 8 bits become 16 by * 257. Neutral chroma is 128 at 8 bits and 32768 at 16,
 * not 128 * 257, so inside a chain that has 8-bit chroma at one end chroma is
 * centred on 128 * 257, and a YCC picture that only changes depth is shifted.
 *
 * Rows are independent of each other: it keeps nothing between bands. */
#include "kernel/convert.h"
#include "kernel/levels.h"
#include "ops.h"

enum {
    SLOTS = 40,
    STEPS = 32,
    LINE = 64,
    CENTRE_8 = 128,
    CENTRE_16 = 32768,
    CENTRE_WIDE = 128 * 257
};

typedef void step_fn(const struct op__rows *);

struct slot {
    uint8_t *at;
    size_t stride_bytes;          /* 0: the one row of a scratch buffer */
    const struct mill_grid *grid; /* how many rows of what length */
};

struct step {
    step_fn *run;
    uint8_t from[MILL_PLANES], to[MILL_PLANES]; /* slots */
    uint8_t n_from, n_to, n_planes;
    uint32_t level; /* of fill; the centre of the others */
};

/* Slots 0 … in.n_planes - 1 are the incoming planes. now[] tells, while the
 * chain is written and at its end, in which slots the planes lie. */
struct chain {
    const struct op__convert_kernels *kernels;
    struct mill_shape in, out;
    bool wide;       /* what lies in now[] has 16 bits */
    uint32_t centre; /* of chroma, for every step of the chain */
    int32_t delta;   /* of the shift, when there is one */
    unsigned n_slots, n_steps, n_now;
    uint8_t now[MILL_PLANES];
    struct slot slots[SLOTS];
    struct step steps[STEPS];
};

struct convert {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_band made;
    struct chain chain;
};

/* ---- what a conversion needs --------------------------------------------- */

/* The formulas of one conversion. */
struct needs {
    bool divide, multiply;
    bool recentre;     /* YCC changes only its depth */
    unsigned formulas; /* row loops that mix planes */
};

/* Formulas between two models: the others rename planes or fill them. */
static unsigned
model_formulas(enum mill_model from, enum mill_model to)
{
    if (from == to || from == MILL_GRAY)
        return 0;
    if (from == MILL_CMYK)
        return to == MILL_RGB ? 1 : 2;
    return from == MILL_YCC && to == MILL_GRAY ? 0 : 1;
}

/* Is the model's change the same on premultiplied values? Where the formula has
 * no constant. */
static bool
commutes(enum mill_model from, enum mill_model to)
{
    if (from == to)
        return true;
    if (to == MILL_GRAY)
        return from != MILL_CMYK;
    return from == MILL_GRAY && to == MILL_RGB;
}

static struct needs
needs_of(const struct mill_convert_params *to, const struct mill_shape *in)
{
    struct needs needs = {.formulas = model_formulas(in->model, to->model)};
    needs.recentre = in->model == MILL_YCC && to->model == MILL_YCC &&
                     in->depth != to->depth;
    bool loses = to->alpha != MILL_PREMULTIPLIED ||
                 !commutes(in->model, to->model) || needs.recentre;
    needs.divide = in->alpha == MILL_PREMULTIPLIED && loses;
    needs.multiply = to->alpha == MILL_PREMULTIPLIED &&
                     (in->alpha == MILL_STRAIGHT || needs.divide);
    needs.formulas += needs.divide + needs.multiply;
    return needs;
}

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
    if (!needs_of(params, in).formulas || grids_equal(in))
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
    if (needs_of(params, in).formulas && !grids_equal(in))
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

/* ---- writing the chain --------------------------------------------------- */

static uint8_t
new_slot(struct chain *chain, const struct mill_grid *grid)
{
    chain->slots[chain->n_slots] = (struct slot){.grid = grid};
    return (uint8_t)chain->n_slots++;
}

/* A step that takes `takes` planes from now[first] on, and may read those
 * behind them, and puts `gives` new ones in their place. */
static void
add_step(struct chain *chain, step_fn *run, unsigned first, unsigned takes,
         unsigned gives)
{
    struct step *step = &chain->steps[chain->n_steps++];
    const struct mill_grid *grid = chain->slots[chain->now[first]].grid;
    *step = (struct step){.run = run,
                          .n_from = (uint8_t)(chain->n_now - first),
                          .n_to = (uint8_t)gives,
                          .n_planes = (uint8_t)takes,
                          .level = chain->centre};
    for (unsigned k = 0; k < step->n_from; k++)
        step->from[k] = chain->now[first + k];
    for (unsigned k = 0; k < gives; k++)
        chain->now[first + k] = step->to[k] = new_slot(chain, grid);
    for (unsigned k = takes; k < step->n_from; k++)
        chain->now[first + gives + k - takes] = step->from[k];
    chain->n_now += gives - takes;
}

/* A new plane at now[at], all of it of one level. */
static void
add_filled(struct chain *chain, unsigned at, const struct mill_grid *grid,
           uint32_t level)
{
    struct step *step = &chain->steps[chain->n_steps++];
    *step = (struct step){
        .run = chain->kernels->fill[chain->wide], .n_to = 1, .level = level};
    step->to[0] = new_slot(chain, grid);
    for (unsigned p = chain->n_now++; p > at; p--)
        chain->now[p] = chain->now[p - 1];
    chain->now[at] = step->to[0];
}

static void
add_to_each(struct chain *chain, step_fn *run, unsigned first, unsigned end)
{
    for (unsigned p = first; p < end; p++)
        add_step(chain, run, p, 1, 1);
}

/* Keep the first plane and what stands behind the colours. */
static void
drop_chroma(struct chain *chain)
{
    for (unsigned p = 3; p < chain->n_now; p++)
        chain->now[p - 2] = chain->now[p];
    chain->n_now -= 2;
}

static void
add_model(struct chain *chain, enum mill_model from, enum mill_model to)
{
    const struct op__convert_kernels *kernels = chain->kernels;
    bool wide = chain->wide;
    if (from == to)
        return;
    if (from == MILL_CMYK) {
        add_step(chain, kernels->rgb_of_cmyk[wide], 0, 4, 3);
        from = MILL_RGB;
    }
    if (from == MILL_YCC && to == MILL_GRAY)
        drop_chroma(chain);
    else if (from == MILL_YCC && to == MILL_RGB)
        add_step(chain, kernels->rgb_of_ycc[wide], 0, 3, 3);
    else if (from == MILL_RGB && to == MILL_GRAY)
        add_step(chain, kernels->gray_of_rgb[wide], 0, 3, 1);
    else if (from == MILL_RGB && to == MILL_YCC)
        add_step(chain, kernels->ycc_of_rgb[wide], 0, 3, 3);
    for (unsigned p = 1; from == MILL_GRAY && to == MILL_YCC && p < 3; p++)
        add_filled(chain, p, &chain->in.plane[0], chain->centre);
}

/* GRAY to RGB: the same rows three times, when all else is done. */
static void
repeat_gray(struct chain *chain)
{
    for (unsigned p = 1; p < chain->n_now; p++)
        chain->now[p + 2] = chain->now[p];
    chain->now[1] = chain->now[2] = chain->now[0];
    chain->n_now += 2;
}

static void
set_centre(struct chain *chain, bool inner_wide)
{
    bool narrow_end = chain->in.model == MILL_YCC ? chain->in.depth == 8
                                                  : chain->out.depth == 8;
    chain->centre = !inner_wide  ? CENTRE_8
                    : narrow_end ? CENTRE_WIDE
                                 : CENTRE_16;
    chain->delta = chain->in.depth == 8 ? CENTRE_16 - CENTRE_WIDE
                                        : CENTRE_WIDE - CENTRE_16;
}

/* The formulas, at the depth that they are done at. */
static void
add_formulas(struct chain *chain, const struct needs *needs)
{
    const struct op__convert_kernels *kernels = chain->kernels;
    bool wide = chain->wide;
    if (needs->divide) {
        unsigned n = chain->n_now - 1;
        add_step(chain, kernels->divide[wide], 0, n, n);
    }
    add_model(chain, chain->in.model, chain->out.model);
    if (needs->recentre)
        add_to_each(chain, kernels->shift, 1, 3);
    if (needs->multiply) {
        unsigned n = chain->n_now - 1;
        add_step(chain, kernels->multiply[wide], 0, n, n);
    }
}

static void
chain_make(struct chain *chain, const struct mill_convert_params *to,
           const struct mill_shape *in, const struct mill_shape *out)
{
    struct needs needs = needs_of(to, in);
    bool inner = in->depth == 16 || out->depth == 16 || needs.formulas > 1;
    *chain = (struct chain){.kernels = op__kernels()->convert,
                            .in = *in,
                            .out = *out,
                            .wide = in->depth == 16,
                            .n_now = in->n_planes};
    for (unsigned p = 0; p < in->n_planes; p++)
        chain->now[p] = new_slot(chain, &chain->in.plane[p]);
    set_centre(chain, inner);

    if (inner && !chain->wide)
        add_to_each(chain, chain->kernels->widen, 0, chain->n_now);
    chain->wide = inner;
    add_formulas(chain, &needs);
    if (inner && out->depth == 8)
        add_to_each(chain, chain->kernels->narrow, 0, chain->n_now);
    chain->wide = out->depth == 16;
    if (in->model == MILL_GRAY && out->model == MILL_RGB)
        repeat_gray(chain);
    if (in->alpha == MILL_OPAQUE && out->alpha != MILL_OPAQUE)
        add_filled(chain, chain->n_now, &chain->out.plane[chain->n_now],
                   chain->wide ? 65535 : 255);
}

/* ---- the station --------------------------------------------------------- */

static size_t
scratch_bytes(const struct slot *slot)
{
    return mill_size_align((size_t)slot->grid->w * sizeof(uint16_t) + LINE,
                           LINE);
}

static bool
is_given(const struct chain *chain, unsigned slot)
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
    struct chain chain;
    if (changes_nothing(params, in) ||
        convert_shape(params, in, &out, &err) != MILL_OK)
        return 0;
    chain_make(&chain, params, in, &out);
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
    struct chain *chain = &convert->chain;
    enum mill_status status = mill_band_take(&convert->made, &chain->out,
                                             chain->out.band_px, arena, err);
    if (status != MILL_OK)
        return status;
    for (unsigned p = chain->n_now; p-- > 0;) {
        struct slot *slot = &chain->slots[chain->now[p]];
        slot->at = convert->made.plane[p].at;
        slot->stride_bytes = convert->made.plane[p].stride_bytes;
    }
    for (unsigned s = chain->in.n_planes; s < chain->n_slots; s++) {
        struct slot *slot = &chain->slots[s];
        if (slot->at)
            continue;
        slot->at = mill_arena_take(arena, scratch_bytes(slot), err);
        if (!slot->at)
            return (enum mill_status)err->status;
    }
    return MILL_OK;
}

static uint32_t
rows_in(const struct mill_grid *grid, const struct mill_band *band)
{
    return mill_grid_rows_above(grid, band->y + band->n) -
           mill_grid_rows_above(grid, band->y);
}

/* Row i of one step. */
static void
run_step(const struct chain *chain, const struct step *step, uint32_t i)
{
    struct op__rows rows = {.n = chain->slots[step->to[0]].grid->w,
                            .n_planes = step->n_planes,
                            .level = step->level,
                            .delta = chain->delta};
    for (unsigned k = 0; k < step->n_from; k++) {
        const struct slot *slot = &chain->slots[step->from[k]];
        rows.from[k] = slot->at + i * slot->stride_bytes;
    }
    for (unsigned k = 0; k < step->n_to; k++) {
        const struct slot *slot = &chain->slots[step->to[k]];
        rows.to[k] = slot->at + i * slot->stride_bytes;
    }
    step->run(&rows);
}

static void
run_steps(const struct chain *chain, const struct mill_band *band)
{
    uint32_t n = 0, n_of[STEPS];
    for (unsigned s = 0; s < chain->n_steps; s++) {
        const struct step *step = &chain->steps[s];
        n_of[s] = rows_in(chain->slots[step->to[0]].grid, band);
        n = n_of[s] > n ? n_of[s] : n;
    }
    for (uint32_t i = 0; i < n; i++)
        for (unsigned s = 0; s < chain->n_steps; s++)
            if (i < n_of[s])
                run_step(chain, &chain->steps[s], i);
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
    struct chain *chain = &convert->chain;
    for (unsigned p = 0; p < chain->in.n_planes; p++) {
        chain->slots[p].at = band->plane[p].at;
        chain->slots[p].stride_bytes = band->plane[p].stride_bytes;
    }
    run_steps(chain, band);

    mill_band_place(&convert->made, &chain->out, band->y, band->n);
    for (unsigned p = 0; p < chain->n_now; p++) {
        const struct slot *slot = &chain->slots[chain->now[p]];
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
    chain_make(&convert->chain, params, in, &out);
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
