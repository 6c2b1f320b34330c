/* Reading the pixels of a PNG without libpng: the run of IDAT chunks, who
 * unpacks them, rows as they are stored, and samples.
 *
 * Whatever is unusual ends our own reading, with no word about why: libpng then
 * reads the same rows from the first and judges them. */
#ifndef CODEC_PNG_OWN_H
#define CODEC_PNG_OWN_H

#include "codec.h"
#include "codec/kernel/kernels.h"

#include <stdatomic.h>

/* ---- the run of IDATs ---------------------------------------------------- */

struct png_idat {
    struct mill_bytes in;
    size_t at;              /* of the next chunk, in the file */
    struct mill_bytes left; /* of this chunk's data, not yet unpacked */
};

/* first: where the first IDAT's length stands. */
struct png_idat codec__png_idat(struct mill_bytes in, size_t first);

/* The next chunk into left. False: it is none of the run, or is damaged. */
bool codec__png_idat_next(struct png_idat *idat);

/* Is the run over, and does nothing but sound chunks and a plain end follow? */
bool codec__png_idat_ends_well(struct png_idat *idat);

/* ---- unpacking ----------------------------------------------------------- */

/* A library that unpacks zlib streams faster than libpng does. All of them are
 * strict: what is not certainly right is refused. */
struct png_unpacker {
    /* Bytes that a stream of raw_bytes takes, the state itself too; the file's
     * own are not counted. 0: too many for it. */
    uint64_t (*bytes)(uint64_t raw_bytes);
    /* The state, on which the other functions work. False: refused, or *err. */
    void *(*open)(struct png_idat *idat, size_t raw_bytes,
                  struct mill_arena *arena, struct mill_err *err);
    /* The next n bytes, no less. False: refused. */
    bool (*read)(void *state, uint8_t *to, size_t n);
    /* Has the stream ended, with the right Adler-32, and the last chunk? */
    bool (*ends)(void *state);
};

/* The best that this build has; NULL: none. */
extern const struct png_unpacker *const codec__png_unpacker;

/* As zlib's crc32. */
uint32_t codec__png_crc32(uint32_t crc, const uint8_t *at, size_t n);

/* ---- rows ---------------------------------------------------------------- */

enum { PNG_WINDOWS = 3 };

struct png_own {
    struct png_idat idat;
    void *unpacker; /* its state; NULL: libpng reads */
    size_t row_bytes;
    unsigned px_bytes;
    uint32_t h, y;     /* rows; rows given */
    uint32_t capacity; /* rows of a window */
    uint32_t ready;    /* rows of all windows up to this one */

    uint8_t *at[PNG_WINDOWS]; /* the row above, then rows, each with its filter
                                 byte; window i in place i % n_places */
    unsigned n_places;
    unsigned window; /* from which rows are given; before the first: -1 */

    struct mill_crew *crew; /* unpacks ahead; NULL: when rows are wanted */
    struct mill_errand errand;
    atomic_uint unpacked, done; /* windows, ever */
    atomic_bool over;           /* refused, or nothing more is wanted */
};

/* Bytes that own reading takes at most; 0: it is not for this picture. */
uint64_t codec__png_own_bytes(const struct mill_info *info,
                              const struct mill_crew *crew);

/* The reader stands behind the head of the first IDAT, and no transformation
 * was asked of libpng yet. Opened or not: unpacker says. It stays where it is
 * until it is closed. */
enum mill_status codec__png_own_open(struct png_own *own,
                                     const struct png_reader *reader,
                                     struct mill_crew *crew,
                                     struct mill_arena *arena,
                                     struct mill_err *err);
/* Nothing is unpacked any more, and there is no unpacker. {0} is fine. */
void codec__png_own_close(struct png_own *own);

/* The next n rows, as they are stored, the first at the pointer and the next
 * ones *stride bytes on; every call but the last asks for MILL_BAND_PX. NULL:
 * they are for libpng. The last rows are given only when all that stands behind
 * them is as it must be, up to the file's end. */
const uint8_t *codec__png_own_rows(struct png_own *own, uint32_t n,
                                   size_t *stride);

/* ---- samples ------------------------------------------------------------- */

/* From a row as stored to the row that libpng would give: gray widened, indices
 * a byte each, alpha beside the colour that tRNS names, 16 bits in host order.
 */
struct png_expand {
    /* NULL: rows are as they are stored. */
    void (*row)(const struct png_expand *expand, uint8_t *to,
                const uint8_t *from);
    uint32_t w;
    unsigned depth, channels; /* as stored */
    bool has_key;             /* one colour is transparent: */
    uint16_t key[3];
    uint8_t px[256][8]; /* below 8 bits: the samples of a byte */
};

void codec__png_expand_init(struct png_expand *expand,
                            const struct png_reader *reader);

#endif
