/* What DCTs share, forward and inverse: 8192 times cosines and sums of these.
 */
#ifndef CODEC_KERNEL_DCT_H
#define CODEC_KERNEL_DCT_H

enum {
    F_0298 = 2446,
    F_0390 = 3196,
    F_0541 = 4433,
    F_0765 = 6270,
    F_0899 = 7373,
    F_1175 = 9633,
    F_1501 = 12299,
    F_1847 = 15137,
    F_1961 = 16069,
    F_2053 = 16819,
    F_2562 = 20995,
    F_3072 = 25172
};

#endif
