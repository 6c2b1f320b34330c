/* odd/: what is rare but right, and must convert. Small pictures, each with
 * one thing that is special. */
#include "samples.h"

#include <png.h>

enum { LETTER_W = 64, LETTER_H = 48, VIEW_W = 120, VIEW_H = 80 };

/* ---- JPEG ---------------------------------------------------------------- */

struct jpeg_case {
    const char *path;
    unsigned w, h;
    struct jpeg_how how;
    const char *what;
};

static const struct jpeg_case jpegs[] = {
    {"odd/cmyk.jpg",
     VIEW_W,
     VIEW_H,
     {.quality = 80, .ink = SAMPLES_CMYK},
     "CMYK, inverted as Adobe does"},
    {"odd/ycck.jpg",
     VIEW_W,
     VIEW_H,
     {.quality = 80, .ink = SAMPLES_YCCK, .across = 2, .down = 2},
     "YCCK 4:2:0, inverted as Adobe does"},
    {"odd/size-17x13.jpg",
     17,
     13,
     {.quality = 80, .across = 2, .down = 2},
     "4:2:0 of an odd size"},
    {"odd/size-17x13-progressive.jpg",
     17,
     13,
     {.quality = 80, .across = 2, .down = 2, .progressive = true},
     "progressive 4:2:0 of an odd size"},
    {"odd/size-1x1.jpg",
     1,
     1,
     {.quality = 80, .across = 2, .down = 2},
     "one pixel"},
    {"odd/size-1x300.jpg",
     1,
     300,
     {.quality = 80, .across = 2, .down = 2},
     "one column"},
    {"odd/size-300x1.jpg",
     300,
     1,
     {.quality = 80, .across = 2, .down = 2},
     "one row"},
    {"odd/sampling-411.jpg",
     VIEW_W,
     VIEW_H,
     {.quality = 80, .across = 4},
     "4:1:1"},
    {"odd/sampling-410.jpg",
     VIEW_W,
     VIEW_H,
     {.quality = 80, .across = 4, .down = 2},
     "4:1:0"},
    {"odd/quality-1.jpg",
     VIEW_W,
     VIEW_H,
     {.quality = 1, .across = 2, .down = 2},
     "quality 1"},
    {"odd/quality-100.jpg", VIEW_W, VIEW_H, {.quality = 100}, "quality 100"},
    {"odd/scans-64.jpg",
     LETTER_W,
     LETTER_H,
     {.quality = 80, .ink = SAMPLES_GRAY, .passes = 1},
     "progressive, 64 scans: under the limit"},
};

static void
jpeg_case(struct tree *tree, const struct jpeg_case *of, unsigned scene)
{
    struct picture picture = samples__landscape(scene, of->w, of->h);
    struct mill_buffer file = {0};
    samples__jpeg(&file, &picture, &of->how);
    samples__put_buffer(
        tree, &(struct entry){of->path, true, "jpeg", of->w, of->h, of->what},
        &file);
    samples__free(&picture);
}

static void
oriented(struct tree *tree, unsigned orientation)
{
    char path[64], what[64];
    snprintf(path, sizeof path, "odd/orientation-%u.jpg", orientation);
    snprintf(what, sizeof what, "EXIF orientation %u", orientation);
    struct picture upright = samples__letter(LETTER_W, LETTER_H);
    struct picture stored = samples__stored(&upright, orientation);
    struct mill_buffer file = {0}, exif = {0};
    samples__exif(&exif, orientation);
    samples__jpeg(&file, &stored,
                  &(struct jpeg_how){.quality = 92, .exif = &exif});
    samples__put_buffer(
        tree, &(struct entry){path, true, "jpeg", LETTER_W, LETTER_H, what},
        &file);
    mill_buffer_clear(&exif);
    samples__free(&stored);
    samples__free(&upright);
}

