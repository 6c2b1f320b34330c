/* A plan in words, for tests and for people who look for a mistake:
 *
 *     decode 1/4 > resize 1600x1067/2x2 > turn > convert ycc8 > jpeg
 *
 * Behind the slash: the steps of the second plane where they are not 1. */
#include <imgmill/recipe.h>

#include <stdio.h>

struct text {
    char *at;
    size_t n, used;
};

static void MILL_PRINTF(2, 3) put(struct text *text, const char *fmt, ...)
{
    va_list args;
    if (text->used >= text->n)
        return;
    va_start(args, fmt);
    int n = vsnprintf(text->at + text->used, text->n - text->used, fmt, args);
    va_end(args);
    text->used += n > 0 ? (size_t)n : 0;
}

static void
put_resize(struct text *text, const struct mill_stage *stage)
{
    const struct mill_shape *in = &stage->in, *out = &stage->out;
    const struct mill_resize_params *params = stage->params;
    if (params->w == in->w && params->h == in->h)
        put(text, "grids");
    else
        put(text, "resize %ux%u", out->w, out->h);
    if (out->n_planes > 1 && (out->plane[1].sx > 1 || out->plane[1].sy > 1))
        put(text, "/%ux%u", out->plane[1].sx, out->plane[1].sy);
}

static void
put_stage(struct text *text, const struct mill_stage *stage)
{
    static const char *const alphas[] = {
        [MILL_OPAQUE] = "", [MILL_STRAIGHT] = "a", [MILL_PREMULTIPLIED] = "p"};
    const struct mill_shape *out = &stage->out;
    put(text, " > ");
    if (stage->op == &mill_stage_resize)
        put_resize(text, stage);
    else if (stage->op == &mill_stage_crop)
        put(text, "crop %ux%u", out->w, out->h);
    else if (stage->op == &mill_stage_convert)
        put(text, "convert %s%s%u", mill_model_name(out->model),
            alphas[out->alpha], out->depth);
    else
        put(text, "%s", stage->op->name);
}

char *
mill_plan_text(const struct mill_plan *plan, char *at, size_t n)
{
    struct text text = {at, n, 0};
    put(&text, "decode");
    if (plan->decode.shrink > 1)
        put(&text, " 1/%u", plan->decode.shrink);
    for (unsigned i = 0; i < plan->n_stages; i++)
        put_stage(&text, &plan->stages[i]);
    put(&text, " > %s", plan->format->name);
    return at;
}
