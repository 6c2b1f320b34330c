/* A strip of rows to packed bytes, by itself: it knows of its neighbours only
 * the row above. So strips can be packed side by side.
 *
 *   rows as they are ─► a filter each ─► none after all? ─► pack
 *
 * Each row gets the filter after which its bytes lie nearest to 0. That serves
 * photographs; what was drawn often packs better as it is, because the same
 * rows come again and again. Samples of the strip, packed both ways, decide
 * that for the whole of it, and who packs it (png/pack.c). */
#include "pack.h"

enum { SAMPLES = 2 }; /* of a strip */

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
filter_row(const struct png_strip *strip, const struct codec__kernels *kernels,
           uint32_t i)
{
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

/* Rows of each sample; a strip that is hardly more is its own. */
static uint32_t
sample_rows(const struct png_strip *strip, size_t bytes)
{
    size_t rows = bytes / stride(strip);
    if (rows < 1)
        rows = 1;
    return rows * SAMPLES < strip->n ? (uint32_t)rows : strip->n;
}

static enum mill_status
try_samples(struct png_strip *strip, size_t bytes, struct png_trial *trial)
{
    uint32_t rows = sample_rows(strip, bytes),
             n = rows < strip->n ? SAMPLES : 1;
    enum mill_status status = MILL_OK;
    *trial = (struct png_trial){0};
    for (uint32_t i = 0; i < n && status == MILL_OK; i++) {
        uint32_t row =
            (uint32_t)((uint64_t)(strip->n - rows) * (2 * i + 1) / (2 * n));
        size_t at = row * stride(strip);
        status = codec__png_packer_try(strip->packer, strip->filtered + at,
                                       strip->plain + at, rows * stride(strip),
                                       trial, &strip->err);
    }
    return status;
}

/* The trial is begun anew for larger samples. */
static enum mill_status
try_enough(struct png_strip *strip, struct png_trial *trial)
{
    enum mill_status status = MILL_OK;
    size_t bytes;
    *trial = (struct png_trial){0};
    while (status == MILL_OK && trial->raw < strip->n * stride(strip) &&
           (bytes = codec__png_packer_sample(strip->packer, trial)))
        status = try_samples(strip, bytes, trial);
    return status;
}

/* ---- the strip ----------------------------------------------------------- */

void
codec__png_strip_pack(struct png_strip *strip)
{
    const struct codec__kernels *kernels = codec__kernels();
    struct png_trial trial;
    size_t n = strip->n * stride(strip);
    strip->packed = NULL;
    strip->err = (struct mill_err){0};
    for (uint32_t i = 0; i < strip->n; i++)
        filter_row(strip, kernels, i);
    if (try_enough(strip, &trial) != MILL_OK)
        return;
    struct png_choice way = codec__png_packer_choose(strip->packer, &trial);
    const uint8_t *raw = way.plain ? strip->plain : strip->filtered;
    strip->adler = codec__png_adler32(1, raw, n);
    strip->packed = codec__png_packer_pack(
        strip->packer, way, raw, n, strip->last, &strip->n_packed, &strip->err);
}
