/* Landscapes: a sky with its sun and clouds, ridges one behind the other in the
 * haze, and a lake that mirrors them; a little grain, as a sensor has. Colours
 * are mixed as they are coded, which is how a painter would do it. Coordinates:
 * u from 0 at the left to 1 at the right, v from 0 at the top to 1 below,
 * where u is stretched by the picture's proportion. */
#include "samples.h"

#include <math.h>

struct colour {
    float r, g, b; /* 0..1 */
};

struct scene {
    uint32_t seed;
    struct colour zenith, horizon, sun, cloud, far, near, water;
    float sun_u, sun_v, sun_size, glow;
    float clouds; /* 0 none .. 1 overcast */
    float shore;  /* v of the water's edge */
    float snow;   /* v above which ridges are white; 0: none */
    float stars;  /* 0 or 1 */
};

/* clang-format off */
static const struct scene scenes[SAMPLES_SCENES] = {
    /* morning */
    {11, {.36f, .55f, .80f}, {.98f, .83f, .66f}, {1, .95f, .78f},
     {1, .90f, .84f}, {.62f, .62f, .72f}, {.12f, .20f, .16f},
     {.30f, .42f, .52f}, .42f, .44f, .030f, .5f, .45f, .66f, .22f, 0},
    /* noon */
    {22, {.16f, .40f, .78f}, {.72f, .86f, .96f}, {1, 1, .94f},
     {1, 1, 1}, {.48f, .60f, .72f}, {.16f, .30f, .12f},
     {.10f, .32f, .46f}, 1.15f, .13f, .026f, .3f, .55f, .70f, .33f, 0},
    /* evening */
    {33, {.20f, .18f, .42f}, {1, .55f, .25f}, {1, .88f, .55f},
     {.95f, .50f, .42f}, {.50f, .30f, .42f}, {.09f, .07f, .12f},
     {.24f, .18f, .34f}, .95f, .50f, .040f, .8f, .60f, .64f, 0, 0},
    /* night */
    {44, {.02f, .03f, .10f}, {.16f, .22f, .38f}, {.96f, .96f, .90f},
     {.22f, .26f, .36f}, {.12f, .16f, .28f}, {.02f, .03f, .05f},
     {.04f, .07f, .15f}, .38f, .20f, .034f, .35f, .25f, .68f, .26f, 1},
    /* autumn */
    {55, {.45f, .62f, .78f}, {.92f, .88f, .78f}, {1, .94f, .80f},
     {.96f, .94f, .92f}, {.60f, .52f, .50f}, {.52f, .24f, .06f},
     {.28f, .36f, .38f}, .25f, .30f, .028f, .4f, .50f, .72f, 0, 0},
    /* winter */
    {66, {.50f, .64f, .80f}, {.92f, .93f, .96f}, {1, .98f, .92f},
     {.97f, .97f, .98f}, {.70f, .76f, .86f}, {.34f, .40f, .48f},
     {.52f, .62f, .72f}, .80f, .28f, .030f, .5f, .60f, .67f, .60f, 0},
    /* fog */
    {77, {.74f, .77f, .79f}, {.88f, .88f, .86f}, {1, .98f, .92f},
     {.92f, .92f, .92f}, {.80f, .82f, .83f}, {.26f, .33f, .32f},
     {.60f, .65f, .66f}, .60f, .34f, .036f, .6f, .80f, .74f, 0, 0},
    /* desert */
    {88, {.22f, .48f, .74f}, {.96f, .86f, .70f}, {1, .97f, .86f},
     {1, .97f, .92f}, {.80f, .58f, .48f}, {.58f, .26f, .12f},
     {.36f, .46f, .48f}, 1.10f, .22f, .028f, .4f, .20f, .76f, 0, 0},
    /* storm */
    {99, {.20f, .23f, .28f}, {.66f, .66f, .60f}, {.92f, .90f, .80f},
     {.36f, .38f, .42f}, {.38f, .42f, .46f}, {.08f, .13f, .10f},
     {.18f, .23f, .26f}, .70f, .42f, .020f, .3f, .95f, .62f, .20f, 0},
};
/* clang-format on */

static struct colour
mix(struct colour a, struct colour b, float t)
{
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return (struct colour){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t,
                           a.b + (b.b - a.b) * t};
}

static struct colour
lit(struct colour c, float by)
{
    return (struct colour){c.r * by, c.g * by, c.b * by};
}

static struct colour
with_sun(const struct scene *scene, struct colour sky, float u, float v)
{
    float away = hypotf(u - scene->sun_u, v - scene->sun_v);
    float disc = (scene->sun_size - away) / 0.004f + 0.5f;
    float halo = scene->glow * expf(-away * 6);
    return mix(mix(sky, scene->sun, halo), scene->sun, disc);
}

