/* One plane under a Gaussian: its weights and its rings of rows. Inside op. */
#ifndef OP_SOFTEN_H
#define OP_SOFTEN_H

#include <imgmill/pixel.h>

struct op__blur_kernels;

/* The weights of one axis, from the farthest sample, `reach` away, to the own
 * one. All 2 * reach + 1 add up to 2^bits. */
struct op__gauss {
    uint32_t *weights;
    uint32_t reach; /* ceil(3 sigma); 0: the axis stays as it is */
    unsigned bits;
};

/* A ring of rows: row y lies in place y % n. */
struct op__ring {
    uint8_t *at;
    size_t stride_bytes;
    uint32_t n; /* rows; 0: no ring */
};

/* What is to be known of a plane before there is memory for it. */
struct op__soften_plan {
    uint32_t w, h;           /* samples */
    unsigned depth;          /* 8 or 16 */
    double sigma_x, sigma_y; /* samples; below 0.2 an axis stays as it is */
    bool keeps;              /* the plane's own rows are wanted back too */
    uint32_t ring_rows;      /* see op__soften_reach */
};

struct op__soften {
    struct op__soften_plan plan;
    const struct op__blur_kernels *kernels;
    struct op__gauss x, y;
    struct op__ring middle, own; /* blurred across; as they came */
    void *edged;                 /* one row, lifted, its edges repeated */
    const void **rows;           /* what one weighted sum runs over */
    void *soft;                  /* one row: blurred both ways */
    uint32_t fed;                /* rows */
};

/* Rows before and behind its own that a blurred row depends on. The ring must
 * hold them all, and whatever the caller feeds before it makes a row. */
uint32_t op__soften_reach(double sigma);

/* Are both axes left as they are? */
bool op__soften_passes(const struct op__soften_plan *plan);

/* Bytes that op__soften_init takes. Saturates. */
uint64_t op__soften_bytes(const struct op__soften_plan *plan);
enum mill_status op__soften_init(struct op__soften *soften,
                                 const struct op__soften_plan *plan,
                                 struct mill_arena *arena,
                                 struct mill_err *err);

/* The next row of the plane. */
void op__soften_feed(struct op__soften *soften, const void *row);

/* Row y blurred, with OP__SOFT_BITS below the point; valid until the next call.
 * Rows up to min(y + reach, h - 1) were fed. Not for a plane that passes. */
const void *op__soften_make(struct op__soften *soften, uint32_t y);
/* Row y as it was fed; of a plane that passes or keeps. */
const void *op__soften_own(const struct op__soften *soften, uint32_t y);

#endif
