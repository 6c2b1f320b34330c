/* A main for a fuzz target without libFuzzer: every file that is named, and
 * every one below the folders that are, once. */
#include "fuzz.h"

#include <ftw.h>

enum { DESCRIPTORS = 16 };

static int
replay(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)at;
    if (type != FTW_F)
        return type == FTW_DNR || type == FTW_NS;
    FILE *file = fopen(path, "rb");
    FUZZ_HOLDS(file && fseek(file, 0, SEEK_END) == 0);
    size_t n = (size_t)ftell(file);
    uint8_t *bytes = malloc(n ? n : 1); /* no more: for the sanitizer */
    rewind(file);
    FUZZ_HOLDS(bytes && fread(bytes, 1, n, file) == n);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    return 0;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (nftw(argv[i], replay, DESCRIPTORS, FTW_PHYS) != 0) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
    return 0;
}
