/* Two ends of a line for tests of what lies between them.
 *
 * mill_test_source drives a sink with a picture that a function draws, in bands
 * of a chosen height. Every band lies in memory of its own, of exactly the size
 * that the rules promise, which is spoilt and freed when the call returns: a
 * station that reads too far or keeps a pointer is found by a sanitizer or by a
 * wrong sample. The bytes behind a row differ from run to run.
 *
 * mill_test_collect keeps the picture that arrives and counts the calls.
 *
 * A station does not depend on how bands are cut when all of mill_test_cuts
 * give pictures for which mill_test_equal is true. Out of memory aborts. */
#ifndef MILL_TEST_PIXEL_H
#define MILL_TEST_PIXEL_H

#include <imgmill/pixel.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MILL_TEST_CUT_MIXED = 0,       /* 1, 3, 7, band_px, 1, 3, … */
    MILL_TEST_CUT_ALL = 0x7fffffff /* band_px at a time */
};

static const uint32_t mill_test_cuts[] = {1, 3, 7, MILL_TEST_CUT_MIXED,
                                          MILL_TEST_CUT_ALL};

/* ---- where a picture ends ------------------------------------------------ */

struct mill_test_collect {
    struct mill_sink sink;
    uint32_t enough_at, fail_at; /* picture rows; 0: never. Set before begin */
    unsigned begins, bands, ends, frees;
    uint32_t rows; /* picture rows so far */
    struct mill_shape shape;
    struct mill_meta meta;    /* its payloads are lent */
    void *plane[MILL_PLANES]; /* w samples a row, nothing between the rows */
};

static inline void *
mill_test_alloc(size_t n)
{
    void *at = NULL;
    if (posix_memalign(&at, 64, n ? n : 1))
        abort();
    return at;
}

static inline size_t
mill_test_row_bytes(const struct mill_shape *shape, unsigned plane)
{
    return shape->plane[plane].w * mill_shape_sample_bytes(shape);
}

static inline enum mill_flow
mill_test__collect_begin(struct mill_sink *sink, const struct mill_shape *shape,
                         const struct mill_meta *meta, struct mill_err *err)
{
    struct mill_test_collect *self = (struct mill_test_collect *)sink;
    if (self->begins++) {
        mill_fail(err, MILL_INTERNAL, "collect: begin twice");
        return MILL_FLOW_FAILED;
    }
    self->shape = *shape;
    self->meta = *meta;
    for (unsigned p = 0; p < shape->n_planes; p++) {
        size_t n = mill_test_row_bytes(shape, p) * shape->plane[p].h;
        self->plane[p] = mill_test_alloc(n);
        memset(self->plane[p], 0xEE, n);
    }
    return MILL_FLOW_MORE;
}

static inline enum mill_flow
mill_test__collect_band(struct mill_sink *sink, const struct mill_band *band,
                        struct mill_err *err)
{
    struct mill_test_collect *self = (struct mill_test_collect *)sink;
    self->bands++;
    for (unsigned p = 0; p < self->shape.n_planes; p++) {
        const struct mill_rows *rows = &band->plane[p];
        size_t n = mill_test_row_bytes(&self->shape, p);
        if (rows->n > self->shape.plane[p].h ||
            rows->y > self->shape.plane[p].h - rows->n) {
            mill_fail(err, MILL_INTERNAL, "collect: rows beyond the plane");
            return MILL_FLOW_FAILED;
        }
        for (uint32_t i = 0; i < rows->n; i++)
            memcpy((uint8_t *)self->plane[p] + (rows->y + i) * n,
                   mill_rows_at(rows, i), n);
    }
    self->rows = band->y + band->n;
    if (self->fail_at && self->rows >= self->fail_at) {
        mill_fail(err, MILL_WRITE, "collect: fails as it was told to");
        return MILL_FLOW_FAILED;
    }
    return self->enough_at && self->rows >= self->enough_at ? MILL_FLOW_ENOUGH
                                                            : MILL_FLOW_MORE;
}

static inline enum mill_flow
mill_test__collect_end(struct mill_sink *sink, struct mill_err *err)
{
    (void)err;
    ((struct mill_test_collect *)sink)->ends++;
    return MILL_FLOW_MORE;
}

static inline void
mill_test__collect_free(struct mill_sink *sink)
{
    ((struct mill_test_collect *)sink)->frees++;
}

/* Use &collect->sink; clear it in the end. */
static inline void
mill_test_collect_init(struct mill_test_collect *self)
{
    *self =
        (struct mill_test_collect){.sink = {.begin = mill_test__collect_begin,
                                            .band = mill_test__collect_band,
                                            .end = mill_test__collect_end,
                                            .free = mill_test__collect_free}};
}

static inline void
mill_test_collect_clear(struct mill_test_collect *self)
{
    for (unsigned p = 0; p < MILL_PLANES; p++)
        free(self->plane[p]);
    mill_test_collect_init(self);
}

/* The sample x, y of a plane. */
static inline unsigned
mill_test_sample(const struct mill_test_collect *self, unsigned plane,
                 uint32_t x, uint32_t y)
{
    size_t i = (size_t)y * self->shape.plane[plane].w + x;
    return self->shape.depth == 8 ? ((uint8_t *)self->plane[plane])[i]
                                  : ((uint16_t *)self->plane[plane])[i];
}

/* Have both the same shape (but for band_px) and the same samples? The first
 * difference is printed. */
