/* The header of a PNG: info, and the reader that decoding begins with.
 *
 * libpng reads everything before the pixels and judges it, with the chunks left
 * out that we find ourselves or have no use for; so its one limit on memory is
 * the profile's. gAMA and cHRM are among those: samples are taken as they are
 * stored. No buffer that grows with the picture is made here. */
#include "own.h"

#include <string.h>

enum { PNG_CACHE_MOST = 128 }; /* chunks that libpng may keep */

static void
read_bytes(png_struct *png, uint8_t *to, size_t n)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (n > reader->in.n - reader->at)
        png_error(png, "truncated");
    memcpy(to, reader->in.at + reader->at, n);
    reader->at += n;
}

static void
set_up(struct png_reader *reader)
{
    png_struct *png = reader->trap.png;
    png_set_read_fn(png, reader, read_bytes);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, MILL_META_MOST);
    png_set_chunk_cache_max(png, PNG_CACHE_MOST);
    png_set_option(png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER,
                                codec__png_skipped[0], PNG_SKIPPED);
}

static void
take_icc(struct png_reader *reader)
{
    char *name;
    int method;
    uint8_t *profile;
    uint32_t n;
    if (png_get_iCCP(reader->trap.png, reader->trap.info, &name, &method,
                     &profile, &n))
        reader->icc = (struct mill_bytes){profile, n};
    else if (reader->found.has_icc)
        reader->found.notes |= MILL_NOTE_ICC_DROPPED;
}

static void
fill_facts(struct png_reader *reader)
{
    const png_struct *png = reader->trap.png;
    const png_info *from = reader->trap.info;
    const struct png_found *found = &reader->found;
    struct mill_facts *facts = &reader->info.facts;
    const struct mill_shape *shape = &reader->info.shape;
    unsigned type = png_get_color_type(png, from);

    *facts = (struct mill_facts){
        .format = "png",
        .w = shape->w,
        .h = shape->h,
        .channels = shape->n_planes,
        .depth = png_get_bit_depth(png, from),
        .orientation = (uint8_t)mill_exif_orientation(found->exif),
        .alpha = shape->alpha != MILL_OPAQUE,
        .palette = type == PNG_COLOR_TYPE_PALETTE,
        .interlaced = png_get_interlace_type(png, from) != PNG_INTERLACE_NONE,
        .frames = found->frames,
        .icc_bytes = (uint32_t)reader->icc.n,
        .exif_bytes = (uint32_t)found->exif.n,
        .xmp_bytes = found->xmp_bytes,
    };
    strcpy(facts->colour, mill_model_name(shape->model));
}

/* A work of the trap. */
static void
read_header(void *self)
{
    struct png_reader *reader = self;
    png_struct *png = reader->trap.png;
    png_info *from = reader->trap.info;

    set_up(reader);
    png_read_info(png, from);
    take_icc(reader);
    reader->transparent = png_get_valid(png, from, PNG_INFO_tRNS) != 0;

    unsigned type = png_get_color_type(png, from);
    bool alpha = reader->transparent || (type & PNG_COLOR_MASK_ALPHA);
    mill_shape_init(&reader->info.shape, png_get_image_width(png, from),
                    png_get_image_height(png, from),
                    type & PNG_COLOR_MASK_COLOR ? MILL_RGB : MILL_GRAY,
                    alpha ? MILL_STRAIGHT : MILL_OPAQUE,
                    png_get_bit_depth(png, from) == 16 ? 16 : 8);
    fill_facts(reader);
    reader->info.codec = &mill_codec_png;
    reader->info.shrinks = 1;
    reader->info.whole = reader->info.facts.interlaced;
    reader->info.facts.own = codec__png_own_bytes(&reader->info, NULL) != 0;
}

enum mill_status
codec__png_open(struct png_reader *reader, struct mill_bytes in, void *self,
                struct mill_err *err)
{
    *reader = (struct png_reader){.in = in};
    codec__png_find(in, &reader->found);
    enum mill_status status =
        codec__png_trap_open(&reader->trap, PNG_WAY_READ, reader, err);
    if (status == MILL_OK && !codec__png_run(&reader->trap, read_header, err))
        status = (enum mill_status)err->status;
    reader->trap.self = self;
    return status;
}

void
codec__png_close(struct png_reader *reader)
{
    codec__png_trap_close(&reader->trap);
}

enum mill_status
codec__png_info(struct mill_bytes in, struct mill_info *info,
                struct mill_err *err)
{
    struct png_reader reader;
    enum mill_status status = codec__png_open(&reader, in, &reader, err);
    if (status == MILL_OK)
        *info = reader.info;
    codec__png_close(&reader);
    return status;
}

void
codec__png_shape(const struct mill_info *info, const struct mill_decode *how,
                 struct mill_shape *shape)
{
    (void)how;
    *shape = info->shape;
}
