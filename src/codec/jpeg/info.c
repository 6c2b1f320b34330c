/* What a JPEG's header says: the reader that info and decode begin with, and
 * the shape that decode gives.
 *
 * A picture stored as gray, YCC or RGB keeps its own planes: the sampling
 * factors are steps of the planes' grids, and libjpeg hands its samples out
 * raw. CMYK and YCCK come as CMYK rows with every plane at full size.
 *
 * The input is all in memory, so the source has nothing to fetch: that libjpeg
 * asks for more means that the file was cut off, and fails the image. An end
 * marker is made up, as libjpeg's own memory source would, only where what
 * stands before it is a part of the picture and to be salvaged. */
#include "own.h"
#include "scans.h"

#include <string.h>

/* ---- the source ---------------------------------------------------------- */

bool
codec__jpeg_is_empty(const struct jpeg_decompress_struct *jpeg)
{
    return jpeg->input_scan_number <= 1 && jpeg->input_iMCU_row == 0;
}

static void
source_nothing(j_decompress_ptr jpeg)
{
    (void)jpeg;
}

static boolean
source_fill(j_decompress_ptr jpeg)
{
    static const JOCTET end[] = {0xFF, JPEG_EOI};
    struct jpeg_reader *reader = jpeg->client_data;
    mill_fail(reader->trap.err, MILL_DAMAGED,
              "truncated: the file ends after %zu bytes, before its picture",
              reader->in.n);
    if (codec__jpeg_is_empty(jpeg))
        codec__jpeg_stop(&reader->trap);
    codec__jpeg_stop_or_salvage(&reader->trap);
    reader->source.next_input_byte = end;
    reader->source.bytes_in_buffer = sizeof end;
    return TRUE;
}

static void
source_skip(j_decompress_ptr jpeg, long bytes)
{
    struct jpeg_source_mgr *source = jpeg->src;
    if (bytes <= 0)
        return;
    if ((size_t)bytes > source->bytes_in_buffer) {
        source_fill(jpeg);
        return;
    }
    source->next_input_byte += bytes;
    source->bytes_in_buffer -= (size_t)bytes;
}

static void
source_init(struct jpeg_reader *reader)
{
    reader->source = (struct jpeg_source_mgr){
        .next_input_byte = reader->in.at,
        .bytes_in_buffer = reader->in.n,
        .init_source = source_nothing,
        .fill_input_buffer = source_fill,
        .skip_input_data = source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = source_nothing,
    };
}

/* ---- the reader ---------------------------------------------------------- */

void
codec__jpeg_open(struct jpeg_reader *reader, struct mill_bytes in, void *self)
{
    memset(reader, 0, sizeof *reader);
    reader->in = in;
    codec__jpeg_trap_init(&reader->trap, self, MILL_DAMAGED);
    reader->jpeg.err = &reader->trap.manager;
}

void
codec__jpeg_close(struct jpeg_reader *reader)
{
    jpeg_destroy_decompress(&reader->jpeg);
}

/* ---- the header ---------------------------------------------------------- */

static int
model_of(const struct jpeg_decompress_struct *jpeg)
{
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
        return MILL_GRAY;
    case JCS_YCbCr:
        return MILL_YCC;
    case JCS_RGB:
        return MILL_RGB;
    case JCS_CMYK:
    case JCS_YCCK:
        return MILL_CMYK;
    default:
        return -1;
    }
}

static const struct sampling {
    uint8_t sx, sy;
    char name[4];
} SAMPLINGS[] = {
    {1, 1, "444"}, {2, 1, "422"}, {2, 2, "420"}, {1, 2, "440"}, {4, 1, "411"},
};

static const char *
sampling_name(const struct mill_shape *shape)
{
    const struct mill_grid *p = shape->plane;
    if (shape->model != MILL_YCC || p[0].sx != 1 || p[0].sy != 1 ||
        !mill_grid_equal(&p[1], &p[2]))
        return "";
    for (size_t i = 0; i < MILL_COUNT(SAMPLINGS); i++)
        if (SAMPLINGS[i].sx == p[1].sx && SAMPLINGS[i].sy == p[1].sy)
            return SAMPLINGS[i].name;
    return "";
}

/* No band of raw rows is shorter than an iMCU row: 8 to 32 px. */
static uint32_t
band_px_of(const struct jpeg_decompress_struct *jpeg)
{
    uint32_t imcu = (uint32_t)jpeg->max_v_samp_factor * DCTSIZE;
    return imcu < MILL_BAND_PX ? MILL_BAND_PX : imcu;
}

static enum mill_status
describe_shape(const struct jpeg_decompress_struct *jpeg,
               struct mill_shape *shape, struct mill_err *err)
{
    int model = model_of(jpeg);
    if (model < 0)
        return mill_fail(err, MILL_UNSUPPORTED, "JPEG with %d components",
                         jpeg->num_components);

