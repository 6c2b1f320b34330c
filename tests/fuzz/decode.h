/* What the targets of formats do with their bytes: the header, then a strict
 * decoding and one that salvages, each also by the library alone, through
 * checking sinks, with small limits. With and without our own readers all must
 * be the same, strict and salvaged wherever the picture is sound, and the
 * memory that is taken must be what was foretold. But where a JPEG at 1/8 is
 * damaged in scans that no sample needs, our own reader need not see it. */
#ifndef FUZZ_DECODE_H
#define FUZZ_DECODE_H

#include <imgmill/codec.h>

#include <string.h>

#include "fuzz.h"

enum { FUZZ_PX_MOST = 1 << 14, FUZZ_SCANS_MOST = 20 };
enum { FUZZ_ROUNDING = 4096 }; /* which the planner counts for the whole line */

/* A sink that reads every sample. */
struct fuzz_sum {
    struct mill_sink sink;
    struct mill_shape shape;
    uint64_t hash;
    uint32_t rows, ends;
};

static inline uint64_t
fuzz_hash(uint64_t hash, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * 0x100000001B3u;
    return hash;
}

static inline enum mill_flow
fuzz_sum_begin(struct mill_sink *sink, const struct mill_shape *shape,
               const struct mill_meta *meta, struct mill_err *err)
{
    struct fuzz_sum *self = (struct fuzz_sum *)sink;
    (void)err;
    self->shape = *shape;
    self->hash = fuzz_hash(self->hash, meta->icc.at, meta->icc.n);
    self->hash = fuzz_hash(self->hash, meta->exif.at, meta->exif.n);
    self->hash = fuzz_hash(self->hash, meta->xmp.at, meta->xmp.n);
    return MILL_FLOW_MORE;
}

static inline enum mill_flow
fuzz_sum_band(struct mill_sink *sink, const struct mill_band *band,
              struct mill_err *err)
{
    struct fuzz_sum *self = (struct fuzz_sum *)sink;
    (void)err;
    for (unsigned p = 0; p < self->shape.n_planes; p++) {
        const struct mill_rows *rows = &band->plane[p];
        size_t n =
            self->shape.plane[p].w * mill_shape_sample_bytes(&self->shape);
        for (uint32_t i = 0; i < rows->n; i++)
            self->hash = fuzz_hash(self->hash, mill_rows_at(rows, i), n);
    }
    self->rows += band->n;
    return MILL_FLOW_MORE;
}

static inline enum mill_flow
fuzz_sum_end(struct mill_sink *sink, struct mill_err *err)
{
    (void)err;
    ((struct fuzz_sum *)sink)->ends++;
    return MILL_FLOW_MORE;
}

struct fuzz_run {
    enum mill_status status;
    uint64_t hash;
    uint32_t warnings, notes;
    char damage[MILL_ERR_TEXT];
};

static inline void
fuzz_decode_once(const struct mill_info *info, struct mill_bytes in,
                 unsigned shrink, bool library, bool salvage,
                 struct fuzz_run *run)
{
    struct mill_err err = {0};
    struct mill_shape expect;
    struct fuzz_sum sum = {
        .sink = {fuzz_sum_begin, fuzz_sum_band, fuzz_sum_end, NULL}};
    struct mill_arena *arena = mill_arena_new(1 << 16);
    *run = (struct fuzz_run){0};
    struct mill_decode how = {.shrink = (uint8_t)shrink,
                              .limits = {FUZZ_PX_MOST, FUZZ_SCANS_MOST},
                              .damage = salvage ? run->damage : NULL,
                              .library = library,
                              .arena = arena,
                              .warnings = &run->warnings,
                              .notes = &run->notes};
    info->codec->shape(info, &how, &expect);
    FUZZ_HOLDS(mill_shape_check(&expect, &err) == MILL_OK);
    uint64_t foretold = info->codec->decode_bytes(info, &how);
    struct mill_sink *sink =
        mill_sink_check(&sum.sink, &expect, "sum", arena, &err);
    uint64_t before = mill_arena_bytes(arena);
    run->status = info->codec->decode(in, &how, sink, &err);
    FUZZ_HOLDS(run->status != MILL_INTERNAL);
    FUZZ_HOLDS(mill_arena_bytes(arena) - before <= foretold + FUZZ_ROUNDING);
    if (run->status == MILL_OK)
        FUZZ_HOLDS(sum.rows == expect.h && sum.ends == 1);
    else
        FUZZ_HOLDS(err.status == (int)run->status && err.text[0]);
    run->hash = sum.hash;
    if (sink->free)
        sink->free(sink);
    mill_arena_free(arena);
}

static inline void
fuzz_same(const struct fuzz_run *own, const struct fuzz_run *library)
{
    FUZZ_HOLDS(library->status == own->status);
    FUZZ_HOLDS(library->status != MILL_OK || library->hash == own->hash);
    FUZZ_HOLDS(library->warnings == own->warnings);
    FUZZ_HOLDS(library->notes == own->notes);
    FUZZ_HOLDS(!strcmp(library->damage, own->damage));
}

/* Did the library alone see damage, where it alone looks? */
static inline bool
fuzz_unseen(const struct mill_info *info, unsigned shrink,
            const struct fuzz_run *own, const struct fuzz_run *library)
{
    return shrink == 8 && info->facts.interlaced && own->status == MILL_OK &&
           library->status == MILL_DAMAGED;
}

static inline void
fuzz_decode(const struct mill_codec *codec, const uint8_t *at, size_t n)
{
    struct mill_bytes in = {at, n};
    struct mill_info info;
    struct mill_err err = {0};
    struct fuzz_run strict, library, saved, saved_by_library;
    if (codec->info(in, &info, &err) != MILL_OK)
        return;
    FUZZ_HOLDS(mill_shape_check(&info.shape, &err) == MILL_OK);
    unsigned shrink = 1u << (n % 4);
    shrink = info.shrinks & shrink ? shrink : 1;
    fuzz_decode_once(&info, in, shrink, false, false, &strict);
    fuzz_decode_once(&info, in, shrink, true, false, &library);
    fuzz_decode_once(&info, in, shrink, false, true, &saved);
    fuzz_decode_once(&info, in, shrink, true, true, &saved_by_library);
    if (fuzz_unseen(&info, shrink, &strict, &library)) {
        FUZZ_HOLDS(saved_by_library.status == MILL_OK);
        FUZZ_HOLDS(saved_by_library.hash == strict.hash);
    } else {
        fuzz_same(&strict, &library);
        fuzz_same(&saved, &saved_by_library);
    }
    FUZZ_HOLDS(!(strict.notes & MILL_NOTE_SALVAGED));
    if (strict.status != MILL_DAMAGED) {
        FUZZ_HOLDS(saved.status == strict.status);
        FUZZ_HOLDS(saved.status != MILL_OK || saved.hash == strict.hash);
        FUZZ_HOLDS(saved.status != MILL_OK ||
                   !(saved.notes & MILL_NOTE_SALVAGED));
    } else if (saved.status == MILL_OK) {
        FUZZ_HOLDS(saved.notes & MILL_NOTE_SALVAGED && saved.damage[0]);
    }
}

#endif
