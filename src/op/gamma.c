/* Gamma: every colour sample v of [0, 1] becomes v^(1/G), by a table made in
 * double when the station opens. Alpha passes. Rows are independent of each
 * other: it keeps nothing between bands. */
#include "ops.h"

#include <math.h>

struct gamma_params {
    double gamma; /* 0.1 .. 10; above 1 makes brighter */
};

struct gamma_station {
    struct mill_sink sink;
    struct mill_sink *next;
    struct mill_shape shape;
    struct mill_band made;
    void *table; /* one sample for each sample value */
};

static enum mill_status
gamma_parse(const struct mill_args *args, void *params, struct mill_err *err)
{
    struct gamma_params *gamma = params;
    enum mill_status status = mill_args_check(args, 1, 1, NULL, err);
    if (status != MILL_OK)
        return status;
    return mill_args_number(args, "gamma", args->positional[0], 0.1, 10,
                            &gamma->gamma, err);
}

static bool
does_nothing(const void *params)
{
    const struct gamma_params *gamma = params;
    return gamma->gamma == 1;
}

static void
gamma_want(const void *params, const struct mill_shape *in,
           struct mill_want *want)
{
    (void)in;
    if (does_nothing(params))
        return;
    want->models = 1 << MILL_GRAY | 1 << MILL_RGB;
    want->alphas = 1 << MILL_OPAQUE | 1 << MILL_STRAIGHT;
}

static size_t
table_bytes(const struct mill_shape *in)
{
    return in->depth == 8 ? 256 : 65536 * sizeof(uint16_t);
}

static uint64_t
gamma_bytes(const void *params, const struct mill_shape *in)
{
    if (does_nothing(params))
        return 0;
    uint64_t own = sizeof(struct gamma_station) + table_bytes(in) + 128;
    return mill_u64_add(own, mill_band_bytes(in, in->band_px));
}

static void
make_table(void *table, double gamma, unsigned depth)
{
    uint8_t *narrow = table;
    uint16_t *wide = table;
    uint32_t top = depth == 8 ? 255 : 65535;
    for (uint32_t v = 0; v <= top; v++) {
        double bent = top * pow((double)v / top, 1 / gamma) + 0.5;
        if (depth == 8)
            narrow[v] = (uint8_t)bent;
        else
            wide[v] = (uint16_t)bent;
    }
}

static void
look_up_row(const struct gamma_station *station, void *to, const void *from,
            uint32_t n)
{
    const uint8_t *narrow = station->table, *from_8 = from;
    const uint16_t *wide = station->table, *from_16 = from;
    uint8_t *to_8 = to;
    uint16_t *to_16 = to;
    if (station->shape.depth == 8)
        for (uint32_t i = 0; i < n; i++)
            to_8[i] = narrow[from_8[i]];
    else
        for (uint32_t i = 0; i < n; i++)
            to_16[i] = wide[from_16[i]];
}

static enum mill_flow
gamma_begin(struct mill_sink *sink, const struct mill_shape *shape,
            const struct mill_meta *meta, struct mill_err *err)
{
    struct gamma_station *station = (struct gamma_station *)sink;
    return station->next->begin(station->next, shape, meta, err);
}

static enum mill_flow
gamma_band(struct mill_sink *sink, const struct mill_band *band,
           struct mill_err *err)
{
    struct gamma_station *station = (struct gamma_station *)sink;
    unsigned colours = mill_model_colours(station->shape.model);
    struct mill_band out = station->made;
    mill_band_place(&out, &station->shape, band->y, band->n);
    for (unsigned p = 0; p < colours; p++)
        for (uint32_t i = 0; i < out.plane[p].n; i++)
            look_up_row(station, mill_rows_at(&out.plane[p], i),
                        mill_rows_at(&band->plane[p], i),
                        station->shape.plane[p].w);
    if (station->shape.alpha != MILL_OPAQUE)
        out.plane[colours] = band->plane[colours];
    return station->next->band(station->next, &out, err);
}

static enum mill_flow
gamma_end(struct mill_sink *sink, struct mill_err *err)
{
    struct gamma_station *station = (struct gamma_station *)sink;
    return station->next->end(station->next, err);
}

static struct mill_sink *
gamma_open(const void *params, const struct mill_shape *in,
           struct mill_sink *next, struct mill_arena *arena,
           struct mill_err *err)
{
    const struct gamma_params *gamma = params;
    if (does_nothing(params))
        return next;
    struct gamma_station *station =
        mill_arena_take(arena, sizeof *station, err);
    void *table = station ? mill_arena_take(arena, table_bytes(in), err) : NULL;
    if (!table)
        return NULL;
    *station = (struct gamma_station){
        .sink = {gamma_begin, gamma_band, gamma_end, NULL},
        .next = next,
        .shape = *in,
        .table = table};
    make_table(table, gamma->gamma, in->depth);
    if (mill_band_take(&station->made, in, in->band_px, arena, err) != MILL_OK)
        return NULL;
    return &station->sink;
}

const struct mill_op mill_op_gamma = {
    .name = "gamma",
    .usage = "GAMMA",
    .summary = "brighter (above 1) or darker middle tones, 0.1 to 10",
    .params_size = sizeof(struct gamma_params),
    .parse = gamma_parse,
    .want = gamma_want,
    .bytes = gamma_bytes,
    .open = gamma_open,
};
