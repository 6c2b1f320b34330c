/* The metadata of a JPEG: a walk over the marker segments before the first
 * scan. Payloads are not copied: they are parts of the input. libjpeg judges
 * whether the segments are sound; the walk only ends where it finds one that is
 * not. Nothing here allocates or fails. */
#include "codec.h"
#include "codec/shared.h"

#include <string.h>

enum {
    MARKER_TEM = 0x01,
    MARKER_RST0 = 0xD0,
    MARKER_SOI = 0xD8,
    MARKER_EOI = 0xD9,
    MARKER_SOS = 0xDA,
    MARKER_APP1 = 0xE1,
    MARKER_APP2 = 0xE2
};

/* Each ends in the NUL that C puts there. */
static const char EXIF_TAG[] = "Exif\0";
static const char XMP_TAG[] = "http://ns.adobe.com/xap/1.0/";
static const char ICC_TAG[] = "ICC_PROFILE";

struct segment {
    unsigned marker;
    struct mill_bytes payload;
};

static bool
is_alone(unsigned marker)
{
    return marker == MARKER_TEM ||
           (marker >= MARKER_RST0 && marker <= MARKER_SOI);
}

/* The segment at *at, and *at moved behind it. False: no more before the
 * picture's data. */
static bool
next_segment(struct mill_bytes in, size_t *at, struct segment *segment)
{
    size_t i = *at;
    if (i >= in.n || in.at[i] != 0xFF)
        return false;
    while (i < in.n && in.at[i] == 0xFF)
        i++;
    if (in.n - i < 3)
        return false;

    segment->marker = in.at[i++];
    segment->payload = (struct mill_bytes){0};
    *at = i;
    if (is_alone(segment->marker))
        return true;
    size_t length = (size_t)in.at[i] << 8 | in.at[i + 1];
    if (length < 2 || length > in.n - i || segment->marker == MARKER_SOS ||
        segment->marker == MARKER_EOI)
        return false;
    segment->payload = (struct mill_bytes){in.at + i + 2, length - 2};
    *at = i + length;
    return true;
}

/* Take the tag off the payload's front, if it is there. */
static bool
untag(struct mill_bytes *payload, const char *tag, size_t n)
{
    if (payload->n < n || memcmp(payload->at, tag, n) != 0)
        return false;
    payload->at += n;
    payload->n -= n;
    return true;
}

static void
add_chunk(struct jpeg_found *found, struct mill_bytes chunk)
{
    unsigned number = chunk.n < 2 ? 0 : chunk.at[0];
    unsigned chunks = chunk.n < 2 ? 0 : chunk.at[1];
    if (number == 0 || number > chunks || found->icc[number].at ||
        (found->icc_chunks && found->icc_chunks != chunks)) {
        found->icc_broken = true;
        return;
    }
    found->icc_chunks = chunks;
    found->icc[number] = (struct mill_bytes){chunk.at + 2, chunk.n - 2};
    found->icc_bytes += chunk.n - 2;
}

static void
add_segment(struct jpeg_found *found, const struct segment *segment)
{
    struct mill_bytes payload = segment->payload;
    if (segment->marker == MARKER_APP2) {
        if (untag(&payload, ICC_TAG, sizeof ICC_TAG))
            add_chunk(found, payload);
    } else if (segment->marker == MARKER_APP1) {
        if (!found->exif.n && untag(&payload, EXIF_TAG, sizeof EXIF_TAG))
            found->exif = payload;
        else if (!found->xmp.n && untag(&payload, XMP_TAG, sizeof XMP_TAG))
            found->xmp = payload;
    }
}

static bool
chunks_missing(const struct jpeg_found *found)
{
    for (unsigned i = 1; i <= found->icc_chunks; i++)
        if (!found->icc[i].at)
            return true;
    return false;
}

void
codec__jpeg_find(struct mill_bytes in, struct jpeg_found *found)
{
    size_t at = 0;
    struct segment segment;
    *found = (struct jpeg_found){0};
    while (next_segment(in, &at, &segment))
        add_segment(found, &segment);
    found->exif_broken = found->exif.n && !codec__is_exif(found->exif);
    if (found->exif_broken)
        found->exif = (struct mill_bytes){0};
    if (found->icc_broken || chunks_missing(found)) {
        found->icc_broken = true;
        found->icc_chunks = 0;
        found->icc_bytes = 0;
    }
}
