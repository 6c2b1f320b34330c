/* Rows of samples to the scan of a baseline JPEG.
 *
 *   a row of MCUs ─► a piece of it: blocks ─► tokens and counts ─┐
 *   counts ─► tables ─► DHT, SOS ─► the tokens' bits ◄───────────┘
 *
 * Tokens are held until all is counted, so that tables are exact: those that
 * libjpeg makes of the same coefficients when it optimizes, and its bytes. At
 * quality 80 tokens take a quarter of what the planes would. Where they are
 * more than HELD_MOST, or than the picture itself, tables are made of what was
 * counted up to there, with a code for every symbol, and from then on tokens
 * are written as they come. What decides is the picture and the options alone.
 *
 * Blocks beside the picture, which fill up an MCU, are what libjpeg makes of
 * them: the DC before them and nothing else. */
#include "coder.h"

#include <string.h>

enum {
    PIECE_TOKENS = JPEG_PIECE_BLOCKS * CODEC__BLOCK_TOKENS,
    /* Of the worst that pictures are: noise of black and white alone, at
       quality 100, has 86. */
    BLOCK_TOKENS_LIKELY = 90
};

/* Bytes. */
#define HELD_LEAST ((uint64_t)1 << 20)
#define HELD_MOST  ((uint64_t)8 << 20)
/* Where tables are asked to be exact: counts are less than 2^30 then. */
#define HELD_ALL_MOST ((uint64_t)1 << 30)

/* ---- how much is held ---------------------------------------------------- */

static uint64_t
least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Bytes of tokens that may wait for their codes. */
static uint64_t
held_bytes(const struct mill_encode *how, const struct mill_shape *shape)
{
    uint64_t blocks =
        codec__jpeg_coefficient_bytes(shape) / (DCTSIZE2 * sizeof(JCOEF));
    uint64_t all = blocks * BLOCK_TOKENS_LIKELY * sizeof(uint16_t);
    uint64_t samples = 0;
    if (how->tables == MILL_TABLES_STANDARD)
        return 0;
    if (how->tables == MILL_TABLES_EXACT)
        return least_of(all, HELD_ALL_MOST);
    for (unsigned p = 0; p < shape->n_planes; p++)
        samples += (uint64_t)shape->plane[p].w * shape->plane[p].h;
    if (samples < HELD_LEAST)
        samples = HELD_LEAST;
    return least_of(all, least_of(samples, HELD_MOST));
}

uint64_t
codec__jpeg_coder_bytes(const struct mill_encode *how,
                        const struct mill_shape *shape)
{
    return sizeof(struct jpeg_coder) + PIECE_TOKENS * sizeof(uint16_t) +
           held_bytes(how, shape);
}

/* ---- open ---------------------------------------------------------------- */

static uint32_t
blocks_of(uint32_t samples)
{
    return (samples + DCTSIZE - 1) / DCTSIZE;
}

static void
set_planes(struct jpeg_coder *coder, const struct mill_shape *shape)
{
    unsigned blocks = 0;
    coder->n_planes = shape->n_planes;
    coder->n_tables = shape->n_planes > 1 ? 2 : 1;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const jpeg_component_info *c = &coder->jpeg->comp_info[p];
        struct jpeg_coder_plane *plane = &coder->plane[p];
        plane->columns = blocks_of(shape->plane[p].w);
        plane->rows = blocks_of(shape->plane[p].h);
        plane->across = (unsigned)c->h_samp_factor;
        plane->down = (unsigned)c->v_samp_factor;
        plane->table = (unsigned)c->quant_tbl_no;
        blocks += plane->across * plane->down;
        uint32_t mcus = (plane->columns + plane->across - 1) / plane->across;
        if (coder->mcus < mcus)
            coder->mcus = mcus;
    }
    coder->piece_mcus = JPEG_PIECE_BLOCKS / blocks;
}

