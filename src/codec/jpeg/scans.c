/* A progressive JPEG's rows without libjpeg, and without its coefficients.
 *
 *   walk ─► scan 1 ─► window ─► codes ┐
 *           scan 2 ─► window ─► codes ├► coefficients ─► IDCT ─► planes
 *           …                         ┘  of a row of MCUs
 *
 * A progressive picture's scans lie one after the other, each going over all of
 * it, and a block is known when the last has passed. Whoever reads them so must
 * hold every coefficient. But the file is in memory, so its scans are found
 * first and read side by side: each goes on by one row of MCUs, in the file's
 * order, and that row is done.
 *
 * Scans in which no component has a say are walked over: where a block gives
 * one sample, all but the DC.
 *
 * Runs on the lane's thread; memory comes from the image's arena and grows with
 * the picture's width and the number of scans. */
#include "scans.h"

#include <string.h>

enum { SIDE_DC = 1 }; /* of a block that shows its DC alone */
enum { JPEG_BURSTS_BYTES = CODEC__BURSTS * sizeof(struct codec__burst) };
enum { AHEAD = 8 }; /* bytes at most that bits may be ahead of their use */

/* ---- what is ours -------------------------------------------------------- */

static bool
is_model(const struct mill_info *info)
{
    return info->shape.model == MILL_GRAY || info->shape.model == MILL_YCC;
}

bool
codec__jpeg_is_scans(const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    bool ours = is_model(&reader->info) && jpeg->progressive_mode &&
                !jpeg->arith_code && jpeg->data_precision == 8 &&
                jpeg->unread_marker == 0;
    for (int p = 0; ours && p < jpeg->num_components; p++) {
        int table = jpeg->comp_info[p].quant_tbl_no;
        ours = table < NUM_QUANT_TBLS && jpeg->quant_tbl_ptrs[table];
    }
    return ours;
}

/* Has the scan a say in any sample? */
static bool
matters(const struct jpeg_scans *scans, const struct jpeg_scan_head *head)
{
    return !head->first || scans->plane[head->plane[0]].side > SIDE_DC;
}

/* ---- a scan -------------------------------------------------------------- */

static void
set_dc_blocks(const struct jpeg_scans *scans, struct jpeg_scan *scan)
{
    struct codec__dc_scan *dc = &scan->dc;
    dc->n_blocks = 0;
    for (unsigned i = 0; i < scan->head.n; i++) {
        const struct jpeg_scans_plane *plane =
            &scans->plane[scan->head.plane[i]];
        const struct jpeg_scan_table *table =
            scan->head.table[i] ? &scan->table[i] : NULL;
        bool alone = scan->head.n == 1;
        unsigned across = alone ? 1 : plane->across;
        unsigned blocks = alone ? 1 : plane->across * plane->down;
        for (unsigned j = 0; j < blocks; j++)
            dc->block[dc->n_blocks++] = (struct codec__dc_block){
                .next = (ptrdiff_t)(across * plane->step),
                .plane = i,
                .steps = table ? table->steps : NULL,
                .huffman = table ? &table->huffman : NULL};
    }
}

static bool
set_scan(const struct jpeg_scans *scans, struct jpeg_scan *scan)
{
    const struct jpeg_scan_head *head = &scan->head;
    unsigned end_bits = 0;
    for (unsigned i = 0; i < head->n && head->table[i]; i++) {
        struct jpeg_scan_table *table = &scan->table[i];
        if (!codec__jpeg_huffman(&table->huffman, head->table[i], !head->first))
            return false;
        end_bits = codec__jpeg_steps(table->steps, &table->huffman, head->kind,
                                     head->low);
    }
    if (scan->bursts)
        codec__jpeg_bursts(scan->bursts, scan->table->steps);
    if (head->first)
        scan->ac = (struct codec__ac_scan){.steps = scan->table->steps,
                                           .bursts = scan->bursts,
                                           .huffman = &scan->table->huffman,
                                           .first = head->first,
                                           .last = head->last,
                                           .low = head->low,
                                           .end_bits = (uint8_t)end_bits};
    else
        scan->dc = (struct codec__dc_scan){.low = head->low};
    if (!head->first)
        set_dc_blocks(scans, scan);
    codec__jpeg_window_open(&scan->window, head->in, scan->bytes,
                            JPEG_SCAN_WINDOW, JPEG_SCAN_PAD);
    return true;
}

/* Both kinds of scan begin with these. */
static struct codec__scan_bits *
bits_of(struct jpeg_scan *scan)
{
    return scan->head.first ? &scan->ac.in : &scan->dc.in;
}

