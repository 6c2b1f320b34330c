/* Huffman tables for a picture, from a sample of it.
 *
 * The standard tables cost some 4 % of a photograph's bytes. Exact ones ask for
 * a second pass over all coefficients, which costs more than the rest of the
 * encoding. A sixteenth of the iMCU rows tells nearly as much: libjpeg makes
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
    ROWS_LEAST = 4 * JPEG_SAMPLE_STEP /* iMCU rows; fewer: exact tables */
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

enum mill_tables
codec__jpeg_tables(const struct mill_encode *how,
                   const struct mill_shape *shape)
{
    uint32_t rows = shape->h / imcu_px_of(shape);
    if (how->progressive)
        return MILL_TABLES_EXACT;
    if (how->tables != MILL_TABLES_SAMPLED)
        return how->tables;
    if (shape->model == MILL_CMYK || rows < ROWS_LEAST)
        return MILL_TABLES_EXACT;
    return mill_band_bytes(shape, shape->h) <= HELD_MOST ? MILL_TABLES_SAMPLED
                                                         : MILL_TABLES_STANDARD;
}

uint32_t
codec__jpeg_sampled_rows(uint32_t h, uint32_t imcu_px)
{
    uint32_t step = JPEG_SAMPLE_STEP * imcu_px;
    return (h - step / 2 + step - 1) / step;
}

/* ---- codes --------------------------------------------------------------- */

struct tree {
    uint64_t weight[NODES]; /* of a node without parent */
    uint16_t parent[NODES]; /* 0: none yet; no leaf is a parent */
    bool used[NODES];
    unsigned n; /* the next sum's place */
};

/* The node with the least weight but `other`; of equals the later symbol, so
 * that the reserved one has the longest code. NODES: there is none. */
static unsigned
lightest(const struct tree *tree, unsigned other)
{
    unsigned least = NODES;
    for (unsigned i = 0; i < tree->n; i++)
        if (tree->used[i] && !tree->parent[i] && i != other &&
            (least == NODES || tree->weight[i] <= tree->weight[least]))
            least = i;
    return least;
}

static void
grow(struct tree *tree)
{
    for (tree->n = SYMBOLS + 1;; tree->n++) {
        unsigned a = lightest(tree, NODES), b = lightest(tree, a);
        if (b == NODES)
            return;
        tree->weight[tree->n] = tree->weight[a] + tree->weight[b];
        tree->used[tree->n] = true;
        tree->parent[a] = tree->parent[b] = (uint16_t)tree->n;
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

static void
fill_table(const struct tree *tree, JHUFF_TBL *table)
{
    unsigned bits[DEPTH_MOST + 1] = {0}, n = 0;
    for (unsigned i = 0; i <= RESERVED; i++)
        if (tree->used[i])
            bits[depth_of(tree, i)]++;
    for (unsigned depth = 1; depth <= DEPTH_MOST; depth++)
        for (unsigned i = 0; i < SYMBOLS; i++)
            if (tree->used[i] && depth_of(tree, i) == depth)
                table->huffval[n++] = (UINT8)i;
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
            tree->weight[sampled->huffval[n++]] = (uint64_t)1 << (21 - length);
    for (unsigned i = 0; i < SYMBOLS; i++)
        tree->used[i] = tree->weight[i] > 0;
    tree->used[RESERVED] = true;
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
