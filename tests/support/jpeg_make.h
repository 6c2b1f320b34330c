/* JPEGs for tests, made by libjpeg from a drawn picture, and a sink that keeps
 * what a decoder gives. */
#ifndef SUPPORT_JPEG_MAKE_H
#define SUPPORT_JPEG_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include <imgmill/codec.h>

#include "codec/codecs.h"

struct jpeg_spec {
    unsigned w, h;
    J_COLOR_SPACE drawn, stored;
    unsigned n;           /* components */
    uint8_t sx[4], sy[4]; /* sampling factors; 0: 1 */
    bool progressive, arithmetic, split_scans, no_adobe;
    bool exact; /* Huffman tables of its own */
    unsigned restart;
    int quality;                 /* 0: 85 */
    const jpeg_scan_info *scans; /* the script; NULL: as the rest says */
    int n_scans;
    void (*markers)(j_compress_ptr jpeg);
};

/* A picture with edges, ramps and some noise, the same at every call. */
static inline uint8_t
jpeg_drawn(unsigned x, unsigned y, unsigned channel)
{
    unsigned ramp = x * (3 + channel) + y * (5 - channel);
    unsigned check = ((x / 7 + y / 5) & 1) * 60;
    unsigned noise = (x * 2654435761u + y * 40503u + channel * 97u) >> 27;
    return (uint8_t)(ramp / 2 % 160 + check + noise);
}

static inline void
jpeg_split_scans(j_compress_ptr jpeg, jpeg_scan_info *scans)
{
    for (int i = 0; i < jpeg->num_components; i++)
        scans[i] = (jpeg_scan_info){
            .comps_in_scan = 1, .component_index = {i}, .Se = 63};
    jpeg->scan_info = scans;
    jpeg->num_scans = jpeg->num_components;
}

static inline void
jpeg_make_setup(j_compress_ptr jpeg, const struct jpeg_spec *spec,
                jpeg_scan_info *scans)
{
    jpeg->image_width = spec->w;
    jpeg->image_height = spec->h;
    jpeg->input_components = (int)spec->n;
    jpeg->in_color_space = spec->drawn;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, spec->stored);
    jpeg_set_quality(jpeg, spec->quality ? spec->quality : 85, TRUE);
    for (unsigned i = 0; i < spec->n; i++) {
        jpeg->comp_info[i].h_samp_factor = spec->sx[i] ? spec->sx[i] : 1;
        jpeg->comp_info[i].v_samp_factor = spec->sy[i] ? spec->sy[i] : 1;
    }
    jpeg->restart_interval = spec->restart;
    jpeg->arith_code = spec->arithmetic;
    jpeg->optimize_coding = spec->exact;
    if (spec->no_adobe)
        jpeg->write_Adobe_marker = FALSE;
    if (spec->progressive)
        jpeg_simple_progression(jpeg);
    if (spec->split_scans)
        jpeg_split_scans(jpeg, scans);
    if (spec->scans) {
        jpeg->scan_info = spec->scans;
        jpeg->num_scans = spec->n_scans;
    }
}

/* The file; free .at of it. */
static inline struct mill_buffer
jpeg_make(const struct jpeg_spec *spec)
{
    struct jpeg_compress_struct jpeg = {0};
    struct jpeg_error_mgr manager;
    jpeg_scan_info scans[4];
    unsigned char *at = NULL;
    unsigned long n = 0;

    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &at, &n);
    jpeg_make_setup(&jpeg, spec, scans);
    jpeg_start_compress(&jpeg, TRUE);
    if (spec->markers)
        spec->markers(&jpeg);
    uint8_t *row = malloc((size_t)spec->w * spec->n);
    for (unsigned y = 0; y < spec->h; y++) {
        for (unsigned i = 0; i < spec->w * spec->n; i++)
            row[i] = jpeg_drawn(i / spec->n, y, i % spec->n);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(row);
    return (struct mill_buffer){.at = at, .n = n, .capacity = n};
}

