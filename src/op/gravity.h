/* Where a smaller rectangle lies in a larger one. Inside op. */
#ifndef OP_GRAVITY_H
#define OP_GRAVITY_H

#include <imgmill/op.h>

/* w x h px, not larger than within_w x within_h, at the side that gravity, an
 * index into mill_gravity_names, says; what cannot be halved leaves the odd px
 * at the right and the bottom. */
struct mill_rect op__gravity_place(unsigned gravity, uint32_t w, uint32_t h,
                                   uint32_t within_w, uint32_t within_h);

#endif
