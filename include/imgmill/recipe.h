/* recipe: what the user asked for, once, and what that means for one image.
 * parse (text to recipe), plan (header and recipe to a line of stations), run
 * (bytes to bytes). Stands on base, pixel, codec and op. */
#ifndef IMGMILL_RECIPE_H
#define IMGMILL_RECIPE_H

#include <imgmill/codec.h>
#include <imgmill/op.h>

/* ---- the recipe ---------------------------------------------------------- */

enum { MILL_STEPS = 64 };

struct mill_step {
    const struct mill_op *op;
    void *params; /* op->params_size bytes, owned by the recipe */
};

enum mill_keep { MILL_KEEP_ICC = 1, MILL_KEEP_EXIF = 2, MILL_KEEP_XMP = 4 };

/* Made before any lane, then read-only and shared by all of them. */
struct mill_recipe {
    bool auto_orient; /* apply EXIF orientation; default true */
    unsigned n_steps;
    struct mill_step steps[MILL_STEPS];
    const struct mill_codec *format; /* of the output; NULL: as the input */
    struct mill_encode encode;
    struct mill_colour background; /* where alpha must go */
    uint8_t keep;                  /* enum mill_keep bits; default all */
    struct mill_limits limits;
    bool salvage; /* --on-corrupt salvage */
    bool library; /* --decoder library */

    /* Threads inside a picture of so many px or more; no byte depends on it. 0
     * threads is 1. Each lane has a crew of its own. Where a desk has fewer for
     * its job, a giant gets all of them still: it may be the last to end. */
    unsigned threads;
    uint64_t threads_px, giant_px;
};

void mill_recipe_init(struct mill_recipe *recipe);
void mill_recipe_clear(struct mill_recipe *recipe);

/* Add a step: op by name, its text as on the command line after `--NAME `. The
 * message on failure says the option, the value and what would be right. */
enum mill_status mill_recipe_add(struct mill_recipe *recipe, const char *op,
                                 const char *text, struct mill_err *err);

/* ---- the plan ------------------------------------------------------------ */

enum { MILL_STAGES = 3 * MILL_STEPS };

struct mill_stage {
    const struct mill_op *op;
    const void *params; /* the recipe's, or own */
    struct mill_shape in, out;
    union { /* of the planner's own stages */
        struct mill_crop_params crop;
        struct mill_resize_params resize;
        struct mill_turn_params turn;
        struct mill_convert_params convert;
        struct mill_flatten_params flatten;
    } own;
};

/* What will happen to one image; every size is known here, no pixel is decoded.
 * Points into the recipe; big, so it lives in an arena. */
struct mill_plan {
    struct mill_decode decode;
    struct mill_shape decoded;
    unsigned n_stages;
    struct mill_stage stages[MILL_STAGES];
    const struct mill_codec *format;
    struct mill_shape encoded;
    uint64_t need_bytes;     /* work memory at its highest */
    enum mill_turn oriented; /* the turn that EXIF asked for and got */
};

/* Plan for one header. Folds geometry, picks shrink-on-load (the largest factor
 * that leaves a reduction of 2 on both axes; with shrink=fast, of 5/4, or of
 * 3/2 from a half), inserts conversions and only where something downstream
 * wants them, refuses what is over a limit or makes no sense for this image.
 * info and recipe must outlive plan. */
enum mill_status mill_plan_make(struct mill_plan *plan,
                                const struct mill_recipe *recipe,
                                const struct mill_info *info,
                                struct mill_err *err);

/* The plan in words: "decode 1/4 > resize 1600x1067/2x2 > turn > jpeg". Returns
 * text, NUL ended, cut to n bytes. */
char *mill_plan_text(const struct mill_plan *plan, char *text, size_t n);

/* ---- tasks for lanes ----------------------------------------------------- */

/* Convert; or only say what would be made (sizes, no output); or only info. All
 * three sniff, and fill result->facts as far as they get. arg is the recipe. */
struct mill_task mill_task_convert(const struct mill_recipe *recipe);
struct mill_task mill_task_plan(const struct mill_recipe *recipe);
struct mill_task mill_task_info(const struct mill_recipe *recipe);

#endif