    mill_shape_init(shape, jpeg->image_width, jpeg->image_height,
                    (enum mill_model)model, MILL_OPAQUE, 8);
    shape->band_px = band_px_of(jpeg);
    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *c = &jpeg->comp_info[i];
        if (jpeg->max_h_samp_factor % c->h_samp_factor ||
            jpeg->max_v_samp_factor % c->v_samp_factor)
            return mill_fail(err, MILL_UNSUPPORTED,
                             "JPEG with a fractional sampling factor");
        if (model != MILL_CMYK)
            shape->plane[i] = mill_grid_make(
                shape->w, shape->h,
                (unsigned)(jpeg->max_h_samp_factor / c->h_samp_factor),
                (unsigned)(jpeg->max_v_samp_factor / c->v_samp_factor));
    }
    return MILL_OK;
}

static void
describe_facts(struct jpeg_reader *reader)
{
    const struct mill_shape *shape = &reader->info.shape;
    const struct jpeg_found *found = &reader->found;
    struct mill_facts *facts = &reader->info.facts;

    strcpy(facts->format, mill_codec_jpeg.name);
    facts->w = shape->w;
    facts->h = shape->h;
    facts->channels = shape->n_planes;
    facts->depth = 8;
    facts->orientation = (uint8_t)mill_exif_orientation(found->exif);
    facts->interlaced = reader->jpeg.progressive_mode;
    facts->frames = 1;
    facts->icc_bytes = (uint32_t)found->icc_bytes;
    facts->exif_bytes = (uint32_t)found->exif.n;
    facts->xmp_bytes = (uint32_t)found->xmp.n;
    strcpy(facts->colour, mill_model_name(shape->model));
    strcpy(facts->sampling, sampling_name(shape));
}

void
codec__jpeg_header(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    struct mill_info *info = &reader->info;

    jpeg_create_decompress(jpeg);
    jpeg->client_data = reader;
    source_init(reader);
    jpeg->src = &reader->source;
    jpeg_read_header(jpeg, TRUE);

    if (describe_shape(jpeg, &info->shape, reader->trap.err) != MILL_OK)
        codec__jpeg_stop(&reader->trap);
    codec__jpeg_find(reader->in, &reader->found);
    describe_facts(reader);
    info->codec = &mill_codec_jpeg;
    info->shrinks = 1 | 2 | 4 | 8;
    info->whole = jpeg_has_multiple_scans(jpeg);
    info->facts.own =
        codec__jpeg_is_own(reader) || codec__jpeg_is_scans(reader);
}

static void
info_work(void *self)
{
    codec__jpeg_header(self);
}

enum mill_status
codec__jpeg_info(struct mill_bytes in, struct mill_info *info,
                 struct mill_err *err)
{
    struct jpeg_reader reader;
    codec__jpeg_open(&reader, in, &reader);
    bool done = codec__jpeg_run(&reader.trap, info_work, err);
    codec__jpeg_close(&reader);
    if (!done)
        return (enum mill_status)err->status;
    *info = reader.info;
    return MILL_OK;
}

/* ---- shapes -------------------------------------------------------------- */

/* The side of the block that libjpeg makes of a component's 8 x 8 coefficients
 * when the picture's full planes get `least`: a subsampled plane is given more
 * of its coefficients instead of being enlarged, by doubling while both
 * directions allow it. rx, ry: the plane's steps at full size. */
static unsigned
block_side(unsigned rx, unsigned ry, unsigned least)
{
    unsigned side = least;
    while (side < DCTSIZE && rx * least % (side * 2) == 0 &&
           ry * least % (side * 2) == 0)
        side *= 2;
    return side;
}

void
codec__jpeg_shape(const struct mill_info *info, const struct mill_decode *how,
                  struct mill_shape *shape)
{
    unsigned least = DCTSIZE / how->shrink;
    *shape = info->shape;
    shape->band_px *= how->shrink;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const struct mill_grid *full = &info->shape.plane[p];
        unsigned side = shape->model == MILL_CMYK
                            ? least
                            : block_side(full->sx, full->sy, least);
        shape->plane[p] =
            mill_grid_make(shape->w, shape->h, full->sx * DCTSIZE / side,
                           full->sy * DCTSIZE / side);
    }
}

struct mill_shape
codec__jpeg_padded(const struct mill_shape *shape, unsigned w, unsigned h)
{
    struct mill_shape padded = *shape;
    padded.w = (shape->w + w - 1) / w * w;
    padded.h = (shape->h + h - 1) / h * h;
    for (unsigned p = 0; p < shape->n_planes; p++)
        padded.plane[p] = mill_grid_make(padded.w, padded.h, shape->plane[p].sx,
                                         shape->plane[p].sy);
    return padded;
}

uint64_t
codec__jpeg_coefficient_bytes(const struct mill_shape *shape)
{
    enum { IMCU_MOST = MAX_SAMP_FACTOR * DCTSIZE };
    uint64_t samples = 0;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        const struct mill_grid *g = &shape->plane[p];
        samples =
            mill_u64_add(samples, mill_u64_mul((uint64_t)g->w + IMCU_MOST,
                                               (uint64_t)g->h + IMCU_MOST));
    }
    return mill_u64_mul(samples, sizeof(JCOEF));
}
