/* A decode and an encode with all that they need around them, for any codec.
 *
 * codec_run_decode: info, shape, decode_bytes, then decode through a checking
 * sink into a collecting one. codec_run_encode: a drawn picture through a
 * checking sink and the encoder into a window of a chosen size, which is
 * emptied into a buffer. Include cmocka.h's own headers and it first. */
#ifndef CODEC_RUN_H
#define CODEC_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <imgmill/codec.h>

#include "mill_test_pixel.h"

/* ---- decode -------------------------------------------------------------- */

struct codec_run {
    struct mill_arena *arena;
    struct mill_info info;
    struct mill_decode how;
    struct mill_shape expect;
    struct mill_test_collect collect;
    struct mill_err err;
    uint32_t warnings, notes;
    enum mill_status status;
};

static inline void
codec_run_init(struct codec_run *run)
{
    *run = (struct codec_run){.arena = mill_arena_new(1 << 20)};
    assert_non_null(run->arena);
    run->how = (struct mill_decode){.shrink = 1,
                                    .limits = mill_limits_default(),
                                    .arena = run->arena,
                                    .warnings = &run->warnings,
                                    .notes = &run->notes};
    mill_test_collect_init(&run->collect);
}

static inline void
codec_run_clear(struct codec_run *run)
{
    mill_test_collect_clear(&run->collect);
    mill_arena_free(run->arena);
}

/* The input is copied into a block of its exact size first, so that a
 * sanitizer sees a read beyond it; free *block after the last look at metadata.
 */
static inline enum mill_status
codec_run_decode_at(struct codec_run *run, const struct mill_codec *codec,
                    struct mill_bytes in, void **block)
{
    *block = malloc(in.n ? in.n : 1);
    if (in.n)
        memcpy(*block, in.at, in.n);
    struct mill_bytes exact = {*block, in.n};
    run->status = codec->info(exact, &run->info, &run->err);
    if (run->status != MILL_OK)
        return run->status;
    codec->shape(&run->info, &run->how, &run->expect);
    struct mill_sink *sink = mill_sink_check(&run->collect.sink, &run->expect,
                                             "collect", run->arena, &run->err);
    assert_non_null(sink);
    run->err = (struct mill_err){0};
    run->status = codec->decode(exact, &run->how, sink, &run->err);
    if (sink->free)
        sink->free(sink);
    assert_int_equal(run->status, run->err.status);
    return run->status;
}

enum { CODEC_RUN_VERDICT_PX = 1 << 20 };

/* Init, decode, clear: only the verdict, under a limit that keeps what a
 * damaged header asks for small. */
static inline enum mill_status
codec_run_verdict(const struct mill_codec *codec, struct mill_bytes in,
                  struct mill_err *err)
{
    struct codec_run run;
    void *block;
    codec_run_init(&run);
    run.how.limits.pixels = CODEC_RUN_VERDICT_PX;
    enum mill_status status = codec_run_decode_at(&run, codec, in, &block);
    *err = run.err;
    codec_run_clear(&run);
    free(block);
    return status;
}

/* ---- encode -------------------------------------------------------------- */

struct codec_file {
    struct mill_out out;
    struct mill_buffer bytes;
    uint8_t *window;
    size_t window_bytes;
    size_t most; /* after so many bytes full says `then`; 0: never */
    enum mill_flow then;
};

static inline enum mill_flow
codec_file__full(struct mill_out *out, struct mill_err *err)
{
    struct codec_file *file = (struct codec_file *)out;
    size_t n = (size_t)(out->at - file->window);
    assert_true(mill_buffer_append(&file->bytes, file->window, n));
    out->at = file->window;
    out->left = file->window_bytes;
    if (!file->most || file->bytes.n < file->most)
        return MILL_FLOW_MORE;
    if (file->then == MILL_FLOW_FAILED)
        mill_fail(err, MILL_WRITE, "the window's owner fails");
    return file->then;
}

/* The window begins with no room, as one may. */
static inline void
codec_file_init(struct codec_file *file, size_t window_bytes)
{
    *file = (struct codec_file){.out = {.full = codec_file__full},
                                .window = malloc(window_bytes),
                                .window_bytes = window_bytes};
    file->out.at = file->window;
}

static inline void
codec_file_clear(struct codec_file *file)
{
    mill_buffer_clear(&file->bytes);
    free(file->window);
}

static inline struct mill_bytes
codec_file_bytes(const struct codec_file *file)
{
    return (struct mill_bytes){file->bytes.at, file->bytes.n};
}

/* What the source draws, into the file. The answer is the drive's. */
static inline enum mill_flow
codec_run_encode(const struct mill_codec *codec, const struct mill_encode *how,
                 const struct mill_test_source *source, struct codec_file *file,
                 struct mill_err *err)
{
    struct mill_arena *arena = mill_arena_new(1 << 20);
    struct mill_sink *encoder = codec->encoder(how, &file->out, arena, err);
    assert_non_null(encoder);
    struct mill_sink *sink =
        mill_sink_check(encoder, source->shape, "encoder", arena, err);
    enum mill_flow flow = mill_test_drive(source, sink, err);
    if (flow != MILL_FLOW_FAILED && file->out.at != file->window)
        codec_file__full(&file->out, err);
    if (sink->free)
        sink->free(sink);
    if (encoder->free)
        encoder->free(encoder);
    mill_arena_free(arena);
    return flow;
}

#endif
