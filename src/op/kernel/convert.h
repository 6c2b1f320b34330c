/* Row loops of pixel formulas: colour models, alpha, depth, background. */
#ifndef OP_KERNEL_CONVERT_H
#define OP_KERNEL_CONVERT_H

#include <imgmill/pixel.h>

/* What one call works on: n samples of each plane; `from` and `to` never
 * overlap. A loop takes its planes from from[0] on and gives to[0] on; where it
 * needs alpha, that stands behind the colours: from[n_planes]. */
struct op__rows {
    const void *from[MILL_PLANES];
    void *to[MILL_PLANES];
    uint32_t n;
    unsigned n_planes; /* of the loops that take any number */
    uint32_t level;    /* of fill; neutral chroma in ycc loops */
    int32_t delta;     /* of shift */
    uint32_t background[MILL_PLANES];
};

/* [0]: 8-bit samples, [1]: 16-bit ones. */
struct op__convert_kernels {
    void (*gray_of_rgb[2])(const struct op__rows *);
    void (*ycc_of_rgb[2])(const struct op__rows *);
    void (*rgb_of_ycc[2])(const struct op__rows *);
    void (*rgb_of_cmyk[2])(const struct op__rows *);
    void (*fill[2])(const struct op__rows *); /* one plane, of one level */
    /* n_planes colours and alpha. */
    void (*multiply[2])(const struct op__rows *);
    void (*divide[2])(const struct op__rows *);
    void (*cover_straight[2])(const struct op__rows *); /* over background */
    void (*cover_multiplied[2])(const struct op__rows *);
    /* One plane: 8 bits to 16 and back; 16 bits moved by delta and clamped. */
    void (*widen)(const struct op__rows *);
    void (*narrow)(const struct op__rows *);
    void (*shift)(const struct op__rows *);
};

/* In files of their own: this loop is written for the level. */
void op__ycc_of_rgb_8_base(const struct op__rows *rows);
void op__ycc_of_rgb_8_v3(const struct op__rows *rows);

#endif
