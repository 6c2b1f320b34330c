/* Codes for a block of deflate.
 *
 *   counts ─► lengths (Huffman; cut to a limit) ─► codes ─► entries and head
 *
 * There are two codes for distances though one is used: some readers do not
 * like a code that is alone. All of it is exact and ordered, so the same counts
 * give the same bits everywhere. */
#include "pack_codes.h"

#include <string.h>

enum { CODE_MOST = 14, LENGTH_CODE_MOST = 7, SYMBOL_BITS = 9 };
enum { DISTANCES = 2, DISTANCE_BITS = 1 };

/* ---- lengths ------------------------------------------------------------- */

/* The symbols that occur, the rarest first: count << SYMBOL_BITS | symbol. */
struct ranks {
    uint32_t key[PACK_SYMBOLS];
    unsigned n;
};

/* One pass of a radix sort, by 9 bits: order is kept among equals. */
static void
sort_by(struct ranks *r, unsigned shift)
{
    uint32_t sorted[PACK_SYMBOLS];
    uint16_t at[513] = {0};
    for (unsigned i = 0; i < r->n; i++)
        at[(r->key[i] >> shift & 511) + 1]++;
    for (unsigned i = 0; i < 512; i++)
        at[i + 1] = (uint16_t)(at[i + 1] + at[i]);
    for (unsigned i = 0; i < r->n; i++)
        sorted[at[r->key[i] >> shift & 511]++] = r->key[i];
    memcpy(r->key, sorted, r->n * sizeof *sorted);
}

/* Counts are of 18 bits: of at most CODEC__PACK_MOST bytes and the end. */
static void
rank(const uint32_t *counts, unsigned n, struct ranks *r)
{
    r->n = 0;
    for (unsigned i = 0; i < n; i++)
        if (counts[i])
            r->key[r->n++] = counts[i] << SYMBOL_BITS | i;
    sort_by(r, SYMBOL_BITS);
    sort_by(r, SYMBOL_BITS + 9);
}

/* How far from the root each of n >= 2 leaves is that have these weights, in
 * rising order: Huffman's tree, in place (Moffat and Katajainen). */
static void
depths(uint32_t *w, unsigned n)
{
    unsigned leaf = 0, root = 0;
    for (unsigned next = 0; next < n - 1; next++) {
        uint32_t sum = 0;
        for (unsigned k = 0; k < 2; k++)
            if (leaf >= n || (root < next && w[root] < w[leaf])) {
                sum += w[root];
                w[root++] = next; /* now its parent */
            } else {
                sum += w[leaf++];
            }
        w[next] = sum;
    }
    w[n - 2] = 0;
    for (unsigned i = n - 2; i--;)
        w[i] = w[w[i]] + 1; /* parents to depths */

    unsigned open = 1, depth = 0;
    unsigned to = n;
    for (unsigned next = n - 1; open; depth++) {
        unsigned inner = 0;
        while (next && w[next - 1] == depth)
            inner++, next--;
        for (unsigned leaves = open - inner; leaves; leaves--)
            w[--to] = depth;
        open = 2 * inner;
    }
}

/* Of a tree that is too deep: what is deeper comes up to the limit, and the
 * deepest of the others go down until all fit. */
static void
cut(unsigned *number, unsigned most)
{
    int64_t over = -((int64_t)1 << most);
    for (unsigned l = 1; l <= most; l++)
        over += (int64_t)number[l] << (most - l);
    while (over > 0) {
        unsigned l = most - 1;
        while (!number[l])
            l--;
        number[l]--;
        number[l + 1]++;
        over -= (int64_t)1 << (most - l - 1);
    }
    number[most] -= (unsigned)-over; /* too far: some come up again */
    number[most - 1] += (unsigned)-over;
}

/* The length of each of n symbols' codes; 0: it does not occur. At least two
 * occur. */
