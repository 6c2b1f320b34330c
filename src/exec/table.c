/* The backends, the default first. */
#include "backends.h"

#include <string.h>

const struct mill_backend *const mill_backends[] = {
    &exec__process,
    &exec__openmp,
    &exec__serial,
    NULL,
};

const struct mill_backend *
mill_backend_named(const char *name)
{
    for (unsigned i = 0; mill_backends[i] != NULL; i++) {
        if (strcmp(mill_backends[i]->name, name) == 0)
            return mill_backends[i];
    }
    return NULL;
}
