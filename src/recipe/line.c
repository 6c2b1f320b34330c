/* The line of sinks for one image, built from the last to the first, since a
 * sink is opened in front of the one it feeds:
 *
 *     decoder ─► clock ─► metadata ─► stations… ─► clock ─► encoder
 *
 * With a crew a relay stands in front of the metadata and of the encoder, each
 * between two clocks, so that decoder, stations and encoder work side by side.
 *
 * Builds with MILL_CHECKS put a checking sink in front of each. All sinks come
 * from the image's arena and stand in one list, so that each is freed once,
 * however far things went. */
#include "line.h"

/* Whatever is put in front of the line while it is built. */
struct builder {
    struct recipe__line *line;
    struct mill_crew *crew; /* NULL: none */
    struct mill_arena *arena;
    struct mill_err *err;
};

/* sink NULL: its opening failed, and err is filled. A station that has nothing
 * to do gives back the head itself. */
static bool
put(struct builder *builder, struct mill_sink *sink)
{
    struct recipe__line *line = builder->line;
    if (!sink)
        return false;
    if (sink == line->head)
        return true;
    line->all[line->n_all++] = sink;
    line->head = sink;
    return true;
}

#ifdef MILL_CHECKS

static bool
put_check(struct builder *builder, const struct mill_shape *expect,
          const char *name)
{
    return put(builder, mill_sink_check(builder->line->head, expect, name,
                                        builder->arena, builder->err));
}

#else

static bool
put_check(struct builder *builder, const struct mill_shape *expect,
          const char *name)
{
    (void)builder, (void)expect, (void)name;
    return true;
}

#endif

static bool
put_clock(struct builder *builder, uint64_t *ns)
{
    return put(builder, mill_sink_clock(builder->line->head, ns, builder->arena,
                                        builder->err));
}

/* A relay of the rank, and a clock in front of it: how long it is waited for.
 */
static bool
put_relay(struct builder *builder, uint32_t sure, unsigned rank)
{
    struct recipe__line *line = builder->line;
    unsigned which = rank == MILL_RANK_ENCODER;
    if (!builder->crew)
        return true;
    struct mill_sink *relay = mill_sink_relay(
        line->head, sure, builder->crew, rank, builder->arena, builder->err);
    if (!put(builder, relay))
        return false;
    line->relays[which] = relay;
    return put_clock(builder, &line->relays_ns[which]);
}

static bool
put_encoder(struct builder *builder, const struct mill_plan *plan,
            const struct mill_encode *how, struct mill_out *out)
{
    struct recipe__line *line = builder->line;
    return put(builder,
               plan->format->encoder(how, out, builder->arena, builder->err)) &&
           put_check(builder, &plan->encoded, plan->format->name) &&
           put_clock(builder, &line->encoder_ns) &&
           (!plan->n_stages ||
            put_relay(builder, plan->encoded.h, MILL_RANK_ENCODER));
}

static bool
put_stage(struct builder *builder, const struct mill_stage *stage)
{
    struct mill_sink *sink =
        stage->op->open(stage->params, &stage->in, builder->line->head,
                        builder->arena, builder->err);
    return put(builder, sink) &&
           put_check(builder, &stage->in, stage->op->name);
}

static bool
take_list(struct builder *builder, const struct mill_plan *plan)
{
    enum { OTHERS = 16 }; /* encoder, metadata, relays, clocks, checks */
    size_t n = sizeof(struct mill_sink *) * (2u * plan->n_stages + OTHERS);
    builder->line->all = mill_arena_take(builder->arena, n, builder->err);
    return builder->line->all;
}

enum mill_status
recipe__line_build(struct recipe__line *line, const struct mill_plan *plan,
                   const struct mill_recipe *recipe, struct mill_out *out,
                   uint32_t *notes, struct mill_arena *arena,
                   struct mill_err *err)
{
    struct builder builder = {line, recipe->encode.crew, arena, err};
    *line = (struct recipe__line){0};
    bool built = take_list(&builder, plan) &&
                 put_encoder(&builder, plan, &recipe->encode, out);
    for (unsigned i = plan->n_stages; built && i-- > 0;)
        built = put_stage(&builder, &plan->stages[i]);
    built = built &&
            put(&builder, recipe__meta_open(plan, recipe, line->head, notes,
                                            arena, err)) &&
            put_clock(&builder, &line->stations_ns) &&
            put_relay(&builder, recipe__rows_ahead(plan), MILL_RANK_STATIONS) &&
            put_check(&builder, &plan->decoded, "decoder");
    return built ? MILL_OK : (enum mill_status)err->status;
}

enum mill_status
recipe__line_settle(struct recipe__line *line, enum mill_status status,
                    struct mill_err *err)
{
    for (unsigned i = 0; status != MILL_OK && i < MILL_COUNT(line->relays); i++)
        if (line->relays[i] &&
            mill_sink_relay_settle(line->relays[i], err) == MILL_FLOW_FAILED)
            return (enum mill_status)err->status;
    return status;
}

void
recipe__line_times(const struct recipe__line *line, uint64_t decoder_ns,
                   struct mill_result *result)
{
    result->decode_ns =
        decoder_ns - (line->relays[0] ? line->relays_ns[0] : line->stations_ns);
    result->filter_ns =
        line->stations_ns -
        (line->relays[1] ? line->relays_ns[1] : line->encoder_ns);
    result->encode_ns = line->encoder_ns;
}

void
recipe__line_free(struct recipe__line *line)
{
    while (line->n_all) {
        struct mill_sink *sink = line->all[--line->n_all];
        if (sink->free)
            sink->free(sink);
    }
}
