/* pixel: how pictures lie in memory and travel. Shapes, grids, bands, sinks;
 * the run of geometric operations; metadata payloads. Stands on base. */
#ifndef IMGMILL_PIXEL_H
#define IMGMILL_PIXEL_H

#include <imgmill/base.h>

/* ---- grids --------------------------------------------------------------- */

/* Where one plane's samples lie in the picture: sample i covers the px
 * [x0 + i*sx, x0 + (i+1)*sx). Integers only; subsampling and shrink-on-load are
 * both steps. Always: -sx < x0 <= 0; x0 + w*sx >= W; x0 + (w-1)*sx < W for a
 * picture W px wide, and the same downwards. */
struct mill_grid {
    uint32_t w, h;  /* samples */
    uint8_t sx, sy; /* px a sample, 1..32 */
    int8_t x0, y0;  /* left, top edge of sample 0, px */
};

struct mill_rect {
    uint32_t x, y, w, h; /* px */
};

/* Turns, applied clockwise to the picture. TRANSPOSE mirrors at the main
 * diagonal (top-left stays), TRANSVERSE at the other one. */
enum mill_turn {
    MILL_TURN_0,
    MILL_TURN_90,
    MILL_TURN_180,
    MILL_TURN_270,
    MILL_FLOP, /* left and right change */
    MILL_FLIP, /* top and bottom change */
    MILL_TRANSPOSE,
    MILL_TRANSVERSE
};

/* The grid with steps sx, sy and origin 0 over a picture of w x h px. */
struct mill_grid mill_grid_make(uint32_t w, uint32_t h, unsigned sx,
                                unsigned sy);
bool mill_grid_equal(const struct mill_grid *a, const struct mill_grid *b);

/* The grid of the picture's part r. *dx, *dy (may be NULL): samples dropped at
 * the left and top. */
struct mill_grid mill_grid_crop(const struct mill_grid *grid,
                                const struct mill_rect *r, uint32_t *dx,
                                uint32_t *dy);

/* The grid after the w x h picture was turned. */
struct mill_grid mill_grid_turn(const struct mill_grid *grid, uint32_t w,
                                uint32_t h, enum mill_turn turn);

/* Rows of the plane whose top edge, taken not above the picture's, is above
 * picture row y. */
static inline uint32_t
mill_grid_rows_above(const struct mill_grid *g, uint32_t y)
{
    uint64_t n = 0;
    if (y)
        n = ((uint64_t)y + (uint64_t)(-g->y0) + g->sy - 1u) / g->sy;
    return n < g->h ? (uint32_t)n : g->h;
}

/* `first`, then `then`, as one turn; and the turn that undoes one. */
enum mill_turn mill_turn_then(enum mill_turn first, enum mill_turn then);
enum mill_turn mill_turn_inverse(enum mill_turn turn);
bool mill_turn_swaps(enum mill_turn turn); /* width and height change places */
/* What makes an image with EXIF orientation 1..8 upright; others: TURN_0. */
enum mill_turn mill_turn_of_orientation(unsigned orientation);
/* Where the part r of a w x h picture lies after the turn. */
struct mill_rect mill_rect_turn(const struct mill_rect *r, uint32_t w,
                                uint32_t h, enum mill_turn turn);

/* ---- shapes -------------------------------------------------------------- */

enum { MILL_PLANES = 5 }; /* four colours and alpha */

enum mill_model {
    MILL_GRAY, /* 1 plane */
    MILL_YCC,  /* 3; full range, BT.601, Cb and Cr centred on 128 (or 32768) */
    MILL_RGB,  /* 3 */
    MILL_CMYK  /* 4; 0 = no ink */
};

/* Alpha is the last plane, always with step 1. */
enum mill_alpha { MILL_OPAQUE, MILL_STRAIGHT, MILL_PREMULTIPLIED };

struct mill_shape {
    uint32_t w, h; /* the picture in px: the source's own until a resize */
    enum mill_model model;
    enum mill_alpha alpha;
    uint8_t n_planes; /* colours, then alpha if any */
    uint8_t depth;    /* 8 or 16: uint8_t or uint16_t samples, full range */
    uint32_t band_px; /* no band is taller */
    struct mill_grid plane[MILL_PLANES];
};

