/* Any bytes as a picture, written as JPEG by our own coder and by libjpeg: the
 * same bytes, for any cuts of bands and windows, at any level of instructions.
 * The first six bytes are the picture's size, its sampling, how it is written,
 * and the cuts, with the level above them; the others are samples, over and
 * over.
 *
 * The program is linked so that it is asked which level to take. */
#include "fuzz.h"

#include "codec/codecs.h"
#include "codec/kernel/kernels.h"

#include <string.h>

enum { SIDE_MOST = 128, HEAD = 6, FILE_MOST = 1 << 20 };

struct paper {
    struct mill_out out; /* first */
    uint8_t bytes[FILE_MOST];
    size_t window;
};

/* What the room is told when it asks which level this machine has. */
static const struct codec__kernels *chosen;

const struct codec__kernels *__wrap_codec__kernels(void);

const struct codec__kernels *
__wrap_codec__kernels(void)
{
    return chosen;
}

/* Levels are counted from the best; where there are too few, over again. */
static void
choose(unsigned level)
{
    unsigned n = 0;
    while (codec__kernels_at(n))
        n++;
    chosen = codec__kernels_at(n - 1 - level % n);
}

static enum mill_flow
turn(struct mill_out *out, struct mill_err *err)
{
    struct paper *paper = (struct paper *)out;
    (void)err;
    FUZZ_HOLDS(out->at + paper->window <= paper->bytes + FILE_MOST);
    out->left = paper->window;
    return MILL_FLOW_MORE;
}

static struct mill_shape
shape_of(const uint8_t *at)
{
    static const uint8_t steps[][2] = {{0, 0}, {1, 1}, {2, 1}, {2, 2},
                                       {1, 2}, {4, 1}, {4, 2}};
    uint32_t w = at[0] % SIDE_MOST + 1u, h = at[1] % SIDE_MOST + 1u;
    const uint8_t *step = steps[at[2] % MILL_COUNT(steps)];
    struct mill_shape shape;
    mill_shape_init(&shape, w, h, *step ? MILL_YCC : MILL_GRAY, MILL_OPAQUE, 8);
    for (unsigned p = 1; p < shape.n_planes; p++)
        shape.plane[p] = mill_grid_make(w, h, step[0], step[1]);
    return shape;
}

static void
draw(const struct mill_shape *shape, struct mill_band *band, const uint8_t *at,
     size_t n)
{
    size_t i = 0;
    for (unsigned p = 0; p < shape->n_planes; p++)
        for (uint32_t y = 0; y < shape->plane[p].h; y++) {
            uint8_t *row = mill_rows_at(&band->plane[p], y);
            for (uint32_t x = 0; x < shape->plane[p].w; x++, i++)
                row[x] = n ? at[i % n] : 0;
        }
}

static void
put(const struct mill_encode *how, const struct mill_shape *shape,
    const struct mill_band *picture, uint32_t cut, struct paper *paper)
{
    static const struct mill_meta none = {0};
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_err err;
    paper->out = (struct mill_out){paper->bytes, 0, turn};
    struct mill_sink *sink =
        mill_codec_jpeg.encoder(how, &paper->out, arena, &err);
    FUZZ_HOLDS(sink);
    FUZZ_HOLDS(sink->begin(sink, shape, &none, &err) == MILL_FLOW_MORE);
    for (uint32_t y = 0, n; y < shape->h; y += n) {
        n = shape->h - y < cut ? shape->h - y : cut;
        struct mill_band part = mill_band_part(picture, shape, y, n);
        FUZZ_HOLDS(sink->band(sink, &part, &err) == MILL_FLOW_MORE);
    }
    FUZZ_HOLDS(sink->end(sink, &err) == MILL_FLOW_MORE);
    FUZZ_HOLDS(mill_arena_bytes(arena) <=
               mill_codec_jpeg.encode_bytes(how, shape));
    sink->free(sink);
    mill_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    if (n < HEAD)
        return 0;
    struct mill_shape shape = shape_of(at);
    struct mill_encode how = mill_encode_default();
    struct mill_arena *arena = mill_arena_new(0);
    struct mill_band picture = {0};
    struct mill_err err;
    struct paper *ours = malloc(sizeof *ours);
    struct paper *theirs = malloc(sizeof *theirs);
    FUZZ_HOLDS(ours && theirs && arena);
    FUZZ_HOLDS(mill_band_take(&picture, &shape, shape.h, arena, &err) ==
               MILL_OK);
    mill_band_place(&picture, &shape, 0, shape.h);
    draw(&shape, &picture, at + HEAD, n - HEAD);
    choose(at[5] / 32);
    how.quality = (uint8_t)(at[3] % 100 + 1);
    how.tables = at[4] % 3;
    how.rounding = MILL_ROUNDING_NEAREST;
    ours->window = at[5] / 16 % 2 ? 1 : 1000;
    theirs->window = 4096;
    put(&how, &shape, &picture, at[5] % 16 * 5 + 1u, ours);
    how.library = true;
    put(&how, &shape, &picture, shape.h, theirs);
    size_t made = (size_t)(ours->out.at - ours->bytes);
    FUZZ_HOLDS(made == (size_t)(theirs->out.at - theirs->bytes));
    FUZZ_HOLDS(memcmp(ours->bytes, theirs->bytes, made) == 0);
    free(ours);
    free(theirs);
    mill_arena_free(arena);
    return 0;
}
