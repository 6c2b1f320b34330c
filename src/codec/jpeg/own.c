/* A sequential JPEG's rows without libjpeg.
 *
 *   scan ─► window ─► codes ─► a batch of blocks ─► DC sums ─► IDCT ─► planes
 *
 * libjpeg has read the header and made itself ready to read the scan; tables,
 * factors and block sizes are taken from it. A batch is a few MCUs: small
 * enough for the first cache, large enough that the loops over codes and over
 * blocks each have it to themselves. Blocks of a batch always stand at the same
 * places among the MCU's, so where a component gives a sample a block, what its
 * skipped coefficients leave in their places harms nobody.
 *
 * Runs on the lane's thread; memory comes from the image's arena and does not
 * grow with the picture.
 *
 * Ours is what is certainly right: each restart where it belongs, the end
 * marker behind the last bit, all values in the range in which every variant of
 * libjpeg agrees. */
#include "own.h"

enum { DC_MOST = CODEC__VALUE_END - 1 };

/* ---- what is ours -------------------------------------------------------- */

static bool
is_sequential(const struct jpeg_decompress_struct *jpeg)
{
    return !jpeg->progressive_mode && !jpeg->arith_code &&
           jpeg->data_precision == 8 && jpeg->Ss == 0 &&
           jpeg->Se == DCTSIZE2 - 1 && jpeg->Ah == 0 && jpeg->Al == 0 &&
           jpeg->unread_marker == 0;
}

/* One scan of all components, in their order. */
static bool
is_one_scan(const struct jpeg_decompress_struct *jpeg)
{
    if (jpeg->comps_in_scan != jpeg->num_components)
        return false;
    for (int i = 0; i < jpeg->num_components; i++)
        if (jpeg->cur_comp_info[i] != &jpeg->comp_info[i])
            return false;
    return true;
}

bool
codec__jpeg_is_own(const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    return codec__jpeg_own_bytes(&reader->info) && is_sequential(jpeg) &&
           is_one_scan(jpeg);
}

uint64_t
codec__jpeg_own_bytes(const struct mill_info *info)
{
    bool ours =
        !info->whole && !info->facts.interlaced &&
        (info->shape.model == MILL_GRAY || info->shape.model == MILL_YCC);
    return ours ? sizeof(struct jpeg_own) : 0;
}

/* ---- tables -------------------------------------------------------------- */

void
codec__jpeg_quant(struct codec__quant *quant, const JQUANT_TBL *table)
{
    for (unsigned i = 0; i < DCTSIZE2; i++) {
        unsigned step = table->quantval[i];
        unsigned most = step ? (CODEC__VALUE_END - 1) / step : INT16_MAX;
        for (unsigned twice = 0; twice < 16; twice += 8) {
            quant->step[i / 8][i % 8 + twice] = (int16_t)step;
            quant->most[i / 8][i % 8 + twice] = (int16_t)most;
        }
    }
}

/* An earlier plane whose codes serve this one too, or itself. */
static int
plane_alike(const struct jpeg_decompress_struct *jpeg, int p)
{
    const jpeg_component_info *c = jpeg->comp_info;
    int i = 0;
    while (c[i].dc_tbl_no != c[p].dc_tbl_no ||
           c[i].ac_tbl_no != c[p].ac_tbl_no ||
           (c[i].DCT_scaled_size == 1) != (c[p].DCT_scaled_size == 1))
        i++;
    return i;
}

static bool
set_codes(struct jpeg_own *own, const struct jpeg_decompress_struct *jpeg,
          int p)
{
    const jpeg_component_info *c = &jpeg->comp_info[p];
    struct codec__huffman *dc = &own->dc[p], *ac = &own->ac[p];
    bool skips = c->DCT_scaled_size == 1;
    const JHUFF_TBL *dc_table = jpeg->dc_huff_tbl_ptrs[c->dc_tbl_no];
    const JHUFF_TBL *ac_table = jpeg->ac_huff_tbl_ptrs[c->ac_tbl_no];
    if (!dc_table || !ac_table || !codec__jpeg_huffman(dc, dc_table, true) ||
        !codec__jpeg_huffman(ac, ac_table, false))
        return false;
    codec__jpeg_codes(&own->codes[2 * p], dc, ac, skips);
    codec__jpeg_codes(&own->codes[2 * p + 1], ac, ac, skips);
    return true;
}

/* ---- planes and blocks --------------------------------------------------- */

static bool
set_plane(struct jpeg_own *own, const struct jpeg_decompress_struct *jpeg,
          int p)
{
    const jpeg_component_info *c = &jpeg->comp_info[p];
    struct jpeg_own_plane *plane = &own->plane[p];
    int alike = plane_alike(jpeg, p);
    plane->across = (unsigned)c->MCU_width;
    plane->down = (unsigned)c->MCU_height;
    plane->first = own->n_blocks;
    plane->side = (unsigned)c->DCT_scaled_size;
    own->rows.lines[p] = plane->down * plane->side;
    codec__jpeg_quant(&plane->quant, c->quant_table);
    if (alike == p && !set_codes(own, jpeg, p))
        return false;
    for (unsigned i = 0; i < plane->across * plane->down; i++)
        own->ac_of[own->n_blocks++] = &own->codes[2 * alike + 1];
    return true;
}

/* Blocks of a batch take their codes in turn, as an MCU's do. */
static void
set_blocks(struct jpeg_own *own)
{
    for (unsigned i = 0; i < JPEG_BATCH; i++)
        own->blocks[i] = (struct codec__block){
            .ac = own->ac_of[i % own->n_blocks],
            .next = own->ac_of[(i + 1) % own->n_blocks] - 1,
            .next_order = (uintptr_t)codec__zigzag};
    own->entropy.blocks = own->blocks;
    own->entropy.dc = own->ac_of[0] - 1;
}

