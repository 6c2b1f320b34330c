/* Interleaved rows to planes and back.
 *
 * A loop for each number of channels, with the channels written out, so that
 * the compiler makes vector code of it; any other number goes a channel at a
 * time. Three channels of 8 bits are what most PNG files hold and what
 * compilers do worst without byte shuffles, so those are split by hand in
 * vectors that need nothing but interleaving.
 *
 * Pure functions of their arguments; dst and src never overlap. */
#include <imgmill/pixel.h>

#include <string.h>

/* Splitters and joiners for samples of one type. */
#define DEFINE_ROWS(type)                                                      \
    static void split_any_##type(void *const *dst, const type *src, size_t w,  \
                                 size_t n)                                     \
    {                                                                          \
        for (size_t c = 0; c < n; c++) {                                       \
            type *restrict out = dst[c];                                       \
            for (size_t x = 0; x < w; x++)                                     \
                out[x] = src[x * n + c];                                       \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void split_2_##type(void *const *dst, const type *src, size_t w)    \
    {                                                                          \
        type *restrict a = dst[0], *restrict b = dst[1];                       \
        for (size_t x = 0; x < w; x++) {                                       \
            a[x] = src[2 * x];                                                 \
            b[x] = src[2 * x + 1];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void split_3_##type(void *const *dst, const type *src, size_t x,    \
                               size_t w)                                       \
    {                                                                          \
        type *restrict a = dst[0], *restrict b = dst[1];                       \
        type *restrict c = dst[2];                                             \
        for (; x < w; x++) {                                                   \
            a[x] = src[3 * x];                                                 \
            b[x] = src[3 * x + 1];                                             \
            c[x] = src[3 * x + 2];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void split_4_##type(void *const *dst, const type *src, size_t w)    \
    {                                                                          \
        type *restrict a = dst[0], *restrict b = dst[1];                       \
        type *restrict c = dst[2], *restrict d = dst[3];                       \
        for (size_t x = 0; x < w; x++) {                                       \
            a[x] = src[4 * x];                                                 \
            b[x] = src[4 * x + 1];                                             \
            c[x] = src[4 * x + 2];                                             \
            d[x] = src[4 * x + 3];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void join_any_##type(type *restrict dst, const void *const *src,    \
                                size_t w, size_t n)                            \
    {                                                                          \
        for (size_t c = 0; c < n; c++) {                                       \
            const type *in = src[c];                                           \
            for (size_t x = 0; x < w; x++)                                     \
                dst[x * n + c] = in[x];                                        \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void join_2_##type(type *restrict dst, const void *const *src,      \
                              size_t w)                                        \
    {                                                                          \
        const type *a = src[0], *b = src[1];                                   \
        for (size_t x = 0; x < w; x++) {                                       \
            dst[2 * x] = a[x];                                                 \
            dst[2 * x + 1] = b[x];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void join_3_##type(type *restrict dst, const void *const *src,      \
                              size_t w)                                        \
    {                                                                          \
        const type *a = src[0], *b = src[1], *c = src[2];                      \
        for (size_t x = 0; x < w; x++) {                                       \
            dst[3 * x] = a[x];                                                 \
            dst[3 * x + 1] = b[x];                                             \
            dst[3 * x + 2] = c[x];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void join_4_##type(type *restrict dst, const void *const *src,      \
                              size_t w)                                        \
    {                                                                          \
        const type *a = src[0], *b = src[1], *c = src[2], *d = src[3];         \
        for (size_t x = 0; x < w; x++) {                                       \
            dst[4 * x] = a[x];                                                 \
            dst[4 * x + 1] = b[x];                                             \
            dst[4 * x + 2] = c[x];                                             \
            dst[4 * x + 3] = d[x];                                             \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void join_##type(void *dst, const void *const *src, size_t w,       \
                            unsigned n)                                        \
    {                                                                          \
        if (n == 2)                                                            \
            join_2_##type(dst, src, w);                                        \
        else if (n == 3)                                                       \
            join_3_##type(dst, src, w);                                        \
        else if (n == 4)                                                       \
            join_4_##type(dst, src, w);                                        \
        else                                                                   \
            join_any_##type(dst, src, w, n);                                   \
    }

DEFINE_ROWS(uint8_t)
DEFINE_ROWS(uint16_t)

typedef uint8_t vec __attribute__((vector_size(16)));

enum { LANES = sizeof(vec) };

static inline vec
load(const uint8_t *at)
{
    vec v;
    memcpy(&v, at, sizeof v);
    return v;
}

/* 16 px, that is 48 bytes, as two halves of 24 that are interleaved four times.
 * One interleaving takes the byte at p to 2p mod 47, four take 3i + c to
 * 16 * (3i + c) = i + 16c: the three channels, one after another. */
static inline void
split_48_bytes(vec *a, vec *b, vec *c)
{
    for (int i = 0; i < 4; i++) {
        vec low = __builtin_shufflevector(*a, *b, 0, 24, 1, 25, 2, 26, 3, 27, 4,
                                          28, 5, 29, 6, 30, 7, 31);
        vec mid = __builtin_shufflevector(*a, *c, 8, 16, 9, 17, 10, 18, 11, 19,
                                          12, 20, 13, 21, 14, 22, 15, 23);
        vec high = __builtin_shufflevector(*b, *c, 0, 24, 1, 25, 2, 26, 3, 27,
                                           4, 28, 5, 29, 6, 30, 7, 31);
        *a = low;
        *b = mid;
        *c = high;
    }
}

static void
split_rgb(void *const *dst, const uint8_t *src, size_t w)
{
    uint8_t *out[3] = {dst[0], dst[1], dst[2]};
    size_t x = 0;
    for (; x + LANES <= w; x += LANES) {
        const uint8_t *in = src + 3 * x;
        vec a = load(in), b = load(in + LANES), c = load(in + 2 * LANES);
        split_48_bytes(&a, &b, &c);
        memcpy(out[0] + x, &a, sizeof a);
        memcpy(out[1] + x, &b, sizeof b);
        memcpy(out[2] + x, &c, sizeof c);
    }
    split_3_uint8_t(dst, src, x, w);
}

static void
split_uint8_t(void *const *dst, const void *src, size_t w, unsigned n)
{
    if (n == 2)
        split_2_uint8_t(dst, src, w);
    else if (n == 3)
        split_rgb(dst, src, w);
    else if (n == 4)
        split_4_uint8_t(dst, src, w);
    else
        split_any_uint8_t(dst, src, w, n);
}

static void
split_uint16_t(void *const *dst, const void *src, size_t w, unsigned n)
{
    if (n == 2)
        split_2_uint16_t(dst, src, w);
    else if (n == 3)
        split_3_uint16_t(dst, src, 0, w);
    else if (n == 4)
        split_4_uint16_t(dst, src, w);
    else
        split_any_uint16_t(dst, src, w, n);
}

void
mill_rows_split(void *const *dst, const void *src, uint32_t w,
                unsigned n_channels, unsigned depth)
{
    if (n_channels == 1)
        memcpy(dst[0], src, (size_t)w * (depth / 8u));
    else if (depth == 8)
        split_uint8_t(dst, src, w, n_channels);
    else
        split_uint16_t(dst, src, w, n_channels);
}

void
mill_rows_join(void *dst, const void *const *src, uint32_t w,
               unsigned n_channels, unsigned depth)
{
    if (n_channels == 1)
        memcpy(dst, src[0], (size_t)w * (depth / 8u));
    else if (depth == 8)
        join_uint8_t(dst, src, w, n_channels);
    else
        join_uint16_t(dst, src, w, n_channels);
}
