/* Forward DCTs, quantisation and zigzag for any machine, and how divisors are
 * made for all.
 *
 * A block is at work in the vectors of dct_vectors.h:
 *
 *      eight rows of bytes ──► columns ──► pass ──► turned: rows ──► pass
 *
 * The first pass' outputs are laid so that a row's even values are its left
 * half and the odd ones its right; narrowed by pairs they are in order again.
 *
 * Ranges. A sample less 128 is within 128. An output of the first pass is four
 * times a sum of eight, so within 4096, or less: sqrt(2) times the sizes of a
 * cosine's eight values make 8 for coefficient 4, and at most 7.25 for the
 * others. Sums of two such are within 8192, of four within 16384, of eight
 * within 32768, which is reached below 0 alone: all are held by 16 bits; and
 * these times constants, as what they make is within 8192 times 2^15, by 32. */
#include "forward.h"

#include "dct_vectors.h"

/* ---- quantisation -------------------------------------------------------- */

/* What is divided by d and rounded, v, is within 8192 and gets a bias, at most
 * 1020, so it is below 2^14. Then v / d, rounded down, is v times f / 2^r,
 * rounded down, f being 2^r / d rounded up, and 2^r at least d times 2^14: what
 * f is too large by, less than 1, times v, is less than 2^r / d. So r is 14
 * more than d has bits, f has 15 bits, and of r the first product drops 16. */
static void
divide_by(struct codec__divisors *to, unsigned row, unsigned i, uint32_t d,
          uint32_t bias)
{
    unsigned r = 14 + 32 - (unsigned)__builtin_clz(d - 1);
    uint32_t factor = ((1u << r) + d - 1) / d;
    to->bias[row][i] = to->bias[row][i + 8] = (uint16_t)bias;
    to->reciprocal[row][i] = to->reciprocal[row][i + 8] = (uint16_t)factor;
    to->scale[row][i] = to->scale[row][i + 8] = (uint16_t)(1u << (32 - r));
}

/* A coefficient of AC that is a little more than a half above a whole number is
 * rounded towards 0: a one more often costs the bits of a whole symbol than it
 * gains. Of biases from .38 to .5 of a step this one gave the most for its
 * price: at quality 80 3 % fewer bytes for .08 dB, where a lower quality takes
 * .15 dB for as many. Steps up to 3 keep the half. */
static uint32_t
bias_of(uint32_t d, unsigned i, enum mill_rounding rounding)
{
    enum { BIAS = 118, OF = 256 };
    if (i == 0 || rounding == MILL_ROUNDING_NEAREST)
        return d / 2;
    return (d * BIAS + OF - 1) / OF;
}

void
codec__divisors_make(struct codec__divisors *divisors,
                     const uint16_t step[CODEC__BLOCK],
                     enum mill_rounding rounding)
{
    for (unsigned i = 0; i < CODEC__BLOCK; i++) {
        uint32_t d = step[i] * 8u;
        divide_by(divisors, i / 8, i % 8, d, bias_of(d, i, rounding));
    }
}

/* ---- bytes to columns ---------------------------------------------------- */

typedef uint8_t bytes __attribute__((vector_size(16)));

/* Rows a and b: 8 samples each. */
PART bytes
two_rows(const uint8_t *a, const uint8_t *b)
{
    bytes v;
    memcpy(&v, a, 8);
    memcpy((uint8_t *)&v + 8, b, 8);
    return v;
}

PART vec16
zip_bytes_low(bytes a, bytes b)
{
    return (vec16)__builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                          20, 5, 21, 6, 22, 7, 23);
}

PART vec16
zip_bytes_high(bytes a, bytes b)
{
    return (vec16)__builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27,
                                          12, 28, 13, 29, 14, 30, 15, 31);
}

