/* op: operations on pictures, as descriptors, and the conversions between
 * shapes that the planner puts between them. One file an operation; row loops
 * in op/kernel/. Stands on base and pixel. */
#ifndef IMGMILL_OP_H
#define IMGMILL_OP_H

#include <imgmill/pixel.h>

/* ---- arguments ----------------------------------------------------------- */

enum { MILL_ARGS = 12, MILL_ARGS_TEXT = 64 };

/* "1600x1600,fit=cover" taken apart: positionals, then key=value pairs. Plain
 * text, lent by the parser until parse returns. */
struct mill_args {
    const char *op;            /* the operation's name, for messages */
    char text[MILL_ARGS_TEXT]; /* the whole, or its start: for messages */
    unsigned n_positional, n_named;
    const char *positional[MILL_ARGS];
    struct {
        const char *key, *value;
    } named[MILL_ARGS];
};

/* Take text apart in place (text is cut up, it must outlive args). A piece with
 * '=' is named, the others are positional; "" has none. MILL_USAGE: an empty
 * piece or key, a key twice, more than MILL_ARGS of a kind. */
enum mill_status mill_args_split(struct mill_args *args, const char *op,
                                 char *text, struct mill_err *err);
/* The value of key, or NULL. */
const char *mill_args_get(const struct mill_args *args, const char *key);
/* MILL_USAGE when a key is not in the NULL-ended list, or there are fewer than
 * min or more than max positionals; the message says what would be right. */
enum mill_status mill_args_check(const struct mill_args *args, unsigned min,
                                 unsigned max, const char *const *keys,
                                 struct mill_err *err);
/* The index of value in the NULL-ended list of words; MILL_USAGE otherwise. An
 * absent key leaves *index as it is. */
enum mill_status mill_args_choice(const struct mill_args *args, const char *key,
                                  const char *const *words, unsigned *index,
                                  struct mill_err *err);
/* A finite decimal number in [least, most]; what: its name in messages. */
enum mill_status mill_args_number(const struct mill_args *args,
                                  const char *what, const char *text,
                                  double least, double most, double *value,
                                  struct mill_err *err);

/* 8 bits each, sRGB. */
struct mill_colour {
    uint8_t r, g, b;
};
/* "white", "black", "#rgb" or "#rrggbb"; false for all else. */
bool mill_colour_parse(const char *text, struct mill_colour *colour);

/* ---- operations ---------------------------------------------------------- */

enum mill_kernel {
    MILL_LANCZOS3,
    MILL_MITCHELL,
    MILL_LINEAR,
    MILL_NEAREST,
    MILL_BOX
};
extern const char *const mill_kernel_names[]; /* NULL ends */

/* Where a smaller picture lies in a larger one: the words of gravity=…; NULL
 * ends, and [0] is the default. */
extern const char *const mill_gravity_names[];

enum mill_fold {
    MILL_FOLDED,
    MILL_FOLD_NEW_RUN, /* not into this run: close it, call with another */
    MILL_FOLD_FAILED   /* MILL_USAGE in err: the geometry makes no sense */
};

/* An operation. The descriptor is the last thing in its file; op/table.c
 * gathers those that users may name. params is params_size bytes, zeroed before
 * parse, plain data with no pointers, and immutable afterwards: many lanes
 * share it.
 *
 * Geometric operations have fold and none of want … open. The others have no
 * fold; a NULL want takes anything, a NULL shape changes nothing, a NULL bytes
 * is 0, and a NULL open makes no station (the want was all). An operation with
 * both folds first; then its run is closed, and its station stands behind what
 * the run became, unless shape() gives back the shape that came (then want()
 * asks for nothing either, and there is no station). */
