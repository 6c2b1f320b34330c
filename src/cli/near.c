/* What somebody may have meant by a word that is no option, or no command, of
 * ours: a name that is almost the same, or begins so, or the way that other
 * converters say it. Pure functions. */
#include "near.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 31, BEGINNING_LEAST = 3 };

/* As mogrify, vipsthumbnail, sharp and caesium call it. */
static const struct {
    const char *words; /* a space before and behind each */
    const char *here;
} elsewhere[] = {
    {" size thumbnail width height scale sample geometry max-width max-height "
     "long-edge max-size ",
     "--resize WxH, Wx or xH is the size"},
    {" fit enlarge kernel shrink gravity filter ",
     "that is a part of an operation, as in --resize 300x300,fit=cover"},
    {" without-enlargement withoutEnlargement ",
     "nothing grows, but with --resize WxH,enlarge=yes"},
    {" path out outdir output-dir output-directory dest ",
     "-o FOLDER is where outputs go"},
    {" suffix rename ", "--name '{dir}/{stem}-small.{ext}' names outputs"},
    {" auto-orient autorotate auto-rotate autoOrient ",
     "EXIF orientation is applied unasked"},
    {" overwrite force yes ", "outputs are replaced unasked; -n and -u skip"},
    {" keep-structure tree ", "a tree is kept unasked; --flat does not"},
    {" grayscale greyscale grey colorspace monochrome ",
     "--gray makes shades of gray"},
    {" exclude include pattern glob ",
     "find PATTERN -print0 | imgmill convert -0 --files-from - ... chooses"},
    {" jpeg-quality jpg-quality Q ", "-q N is JPEG's quality"},
    {" png-opt-level compression-level compressionLevel zopfli lossless ",
     "--compression fast, default, small or 0 to 12 is PNG's"},
    {" output-format type to ", "-f NAME is the outputs' format"},
    {" unsharp ", "--sharpen SIGMA is an unsharp mask"},
    {" interlace ", "--progressive makes progressive JPEGs"},
    {" sampling-factor chroma ", "--subsampling 420, 422, 444 or keep is that"},
    {" exif metadata withMetadata keep-metadata ",
     "metadata is kept unasked; --strip and --keep choose"},
    {" parallel processes concurrency workers ",
     "-j N is how many images at once"},
    {" delete-originals replace inplace ", "--in-place replaces inputs"},
};

const char *
cli__near_elsewhere(const char *name, size_t n)
{
    char word[NAME_MOST + 3];

    if (n == 0 || n > NAME_MOST)
        return NULL;
    snprintf(word, sizeof word, " %.*s ", (int)n, name);
    for (size_t i = 0; i < MILL_COUNT(elsewhere); i++)
        if (strstr(elsewhere[i].words, word))
            return elsewhere[i].here;
    return NULL;
}

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters are missing, too much, wrong, or change places with their
 * neighbours. Row i of the usual table is of a's first i letters. */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned rows[NAME_MOST + 1][NAME_MOST + 1];

    for (size_t i = 0; i <= na; i++)
        rows[i][0] = (unsigned)i;
    for (size_t k = 0; k <= nb; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= na; i++)
        for (size_t k = 1; k <= nb; k++) {
            unsigned other = a[i - 1] != b[k - 1];
            unsigned best = least(rows[i - 1][k], rows[i][k - 1]) + 1;

            best = least(best, rows[i - 1][k - 1] + other);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                best = least(best, rows[i - 2][k - 2] + 1);
            rows[i][k] = best;
        }
    return rows[na][nb];
}

void
cli__near_try(struct cli__near *near, const char *candidate)
{
    size_t n = strlen(candidate);
    unsigned far;

    if (near->n > NAME_MOST || n > NAME_MOST)
        return;
    if (near->n >= BEGINNING_LEAST && n > near->n &&
        !memcmp(near->name, candidate, near->n))
        far = 1;
    else
        far = distance(near->name, near->n, candidate, n);
    if (far > (near->n + 1) / 3 || (near->found && far >= near->far))
        return;
    near->found = candidate;
    near->far = far;
}
