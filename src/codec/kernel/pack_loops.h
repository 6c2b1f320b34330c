/* The loops of packing, compiled once for each level. */
#ifndef CODEC_KERNEL_PACK_LOOPS_H
#define CODEC_KERNEL_PACK_LOOPS_H

#include "pack.h"
#include "part.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/* ---- stretches ----------------------------------------------------------- */

enum { WORD = 64 }; /* bytes that are looked at together, a bit each */

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
put(struct codec__bits_out *out, struct codec__symbol symbol)
{
    out->held |= symbol.bits << out->n;
    out->n += symbol.n;
}

/* One after the other; two such pairs need not wait for each other. */
ALWAYS struct codec__symbol
pair(struct codec__symbol a, struct codec__symbol b)
{
    return (struct codec__symbol){a.bits | b.bits << a.n, a.n + b.n};
}

ALWAYS void
store(struct codec__bits_out *out)
{
    uint64_t bits = htole64(out->held);
    memcpy(out->at, &bits, sizeof bits);
    out->at += out->n / 8;
    out->held >>= out->n & ~7ull;
    out->n &= 7;
}

ALWAYS struct codec__symbol
only_if(bool wanted, struct codec__symbol symbol)
{
    uint64_t mask = -(uint64_t)wanted;
    return (struct codec__symbol){symbol.bits & mask, symbol.n & mask};
}

/* All but n % 4 of n literals. Four have 56 bits at most, and 7 are held before
 * them. */
ALWAYS const uint8_t *
emit_fours(const uint8_t *at, uint32_t n, const struct codec__symbol *literal,
           struct codec__bits_out *out)
{
    for (n /= 4; n; n--, at += 4) {
        put(out, pair(pair(literal[at[0]], literal[at[1]]),
                      pair(literal[at[2]], literal[at[3]])));
        store(out);
    }
    return at;
}

/* How many literals are left over by fours is a toss of a coin, so there is no
 * branch on it. The bytes that are read behind them are those of the run. */
ALWAYS const uint8_t *
emit_stretch(const uint8_t *at, uint32_t stretch,
             const struct codec__symbols *symbols, struct codec__bits_out *out)
{
    uint32_t n = stretch >> CODEC__RUN_BITS;
    uint32_t run = stretch & ((1u << CODEC__RUN_BITS) - 1);
    at = emit_fours(at, n, symbols->literal, out);
    n %= 4;
    put(out, pair(only_if(n > 0, symbols->literal[at[0]]),
                  pair(only_if(n > 1, symbols->literal[at[1]]),
                       only_if(n > 2, symbols->literal[at[2]]))));
    store(out);
    put(out, symbols->run[run]);
    store(out);
    return at + n + run;
}

/* The last one may have no run. */
ALWAYS void
emit_last(const uint8_t *at, uint32_t stretch,
          const struct codec__symbols *symbols, struct codec__bits_out *out)
{
    uint32_t n = stretch >> CODEC__RUN_BITS;
    uint32_t run = stretch & ((1u << CODEC__RUN_BITS) - 1);
    at = emit_fours(at, n, symbols->literal, out);
    for (n %= 4; n; n--)
        put(out, symbols->literal[*at++]);
    store(out);
    put(out, symbols->run[run]);
    store(out);
}

ALWAYS void
emit_all(const uint8_t *at, const uint32_t *stretch, size_t n,
         const struct codec__symbols *symbols, struct codec__bits_out *lent)
{
    struct codec__bits_out out = *lent;
    for (size_t i = 0; i + 1 < n; i++)
        at = emit_stretch(at, stretch[i], symbols, &out);
    emit_last(at, stretch[n - 1], symbols, &out);
    *lent = out;
}

#endif
