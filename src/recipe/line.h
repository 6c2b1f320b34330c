/* A line of sinks for one image: built from a plan, and freed. */
#ifndef RECIPE_LINE_H
#define RECIPE_LINE_H

#include <imgmill/recipe.h>

struct recipe__line {
    struct mill_sink *head; /* what the decoder drives */
    struct mill_sink **all; /* each once, to be freed */
    unsigned n_all;
    uint64_t encode_ns; /* spent in the encoder */
    uint64_t behind_ns; /* spent behind the decoder, the encoder too */
};

/* Stations and encoder, the last one first. On failure, too, what was opened
 * stands in the line and is freed by recipe__line_free. line does not move
 * while the sinks live. */
enum mill_status recipe__line_build(struct recipe__line *line,
                                    const struct mill_plan *plan,
                                    const struct mill_recipe *recipe,
                                    struct mill_out *out, uint32_t *notes,
                                    struct mill_arena *arena,
                                    struct mill_err *err);
void recipe__line_free(struct recipe__line *line); /* {0} is fine */

/* meta.c: a station in front of next that lets through only the metadata that
 * the recipe keeps and that fits the output, and sets the EXIF orientation to
 * upright when the plan has applied it. Adds to *notes. */
struct mill_sink *recipe__meta_open(const struct mill_plan *plan,
                                    const struct mill_recipe *recipe,
                                    struct mill_sink *next, uint32_t *notes,
                                    struct mill_arena *arena,
                                    struct mill_err *err);

#endif