static void
set_limit(struct jpeg_scan *scan)
{
    const struct jpeg_window *window = &scan->window;
    ptrdiff_t ahead = window->last ? AHEAD : -(ptrdiff_t)JPEG_SCAN_PAD;
    bits_of(scan)->limit = window->end + ahead;
}

/* At the scan's first byte, or behind a restart. */
static void
begin_part(struct jpeg_scan *scan)
{
    codec__jpeg_window_begin(&scan->window, &bits_of(scan)->bits);
    set_limit(scan);
    scan->left = scan->head.restart;
    if (scan->head.first)
        scan->ac.ended = 0;
    else
        memset(scan->dc.before, 0, sizeof scan->dc.before);
}

static bool
pass_restart(struct jpeg_scan *scan)
{
    if (!codec__jpeg_window_marker(&scan->window, &bits_of(scan)->bits,
                                   (uint8_t)(JPEG_RST0 + scan->marker)))
        return false;
    scan->marker = (scan->marker + 1) & 7;
    begin_part(scan);
    return true;
}

/* ---- a row of one scan --------------------------------------------------- */

/* One row of n units; of AC, blocks that begin with `at`. */
static int
read_units(const struct jpeg_scans *scans, struct jpeg_scan *scan, size_t at,
           int n)
{
    const struct jpeg_scans_plane *plane = &scans->plane[scan->head.plane[0]];
    int16_t *places = plane->coefs + at * plane->step;
    switch ((enum codec__scan_kind)scan->head.kind) {
    case CODEC__DC_FIRST:
        return scans->kernels->dc_first(&scan->dc, n);
    case CODEC__DC_REFINE:
        return codec__dc_refine(&scan->dc, n);
    case CODEC__AC_FIRST:
        return scans->kernels->ac_first(&scan->ac, places,
                                        plane->maps.found + at, n);
    case CODEC__AC_REFINE:
        return scans->kernels->ac_refine(&scan->ac, &plane->maps, at, n);
    }
    return CODEC__SCAN_BAD;
}

/* n units between two restarts; the window is filled where the loop asks. */
static bool
read_part(const struct jpeg_scans *scans, struct jpeg_scan *scan, size_t at,
          int n)
{
    for (;;) {
        int passed = read_units(scans, scan, at, n);
        if (passed == n)
            return codec__jpeg_window_is_sound(&scan->window,
                                               &bits_of(scan)->bits);
        if (passed < 0 || scan->window.last)
            return false;
        at += (unsigned)passed;
        n -= passed;
        codec__jpeg_window_fill(&scan->window, &bits_of(scan)->bits);
        set_limit(scan);
    }
}

static bool
read_row(const struct jpeg_scans *scans, struct jpeg_scan *scan, size_t at,
         uint32_t n)
{
    bool restarts = scan->head.restart;
    while (n) {
        uint32_t part = n;
        if (restarts && !scan->left && !pass_restart(scan))
            return false;
        if (restarts && part > scan->left)
            part = scan->left;
        if (!read_part(scans, scan, at, (int)part))
            return false;
        scan->left -= part;
        at += part;
        n -= part;
    }
    return true;
}

/* The first MCU's DCs; `row` of the plane, if it is alone. */
static void
set_dc_row(const struct jpeg_scans *scans, struct jpeg_scan *scan, unsigned row)
{
    struct codec__dc_block *block = scan->dc.block;
    for (unsigned i = 0; i < scan->head.n; i++) {
        const struct jpeg_scans_plane *plane =
            &scans->plane[scan->head.plane[i]];
        bool alone = scan->head.n == 1;
        unsigned end = alone ? row + 1 : plane->down;
        unsigned across = alone ? 1 : plane->across;
        for (unsigned y = alone ? row : 0; y < end; y++)
            for (unsigned x = 0; x < across; x++)
                block++->to =
                    plane->coefs + (y * plane->stride + x) * plane->step;
    }
}

/* A component by itself has no blocks beyond its own size. */
static bool
read_scan(const struct jpeg_scans *scans, struct jpeg_scan *scan)
{
    const struct jpeg_scans_plane *plane = &scans->plane[scan->head.plane[0]];
    if (scan->head.n > 1) {
        set_dc_row(scans, scan, 0);
        return read_row(scans, scan, 0, scans->w);
    }
    for (unsigned row = 0;
         row < plane->down && scans->y * plane->down + row < plane->h; row++) {
        if (!scan->head.first)
            set_dc_row(scans, scan, row);
        if (!read_row(scans, scan, (size_t)row * plane->stride, plane->w))
            return false;
    }
    return true;
}

/* ---- a row of all -------------------------------------------------------- */

