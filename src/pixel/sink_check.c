/* A station that watches the line: it holds whoever drives it and the station
 * behind it to the life of a sink (begin, band…, end), and every band to the
 * shape. A broken rule becomes MILL_INTERNAL with the place and the rule, and
 * the image fails before a wrong row can reach a file.
 *
 *   not begun ──begin──► open ──last row──► full ──end──► over
 *                         └────enough────► enough ──end──►
 *   any state ──failed, or a broken rule──► failed
 *
 * It reads no sample and keeps nothing of a band. */
#include <imgmill/pixel.h>

enum state { NOT_BEGUN, OPEN, FULL, ENOUGH, OVER, FAILED };

struct check_sink {
    struct mill_sink sink;
    struct mill_sink *next;
    const char *name;
    enum state state;
    bool has_expect;
    struct mill_shape expect, shape;
    uint32_t y; /* the next band's first row */
};

/* mill_fail with the station's name before the rule. The state changes last,
 * since the rule may speak of it. */
#define BROKEN(self, err, fmt, ...)                                            \
    (mill_fail(err, MILL_INTERNAL, "line at %s: " fmt,                         \
               (self)->name __VA_OPT__(, ) __VA_ARGS__),                       \
     (self)->state = FAILED, MILL_FLOW_FAILED)

static const char *
state_name(enum state state)
{
    static const char *const names[] = {
        [NOT_BEGUN] = "before begin",  [OPEN] = "before the last row",
        [FULL] = "after the last row", [ENOUGH] = "after enough",
        [OVER] = "after end",          [FAILED] = "after failed"};
    return names[state];
}

/* The first field in which two shapes differ, NULL: none that matters. */
static const char *
shape_difference(const struct mill_shape *a, const struct mill_shape *b)
{
    if (a->w != b->w || a->h != b->h)
        return "size";
    if (a->model != b->model)
        return "model";
    if (a->alpha != b->alpha)
        return "alpha";
    if (a->depth != b->depth)
        return "depth";
    for (unsigned p = 0; p < a->n_planes; p++)
        if (!mill_grid_equal(&a->plane[p], &b->plane[p]))
            return "grid";
    return NULL;
}

/* What the next station answered, and what follows for our own state. */
static enum mill_flow
answer(struct check_sink *self, enum mill_flow flow, struct mill_err *err)
{
    switch (flow) {
    case MILL_FLOW_MORE:
        return flow;
    case MILL_FLOW_ENOUGH:
        if (self->state == OPEN || self->state == FULL)
            self->state = ENOUGH;
        return flow;
    case MILL_FLOW_FAILED:
        if (err->status == MILL_OK)
            return BROKEN(self, err, "failed without a word");
        self->state = FAILED;
        return flow;
    }
    return BROKEN(self, err, "answered %d, which is no flow", (int)flow);
}

static enum mill_flow
check_begin(struct mill_sink *sink, const struct mill_shape *shape,
            const struct mill_meta *meta, struct mill_err *err)
{
    struct check_sink *self = (struct check_sink *)sink;
    struct mill_err why = {0};
    if (self->state != NOT_BEGUN)
        return BROKEN(self, err, "begin twice, or %s", state_name(self->state));
    if (!meta)
        return BROKEN(self, err, "begin without metadata");
    if (mill_shape_check(shape, &why) != MILL_OK)
        return BROKEN(self, err, "%s", why.text);
    if (self->has_expect) {
        const char *what = shape_difference(shape, &self->expect);
        if (what)
            return BROKEN(self, err,
                          "the %s is not what was planned (%ux%u %s, not "
                          "%ux%u %s)",
                          what, shape->w, shape->h,
                          mill_model_name(shape->model), self->expect.w,
                          self->expect.h, mill_model_name(self->expect.model));
    }
    self->shape = *shape;
    self->state = OPEN;
    return answer(self, self->next->begin(self->next, shape, meta, err), err);
}

/* Fails when plane p of the band is not the rows that the shape says. */
static enum mill_flow
check_plane(struct check_sink *self, const struct mill_band *band, unsigned p,
            struct mill_err *err)
{
    const struct mill_grid *g = &self->shape.plane[p];
    const struct mill_rows *rows = &band->plane[p];
    uint32_t from = mill_grid_rows_above(g, band->y);
    uint32_t n = mill_grid_rows_above(g, band->y + band->n) - from;
    if (rows->y != from || rows->n != n)
        return BROKEN(self, err,
                      "band at %u+%u: plane %u has rows %u+%u, not %u+%u",
                      band->y, band->n, p, rows->y, rows->n, from, n);
    if (n && !rows->at)
        return BROKEN(self, err, "band at %u+%u: plane %u has no address",
                      band->y, band->n, p);
    if (n > 1 &&
        rows->stride_bytes / mill_shape_sample_bytes(&self->shape) < g->w)
        return BROKEN(self, err,
                      "band at %u+%u: plane %u has rows that overlap", band->y,
                      band->n, p);
    return MILL_FLOW_MORE;
}

static enum mill_flow
check_band(struct mill_sink *sink, const struct mill_band *band,
           struct mill_err *err)
{
    struct check_sink *self = (struct check_sink *)sink;
    if (self->state != OPEN)
        return BROKEN(self, err, "a band %s", state_name(self->state));
    if (band->y != self->y)
        return BROKEN(self, err, "a band at row %u, not %u", band->y, self->y);
    if (band->n < 1 || band->n > self->shape.band_px)
        return BROKEN(self, err, "a band of %u rows, not 1 to %u", band->n,
                      self->shape.band_px);
    if (band->n > self->shape.h - self->y)
        return BROKEN(self, err, "a band at %u+%u goes beyond row %u", band->y,
                      band->n, self->shape.h);
    for (unsigned p = 0; p < self->shape.n_planes; p++)
        if (check_plane(self, band, p, err) == MILL_FLOW_FAILED)
            return MILL_FLOW_FAILED;

    self->y += band->n;
    if (self->y == self->shape.h)
        self->state = FULL;
    return answer(self, self->next->band(self->next, band, err), err);
}

static enum mill_flow
check_end(struct mill_sink *sink, struct mill_err *err)
{
    struct check_sink *self = (struct check_sink *)sink;
    if (self->state != FULL && self->state != ENOUGH)
        return BROKEN(self, err, "end %s (row %u of %u)",
                      state_name(self->state), self->y, self->shape.h);
    self->state = OVER;
    return answer(self, self->next->end(self->next, err), err);
}

struct mill_sink *
mill_sink_check(struct mill_sink *next, const struct mill_shape *expect,
                const char *name, struct mill_arena *arena,
                struct mill_err *err)
{
    struct check_sink *self = mill_arena_take(arena, sizeof *self, err);
    if (!self)
        return NULL;
    *self = (struct check_sink){
        .sink = {.begin = check_begin, .band = check_band, .end = check_end},
        .next = next,
        .name = name,
        .state = NOT_BEGUN,
        .has_expect = expect};
    if (expect)
        self->expect = *expect;
    return &self->sink;
}
