/* A file's bytes, for measuring programs. */
#ifndef BENCH_SLURP_H
#define BENCH_SLURP_H

#include <imgmill/base.h>

#include <stdio.h>
#include <stdlib.h>

/* To be freed by at; none: it cannot be opened. */
static inline struct mill_buffer
slurp(const char *path)
{
    struct mill_buffer bytes = {0};
    uint8_t part[64 << 10];
    size_t n;
    FILE *file = fopen(path, "rb");
    while (file && (n = fread(part, 1, sizeof part, file)) > 0)
        if (!mill_buffer_append(&bytes, part, n))
            abort();
    if (file)
        fclose(file);
    return bytes;
}

#endif