static bool
put_dcs(const struct jpeg_scans_plane *plane, uint8_t *to, size_t stride)
{
    bool good = true;
    for (unsigned row = 0; row < plane->down; row++)
        good &=
            codec__dc_samples(plane->coefs + (size_t)row * plane->stride,
                              plane->stride, &plane->quant, to + row * stride);
    return good;
}

static bool
put_plane(struct jpeg_scans *scans, const struct jpeg_scans_plane *plane,
          uint8_t *to, size_t stride)
{
    bool good = true;
    if (plane->side == SIDE_DC)
        return put_dcs(plane, to, stride);
    for (unsigned row = 0; good && row < plane->down; row++)
        for (uint32_t x = 0, n; good && x < plane->stride; x += n) {
            n = plane->stride - x < JPEG_BATCH ? plane->stride - x : JPEG_BATCH;
            size_t at = (size_t)row * plane->stride + x;
            int16_t *places = plane->coefs + at * CODEC__PLACE;
            scans->kernels->settle(places, &plane->maps, at, n);
            struct codec__strip strip = {.places = places,
                                         .group = n,
                                         .jump = n,
                                         .n = n,
                                         .side = plane->side,
                                         .quant = &plane->quant,
                                         .to = to +
                                               (row * stride + x) * plane->side,
                                         .stride = stride};
            good = scans->kernels->idct(&strip);
        }
    return good;
}

static bool
next_row(struct jpeg_rows *rows, uint8_t *const to[JPEG_OWN_PLANES],
         const size_t stride[JPEG_OWN_PLANES])
{
    struct jpeg_scans *scans = (struct jpeg_scans *)rows;
    bool ends = scans->y + 1 == scans->h;
    for (struct jpeg_scan *scan = scans->scans; scan; scan = scan->next)
        if (!read_scan(scans, scan) ||
            (ends &&
             !codec__jpeg_window_marker(&scan->window, &bits_of(scan)->bits,
                                        scan->head.ended_by)))
            return false;
    for (unsigned p = 0; p < scans->rows.n_planes; p++)
        if (!put_plane(scans, &scans->plane[p], to[p], stride[p]))
            return false;
    scans->y++;
    return true;
}

/* ---- opening ------------------------------------------------------------- */

static size_t
blocks_of(const struct jpeg_scans_plane *plane)
{
    return (size_t)plane->stride * plane->down;
}

static uint64_t *
take_map(const struct jpeg_scans_plane *plane, struct mill_arena *arena,
         struct mill_err *err)
{
    return mill_arena_take_zeroed(arena, blocks_of(plane) * sizeof(uint64_t),
                                  err);
}

static bool
take_plane(struct jpeg_scans *scans, const jpeg_component_info *c, unsigned p,
           const JQUANT_TBL *quant, struct mill_arena *arena,
           struct mill_err *err)
{
    struct jpeg_scans_plane *plane = &scans->plane[p];
    plane->w = c->width_in_blocks;
    plane->h = c->height_in_blocks;
    plane->across = (unsigned)c->h_samp_factor;
    plane->down = (unsigned)c->v_samp_factor;
    plane->stride = scans->w * plane->across;
    plane->side = (unsigned)c->DCT_scaled_size;
    scans->rows.lines[p] = plane->down * plane->side;
    plane->step = plane->side == SIDE_DC ? 1 : CODEC__PLACE;
    size_t blocks = blocks_of(plane);
    plane->coefs = mill_arena_take_zeroed(
        arena, blocks * plane->step * sizeof *plane->coefs, err);
    plane->maps.found = take_map(plane, arena, err);
    plane->maps.minus = take_map(plane, arena, err);
    codec__jpeg_quant(&plane->quant, quant);
    return plane->coefs && plane->maps.found && plane->maps.minus;
}

static bool
take_planes(struct jpeg_scans *scans, const struct jpeg_reader *reader,
            struct mill_arena *arena, struct mill_err *err)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    uint32_t mcu_w = (uint32_t)jpeg->max_h_samp_factor * DCTSIZE;
    scans->rows = (struct jpeg_rows){
        .next = next_row,
        .n_planes = (unsigned)jpeg->num_components,
        .mcu_px = (uint32_t)jpeg->max_v_samp_factor * DCTSIZE};
    scans->w = (jpeg->image_width + mcu_w - 1) / mcu_w;
    scans->h = jpeg->total_iMCU_rows;
    for (unsigned p = 0; p < scans->rows.n_planes; p++) {
        const jpeg_component_info *c = &jpeg->comp_info[p];
        if (!take_plane(scans, c, p, jpeg->quant_tbl_ptrs[c->quant_tbl_no],
                        arena, err))
            return false;
    }
    return true;
}

