/* PNG's filters undone, byte by byte: for every machine, and the oracle of the
 * levels above. */
#include "paeth.h"
#include "unfilter.h"

static void
sub(uint8_t *row, size_t n, unsigned px)
{
    for (size_t i = px; i < n; i++)
        row[i] = (uint8_t)(row[i] + row[i - px]);
}

static void
up(uint8_t *restrict row, const uint8_t *restrict above, size_t n)
{
    for (size_t i = 0; i < n; i++)
        row[i] = (uint8_t)(row[i] + above[i]);
}

static void
average(uint8_t *row, const uint8_t *above, size_t n, unsigned px)
{
    for (size_t i = 0; i < px; i++)
        row[i] = (uint8_t)(row[i] + above[i] / 2);
    for (size_t i = px; i < n; i++)
        row[i] = (uint8_t)(row[i] + (row[i - px] + above[i]) / 2);
}

static void
undo_paeth(uint8_t *row, const uint8_t *above, size_t n, unsigned px)
{
    for (size_t i = 0; i < px; i++)
        row[i] = (uint8_t)(row[i] + above[i]);
    for (size_t i = px; i < n; i++)
        row[i] =
            (uint8_t)(row[i] + paeth(row[i - px], above[i], above[i - px]));
}

void
codec__unfilter_row(uint8_t *row, const uint8_t *above, size_t n,
                    unsigned px_bytes, unsigned filter)
{
    if (filter == 1)
        sub(row, n, px_bytes);
    else if (filter == 2)
        up(row, above, n);
    else if (filter == 3)
        average(row, above, n, px_bytes);
    else if (filter == 4)
        undo_paeth(row, above, n, px_bytes);
}

bool
codec__unfilter_base(const struct codec__raster *raster)
{
    const uint8_t *above = raster->above;
    uint8_t *row = raster->rows;
    for (uint32_t y = 0; y < raster->n; y++) {
        unsigned filter = *row++;
        if (filter >= CODEC__FILTERS)
            return false;
        codec__unfilter_row(row, above, raster->row_bytes, raster->px_bytes,
                            filter);
        above = row;
        row += raster->row_bytes;
    }
    return true;
}
