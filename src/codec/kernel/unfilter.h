/* What the levels of unfiltering share. */
#ifndef CODEC_KERNEL_UNFILTER_H
#define CODEC_KERNEL_UNFILTER_H

#include "kernels.h"

bool codec__unfilter_base(const struct codec__raster *raster);
bool codec__unfilter_waves(const struct codec__raster *raster);
bool codec__unfilter_v2(const struct codec__raster *raster);
bool codec__unfilter_v3(const struct codec__raster *raster);

/* One row, n bytes; above as in a raster. filter < CODEC__FILTERS. */
void codec__unfilter_row(uint8_t *row, const uint8_t *above, size_t n,
                         unsigned px_bytes, unsigned filter);

#endif
