/* Huffman tables for what was counted.
 *
 *   counts ─► lengths (Huffman; cut to 16 bits) ─► table ─► codes
 *
 * Codes by Huffman's own method, then none longer than 16 bits and none of all
 * ones, as ITU-T T.81 says in K.2. Where counts are equal a choice is left
 * open: it is made as libjpeg makes it, so that tables are the same. Pure
 * functions. */
#include "codes.h"

#include <string.h>

enum {
    RESERVED = CODEC__SYMBOLS,   /* a leaf that takes the code of all ones */
    LEAVES = CODEC__SYMBOLS + 1, /* all symbols and that one */
    INDEX_BITS = 9,
    LENGTH_MOST = 16,  /* bits of a code */
    DC_BITS_MOST = 11, /* that follow it */
    AC_BITS_MOST = 10,
    /* A tree of this depth weighs Fibonacci's number 47 at least: more than
       there is. */
    DEPTH_MOST = 45
};

/* ---- the tree ------------------------------------------------------------ */

/* Nodes that have no parent yet, the heaviest first: weight, then, for equal
 * weights, the smaller index. A sum takes the index of the lighter one of its
 * two parts, which is not its place among the nodes. */
struct forest {
    uint64_t key[LEAVES]; /* weight << INDEX_BITS | RESERVED - index */
    unsigned n;
    uint16_t node[LEAVES];       /* by index: which one it stands for */
    uint16_t parent[2 * LEAVES]; /* of nodes; sums stand behind the leaves */
};

static void
insert(struct forest *forest, uint64_t weight, unsigned index, unsigned node)
{
    uint64_t key = weight << INDEX_BITS | (RESERVED - index);
    unsigned i = forest->n++;
    for (; i && forest->key[i - 1] < key; i--)
        forest->key[i] = forest->key[i - 1];
    forest->key[i] = key;
    forest->node[index] = (uint16_t)node;
}

/* The lightest one; its index. */
static unsigned
take(struct forest *forest, uint64_t *weight, unsigned parent)
{
    uint64_t key = forest->key[--forest->n];
    unsigned index = RESERVED - (key & ((1u << INDEX_BITS) - 1));
    *weight += key >> INDEX_BITS;
    forest->parent[forest->node[index]] = (uint16_t)parent;
    return index;
}

/* The lengths that the symbols' codes have in an uncut tree; 0: none. */
static void
measure(const uint32_t *counts, uint8_t length[LEAVES])
{
    struct forest forest = {.n = 0};
    uint8_t depth[2 * LEAVES] = {0};
    unsigned next = LEAVES;
    insert(&forest, 1, RESERVED, RESERVED);
    for (unsigned i = 0; i < CODEC__SYMBOLS; i++)
        if (counts[i])
            insert(&forest, counts[i], i, i);
    for (; forest.n > 1; next++) {
        uint64_t weight = 0;
        unsigned index = take(&forest, &weight, next);
        take(&forest, &weight, next);
        insert(&forest, weight, index, next);
    }
    for (unsigned i = next - 1; i-- > 0;)
        if (forest.parent[i])
            depth[i] = (uint8_t)(depth[forest.parent[i]] + 1);
    memcpy(length, depth, LEAVES);
}

/* ---- lengths ------------------------------------------------------------- */

/* bits[i]: codes of i bits. Two of the longest codes share all but their last
 * bit: one gets that prefix, and the other splits a shorter code in two. */
static void
shorten(unsigned bits[DEPTH_MOST + 1])
{
    for (unsigned i = DEPTH_MOST; i > LENGTH_MOST; i--)
        while (bits[i]) {
            unsigned j = i - 2;
            while (!bits[j])
                j--;
            bits[i] -= 2;
            bits[i - 1]++;
            bits[j + 1] += 2;
            bits[j]--;
        }
}

static void
drop_reserved(unsigned bits[DEPTH_MOST + 1])
{
    unsigned i = LENGTH_MOST;
    while (!bits[i])
        i--;
    bits[i]--;
}

void
codec__jpeg_fit_table(const uint32_t counts[CODEC__SYMBOLS], JHUFF_TBL *table)
{
    unsigned bits[DEPTH_MOST + 1] = {0}, n = 0;
    uint8_t length[LEAVES];
    measure(counts, length);
    for (unsigned i = 0; i < LEAVES; i++)
        bits[length[i]]++;
    shorten(bits);
    drop_reserved(bits);
    table->bits[0] = 0;
    for (unsigned i = 1; i <= LENGTH_MOST; i++)
        table->bits[i] = (UINT8)bits[i];
    for (unsigned l = 1; l <= DEPTH_MOST; l++)
        for (unsigned i = 0; i < CODEC__SYMBOLS; i++)
            if (length[i] == l)
                table->huffval[n++] = (UINT8)i;
}

/* ---- codes --------------------------------------------------------------- */

/* The code of a symbol, and as many bits of what follows as a token has. */
static void
add_codes(const JHUFF_TBL *table, bool is_dc, struct codec__token_code *code)
{
    uint32_t next = 0;
    unsigned n = 0;
    for (unsigned length = 1; length <= LENGTH_MOST; length++, next <<= 1)
        for (unsigned i = 0; i < table->bits[length]; i++, next++) {
            unsigned symbol = table->huffval[n++], low = symbol & 15;
            if (is_dc)
                symbol = symbol << 4 | CODEC__DC;
            if (low > CODEC__LOW_BITS)
                low = CODEC__LOW_BITS;
            code[symbol] =
                (struct codec__token_code){next << low, length + low};
        }
}

void
codec__jpeg_codes_of(const JHUFF_TBL *dc, const JHUFF_TBL *ac,
                     struct codec__token_code code[CODEC__SYMBOLS])
{
    memset(code, 0, CODEC__SYMBOLS * sizeof *code);
    add_codes(dc, true, code);
    add_codes(ac, false, code);
    for (unsigned n = 1; n <= DC_BITS_MOST - CODEC__LOW_BITS; n++)
        code[n << 4 | CODEC__REST].n = n;
}

/* ---- counts -------------------------------------------------------------- */

void
codec__jpeg_count_all(struct jpeg_counts *counts,
                      const struct codec__token_counts *from, unsigned table)
{
    *counts = (struct jpeg_counts){.dc = {0}};
    for (unsigned lane = 0; lane < CODEC__COUNT_LANES; lane++)
        for (unsigned i = 0; i < CODEC__SYMBOLS; i++) {
            uint32_t n = from->lane[lane][table * CODEC__SYMBOLS + i];
            if (i % 16 == CODEC__DC)
                counts->dc[i / 16] += n;
            else if (i % 16 != CODEC__REST)
                counts->ac[i] += n;
        }
}

static void
count_one(uint32_t *count)
{
    *count += *count == 0;
}

void
codec__jpeg_count_legal(struct jpeg_counts *counts)
{
    for (unsigned bits = 0; bits <= DC_BITS_MOST; bits++)
        count_one(&counts->dc[bits]);
    for (unsigned run = 0; run < 16; run++)
        for (unsigned bits = 1; bits <= AC_BITS_MOST; bits++)
            count_one(&counts->ac[run << 4 | bits]);
    count_one(&counts->ac[CODEC__BLOCK_ENDS]);
    count_one(&counts->ac[CODEC__ZEROES]);
}
