/* The recipe: what the user asked for, in order, with every argument read.
 *
 * It is made once, by one thread, before any lane; afterwards nothing changes
 * it. What a step means for a picture is plan.c's work. */
#include <imgmill/recipe.h>

#include <stdlib.h>
#include <string.h>

enum { THREADS_PX = 256 * 256 }; /* what is smaller is soon done */
enum { GIANT_PX = 64 << 20 };

void
mill_recipe_init(struct mill_recipe *recipe)
{
    *recipe = (struct mill_recipe){
        .auto_orient = true,
        .encode = mill_encode_default(),
        .background = {255, 255, 255},
        .keep = MILL_KEEP_ICC | MILL_KEEP_EXIF | MILL_KEEP_XMP,
        .limits = mill_limits_default(),
        .threads_px = THREADS_PX,
        .giant_px = GIANT_PX,
    };
}

void
mill_recipe_clear(struct mill_recipe *recipe)
{
    for (unsigned i = 0; i < recipe->n_steps; i++)
        free(recipe->steps[i].params);
    mill_recipe_init(recipe);
}

/* Cuts text up, so text is a copy. */
static enum mill_status
parse_step(const struct mill_op *op, char *text, void *params,
           struct mill_err *err)
{
    struct mill_args args;
    enum mill_status status = mill_args_split(&args, op->name, text, err);
    if (status != MILL_OK || !op->parse)
        return status;
    return op->parse(&args, params, err);
}

enum mill_status
mill_recipe_add(struct mill_recipe *recipe, const char *name, const char *text,
                struct mill_err *err)
{
    enum mill_status status = MILL_OK;
    const struct mill_op *op = mill_op_named(name);
    if (!op)
        return mill_fail(err, MILL_USAGE, "no operation is named \"%s\"", name);
    if (recipe->n_steps == MILL_STEPS)
        return mill_fail(err, MILL_USAGE, "--%s: more than %d operations", name,
                         MILL_STEPS);

    char *copy = strdup(text);
    void *params = calloc(1, op->params_size ? op->params_size : 1);
    if (!copy || !params)
        status = mill_fail(err, MILL_MEMORY, "--%s: no memory for it", name);
    if (status == MILL_OK)
        status = parse_step(op, copy, params, err);
    free(copy);
    if (status == MILL_OK)
        recipe->steps[recipe->n_steps++] = (struct mill_step){op, params};
    else
        free(params);
    return status;
}
