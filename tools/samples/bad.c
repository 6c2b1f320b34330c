/* bad/: what must fail, each for a reason of its own: cut short, bits changed,
 * headers that lie, pictures that would fill the memory, and what is no picture
 * at all. All is made from a right file by a change to its bytes. */
#include "samples.h"

#include <png.h>
#include <string.h>

enum { W = 96, H = 64, PNG_SIZE_AT = 16, PNG_IHDR_AT = 12, IHDR_N = 17 };

static void
put(struct tree *tree, const char *path, const char *cause, const char *format,
    const char *what, struct mill_bytes bytes)
{
    samples__put(tree, &(struct entry){path, cause, format, 0, 0, 0, what},
                 bytes);
}

static struct mill_bytes
first_of(const struct mill_buffer *file, size_t n)
{
    return (struct mill_bytes){file->at, n};
}

static struct mill_bytes
all_of(const struct mill_buffer *file)
{
    return first_of(file, file->n);
}

static struct mill_buffer
jpeg_of(const struct jpeg_how *how)
{
    struct picture picture = samples__landscape(1, W, H);
    struct mill_buffer file = {0};
    samples__jpeg(&file, &picture, how);
    samples__free(&picture);
    return file;
}

static struct mill_buffer
png_of(bool interlaced)
{
    struct picture picture = samples__landscape(2, W, H);
    struct mill_buffer file = {0};
    samples__png(&file, &picture,
                 &(struct png_how){.colour = PNG_COLOR_TYPE_RGB,
                                   .depth = 8,
                                   .interlaced = interlaced});
    samples__free(&picture);
    return file;
}

/* ---- JPEG ---------------------------------------------------------------- */

/* Where the marker 0xFF `code` stands; the files here have it. */
static size_t
marker_at(const struct mill_buffer *file, unsigned code)
{
    size_t i = 2;
    while (i + 4 < file->n && file->at[i + 1] != code)
        i += 2 + (file->at[i + 2] << 8 | file->at[i + 3]);
    return i;
}

static void
jpeg_set_size(struct mill_buffer *file, unsigned w, unsigned h)
{
    uint8_t *size = file->at + marker_at(file, 0xC0) + 5;
    size[0] = (uint8_t)(h >> 8);
    size[1] = (uint8_t)h;
    size[2] = (uint8_t)(w >> 8);
    size[3] = (uint8_t)w;
}

static void
jpeg_cut(struct tree *tree)
{
    struct mill_buffer file =
        jpeg_of(&(struct jpeg_how){.quality = 80, .across = 2, .down = 2});
    put(tree, "bad/truncated.jpg", "damaged", "jpeg",
        "the last third is missing", first_of(&file, file.n * 2 / 3));
    put(tree, "bad/truncated-in-header.jpg", "damaged", "jpeg",
        "ends in its tables", first_of(&file, marker_at(&file, 0xDA) - 9));
    put(tree, "bad/only-start.jpg", "damaged", "jpeg", "four bytes of a JPEG",
        first_of(&file, 4));
    put(tree, "bad/no-end.jpg", "damaged", "jpeg",
        "the last 40 bytes are missing", first_of(&file, file.n - 40));
    jpeg_set_size(&file, 65500, 65500);
    put(tree, "bad/lies-65500.jpg", "limit", "jpeg",
        "says 65500x65500 over a tiny body", all_of(&file));
    jpeg_set_size(&file, 16000, 16000);
    put(tree, "bad/lies-16000.jpg", "damaged", "jpeg",
        "says 16000x16000, within the limit, over a tiny body", all_of(&file));
    jpeg_set_size(&file, 0, H);
    put(tree, "bad/no-width.jpg", "damaged", "jpeg", "says a width of 0",
        all_of(&file));
    mill_buffer_clear(&file);
}

/* Restart markers make sure that the damage is seen: each row of blocks must
 * end where its marker stands. */