static void
fit_lengths(const uint32_t *counts, unsigned n, unsigned most, uint8_t *length)
{
    struct ranks ranks;
    uint32_t w[PACK_SYMBOLS];
    unsigned number[CODE_MOST + 1] = {0}, at = 0;
    rank(counts, n, &ranks);
    for (unsigned i = 0; i < ranks.n; i++)
        w[i] = ranks.key[i] >> SYMBOL_BITS;
    depths(w, ranks.n);
    for (unsigned i = 0; i < ranks.n; i++)
        number[w[i] < most ? w[i] : most]++;
    cut(number, most);
    memset(length, 0, n);
    for (unsigned l = most; l; l--)
        for (unsigned i = 0; i < number[l]; i++)
            length[ranks.key[at++] & ((1u << SYMBOL_BITS) - 1)] = (uint8_t)l;
}

/* ---- codes --------------------------------------------------------------- */

static uint32_t
reversed(uint32_t v, unsigned n)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < n; i++)
        r |= (v >> i & 1) << (n - 1 - i);
    return r;
}

static void
codes_of(const uint8_t *length, unsigned n, struct codec__symbol *code)
{
    uint32_t next[CODE_MOST + 2] = {0};
    unsigned number[CODE_MOST + 1] = {0};
    for (unsigned i = 0; i < n; i++)
        number[length[i]]++;
    number[0] = 0;
    for (unsigned l = 1; l <= CODE_MOST; l++)
        next[l + 1] = (next[l] + number[l]) << 1;
    for (unsigned i = 0; i < n; i++) {
        code[i] = (struct codec__symbol){0, length[i]};
        if (length[i])
            code[i].bits = reversed(next[length[i]]++, length[i]);
    }
}

/* The first, then n bits. */
static struct codec__symbol
join(struct codec__symbol first, uint32_t bits, unsigned n)
{
    return (struct codec__symbol){first.bits | (uint64_t)bits << first.n,
                                  first.n + n};
}

/* ---- runs ---------------------------------------------------------------- */

/* Deflate's names for lengths: a symbol, its first length, its extra bits. */
static unsigned
length_symbol(unsigned run, unsigned *extra)
{
    unsigned v = run - CODEC__RUN_SHORT, e = 0;
    if (run == CODEC__RUN_MOST)
        v = 0, e = 0;
    else
        while (v >> e >= 8)
            e++;
    *extra = e;
    return run == CODEC__RUN_MOST ? PACK_SYMBOLS - 1
                                  : PACK_END + 1 + 4 * e + (v >> e);
}

static void
count_symbols(const struct codec__counts *counts, uint32_t *symbol)
{
    memset(symbol, 0, PACK_SYMBOLS * sizeof *symbol);
    memcpy(symbol, counts->literal, sizeof counts->literal);
    symbol[PACK_END] = 1;
    for (unsigned run = CODEC__RUN_SHORT; run <= CODEC__RUN_MOST; run++) {
        unsigned extra;
        symbol[length_symbol(run, &extra)] += counts->run[run];
    }
}

/* A run is its length, what that leaves open, and the distance 1: a 0. */
static void
enter_runs(const struct codec__symbol *code, struct codec__symbols *symbols)
{
    memset(symbols->run, 0, sizeof symbols->run);
    for (unsigned run = CODEC__RUN_SHORT; run <= CODEC__RUN_MOST; run++) {
        unsigned extra, symbol = length_symbol(run, &extra);
        uint32_t left = (run - CODEC__RUN_SHORT) & ((1u << extra) - 1);
        if (code[symbol].n)
            symbols->run[run] = join(code[symbol], left, extra + DISTANCE_BITS);
    }
}

/* ---- the head ------------------------------------------------------------ */

enum { REPEAT = 16, ZEROES, MANY_ZEROES };

