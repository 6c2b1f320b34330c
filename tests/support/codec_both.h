/* A file decoded by our own reader and by the format's library: the same
 * samples, verdicts, words, notes and counts. But a progressive JPEG at 1/8 may
 * be damaged where no sample is touched, and where only the library looks: then
 * what it salvages is the same. */
#ifndef CODEC_BOTH_H
#define CODEC_BOTH_H

#include "codec_run.h"

struct codec_both {
    struct codec_run own, library;
    char damage[2][MILL_ERR_TEXT];
};

/* How it is decoded. */
struct codec_both_how {
    const struct mill_codec *codec;
    unsigned shrink; /* 0: 1 */
    bool salvage;
    uint32_t enough_at;     /* 0: never */
    uint32_t scans_most;    /* 0: the default */
    struct mill_crew *crew; /* of our own reader; NULL: none */
    bool *unseen; /* gets whether only the library saw damage, where the
                     own reader need not look; may be NULL */
};

/* What the checking sink takes of the arena. */
enum { CODEC_BOTH_AROUND_BYTES = 4096 };

static inline void
codec_both__run(struct codec_run *run, struct mill_bytes in,
                const struct codec_both_how *how, char *damage)
{
    void *block;
    run->how.shrink = how->shrink ? (uint8_t)how->shrink : 1;
    run->how.damage = how->salvage ? damage : NULL;
    run->collect.enough_at = how->enough_at;
    if (how->scans_most)
        run->how.limits.scans = how->scans_most;
    codec_run_decode_at(run, how->codec, in, &block);
    if (run->collect.begins)
        assert_true(mill_arena_bytes(run->arena) <=
                    CODEC_BOTH_AROUND_BYTES +
                        how->codec->decode_bytes(&run->info, &run->how));
    free(block);
}

/* As far as both have samples: an own reading of many scans gives some before
 * it is known that the picture fails. */
static inline bool
codec_both__same_samples(const struct mill_test_collect *a,
                         const struct mill_test_collect *b)
{
    if (!a->begins || !b->begins)
        return true;
    if (a->rows != b->rows || a->bands != b->bands || a->ends != b->ends)
        return false;
    for (unsigned p = 0; p < a->shape.n_planes; p++) {
        size_t n = mill_test_row_bytes(&a->shape, p) * a->shape.plane[p].h;
        if (memcmp(a->plane[p], b->plane[p], n) != 0)
            return false;
    }
    return true;
}

static inline bool
codec_both__same(const struct codec_both *both)
{
    const struct codec_run *a = &both->own, *b = &both->library;
    return a->status == b->status && !strcmp(a->err.text, b->err.text) &&
           a->warnings == b->warnings && a->notes == b->notes &&
           (a->status != MILL_OK || a->collect.begins == b->collect.begins) &&
           codec_both__same_samples(&a->collect, &b->collect) &&
           !strcmp(both->damage[0], both->damage[1]);
}

/* Did the library alone see damage, where it alone looks? */
static inline bool
codec_both__unseen(const struct codec_both *both,
                   const struct codec_both_how *how)
{
    const struct codec_run *own = &both->own, *library = &both->library;
    return how->shrink == 8 && own->info.facts.interlaced &&
           own->status == MILL_OK && !both->damage[0][0] &&
           (library->status == MILL_DAMAGED || both->damage[1][0]);
}

static inline bool
codec_both__same_salvaged(struct codec_both *both, struct mill_bytes in,
                          const struct codec_both_how *how)
{
    struct codec_both_how salvaged = *how;
    uint64_t most = both->library.how.limits.pixels;
    salvaged.salvage = true;
    codec_run_clear(&both->library);
    codec_run_init(&both->library);
    both->library.how.library = true;
    both->library.how.limits.pixels = most;
    codec_both__run(&both->library, in, &salvaged, both->damage[1]);
    return both->library.status == MILL_OK &&
           codec_both__same_samples(&both->own.collect, &both->library.collect);
}

/* what, i: for people. px_most: where a damaged header may ask for more. True:
 * the library gave no sample of the own reading. */
static inline bool
codec_both_compare(struct mill_bytes in, const struct codec_both_how *how,
                   uint64_t px_most, const char *what, size_t i)
{
    struct codec_both both = {0};
    bool by_library = false;
    codec_run_init(&both.own);
    codec_run_init(&both.library);
    both.own.how.by_library = &by_library;
    both.own.how.crew = how->crew;
    both.library.how.library = true;
    both.own.how.limits.pixels = both.library.how.limits.pixels = px_most;
    codec_both__run(&both.own, in, how, both.damage[0]);
    codec_both__run(&both.library, in, how, both.damage[1]);
    bool unseen = codec_both__unseen(&both, how);
    if (how->unseen)
        *how->unseen = unseen;
    if (unseen ? !codec_both__same_salvaged(&both, in, how)
               : !codec_both__same(&both))
        fail_msg("%s, %zu at 1/%u%s: %d %s, not %d %s", what, i,
                 both.own.how.shrink, how->salvage ? ", salvaged" : "",
                 both.own.status, both.own.err.text, both.library.status,
                 both.library.err.text);
    codec_run_clear(&both.own);
    codec_run_clear(&both.library);
    return !by_library;
}

#endif
