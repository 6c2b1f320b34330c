/* What decoding a JPEG holds, and whether that need be a picture.
 *
 * A header tells that there are many scans, not whether they can be read side
 * by side in rows. Who wants to know decodes the file to nowhere, with libjpeg
 * refused the memory for its coefficients. */
#include "codec/shared.h"
#include "scans.h"

/* ---- memory -------------------------------------------------------------- */

/* libjpeg's own rows when it enlarges components: two iMCU rows of the full
 * width (measured, at every sampling and scale: less), and one scanline. */
static uint64_t
scanline_bytes(const struct mill_info *info, const struct mill_decode *how)
{
    enum { IMCU_MOST = MAX_SAMP_FACTOR * DCTSIZE };
    struct mill_shape full =
        codec__jpeg_padded(&info->shape, IMCU_MOST, IMCU_MOST);
    uint64_t rows = mill_band_bytes(&full, IMCU_MOST);
    return mill_u64_mul(rows, 2) / how->shrink + rows / IMCU_MOST;
}

uint64_t
codec__jpeg_decode_bytes(const struct mill_info *info,
                         const struct mill_decode *how)
{
    enum { IMCU_MOST = MAX_SAMP_FACTOR * DCTSIZE };
    struct mill_shape shape, padded;
    codec__jpeg_shape(info, how, &shape);
    padded = codec__jpeg_padded(&shape, IMCU_MOST, IMCU_MOST);

    uint64_t bytes = mill_band_bytes(&padded, shape.band_px);
    if (shape.model == MILL_CMYK)
        bytes = mill_u64_add(bytes, scanline_bytes(info, how));
    if (info->whole)
        bytes =
            mill_u64_add(bytes, codec__jpeg_coefficient_bytes(&info->shape));
    if (!how->library)
        bytes = mill_u64_add(bytes, codec__jpeg_own_bytes(info) +
                                        codec__jpeg_scans_bytes(info));
    bytes = mill_u64_add(bytes, info->facts.icc_bytes);
    return mill_u64_add(bytes, JPEG_FIXED_BYTES);
}

/* ---- whether a picture goes by in rows ----------------------------------- */

static enum mill_flow
nowhere_begin(struct mill_sink *sink, const struct mill_shape *shape,
              const struct mill_meta *meta, struct mill_err *err)
{
    (void)sink, (void)shape, (void)meta, (void)err;
    return MILL_FLOW_MORE;
}

static enum mill_flow
nowhere_band(struct mill_sink *sink, const struct mill_band *band,
             struct mill_err *err)
{
    (void)sink, (void)band, (void)err;
    return MILL_FLOW_MORE;
}

static enum mill_flow
nowhere_end(struct mill_sink *sink, struct mill_err *err)
{
    (void)sink, (void)err;
    return MILL_FLOW_MORE;
}

static enum mill_status
hold_nothing(struct mill_hold *hold, struct mill_err *err)
{
    (void)hold;
    return mill_fail(err, MILL_UNSUPPORTED, "it does not go by in rows");
}

void
codec__jpeg_try_rows(struct mill_bytes in, const struct mill_decode *how,
                     struct mill_info *info)
{
    struct mill_hold hold = {hold_nothing};
    struct mill_sink nowhere = {nowhere_begin, nowhere_band, nowhere_end, NULL};
    struct mill_decode alone = *how;
    struct mill_err err = {0};
    uint32_t warnings = 0, notes = 0;
    alone.warnings = &warnings;
    alone.notes = &notes;
    alone.damage = NULL;
    alone.hold = &hold;
    alone.by_library = NULL;
    if (!how->library &&
        codec__jpeg_decode(in, &alone, &nowhere, &err) == MILL_OK)
        info->whole = false;
}
