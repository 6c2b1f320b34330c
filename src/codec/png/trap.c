/* The trap: how libpng's errors and warnings become ours.
 *
 * libpng reports an error by a call that must not return. Ours fills the
 * caller's mill_err and jumps back to codec__png_run. The one setjmp of the
 * format is in a function that does nothing else: no variable of it can be
 * clobbered, and only libpng's frames and the work's own are ever jumped over.
 * Sinks are called between libpng's calls, never inside them.
 *
 * While reading, a warning about a chunk of metadata means that libpng has
 * dropped it: that is counted. Any other warning means pixels that may not be
 * what the file's maker saw, and fails the image. So does damage in a chunk of
 * unknown type: it may be the type that is damaged, and tRNS what it was. When
 * pixels are salvaged such a warning is noted, and libpng goes on.
 * While writing, a warning means metadata that libpng refuses to write.
 *
 * A warning for want of memory may come from within zlib, which must not be
 * jumped out of; the work goes on, and its end is the failure. */
#include "codec.h"

#include <stdlib.h>
#include <string.h>

_Noreturn void
codec__png_stop(struct png_trap *trap)
{
    png_longjmp(trap->png, 1);
    abort();
}

static void
fill_err(struct png_trap *trap, const char *message)
{
    enum mill_status blame = trap->reading ? MILL_DAMAGED : MILL_INTERNAL;
    if (trap->no_memory)
        blame = MILL_MEMORY;
    mill_fail(trap->err, blame, "%s", message);
}

/* png: not always trap->png, which is unset while libpng makes it. */
static void
on_error(png_struct *png, const char *message)
{
    fill_err(png_get_error_ptr(png), message);
    png_longjmp(png, 1);
    abort();
}

const uint8_t codec__png_skipped[PNG_SKIPPED][5] = {
    "bKGD", "cHRM", "eXIf", "gAMA", "hIST", "iTXt", "oFFs", "pCAL",
    "sBIT", "sCAL", "sPLT", "sRGB", "tEXt", "tIME", "zTXt"};

static bool
is_metadata(const char *type)
{
    for (unsigned i = 0; i < PNG_SKIPPED; i++)
        if (!memcmp(type, codec__png_skipped[i], 4))
            return true;
    return !memcmp(type, "iCCP", 4) || !memcmp(type, "pHYs", 4);
}

/* libpng puts the chunk's name before what it says: "iCCP: too short". */
static bool
is_harmless(const struct png_trap *trap, const char *message)
{
    unsigned type = png_get_color_type(trap->png, trap->info);
    if (strnlen(message, 5) < 5 || message[4] != ':')
        return false;
    if (!memcmp(message, "tRNS", 4))
        return type & PNG_COLOR_MASK_ALPHA;
    if (!memcmp(message, "PLTE", 4))
        return !(type & PNG_COLOR_MASK_PALETTE);
    return is_metadata(message);
}

static void
on_warning(png_struct *png, const char *message)
{
    struct png_trap *trap = png_get_error_ptr(png);
    if (trap->no_memory)
        return;
    if (!trap->reading || (trap->info && is_harmless(trap, message))) {
        trap->mended++;
        return;
    }
    fill_err(trap, message);
    if (!trap->how || !codec__salvages(trap->how, trap->err))
        png_longjmp(png, 1);
}

static void *
on_malloc(png_struct *png, size_t n)
{
    struct png_trap *trap = png_get_mem_ptr(png);
    void *at = malloc(n);
    if (!at)
        trap->no_memory = true;
    return at;
}

static void
on_free(png_struct *png, void *at)
{
    (void)png;
    free(at);
}

enum mill_status
codec__png_trap_open(struct png_trap *trap, enum png_way way, void *self,
                     struct mill_err *err)
{
    *trap = (struct png_trap){
        .reading = way == PNG_WAY_READ, .self = self, .err = err};
    trap->png =
        (trap->reading ? png_create_read_struct_2 : png_create_write_struct_2)(
            PNG_LIBPNG_VER_STRING, trap, on_error, on_warning, trap, on_malloc,
            on_free);
    if (trap->png)
        trap->info = png_create_info_struct(trap->png);
    if (trap->info)
        return MILL_OK;
    codec__png_trap_close(trap);
    return mill_fail(err, MILL_MEMORY, "libpng cannot start");
}

void
codec__png_trap_close(struct png_trap *trap)
{
    if (trap->png && trap->reading)
        png_destroy_read_struct(&trap->png, &trap->info, NULL);
    else if (trap->png)
        png_destroy_write_struct(&trap->png, &trap->info);
}

static __attribute__((noinline)) bool
trampoline(struct png_trap *trap)
{
    if (setjmp(png_jmpbuf(trap->png)))
        return false;
    trap->work(trap->self);
    return true;
}

bool
codec__png_run(struct png_trap *trap, void (*work)(void *self),
               struct mill_err *err)
{
    trap->work = work;
    trap->err = err;
    if (!trampoline(trap))
        return false;
    if (trap->no_memory)
        mill_fail(err, MILL_MEMORY, "libpng wants more");
    return !trap->no_memory;
}