static inline struct mill_bytes
jpeg_bytes(const struct mill_buffer *file)
{
    return (struct mill_bytes){file->at, file->n};
}

/* ---- a sink that keeps --------------------------------------------------- */

struct keeper {
    struct mill_sink sink;
    struct mill_arena *arena;
    struct mill_shape shape;
    struct mill_meta meta;
    struct mill_band all; /* the whole picture */
    uint32_t y;           /* rows so far */
    uint32_t enough_at;   /* 0: never */
    enum mill_flow begin_says;
    unsigned begins, ends;
};

static inline enum mill_flow
keeper_begin(struct mill_sink *sink, const struct mill_shape *shape,
             const struct mill_meta *meta, struct mill_err *err)
{
    struct keeper *k = (struct keeper *)sink;
    k->begins++;
    k->shape = *shape;
    k->meta = *meta;
    if (k->begin_says == MILL_FLOW_FAILED)
        mill_fail(err, MILL_WRITE, "the keeper says no");
    if (mill_band_take(&k->all, shape, shape->h, k->arena, err) != MILL_OK)
        return MILL_FLOW_FAILED;
    return k->begin_says;
}

static inline enum mill_flow
keeper_band(struct mill_sink *sink, const struct mill_band *band,
            struct mill_err *err)
{
    struct keeper *k = (struct keeper *)sink;
    (void)err;
    assert_int_equal(band->y, k->y);
    k->y += band->n;
    for (unsigned p = 0; p < k->shape.n_planes; p++) {
        const struct mill_rows *from = &band->plane[p];
        size_t row = k->shape.plane[p].w * mill_shape_sample_bytes(&k->shape);
        for (uint32_t i = 0; i < from->n; i++)
            memcpy(mill_rows_at(&k->all.plane[p], from->y + i),
                   mill_rows_at(from, i), row);
    }
    return k->enough_at && k->y >= k->enough_at ? MILL_FLOW_ENOUGH
                                                : MILL_FLOW_MORE;
}

static inline enum mill_flow
keeper_end(struct mill_sink *sink, struct mill_err *err)
{
    struct keeper *k = (struct keeper *)sink;
    (void)err;
    k->ends++;
    return MILL_FLOW_MORE;
}

static inline uint8_t
keeper_at(const struct keeper *k, unsigned plane, uint32_t x, uint32_t y)
{
    return ((uint8_t *)mill_rows_at(&k->all.plane[plane], y))[x];
}

/* ---- one decode with all around it ----------------------------------------
 */

struct decoded {
    struct mill_arena *arena;
    struct mill_info info;
    struct mill_decode how;
    struct mill_err err;
    struct keeper keeper;
    uint32_t warnings, notes;
    enum mill_status status;
};

static inline void
decoded_setup(struct decoded *d)
{
    *d = (struct decoded){.arena = mill_arena_new(1 << 20)};
    assert_non_null(d->arena);
    d->how = (struct mill_decode){.shrink = 1,
                                  .limits = {1 << 26, 100},
                                  .arena = d->arena,
                                  .warnings = &d->warnings,
                                  .notes = &d->notes};
    d->keeper = (struct keeper){
        .sink = {.begin = keeper_begin, .band = keeper_band, .end = keeper_end},
        .arena = d->arena};
}

/* info, shape, then decode through a checking sink that expects the shape. */
static inline enum mill_status
decoded_run(struct decoded *d, struct mill_bytes in)
{
    struct mill_shape expect;
    d->status = mill_codec_jpeg.info(in, &d->info, &d->err);
    if (d->status != MILL_OK)
        return d->status;
    mill_codec_jpeg.shape(&d->info, &d->how, &expect);
    struct mill_sink *sink =
        mill_sink_check(&d->keeper.sink, &expect, "keeper", d->arena, &d->err);
    d->status = mill_codec_jpeg.decode(in, &d->how, sink, &d->err);
    if (sink->free)
        sink->free(sink);
    return d->status;
}

static inline void
decoded_clear(struct decoded *d)
{
    mill_arena_free(d->arena);
}

#endif
