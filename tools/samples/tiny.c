/* tiny/: every kind that is read, each in at most 2 KB and of an odd size, so
 * that tests can afford to cut it at every byte and to flip its every bit. */
#include "samples.h"

#include <png.h>

/* Over one block of a 4:2:0 JPEG both ways; every pass of Adam7, and plain PPM
 * within 2 KB. */
enum { TINY_W = 19, TINY_H = 17, KIND_W = 17, KIND_H = 9 };

static const struct tiny_jpeg {
    const char *path;
    struct jpeg_how how;
    const char *what;
} jpegs[] = {
    {"tiny/420.jpg", {.across = 2, .down = 2}, "baseline 4:2:0"},
    {"tiny/422.jpg", {.across = 2}, "baseline 4:2:2"},
    {"tiny/440.jpg", {.down = 2}, "baseline 4:4:0"},
    {"tiny/444.jpg", {.across = 1}, "baseline 4:4:4"},
    {"tiny/rgb.jpg", {.ink = SAMPLES_RGB}, "baseline RGB"},
    {"tiny/gray.jpg", {.ink = SAMPLES_GRAY}, "baseline gray"},
    {"tiny/cmyk.jpg", {.ink = SAMPLES_CMYK}, "baseline CMYK"},
    {"tiny/ycck.jpg",
     {.ink = SAMPLES_YCCK, .across = 2, .down = 2},
     "baseline YCCK 4:2:0"},
    {"tiny/restart.jpg",
     {.across = 2, .down = 2, .restart = true},
     "baseline 4:2:0 with restart markers"},
    {"tiny/arithmetic.jpg", {.arithmetic = true}, "arithmetic 4:4:4"},
    {"tiny/progressive.jpg",
     {.across = 2, .down = 2, .progressive = true},
     "progressive 4:2:0"},
    {"tiny/progressive-gray.jpg",
     {.ink = SAMPLES_GRAY, .progressive = true},
     "progressive gray"},
    {"tiny/progressive-cmyk.jpg",
     {.ink = SAMPLES_CMYK, .progressive = true},
     "progressive CMYK"},
};

static void
tiny_jpeg(struct tree *tree, const struct picture *picture,
          const struct tiny_jpeg *of)
{
    struct mill_buffer file = {0};
    struct jpeg_how how = of->how;
    how.quality = 80;
    samples__jpeg(&file, picture, &how);
    samples__put_buffer(tree,
                        &(struct entry){of->path, "ok", "jpeg", picture->w,
                                        picture->h, 0, of->what},
                        &file);
}

static void
tiny_png(struct tree *tree, const char *path, const struct picture *picture,
         const struct png_how *how, const char *what)
{
    struct mill_buffer file = {0};
    samples__png(&file, picture, how);
    samples__put_buffer(tree,
                        &(struct entry){path, "ok", "png", TINY_W, TINY_H,
                                        how->exif || how->late_exif ? 6 : 0,
                                        what},
                        &file);
}

static void
tiny_metadata(struct tree *tree, const struct picture *upright)
{
    struct picture stored = samples__stored(upright, 6);
    struct mill_buffer file = {0}, exif = {0}, icc = {0}, xmp = {0};
    samples__exif(&exif, 6);
    samples__icc(&icc);
    samples__xmp(&xmp);
    samples__jpeg(&file, &stored,
                  &(struct jpeg_how){
                      .quality = 80, .exif = &exif, .icc = &icc, .xmp = &xmp});
    samples__put_buffer(tree,
                        &(struct entry){"tiny/metadata.jpg", "ok", "jpeg",
                                        TINY_W, TINY_H, 6,
                                        "orientation 6, ICC and XMP"},
                        &file);
    struct png_how how = {.colour = PNG_COLOR_TYPE_RGB,
                          .depth = 8,
                          .exif = &exif,
                          .icc = &icc,
                          .xmp = &xmp};
    tiny_png(tree, "tiny/png/metadata.png", &stored, &how,
             "eXIf with orientation 6, iCCP, iTXt with XMP");
    how = (struct png_how){
        .colour = PNG_COLOR_TYPE_RGB, .depth = 8, .late_exif = &exif};
    tiny_png(tree, "tiny/png/late-exif.png", &stored, &how,
             "eXIf behind the picture: orientation 6");
    mill_buffer_clear(&exif);
    mill_buffer_clear(&icc);
    mill_buffer_clear(&xmp);
    samples__free(&stored);
}

void
samples__tiny(struct tree *tree)
{
    struct picture picture = samples__letter(TINY_W, TINY_H);
    for (size_t i = 0; i < MILL_COUNT(jpegs); i++)
        tiny_jpeg(tree, &picture, &jpegs[i]);
    tiny_metadata(tree, &picture);
    samples__png_kinds(tree, "tiny", KIND_W, KIND_H);
    tiny_png(tree, "tiny/png/gray-8-clear.png", &picture,
             &(struct png_how){.colour = PNG_COLOR_TYPE_GRAY,
                               .depth = 8,
                               .clear_colour = true},
             "gray-8, one gray is clear");
    tiny_png(tree, "tiny/png/rgb-8-clear.png", &picture,
             &(struct png_how){.colour = PNG_COLOR_TYPE_RGB,
                               .depth = 8,
                               .clear_colour = true},
             "rgb-8, one colour is clear");
    samples__pnm_kinds(tree, "tiny", KIND_W, KIND_H);
    samples__free(&picture);
}
