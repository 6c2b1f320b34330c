/* The station that turns and mirrors. Left and right change places row by row;
 * every other turn collects the picture first, since its first row needs the
 * last one that comes, and then gives the turned picture on in bands. Samples
 * only change places; the grids' origins say what lies beside an edge.
 *
 * With T the transposition and F the flip, both of whole planes:
 *     90 = F then T · 270 = T then F · transverse = F then T then F
 * and a flip is no work: the plane is walked upwards. */
#include "kernel/turn.h"
#include "kernel/levels.h"
#include "ops.h"

#include <string.h>

/* A line of memory is 64 samples of 8 bits: a band of the turned picture should
 * use all of it while it is at hand. */
enum { TURNED_PX = 64 };

struct turn {
    struct mill_sink sink;
    struct mill_sink *next;
    const struct op__turn_kernels *kernels;
    enum mill_turn turn;
    struct mill_shape in, out;
    struct mill_band whole; /* as it came; none for FLOP */
    struct mill_band made;
};

static bool
streams(enum mill_turn turn)
{
    return turn == MILL_FLOP;
}

static enum mill_status
turn_shape(const void *params, const struct mill_shape *in,
           struct mill_shape *out, struct mill_err *err)
{
    enum mill_turn turn = ((const struct mill_turn_params *)params)->turn;
    (void)err;
    *out = *in;
    if (turn == MILL_TURN_0)
        return MILL_OK;
    if (mill_turn_swaps(turn)) {
        out->w = in->h;
        out->h = in->w;
    }
    if (!streams(turn))
        out->band_px = TURNED_PX;
    for (unsigned p = 0; p < in->n_planes; p++)
        out->plane[p] = mill_grid_turn(&in->plane[p], in->w, in->h, turn);
    return MILL_OK;
}

static uint64_t
turn_bytes(const void *params, const struct mill_shape *in)
{
    enum mill_turn turn = ((const struct mill_turn_params *)params)->turn;
    struct mill_err err;
    struct mill_shape out;
    if (turn == MILL_TURN_0)
        return 0;
    turn_shape(params, in, &out, &err);
    uint64_t bytes = mill_band_bytes(&out, out.band_px);
    if (!streams(turn))
        bytes = mill_u64_add(bytes, mill_band_bytes(in, in->h));
    return mill_u64_add(bytes, sizeof(struct turn) + 64);
}

/* ---- turned rows --------------------------------------------------------- */

/* Row y of a collected plane. */
static const uint8_t *
row_at(const struct turn *turn, unsigned p, uint32_t y)
{
    return mill_rows_at(&turn->whole.plane[p], y);
}

/* Rows of the plane that keep their direction: FLIP, 180. */
static void
make_upright(struct turn *turn, unsigned p)
{
    const struct mill_rows *rows = &turn->made.plane[p];
    const struct mill_grid *g = &turn->in.plane[p];
    const size_t n = g->w * mill_shape_sample_bytes(&turn->in);
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint8_t *from = row_at(turn, p, g->h - 1 - (rows->y + i));
        if (turn->turn == MILL_FLIP)
            memcpy(mill_rows_at(rows, i), from, n);
        else
            turn->kernels->mirror[turn->in.depth == 16](mill_rows_at(rows, i),
                                                        from, g->w);
    }
}

/* Rows that were columns. */
static void
make_sideways(struct turn *turn, unsigned p)
{
    const struct mill_rows *rows = &turn->made.plane[p];
    const struct mill_grid *g = &turn->in.plane[p];
    const size_t sample = mill_shape_sample_bytes(&turn->in);
    const bool flips_first =
        turn->turn == MILL_TURN_90 || turn->turn == MILL_TRANSVERSE;
    const bool flips_last =
        turn->turn == MILL_TURN_270 || turn->turn == MILL_TRANSVERSE;
    if (!rows->n)
        return;
    ptrdiff_t to_stride = (ptrdiff_t)rows->stride_bytes;
    ptrdiff_t from_stride = (ptrdiff_t)turn->whole.plane[p].stride_bytes;
    uint8_t *to = mill_rows_at(rows, flips_last ? rows->n - 1 : 0);
    uint32_t x = flips_last ? g->w - (rows->y + rows->n) : rows->y;
    const uint8_t *from = row_at(turn, p, flips_first ? g->h - 1 : 0);
    turn->kernels->transpose[sample == 2](
        to, flips_last ? -to_stride : to_stride, from + x * sample,
        flips_first ? -from_stride : from_stride, rows->n, g->h);
}

