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
        tree,
        &(struct entry){of->path, "ok", "jpeg", of->w, of->h, 0, of->what},
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
    samples__put_buffer(tree,
                        &(struct entry){path, "ok", "jpeg", LETTER_W, LETTER_H,
                                        orientation, what},
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
                        &(struct entry){"odd/metadata.jpg", "ok", "jpeg",
                                        VIEW_W, VIEW_H, 1, "EXIF, ICC and XMP"},
                        &file);
    samples__png(&file, &picture,
                 &(struct png_how){
                     .colour = PNG_COLOR_TYPE_RGB, .depth = 8, .icc = &icc});
    samples__put_buffer(tree,
                        &(struct entry){"odd/profile.png", "ok", "png", VIEW_W,
                                        VIEW_H, 0, "RGB 8 bit with ICC"},
                        &file);
    mill_buffer_clear(&exif);
    mill_buffer_clear(&icc);
    mill_buffer_clear(&xmp);
    samples__free(&picture);
}

/* ---- PNG ----------------------------------------------------------------- */

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
                        &(struct entry){"odd/png/late-exif.png", "ok", "png",
                                        LETTER_W, LETTER_H, 6,
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
                        &(struct entry){"odd/png-named.jpg", "ok", "png",
                                        LETTER_W, LETTER_H, 0,
                                        "a PNG under a JPEG's name"},
                        &file);
    samples__free(&picture);
    picture = samples__flat(1, 1, 0xC04020);
    samples__png(&file, &picture, &how);
    samples__put_buffer(
        tree,
        &(struct entry){"odd/size-1x1.png", "ok", "png", 1, 1, 0, "one pixel"},
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
    samples__png_kinds(tree, "odd", LETTER_W + 1, LETTER_H - 1);
    png_late_exif(tree);
    misnamed(tree);
    samples__pnm_kinds(tree, "odd", LETTER_W + 1, LETTER_H - 1);
}