static inline bool
mill_test_equal(const struct mill_test_collect *a,
                const struct mill_test_collect *b)
{
    const struct mill_shape *s = &a->shape, *t = &b->shape;
    if (s->w != t->w || s->h != t->h || s->model != t->model ||
        s->alpha != t->alpha || s->depth != t->depth ||
        s->n_planes != t->n_planes) {
        fprintf(stderr, "shapes differ: %ux%u and %ux%u\n", s->w, s->h, t->w,
                t->h);
        return false;
    }
    for (unsigned p = 0; p < s->n_planes; p++) {
        const struct mill_grid *g = &s->plane[p];
        if (!mill_grid_equal(g, &t->plane[p])) {
            fprintf(stderr, "grids of plane %u differ\n", p);
            return false;
        }
        for (uint32_t y = 0; y < g->h; y++)
            for (uint32_t x = 0; x < g->w; x++) {
                unsigned va = mill_test_sample(a, p, x, y);
                unsigned vb = mill_test_sample(b, p, x, y);
                if (va == vb)
                    continue;
                fprintf(stderr, "plane %u, %u,%u: %u and %u\n", p, x, y, va,
                        vb);
                return false;
            }
    }
    return true;
}

/* ---- where a picture begins ---------------------------------------------- */

struct mill_test_source {
    const struct mill_shape *shape;
    const struct mill_meta *meta; /* NULL: none */
    uint32_t cut;   /* rows a band, at most band_px; or MILL_TEST_CUT_… */
    unsigned shift; /* bytes that rows begin behind a 64-byte line; as after a
                       crop. A multiple of the sample's bytes */
    /* The sample x, y of a plane; its low `depth` bits are used. */
    unsigned (*value)(const void *arg, unsigned plane, uint32_t x, uint32_t y);
    const void *arg;
};

/* A value for a source: noise, the same at the same place every time. */
static inline unsigned
mill_test_noise(const void *arg, unsigned plane, uint32_t x, uint32_t y)
{
    uint32_t n = (plane + 1) * 0x9E3779B1u ^ x * 0x85EBCA77u ^ y * 0xC2B2AE3Du;
    (void)arg;
    n ^= n >> 15;
    n *= 0x2C1B3C6Du;
    n ^= n >> 12;
    n *= 0x297A2D39u;
    return n ^ n >> 15;
}

static inline void
mill_test__row_fill(const struct mill_test_source *source, unsigned plane,
                    uint32_t y, void *row)
{
    uint32_t w = source->shape->plane[plane].w;
    for (uint32_t x = 0; x < w; x++) {
        unsigned value = source->value(source->arg, plane, x, y);
        if (source->shape->depth == 8)
            ((uint8_t *)row)[x] = (uint8_t)value;
        else
            ((uint16_t *)row)[x] = (uint16_t)value;
    }
}

/* Draws a band; block[], bytes[]: what it lies in. */
static inline void
mill_test__band_fill(const struct mill_test_source *source,
                     struct mill_band *band, void **block, size_t *bytes)
{
    for (unsigned p = 0; p < source->shape->n_planes; p++) {
        struct mill_rows *rows = &band->plane[p];
        size_t row = mill_test_row_bytes(source->shape, p);
        rows->stride_bytes = mill_size_align(row + 64, 64);
        bytes[p] = 0;
        if (rows->n)
            bytes[p] =
                source->shift + row + 64 + (rows->n - 1u) * rows->stride_bytes;
        block[p] = mill_test_alloc(bytes[p]);
        memset(block[p], (int)(0x5A + 37 * band->n + band->y), bytes[p]);
        rows->at = rows->n ? (uint8_t *)block[p] + source->shift : NULL;
        for (uint32_t i = 0; i < rows->n; i++)
            mill_test__row_fill(source, p, rows->y + i, mill_rows_at(rows, i));
    }
}

static inline enum mill_flow
mill_test__band_push(const struct mill_test_source *source, uint32_t y,
                     uint32_t n, struct mill_sink *sink, struct mill_err *err)
{
    struct mill_band band = {0};
    void *block[MILL_PLANES];
    size_t bytes[MILL_PLANES];
    mill_band_place(&band, source->shape, y, n);
    mill_test__band_fill(source, &band, block, bytes);
    enum mill_flow flow = sink->band(sink, &band, err);
    for (unsigned p = 0; p < source->shape->n_planes; p++) {
        memset(block[p], 0xA5, bytes[p]);
        free(block[p]);
    }
    return flow;
}

/* Rows of the i-th band when `left` are left. */
static inline uint32_t
mill_test__cut(const struct mill_test_source *source, unsigned i, uint32_t left)
{
    uint32_t mixed[] = {1, 3, 7, MILL_TEST_CUT_ALL};
    uint32_t n =
        source->cut == MILL_TEST_CUT_MIXED ? mixed[i % 4] : source->cut;
    n = n < source->shape->band_px ? n : source->shape->band_px;
    return n < left ? n : left;
}

/* Gives the picture to the sink: begin, bands, end. Answers MILL_FLOW_FAILED,
 * or what the sink answered last before end: MORE, or ENOUGH when it wanted no
 * more bands. Frees nothing. */
static inline enum mill_flow
mill_test_drive(const struct mill_test_source *source, struct mill_sink *sink,
                struct mill_err *err)
{
    static const struct mill_meta none = {0};
    enum mill_flow flow = sink->begin(sink, source->shape,
                                      source->meta ? source->meta : &none, err);
    uint32_t y = 0, h = source->shape->h;
    for (unsigned i = 0; y < h && flow == MILL_FLOW_MORE; i++) {
        uint32_t n = mill_test__cut(source, i, h - y);
        flow = mill_test__band_push(source, y, n, sink, err);
        y += n;
    }
    if (flow == MILL_FLOW_FAILED)
        return flow;
    return sink->end(sink, err) == MILL_FLOW_FAILED ? MILL_FLOW_FAILED : flow;
}

#endif
