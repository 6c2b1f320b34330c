/* make-samples FOLDER: draw all of samples/ anew, from nothing.
 *
 * good/ holds landscapes as cameras and the web have them, odd/ what is rare
 * but right, tiny/ every kind that is read in 2 KB at most, for tests that try
 * each of their bytes, bad/ what must fail. MANIFEST has a line for each file:
 * its path, the verdict (ok, or the report's word for why it fails), the
 * format, the size as it is shown (upright), the EXIF orientation (0: none),
 * and in words what it is; a dash where nothing can be said. The same libraries
 * give the same bytes; other ones give the same list and the same pictures as
 * near as their encoders allow. One thread, no clock, no chance. */
#include "samples/samples.h"

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-samples FOLDER\n");
        return 2;
    }
    struct tree tree;
    samples__open(&tree, argv[1]);
    samples__good(&tree);
    samples__odd(&tree);
    samples__tiny(&tree);
    samples__bad(&tree);
    samples__close(&tree);
    if (tree.failed)
        return 1;
    char size[24];
    printf("%u files, %s\n", tree.files,
           mill_size_text(tree.bytes, size, sizeof size));
    return 0;
}