static void
set_divisors(struct jpeg_coder *coder, enum mill_rounding rounding)
{
    for (unsigned i = 0; i < coder->n_tables; i++)
        codec__divisors_make(&coder->divisors[i],
                             coder->jpeg->quant_tbl_ptrs[i]->quantval,
                             rounding);
}

struct jpeg_coder *
codec__jpeg_coder_open(struct jpeg_compress_struct *jpeg,
                       const struct mill_encode *how,
                       const struct mill_shape *shape, struct mill_arena *arena,
                       struct mill_err *err)
{
    struct jpeg_coder *coder =
        mill_arena_take_zeroed(arena, sizeof *coder, err);
    size_t held = (size_t)held_bytes(how, shape);
    if (!coder)
        return NULL;
    coder->jpeg = jpeg;
    coder->kernels = codec__kernels();
    coder->coded = how->tables == MILL_TABLES_STANDARD;
    coder->room = PIECE_TOKENS + held / sizeof(uint16_t);
    coder->tokens = mill_arena_take(arena, coder->room * sizeof(uint16_t), err);
    coder->next = coder->tokens;
    set_planes(coder, shape);
    set_divisors(coder, (enum mill_rounding)how->rounding);
    coder->pen.at = coder->stage;
    return coder->tokens ? coder : NULL;
}

/* ---- tables -------------------------------------------------------------- */

/* jpeg's tables become the scan's. From now on no token waits: they are written
 * while they are still in a cache. */
static void
use_tables(struct jpeg_coder *coder)
{
    struct jpeg_compress_struct *jpeg = coder->jpeg;
    for (unsigned i = 0; i < coder->n_tables; i++)
        codec__jpeg_codes_of(jpeg->dc_huff_tbl_ptrs[i],
                             jpeg->ac_huff_tbl_ptrs[i],
                             coder->codes + (size_t)i * CODEC__SYMBOLS);
    codec__jpeg_write_scan(jpeg);
    coder->coded = true;
    coder->room = PIECE_TOKENS;
}

/* Of what was counted; is it all there is? */
static void
make_tables(struct jpeg_coder *coder, bool all)
{
    struct jpeg_compress_struct *jpeg = coder->jpeg;
    for (unsigned i = 0; i < coder->n_tables; i++) {
        struct jpeg_counts counts;
        codec__jpeg_count_all(&counts, &coder->counts, i);
        if (!all)
            codec__jpeg_count_legal(&counts);
        codec__jpeg_fit_table(counts.dc, jpeg->dc_huff_tbl_ptrs[i]);
        codec__jpeg_fit_table(counts.ac, jpeg->ac_huff_tbl_ptrs[i]);
    }
    use_tables(coder);
}

void
codec__jpeg_coder_start(struct jpeg_coder *coder)
{
    codec__jpeg_write_frame(coder->jpeg);
    if (coder->coded)
        use_tables(coder);
}

/* ---- pieces -------------------------------------------------------------- */

/* Blocks of the plane in MCUs [from, from + n) of the row that are in the
 * picture. */
static unsigned
columns_in(const struct jpeg_coder_plane *plane, uint32_t from, unsigned n)
{
    uint32_t first = from * plane->across, wanted = n * plane->across;
    uint32_t left = plane->columns > first ? plane->columns - first : 0;
    return wanted < left ? wanted : left;
}

/* And rows of them. */
static unsigned
rows_in(const struct jpeg_coder *coder, const struct jpeg_coder_plane *plane)
{
    uint32_t first = coder->y * plane->down;
    uint32_t left = plane->rows > first ? plane->rows - first : 0;
    return plane->down < left ? plane->down : left;
}

/* The plane's blocks in n MCUs that are beside the picture: no more than the DC
 * before them. */
