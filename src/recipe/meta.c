/* The station at the head of the line that edits metadata, once, in begin:
 * what the user does not keep, what does not fit the output's colours or its
 * format, the EXIF orientation once it has been applied, and dots an inch,
 * which change places when width and height do. Bands pass untouched. What is
 * lost against the user's wish is noted. */
#include "line.h"

#include <string.h>

struct meta_sink {
    struct mill_sink sink;
    struct mill_sink *next;
    const struct mill_plan *plan;
    const struct mill_recipe *recipe;
    struct mill_arena *arena;
    uint32_t *notes;
};

/* ---- what may stay ------------------------------------------------------- */

static bool
icc_fits(struct mill_bytes icc, enum mill_model model)
{
    int profile = mill_icc_model(icc);
    return profile == (int)model || (profile == MILL_RGB && model == MILL_YCC);
}

static void
keep_icc(const struct meta_sink *self, struct mill_meta *meta)
{
    const struct mill_codec *format = self->plan->format;
    if (!meta->icc.n)
        return;
    if (self->recipe->keep & MILL_KEEP_ICC) {
        if (format->carries_icc && meta->icc.n <= format->icc_most &&
            icc_fits(meta->icc, self->plan->encoded.model))
            return;
        *self->notes |= MILL_NOTE_ICC_DROPPED;
    }
    meta->icc = (struct mill_bytes){0};
}

/* EXIF and XMP. */
static void
keep_other(const struct meta_sink *self, struct mill_bytes *payload,
           enum mill_keep wish, bool fits, enum mill_note note)
{
    bool kept = self->recipe->keep & wish;
    if (!payload->n || (kept && fits))
        return;
    if (kept)
        *self->notes |= note;
    *payload = (struct mill_bytes){0};
}

static enum mill_status
reset_orientation(const struct meta_sink *self, struct mill_meta *meta,
                  struct mill_err *err)
{
    if (!meta->exif.n || self->plan->oriented == MILL_TURN_0)
        return MILL_OK;
    uint8_t *copy = mill_arena_take(self->arena, meta->exif.n, err);
    if (!copy)
        return MILL_MEMORY;
    memcpy(copy, meta->exif.at, meta->exif.n);
    mill_exif_reset_orientation(copy, meta->exif.n);
    meta->exif.at = copy;
    return MILL_OK;
}

/* ---- what turns with the picture ------------------------------------------
 */

static bool
lies_sideways(const struct mill_plan *plan)
{
    bool sideways = false;
    for (unsigned i = 0; i < plan->n_stages; i++) {
        const struct mill_stage *stage = &plan->stages[i];
        const struct mill_turn_params *turn = stage->params;
        if (stage->op == &mill_stage_turn && mill_turn_swaps(turn->turn))
            sideways = !sideways;
    }
    return sideways;
}

static void
turn_density(const struct meta_sink *self, struct mill_meta *meta)
{
    const uint16_t x = meta->density_x;
    if (!lies_sideways(self->plan))
        return;
    meta->density_x = meta->density_y;
    meta->density_y = x;
}

/* ---- the station --------------------------------------------------------- */

static enum mill_flow
meta_begin(struct mill_sink *sink, const struct mill_shape *shape,
           const struct mill_meta *given, struct mill_err *err)
{
    struct meta_sink *self = (struct meta_sink *)sink;
    const struct mill_codec *format = self->plan->format;
    struct mill_meta meta = *given;
    keep_icc(self, &meta);
    keep_other(self, &meta.exif, MILL_KEEP_EXIF,
               format->carries_exif && meta.exif.n <= format->exif_most,
               MILL_NOTE_EXIF_DROPPED);
    keep_other(self, &meta.xmp, MILL_KEEP_XMP,
               format->carries_xmp && meta.xmp.n <= format->xmp_most,
               MILL_NOTE_XMP_DROPPED);
    turn_density(self, &meta);
    if (reset_orientation(self, &meta, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    return self->next->begin(self->next, shape, &meta, err);
}

static enum mill_flow
meta_band(struct mill_sink *sink, const struct mill_band *band,
          struct mill_err *err)
{
    struct meta_sink *self = (struct meta_sink *)sink;
    return self->next->band(self->next, band, err);
}

static enum mill_flow
meta_end(struct mill_sink *sink, struct mill_err *err)
{
    struct meta_sink *self = (struct meta_sink *)sink;
    return self->next->end(self->next, err);
}

struct mill_sink *
recipe__meta_open(const struct mill_plan *plan,
                  const struct mill_recipe *recipe, struct mill_sink *next,
                  uint32_t *notes, struct mill_arena *arena,
                  struct mill_err *err)
{
    struct meta_sink *self = mill_arena_take(arena, sizeof *self, err);
    if (!self)
        return NULL;
    *self = (struct meta_sink){.sink = {meta_begin, meta_band, meta_end, NULL},
                               .next = next,
                               .plan = plan,
                               .recipe = recipe,
                               .arena = arena,
                               .notes = notes};
    return &self->sink;
}
