/* Metadata payloads: the two things imgmill itself must know of them, an EXIF
 * orientation and the colour model of an ICC profile.
 *
 * The bytes come from strangers. They are read one field at a time through
 * functions that are given what is left; nothing is allocated, nothing but the
 * orientation is ever written. Only IFD0 is read: the thumbnail's own
 * orientation in IFD1 says nothing of the picture. */
#include <imgmill/pixel.h>

#include <string.h>

enum {
    TIFF_HEADER_BYTES = 8,
    IFD_ENTRY_BYTES = 12,
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
    TYPE_LONG = 4, /* not what EXIF asks for, but some cameras write it */
    ICC_HEADER_BYTES = 128,
    ICC_COLOUR_SPACE = 16,
    ICC_SIGNATURE = 36
};

/* The entries of IFD0 that are really there. */
struct ifd {
    size_t at; /* byte of the first entry */
    size_t n;  /* entries that lie whole in the payload */
    bool big;  /* big-endian numbers */
};

static unsigned
read_16(const uint8_t *at, bool big)
{
    return big ? at[0] * 256u + at[1] : at[1] * 256u + at[0];
}

static uint32_t
read_32(const uint8_t *at, bool big)
{
    uint32_t first = read_16(at, big), second = read_16(at + 2, big);
    return big ? first << 16 | second : second << 16 | first;
}

static bool
ifd_find(const uint8_t *exif, size_t n, struct ifd *ifd)
{
    if (n < TIFF_HEADER_BYTES)
        return false;
    if (memcmp(exif, "II*\0", 4) && memcmp(exif, "MM\0*", 4))
        return false;

    ifd->big = exif[0] == 'M';
    uint32_t at = read_32(exif + 4, ifd->big);
    if (at < TIFF_HEADER_BYTES || at > n || n - at < 2)
        return false;

    size_t held = (n - at - 2) / IFD_ENTRY_BYTES;
    size_t said = read_16(exif + at, ifd->big);
    ifd->at = (size_t)at + 2;
    ifd->n = said < held ? said : held;
    return true;
}

/* The type of an entry that holds one orientation, else 0. */
static unsigned
orientation_type(const uint8_t *entry, bool big)
{
    unsigned type = read_16(entry + 2, big);
    if (read_16(entry, big) != TAG_ORIENTATION || read_32(entry + 4, big) != 1)
        return 0;
    return type == TYPE_SHORT || type == TYPE_LONG ? type : 0;
}

unsigned
mill_exif_orientation(struct mill_bytes exif)
{
    struct ifd ifd;
    if (!ifd_find(exif.at, exif.n, &ifd))
        return 0;

    for (size_t i = 0; i < ifd.n; i++) {
        const uint8_t *entry = exif.at + ifd.at + i * IFD_ENTRY_BYTES;
        unsigned type = orientation_type(entry, ifd.big);
        if (!type)
            continue;
        uint32_t value = type == TYPE_SHORT ? read_16(entry + 8, ifd.big)
                                            : read_32(entry + 8, ifd.big);
        return value >= 1 && value <= 8 ? value : 0;
    }
    return 0;
}

bool
mill_exif_reset_orientation(uint8_t *exif, size_t n)
{
    struct ifd ifd;
    if (!ifd_find(exif, n, &ifd))
        return false;

    bool found = false;
    for (size_t i = 0; i < ifd.n; i++) {
        uint8_t *entry = exif + ifd.at + i * IFD_ENTRY_BYTES;
        unsigned type = orientation_type(entry, ifd.big);
        if (!type)
            continue;
        unsigned low = type == TYPE_SHORT ? 1 : 3; /* its lowest byte, if big */
        memset(entry + 8, 0, 4);
        entry[8 + (ifd.big ? low : 0)] = 1;
        found = true;
    }
    return found;
}

int
mill_icc_model(struct mill_bytes icc)
{
    static const struct {
        char space[4];
        enum mill_model model;
    } models[] = {
        {{'R', 'G', 'B', ' '}, MILL_RGB},
        {{'G', 'R', 'A', 'Y'}, MILL_GRAY},
        {{'C', 'M', 'Y', 'K'}, MILL_CMYK},
    };
    if (icc.n < ICC_HEADER_BYTES || memcmp(icc.at + ICC_SIGNATURE, "acsp", 4))
        return -1;
    for (size_t i = 0; i < MILL_COUNT(models); i++)
        if (!memcmp(icc.at + ICC_COLOUR_SPACE, models[i].space, 4))
            return (int)models[i].model;
    return -1;
}
