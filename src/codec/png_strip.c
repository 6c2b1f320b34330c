/* A strip of rows to packed bytes, by itself: it knows of its neighbours only
 * the row above. So strips can be packed side by side.
 *
 *   rows as they are ─► a filter each ─► none after all? ─► pack
 *
 * Each row gets the filter after which its bytes lie nearest to 0. That serves
 * photographs; what was drawn often packs better as it is, because the same
 * rows come again and again. Samples of the strip, packed both ways, decide
 * that for the whole of it, and tell how far it will pack. */
#include "png_pack.h"

enum { SAMPLES = 2, SAMPLE_BYTES = 32 << 10 }; /* of a strip */

static size_t
stride(const struct png_strip *strip)
{
    return strip->row_bytes + 1;
}

/* ---- filters ------------------------------------------------------------- */

static unsigned
cheapest(const uint64_t cost[CODEC__FILTERS])
{
    unsigned best = 0;
    for (unsigned f = 1; f < CODEC__FILTERS; f++)
        if (cost[f] < cost[best])
            best = f;
    return best;
}

static void
filter_row(const struct png_strip *strip, uint32_t i)
{
    const struct codec__kernels *kernels = codec__kernels();
    uint8_t *plain = strip->plain + i * stride(strip);
    uint64_t cost[CODEC__FILTERS];
    struct codec__row row = {.at = plain + 1,
                             .above = plain - strip->row_bytes,
                             .n = strip->row_bytes,
                             .px_bytes = strip->px_bytes};
    plain[0] = 0;
    kernels->cost(&row, cost);
    kernels->filter(&row, cheapest(cost), strip->filtered + i * stride(strip));
}

/* ---- samples ------------------------------------------------------------- */

/* What samples of the strip tell. */
struct findings {
    bool plain;   /* without filters it is smaller */
    size_t ratio; /* of raw to packed bytes */
};

/* Rows of each sample; a strip that is hardly more is its own. */
static uint32_t
sample_rows(const struct png_strip *strip)
{
    size_t rows = SAMPLE_BYTES / stride(strip);
    if (rows < 1)
        rows = 1;
    return rows * SAMPLES < strip->n ? (uint32_t)rows : strip->n;
}

static enum mill_status
sample(struct png_strip *strip, struct findings *findings)
{
    uint32_t rows = sample_rows(strip), n = rows < strip->n ? SAMPLES : 1;
    size_t bytes = rows * stride(strip), plain = 0, filtered = 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t at =
            (size_t)((uint64_t)(strip->n - rows) * (2 * i + 1) / (2 * n)) *
            stride(strip);
        size_t one = codec__png_packer_try(strip->packer, strip->plain + at,
                                           bytes, &strip->err);
        size_t other = codec__png_packer_try(
            strip->packer, strip->filtered + at, bytes, &strip->err);
        if (!one || !other)
            return (enum mill_status)strip->err.status;
        plain += one;
        filtered += other;
    }
    findings->plain = plain < filtered;
    if (findings->plain)
        filtered = plain;
    findings->ratio = n * bytes / filtered;
    return MILL_OK;
}

/* ---- the strip ----------------------------------------------------------- */

void
codec__png_strip_pack(struct png_strip *strip)
{
    struct findings findings = {0};
    size_t n = strip->n * stride(strip);
    strip->packed = NULL;
    strip->err = (struct mill_err){0};
    for (uint32_t i = 0; i < strip->n; i++)
        filter_row(strip, i);
    if (sample(strip, &findings) != MILL_OK)
        return;
    const uint8_t *raw = findings.plain ? strip->plain : strip->filtered;
    strip->adler = codec__png_adler32(1, raw, n);
    strip->packed =
        codec__png_packer_pack(strip->packer, raw, n, findings.ratio,
                               strip->last, &strip->n_packed, &strip->err);
}
