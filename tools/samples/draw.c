/* Pictures that are not landscapes, and the noise that landscapes are made of.
 * Pure functions of their arguments. */
#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct picture
blank(unsigned w, unsigned h)
{
    return (struct picture){w, h, samples__take((size_t)w * h * 3)};
}

static uint8_t *
at(const struct picture *picture, unsigned x, unsigned y)
{
    return picture->rgb + ((size_t)y * picture->w + x) * 3;
}

void
samples__free(struct picture *picture)
{
    free(picture->rgb);
    *picture = (struct picture){0};
}

/* ---- noise --------------------------------------------------------------- */

float
samples__noise(uint32_t seed, int x, int y)
{
    uint32_t n = seed * 0x9E3779B1u + (uint32_t)x * 0x85EBCA77u +
                 (uint32_t)y * 0xC2B2AE3Du;
    n = (n ^ n >> 15) * 0x2C1B3C6Du;
    n = (n ^ n >> 12) * 0x297A2D39u;
    return (float)((n ^ n >> 15) >> 8) / 16777216.0f;
}

static float
between(float a, float b, float t)
{
    return a + (b - a) * t;
}

float
samples__smooth(uint32_t seed, float x, float y)
{
    float fx = floorf(x), fy = floorf(y);
    int ix = (int)fx, iy = (int)fy;
    float tx = x - fx, ty = y - fy;
    tx *= tx * (3 - 2 * tx);
    ty *= ty * (3 - 2 * ty);
    float upper = between(samples__noise(seed, ix, iy),
                          samples__noise(seed, ix + 1, iy), tx);
    float lower = between(samples__noise(seed, ix, iy + 1),
                          samples__noise(seed, ix + 1, iy + 1), tx);
    return between(upper, lower, ty);
}

float
samples__fractal(uint32_t seed, float x, float y, unsigned octaves)
{
    float sum = 0, weight = 0.5f, all = 0;
    for (unsigned i = 0; i < octaves; i++) {
        sum += weight * samples__smooth(seed + i, x, y);
        all += weight;
        weight *= 0.5f;
        x *= 2;
        y *= 2;
    }
    return sum / all;
}

/* ---- the letter ---------------------------------------------------------- */

/* In a field of 16 x 12: F at the left, an arrow upwards at the right. */
static bool
inked(float x, float y)
{
    bool stem = x >= 2 && x < 4 && y >= 2 && y < 10;
    bool upper = x >= 2 && x < 8 && y >= 2 && y < 4;
    bool lower = x >= 2 && x < 6.5f && y >= 5.5f && y < 7;
    bool shaft = x >= 11 && x < 13 && y >= 4 && y < 10;
    bool head = y >= 2 && y < 5 && fabsf(x - 12) < (y - 2) * 0.9f;
    return stem || upper || lower || shaft || head;
}

struct picture
samples__letter(unsigned w, unsigned h)
{
    struct picture picture = blank(w, h);
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++) {
            float u = ((float)x + 0.5f) / (float)w;
            float v = ((float)y + 0.5f) / (float)h;
            bool ink = inked(u * 16, v * 12);
            uint8_t *px = at(&picture, x, y);
            px[0] = (uint8_t)(ink ? 24 : 180 + 70 * u);
            px[1] = (uint8_t)(ink ? 40 : 235 - 60 * v);
            px[2] = (uint8_t)(ink ? 90 : 150 + 70 * v);
        }
    return picture;
}

struct picture
samples__stored(const struct picture *upright, unsigned orientation)
{
    bool turned = orientation >= 5;
    unsigned w = turned ? upright->h : upright->w;
    unsigned h = turned ? upright->w : upright->h;
    /* Which way stored rows and columns run in the upright picture. */
    bool from_right = strchr("2367", (int)('0' + orientation));
    bool from_below = strchr("3478", (int)('0' + orientation));
    struct picture stored = blank(w, h);
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++) {
            unsigned across = turned ? y : x, down = turned ? x : y;
            if (from_right)
                across = upright->w - 1 - across;
            if (from_below)
                down = upright->h - 1 - down;
            memcpy(at(&stored, x, y), at(upright, across, down), 3);
        }
    return stored;
}

struct picture
samples__flat(unsigned w, unsigned h, uint32_t rgb)
{
    struct picture picture = blank(w, h);
    for (size_t i = 0; i < (size_t)w * h; i++) {
        picture.rgb[i * 3] = (uint8_t)(rgb >> 16);
        picture.rgb[i * 3 + 1] = (uint8_t)(rgb >> 8);
        picture.rgb[i * 3 + 2] = (uint8_t)rgb;
    }
    return picture;
}

/* ---- one pixel ----------------------------------------------------------- */

unsigned
samples__luma(const uint8_t *rgb)
{
    return (rgb[0] * 299u + rgb[1] * 587u + rgb[2] * 114u + 500) / 1000;
}

unsigned
samples__alpha(const struct picture *picture, unsigned x, unsigned y)
{
    float u = ((float)x + 0.5f) / (float)picture->w * 2 - 1;
    float v = ((float)y + 0.5f) / (float)picture->h * 2 - 1;
    float clear = (u * u + v * v - 0.6f) / 0.9f;
    if (clear <= 0)
        return 255;
    return clear >= 1 ? 0 : (unsigned)(255 * (1 - clear));
}