enum { MILL_BAND_PX = 16 }; /* what a producer uses that has no wish */

unsigned mill_model_colours(enum mill_model model);
const char *mill_model_name(enum mill_model model);

/* Every plane with step 1; band_px = MILL_BAND_PX. */
void mill_shape_init(struct mill_shape *shape, uint32_t w, uint32_t h,
                     enum mill_model model, enum mill_alpha alpha,
                     unsigned depth);
static inline size_t
mill_shape_sample_bytes(const struct mill_shape *shape)
{
    return shape->depth / 8u;
}
/* MILL_OK, or MILL_INTERNAL with the rule that is broken. */
enum mill_status mill_shape_check(const struct mill_shape *shape,
                                  struct mill_err *err);

/* What an operation or an encoder can take. */
struct mill_want {
    uint8_t models; /* bits 1 << enum mill_model; 0: any */
    uint8_t alphas; /* bits 1 << enum mill_alpha; 0: any */
    uint8_t depths; /* 1: 8, 2: 16, 3 or 0: both */
    bool grids;     /* sx, sy are asked for, with origin 0; else any grid */
    uint8_t sx[MILL_PLANES], sy[MILL_PLANES];
};

/* Does the shape need nothing to be taken? */
bool mill_want_met(const struct mill_want *want,
                   const struct mill_shape *shape);

/* ---- bands --------------------------------------------------------------- */

/* n rows of a plane from its row y on; row i of them is at
 * at + i * stride_bytes. Every row has 64 readable bytes behind its last
 * sample, of any value. Rows from mill_band_take are 64-byte aligned; rows of a
 * cropped band need not be. */
struct mill_rows {
    void *at; /* lent read-only to a sink until its call returns */
    size_t stride_bytes;
    uint32_t y, n;
};

/* Picture rows [y, y+n). Of each plane exactly the rows
 * [rows_above(y), rows_above(y+n)) (possibly none). */
struct mill_band {
    uint32_t y, n;
    struct mill_rows plane[MILL_PLANES];
};

static inline void *
mill_rows_at(const struct mill_rows *rows, uint32_t i)
{
    return (uint8_t *)rows->at + (size_t)i * rows->stride_bytes;
}

/* A buffer for bands of up to `px` picture rows of the shape, at whatever y
 * they begin: sets plane[].at and stride_bytes. px == shape->h holds the
 * picture. */
enum mill_status mill_band_take(struct mill_band *band,
                                const struct mill_shape *shape, uint32_t px,
                                struct mill_arena *arena, struct mill_err *err);
/* Bytes that the call above takes. Saturates. */
uint64_t mill_band_bytes(const struct mill_shape *shape, uint32_t px);

/* Set y, n and each plane's y, n to what the shape says for [y, y+n). */
void mill_band_place(struct mill_band *band, const struct mill_shape *shape,
                     uint32_t y, uint32_t n);
/* The part [y, y+n) of a band that holds it. */
struct mill_band mill_band_part(const struct mill_band *whole,
                                const struct mill_shape *shape, uint32_t y,
                                uint32_t n);

/* Interleaved rows to planes and back: w px of n_channels samples of depth bits
 * (host order). dst[c], src[c]: one row a channel. */
void mill_rows_split(void *const *dst, const void *src, uint32_t w,
                     unsigned n_channels, unsigned depth);
void mill_rows_join(void *dst, const void *const *src, uint32_t w,
                    unsigned n_channels, unsigned depth);

/* ---- metadata ------------------------------------------------------------ */

/* Payloads as they stand in a file, without a container's own framing: exif
 * begins with the TIFF header ("II*\0" or "MM\0*"). Lent; they live as long as
 * the image's arena or the input bytes. n == 0: none. */
struct mill_meta {
    struct mill_bytes icc, exif, xmp;
    uint16_t density_x, density_y; /* 0: none given */
    uint8_t density_unit; /* 0 aspect only, 1 an inch, 2 a centimetre */
};

/* EXIF orientation 1..8, or 0 when there is none, it is out of range or the
 * payload is broken. Bounds-checked: any bytes are safe. */