static void
with_metadata(struct tree *tree)
{
    struct picture picture = samples__landscape(2, VIEW_W, VIEW_H);
    struct mill_buffer file = {0}, exif = {0}, icc = {0}, xmp = {0};
    samples__exif(&exif, 1);
    samples__icc(&icc);
    samples__xmp(&xmp);
    samples__jpeg(&file, &picture,
                  &(struct jpeg_how){.quality = 80,
                                     .across = 2,
                                     .down = 2,
                                     .exif = &exif,
                                     .icc = &icc,
                                     .xmp = &xmp});
    samples__put_buffer(tree,
                        &(struct entry){"odd/metadata.jpg", true, "jpeg",
                                        VIEW_W, VIEW_H, "EXIF, ICC and XMP"},
                        &file);
    samples__png(&file, &picture,
                 &(struct png_how){
                     .colour = PNG_COLOR_TYPE_RGB, .depth = 8, .icc = &icc});
    samples__put_buffer(tree,
                        &(struct entry){"odd/profile.png", true, "png", VIEW_W,
                                        VIEW_H, "RGB 8 bit with ICC"},
                        &file);
    mill_buffer_clear(&exif);
    mill_buffer_clear(&icc);
    mill_buffer_clear(&xmp);
    samples__free(&picture);
}

/* ---- PNG ----------------------------------------------------------------- */

static const struct png_kind {
    const char *name;
    struct png_how how;
} pngs[] = {
    {"gray-1", {.colour = PNG_COLOR_TYPE_GRAY, .depth = 1}},
    {"gray-2", {.colour = PNG_COLOR_TYPE_GRAY, .depth = 2}},
    {"gray-4", {.colour = PNG_COLOR_TYPE_GRAY, .depth = 4}},
    {"gray-8", {.colour = PNG_COLOR_TYPE_GRAY, .depth = 8}},
    {"gray-16", {.colour = PNG_COLOR_TYPE_GRAY, .depth = 16}},
    {"gray-alpha-8", {.colour = PNG_COLOR_TYPE_GRAY_ALPHA, .depth = 8}},
    {"gray-alpha-16", {.colour = PNG_COLOR_TYPE_GRAY_ALPHA, .depth = 16}},
    {"rgb-8", {.colour = PNG_COLOR_TYPE_RGB, .depth = 8}},
    {"rgb-16", {.colour = PNG_COLOR_TYPE_RGB, .depth = 16}},
    {"rgba-8", {.colour = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 8}},
    {"rgba-16", {.colour = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16}},
    {"palette-1", {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 1}},
    {"palette-2", {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 2}},
    {"palette-4", {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 4}},
    {"palette-8", {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 8}},
    {"palette-4-clear",
     {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 4, .clear_entry = true}},
};

/* Every kind from the top down and interlaced. */
static void
png_kind(struct tree *tree, const struct png_kind *of, bool interlaced)
{
    char path[64], what[64];
    struct png_how how = of->how;
    how.interlaced = interlaced;
    snprintf(path, sizeof path, "odd/png/%s%s.png", of->name,
             interlaced ? "-interlaced" : "");
    snprintf(what, sizeof what, "%s%s", of->name,
             interlaced ? ", interlaced" : "");
    struct picture picture = samples__letter(LETTER_W + 1, LETTER_H - 1);
    struct mill_buffer file = {0};
    samples__png(&file, &picture, &how);
    samples__put_buffer(
        tree, &(struct entry){path, true, "png", picture.w, picture.h, what},
        &file);
    samples__free(&picture);
}

static void
png_late_exif(struct tree *tree)
{
    struct picture upright = samples__letter(LETTER_W, LETTER_H);
    struct picture stored = samples__stored(&upright, 6);
    struct mill_buffer file = {0}, exif = {0};
    samples__exif(&exif, 6);
    samples__png(&file, &stored,
                 &(struct png_how){.colour = PNG_COLOR_TYPE_RGB,
                                   .depth = 8,
                                   .late_exif = &exif});
    samples__put_buffer(tree,
                        &(struct entry){"odd/png/late-exif.png", true, "png",
                                        LETTER_W, LETTER_H,
                                        "eXIf behind the picture: "
                                        "orientation 6"},
                        &file);
    mill_buffer_clear(&exif);
    samples__free(&stored);
    samples__free(&upright);
}