/* symbol << 8 | what is left open of it */
static unsigned
shorten(const uint8_t *length, unsigned n, uint16_t *part)
{
    unsigned made = 0;
    for (unsigned i = 0; i < n;) {
        unsigned same = 1, v = length[i];
        while (i + same < n && length[i + same] == v && same < 138)
            same++;
        if (!v && same >= 11) {
            part[made++] = (uint16_t)(MANY_ZEROES << 8 | (same - 11));
        } else if (!v && same >= 3) {
            part[made++] = (uint16_t)(ZEROES << 8 | (same - 3));
        } else if (v && i && length[i - 1] == v && same >= 3) {
            same = same > 6 ? 6 : same;
            part[made++] = (uint16_t)(REPEAT << 8 | (same - 3));
        } else {
            same = 1;
            part[made++] = (uint16_t)(v << 8);
        }
        i += same;
    }
    return made;
}

static void
tell(struct codec__head *head, uint32_t bits, unsigned n)
{
    head->part[head->n++] = (struct codec__symbol){bits, n};
}

/* Behind the three bits that say which block it is. */
static void
write_head(const uint8_t *length, unsigned n, struct codec__head *head)
{
    static const uint8_t order[PACK_LENGTHS] = {
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    static const uint8_t extra[] = {2, 3, 7};
    uint16_t part[PACK_HEAD_MOST];
    uint32_t counts[PACK_LENGTHS] = {0};
    struct codec__symbol code[PACK_LENGTHS];
    uint8_t own[PACK_LENGTHS];
    unsigned parts = shorten(length, n, part), said = PACK_LENGTHS;

    for (unsigned i = 0; i < parts; i++)
        counts[part[i] >> 8]++;
    fit_lengths(counts, PACK_LENGTHS, LENGTH_CODE_MOST, own);
    codes_of(own, PACK_LENGTHS, code);
    while (said > 4 && !own[order[said - 1]])
        said--;

    head->n = 0;
    tell(head, n - DISTANCES - (PACK_END + 1), 5);
    tell(head, DISTANCES - 1, 5);
    tell(head, said - 4, 4);
    for (unsigned i = 0; i < said; i++)
        tell(head, own[order[i]], 3);
    for (unsigned i = 0; i < parts; i++) {
        unsigned symbol = part[i] >> 8;
        unsigned open = symbol < REPEAT ? 0 : extra[symbol - REPEAT];
        head->part[head->n++] = join(code[symbol], part[i] & 0xFF, open);
    }
}

/* ---- all ----------------------------------------------------------------- */

static uint64_t
bits_of(const struct codec__counts *counts, const struct codec__codes *codes)
{
    uint64_t bits = 3 + codes->end.n;
    for (unsigned i = 0; i < codes->head.n; i++)
        bits += codes->head.part[i].n;
    for (unsigned i = 0; i < 256; i++)
        bits += (uint64_t)counts->literal[i] * codes->symbols.literal[i].n;
    for (unsigned i = 0; i <= CODEC__RUN_MOST; i++)
        bits += (uint64_t)counts->run[i] * codes->symbols.run[i].n;
    return bits;
}

void
codec__codes_fit(const struct codec__counts *counts, struct codec__codes *codes)
{
    uint32_t number[PACK_SYMBOLS];
    struct codec__symbol code[PACK_SYMBOLS];
    uint8_t length[PACK_SYMBOLS + DISTANCES];
    unsigned n = PACK_SYMBOLS;

    count_symbols(counts, number);
    fit_lengths(number, PACK_SYMBOLS, CODE_MOST, length);
    codes_of(length, PACK_SYMBOLS, code);
    memcpy(codes->symbols.literal, code, sizeof codes->symbols.literal);
    enter_runs(code, &codes->symbols);
    codes->end = code[PACK_END];
    while (!length[n - 1])
        n--;
    memset(length + n, DISTANCE_BITS, DISTANCES);
    write_head(length, n + DISTANCES, &codes->head);
    codes->bits = bits_of(counts, codes);
}
