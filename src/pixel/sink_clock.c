/* A station that measures: the wall time that the stations behind it take, all
 * their calls together. It touches no sample and changes no answer. */
#include <imgmill/pixel.h>

struct clock_sink {
    struct mill_sink sink;
    struct mill_sink *next;
    uint64_t *ns; /* the caller's sum */
};

static enum mill_flow
clock_begin(struct mill_sink *sink, const struct mill_shape *shape,
            const struct mill_meta *meta, struct mill_err *err)
{
    struct clock_sink *self = (struct clock_sink *)sink;
    uint64_t start = mill_now_ns();
    enum mill_flow flow = self->next->begin(self->next, shape, meta, err);
    *self->ns += mill_now_ns() - start;
    return flow;
}

static enum mill_flow
clock_band(struct mill_sink *sink, const struct mill_band *band,
           struct mill_err *err)
{
    struct clock_sink *self = (struct clock_sink *)sink;
    uint64_t start = mill_now_ns();
    enum mill_flow flow = self->next->band(self->next, band, err);
    *self->ns += mill_now_ns() - start;
    return flow;
}

static enum mill_flow
clock_end(struct mill_sink *sink, struct mill_err *err)
{
    struct clock_sink *self = (struct clock_sink *)sink;
    uint64_t start = mill_now_ns();
    enum mill_flow flow = self->next->end(self->next, err);
    *self->ns += mill_now_ns() - start;
    return flow;
}

struct mill_sink *
mill_sink_clock(struct mill_sink *next, uint64_t *ns, struct mill_arena *arena,
                struct mill_err *err)
{
    struct clock_sink *self = mill_arena_take(arena, sizeof *self, err);
    if (!self)
        return NULL;
    *self = (struct clock_sink){
        .sink = {.begin = clock_begin, .band = clock_band, .end = clock_end},
        .next = next,
        .ns = ns};
    return &self->sink;
}
