/* Gravity: the words of gravity=…, and the offset that each of them means. */
#include "gravity.h"

const char *const mill_gravity_names[] = {
    "center",    "north",     "south",     "east",      "west",
    "northeast", "northwest", "southeast", "southwest", NULL};

/* In the order of the words: halves of the free room left and above. */
static const uint8_t halves[][2] = {{1, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 1},
                                    {2, 0}, {0, 0}, {2, 2}, {0, 2}};

static uint32_t
share(uint32_t room, unsigned parts)
{
    return parts == 2 ? room : parts * (room / 2);
}

struct mill_rect
op__gravity_place(unsigned gravity, uint32_t w, uint32_t h, uint32_t within_w,
                  uint32_t within_h)
{
    const uint8_t *part = halves[gravity];
    return (struct mill_rect){.x = share(within_w - w, part[0]),
                              .y = share(within_h - h, part[1]),
                              .w = w,
                              .h = h};
}
