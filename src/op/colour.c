/* A colour in a picture's own samples: sRGB to any of our models, as convert
 * would make it of a picture. */
#include "colour.h"

bool
op__colour_is_foreign(const struct mill_colour *c,
                      const struct mill_shape *shape)
{
    return shape->model == MILL_GRAY && (c->r != c->g || c->g != c->b);
}

void
op__colour_levels(const struct mill_colour *c, const struct mill_shape *shape,
                  uint32_t levels[MILL_PLANES])
{
    const uint32_t top = shape->depth == 8 ? 255 : 65535, half = top / 2 + 1;
    const double r = c->r / 255.0, g = c->g / 255.0, b = c->b / 255.0;
    const double y = .299 * r + .587 * g + .114 * b;
    const double parts[][4] = {
        [MILL_GRAY] = {y},
        [MILL_YCC] = {y, (b - y) / 1.772, (r - y) / 1.402},
        [MILL_RGB] = {r, g, b},
        [MILL_CMYK] = {1 - r, 1 - g, 1 - b, 0},
    };
    for (unsigned p = 0; p < mill_model_colours(shape->model); p++) {
        bool chroma = shape->model == MILL_YCC && p > 0;
        double level = parts[shape->model][p] * top + (chroma ? half : 0) + 0.5;
        levels[p] = level < top ? (uint32_t)level : top;
    }
}
