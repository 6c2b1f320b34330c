/* A file's bytes, for tests and for measuring programs. */
#ifndef SLURP_H
#define SLURP_H

#include <imgmill/base.h>

#include <stdio.h>
#include <stdlib.h>

/* To be freed by at; {NULL, 0}: it cannot be opened. Not a byte more is
 * allocated, so that AddressSanitizer sees who reads beyond the end. */
static inline struct mill_bytes
slurp(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return (struct mill_bytes){0};
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    rewind(file);
    uint8_t *at = n < 0 ? NULL : malloc(n ? (size_t)n : 1);
    if (!at || fread(at, 1, (size_t)n, file) != (size_t)n)
        abort();
    fclose(file);
    return (struct mill_bytes){at, (size_t)n};
}

#endif
