/* Fuzz targets: one function that takes any bytes. With libFuzzer behind it
 * they are mutated without end (tools/fuzz); with replay.c the files and
 * folders that the arguments name are run through it once. A broken promise
 * aborts, everything else is the sanitizers'. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

#define FUZZ_HOLDS(condition)                                                  \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,  \
                    #condition);                                               \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
