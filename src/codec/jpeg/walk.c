/* The scans of a progressive JPEG, found without decoding one.
 *
 * libjpeg has read everything up to the first scan. From there on the walk goes
 * over markers and the bytes between them, and knows at its end what libjpeg
 * would: that each bit of each coefficient was given once, and in order; that
 * restarts are where they belong; that nothing stands between the scans but
 * tables and what has no say. Whatever else stands there is libjpeg's.
 *
 * Nothing here allocates or fails. */
#include "scans.h"

#include <string.h>

enum {
    MARKER_DHT = 0xC4,
    MARKER_SOS = 0xDA,
    MARKER_DRI = 0xDD,
    MARKER_APP0 = 0xE0,
    MARKER_APP14 = 0xEE,
    MARKER_APP15 = 0xEF,
    MARKER_COM = 0xFE
};
enum { MARKER_BYTES = 2, UNSEEN = -1, LOW_MOST = 13, COUNTS = 16 };

/* ---- bytes --------------------------------------------------------------- */

static void
skip(struct mill_bytes *in, size_t n)
{
    in->at += n;
    in->n -= n;
}

/* The payload of the marker that is next, and the walk behind it. */
static bool
next_payload(struct jpeg_walk *walk, struct mill_bytes *payload)
{
    const uint8_t *at = walk->in.at;
    if (walk->in.n < 2 * MARKER_BYTES)
        return false;
    size_t n = (size_t)at[2] << 8 | at[3];
    if (n < 2 || n > walk->in.n - MARKER_BYTES)
        return false;
    *payload = (struct mill_bytes){at + 4, n - 2};
    skip(&walk->in, MARKER_BYTES + n);
    return true;
}

/* ---- tables and restarts ------------------------------------------------- */

/* One table off the front. */
static bool
take_table(struct jpeg_walk *walk, struct mill_bytes *in)
{
    unsigned is_ac = in->at[0] >> 4, i = in->at[0] & 15, n = 0;
    if (is_ac > 1 || i >= NUM_HUFF_TBLS)
        return false;
    JHUFF_TBL *table = &walk->tables[is_ac][i];
    for (unsigned length = 1; length <= COUNTS; length++) {
        table->bits[length] = in->at[length];
        n += in->at[length];
    }
    skip(in, 1 + COUNTS);
    if (n > sizeof table->huffval || n > in->n)
        return false;
    memset(table->huffval, 0, sizeof table->huffval);
    memcpy(table->huffval, in->at, n);
    skip(in, n);
    walk->has[is_ac][i] = true;
    return true;
}

static bool
take_tables(struct jpeg_walk *walk, struct mill_bytes in)
{
    while (in.n > 1 + COUNTS)
        if (!take_table(walk, &in))
            return false;
    return !in.n;
}

static bool
take_restart(struct jpeg_walk *walk, struct mill_bytes in)
{
    if (in.n != 2)
        return false;
    walk->restart = (uint32_t)in.at[0] << 8 | in.at[1];
    return true;
}

/* Everything before the next scan or the end. */
static bool
pass_markers(struct jpeg_walk *walk)
{
    struct mill_bytes payload;
    for (;;) {
        if (walk->in.n < MARKER_BYTES || walk->in.at[0] != 0xFF)
            return false;
        unsigned marker = walk->in.at[1];
        if (marker == MARKER_SOS || marker == JPEG_EOI)
            return true;
        bool idle = marker == MARKER_COM ||
                    (marker > MARKER_APP0 && marker <= MARKER_APP15 &&
                     marker != MARKER_APP14);
        if (!idle && marker != MARKER_DHT && marker != MARKER_DRI)
            return false;
        if (!next_payload(walk, &payload) ||
            (marker == MARKER_DHT && !take_tables(walk, payload)) ||
            (marker == MARKER_DRI && !take_restart(walk, payload)))
            return false;
    }
}

/* ---- a scan's header ----------------------------------------------------- */

static int
plane_named(const struct jpeg_decompress_struct *jpeg, unsigned id)
{
    for (int p = 0; p < jpeg->num_components; p++)
        if (jpeg->comp_info[p].component_id == (int)id)
            return p;
    return -1;
}

/* Which table its codes are of. */
static bool
take_plane(const struct jpeg_walk *walk, struct jpeg_scan_head *head,
           unsigned i, const uint8_t *at)
{
    int plane = plane_named(walk->jpeg, at[0]);
    bool is_ac =
        head->kind == CODEC__AC_FIRST || head->kind == CODEC__AC_REFINE;
    unsigned table = is_ac ? at[1] & 15 : at[1] >> 4;
    if (plane < 0 || (i > 0 && plane <= head->plane[i - 1]))
        return false;
    head->plane[i] = (uint8_t)plane;
    head->table[i] = NULL;
    if (head->kind == CODEC__DC_REFINE)
        return true;
    if (table >= NUM_HUFF_TBLS || !walk->has[is_ac][table])
        return false;
    head->table[i] = &walk->tables[is_ac][table];
    return true;
}

/* The bits that the scan gives follow those that were. */
static bool
is_in_order(struct jpeg_walk *walk, const struct jpeg_scan_head *head,
            unsigned high)
{
    int before = high ? (int)high : UNSEEN;
    for (unsigned i = 0; i < head->n; i++) {
        int8_t *lowest = walk->lowest[head->plane[i]];
        if (head->first && lowest[0] == UNSEEN)
            return false;
        for (unsigned k = head->first; k <= head->last; k++) {
            if (lowest[k] != before)
                return false;
            lowest[k] = (int8_t)head->low;
        }
    }
    return true;
}

