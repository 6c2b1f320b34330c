/* The search for runs in WORD bytes at once. A level says before, behind
 * pack_loops.h, which of these are as the one before them: same_as_before(at),
 * bit i for byte i. */
#ifndef CODEC_KERNEL_PACK_WORDS_H
#define CODEC_KERNEL_PACK_WORDS_H

#include "pack_loops.h"

enum { STEP = WORD - CODEC__RUN_LEAST + 1 };

/* Where the run ends of which byte i is the first that is not yet seen. */
static size_t
run_end(const uint8_t *at, size_t i, size_t n)
{
    for (; i + WORD <= n; i += WORD) {
        uint64_t other = ~same_as_before(at + i);
        if (other)
            return i + (unsigned)__builtin_ctzll(other);
    }
    while (i < n && at[i] == at[i - 1])
        i++;
    return i;
}

/* The runs that begin in the next STEP bytes. Where to go on. */
static inline size_t
search_word(struct found *f, size_t i, size_t n)
{
    uint64_t same = same_as_before(f->at + i), pairs = same & same >> 1;
    uint64_t starts = pairs & pairs >> 2 & same >> 4;
    while (starts) {
        unsigned start = (unsigned)__builtin_ctzll(starts);
        uint64_t behind = ~same & UINT64_MAX << start;
        if (!behind) {
            size_t end = run_end(f->at, i + WORD, n);
            add_run(f, i + start, end);
            return end;
        }
        add_run(f, i + start, i + (unsigned)__builtin_ctzll(behind));
        starts &= ~(behind ^ (behind - 1)); /* all below the run's end */
    }
    return i + STEP;
}

static inline size_t
search_all(const uint8_t *at, size_t n, uint32_t *stretch,
           struct codec__counts *counts)
{
    struct found found = {at, 0, stretch, counts};
    size_t i = 1;
    count_all(at, n, counts);
    while (i + WORD <= n)
        i = search_word(&found, i, n);
    search_rest(&found, i, n);
    return end_search(&found, n, stretch);
}

#endif
