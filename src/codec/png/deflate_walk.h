/* Where the last block of a deflate stream begins and where it ends. */
#ifndef CODEC_DEFLATE_WALK_H
#define CODEC_DEFLATE_WALK_H

#include <imgmill/base.h>

/* Readable bytes behind a stream that is walked, of any value. */
enum { CODEC__WALK_PAD = 8 };

struct codec__walk {
    uint64_t last; /* the bit of the last block's own "I am the last" */
    uint64_t end;  /* the first bit behind it */
};

/* Walks a whole stream; bits are counted from its first byte's lowest. False:
 * it is none. */
bool codec__deflate_walk(struct mill_bytes stream, struct codec__walk *walk);

#endif
