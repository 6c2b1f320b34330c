/* Packing by runs and literals, for every machine. */
#include "pack_loops.h"

size_t
codec__stretches_base(const uint8_t *at, size_t n, uint32_t *stretch,
                      struct codec__counts *counts)
{
    struct found found = {at, 0, stretch, counts};
    count_all(at, n, counts);
    search_rest(&found, 1, n);
    return end_search(&found, n, stretch);
}

void
codec__emit_base(const uint8_t *at, const uint32_t *stretch, size_t n,
                 const struct codec__symbols *symbols,
                 struct codec__bits_out *out)
{
    emit_all(at, stretch, n, symbols, out);
}