PART vec32
zip_twos_low(vec16 a, vec16 b)
{
    return (vec32)__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

PART vec32
zip_twos_high(vec16 a, vec16 b)
{
    return (vec32)__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/* Two columns, in 16 bits. */
PART void
widen(vec32 both, vec16 columns[2])
{
    const bytes zero = {0}, v = (bytes)both;
    columns[0] = IS_BIG ? zip_bytes_low(zero, v) : zip_bytes_low(v, zero);
    columns[1] = IS_BIG ? zip_bytes_high(zero, v) : zip_bytes_high(v, zero);
}

PART void
load(const uint8_t *from, size_t stride, vec16 columns[8])
{
    bytes rows[4];
    for (unsigned i = 0; i < 4; i++)
        rows[i] = two_rows(from + i * stride, from + (i + 4) * stride);
    vec16 r01 = zip_bytes_low(rows[0], rows[1]);
    vec16 r23 = zip_bytes_low(rows[2], rows[3]);
    vec16 r45 = zip_bytes_high(rows[0], rows[1]);
    vec16 r67 = zip_bytes_high(rows[2], rows[3]);
    vec32 top = zip_twos_low(r01, r23), end = zip_twos_low(r45, r67);
    widen(zip_low(top, end), columns);
    widen(zip_high(top, end), columns + 2);
    top = zip_twos_high(r01, r23);
    end = zip_twos_high(r45, r67);
    widen(zip_low(top, end), columns + 4);
    widen(zip_high(top, end), columns + 6);
}

/* ---- passes -------------------------------------------------------------- */

/* Bits that the passes drop. */
enum { FIRST = 11, LAST = 15 };

/* What a pass gives, and how its halves are kept. */
struct rows {
    vec32 left[8], right[8];
};

PART void
set_row(struct rows *out, unsigned i, struct wide sums, const unsigned bits)
{
    sums = rounded(sums, bits);
    out->left[i] = sums.left;
    out->right[i] = sums.right;
}

/* 8192 times as much, which is no product to compilers. */
PART struct wide
widened(vec16 v)
{
    typedef int32_t wide32 __attribute__((vector_size(32)));
    wide32 all = __builtin_convertvector(v, wide32) * 8192;
    struct wide out;
    memcpy(&out, &all, sizeof out);
    return out;
}

/* Where output i of a pass is laid. */
PART unsigned
place(unsigned i, const unsigned bits)
{
    return bits == FIRST ? i / 2 + i % 2 * 4 : i;
}

PART void
pass_even(const vec16 s[4], struct rows *out, const unsigned bits)
{
    vec16 t10 = plus(s[0], s[3]), t13 = minus(s[0], s[3]);
    vec16 t11 = plus(s[1], s[2]), t12 = minus(s[1], s[2]);
    vec16 all = plus(t10, t11);
    if (bits == FIRST) /* samples less 128: nothing else sees that */
        all = minus(all, (vec16){0} + 128 * 8);
    set_row(out, place(0, bits), widened(all), bits);
    set_row(out, place(4, bits), widened(minus(t10, t11)), bits);
    set_row(out, place(2, bits), dot(t13, F_0541 + F_0765, t12, F_0541), bits);
    set_row(out, place(6, bits), dot(t13, F_0541, t12, F_0541 - F_1847), bits);
}

PART void
pass_odd(const vec16 d[4], struct rows *out, const unsigned bits)
{
    vec16 z3 = plus(d[3], d[1]), z4 = plus(d[2], d[0]);
    struct wide w3 = dot(z3, F_1175 - F_1961, z4, F_1175);
    struct wide w4 = dot(z3, F_1175, z4, F_1175 - F_0390);
    struct wide o1 = dot(d[0], F_1501 - F_0899, d[3], -F_0899);
    struct wide o3 = dot(d[1], F_3072 - F_2562, d[2], -F_2562);
    struct wide o5 = dot(d[2], F_2053 - F_2562, d[1], -F_2562);
    struct wide o7 = dot(d[3], F_0298 - F_0899, d[0], -F_0899);
    set_row(out, place(1, bits), add(o1, w4), bits);
    set_row(out, place(3, bits), add(o3, w3), bits);
    set_row(out, place(5, bits), add(o5, w4), bits);
    set_row(out, place(7, bits), add(o7, w3), bits);
}

PART void
pass(const vec16 v[8], struct rows *out, const unsigned bits)
{
    vec16 sum[4], gap[4];
    for (unsigned i = 0; i < 4; i++) {
        sum[i] = plus(v[i], v[7 - i]);
        gap[i] = minus(v[i], v[7 - i]);
    }
    pass_even(sum, out, bits);
    pass_odd(gap, out, bits);
}

/* ---- blocks -------------------------------------------------------------- */

/* The upper halves of the products. */
PART size16
times_high(size16 v, size16 by)
{
    uint16_t values[8], factors[8];
    memcpy(values, &v, sizeof v);
    memcpy(factors, &by, sizeof by);
    for (unsigned i = 0; i < 8; i++)
        values[i] = (uint16_t)((uint32_t)values[i] * factors[i] >> 16);
    memcpy(&v, values, sizeof v);
    return v;
}

PART size16
row_of(const uint16_t row[16])
{
    return *(const size16 *)(const void *)row;
}

/* By itself: as a part of a loop compilers do not see its products. */
static __attribute__((noinline)) vec16
quantised(vec16 v, size16 bias, size16 reciprocal, size16 scale)
{
    size16 sign = (size16)(v >> 15), size = ((size16)v ^ sign) - sign;
    size = times_high(times_high(size + bias, reciprocal), scale);
    return (vec16)((size ^ sign) - sign);
}

/* Bit k: value k is not 0. */
PART uint64_t
bits_of(const int16_t values[CODEC__BLOCK])
{
    const uint64_t bytes_to_bits =
        IS_BIG ? 0x8040201008040201 : 0x0102040810204080;
    uint8_t is_set[CODEC__BLOCK];
    uint64_t bits = 0, eight;
    for (unsigned k = 0; k < CODEC__BLOCK; k++)
        is_set[k] = values[k] != 0;
    for (unsigned k = 0; k < CODEC__BLOCK; k += 8) {
        memcpy(&eight, is_set + k, sizeof eight);
        bits |= (eight * bytes_to_bits >> 56) << k;
    }
    return bits;
}

PART void
block(const uint8_t *from, size_t stride, const struct codec__divisors *by,
      struct codec__forward_block *to)
{
    struct rows sums;
    vec16 v[8];
    int16_t natural[CODEC__BLOCK];
    load(from, stride, v);
    pass(v, &sums, FIRST);
    turn(sums.left, FIRST, v);
    turn(sums.right, FIRST, v + 4);
    pass(v, &sums, LAST);
    for (unsigned i = 0; i < 8; i++) {
        vec16 row = (vec16)pair(sums.left[i], sums.right[i], LAST);
        row = quantised(row, row_of(by->bias[i]), row_of(by->reciprocal[i]),
                        row_of(by->scale[i]));
        memcpy(natural + (size_t)i * 8, &row, sizeof row);
    }
#pragma GCC unroll 16
    for (unsigned k = 0; k < CODEC__BLOCK; k++)
        to->zigzag[k] = natural[codec__zigzag[k]];
    to->set = bits_of(to->zigzag);
}

void
codec__forward_base(const uint8_t *from, size_t stride, unsigned n,
                    const struct codec__divisors *divisors,
                    struct codec__forward_block *to)
{
    for (unsigned i = 0; i < n; i++)
        block(from + (size_t)i * 8, stride, divisors, to + i);
}
