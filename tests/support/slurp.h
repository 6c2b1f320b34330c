/* A file's bytes, for tests. Include cmocka.h's own headers and it first. */
#ifndef SLURP_H
#define SLURP_H

#include <imgmill/base.h>

#include <stdio.h>
#include <stdlib.h>

/* To be freed by at; {NULL, 0}: it cannot be opened. */
static inline struct mill_bytes
slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return (struct mill_bytes){0};
    fseek(file, 0, SEEK_END);
    long n = ftell(file);
    rewind(file);
    uint8_t *at = malloc((size_t)n + 1);
    assert_int_equal(fread(at, 1, (size_t)n, file), n);
    fclose(file);
    return (struct mill_bytes){at, (size_t)n};
}

#endif
