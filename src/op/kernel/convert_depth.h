/* The loops of convert.c for one depth. The includer sets
 *   SAMPLE   the type of a sample
 *   WORD     an unsigned type of twice the bits
 *   DEPTH    the bits of a sample, 8 or 16
 *   NAMED(x) the function's name at this depth
 * and this file lets go of them. TOP = 2^DEPTH - 1.
 *
 * Counts are copied out of `rows` first: bytes that are stored may be anything
 * in C, so also the count, and the compiler would have to read that again
 * behind each sample and could not make vectors. */

#define TOP      ((1u << DEPTH) - 1u)
#define HALF_TOP (1u << (DEPTH - 1))

/* Rounded, exactly, for what two samples multiplied may give. Nothing here
 * needs more bits than a WORD has, and vectors are the longer for it. */
static inline WORD
NAMED(over_top)(WORD product)
{
    WORD x = (WORD)(product + HALF_TOP);
    x = (WORD)(x + (WORD)(x >> DEPTH));
    return (WORD)(x >> DEPTH);
}

static void
NAMED(gray_of_rgb)(const struct op__rows *rows)
{
    const SAMPLE *r = rows->from[0], *g = rows->from[1], *b = rows->from[2];
    const uint32_t n = rows->n;
    SAMPLE *restrict y = rows->to[0];
    for (uint32_t i = 0; i < n; i++)
        y[i] = (SAMPLE)op__luma(r[i], g[i], b[i]);
}

static inline SAMPLE
NAMED(clamped)(int32_t v)
{
    v = v < 0 ? 0 : v;
    return (SAMPLE)(v > (int32_t)TOP ? (int32_t)TOP : v);
}

/* Weights in 1/32768; the luma stays outside, so 32 bits hold the rest. In a
 * function of its own, for `restrict` says to gcc what it needs to know only of
 * parameters. */
static void
NAMED(rgb_row)(SAMPLE *restrict r, SAMPLE *restrict g, SAMPLE *restrict b,
               const SAMPLE *restrict y, const SAMPLE *restrict cb,
               const SAMPLE *restrict cr, uint32_t n, int32_t centre)
{
    const int32_t half = 16384;
    for (uint32_t i = 0; i < n; i++) {
        int32_t blue = cb[i] - centre, red = cr[i] - centre;
        int32_t green = -11277 * blue - 23401 * red;
        r[i] = NAMED(clamped)(y[i] + ((45941 * red + half) >> 15));
        g[i] = NAMED(clamped)(y[i] + ((green + half) >> 15));
        b[i] = NAMED(clamped)(y[i] + ((58065 * blue + half) >> 15));
    }
}

static void
NAMED(rgb_of_ycc)(const struct op__rows *rows)
{
    NAMED(rgb_row)
    (rows->to[0], rows->to[1], rows->to[2], rows->from[0], rows->from[1],
     rows->from[2], rows->n, (int32_t)rows->level);
}

static void
NAMED(rgb_of_cmyk)(const struct op__rows *rows)
{
    const SAMPLE *k = rows->from[3];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < 3; p++) {
        const SAMPLE *ink = rows->from[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            WORD light = (WORD)((TOP - ink[i]) * (TOP - k[i]));
            to[i] = (SAMPLE)NAMED(over_top)(light);
        }
    }
}

static void
NAMED(fill)(const struct op__rows *rows)
{
    const SAMPLE level = (SAMPLE)rows->level;
    const uint32_t n = rows->n;
    SAMPLE *restrict to = rows->to[0];
    for (uint32_t i = 0; i < n; i++)
        to[i] = level;
}

static void
NAMED(multiply)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            WORD product = (WORD)((WORD)from[i] * alpha[i]);
            to[i] = (SAMPLE)NAMED(over_top)(product);
        }
    }
}

static void
NAMED(cover_straight)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        const WORD background = (WORD)rows->background[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            WORD sum = (WORD)((WORD)from[i] * alpha[i] +
                              background * (TOP - alpha[i]));
            to[i] = (SAMPLE)NAMED(over_top)(sum);
        }
    }
}

/* A filter may leave a colour above its alpha, hence the clamp. */
static void
NAMED(cover_multiplied)(const struct op__rows *rows)
{
    const SAMPLE *alpha = rows->from[rows->n_planes];
    const uint32_t n = rows->n;
    for (unsigned p = 0; p < rows->n_planes; p++) {
        const SAMPLE *from = rows->from[p];
        const WORD background = (WORD)rows->background[p];
        SAMPLE *restrict to = rows->to[p];
        for (uint32_t i = 0; i < n; i++) {
            WORD product = (WORD)(background * (TOP - alpha[i]));
            WORD sum = (WORD)(from[i] + NAMED(over_top)(product));
            to[i] = (SAMPLE)(sum < TOP ? sum : TOP);
        }
    }
}

#undef SAMPLE
#undef WORD
#undef DEPTH
#undef NAMED
#undef TOP
#undef HALF_TOP
