/* A line of sinks for one image: built from a plan, and freed. */
#ifndef RECIPE_LINE_H
#define RECIPE_LINE_H

#include <imgmill/recipe.h>

struct recipe__line {
    struct mill_sink *head; /* what the decoder drives */
    struct mill_sink **all; /* each once, to be freed */
    unsigned n_all;
    struct mill_sink *relays[2]; /* with a crew: in front of the stations and
                                    of the encoder; else NULL */
    /* Wall time of calls, added up: of the stations, with what they call; of
     * the encoder; and with a crew of the relays in front of them. */
    uint64_t stations_ns, encoder_ns, relays_ns[2];
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
/* The decoder failed with status and *err, or not: had something that it gave
 * before failed already, but could not say so yet? Then that is the answer. */
enum mill_status recipe__line_settle(struct recipe__line *line,
                                     enum mill_status status,
                                     struct mill_err *err);

/* What of the decoder's time was its own, what the stations', what the
 * encoder's; side by side they may add up to more. */
void recipe__line_times(const struct recipe__line *line, uint64_t decoder_ns,
                        struct mill_result *result);

/* ahead.c: picture rows of which none but the last can let a station say that
 * it has enough. */
uint32_t recipe__rows_ahead(const struct mill_plan *plan);

/* meta.c: a station in front of next that lets through only the metadata that
 * the recipe keeps and that fits the output, and sets the EXIF orientation to
 * upright when the plan has applied it; the dots an inch turn with the picture.
 * Adds to *notes. */
struct mill_sink *recipe__meta_open(const struct mill_plan *plan,
                                    const struct mill_recipe *recipe,
                                    struct mill_sink *next, uint32_t *notes,
                                    struct mill_arena *arena,
                                    struct mill_err *err);

#endif
