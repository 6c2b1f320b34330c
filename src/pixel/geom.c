/* The run of geometric operations: crops, turns and at most one resize, folded
 * into one struct while the plan is made.
 *
 * The turn stands last, so whatever is stated on the turned picture is first
 * taken back through it. While the run does not resize, `out` is all of `in`
 * and both shrink together; afterwards only `out` shrinks, because the pixels
 * beside it still count for the filter. */
#include <imgmill/pixel.h>

struct mill_geom
mill_geom_start(uint32_t w, uint32_t h)
{
    struct mill_rect all = {0, 0, w, h};
    return (struct mill_geom){.in = all, .w = w, .h = h, .out = all};
}

void
mill_geom_size(const struct mill_geom *geom, uint32_t *w, uint32_t *h)
{
    bool swaps = mill_turn_swaps(geom->turn);
    *w = swaps ? geom->out.h : geom->out.w;
    *h = swaps ? geom->out.w : geom->out.h;
}

bool
mill_geom_resizes(const struct mill_geom *geom)
{
    return geom->w != geom->in.w || geom->h != geom->in.h;
}

static bool
rect_within(const struct mill_rect *r, uint32_t w, uint32_t h)
{
    return r->w && r->h && r->w <= w && r->h <= h && r->x <= w - r->w &&
           r->y <= h - r->h;
}

bool
mill_geom_crop(struct mill_geom *geom, const struct mill_rect *r)
{
    uint32_t w, h;
    mill_geom_size(geom, &w, &h);
    if (!rect_within(r, w, h))
        return false;

    struct mill_rect part =
        mill_rect_turn(r, w, h, mill_turn_inverse(geom->turn));
    if (mill_geom_resizes(geom)) {
        part.x += geom->out.x;
        part.y += geom->out.y;
        geom->out = part;
        return true;
    }
    part.x += geom->in.x;
    part.y += geom->in.y;
    geom->in = part;
    geom->w = part.w;
    geom->h = part.h;
    geom->out = (struct mill_rect){0, 0, part.w, part.h};
    return true;
}

bool
mill_geom_resize(struct mill_geom *geom, uint32_t w, uint32_t h,
                 unsigned kernel)
{
    uint32_t now_w, now_h;
    mill_geom_size(geom, &now_w, &now_h);
    if (w == now_w && h == now_h)
        return true;
    if (mill_geom_resizes(geom))
        return false;

    bool swaps = mill_turn_swaps(geom->turn);
    geom->w = swaps ? h : w;
    geom->h = swaps ? w : h;
    geom->out = (struct mill_rect){0, 0, geom->w, geom->h};
    geom->kernel = (uint8_t)kernel;
    return true;
}

void
mill_geom_turn(struct mill_geom *geom, enum mill_turn turn)
{
    geom->turn = mill_turn_then(geom->turn, turn);
}
