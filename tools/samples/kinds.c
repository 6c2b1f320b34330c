/* Every kind of PNG and of PNM, as a letter of any size. The chapters choose
 * the folder and the size. */
#include "samples.h"

#include <png.h>

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

static void
png_kind(struct tree *tree, const char *folder, const struct picture *picture,
         const struct png_kind *of, bool interlaced)
{
    char path[64], what[64];
    struct png_how how = of->how;
    how.interlaced = interlaced;
    snprintf(path, sizeof path, "%s/png/%s%s.png", folder, of->name,
             interlaced ? "-interlaced" : "");
    snprintf(what, sizeof what, "%s%s", of->name,
             interlaced ? ", interlaced" : "");
    struct mill_buffer file = {0};
    samples__png(&file, picture, &how);
    samples__put_buffer(
        tree,
        &(struct entry){path, "ok", "png", picture->w, picture->h, 0, what},
        &file);
}

/* Each from the top down and interlaced. */
void
samples__png_kinds(struct tree *tree, const char *folder, unsigned w,
                   unsigned h)
{
    struct picture picture = samples__letter(w, h);
    for (size_t i = 0; i < MILL_COUNT(pngs); i++) {
        png_kind(tree, folder, &picture, &pngs[i], false);
        png_kind(tree, folder, &picture, &pngs[i], true);
    }
    samples__free(&picture);
}

/* ---- PNM ----------------------------------------------------------------- */

static const struct pnm_case {
    const char *name;
    struct pnm_how how;
    const char *what;
} pnms[] = {
    {"p1.pbm", {.kind = 1, .comment = "drawn"}, "P1: plain bits"},
    {"p2.pgm", {.kind = 2, .maxval = 15}, "P2: plain gray, maxval 15"},
    {"p3.ppm", {.kind = 3, .maxval = 255}, "P3: plain RGB"},
    {"p4.pbm", {.kind = 4}, "P4: bits"},
    {"p5.pgm", {.kind = 5, .maxval = 255, .comment = "drawn"}, "P5: gray"},
    {"p5-100.pgm", {.kind = 5, .maxval = 100}, "P5: maxval 100"},
    {"p5-16.pgm", {.kind = 5, .maxval = 65535}, "P5: gray 16 bit"},
    {"p6.ppm", {.kind = 6, .maxval = 255}, "P6: RGB"},
    {"p6-16.ppm", {.kind = 6, .maxval = 65535}, "P6: RGB 16 bit"},
};

static void
pnm_put(struct tree *tree, const char *folder, const char *name,
        const struct picture *picture, const char *what,
        struct mill_buffer *file)
{
    char path[64];
    snprintf(path, sizeof path, "%s/pnm/%s", folder, name);
    samples__put_buffer(
        tree,
        &(struct entry){path, "ok", "pnm", picture->w, picture->h, 0, what},
        file);
}

void
samples__pnm_kinds(struct tree *tree, const char *folder, unsigned w,
                   unsigned h)
{
    struct picture picture = samples__letter(w, h);
    struct mill_buffer file = {0};
    for (size_t i = 0; i < MILL_COUNT(pnms); i++) {
        samples__pnm(&file, &picture, &pnms[i].how);
        pnm_put(tree, folder, pnms[i].name, &picture, pnms[i].what, &file);
    }
    samples__pam(&file, &picture, 255);
    pnm_put(tree, folder, "rgba.pam", &picture, "P7: RGB and alpha", &file);
    samples__pam(&file, &picture, 65535);
    pnm_put(tree, folder, "rgba-16.pam", &picture, "P7: RGB and alpha 16 bit",
            &file);
    samples__free(&picture);
}
