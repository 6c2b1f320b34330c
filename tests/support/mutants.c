/* mutants FOLDER SEED SHARE FROM COUNT FILE…: damaged copies of files.
 *
 * A small file (2 KB at most) has a mutant for each length that is too short
 * and one for each bit of its first 512 bytes, flipped; a larger one for every
 * 997th length and for a thousand bits that the seed chooses. Of all these, one
 * in SHARE is taken, by the seed. The taken ones with the numbers FROM to FROM
 * + COUNT - 1 are written into FOLDER and their paths printed, a line each:
 * "odd_cmyk.jpg-cut00997.m", "odd_cmyk.jpg-bit00023.m". Nothing is printed
 * when there are no more. The same arguments give the same mutants. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum {
    SMALL = 2048,
    BITS_OF_SMALL = 512 * 8,
    CUT_STEP = 997,
    FLIPS_OF_LARGE = 1000,
    MOST = 1 << 22
};

struct source {
    const char *path;
    uint8_t *bytes; /* MOST of room */
    size_t n;
};

struct maker {
    const char *folder;
    uint64_t seed, share, from, to;
    uint64_t n_all, n_taken;
};

static uint64_t
mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static bool
load(struct source *source, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    source->path = path;
    source->n = fread(source->bytes, 1, MOST, file);
    return !fclose(file);
}

/* Is the next mutant one to write? */
static bool
wanted(struct maker *maker)
{
    uint64_t number = maker->n_all++;
    if (mixed(maker->seed * 0x9E3779B97F4A7C15u + number) % maker->share)
        return false;
    uint64_t taken = maker->n_taken++;
    return taken >= maker->from && taken < maker->to;
}

static void
put(const struct maker *maker, const struct source *source, const char *how,
    size_t at, size_t n)
{
    char name[128], path[4096];
    snprintf(name, sizeof name, "%s", source->path);
    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '_';
    snprintf(path, sizeof path, "%s/%s-%s%06zu.m", maker->folder, name, how,
             at);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(source->bytes, 1, n, file) != n || fclose(file)) {
        perror(path);
        exit(1);
    }
    puts(path);
}

static void
cut(struct maker *maker, const struct source *source)
{
    size_t step = source->n <= SMALL ? 1 : CUT_STEP;
    for (size_t n = 0; n < source->n; n += step)
        if (wanted(maker))
            put(maker, source, "cut", n, n);
}

static uint32_t
get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Where the chunk is that has this byte in its name or data; 0: none has. */
static size_t
chunk_of(const struct source *source, size_t byte)
{
    if (source->n < 8 || memcmp(source->bytes, "\x89PNG\r\n\x1a\n", 8) != 0)
        return 0;
    size_t at = 8;
    while (source->n - at >= 12) {
        size_t n = get_u32(source->bytes + at);
        if (n > source->n - at - 12)
            return 0;
        if (byte < at + 8 + n)
            return byte >= at + 4 ? at : 0;
        at += 12 + n;
    }
    return 0;
}

static void
flip_one(struct maker *maker, const struct source *source, size_t bit)
{
    size_t chunk = chunk_of(source, bit / 8);
    source->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (wanted(maker))
        put(maker, source, "bit", bit, source->n);
    if (chunk && wanted(maker)) {
        size_t n = get_u32(source->bytes + chunk) + 4;
        uint8_t *sum = source->bytes + chunk + 4 + n;
        uint32_t was = get_u32(sum);
        put_u32(sum, (uint32_t)crc32(0, source->bytes + chunk + 4, (uInt)n));
        put(maker, source, "fix", bit, source->n);
        put_u32(sum, was);
    }
    source->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void
flip(struct maker *maker, const struct source *source)
{
    size_t bits = source->n * 8, n = FLIPS_OF_LARGE;
    if (source->n <= SMALL)
        n = bits = bits < BITS_OF_SMALL ? bits : BITS_OF_SMALL;
    for (size_t i = 0; i < n; i++) {
        size_t part = bits / n; /* a bit of each part, or every bit */
        flip_one(maker, source,
                 i * part + mixed(maker->seed + bits + i) % part);
    }
}

int
main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    struct source source = {.bytes = malloc(MOST)};
    struct maker maker = {.folder = argv[1],
                          .seed = strtoull(argv[2], NULL, 10),
                          .share = strtoull(argv[3], NULL, 10),
                          .from = strtoull(argv[4], NULL, 10)};
    maker.to = maker.from + strtoull(argv[5], NULL, 10);
    if (!source.bytes || !maker.share)
        return 2;
    for (int i = 6; i < argc; i++) {
        if (!load(&source, argv[i])) {
            perror(argv[i]);
            return 1;
        }
        cut(&maker, &source);
        flip(&maker, &source);
    }
    free(source.bytes);
    return 0;
}