/* A whole file of one format under the name of another. */
static void
misnamed(struct tree *tree)
{
    struct picture picture = samples__letter(LETTER_W, LETTER_H);
    struct mill_buffer file = {0};
    struct png_how how = {.colour = PNG_COLOR_TYPE_RGB, .depth = 8};
    samples__png(&file, &picture, &how);
    samples__put_buffer(tree,
                        &(struct entry){"odd/png-named.jpg", true, "png",
                                        LETTER_W, LETTER_H,
                                        "a PNG under a JPEG's name"},
                        &file);
    samples__free(&picture);
    picture = samples__flat(1, 1, 0xC04020);
    samples__png(&file, &picture, &how);
    samples__put_buffer(
        tree,
        &(struct entry){"odd/size-1x1.png", true, "png", 1, 1, "one pixel"},
        &file);
    samples__free(&picture);
}

/* ---- PNM ----------------------------------------------------------------- */

static const struct pnm_case {
    const char *path;
    struct pnm_how how;
    const char *what;
} pnms[] = {
    {"odd/pnm/p1.pbm", {.kind = 1, .comment = "drawn"}, "P1: plain bits"},
    {"odd/pnm/p2.pgm", {.kind = 2, .maxval = 15}, "P2: plain gray, maxval 15"},
    {"odd/pnm/p3.ppm", {.kind = 3, .maxval = 255}, "P3: plain RGB"},
    {"odd/pnm/p4.pbm", {.kind = 4}, "P4: bits"},
    {"odd/pnm/p5.pgm",
     {.kind = 5, .maxval = 255, .comment = "drawn"},
     "P5: gray"},
    {"odd/pnm/p5-100.pgm", {.kind = 5, .maxval = 100}, "P5: maxval 100"},
    {"odd/pnm/p5-16.pgm", {.kind = 5, .maxval = 65535}, "P5: gray 16 bit"},
    {"odd/pnm/p6.ppm", {.kind = 6, .maxval = 255}, "P6: RGB"},
    {"odd/pnm/p6-16.ppm", {.kind = 6, .maxval = 65535}, "P6: RGB 16 bit"},
};

static void
pnm_all(struct tree *tree)
{
    struct picture picture = samples__letter(LETTER_W + 1, LETTER_H - 1);
    struct mill_buffer file = {0};
    for (size_t i = 0; i < MILL_COUNT(pnms); i++) {
        samples__pnm(&file, &picture, &pnms[i].how);
        samples__put_buffer(tree,
                            &(struct entry){pnms[i].path, true, "pnm",
                                            picture.w, picture.h, pnms[i].what},
                            &file);
    }
    samples__pam(&file, &picture, 255);
    samples__put_buffer(tree,
                        &(struct entry){"odd/pnm/rgba.pam", true, "pnm",
                                        picture.w, picture.h,
                                        "P7: RGB and alpha"},
                        &file);
    samples__pam(&file, &picture, 65535);
    samples__put_buffer(tree,
                        &(struct entry){"odd/pnm/rgba-16.pam", true, "pnm",
                                        picture.w, picture.h,
                                        "P7: RGB and alpha 16 bit"},
                        &file);
    samples__free(&picture);
}

void
samples__odd(struct tree *tree)
{
    for (unsigned i = 0; i < MILL_COUNT(jpegs); i++)
        jpeg_case(tree, &jpegs[i], i % SAMPLES_SCENES);
    for (unsigned orientation = 1; orientation <= 8; orientation++)
        oriented(tree, orientation);
    with_metadata(tree);
    for (size_t i = 0; i < MILL_COUNT(pngs); i++) {
        png_kind(tree, &pngs[i], false);
        png_kind(tree, &pngs[i], true);
    }
    png_late_exif(tree);
    misnamed(tree);
    pnm_all(tree);
}