struct mill_op {
    const char *name;    /* "resize" */
    const char *usage;   /* "WxH[,fit=…]" */
    const char *summary; /* one line for --help and `imgmill ops` */
    size_t params_size;
    enum mill_status (*parse)(const struct mill_args *args, void *params,
                              struct mill_err *err);
    enum mill_fold (*fold)(const void *params, struct mill_geom *geom,
                           struct mill_err *err);
    void (*want)(const void *params, const struct mill_shape *in,
                 struct mill_want *want);
    enum mill_status (*shape)(const void *params, const struct mill_shape *in,
                              struct mill_shape *out, struct mill_err *err);
    /* Bytes that open and the station take from the arena; saturates. */
    uint64_t (*bytes)(const void *params, const struct mill_shape *in);
    /* A station in front of next, which will get the shape that shape() gives;
     * or next itself when there is nothing to do. params and in outlive it.
     * NULL with err filled on failure. */
    struct mill_sink *(*open)(const void *params, const struct mill_shape *in,
                              struct mill_sink *next, struct mill_arena *arena,
                              struct mill_err *err);
};

/* What users may name, in the order of --help; NULL ends. */
extern const struct mill_op *const mill_ops[];
const struct mill_op *mill_op_named(const char *name); /* NULL: none */

/* The best level of instructions that the row loops have for this machine. */
const char *mill_op_level(void);

/* ---- stations that only the planner names -------------------------------- */

/* The part of the picture; only rows and pointers move. */
struct mill_crop_params {
    struct mill_rect rect;
};
extern const struct mill_op mill_stage_crop;

/* Resample: the whole picture that comes is resized to w x h px, the part `out`
 * of it is made, on the given grids (over the part, whose origin is its own
 * top-left). A plane whose grid and picture do not change passes as it is.
 * Sample j of the output lies, on each axis, at px X = out.x + x0 + (j + 1/2) *
 * sx of the resized picture, which is X * W_in / w of the incoming one: the
 * sample position (that - x0_in) / sx_in - 1/2. All exact in integers. Kernels
 * grow by the ratio when they reduce (never shrink below 1); samples beside the
 * edge repeat the edge. BOX weighs a sample by the part of it that lies under
 * a box as wide as the ratio; NEAREST takes the sample that the position is in
 * and never grows. On an axis where every position is a whole number and the
 * ratio is 1, samples are copied, whatever the kernel. Takes opaque and
 * premultiplied alpha. Constant memory: some tens of rows, whatever the
 * picture. */
struct mill_resize_params {
    uint32_t w, h;
    struct mill_rect out;
    struct mill_grid plane[MILL_PLANES]; /* of the output */
    uint8_t kernel;                      /* enum mill_kernel */
};
extern const struct mill_op mill_stage_resize;

/* A turn; FLOP streams, the others collect the picture. */
struct mill_turn_params {
    enum mill_turn turn;
};
extern const struct mill_op mill_stage_turn;

/* Model, alpha and depth to those given. A formula that mixes planes (any
 * change of model but from GRAY and from YCC to GRAY, premultiplying and its
 * undoing) needs them all on one grid; want asks for the first plane's steps
 * when they are not. Losing alpha is flatten's work, not this one's; OPAQUE to
 * STRAIGHT adds a full alpha.
 *   YCC <-> RGB: JFIF, T.871: Y = .299 R + .587 G + .114 B, full range.
 *   GRAY from RGB is that Y; GRAY from YCC keeps Y; GRAY to RGB repeats it.
 *   CMYK to RGB: R = (1 - C)(1 - K). To CMYK: never, MILL_UNSUPPORTED.
 *   depth: 16 to 8 is round(v / 257), 8 to 16 is v * 257; of Cb and Cr that is
 *   their distance from neutral, 128 and 32768.
 *   premultiplied: p = c * a; back: c = p / a, at most 1, and 0 where a is 0.
 * Several of these at once are rounded to 8 bits only once. */
struct mill_convert_params {
    enum mill_model model;
    enum mill_alpha alpha;
    uint8_t depth;
};
extern const struct mill_op mill_stage_convert;

/* Alpha away: over a background. In op/flatten.c beside the operation of that
 * name, which users may call; the planner calls it for formats without
 * alpha. */
struct mill_flatten_params {
    struct mill_colour background;
};
extern const struct mill_op mill_op_flatten;

#endif
