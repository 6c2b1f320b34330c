/* Steps and sampling factors: what the encoder asks for.
 *
 * A grid says how many px a sample covers; JPEG says how many samples a plane
 * has beside the others'. Factors are whole numbers up to 4, so not every set
 * of steps has them. Pure functions. */
#include "codec.h"

#include <string.h>

enum { BLOCKS_MOST = C_MAX_BLOCKS_IN_MCU };

unsigned
codec__jpeg_factor(const uint8_t *steps, unsigned n)
{
    for (unsigned factor = 1; factor <= MAX_SAMP_FACTOR; factor++) {
        unsigned fit = 0;
        while (fit < n && steps[fit] && factor % steps[fit] == 0)
            fit++;
        if (fit == n)
            return factor;
    }
    return 0;
}

bool
codec__jpeg_can_sample(const uint8_t *sx, const uint8_t *sy, unsigned n)
{
    unsigned h = codec__jpeg_factor(sx, n), v = codec__jpeg_factor(sy, n);
    unsigned blocks = 0;
    if (!h || !v || !memchr(sx, 1, n) || !memchr(sy, 1, n))
        return false;
    for (unsigned p = 0; p < n; p++)
        blocks += (h / sx[p]) * (v / sy[p]);
    return n == 1 || blocks <= BLOCKS_MOST;
}

static void
want_steps(struct mill_want *want, unsigned chroma_sx, unsigned chroma_sy)
{
    memset(want->sx, 1, sizeof want->sx);
    memset(want->sy, 1, sizeof want->sy);
    want->sx[1] = want->sx[2] = (uint8_t)chroma_sx;
    want->sy[1] = want->sy[2] = (uint8_t)chroma_sy;
}

/* The source's own sampling; false when it has none that can be kept. */
static bool
want_kept(struct mill_want *want, const struct mill_info *source)
{
    if (source->codec != &mill_codec_jpeg || source->shape.model != MILL_YCC)
        return false;
    want_steps(want, 1, 1);
    for (unsigned p = 0; p < 3; p++) {
        want->sx[p] = source->shape.plane[p].sx;
        want->sy[p] = source->shape.plane[p].sy;
    }
    return codec__jpeg_can_sample(want->sx, want->sy, 3);
}

static enum mill_model
model_for(enum mill_model in)
{
    return in == MILL_RGB ? MILL_YCC : in;
}

void
codec__jpeg_want(const struct mill_encode *how, const struct mill_info *source,
                 const struct mill_shape *in, struct mill_want *want)
{
    enum mill_model model = model_for(in->model);
    *want = (struct mill_want){.models = (uint8_t)(1u << model),
                               .alphas = 1u << MILL_OPAQUE,
                               .depths = 1,
                               .grids = true};
    bool kept = how->subsampling == MILL_SUBSAMPLING_KEEP;
    if (model != MILL_YCC || how->subsampling == MILL_SUBSAMPLING_444)
        want_steps(want, 1, 1);
    else if (how->subsampling == MILL_SUBSAMPLING_422)
        want_steps(want, 2, 1);
    else if (!kept || !want_kept(want, source))
        want_steps(want, 2, 2);
}
