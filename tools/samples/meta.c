/* Metadata made by hand: EXIF, an ICC profile, XMP. Offsets are written out,
 * so that each block can be read beside its standard. */
#include "samples.h"

#include <string.h>

/* Big endian TIFF, one directory with two entries, and the title behind it. */
void
samples__exif(struct mill_buffer *out, unsigned orientation)
{
    static const char title[] = "drawn by make-samples";
    enum { DIRECTORY_AT = 8, TITLE_AT = 8 + 2 + 2 * 12 + 4 };
    samples__add(out, "MM\0*", 4);
    samples__add_u32(out, DIRECTORY_AT);
    samples__add_u16(out, 2);
    samples__add_u16(out, 0x010E); /* ImageDescription, ASCII */
    samples__add_u16(out, 2);
    samples__add_u32(out, sizeof title);
    samples__add_u32(out, TITLE_AT);
    samples__add_u16(out, 0x0112); /* Orientation, SHORT */
    samples__add_u16(out, 3);
    samples__add_u32(out, 1);
    samples__add_u16(out, orientation);
    samples__add_u16(out, 0);
    samples__add_u32(out, 0); /* no further directory */
    samples__add(out, title, sizeof title);
}

/* ---- the profile --------------------------------------------------------- */

enum { TAGS = 9, TABLE_AT = 128, DATA_AT = TABLE_AT + 4 + TAGS * 12 };

/* One tag's entry in the table and its data; where two have one address, the
 * data is shared. */
struct tag {
    char name[5];
    unsigned at, n;
};

enum {
    DESC_AT = DATA_AT,
    DESC_N = 12 + 10 + 4 + 4 + 2 + 1 + 67,
    CPRT_AT = DESC_AT + DESC_N,
    CPRT_N = 8 + 4,
    XYZ_AT = CPRT_AT + CPRT_N,
    XYZ_N = 20,
    CURVE_AT = XYZ_AT + 4 * XYZ_N,
    CURVE_N = 14,
    PROFILE_N = CURVE_AT + CURVE_N + 2
};

static const struct tag tags[TAGS] = {{"desc", DESC_AT, DESC_N},
                                      {"cprt", CPRT_AT, CPRT_N},
                                      {"wtpt", XYZ_AT, XYZ_N},
                                      {"rXYZ", XYZ_AT + XYZ_N, XYZ_N},
                                      {"gXYZ", XYZ_AT + 2 * XYZ_N, XYZ_N},
                                      {"bXYZ", XYZ_AT + 3 * XYZ_N, XYZ_N},
                                      {"rTRC", CURVE_AT, CURVE_N},
                                      {"gTRC", CURVE_AT, CURVE_N},
                                      {"bTRC", CURVE_AT, CURVE_N}};

static void
add_zeroes(struct mill_buffer *out, unsigned n)
{
    static const uint8_t zeroes[80];
    samples__add(out, zeroes, n);
}

/* In 1/65536. */
static void
add_xyz(struct mill_buffer *out, uint32_t x, uint32_t y, uint32_t z)
{
    samples__add(out, "XYZ \0\0\0\0", 8);
    samples__add_u32(out, x);
    samples__add_u32(out, y);
    samples__add_u32(out, z);
}

static void
add_profile_head(struct mill_buffer *out)
{
    samples__add_u32(out, PROFILE_N);
    add_zeroes(out, 4);
    samples__add_u32(out, 0x02100000); /* version 2.1 */
    samples__add_text(out, "mntrRGB XYZ ");
    for (unsigned i = 0; i < 6; i++) /* a day, so that it is a date */
        samples__add_u16(out, (const unsigned[]){2024, 1, 1, 0, 0, 0}[i]);
    samples__add_text(out, "acsp");
    add_zeroes(out, 28);
    samples__add_u32(out, 0xF6D6); /* D50, in 1/65536 */
    samples__add_u32(out, 0x10000);
    samples__add_u32(out, 0xD32D);
    add_zeroes(out, 48);
}

void
samples__icc(struct mill_buffer *out)
{
    add_profile_head(out);
    samples__add_u32(out, TAGS);
    for (unsigned i = 0; i < TAGS; i++) {
        samples__add_text(out, tags[i].name);
        samples__add_u32(out, tags[i].at);
        samples__add_u32(out, tags[i].n);
    }
    samples__add(out, "desc\0\0\0\0", 8);
    samples__add_u32(out, 10);
    samples__add(out, "sRGB-like", 10);
    add_zeroes(out, 4 + 4 + 2 + 1 + 67);
    samples__add(out, "text\0\0\0\0CC0", 12);
    add_xyz(out, 0xF6D6, 0x10000, 0xD32D);
    add_xyz(out, 0x6FA2, 0x38F5, 0x0390); /* sRGB's primaries, for D50 */
    add_xyz(out, 0x6299, 0xB785, 0x18DA);
    add_xyz(out, 0x24A0, 0x0F84, 0xB6CF);
    samples__add(out, "curv\0\0\0\0", 8);
    samples__add_u32(out, 1);
    samples__add_u16(out, 0x0233); /* gamma 2.2, in 1/256 */
    add_zeroes(out, 2);
}

void
samples__xmp(struct mill_buffer *out)
{
    samples__add_text(
        out, "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
             "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf="
             "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
             "<rdf:Description rdf:about=\"\" xmlns:dc="
             "\"http://purl.org/dc/elements/1.1/\" dc:format=\"image/jpeg\"/>"
             "</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
}