unsigned mill_exif_orientation(struct mill_bytes exif);
/* Set every orientation tag of IFD0 in place to 1. False: none was found. */
bool mill_exif_reset_orientation(uint8_t *exif, size_t n);
/* The colour model an ICC profile is for; -1 when it is for none of ours or is
 * no profile. A "RGB " profile answers MILL_RGB (and fits MILL_YCC too). */
int mill_icc_model(struct mill_bytes icc);

/* ---- sinks --------------------------------------------------------------- */

/* One station of the line. The life: begin · band… · end · free.
 * begin brings the shape and the metadata (never NULL), once. Each call answers
 * more, enough or failed. After enough: no more bands; end is still called (by
 * whoever drives the sink), and what was not decoded is not judged. After
 * failed: nothing but free. Calls to one sink come one after another, not
 * always on one thread. A sink that feeds another one calls its begin, band and
 * end; it never frees it: the line frees all its sinks, each once, in any
 * state. Sinks embed this struct as their first member and come from an arena;
 * free (may be NULL) lets go of what the arena does not hold. */
struct mill_sink {
    enum mill_flow (*begin)(struct mill_sink *sink,
                            const struct mill_shape *shape,
                            const struct mill_meta *meta, struct mill_err *err);
    enum mill_flow (*band)(struct mill_sink *sink, const struct mill_band *band,
                           struct mill_err *err);
    enum mill_flow (*end)(struct mill_sink *sink, struct mill_err *err);
    void (*free)(struct mill_sink *sink);
};

/* A station that holds its upstream and downstream to the rules above, and the
 * bands to the shape; a broken rule fails the image as MILL_INTERNAL and says
 * which. expect (may be NULL): the shape that the plan foretold. Debug builds
 * put one between any two sinks. */
struct mill_sink *mill_sink_check(struct mill_sink *next,
                                  const struct mill_shape *expect,
                                  const char *name, struct mill_arena *arena,
                                  struct mill_err *err);

/* A station that adds the wall time spent behind it to *ns. */
struct mill_sink *mill_sink_clock(struct mill_sink *next, uint64_t *ns,
                                  struct mill_arena *arena,
                                  struct mill_err *err);

/* A station behind which the line goes on as an errand of the crew, of this
 * rank: the caller comes back before its band is through. Bands that end at or
 * above the picture's row `sure` are handed on so; a station behind may say
 * enough only with a later one. It takes mill_sink_relay_bytes of the arena in
 * begin. Behind a relay a thread of its own may be at work whenever a call of
 * it has returned, but for begin, end, settle and free. */
struct mill_sink *mill_sink_relay(struct mill_sink *next, uint32_t sure,
                                  struct mill_crew *crew, unsigned rank,
                                  struct mill_arena *arena,
                                  struct mill_err *err);
uint64_t mill_sink_relay_bytes(const struct mill_shape *shape);
/* Waits until all that was handed on is through; what became of it. */
enum mill_flow mill_sink_relay_settle(struct mill_sink *relay,
                                      struct mill_err *err);

/* ---- the run of geometric operations ------------------------------------- */

/* By definition the meaning of a run of crops, turns and at most one resize:
 * take `in` of the picture as stored (its edges are edges for the filter),
 * resize it to w x h, make the part `out` of that (pixels beside it still
 * count), then turn. */
struct mill_geom {
    struct mill_rect in;
    uint32_t w, h;
    struct mill_rect out;
    enum mill_turn turn;
    uint8_t kernel; /* enum mill_kernel of op.h, when it resizes */
    bool fast;      /* a decoder may leave the resize less than half to do */
};

struct mill_geom mill_geom_start(uint32_t w, uint32_t h);
/* The size of what the run makes so far, after its turn. */
void mill_geom_size(const struct mill_geom *geom, uint32_t *w, uint32_t *h);
bool mill_geom_resizes(const struct mill_geom *geom); /* w x h is not in's */
/* Fold one more operation in, stated on the picture as it is after the run so
 * far. crop: r lies within that picture, else false. resize: false when a new
 * run must begin (this one already resizes). */
bool mill_geom_crop(struct mill_geom *geom, const struct mill_rect *r);
bool mill_geom_resize(struct mill_geom *geom, uint32_t w, uint32_t h,
                      unsigned kernel);
void mill_geom_turn(struct mill_geom *geom, enum mill_turn turn);

#endif
