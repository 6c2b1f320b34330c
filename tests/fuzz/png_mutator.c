/* libFuzzer's mutations of PNGs, in three kinds that the seed chooses: of the
 * file as it is; the same with the chunks' CRCs put right again, for with wrong
 * ones few would come past the first chunk; and of the rows, unpacked and
 * packed again, for no mutation of packed bytes comes past their checksum. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include <zlib.h>

enum {
    SIGNATURE_BYTES = 8,
    HEAD_BYTES = 8, /* length and name */
    FRAME_BYTES = 12,
    MOST = 1 << 16, /* of rows; longer ones are left as they are */
    KINDS = 8,
    OF_ROWS = 4, /* of KINDS, from 0 */
    AS_IT_IS = KINDS - 1
};

size_t LLVMFuzzerMutate(uint8_t *at, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *at, size_t n, size_t most,
                               unsigned seed);

static size_t
get(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 |
           at[3];
}

static void
put(uint8_t *at, size_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Bytes of the whole chunk; 0: none is there. */
static size_t
chunk(const uint8_t *at, size_t n)
{
    return n < FRAME_BYTES || get(at) > n - FRAME_BYTES ? 0
                                                        : FRAME_BYTES + get(at);
}

static void
mend(uint8_t *at, size_t n)
{
    for (size_t whole; (whole = chunk(at, n)); at += whole, n -= whole)
        put(at + whole - 4, crc32(0, at + 4, (uInt)(whole - HEAD_BYTES)));
}

/* ---- rows ---------------------------------------------------------------- */

/* Where the IDATs begin and end in the file, and the rows that are in them. */
struct rows {
    size_t begin, end, n;
    uint8_t at[MOST];
};

static bool
unpack(struct rows *rows, const uint8_t *at, size_t n)
{
    z_stream z = {.next_out = rows->at, .avail_out = MOST};
    size_t i = SIGNATURE_BYTES, whole;
    if (inflateInit(&z) != Z_OK)
        return false;
    for (; (whole = chunk(at + i, n - i)); i += whole) {
        bool data = memcmp(at + i + 4, "IDAT", 4) == 0;
        if (!data && rows->begin)
            break;
        if (!data)
            continue;
        rows->begin = rows->begin ? rows->begin : i;
        rows->end = i + whole;
        z.next_in = (uint8_t *)(uintptr_t)at + i + HEAD_BYTES;
        z.avail_in = (uInt)(whole - FRAME_BYTES);
        inflate(&z, Z_NO_FLUSH);
    }
    rows->n = z.total_out;
    inflateEnd(&z);
    return rows->n;
}

/* In one IDAT, in place of all. Nothing is done where it does not fit. */
static size_t
pack(const struct rows *rows, uint8_t *at, size_t n, size_t most, int level)
{
    uint8_t *made = malloc(compressBound(MOST));
    uLongf packed = compressBound(MOST);
    size_t begin = rows->begin, whole, behind = n - rows->end;
    if (!made || compress2(made, &packed, rows->at, rows->n, level) != Z_OK)
        abort();
    whole = FRAME_BYTES + packed;
    if (begin + whole + behind <= most) {
        n = begin + whole + behind;
        memmove(at + begin + whole, at + rows->end, behind);
        put(at + begin, packed);
        memcpy(at + begin + 4, "IDAT", 4);
        memcpy(at + begin + HEAD_BYTES, made, packed);
        mend(at + begin, whole);
    }
    free(made);
    return n;
}

/* Their number stays, most often: of too few, all are alike. */
static bool
mutate_rows(uint8_t *at, size_t *n, size_t most, unsigned seed)
{
    struct rows *rows = calloc(1, sizeof *rows);
    bool there = rows && *n > SIGNATURE_BYTES && unpack(rows, at, *n);
    if (there) {
        size_t was = rows->n, room = seed / KINDS % 8 ? was : MOST;
        size_t left = LLVMFuzzerMutate(rows->at, was, room);
        if (left < was && room == was)
            memset(rows->at + left, (int)(seed >> 24), was - left);
        rows->n = room == was ? was : left;
        *n = pack(rows, at, *n, most, (int)(seed >> 8 & 1));
    }
    free(rows);
    return there;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *at, size_t n, size_t most, unsigned seed)
{
    if (seed % KINDS < OF_ROWS && mutate_rows(at, &n, most, seed))
        return n;
    n = LLVMFuzzerMutate(at, n, most);
    if (n > SIGNATURE_BYTES && seed % KINDS != AS_IT_IS)
        mend(at + SIGNATURE_BYTES, n - SIGNATURE_BYTES);
    return n;
}
