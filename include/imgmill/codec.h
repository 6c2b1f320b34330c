/* codec: image formats, as descriptors. Bytes in memory to bands of rows, bands
 * to bytes; no files, no printing, no state between images. This room alone
 * sees the image libraries. Stands on base and pixel. */
#ifndef IMGMILL_CODEC_H
#define IMGMILL_CODEC_H

#include <imgmill/pixel.h>

struct mill_codec;

/* Limits on what an image may ask for; every error says the flag that raises
 * it. 0 is not "none": it refuses everything. */
struct mill_limits {
    uint64_t pixels; /* --max-pixels */
    uint32_t scans;  /* JPEG scans; --max-scans */
};
struct mill_limits mill_limits_default(void); /* 268 402 689 px, 100 scans */

/* Bytes that a profile or a packed text may unpack to; what is larger is
 * dropped and noted. Nothing raises it: no JPEG could hold a larger profile,
 * and the header of any file, read before all limits, costs no more. */
enum { MILL_META_MOST = 16 << 20 };

/* What the header says. The strings of facts are for people and reports; the
 * planner works with shape. */
struct mill_info {
    const struct mill_codec *codec;
    struct mill_facts facts;
    struct mill_shape shape; /* as decode gives it at shrink 1, own planes */
    uint8_t shrinks;         /* bit set of 1, 2, 4, 8: shrink-on-load factors */
    bool whole; /* decoding may hold a whole picture (interlaced, …) */
};

/* How to decode. */
/* Memory that may be needed after all. */
struct mill_hold {
    /* All that decode_bytes says, in the thread that decodes; waits. */
    enum mill_status (*ask)(struct mill_hold *hold, struct mill_err *err);
};

struct mill_decode {
    uint8_t shrink;        /* 1 2 4 8, one of info's */
    struct mill_rect need; /* a hint: rows outside may be left out, never
                              columns moved; {0,0,0,0}: all */
    struct mill_limits limits;
    char *damage; /* MILL_ERR_TEXT bytes, "" so far: salvage. NULL: no */
    bool library; /* pixels by the format's library, never by our own reader;
                     the same samples, and verdicts but on damage that no
                     sample needs */
    bool *by_library; /* NULL; or set when the library gave samples, of a format
                         that we have a reader for */
    struct mill_crew *crew; /* helps, and changes nothing; NULL: nobody */
    struct mill_hold *hold; /* with try_rows: asked before a picture is held as
                               a whole; NULL: the memory is granted */
    struct mill_arena *arena; /* the image's; lends bands and metadata */
    uint32_t *warnings;       /* counts metadata that was mended or dropped */
    uint32_t *notes;          /* enum mill_note bits are added */
};

enum mill_subsampling {
    MILL_SUBSAMPLING_420,
    MILL_SUBSAMPLING_422,
    MILL_SUBSAMPLING_444,
    MILL_SUBSAMPLING_KEEP /* as the source, where it was a YCC JPEG; else 420 */
};

/* Huffman tables of JPEG; a progressive one always gets exact ones. */
enum mill_tables {
    MILL_TABLES_SAMPLED,  /* exact, but for pictures that would have too much
                             held: then for their first part */
    MILL_TABLES_EXACT,    /* the fewest bytes, whatever is held for it */
    MILL_TABLES_STANDARD, /* those of the specification; nothing is held */
};

/* How coefficients of a baseline JPEG become whole numbers. */
enum mill_rounding {
    MILL_ROUNDING_SMALLER, /* towards 0 from .54 on: fewer bytes */
    MILL_ROUNDING_NEAREST  /* as libjpeg's */
};

/* Compression that minds the picture; a level is kept to whatever it costs. */
enum mill_compression {
    MILL_COMPRESSION_FAST = 13,
    MILL_COMPRESSION_DEFAULT,
    MILL_COMPRESSION_SMALL
};

/* How to encode: plain data, options of all formats side by side. */
struct mill_encode {
    uint8_t quality;     /* JPEG 1..100 */
    uint8_t subsampling; /* enum mill_subsampling */
    bool progressive;    /* JPEG progressive; PNG stays non-interlaced */
    uint8_t tables;      /* JPEG: enum mill_tables */
    uint8_t rounding;    /* JPEG: enum mill_rounding */
    uint8_t compression; /* PNG: a level 0..12, or enum mill_compression */
    uint8_t depth;       /* 8, 16, or 0: keep */
    bool library;        /* JPEG by libjpeg alone, never by our own coder; the
                            same bytes where tables are exact or standard and
                            rounding is to the nearest */
    struct mill_crew *crew; /* helps, and changes no byte; NULL: nobody does */
};
struct mill_encode mill_encode_default(void);