static bool
take_band(struct jpeg_scan_head *head, const uint8_t at[3], unsigned *high)
{
    head->first = at[0];
    head->last = at[1];
    *high = at[2] >> 4;
    head->low = at[2] & 15;
    head->kind = (uint8_t)((head->first ? CODEC__AC_FIRST : CODEC__DC_FIRST) +
                           (*high > 0));
    bool bad = head->first ? head->last < head->first ||
                                 head->last >= DCTSIZE2 || head->n > 1
                           : head->last > 0;
    return !bad && head->low <= LOW_MOST && (!*high || head->low + 1u == *high);
}

static bool
take_head(struct jpeg_walk *walk, struct jpeg_scan_head *head)
{
    struct mill_bytes in;
    unsigned high, blocks = 0;
    if (!next_payload(walk, &in) || !in.n)
        return false;
    head->n = in.at[0];
    if (head->n < 1 || head->n > walk->jpeg->num_components ||
        in.n != 4u + 2u * head->n ||
        !take_band(head, in.at + 1 + 2 * head->n, &high))
        return false;
    for (unsigned i = 0; i < head->n; i++) {
        if (!take_plane(walk, head, i, in.at + 1 + 2 * i))
            return false;
        const jpeg_component_info *c = &walk->jpeg->comp_info[head->plane[i]];
        blocks += (unsigned)(c->h_samp_factor * c->v_samp_factor);
    }
    head->restart = walk->restart;
    head->in = walk->in;
    return (head->n == 1 || blocks <= D_MAX_BLOCKS_IN_MCU) &&
           is_in_order(walk, head, high);
}

/* ---- a scan's bytes ------------------------------------------------------ */

static uint64_t
units_of(const struct jpeg_decompress_struct *jpeg,
         const struct jpeg_scan_head *head)
{
    const jpeg_component_info *c = &jpeg->comp_info[head->plane[0]];
    uint32_t w = (uint32_t)jpeg->max_h_samp_factor * DCTSIZE;
    if (head->n == 1)
        return (uint64_t)c->width_in_blocks * c->height_in_blocks;
    return (uint64_t)((jpeg->image_width + w - 1) / w) * jpeg->total_iMCU_rows;
}

/* To the next marker, over stuffed bytes. */
static bool
find_marker(struct mill_bytes *in)
{
    for (;;) {
        const uint8_t *ff = in->n ? memchr(in->at, 0xFF, in->n) : NULL;
        size_t passed = ff ? (size_t)(ff - in->at) : in->n;
        skip(in, passed);
        if (in->n < MARKER_BYTES)
            return false;
        if (in->at[1] != 0)
            return true;
        skip(in, MARKER_BYTES);
    }
}

/* Over the scan's bytes; its restarts stand where they belong, as far as their
 * number and order tell. */
static bool
pass_bytes(struct jpeg_walk *walk, struct jpeg_scan_head *head)
{
    uint64_t units = units_of(walk->jpeg, head), restarts = 0;
    while (find_marker(&walk->in)) {
        unsigned marker = walk->in.at[1];
        if (marker < JPEG_RST0 || marker > JPEG_RST0 + 7) {
            head->ended_by = (uint8_t)marker;
            return !head->restart || restarts == (units - 1) / head->restart;
        }
        if (!head->restart || marker != JPEG_RST0 + restarts % 8)
            return false;
        restarts++;
        skip(&walk->in, MARKER_BYTES);
    }
    return false;
}

/* ---- the walk ------------------------------------------------------------ */

/* The header of the first scan is read once more. */
void
codec__jpeg_walk_open(struct jpeg_walk *walk, const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t head_bytes = 2 * MARKER_BYTES + 4 + 2 * (size_t)jpeg->comps_in_scan;
    *walk =
        (struct jpeg_walk){.jpeg = jpeg,
                           .in = {reader->source.next_input_byte - head_bytes,
                                  reader->source.bytes_in_buffer + head_bytes},
                           .restart = jpeg->restart_interval};
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        const JHUFF_TBL *dc = jpeg->dc_huff_tbl_ptrs[i];
        const JHUFF_TBL *ac = jpeg->ac_huff_tbl_ptrs[i];
        walk->has[0][i] = dc;
        walk->has[1][i] = ac;
        if (dc)
            walk->tables[0][i] = *dc;
        if (ac)
            walk->tables[1][i] = *ac;
    }
    memset(walk->lowest, UNSEEN, sizeof walk->lowest);
}

static bool
is_complete(const struct jpeg_walk *walk)
{
    bool complete = true;
    for (int p = 0; p < walk->jpeg->num_components; p++)
        for (unsigned k = 0; k < DCTSIZE2; k++)
            complete &= walk->lowest[p][k] == 0;
    return complete;
}

enum jpeg_step
codec__jpeg_walk_on(struct jpeg_walk *walk, struct jpeg_scan_head *head)
{
    if (!pass_markers(walk))
        return JPEG_STEP_NOT_OURS;
    if (walk->in.at[1] == JPEG_EOI)
        return is_complete(walk) ? JPEG_STEP_END : JPEG_STEP_NOT_OURS;
    return take_head(walk, head) && pass_bytes(walk, head) ? JPEG_STEP_SCAN
                                                           : JPEG_STEP_NOT_OURS;
}