static enum mill_flow
give_all(struct turn *turn, struct mill_err *err)
{
    const struct mill_shape *out = &turn->out;
    enum mill_flow flow = MILL_FLOW_MORE;
    for (uint32_t y = 0; y < out->h && flow == MILL_FLOW_MORE;) {
        uint32_t n = out->h - y < out->band_px ? out->h - y : out->band_px;
        mill_band_place(&turn->made, out, y, n);
        for (unsigned p = 0; p < out->n_planes; p++) {
            if (mill_turn_swaps(turn->turn))
                make_sideways(turn, p);
            else
                make_upright(turn, p);
        }
        flow = turn->next->band(turn->next, &turn->made, err);
        y += n;
    }
    return flow;
}

/* ---- the station --------------------------------------------------------- */

static enum mill_flow
turn_begin(struct mill_sink *sink, const struct mill_shape *shape,
           const struct mill_meta *meta, struct mill_err *err)
{
    struct turn *turn = (struct turn *)sink;
    (void)shape;
    return turn->next->begin(turn->next, &turn->out, meta, err);
}

static enum mill_flow
flop_band(struct mill_sink *sink, const struct mill_band *band,
          struct mill_err *err)
{
    struct turn *turn = (struct turn *)sink;
    mill_band_place(&turn->made, &turn->out, band->y, band->n);
    for (unsigned p = 0; p < turn->in.n_planes; p++)
        for (uint32_t i = 0; i < band->plane[p].n; i++)
            turn->kernels->mirror[turn->in.depth == 16](
                mill_rows_at(&turn->made.plane[p], i),
                mill_rows_at(&band->plane[p], i), turn->in.plane[p].w);
    return turn->next->band(turn->next, &turn->made, err);
}

static enum mill_flow
collect_band(struct mill_sink *sink, const struct mill_band *band,
             struct mill_err *err)
{
    struct turn *turn = (struct turn *)sink;
    const size_t sample = mill_shape_sample_bytes(&turn->in);
    for (unsigned p = 0; p < turn->in.n_planes; p++) {
        const struct mill_rows *rows = &band->plane[p];
        for (uint32_t i = 0; i < rows->n; i++)
            memcpy(mill_rows_at(&turn->whole.plane[p], rows->y + i),
                   mill_rows_at(rows, i), turn->in.plane[p].w * sample);
    }
    if (band->y + band->n < turn->in.h)
        return MILL_FLOW_MORE;
    return give_all(turn, err);
}

static enum mill_flow
turn_end(struct mill_sink *sink, struct mill_err *err)
{
    struct turn *turn = (struct turn *)sink;
    return turn->next->end(turn->next, err);
}

static struct mill_sink *
turn_open(const void *params, const struct mill_shape *in,
          struct mill_sink *next, struct mill_arena *arena,
          struct mill_err *err)
{
    enum mill_turn which = ((const struct mill_turn_params *)params)->turn;
    if (which == MILL_TURN_0)
        return next;
    struct turn *turn = mill_arena_take(arena, sizeof *turn, err);
    if (!turn)
        return NULL;
    *turn = (struct turn){.sink = {turn_begin,
                                   streams(which) ? flop_band : collect_band,
                                   turn_end, NULL},
                          .next = next,
                          .kernels = op__kernels()->turn,
                          .turn = which,
                          .in = *in};
    turn_shape(params, in, &turn->out, err);
    if (mill_band_take(&turn->made, &turn->out, turn->out.band_px, arena,
                       err) != MILL_OK ||
        (!streams(which) &&
         mill_band_take(&turn->whole, in, in->h, arena, err) != MILL_OK))
        return NULL;
    return &turn->sink;
}

const struct mill_op mill_stage_turn = {
    .name = "turn",
    .usage = "",
    .summary = "a turn or a mirror",
    .params_size = sizeof(struct mill_turn_params),
    .shape = turn_shape,
    .bytes = turn_bytes,
    .open = turn_open,
};