/* A format. The descriptor is the last thing in its file; codec/table.c gathers
 * them. A direction that is missing has NULL functions. All are safe to call
 * from many threads at once, for different images. */
struct mill_codec {
    const char *name;    /* "jpeg" */
    const char *summary; /* one line for `imgmill formats` */
    /* Without the dot; NULL ends, [0] is what outputs get. */
    const char *const *extensions;

    /* Do these first bytes (at most MILL_SNIFF_BYTES) belong to the format? */
    bool (*sniff)(struct mill_bytes head);

    /* The header, without decoding a pixel: cheap, whatever the picture.
     * Metadata payloads are found and counted. Walks what it must of the file
     * (late PNG chunks). Refuses what can never be decoded. */
    enum mill_status (*info)(struct mill_bytes in, struct mill_info *info,
                             struct mill_err *err);

    /* The shape that decode will give: exact. */
    void (*shape)(const struct mill_info *info, const struct mill_decode *how,
                  struct mill_shape *shape);

    /* Bytes that decode holds at its highest, libraries included; saturates. */
    uint64_t (*decode_bytes)(const struct mill_info *info,
                             const struct mill_decode *how);

    /* Can a picture that its header would have held (info->whole) go by in
     * rows? Decodes it to nowhere, with the memory that decode_bytes says of
     * one that is not held, and clears info->whole if so; then decode surely
     * takes no more. NULL: none of the format's can. */
    void (*try_rows)(struct mill_bytes in, const struct mill_decode *how,
                     struct mill_info *info);

    /* Drive the sink: begin, bands, end. MILL_OK also when the sink had enough.
     * Anything that can have touched a pixel wrongly fails (MILL_DAMAGED); our
     * own readers need not see what cannot.
     * When the sink failed, its err and status are passed on. Damaged metadata
     * is left out, counted and noted. Bytes behind the picture's end touch no
     * pixel and are not looked at.
     *
     * To salvage is to go on behind damage: the sink gets a picture of the
     * full size, what is missing of it black and transparent, or as the
     * library makes it up; how->damage says what was found first, and
     * MILL_NOTE_SALVAGED is set. A damaged header still fails, so does a
     * picture without one row, and no limit is lifted. */
    enum mill_status (*decode)(struct mill_bytes in,
                               const struct mill_decode *how,
                               struct mill_sink *sink, struct mill_err *err);

    /* What the encoder takes, given what would come; source is the input's
     * header (for `keep`), never NULL. */
    void (*want)(const struct mill_encode *how, const struct mill_info *source,
                 const struct mill_shape *in, struct mill_want *want);
    /* May the output carry a profile of this model (enum mill_model)? exif? */
    bool carries_icc, carries_exif, carries_xmp;
    /* Payloads above these are left out, 0: none is. Bytes. */
    uint32_t icc_most, exif_most, xmp_most;
    /* Bytes that the encoder holds at its highest for this shape. */
    uint64_t (*encode_bytes)(const struct mill_encode *how,
                             const struct mill_shape *shape);
    /* An output is reckoned to take this part of its samples' bytes: 1/share;
     * 0 is 1. More than that is debt. */
    uint8_t share;
    /* The last station. Writes into *out; does not call out->full at the end,
     * the line does. how and out outlive it. */
    struct mill_sink *(*encoder)(const struct mill_encode *how,
                                 struct mill_out *out, struct mill_arena *arena,
                                 struct mill_err *err);
};

enum { MILL_SNIFF_BYTES = 32 };

/* All formats of this build; NULL ends. */
extern const struct mill_codec *const mill_codecs[];

/* By content; by name ("jpeg", or an extension such as "jpg", any case); by a
 * path's extension. NULL: none. */
const struct mill_codec *mill_codec_sniff(struct mill_bytes head);
const struct mill_codec *mill_codec_named(const char *name);
const struct mill_codec *mill_codec_of_path(const char *path);

/* What a file that no format sniffs is, for people: "GIF", "HEIC", "video".
 * NULL: it is not known either. */
const char *mill_codec_strange(struct mill_bytes head);

/* The best level of instructions that the inner loops have for this machine:
 * "plain", "x86-64", "x86-64-v2", … */
const char *mill_codec_level(void);

/* "libjpeg-turbo 2.1.5, libpng 1.6.39, …" for --version. n bytes of room. */
char *mill_codec_versions(char *text, size_t n);

#endif