static struct colour
sky_at(const struct scene *scene, float u, float v)
{
    struct colour sky =
        mix(scene->zenith, scene->horizon, powf(v / scene->shore, 1.3f));
    if (scene->stars > 0) {
        float star = samples__noise(7, (int)(u * 420), (int)(v * 420));
        sky = mix(sky, scene->sun, (star - 0.9965f) * 250 * (1 - v));
    }
    sky = with_sun(scene, sky, u, v);
    /* Clouds lie in a plane: they flatten and crowd towards the horizon. */
    float depth = 1 / (0.25f + scene->shore - v);
    float cloud = samples__fractal(scene->seed + 40, u * depth * 1.4f + 9,
                                   depth * 2.2f, 6);
    float edge = 0.72f - 0.34f * scene->clouds;
    float lower = samples__fractal(scene->seed + 40, u * depth * 1.4f + 9.1f,
                                   depth * 2.2f + 0.15f, 4);
    struct colour white = lit(scene->cloud, 0.84f + (cloud - lower) * 1.2f);
    return mix(sky, white, (cloud - edge) * 5 * (1 - v * 0.5f));
}

enum { RIDGES = 5 };

/* How high ridge k of RIDGES stands at u, as v; 0 is the farthest. */
static float
ridge_at(const struct scene *scene, unsigned k, float u)
{
    float t = (float)k / (RIDGES - 1);
    float span = scene->shore * (0.62f - 0.38f * t);
    float form = samples__fractal(
        scene->seed + 10 * k, u * (2.0f + t * 2.5f) + 3 * (float)k, 0.5f, 6);
    /* Far ridges are folded to peaks, near ones are rolling. */
    float peak = 1 - fabsf(2 * form - 1) * 1.6f;
    float height = peak + (form * 1.1f - peak) * t;
    float top = scene->shore - 0.015f - span * height;
    if (k == RIDGES - 1)
        top -= 0.028f * samples__fractal(scene->seed + 3, u * 70, 0.5f, 3);
    return top;
}

static struct colour
ridge_colour(const struct scene *scene, unsigned k, float u, float v, float top)
{
    float t = (float)k / (RIDGES - 1);
    float grain = 12 + 30 * t;
    float rock =
        samples__fractal(scene->seed + 60 + k, u * grain, v * grain * 1.6f, 5);
    float slope = samples__fractal(scene->seed + 60 + k, u * grain + 0.35f,
                                   v * grain * 1.6f + 0.2f, 5);
    struct colour ground = mix(scene->far, scene->near, t);
    ground = lit(ground, 0.75f + 0.5f * rock + (rock - slope) * 2.4f);
    float high = (scene->snow - v + (rock - 0.5f) * 0.16f) * 30 * (1 - t);
    float white = 0.86f + (rock - slope) * 1.5f;
    ground = mix(ground, lit(scene->cloud, white), high * (1 - t));
    /* Mist gathers at each ridge's foot. */
    float foot = (v - top) / (scene->shore - top + 0.05f);
    return mix(ground, scene->horizon, (1 - t) * (0.25f + 0.5f * foot));
}

static struct colour
land_at(const struct scene *scene, float u, float v)
{
    for (unsigned k = RIDGES; k-- > 0;) {
        float top = ridge_at(scene, k, u);
        if (v >= top)
            return ridge_colour(scene, k, u, v, top);
    }
    return sky_at(scene, u, v);
}

static struct colour
water_at(const struct scene *scene, float u, float v)
{
    float depth = (v - scene->shore) / (1 - scene->shore);
    /* Waves are finer the farther they are. */
    float near = 0.06f + depth;
    float wave =
        samples__fractal(scene->seed + 80, u * 9 / near, 3.5f / near * 4, 4) -
        0.5f;
    float mirrored = 2 * scene->shore - v * 1.0f - wave * 0.10f * near;
    if (mirrored > scene->shore)
        mirrored = scene->shore;
    if (mirrored < 0)
        mirrored = 0;
    struct colour image = land_at(scene, u + wave * 0.02f * near, mirrored);
    struct colour water = mix(lit(image, 0.88f), scene->water,
                              0.22f + 0.45f * depth + wave * 0.5f);
    float glitter = samples__smooth(scene->seed + 90, u * 60 / near, 16 / near);
    float path = expf(-fabsf(u - scene->sun_u) * (14 - 9 * depth));
    return mix(water, scene->sun, (glitter - 0.62f) * 3 * path * scene->glow);
}

static uint8_t
sample_of(float value, float grain)
{
    float level = value * 255 + grain;
    return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

struct picture
samples__landscape(unsigned number, unsigned w, unsigned h)
{
    const struct scene *scene = &scenes[number];
    struct picture picture = {w, h, samples__take((size_t)w * h * 3)};
    uint8_t *px = picture.rgb;
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++, px += 3) {
            float u = ((float)x + 0.5f) / (float)h;
            float v = ((float)y + 0.5f) / (float)h;
            struct colour c =
                v < scene->shore ? land_at(scene, u, v) : water_at(scene, u, v);
            float grain = samples__noise(scene->seed, (int)x, (int)y) * 5 - 2;
            px[0] = sample_of(c.r, grain);
            px[1] = sample_of(c.g, grain);
            px[2] = sample_of(c.b, grain);
        }
    return picture;
}