static void
fill_beside(struct jpeg_coder *coder, const struct jpeg_coder_plane *plane,
            uint32_t from, unsigned n)
{
    unsigned rows = rows_in(coder, plane), across = plane->across;
    int16_t dc = (int16_t)plane->dc;
    for (unsigned i = 0; i < n; i++) {
        unsigned columns = columns_in(plane, from + i, 1);
        for (unsigned k = 0; k < plane->down * across; k++) {
            unsigned x = k % across, y = k / across;
            struct codec__forward_block *block =
                coder->blocks + plane->first + (y * n + i) * across + x;
            if (x >= columns || y >= rows) {
                block->zigzag[0] = dc;
                block->set = 0;
            }
            dc = block->zigzag[0];
        }
    }
}

/* The plane's blocks in n MCUs, row after row. */
static void
make_plane(struct jpeg_coder *coder, const struct jpeg_coder_plane *plane,
           const struct mill_rows *samples, uint32_t from, unsigned n)
{
    struct codec__forward_block *to = coder->blocks + plane->first;
    unsigned columns = columns_in(plane, from, n), across = n * plane->across;
    unsigned rows = rows_in(coder, plane);
    for (unsigned y = 0; y < rows && columns; y++) {
        const uint8_t *at = mill_rows_at(samples, y * DCTSIZE);
        at += (size_t)from * plane->across * DCTSIZE;
        coder->kernels->forward(at, samples->stride_bytes, columns,
                                &coder->divisors[plane->table],
                                to + (size_t)y * across);
    }
    if (rows < plane->down || columns < across)
        fill_beside(coder, plane, from, n);
}

/* The order of the blocks in n MCUs; *to: behind the plane's. */
static struct codec__mcu_block *
order_plane(struct jpeg_coder *coder, struct jpeg_coder_plane *plane,
            unsigned n, struct codec__mcu_block *to)
{
    const struct codec__forward_block *row = coder->blocks + plane->first;
    for (unsigned y = 0; y < plane->down; y++, row += n * plane->across)
        for (unsigned x = 0; x < plane->across; x++)
            *to++ = (struct codec__mcu_block){
                .at = row + x,
                .step = (uint16_t)plane->across,
                .table = plane->table ? CODEC__TABLE_BIT : 0,
                .dc = &plane->dc};
    return to;
}

static void
add_piece(struct jpeg_coder *coder, const struct mill_band *rows, uint32_t from,
          unsigned n)
{
    struct codec__mcus mcus;
    struct codec__mcu_block *end = mcus.block;
    uint16_t *first = coder->next;
    unsigned place = 0;
    for (unsigned p = 0; p < coder->n_planes; p++) {
        struct jpeg_coder_plane *plane = &coder->plane[p];
        plane->first = place;
        place += n * plane->across * plane->down;
        make_plane(coder, plane, &rows->plane[p], from, n);
        end = order_plane(coder, plane, n, end);
    }
    mcus.n = (unsigned)(end - mcus.block);
    coder->next = coder->kernels->tokens(&mcus, n, first);
    if (!coder->coded)
        codec__token_count(first, (size_t)(coder->next - first),
                           &coder->counts);
}

void
codec__jpeg_coder_row(struct jpeg_coder *coder, const struct mill_band *rows)
{
    unsigned n;
    for (uint32_t from = 0; from < coder->mcus; from += n) {
        n = coder->mcus - from < coder->piece_mcus ? coder->mcus - from
                                                   : coder->piece_mcus;
        if (coder->room - (size_t)(coder->next - coder->tokens) <
            PIECE_TOKENS) {
            if (!coder->coded)
                make_tables(coder, false);
            codec__jpeg_write_tokens(coder);
        }
        add_piece(coder, rows, from, n);
    }
    coder->y++;
}

void
codec__jpeg_coder_end(struct jpeg_coder *coder)
{
    if (!coder->coded)
        make_tables(coder, true);
    codec__jpeg_write_tokens(coder);
    codec__jpeg_write_bits(coder);
    codec__jpeg_write_end(coder->jpeg);
}
