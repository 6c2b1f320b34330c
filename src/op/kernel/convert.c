/* Row loops of pixel formulas, each a plain loop over planes that the compiler
 * vectorises. The loops that both depths share stand in convert_depth.h; here
 * are those of one depth, and the table. RGB to YCC at 8 bits, of which PNG to
 * JPEG has much, is in convert_base.c and convert_v3.c. */
#include "convert.h"
#include "levels.h"

#define SAMPLE uint16_t
#define NAME   ycc_of_rgb_16
#include "convert_ycc.h"

#define SAMPLE   uint8_t
#define WORD     uint16_t
#define DEPTH    8
#define NAMED(x) x##_8
#include "convert_depth.h"

#define SAMPLE   uint16_t
#define WORD     uint32_t
#define DEPTH    16
#define NAMED(x) x##_16
#include "convert_depth.h"

/* Undo multiply: c = p * 255 / a, rounded. Clamping p to a first clamps the
 * colour, and gives 0 where a is 0. The quotient is one of floats, since those
 * have vectors. IEEE 754 leaves no choice in it; it is off by 2^-17 at most,
 * while no true quotient is nearer to a half than 1 / 510 but a half, and that
 * is exact. */
static void
divide_8(const struct op__rows *rows)
{
    const uint8_t *alpha = rows->from[rows->n_planes];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const uint8_t *from = rows->from[p];
        uint8_t *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            int32_t a = alpha[i], c = from[i], v = c < a ? c : a;
            float quotient = (float)(v * 255) / (float)(a + !a);
            to[i] = (uint8_t)(int32_t)(quotient + 0.5f);
        }
    }
}

static void
divide_16(const struct op__rows *rows)
{
    const uint16_t *alpha = rows->from[rows->n_planes];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const uint16_t *from = rows->from[p];
        uint16_t *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            uint32_t a = alpha[i], v = from[i] < a ? from[i] : a;
            to[i] = (uint16_t)((v * 65535u + a / 2) / (a ? a : 1));
        }
    }
}

static void
widen(const struct op__rows *rows)
{
    const uint8_t *from = rows->from[0];
    const uint32_t n = rows->n;
    uint16_t *restrict to = rows->to[0];
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint16_t)(from[i] * 257u);
}

/* round(v / 257) for every v. */
static void
narrow(const struct op__rows *rows)
{
    const uint16_t *from = rows->from[0];
    const uint32_t n = rows->n;
    uint8_t *restrict to = rows->to[0];
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint8_t)((from[i] * 255u + 32895u) >> 16);
}

static void
shift(const struct op__rows *rows)
{
    const uint16_t *from = rows->from[0];
    const uint32_t n = rows->n;
    const int32_t delta = rows->delta;
    uint16_t *restrict to = rows->to[0];
    for (uint32_t i = 0; i < n; i++)
        to[i] = clamped_16(from[i] + delta);
}

const struct op__convert_kernels OP__LEVEL(op__convert_kernels) = {
    .gray_of_rgb = {gray_of_rgb_8, gray_of_rgb_16},
    .ycc_of_rgb = {OP__LEVEL(op__ycc_of_rgb_8), ycc_of_rgb_16},
    .rgb_of_ycc = {rgb_of_ycc_8, rgb_of_ycc_16},
    .rgb_of_cmyk = {rgb_of_cmyk_8, rgb_of_cmyk_16},
    .fill = {fill_8, fill_16},
    .multiply = {multiply_8, multiply_16},
    .divide = {divide_8, divide_16},
    .cover_straight = {cover_straight_8, cover_straight_16},
    .cover_multiplied = {cover_multiplied_8, cover_multiplied_16},
    .widen = widen,
    .narrow = narrow,
    .shift = shift,
};
