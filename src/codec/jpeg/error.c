/* The trap: how libjpeg's errors and warnings become ours.
 *
 * libjpeg reports an error by a call that must not return, and its own handler
 * ends the process. Ours fills the caller's mill_err and jumps back to
 * codec__jpeg_run. The one setjmp of the format is in a function that does
 * nothing else: no variable of it can be clobbered, and only libjpeg's frames
 * and the work's own are ever jumped over. Sinks are called between libjpeg's
 * calls, never inside them, so no frame of theirs is lost.
 *
 * A warning means that libjpeg goes on with made-up samples. That fails the
 * image, unless it is salvaged, and except for the few that no pixel can suffer
 * from, which are counted. */
#include "codec.h"
#include "codec/shared.h"

#include <jerror.h>

static enum mill_status
status_of(int code, enum mill_status blame)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY:
        return MILL_MEMORY;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_IMAGE_TOO_BIG:
    case JERR_BAD_MCU_SIZE:
        return MILL_UNSUPPORTED;
    default:
        return blame;
    }
}

static void
fail_with_message(struct jpeg_trap *trap, j_common_ptr jpeg)
{
    const struct jpeg_error_mgr *manager = &trap->manager;
    int code = manager->msg_code, number = manager->msg_parm.i[0];
    enum mill_status status = status_of(code, trap->blame);
    char text[JMSG_LENGTH_MAX];

    if (code == JERR_SOF_UNSUPPORTED) {
        mill_fail(trap->err, status, "lossless or hierarchical JPEG (SOF%d)",
                  number & 0xF);
    } else if (code == JERR_BAD_PRECISION) {
        mill_fail(trap->err, status, "JPEG with %d bits a sample", number);
    } else {
        manager->format_message(jpeg, text);
        mill_fail(trap->err, status, "%s", text);
    }
}

_Noreturn void
codec__jpeg_stop(struct jpeg_trap *trap)
{
    longjmp(trap->back, 1);
}

void
codec__jpeg_stop_or_salvage(struct jpeg_trap *trap)
{
    if (!trap->how || !codec__salvages(trap->how, trap->err))
        codec__jpeg_stop(trap);
}

static void
on_error(j_common_ptr jpeg)
{
    struct jpeg_trap *trap = (struct jpeg_trap *)jpeg->err;
    fail_with_message(trap, jpeg);
    codec__jpeg_stop(trap);
}

/* Does the data end within its first row? Behind a marker that should not be
 * there libjpeg only goes on at the next restart. */
static bool
has_no_row(j_common_ptr common)
{
    const struct jpeg_decompress_struct *jpeg = (j_decompress_ptr)common;
    return common->err->msg_code == JWRN_HIT_MARKER &&
           codec__jpeg_is_empty(jpeg) &&
           (jpeg->unread_marker == JPEG_EOI || !jpeg->restart_interval);
}

/* level: -1 for a warning, 0 and up for traces. */
static void
on_message(j_common_ptr jpeg, int level)
{
    struct jpeg_trap *trap = (struct jpeg_trap *)jpeg->err;
    int code = trap->manager.msg_code;
    if (level >= 0)
        return;
    if (code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR) {
        trap->mended++;
        return;
    }
    fail_with_message(trap, jpeg);
    if (!trap->how || has_no_row(jpeg))
        codec__jpeg_stop(trap);
    codec__jpeg_stop_or_salvage(trap);
}

static void
on_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

void
codec__jpeg_trap_init(struct jpeg_trap *trap, void *self,
                      enum mill_status blame)
{
    jpeg_std_error(&trap->manager);
    trap->manager.error_exit = on_error;
    trap->manager.emit_message = on_message;
    trap->manager.output_message = on_output;
    trap->self = self;
    trap->how = NULL;
    trap->blame = blame;
    trap->mended = 0;
}

static __attribute__((noinline)) bool
trampoline(struct jpeg_trap *trap)
{
    if (setjmp(trap->back))
        return false;
    trap->work(trap->self);
    return true;
}

bool
codec__jpeg_run(struct jpeg_trap *trap, void (*work)(void *self),
                struct mill_err *err)
{
    trap->work = work;
    trap->err = err;
    return trampoline(trap);
}
