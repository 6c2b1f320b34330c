/* The line of sinks for one image, built from the last to the first, since a
 * sink is opened in front of the one it feeds:
 *
 *     decoder ─► clock ─► metadata ─► stations… ─► clock ─► encoder
 *
 * Builds with MILL_CHECKS put a checking sink in front of each. All sinks come
 * from the image's arena and stand in one list, so that each is freed once,
 * however far things went. */
#include "line.h"

/* Whatever is put in front of the line while it is built. */
struct builder {
    struct recipe__line *line;
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
    enum { OTHERS = 8 }; /* encoder, metadata, two clocks, their checks */
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
    struct builder builder = {line, arena, err};
    *line = (struct recipe__line){0};
    bool built = take_list(&builder, plan) &&
                 put(&builder,
                     plan->format->encoder(&recipe->encode, out, arena, err)) &&
                 put_check(&builder, &plan->encoded, plan->format->name) &&
                 put_clock(&builder, &line->encode_ns);
    for (unsigned i = plan->n_stages; built && i-- > 0;)
        built = put_stage(&builder, &plan->stages[i]);
    built = built &&
            put(&builder, recipe__meta_open(plan, recipe, line->head, notes,
                                            arena, err)) &&
            put_clock(&builder, &line->behind_ns) &&
            put_check(&builder, &plan->decoded, "decoder");
    return built ? MILL_OK : (enum mill_status)err->status;
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
