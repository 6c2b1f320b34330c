/* The loops of packing, compiled once for each level. */
#ifndef CODEC_KERNEL_PACK_LOOPS_H
#define CODEC_KERNEL_PACK_LOOPS_H

#include "pack.h"

#include <endian.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

/* ---- stretches ----------------------------------------------------------- */

/* Where the search for stretches stands. */
struct found {
    const uint8_t *at;
    size_t from; /* no stretch has this byte yet */
    uint32_t *to;
    struct codec__counts *counts;
};

/* Bytes that are equal to the one before each: [start, end). They have been
 * counted as literals, like all bytes. */
ALWAYS void
add_run(struct found *f, size_t start, size_t end)
{
    while (end - start >= CODEC__RUN_SHORT) {
        size_t run = end - start;
        if (run > CODEC__RUN_MOST)
            run = CODEC__RUN_MOST;
        *f->to++ = (uint32_t)((start - f->from) << CODEC__RUN_BITS | run);
        f->counts->run[run]++;
        f->counts->literal[f->at[start]] -= (uint32_t)run;
        f->from = start += run;
    }
}

/* The rest from byte i on, which is not in the midst of a long run. */
ALWAYS void
search_rest(struct found *f, size_t i, size_t n)
{
    while (i < n) {
        size_t start = i;
        while (i < n && f->at[i] == f->at[i - 1])
            i++;
        if (i - start >= CODEC__RUN_LEAST)
            add_run(f, start, i);
        i++;
    }
}

/* The stretches' number. */
ALWAYS size_t
end_search(struct found *f, size_t n, const uint32_t *first)
{
    if (f->from < n)
        *f->to++ = (uint32_t)((n - f->from) << CODEC__RUN_BITS);
    return (size_t)(f->to - first);
}

/* ---- counts -------------------------------------------------------------- */

/* Tables side by side, so that the same byte again need not wait for its own
 * count to be stored. */
enum { TABLES = 8 };

ALWAYS void
count_all(const uint8_t *at, size_t n, struct codec__counts *counts)
{
    uint32_t table[TABLES][256] = {0};
    size_t i = 0;
    for (; i + TABLES <= n; i += TABLES) {
        uint64_t v;
        memcpy(&v, at + i, sizeof v);
        for (unsigned t = 0; t < TABLES; t++)
            table[t][v >> 8 * t & 255]++;
    }
    for (; i < n; i++)
        table[0][at[i]]++;
    memset(counts, 0, sizeof *counts);
    for (unsigned t = 0; t < TABLES; t++)
        for (unsigned v = 0; v < 256; v++)
            counts->literal[v] += table[t][v];
}

/* ---- bits ---------------------------------------------------------------- */

ALWAYS void
put(struct codec__bits_out *out, uint32_t symbol)
{
    out->held |= (uint64_t)(symbol >> 8) << out->n;
    out->n += symbol & 0xFF;
}

ALWAYS void
store(struct codec__bits_out *out)
{
    uint64_t bits = htole64(out->held);
    memcpy(out->at, &bits, sizeof bits);
    out->at += out->n / 8;
    out->held >>= out->n & ~7u;
    out->n &= 7;
}

/* Four literals have 56 bits at most, and 7 are held before them. */
ALWAYS const uint8_t *
emit_literals(const uint8_t *at, uint32_t n, const uint32_t *literal,
              struct codec__bits_out *out)
{
    for (; n >= 4; n -= 4, at += 4) {
        put(out, literal[at[0]]);
        put(out, literal[at[1]]);
        put(out, literal[at[2]]);
        put(out, literal[at[3]]);
        store(out);
    }
    for (; n; n--)
        put(out, literal[*at++]);
    store(out);
    return at;
}

ALWAYS void
emit_all(const uint8_t *at, const uint32_t *stretch, size_t n,
         const struct codec__symbols *symbols, struct codec__bits_out *lent)
{
    struct codec__bits_out out = *lent;
    for (size_t i = 0; i < n; i++) {
        uint32_t run = stretch[i] & ((1u << CODEC__RUN_BITS) - 1);
        at = emit_literals(at, stretch[i] >> CODEC__RUN_BITS, symbols->literal,
                           &out);
        put(&out, symbols->run[run]);
        store(&out);
        at += run;
    }
    *lent = out;
}

#undef ALWAYS
#endif
