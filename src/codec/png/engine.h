/* Who compresses, each behind the same four functions. */
#ifndef CODEC_PNG_ENGINE_H
#define CODEC_PNG_ENGINE_H

#include <imgmill/base.h>

struct png_engine {
    /* Bytes of a state at its highest. */
    uint64_t (*bytes)(unsigned level);
    /* NULL: *err. The library may take memory of its own until close. */
    void *(*open)(unsigned level, struct mill_arena *arena,
                  struct mill_err *err);
    /* A part of a raw deflate stream that refers to nothing before it and ends
     * on a byte; last: the stream's end. Bytes made; 0: no room. */
    size_t (*pack)(void *state, const uint8_t *at, size_t n, bool last,
                   uint8_t *to, size_t room);
    void (*close)(void *state);
};

/* Libraries have levels 1 to 9, libdeflate to 12; runs have none. */
extern const struct png_engine codec__by_libdeflate, codec__by_zlib,
    codec__by_runs;

#endif
