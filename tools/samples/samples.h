/* What the files of make-samples share: a drawn picture, the tree that is
 * written, the encoders, and the chapters. Out of memory or a refusal of a
 * library ends the program at once; a failed write is remembered in the tree.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdio.h>

#include <imgmill/base.h>

/* Rows of R, G, B, packed, from the top. */
struct picture {
    unsigned w, h;
    uint8_t *rgb; /* owned; samples__free releases it */
};

/* ---- tree ---------------------------------------------------------------- */

/* Where the files go. What is written is told to the manifest in order. */
struct tree {
    const char *root;
    FILE *manifest;
    unsigned files;
    size_t bytes;
    bool failed; /* some write failed; errno was told on stderr */
};

/* What the manifest says of a file. */
struct entry {
    const char *path;    /* below the root */
    const char *verdict; /* "ok", or the word of why it must fail */
    const char *format;
    unsigned w, h;        /* as shown, upright; 0: nothing can be said */
    unsigned orientation; /* EXIF 1..8; 0: none given */
    const char *what;
};

void samples__open(struct tree *tree, const char *root);
void samples__put(struct tree *tree, const struct entry *entry,
                  struct mill_bytes bytes);
/* The same, and the buffer is cleared. */
void samples__put_buffer(struct tree *tree, const struct entry *entry,
                         struct mill_buffer *buffer);
void samples__close(struct tree *tree);

/* ---- pictures ------------------------------------------------------------ */

enum { SAMPLES_SCENES = 9 };

/* A landscape; scene below SAMPLES_SCENES. */
struct picture samples__landscape(unsigned scene, unsigned w, unsigned h);
/* An F and an arrow upwards: no turn and no mirror leaves it as it is. */
struct picture samples__letter(unsigned w, unsigned h);
/* The upright picture as a camera with this EXIF orientation stores it. */
struct picture samples__stored(const struct picture *upright,
                               unsigned orientation);
struct picture samples__flat(unsigned w, unsigned h, uint32_t rgb);
void samples__free(struct picture *picture);

/* 0..1, the same for ever for the same corner; and smooth sums of it. */
float samples__noise(uint32_t seed, int x, int y);
float samples__smooth(uint32_t seed, float x, float y);
float samples__fractal(uint32_t seed, float x, float y, unsigned octaves);

unsigned samples__luma(const uint8_t *rgb); /* 0..255 */
unsigned samples__alpha(const struct picture *picture, unsigned x,
                        unsigned y); /* clear corners, opaque middle */

/* ---- metadata ------------------------------------------------------------ */

/* A TIFF block with orientation 1..8 and a title; an sRGB-like display profile
 * (matrix and one curve); an XMP packet. Each is appended. */
void samples__exif(struct mill_buffer *out, unsigned orientation);
void samples__icc(struct mill_buffer *out);
void samples__xmp(struct mill_buffer *out);

/* ---- encoders: what they make is appended to *out -------------------------*/

enum samples_ink {
    SAMPLES_YCC,
    SAMPLES_RGB,
    SAMPLES_GRAY,
    SAMPLES_CMYK,
    SAMPLES_YCCK
};

struct jpeg_how {
    unsigned quality; /* 1..100 */
    enum samples_ink ink;
    unsigned across, down; /* chroma is 1/across by 1/down; 0 means 1 */
    bool progressive;
    unsigned passes; /* gray: each of the 63 coefficients comes alone, in this
                        many scans, 1..5; 0: as libjpeg likes */
    bool restart;    /* a marker for each row of blocks */
    bool arithmetic;
    const struct mill_buffer *exif, *icc, *xmp; /* NULL: none */
};

struct png_how {
    int colour; /* PNG_COLOR_TYPE_… */
    unsigned depth;
    bool interlaced;
    bool clear_entry;  /* tRNS: a palette's first is half clear */
    bool clear_colour; /* tRNS: the letter's ink is clear; no palette */
    const struct mill_buffer *late_exif; /* behind the picture; NULL: none */
    const struct mill_buffer *exif, *icc, *xmp;
};

/* kind 1..6: P1 to P6. maxval is for 2, 3, 5 and 6; above 255: two bytes. */
struct pnm_how {
    unsigned kind, maxval;
    const char *comment; /* NULL: none */
};

void samples__jpeg(struct mill_buffer *out, const struct picture *picture,
                   const struct jpeg_how *how);
void samples__png(struct mill_buffer *out, const struct picture *picture,
                  const struct png_how *how);
/* All black, 1 bit a pixel, of any size, a row at a time. */
void samples__png_black(struct mill_buffer *out, unsigned w, unsigned h);
void samples__pnm(struct mill_buffer *out, const struct picture *picture,
                  const struct pnm_how *how);
void samples__pam(struct mill_buffer *out, const struct picture *picture,
                  unsigned maxval);

/* ---- every kind that we read --------------------------------------------- */

/* In the folders png and pnm of the folder. */
void samples__png_kinds(struct tree *tree, const char *folder, unsigned w,
                        unsigned h);
void samples__pnm_kinds(struct tree *tree, const char *folder, unsigned w,
                        unsigned h);

/* ---- bytes --------------------------------------------------------------- */

void *samples__take(size_t n); /* never NULL */
void samples__add(struct mill_buffer *out, const void *at, size_t n);
void samples__add_text(struct mill_buffer *out, const char *text);
void samples__add_u16(struct mill_buffer *out, unsigned value); /* big endian */
void samples__add_u32(struct mill_buffer *out, uint32_t value);

/* ---- chapters ------------------------------------------------------------ */

void samples__good(struct tree *tree);
void samples__odd(struct tree *tree);
void samples__tiny(struct tree *tree);
void samples__bad(struct tree *tree);

#endif
