/* Files that are often among images and that this build does not read, by their
 * first bytes: a message says what such a file is, not what it is not. */
#include <imgmill/codec.h>

#include <string.h>

/* Brands of ISO media files, at byte 8 behind "ftyp". */
static const struct {
    const char brand[5];
    const char *name;
} brands[] = {
    {"heic", "HEIC"},  {"heix", "HEIC"},  {"heim", "HEIC"},  {"heis", "HEIC"},
    {"hevc", "HEIC"},  {"mif1", "HEIF"},  {"msf1", "HEIF"},  {"avif", "AVIF"},
    {"avis", "AVIF"},  {"crx ", "CR3"},   {"qt  ", "video"}, {"isom", "video"},
    {"mp41", "video"}, {"mp42", "video"},
};

/* Zero bytes count, so lengths are said. */
#define BEGINS(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t n;
    const char *name;
} beginnings[] = {
    {BEGINS("GIF87a"), "GIF"},
    {BEGINS("GIF89a"), "GIF"},
    {BEGINS("II*\0"), "TIFF"},
    {BEGINS("MM\0*"), "TIFF"},
    {BEGINS("II+\0"), "TIFF"},
    {BEGINS("MM\0+"), "TIFF"},
    {BEGINS("\xFF\x0A"), "JPEG XL"},
    {BEGINS("\0\0\0\x0CJXL \r\n\x87\n"), "JPEG XL"},
    {BEGINS("\0\0\0\x0CjP  \r\n\x87\n"), "JPEG 2000"},
    {BEGINS("\xFF\x4F\xFF\x51"), "JPEG 2000"},
    {BEGINS("8BPS"), "PSD"},
    {BEGINS("\0\0\1\0"), "ICO"},
    {BEGINS("qoif"), "QOI"},
    {BEGINS("gimp xcf"), "XCF"},
    {BEGINS("%PDF-"), "PDF"},
    {BEGINS("%!PS"), "PostScript"},
    {BEGINS("<svg"), "SVG"},
    {BEGINS("<?xml"), "XML, as SVG is"},
    {BEGINS("<!DOCTYPE"), "HTML"},
    {BEGINS("<!doctype"), "HTML"},
    {BEGINS("<html"), "HTML"},
};

static bool
has(struct mill_bytes head, size_t at, const char *bytes, size_t n)
{
    return head.n >= at + n && !memcmp(head.at + at, bytes, n);
}

const char *
mill_codec_strange(struct mill_bytes head)
{
    for (size_t i = 0; i < MILL_COUNT(beginnings); i++)
        if (has(head, 0, beginnings[i].bytes, beginnings[i].n))
            return beginnings[i].name;
    for (size_t i = 0; i < MILL_COUNT(brands) && has(head, 4, "ftyp", 4); i++)
        if (has(head, 8, brands[i].brand, 4))
            return brands[i].name;
    if (has(head, 0, "RIFF", 4) && has(head, 8, "WEBP", 4))
        return "WebP";
    /* Two letters are little: the four reserved bytes of a BMP are zero. */
    if (has(head, 0, "BM", 2) && has(head, 6, "\0\0\0\0", 4))
        return "BMP";
    return NULL;
}
