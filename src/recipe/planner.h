/* The plan while it is made: what plan.c, geometry.c and convert.c share. */
#ifndef RECIPE_PLANNER_H
#define RECIPE_PLANNER_H

#include <imgmill/recipe.h>

/* Geometry that no station stands for yet waits in `run`; what comes out of the
 * last station is `shape`. Until the first run is closed nothing is settled,
 * not even how to decode: shape is then the header's. */
struct recipe__planner {
    struct mill_plan *plan;
    const struct mill_recipe *recipe;
    const struct mill_info *info;
    struct mill_shape shape;
    struct mill_geom run;
    bool settled; /* plan->decode and plan->decoded */
    bool paled;   /* to gray, behind the first run's crop; in shape already */
};

/* Whoever takes the picture next. */
struct recipe__taker {
    const struct mill_op *op; /* NULL and !encodes: takes anything */
    const void *params;
    bool encodes;
};

/* A new stage behind the others, not yet counted, for its own.* to be filled;
 * NULL with err filled when there are too many. */
struct mill_stage *recipe__stage_next(struct recipe__planner *planner,
                                      struct mill_err *err);
/* Count it in: op takes planner->shape and gives what becomes planner->shape.
 * params NULL: the stage's own. */
enum mill_status recipe__stage_put(struct recipe__planner *planner,
                                   const struct mill_op *op, const void *params,
                                   struct mill_err *err);

/* geometry.c: what comes out of the run, were it closed with nobody's wishes;
 * and close it: stations for what it asks, on grids that suit the taker, and a
 * new run begins. */
void recipe__run_shape(const struct recipe__planner *planner,
                       struct mill_shape *shape);
enum mill_status recipe__run_close(struct recipe__planner *planner,
                                   const struct recipe__taker *taker,
                                   struct mill_err *err);

/* convert.c: the steps that a resize on the way to the taker had best make;
 * false: any. */
bool recipe__steps(const struct recipe__planner *planner,
                   const struct recipe__taker *taker,
                   const struct mill_shape *shape, struct mill_want *steps);
/* Have the picture made gray within the first run, where the taker wants no
 * more than that and it is the same there; false: it is not. */
bool recipe__pale(struct recipe__planner *planner,
                  const struct recipe__taker *taker);
/* Stations until planner->shape is one that the taker takes. */
enum mill_status recipe__satisfy(struct recipe__planner *planner,
                                 const struct recipe__taker *taker,
                                 struct mill_err *err);

#endif