/* ---- batches ------------------------------------------------------------- */

static bool
pass_restart(struct jpeg_own *own)
{
    if (!codec__jpeg_window_marker(&own->window, &own->entropy.bits,
                                   (uint8_t)(JPEG_RST0 + own->marker)))
        return false;
    codec__jpeg_window_begin(&own->window, &own->entropy.bits);
    own->marker = (own->marker + 1) & 7;
    own->left = own->restart;
    for (unsigned p = 0; p < own->rows.n_planes; p++)
        own->plane[p].dc = 0;
    return true;
}

/* n MCUs' differences to values. */
static bool
sum_plane(struct jpeg_own *own, struct jpeg_own_plane *plane, unsigned n)
{
    unsigned blocks = plane->across * plane->down;
    int16_t *mcu = own->blocks[plane->first].place;
    int dc = plane->dc;
    bool wild = false;
    for (; n; n--, mcu += own->n_blocks * CODEC__PLACE)
        for (unsigned i = 0; i < blocks; i++) {
            dc += mcu[i * CODEC__PLACE];
            wild |= (unsigned)(dc + DC_MOST) > 2 * DC_MOST;
            mcu[i * CODEC__PLACE] = (int16_t)dc;
        }
    plane->dc = dc;
    return !wild;
}

/* MCUs [x, x + n) of one plane to its rows, of which `to` is the first. */
static bool
put_plane(struct jpeg_own *own, unsigned p, uint32_t x, unsigned n, uint8_t *to,
          size_t stride)
{
    struct jpeg_own_plane *plane = &own->plane[p];
    bool good = sum_plane(own, plane, n);
    for (unsigned row = 0; good && row < plane->down; row++) {
        unsigned first = plane->first + row * plane->across;
        struct codec__strip strip = {.places = own->blocks[first].place,
                                     .group = plane->across,
                                     .jump = own->n_blocks,
                                     .n = n * plane->across,
                                     .side = plane->side,
                                     .quant = &plane->quant,
                                     .to = to + row * plane->side * stride +
                                           (size_t)x * plane->across *
                                               plane->side,
                                     .stride = stride};
        good = own->kernels->idct(&strip);
    }
    return good;
}

static unsigned
batch_at(const struct jpeg_own *own, uint32_t x)
{
    uint32_t n = JPEG_BATCH / own->n_blocks;
    if (n > own->w - x)
        n = own->w - x;
    return own->restart && n > own->left ? own->left : n;
}

static bool
next_row(struct jpeg_rows *rows, uint8_t *const to[JPEG_OWN_PLANES],
         const size_t stride[JPEG_OWN_PLANES])
{
    struct jpeg_own *own = (struct jpeg_own *)rows;
    struct codec__bits *bits = &own->entropy.bits;
    for (uint32_t x = 0, n; x < own->w; x += n) {
        if (own->restart && !own->left && !pass_restart(own))
            return false;
        n = batch_at(own, x);
        codec__jpeg_window_fill(&own->window, bits);
        if (!own->kernels->entropy(&own->entropy, n * own->n_blocks) ||
            !codec__jpeg_window_is_sound(&own->window, bits))
            return false;
        for (unsigned p = 0; p < own->rows.n_planes; p++)
            if (!put_plane(own, p, x, n, to[p], stride[p]))
                return false;
        own->left -= n;
    }
    return ++own->y < own->h ||
           codec__jpeg_window_marker(&own->window, bits, JPEG_EOI);
}

/* ---- opening ------------------------------------------------------------- */

static bool
set_up(struct jpeg_own *own, const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    own->w = jpeg->MCUs_per_row;
    own->h = jpeg->MCU_rows_in_scan;
    own->rows = (struct jpeg_rows){
        .next = next_row,
        .n_planes = (unsigned)jpeg->num_components,
        .mcu_px =
            DCTSIZE *
            (jpeg->num_components > 1 ? (uint32_t)jpeg->max_v_samp_factor : 1)};
    own->restart = jpeg->restart_interval;
    for (int p = 0; p < jpeg->num_components; p++)
        if (!set_plane(own, jpeg, p))
            return false;
    set_blocks(own);
    codec__jpeg_window_open(&own->window,
                            (struct mill_bytes){reader->source.next_input_byte,
                                                reader->source.bytes_in_buffer},
                            own->bytes, JPEG_WINDOW_BYTES, JPEG_WINDOW_PAD);
    codec__jpeg_window_begin(&own->window, &own->entropy.bits);
    own->left = own->restart;
    return true;
}

enum mill_status
codec__jpeg_own_open(struct jpeg_rows **rows, const struct jpeg_reader *reader,
                     const struct codec__kernels *kernels,
                     struct mill_arena *arena, struct mill_err *err)
{
    *rows = NULL;
    if (!codec__jpeg_is_own(reader))
        return MILL_OK;
    struct jpeg_own *made = mill_arena_take(arena, sizeof *made, err);
    if (!made)
        return (enum mill_status)err->status;
    made->kernels = kernels;
    made->n_blocks = 0;
    made->y = 0;
    made->marker = 0;
    for (unsigned p = 0; p < JPEG_OWN_PLANES; p++)
        made->plane[p].dc = 0;
    if (set_up(made, reader))
        *rows = &made->rows;
    return MILL_OK;
}
