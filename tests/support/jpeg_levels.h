/* JPEGs made for tests, read by libjpeg and by our own readers, these through
 * the codec and by themselves, with each level of their inner loops. */
#ifndef SUPPORT_JPEG_LEVELS_H
#define SUPPORT_JPEG_LEVELS_H

#include "codec_both.h"
#include "jpeg_make.h"

#include "codec/jpeg/scans.h"

/* ---- both ways ----------------------------------------------------------- */

enum { GOOD_PX = 1 << 20, DAMAGED_PX = 1 << 14 };

static inline void
compare_below(struct mill_bytes in, unsigned shrink, uint64_t px_most,
              const char *what, size_t i)
{
    for (unsigned salvage = 0; salvage < 2; salvage++)
        codec_both_compare(in,
                           &(struct codec_both_how){.codec = &mill_codec_jpeg,
                                                    .shrink = shrink,
                                                    .salvage = salvage},
                           px_most, what, i);
}

static inline void
compare(struct mill_bytes in, unsigned shrink, const char *what, size_t i)
{
    compare_below(in, shrink, GOOD_PX, what, i);
}

/* A damaged header may ask for more than it is worth. */
static inline void
compare_damaged(struct mill_bytes in, unsigned shrink, const char *what,
                size_t i)
{
    compare_below(in, shrink, DAMAGED_PX, what, i);
}

/* ---- a level alone ------------------------------------------------------- */

struct level {
    struct jpeg_reader reader;
    const struct codec__kernels *kernels;
    struct mill_arena *arena;
    struct mill_shape shape;
    struct mill_band band; /* the whole picture */
    struct mill_err err;
    unsigned shrink;
    bool ours;
    uint32_t rows; /* of MCUs, that were given */
    uint32_t of_rows;
};

static inline void
read_level(struct level *l, struct jpeg_rows *own)
{
    bool more = true;
    for (; more && l->rows < l->of_rows; l->rows += more) {
        uint8_t *to[JPEG_OWN_PLANES] = {NULL};
        size_t stride[JPEG_OWN_PLANES] = {0};
        for (unsigned p = 0; p < own->n_planes; p++) {
            stride[p] = l->band.plane[p].stride_bytes;
            to[p] = mill_rows_at(&l->band.plane[p], l->rows * own->lines[p]);
        }
        more = own->next(own, to, stride);
    }
}

static inline struct jpeg_rows *
open_level(struct level *l)
{
    struct jpeg_decompress_struct *jpeg = &l->reader.jpeg;
    struct jpeg_rows *own = NULL;
    if (l->reader.info.whole) {
        jpeg_calc_output_dimensions(jpeg);
        codec__jpeg_scans_open(&own, &l->reader, l->kernels, 100, l->arena,
                               &l->err);
    } else {
        jpeg_start_decompress(jpeg);
        codec__jpeg_own_open(&own, &l->reader, l->kernels, l->arena, &l->err);
    }
    return own;
}

static inline void
level_work(void *self)
{
    struct level *l = self;
    struct jpeg_decompress_struct *jpeg = &l->reader.jpeg;
    struct mill_decode how = {.shrink = (uint8_t)l->shrink};
    codec__jpeg_header(&l->reader);
    codec__jpeg_shape(&l->reader.info, &how, &l->shape);
    jpeg->scale_denom = l->shrink;
    jpeg->raw_data_out = TRUE;
    jpeg->out_color_space = jpeg->jpeg_color_space;
    struct mill_shape padded = codec__jpeg_padded(
        &l->shape, (unsigned)jpeg->max_h_samp_factor * DCTSIZE,
        (unsigned)jpeg->max_v_samp_factor * DCTSIZE);
    mill_band_take(&l->band, &padded, padded.h, l->arena, &l->err);
    struct jpeg_rows *own = open_level(l);
    l->ours = own;
    if (own) {
        l->of_rows = (l->shape.h + own->mcu_px - 1) / own->mcu_px;
        read_level(l, own);
    }
}

static inline void
level_run(struct level *l, struct mill_bytes in, unsigned shrink,
          const struct codec__kernels *kernels)
{
    *l = (struct level){
        .arena = mill_arena_new(1 << 20), .kernels = kernels, .shrink = shrink};
    codec__jpeg_open(&l->reader, in, l);
    codec__jpeg_run(&l->reader.trap, level_work, &l->err);
    codec__jpeg_close(&l->reader);
}

static inline bool
is_given(const struct level *l)
{
    return l->err.status == MILL_OK && l->ours && l->rows == l->of_rows;
}

static inline bool
same_planes(const struct level *l, const struct mill_test_collect *collect)
{
    for (unsigned p = 0; p < l->shape.n_planes; p++) {
        const struct mill_grid *g = &l->shape.plane[p];
        size_t n = mill_test_row_bytes(&l->shape, p);
        for (uint32_t y = 0; y < g->h; y++)
            if (memcmp(mill_rows_at(&l->band.plane[p], y),
                       (const uint8_t *)collect->plane[p] + y * n, g->w) != 0)
                return false;
    }
    return true;
}

/* The file is ours, with every level, and gives what libjpeg gives. */
static inline void
compare_levels(struct mill_bytes in, unsigned shrink, const char *what,
               size_t i)
{
    const struct codec__kernels *kernels;
    struct codec_run run;
    void *block;
    codec_run_init(&run);
    run.how.shrink = (uint8_t)shrink;
    run.how.library = true;
    codec_run_decode_at(&run, &mill_codec_jpeg, in, &block);
    assert_int_equal(run.status, MILL_OK);
    for (unsigned k = 0; (kernels = codec__kernels_at(k)); k++) {
        struct level l;
        level_run(&l, in, shrink, kernels);
        if (!is_given(&l))
            fail_msg("%s, %zu at 1/%u by %s: row %u of %u", what, i, shrink,
                     kernels->level, l.rows, l.of_rows);
        if (!same_planes(&l, &run.collect))
            fail_msg("%s, %zu at 1/%u by %s: differs", what, i, shrink,
                     kernels->level);
        mill_arena_free(l.arena);
    }
    codec_run_clear(&run);
    free(block);
}

/* ---- files --------------------------------------------------------------- */

static const uint8_t samplings[][2] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}};

enum { GRAY = MILL_COUNT(samplings) }; /* the sampling behind the last */

static inline struct jpeg_spec
spec_of(unsigned sampling, unsigned w, unsigned h)
{
    struct jpeg_spec spec = {.w = w, .h = h};
    bool gray = sampling == GRAY;
    spec.n = gray ? 1 : 3;
    spec.drawn = gray ? JCS_GRAYSCALE : JCS_RGB;
    spec.stored = gray ? JCS_GRAYSCALE : JCS_YCbCr;
    if (!gray) {
        spec.sx[0] = samplings[sampling][0];
        spec.sy[0] = samplings[sampling][1];
    }
    return spec;
}

static inline void
make_and_compare(const struct jpeg_spec *spec, unsigned shrink,
                 const char *what, size_t i)
{
    struct mill_buffer file = jpeg_make(spec);
    compare_levels(jpeg_bytes(&file), shrink, what, i);
    compare(jpeg_bytes(&file), shrink, what, i);
    free(file.at);
}

#endif
