/* The loops of convert.c for one depth. The includer sets
 *   SAMPLE   the type of a sample
 *   DEPTH    its bits, 8 or 16
 *   NAMED(x) the function's name at this depth
 * and this file lets go of them. With TOP = 2^DEPTH - 1, a product of two
 * samples is below 2^(2 DEPTH) and DIVIDE_TOP is its exact rounded quotient. */

#define TOP           ((1u << DEPTH) - 1u)
#define DIVIDE_TOP(x) (((x) + HALF_TOP + (((x) + HALF_TOP) >> DEPTH)) >> DEPTH)
#define HALF_TOP      (1u << (DEPTH - 1))

/* The weights of T.871 in 1/65536: they add up to 65536, and 0 for chroma. */
static inline uint32_t
NAMED(luma)(uint32_t r, uint32_t g, uint32_t b)
{
    return (19595u * r + 38470u * g + 7471u * b + 32768u) >> 16;
}

static void
NAMED(gray_of_rgb)(const struct op__rows *rows)
{
    const SAMPLE *r = rows->from[0], *g = rows->from[1], *b = rows->from[2];
    SAMPLE *restrict y = rows->to[0];
    for (uint32_t i = 0; i < rows->n; i++)
        y[i] = (SAMPLE)NAMED(luma)(r[i], g[i], b[i]);
}

/* Chroma is summed about HALF_TOP. The ends of that sum, 0.5 below and 0.5
 * above the range, fall inside it because the half that rounds is one unit
 * short; so 32 bits hold it at either depth. Then it is moved to the centre. */
static void
NAMED(ycc_of_rgb)(const struct op__rows *rows)
{
    const uint32_t half = (HALF_TOP << 16) + 32767u;
    const uint32_t move = rows->level - HALF_TOP;
    const SAMPLE *r = rows->from[0], *g = rows->from[1], *b = rows->from[2];
    SAMPLE *restrict y = rows->to[0], *restrict cb = rows->to[1];
    SAMPLE *restrict cr = rows->to[2];
    for (uint32_t i = 0; i < rows->n; i++) {
        uint32_t blue = half + 32768u * b[i] - 11058u * r[i] - 21710u * g[i];
        uint32_t red = half + 32768u * r[i] - 27439u * g[i] - 5329u * b[i];
        blue = (blue >> 16) + move;
        red = (red >> 16) + move;
        y[i] = (SAMPLE)NAMED(luma)(r[i], g[i], b[i]);
        cb[i] = (SAMPLE)(blue < TOP ? blue : TOP);
        cr[i] = (SAMPLE)(red < TOP ? red : TOP);
    }
}

static inline SAMPLE
NAMED(clamped)(int32_t v)
{
    v = v < 0 ? 0 : v;
    return (SAMPLE)(v > (int32_t)TOP ? (int32_t)TOP : v);
}

/* Weights in 1/32768; the luma stays outside, so 32 bits hold the rest. */
static void
NAMED(rgb_of_ycc)(const struct op__rows *rows)
{
    const int32_t centre = (int32_t)rows->level, half = 16384;
    const SAMPLE *y = rows->from[0], *cb = rows->from[1], *cr = rows->from[2];
    SAMPLE *restrict r = rows->to[0], *restrict g = rows->to[1];
    SAMPLE *restrict b = rows->to[2];
    for (uint32_t i = 0; i < rows->n; i++) {
        int32_t blue = cb[i] - centre, red = cr[i] - centre;
        int32_t green = -11277 * blue - 23401 * red;
        r[i] = NAMED(clamped)(y[i] + ((45941 * red + half) >> 15));
        g[i] = NAMED(clamped)(y[i] + ((green + half) >> 15));
        b[i] = NAMED(clamped)(y[i] + ((58065 * blue + half) >> 15));
    }
}

static void
NAMED(rgb_of_cmyk)(const struct op__rows *rows)
{
    const SAMPLE *k = rows->from[3];
    for (unsigned p = 0; p < 3; p++) {
        const SAMPLE *ink = rows->from[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < rows->n; i++) {
            uint32_t light = (TOP - ink[i]) * (TOP - k[i]);
            to[i] = (SAMPLE)DIVIDE_TOP(light);
        }
    }
}

static void
NAMED(fill)(const struct op__rows *rows)
{
    SAMPLE *restrict to = rows->to[0];
    for (uint32_t i = 0; i < rows->n; i++)
        to[i] = (SAMPLE)rows->level;
}

static void
NAMED(multiply)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < rows->n; i++) {
            uint32_t product = (uint32_t)from[i] * alpha[i];
            to[i] = (SAMPLE)DIVIDE_TOP(product);
        }
    }
}

static void
NAMED(cover_straight)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        const uint32_t background = rows->background[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < rows->n; i++) {
            uint32_t sum =
                (uint32_t)from[i] * alpha[i] + background * (TOP - alpha[i]);
            to[i] = (SAMPLE)DIVIDE_TOP(sum);
        }
    }
}

/* A filter may leave a colour above its alpha, hence the clamp. */
static void
NAMED(cover_multiplied)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        const uint32_t background = rows->background[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < rows->n; i++) {
            uint32_t product = background * (TOP - alpha[i]);
            uint32_t sum = from[i] + DIVIDE_TOP(product);
            to[i] = (SAMPLE)(sum < TOP ? sum : TOP);
        }
    }
}

#undef SAMPLE
#undef DEPTH
#undef NAMED
#undef TOP
#undef DIVIDE_TOP
#undef HALF_TOP
