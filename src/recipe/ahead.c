/* How far a decoder may run ahead of its line. A station that has all it needs
 * says so, and what was not decoded then is not judged: a picture cut above its
 * damage is whole. That must not depend on how quick the stations are. So here
 * is counted, from the encoder back to the decoder, of how many rows none can
 * be the last that is needed. It may be fewer than there are, never more. */
#include "line.h"

static uint32_t
highest_step(const struct mill_shape *shape)
{
    uint32_t step = 1;
    for (unsigned p = 0; p < shape->n_planes; p++)
        if (shape->plane[p].sy > step)
            step = shape->plane[p].sy;
    return step;
}

/* The middle of the last sample lies within a step of the rows' end; a kernel
 * needs at least one of the two samples beside that. */
static uint32_t
rows_to_resize(const struct mill_stage *stage, uint32_t rows)
{
    const struct mill_resize_params *params = stage->params;
    uint32_t step = highest_step(&stage->out);
    uint32_t spare = 2 * highest_step(&stage->in);
    uint64_t y = params->out.y + (uint64_t)(rows > step ? rows - step : 0);
    uint64_t at = y * stage->in.h / params->h;
    return at > spare ? (uint32_t)(at - spare) : 0;
}

/* Rows that a station surely wants before it can have given so many. */
static uint32_t
rows_into(const struct mill_stage *stage, uint32_t rows)
{
    if (!rows)
        return 0;
    if (stage->op == &mill_stage_resize)
        return rows_to_resize(stage, rows);
    if (stage->op == &mill_stage_crop)
        return ((const struct mill_crop_params *)stage->params)->rect.y + rows;
    if (stage->op == &mill_stage_turn) {
        const struct mill_turn_params *params = stage->params;
        return params->turn == MILL_FLOP ? rows : stage->in.h;
    }
    /* What is not geometry gives a row of each, and some around them. */
    if (stage->out.h < stage->in.h)
        return 0;
    uint32_t around = stage->out.h - stage->in.h;
    return rows > around ? rows - around : 0;
}

uint32_t
recipe__rows_ahead(const struct mill_plan *plan)
{
    uint32_t rows = plan->encoded.h;
    for (unsigned i = plan->n_stages; i-- > 0;)
        rows = rows_into(&plan->stages[i], rows);
    if (rows > plan->decoded.h)
        rows = plan->decoded.h;
    return rows ? rows - 1 : 0;
}
