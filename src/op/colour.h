/* A colour in a picture's own samples. Inside op. */
#ifndef OP_COLOUR_H
#define OP_COLOUR_H

#include <imgmill/op.h>

/* Of each colour plane of the shape, at its depth; CMYK without black. */
void op__colour_levels(const struct mill_colour *colour,
                       const struct mill_shape *shape,
                       uint32_t levels[MILL_PLANES]);

/* The colour is wanted in this picture: has that to be RGB for it? */
bool op__colour_is_foreign(const struct mill_colour *colour,
                           const struct mill_shape *shape);

#endif