/* What a scan that refines AC has beside. */
static bool
take_refining(struct jpeg_scans *scans, struct jpeg_scan *scan,
              struct mill_arena *arena, struct mill_err *err)
{
    struct jpeg_scans_plane *plane = &scans->plane[scan->head.plane[0]];
    struct codec__maps *maps = &plane->maps;
    unsigned low = scan->head.low;
    if (!maps->more[low])
        maps->more[low] = take_map(plane, arena, err);
    if (low >= maps->n_more)
        maps->n_more = low + 1;
    scan->bursts = mill_arena_take(arena, JPEG_BURSTS_BYTES, err);
    return maps->more[low] && scan->bursts;
}

/* The head's scan, ready to be read, behind the others. False: it is not ours,
 * or err has a status. */
static bool
take_scan(struct jpeg_scans *scans, const struct jpeg_scan_head *head,
          struct mill_arena *arena, struct mill_err *err)
{
    unsigned tables = 0;
    while (tables < head->n && head->table[tables])
        tables++;
    struct jpeg_scan *scan = mill_arena_take(
        arena, sizeof *scan + tables * sizeof *scan->table, err);
    if (!scan)
        return false;
    scan->next = NULL;
    scan->head = *head;
    scan->marker = 0;
    scan->bursts = NULL;
    if (head->kind == CODEC__AC_REFINE &&
        !take_refining(scans, scan, arena, err))
        return false;
    if (!set_scan(scans, scan))
        return false;
    begin_part(scan);
    *scans->last = scan;
    scans->last = &scan->next;
    return true;
}

/* What libjpeg would say of tables that we do not use. */
static bool
has_sound_tables(const struct jpeg_scan_head *head)
{
    struct codec__huffman huffman;
    for (unsigned i = 0; i < head->n && head->table[i]; i++)
        if (!codec__jpeg_huffman(&huffman, head->table[i], !head->first))
            return false;
    return true;
}

/* False: not ours, or err has a status. */
static bool
take_scans(struct jpeg_scans *scans, const struct jpeg_reader *reader,
           uint32_t most, struct mill_arena *arena, struct mill_err *err)
{
    struct jpeg_walk walk;
    struct jpeg_scan_head head;
    enum jpeg_step step;
    uint32_t n = 0;
    if (most > JPEG_SCANS_MOST)
        most = JPEG_SCANS_MOST;
    scans->last = &scans->scans;
    codec__jpeg_walk_open(&walk, reader);
    while ((step = codec__jpeg_walk_on(&walk, &head)) == JPEG_STEP_SCAN) {
        bool good = matters(scans, &head) ? take_scan(scans, &head, arena, err)
                                          : has_sound_tables(&head);
        if (!good || ++n > most)
            return false;
    }
    return step == JPEG_STEP_END;
}

enum mill_status
codec__jpeg_scans_open(struct jpeg_rows **rows,
                       const struct jpeg_reader *reader,
                       const struct codec__kernels *kernels, uint32_t most,
                       struct mill_arena *arena, struct mill_err *err)
{
    *rows = NULL;
    if (!codec__jpeg_is_scans(reader))
        return MILL_OK;
    err->status = MILL_OK;
    struct jpeg_scans *made = mill_arena_take_zeroed(arena, sizeof *made, err);
    if (!made)
        return (enum mill_status)err->status;
    made->kernels = kernels;
    if (take_planes(made, reader, arena, err) &&
        take_scans(made, reader, most, arena, err))
        *rows = &made->rows;
    return (enum mill_status)err->status;
}

/* An arena's takes are rounded up. Of a block's samples, each is a coefficient
 * in a place, and a bit in all maps. */
uint64_t
codec__jpeg_scans_bytes(const struct mill_info *info)
{
    enum { IMCU_MOST = MAX_SAMP_FACTOR * DCTSIZE, ROUNDING = 64 };
    enum { MAPS = 2 + CODEC__LOWS };
    enum { BLOCK_BYTES = CODEC__PLACE * sizeof(int16_t) + MAPS * 8 };
    struct mill_shape shape =
        codec__jpeg_padded(&info->shape, IMCU_MOST, IMCU_MOST);
    uint64_t samples = mill_band_bytes(&shape, IMCU_MOST);
    uint64_t scan = sizeof(struct jpeg_scan) + JPEG_BURSTS_BYTES +
                    2 * ROUNDING +
                    JPEG_OWN_PLANES * sizeof(struct jpeg_scan_table);
    uint64_t fixed = sizeof(struct jpeg_scans) + JPEG_SCANS_MOST * scan +
                     (1 + (1 + MAPS) * JPEG_OWN_PLANES) * ROUNDING;
    bool ours = info->facts.interlaced && is_model(info);
    return ours ? mill_u64_add(fixed,
                               mill_u64_mul(samples / DCTSIZE2, BLOCK_BYTES))
                : 0;
}
