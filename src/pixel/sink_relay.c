/* A station behind which the line goes on as an errand of a crew: bands are
 * copied into a ring, and while one is worked on behind it, the next come.
 *
 *   who drives ──copies──► [ring of bands] ──errand──► next station
 *
 * Who finds the ring full runs errands until there is room, this one above all
 * if nobody else does. begin and end go through on the caller's thread, when
 * nothing is under way.
 *
 * The answers of the station behind come late. So that pictures end as they do
 * without a relay, bands from the row `sure` on, with which it may say that it
 * has enough, are handed over as they come; and when the caller failed by
 * itself, settling tells whether something before had failed already. */
#include <imgmill/pixel.h>

#include <stdatomic.h>
#include <string.h>

enum { DEPTH = 4 };

struct relay {
    struct mill_sink sink;
    struct mill_errand errand;
    struct mill_sink *next;
    struct mill_crew *crew;
    struct mill_arena *arena;
    uint32_t sure;
    struct mill_shape shape;
    struct mill_band ring[DEPTH];
    atomic_uint put, taken; /* bands, ever */
    atomic_int flow;        /* the last answer from behind */
    struct mill_err err;    /* when that is failed */
};

static struct relay *
relay_of_errand(struct mill_errand *errand)
{
    return (struct relay *)((char *)errand - offsetof(struct relay, errand));
}

static enum mill_flow
answer(struct relay *relay, struct mill_err *err)
{
    enum mill_flow flow = (enum mill_flow)atomic_load(&relay->flow);
    if (flow == MILL_FLOW_FAILED)
        *err = relay->err;
    return flow;
}

/* ---- behind -------------------------------------------------------------- */

/* One band a run, so that who waits for room sees it. After any answer but
 * more, what is left in the ring is dropped. */
static void
pass_on(struct mill_errand *errand)
{
    struct relay *relay = relay_of_errand(errand);
    unsigned taken = atomic_load(&relay->taken);
    if (taken == atomic_load(&relay->put))
        return;
    if (atomic_load(&relay->flow) == MILL_FLOW_MORE) {
        int flow = relay->next->band(relay->next, &relay->ring[taken % DEPTH],
                                     &relay->err);
        int before = MILL_FLOW_MORE;
        atomic_compare_exchange_strong(&relay->flow, &before, flow);
    }
    atomic_store(&relay->taken, taken + 1);
    if (taken + 1 != atomic_load(&relay->put))
        mill_crew_post(relay->crew, errand);
}

/* ---- in front ------------------------------------------------------------ */

static bool
has_room(const void *of)
{
    const struct relay *relay = of;
    return atomic_load(&relay->put) - atomic_load(&relay->taken) < DEPTH;
}

static void
copy(const struct relay *relay, const struct mill_band *from,
     struct mill_band *to)
{
    size_t sample = mill_shape_sample_bytes(&relay->shape);
    mill_band_place(to, &relay->shape, from->y, from->n);
    for (unsigned p = 0; p < relay->shape.n_planes; p++)
        for (uint32_t i = 0; i < to->plane[p].n; i++)
            memcpy(mill_rows_at(&to->plane[p], i),
                   mill_rows_at(&from->plane[p], i),
                   relay->shape.plane[p].w * sample);
}

static enum mill_flow
relay_begin(struct mill_sink *sink, const struct mill_shape *shape,
            const struct mill_meta *meta, struct mill_err *err)
{
    struct relay *relay = (struct relay *)sink;
    relay->shape = *shape;
    for (unsigned i = 0; i < DEPTH; i++)
        if (mill_band_take(&relay->ring[i], shape, shape->band_px, relay->arena,
                           err) != MILL_OK)
            return MILL_FLOW_FAILED;
    return relay->next->begin(relay->next, shape, meta, err);
}

static enum mill_flow
relay_band(struct mill_sink *sink, const struct mill_band *band,
           struct mill_err *err)
{
    struct relay *relay = (struct relay *)sink;
    bool sure = band->y + band->n <= relay->sure;
    if (sure)
        mill_crew_wait(relay->crew, relay->errand.rank, has_room, relay);
    else
        mill_crew_settle(relay->crew, &relay->errand);
    enum mill_flow flow = answer(relay, err);
    if (flow != MILL_FLOW_MORE)
        return flow;
    if (!sure)
        return relay->next->band(relay->next, band, err);
    unsigned put = atomic_load(&relay->put);
    copy(relay, band, &relay->ring[put % DEPTH]);
    atomic_store(&relay->put, put + 1);
    mill_crew_post(relay->crew, &relay->errand);
    return flow;
}

static enum mill_flow
relay_end(struct mill_sink *sink, struct mill_err *err)
{
    struct relay *relay = (struct relay *)sink;
    if (mill_sink_relay_settle(sink, err) == MILL_FLOW_FAILED)
        return MILL_FLOW_FAILED;
    return relay->next->end(relay->next, err);
}

/* The stations behind are freed next, so none of them may be at work. */
static void
relay_free(struct mill_sink *sink)
{
    struct relay *relay = (struct relay *)sink;
    int before = MILL_FLOW_MORE;
    atomic_compare_exchange_strong(&relay->flow, &before, MILL_FLOW_ENOUGH);
    mill_crew_settle(relay->crew, &relay->errand);
}

/* ---- the door ------------------------------------------------------------ */

enum mill_flow
mill_sink_relay_settle(struct mill_sink *sink, struct mill_err *err)
{
    struct relay *relay = (struct relay *)sink;
    mill_crew_settle(relay->crew, &relay->errand);
    return answer(relay, err);
}

uint64_t
mill_sink_relay_bytes(const struct mill_shape *shape)
{
    return mill_u64_mul(DEPTH, mill_band_bytes(shape, shape->band_px));
}

struct mill_sink *
mill_sink_relay(struct mill_sink *next, uint32_t sure, struct mill_crew *crew,
                unsigned rank, struct mill_arena *arena, struct mill_err *err)
{
    struct relay *relay = mill_arena_take(arena, sizeof *relay, err);
    if (!relay)
        return NULL;
    *relay =
        (struct relay){.sink = {relay_begin, relay_band, relay_end, relay_free},
                       .errand = {.run = pass_on, .rank = rank},
                       .next = next,
                       .crew = crew,
                       .arena = arena,
                       .sure = sure};
    return &relay->sink;
}
