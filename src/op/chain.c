/* A conversion of model, alpha and depth: which row loops, in what order.
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
 * Rows are independent of each other: nothing is kept between them. */
#include "chain.h"
#include "kernel/levels.h"

enum { CENTRE_8 = 128, CENTRE_16 = 32768, CENTRE_WIDE = 128 * 257 };

typedef void step_fn(const struct op__rows *);

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

unsigned
op__chain_formulas(const struct mill_convert_params *to,
                   const struct mill_shape *in)
{
    return needs_of(to, in).formulas;
}

/* ---- writing the chain --------------------------------------------------- */

static uint8_t
new_slot(struct op__chain *chain, const struct mill_grid *grid)
{
    chain->slots[chain->n_slots] = (struct op__slot){.grid = grid};
    return (uint8_t)chain->n_slots++;
}

/* A step that takes `takes` planes from now[first] on, and may read those
 * behind them, and puts `gives` new ones in their place. */
static void
add_step(struct op__chain *chain, step_fn *run, unsigned first, unsigned takes,
         unsigned gives)
{
    struct op__step *step = &chain->steps[chain->n_steps++];
    const struct mill_grid *grid = chain->slots[chain->now[first]].grid;
    *step = (struct op__step){.run = run,
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
add_filled(struct op__chain *chain, unsigned at, const struct mill_grid *grid,
           uint32_t level)
{
    struct op__step *step = &chain->steps[chain->n_steps++];
    *step = (struct op__step){
        .run = chain->kernels->fill[chain->wide], .n_to = 1, .level = level};
    step->to[0] = new_slot(chain, grid);
    for (unsigned p = chain->n_now++; p > at; p--)
        chain->now[p] = chain->now[p - 1];
    chain->now[at] = step->to[0];
}

static void
add_to_each(struct op__chain *chain, step_fn *run, unsigned first, unsigned end)
{
    for (unsigned p = first; p < end; p++)
        add_step(chain, run, p, 1, 1);
}

/* Keep the first plane and what stands behind the colours. */
static void
drop_chroma(struct op__chain *chain)
{
    for (unsigned p = 3; p < chain->n_now; p++)
        chain->now[p - 2] = chain->now[p];
    chain->n_now -= 2;
}

static void
add_model(struct op__chain *chain, enum mill_model from, enum mill_model to)
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
repeat_gray(struct op__chain *chain)
{
    for (unsigned p = 1; p < chain->n_now; p++)
        chain->now[p + 2] = chain->now[p];
    chain->now[1] = chain->now[2] = chain->now[0];
    chain->n_now += 2;
}

static void
set_centre(struct op__chain *chain, bool inner_wide)
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
add_formulas(struct op__chain *chain, const struct needs *needs)
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

void
op__chain_make(struct op__chain *chain, const struct mill_convert_params *to,
               const struct mill_shape *in, const struct mill_shape *out)
{
    struct needs needs = needs_of(to, in);
    bool inner = in->depth == 16 || out->depth == 16 || needs.formulas > 1;
    *chain = (struct op__chain){.kernels = op__kernels()->convert,
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

/* ---- running it ---------------------------------------------------------- */

static uint32_t
rows_in(const struct mill_grid *grid, const struct mill_band *band)
{
    return mill_grid_rows_above(grid, band->y + band->n) -
           mill_grid_rows_above(grid, band->y);
}

/* Row i of one step. */
static void
run_step(const struct op__chain *chain, const struct op__step *step, uint32_t i)
{
    struct op__rows rows = {.n = chain->slots[step->to[0]].grid->w,
                            .n_planes = step->n_planes,
                            .level = step->level,
                            .delta = chain->delta};
    for (unsigned k = 0; k < step->n_from; k++) {
        const struct op__slot *slot = &chain->slots[step->from[k]];
        rows.from[k] = slot->at + i * slot->stride_bytes;
    }
    for (unsigned k = 0; k < step->n_to; k++) {
        const struct op__slot *slot = &chain->slots[step->to[k]];
        rows.to[k] = slot->at + i * slot->stride_bytes;
    }
    step->run(&rows);
}

void
op__chain_run(const struct op__chain *chain, const struct mill_band *band)
{
    uint32_t n = 0, n_of[OP__STEPS];
    for (unsigned s = 0; s < chain->n_steps; s++) {
        const struct op__step *step = &chain->steps[s];
        n_of[s] = rows_in(chain->slots[step->to[0]].grid, band);
        n = n_of[s] > n ? n_of[s] : n;
    }
    for (uint32_t i = 0; i < n; i++)
        for (unsigned s = 0; s < chain->n_steps; s++)
            if (i < n_of[s])
                run_step(chain, &chain->steps[s], i);
}
