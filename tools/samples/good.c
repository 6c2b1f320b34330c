/* good/: landscapes, as cameras and the web have them, in a tree of folders. */
#include "samples.h"

#include <png.h>
#include <string.h>

struct photograph {
    const char *path;
    unsigned scene, w, h;
    struct jpeg_how how;
    const char *what;
};

static const struct photograph photographs[] = {
    {"good/morning.jpg",
     0,
     1200,
     800,
     {.quality = 80, .across = 2, .down = 2},
     "baseline 4:2:0"},
    {"good/night.jpg",
     3,
     640,
     427,
     {.quality = 80, .across = 2, .down = 2},
     "baseline 4:2:0"},
    {"good/mountains/noon.jpg",
     1,
     960,
     640,
     {.quality = 80, .across = 2, .down = 2, .progressive = true},
     "progressive 4:2:0"},
    {"good/mountains/winter.jpg",
     5,
     640,
     427,
     {.quality = 85, .across = 2, .down = 1},
     "baseline 4:2:2"},
    {"good/mountains/winter-upright.jpg",
     5,
     427,
     640,
     {.quality = 80, .across = 2, .down = 1, .progressive = true},
     "progressive 4:2:2"},
    {"good/mountains/storm.jpeg",
     8,
     640,
     427,
     {.quality = 85},
     "baseline 4:4:4"},
    {"good/lakes/evening.jpg",
     2,
     800,
     533,
     {.quality = 80, .across = 2, .down = 2, .restart = true},
     "baseline 4:2:0 with restart markers"},
    {"good/lakes/evening-wide.jpg",
     2,
     900,
     300,
     {.quality = 75, .progressive = true},
     "progressive 4:4:4"},
    {"good/lakes/fog.jpg",
     6,
     640,
     427,
     {.quality = 80, .ink = SAMPLES_GRAY},
     "baseline gray"},
    {"good/lakes/far/autumn.jpg",
     4,
     640,
     427,
     {.quality = 80, .across = 2, .down = 2},
     "baseline 4:2:0"},
    {"good/lakes/far/autumn-gray.jpg",
     4,
     640,
     427,
     {.quality = 75, .ink = SAMPLES_GRAY, .progressive = true},
     "progressive gray"},
    {"good/desert.jpg",
     7,
     800,
     533,
     {.quality = 90, .across = 1, .down = 2},
     "baseline 4:4:0"},
};

static void
photograph(struct tree *tree, const struct photograph *of)
{
    char what[80];
    snprintf(what, sizeof what, "a landscape: %s", of->what);
    struct picture picture = samples__landscape(of->scene, of->w, of->h);
    struct mill_buffer file = {0};
    samples__jpeg(&file, &picture, &of->how);
    samples__put_buffer(
        tree, &(struct entry){of->path, "ok", "jpeg", of->w, of->h, 0, what},
        &file);
    samples__free(&picture);
}

static void
screenshot(struct tree *tree)
{
    struct picture picture = samples__landscape(0, 300, 200);
    struct mill_buffer file = {0};
    samples__png(&file, &picture,
                 &(struct png_how){.colour = PNG_COLOR_TYPE_RGB, .depth = 8});
    samples__put_buffer(tree,
                        &(struct entry){"good/morning-small.png", "ok", "png",
                                        300, 200, 0, "a landscape: RGB 8 bit"},
                        &file);
    samples__free(&picture);
}

void
samples__good(struct tree *tree)
{
    for (size_t i = 0; i < MILL_COUNT(photographs); i++)
        photograph(tree, &photographs[i]);
    screenshot(tree);
}
