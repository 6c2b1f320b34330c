/* Huffman tables for a picture, from a sample of it.
 *
 * The standard tables cost some 4 % of a photograph's bytes. Exact ones ask for
 * a second pass over all coefficients, which costs more than the rest of the
 * encoding. Some of the iMCU rows, a sixteenth of a large picture's and an
 * eighth of their number if that is less, tell nearly as much: libjpeg makes
 * exact tables for these, and since the other rows may hold what the sample has
 * not, each table is made anew with a code for every symbol that baseline JPEG
 * knows. A symbol of the sample weighs what its code's length says, any other
 * the least.
 *
 * Codes by Huffman's own method, then none longer than 16 bits and none of all
 * ones, as ITU-T T.81 says in K.2. Pure functions of picture and options. */
#include "jpeg.h"

#include <string.h>

enum {
    SYMBOLS = 256,
    NODES = 2 * (SYMBOLS + 1), /* a leaf a symbol, the reserved one, and sums */
    RESERVED = SYMBOLS,        /* a leaf that takes the code of all ones */
    LENGTH_MOST = 16,          /* bits of a code */
    DEPTH_MOST = 40,           /* of the tree: see weigh_symbols */
    DC_CATEGORIES = 12,
    AC_CATEGORIES = 10,
    WEIGHT_BITS = 20, /* of the heaviest symbol; its code has one bit */
    SAMPLE_LEAST = 8, /* iMCU rows that a sample has, if there are enough */
    STEP_LEAST = 4,   /* a larger part of the rows: exact tables instead */
    STEP_MOST = 16
};

/* What the planes may take; above it nothing is held. */
#define HELD_MOST ((uint64_t)64 << 20)

/* ---- when ---------------------------------------------------------------- */

static uint32_t
imcu_px_of(const struct mill_shape *shape)
{
    unsigned most = 1;
    for (unsigned p = 0; p < shape->n_planes; p++)
        most = shape->plane[p].sy > most ? shape->plane[p].sy : most;
    return most * DCTSIZE;
}

uint32_t
codec__jpeg_sample_step(const struct mill_shape *shape)
{
    uint32_t step = shape->h / imcu_px_of(shape) / SAMPLE_LEAST;
    return step < STEP_MOST ? step : STEP_MOST;
}

enum mill_tables
codec__jpeg_tables(const struct mill_encode *how,
                   const struct mill_shape *shape)
{
    if (how->progressive)
        return MILL_TABLES_EXACT;
    if (how->tables != MILL_TABLES_SAMPLED)
        return how->tables;
    if (shape->model == MILL_CMYK ||
        codec__jpeg_sample_step(shape) < STEP_LEAST)
        return MILL_TABLES_EXACT;
    return mill_band_bytes(shape, shape->h) <= HELD_MOST ? MILL_TABLES_SAMPLED
                                                         : MILL_TABLES_STANDARD;
}

/* ---- codes --------------------------------------------------------------- */

struct tree {
    uint64_t weight[NODES];
    uint16_t parent[NODES];       /* 0: none yet; no leaf is a parent */
    uint16_t leaves[SYMBOLS + 1]; /* those used, the lightest first */
    unsigned n_leaves;
    unsigned n; /* the next sum's place */
};

/* Weights are 0, of the reserved one, and powers of 2. Of equals the later
 * symbol comes first, and the reserved one before all, so that it gets the
 * longest code. */
static void
sort_leaves(struct tree *tree)
{
    tree->leaves[tree->n_leaves++] = RESERVED;
    for (unsigned bit = 0; bit <= WEIGHT_BITS; bit++)
        for (unsigned i = SYMBOLS; i-- > 0;)
            if (tree->weight[i] == (uint64_t)1 << bit)
                tree->leaves[tree->n_leaves++] = (uint16_t)i;
}

/* Sums are made in the order of their weights, so what is lightest stands first
 * either among the leaves or among the sums that have no parent. */
static void
grow(struct tree *tree)
{
    unsigned leaf = 0, sum = SYMBOLS + 1;
    for (tree->n = sum; leaf < tree->n_leaves || tree->n - sum > 1; tree->n++) {
        uint64_t weight = 0;
        for (unsigned i = 0; i < 2; i++) {
            bool is_leaf =
                leaf < tree->n_leaves &&
                (sum == tree->n ||
                 tree->weight[tree->leaves[leaf]] <= tree->weight[sum]);
            unsigned node = is_leaf ? tree->leaves[leaf++] : sum++;
            weight += tree->weight[node];
            tree->parent[node] = (uint16_t)tree->n;
        }
        tree->weight[tree->n] = weight;
    }
}

static unsigned
depth_of(const struct tree *tree, unsigned node)
{
    unsigned depth = 0;
    for (; tree->parent[node]; node = tree->parent[node])
        depth++;
    return depth;
}

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

/* The lightest first is the longest code first: symbols in the order that a
 * table wants stand there backwards. */
static void
fill_table(const struct tree *tree, JHUFF_TBL *table)
{
    unsigned bits[DEPTH_MOST + 1] = {0}, n = 0;
    for (unsigned i = tree->n_leaves; i-- > 0;) {
        bits[depth_of(tree, tree->leaves[i])]++;
        if (tree->leaves[i] != RESERVED)
            table->huffval[n++] = (UINT8)tree->leaves[i];
    }
    shorten(bits);
    drop_reserved(bits);
    table->bits[0] = 0;
    for (unsigned i = 1; i <= LENGTH_MOST; i++)
        table->bits[i] = (UINT8)bits[i];
}

/* ---- weights ------------------------------------------------------------- */

static void
weigh_legal(struct tree *tree, bool is_dc)
{
    for (unsigned low = 0; is_dc && low < DC_CATEGORIES; low++)
        tree->weight[low] = 1;
    for (unsigned run = 0; !is_dc && run < 16; run++)
        for (unsigned low = 1; low <= AC_CATEGORIES; low++)
            tree->weight[run << 4 | low] = 1;
    if (!is_dc)
        tree->weight[0x00] = tree->weight[0xF0] = 1;
}

/* Weights are 1 and powers of 2 up to 2^20, so all together weigh less than
 * 2^22; a tree of depth d weighs at least Fibonacci's number d: DEPTH_MOST is
 * out of reach. */
static void
weigh_symbols(struct tree *tree, const JHUFF_TBL *sampled, bool is_dc)
{
    unsigned n = 0;
    weigh_legal(tree, is_dc);
    for (unsigned length = 1; length <= LENGTH_MOST; length++)
        for (unsigned i = 0; i < sampled->bits[length]; i++)
            tree->weight[sampled->huffval[n++]] = (uint64_t)1
                                                  << (WEIGHT_BITS + 1 - length);
    sort_leaves(tree);
}

static void
complete(JHUFF_TBL *table, const JHUFF_TBL *sampled, bool is_dc)
{
    struct tree tree = {0};
    if (!table || !sampled)
        return;
    weigh_symbols(&tree, sampled, is_dc);
    grow(&tree);
    fill_table(&tree, table);
}

void
codec__jpeg_take_tables(struct jpeg_compress_struct *jpeg,
                        const struct jpeg_compress_struct *sampler)
{
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        complete(jpeg->dc_huff_tbl_ptrs[i], sampler->dc_huff_tbl_ptrs[i], true);
        complete(jpeg->ac_huff_tbl_ptrs[i], sampler->ac_huff_tbl_ptrs[i],
                 false);
    }
}