static void
jpeg_flipped(struct tree *tree)
{
    struct mill_buffer file = jpeg_of(&(struct jpeg_how){
        .quality = 80, .across = 2, .down = 2, .restart = true});
    size_t from = marker_at(&file, 0xDA) + 40;
    for (size_t i = from; i + 2 < file.n; i += 29)
        if (file.at[i] != 0xFF && file.at[i - 1] != 0xFF)
            file.at[i] = (uint8_t)((file.at[i] ^ 0x55) & 0xFE);
    put(tree, "bad/flipped.jpg", "damaged", "jpeg",
        "bits changed in its picture", all_of(&file));
    mill_buffer_clear(&file);
    file = jpeg_of(&(struct jpeg_how){.quality = 80, .progressive = true});
    put(tree, "bad/truncated-progressive.jpg", "damaged", "jpeg",
        "progressive, the last scans are missing", first_of(&file, file.n / 2));
    mill_buffer_clear(&file);
}

static void
jpeg_scans(struct tree *tree)
{
    struct mill_buffer file = jpeg_of(
        &(struct jpeg_how){.quality = 80, .ink = SAMPLES_GRAY, .passes = 4});
    put(tree, "bad/scans-253.jpg", "limit", "jpeg",
        "progressive, 253 scans: over the limit", all_of(&file));
    mill_buffer_clear(&file);
}

/* ---- PNG ----------------------------------------------------------------- */

static uint32_t
crc_of(const uint8_t *at, size_t n)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= at[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void
set_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void
png_set_size(struct mill_buffer *file, uint32_t w, uint32_t h)
{
    set_u32(file->at + PNG_SIZE_AT, w);
    set_u32(file->at + PNG_SIZE_AT + 4, h);
    set_u32(file->at + PNG_IHDR_AT + IHDR_N,
            crc_of(file->at + PNG_IHDR_AT, IHDR_N));
}

static void
png_cut(struct tree *tree)
{
    struct mill_buffer file = png_of(false);
    put(tree, "bad/truncated.png", "damaged", "png",
        "the last third is missing", first_of(&file, file.n * 2 / 3));
    put(tree, "bad/truncated-in-header.png", "damaged", "png", "ends in IHDR",
        first_of(&file, 20));
    png_set_size(&file, 0x7FFFFFFF, 0x7FFFFFFF);
    put(tree, "bad/lies-most.png", "limit", "png", "says 2147483647 both ways",
        all_of(&file));
    png_set_size(&file, 60000, 60000);
    put(tree, "bad/lies-60000.png", "limit", "png",
        "says 60000x60000 over a tiny body", all_of(&file));
    png_set_size(&file, W, H * 2);
    put(tree, "bad/lies-twice.png", "damaged", "png",
        "says twice the rows that it has", all_of(&file));
    png_set_size(&file, 0, H);
    put(tree, "bad/no-width.png", "damaged", "png", "says a width of 0",
        all_of(&file));
    mill_buffer_clear(&file);
    file = png_of(true);
    put(tree, "bad/truncated-interlaced.png", "damaged", "png",
        "interlaced, the last third is missing",
        first_of(&file, file.n * 2 / 3));
    mill_buffer_clear(&file);
}

static void
png_flipped(struct tree *tree)
{
    struct mill_buffer file = png_of(false);
    file.at[file.n / 2] ^= 0x10;
    put(tree, "bad/flipped.png", "damaged", "png",
        "one bit changed in its picture", all_of(&file));
    mill_buffer_clear(&file);
}

static void
png_bomb(struct tree *tree)
{
    struct mill_buffer file = {0};
    samples__png_black(&file, 16384, 16384);
    put(tree, "bad/bomb.png", "limit", "png",
        "16384x16384, all there, just over the limit", all_of(&file));
    mill_buffer_clear(&file);
}

/* ---- PNM and what is no picture ------------------------------------------ */

static void
text(struct tree *tree, const char *path, const char *cause, const char *format,
     const char *what, const char *content)
{
    put(tree, path, cause, format, what,
        (struct mill_bytes){(const uint8_t *)content, strlen(content)});
}

void
samples__bad(struct tree *tree)
{
    jpeg_cut(tree);
    jpeg_flipped(tree);
    jpeg_scans(tree);
    png_cut(tree);
    png_flipped(tree);
    png_bomb(tree);
    text(tree, "bad/truncated.ppm", "damaged", "pnm", "the picture is missing",
         "P6\n64 48\n255\nno more than this");
    text(tree, "bad/lies.pgm", "limit", "pnm", "says 100000x100000",
         "P5\n100000 100000\n255\nno more than this");
    text(tree, "bad/empty.jpg", "format", "-", "nothing at all", "");
    text(tree, "bad/text.jpg", "format", "-", "a text under a JPEG's name",
         "This is no picture.\n");
}
