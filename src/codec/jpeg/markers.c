/* The markers of a frame in one scan. libjpeg has written what stands before
 * it and lends its window; order and bytes are those that it would write. */
#include "coder.h"

#include <string.h>

enum { DQT = 0xDB, SOF0 = 0xC0, DHT = 0xC4, SOS = 0xDA };
enum { TABLE_BYTES = 17 + 256, FRAME_BYTES = 6 + 3 * MAX_COMPONENTS };

/* libjpeg's destinations are asked for a new window when the old one is full,
 * not when the next byte comes. */
void
codec__jpeg_put(struct jpeg_compress_struct *jpeg, const uint8_t *at, size_t n)
{
    struct jpeg_destination_mgr *to = jpeg->dest;
    while (n) {
        size_t part = n < to->free_in_buffer ? n : to->free_in_buffer;
        memcpy(to->next_output_byte, at, part);
        to->next_output_byte += part;
        to->free_in_buffer -= part;
        at += part;
        n -= part;
        if (!to->free_in_buffer)
            to->empty_output_buffer(jpeg);
    }
}

/* Component 0 has tables 0, all others have tables 1: tables go with the
 * component of their number. */

static void
write_steps(struct jpeg_compress_struct *jpeg, int number)
{
    const JQUANT_TBL *table = jpeg->quant_tbl_ptrs[number];
    uint8_t bytes[1 + DCTSIZE2] = {(uint8_t)number};
    for (unsigned k = 0; k < DCTSIZE2; k++)
        bytes[1 + k] = (uint8_t)table->quantval[codec__zigzag[k]];
    jpeg_write_marker(jpeg, DQT, bytes, sizeof bytes);
}

void
codec__jpeg_write_frame(struct jpeg_compress_struct *jpeg)
{
    uint8_t bytes[FRAME_BYTES] = {
        8,
        (uint8_t)(jpeg->image_height >> 8),
        (uint8_t)jpeg->image_height,
        (uint8_t)(jpeg->image_width >> 8),
        (uint8_t)jpeg->image_width,
        (uint8_t)jpeg->num_components,
    };
    unsigned n = 6;
    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *c = &jpeg->comp_info[i];
        if (c->quant_tbl_no == i)
            write_steps(jpeg, c->quant_tbl_no);
        bytes[n++] = (uint8_t)c->component_id;
        bytes[n++] = (uint8_t)(c->h_samp_factor << 4 | c->v_samp_factor);
        bytes[n++] = (uint8_t)c->quant_tbl_no;
    }
    jpeg_write_marker(jpeg, SOF0, bytes, n);
}

static void
write_codes(struct jpeg_compress_struct *jpeg, const JHUFF_TBL *table,
            unsigned number)
{
    uint8_t bytes[TABLE_BYTES] = {(uint8_t)number};
    unsigned n = 0;
    for (unsigned i = 1; i <= 16; i++)
        n += bytes[i] = table->bits[i];
    memcpy(bytes + 17, table->huffval, n);
    jpeg_write_marker(jpeg, DHT, bytes, 17 + n);
}

void
codec__jpeg_write_scan(struct jpeg_compress_struct *jpeg)
{
    enum { AC = 0x10 };
    uint8_t bytes[FRAME_BYTES] = {(uint8_t)jpeg->num_components};
    unsigned n = 1;
    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *c = &jpeg->comp_info[i];
        unsigned dc = (unsigned)c->dc_tbl_no, ac = (unsigned)c->ac_tbl_no;
        if (c->dc_tbl_no == i) {
            write_codes(jpeg, jpeg->dc_huff_tbl_ptrs[dc], dc);
            write_codes(jpeg, jpeg->ac_huff_tbl_ptrs[ac], AC | ac);
        }
        bytes[n++] = (uint8_t)c->component_id;
        bytes[n++] = (uint8_t)(dc << 4 | ac);
    }
    bytes[n + 1] = DCTSIZE2 - 1;
    jpeg_write_marker(jpeg, SOS, bytes, n + 3);
}

void
codec__jpeg_write_end(struct jpeg_compress_struct *jpeg)
{
    static const uint8_t eoi[] = {0xFF, JPEG_EOI};
    codec__jpeg_put(jpeg, eoi, sizeof eoi);
    jpeg->dest->term_destination(jpeg);
}
