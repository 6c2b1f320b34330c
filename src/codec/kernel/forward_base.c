/* Forward DCTs and quantisation for any machine. */
#include "forward.h"

#include "dct.h"

/* ---- quantisation -------------------------------------------------------- */

/* x / d, rounded down, for 16 bits of x: (x + 1) or x times 2^r / d, rounded
 * down or up, whichever is nearer, r such that the factor has 16 bits. */
static void
divide_by(struct codec__divisors *to, unsigned row, unsigned i, uint32_t d)
{
    unsigned bits = 31 - (unsigned)__builtin_clz(d);
    uint32_t factor = (1u << (16 + bits)) / d;
    uint32_t rest = (1u << (16 + bits)) % d, half = d / 2;
    if (rest == 0) { /* 65536 would be too large by one */
        factor /= 2;
        bits--;
    } else if (rest <= d / 2) {
        half++;
    } else {
        factor++;
    }
    to->half[row][i] = to->half[row][i + 8] = (uint16_t)half;
    to->reciprocal[row][i] = to->reciprocal[row][i + 8] = (uint16_t)factor;
    to->scale[row][i] = to->scale[row][i + 8] = (uint16_t)(1u << (16 - bits));
}

void
codec__divisors_make(struct codec__divisors *divisors,
                     const uint16_t step[CODEC__BLOCK])
{
    for (unsigned i = 0; i < CODEC__BLOCK; i++)
        divide_by(divisors, i / 8, i % 8, step[i] * 8u);
}

static int16_t
quantised(int v, const struct codec__divisors *divisors, unsigned i)
{
    unsigned row = i / 8, column = i % 8;
    uint32_t size = (uint32_t)(v < 0 ? -v : v) + divisors->half[row][column];
    size = size * divisors->reciprocal[row][column] >> 16;
    size = size * divisors->scale[row][column] >> 16;
    return (int16_t)(v < 0 ? -(int)size : (int)size);
}

/* ---- 8 x 8 --------------------------------------------------------------- */

/* How far the passes' sums are from what they give: outputs 0 and 4 are the
 * sums themselves, the others 8192 times as much. */
enum { BITS = 13, PASS_BITS = 2 };

static int
dropped(int v, int bits)
{
    return (v + (1 << (bits - 1))) >> bits;
}

static void
pass(int *v, const unsigned step, const int bits)
{
    int sum[4], gap[4];
    for (unsigned i = 0; i < 4; i++) {
        sum[i] = v[i * step] + v[(7 - i) * step];
        gap[i] = v[i * step] - v[(7 - i) * step];
    }
    int outer = sum[0] + sum[3], inner = sum[1] + sum[2];
    int t13 = sum[0] - sum[3], t12 = sum[1] - sum[2];
    int z1 = (t12 + t13) * F_0541;
    int z5 = (gap[0] + gap[1] + gap[2] + gap[3]) * F_1175;
    int z3 = z5 - (gap[3] + gap[1]) * F_1961;
    int z4 = z5 - (gap[2] + gap[0]) * F_0390;
    int z07 = -(gap[3] + gap[0]) * F_0899;
    int z25 = -(gap[2] + gap[1]) * F_2562;
    v[0] = bits > BITS ? dropped(outer + inner, PASS_BITS)
                       : (outer + inner) * (1 << PASS_BITS);
    v[4 * step] = bits > BITS ? dropped(outer - inner, PASS_BITS)
                              : (outer - inner) * (1 << PASS_BITS);
    v[2 * step] = dropped(z1 + t13 * F_0765, bits);
    v[6 * step] = dropped(z1 - t12 * F_1847, bits);
    v[1 * step] = dropped(gap[0] * F_1501 + z07 + z4, bits);
    v[3 * step] = dropped(gap[1] * F_3072 + z25 + z3, bits);
    v[5 * step] = dropped(gap[2] * F_2053 + z25 + z4, bits);
    v[7 * step] = dropped(gap[3] * F_0298 + z07 + z3, bits);
}

static void
block(const uint8_t *from, size_t stride,
      const struct codec__divisors *divisors, struct codec__forward_block *to)
{
    int v[CODEC__BLOCK];
    for (unsigned i = 0; i < CODEC__BLOCK; i++)
        v[i] = from[i / 8 * stride + i % 8] - 128;
    for (unsigned i = 0; i < 8; i++)
        pass(v + (size_t)i * 8, 1, BITS - PASS_BITS);
    for (unsigned i = 0; i < 8; i++)
        pass(v + i, 8, BITS + PASS_BITS);
    to->set = 0;
    for (unsigned k = 0; k < CODEC__BLOCK; k++) {
        unsigned i = codec__zigzag[k];
        to->zigzag[k] = quantised(v[i], divisors, i);
        to->set |= (uint64_t)(to->zigzag[k] != 0) << k;
    }
}

void
codec__forward_base(const uint8_t *from, size_t stride, unsigned n,
                    const struct codec__divisors *divisors,
                    struct codec__forward_block *to)
{
    for (unsigned i = 0; i < n; i++)
        block(from + (size_t)i * 8, stride, divisors, to + i);
}
