/* The evil codec: a format that faults on command, for tests alone. A file is
 * one line, "EVIL <command> [argument]\n":
 *
 *   picture W H   a good picture, a gradient of W x H px
 *   slow MS       sleeps, then a good picture
 *   crash         SIGSEGV             abort       SIGABRT
 *   exit N        ends the process    loop        never comes back
 *   stop          SIGSTOPs itself     alloc N     takes and touches N bytes
 *   error TEXT    fails as damaged    garbage     rubbish on its socket
 *   lie           a well-formed message with numbers that cannot be
 *   kill          SIGKILL, as from outside
 *   half COMMAND  obeys behind the first half of a picture of 1 megapixel
 *
 * and what tries to get out, see evil_escapes.c:
 *
 *   open FOLDER   reads, writes files there   socket  makes one
 *   exec          another program             fork    a child that stays
 *   kill-parent   the nursery                 flood   messages without end
 *   fdpass        descriptors, by hundreds    grab N  bytes nobody granted
 *   remember N    (behind half) from then on spoils its worker's window, of
 *                 each of whose halves N bytes; the picture is made
 *
 * Commands are obeyed in decode, so the header of every evil file is good.
 * While a thread obeys, its name is "evil-<command>": a test can see who is at
 * it. It has no encoder. Whoever converts one in a backend that does not
 * isolate gets what was asked for. */
#include "codec/codecs.h"
#include "evil_escapes.h"
#include "exec/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WORD = 16, ARGUMENT = 64, FDS = 64, WIDTH = 64, HEIGHT = 48 };
enum { HALF_SIDE = 1024 };

static const char magic[] = "EVIL ";

struct order {
    char command[WORD], argument[ARGUMENT];
    bool half;
};

static bool
sniff(struct mill_bytes head)
{
    return head.n >= sizeof magic - 1 &&
           memcmp(head.at, magic, sizeof magic - 1) == 0;
}

static void
read_order(struct mill_bytes in, struct order *order)
{
    char line[WORD + ARGUMENT] = "";
    size_t n = in.n - (sizeof magic - 1);
    *order = (struct order){"", "", false};
    memcpy(line, in.at + sizeof magic - 1,
           n < sizeof line ? n : sizeof line - 1);
    order->half = !strncmp(line, "half ", 5);
    sscanf(order->half ? line + 5 : line, "%15s %63[^\n]", order->command,
           order->argument);
}

/* ---- faults -------------------------------------------------------------- */

/* Each obeys and fails the image, when it comes back at all. */

/* The default action, whatever a library or a sanitizer made of the signal. */
static enum mill_status
die_by(int sig)
{
    signal(sig, SIG_DFL);
    raise(sig);
    return MILL_INTERNAL;
}

static enum mill_status
do_crash(const char *argument, struct mill_err *err)
{
    (void)argument;
    die_by(SIGSEGV);
    return mill_fail(err, MILL_INTERNAL, "survived a crash");
}

static enum mill_status
do_abort(const char *argument, struct mill_err *err)
{
    (void)argument;
    die_by(SIGABRT);
    return mill_fail(err, MILL_INTERNAL, "survived an abort");
}

static enum mill_status
do_kill(const char *argument, struct mill_err *err)
{
    (void)argument;
    raise(SIGKILL);
    return mill_fail(err, MILL_INTERNAL, "survived SIGKILL");
}

static enum mill_status
do_exit(const char *argument, struct mill_err *err)
{
    _exit(atoi(argument));
    return mill_fail(err, MILL_INTERNAL, "survived an exit");
}

static enum mill_status
do_loop(const char *argument, struct mill_err *err)
{
    volatile bool for_ever = true;
    (void)argument;
    while (for_ever)
        ;
    return mill_fail(err, MILL_INTERNAL, "left a loop");
}

static enum mill_status
do_stop(const char *argument, struct mill_err *err)
{
    (void)argument;
    raise(SIGSTOP);
    return mill_fail(err, MILL_INTERNAL, "went on after a stop");
}

static enum mill_status
do_alloc(const char *argument, struct mill_err *err)
{
    size_t n = strtoull(argument, NULL, 10);
    uint8_t *at = mmap(NULL, n, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return mill_fail(err, MILL_MEMORY, "no %zu bytes for it", n);
    memset(at, 1, n);
    munmap(at, n);
    return mill_fail(err, MILL_DAMAGED, "got all of %zu bytes", n);
}

static enum mill_status
do_error(const char *argument, struct mill_err *err)
{
    return mill_fail(err, MILL_DAMAGED, "%s", argument);
}

/* To every socket that this process has; in a worker that is one. */
static void
say_everywhere(const void *at, size_t n)
{
    for (int fd = 3; fd < FDS; fd++) {
        struct stat found;
        if (fstat(fd, &found) != 0 || !S_ISSOCK(found.st_mode))
            continue;
        if (write(fd, at, n) < 0)
            continue;
    }
}

static enum mill_status
do_garbage(const char *argument, struct mill_err *err)
{
    uint8_t rubbish[512];
    (void)argument;
    for (size_t i = 0; i < sizeof rubbish; i++)
        rubbish[i] = (uint8_t)(i * 167 + 13);
    say_everywhere(rubbish, sizeof rubbish);
    return mill_fail(err, MILL_INTERNAL, "its garbage was not noticed");
}

static enum mill_status
do_lie(const char *argument, struct mill_err *err)
{
    struct wire_message lie = {.kind = WIRE_PART, .n = UINT32_MAX};
    (void)argument;
    lie.output = UINT32_MAX;
    say_everywhere(&lie, sizeof lie);
    return mill_fail(err, MILL_INTERNAL, "its lie was believed");
}

/* ---- good pictures ------------------------------------------------------- */

static enum mill_status
do_slow(const char *argument, struct mill_err *err)
{
    long ms = atol(argument);
    struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
    (void)err;
    nanosleep(&rest, NULL);
    return MILL_OK;
}

static enum mill_status
do_picture(const char *argument, struct mill_err *err)
{
    (void)argument;
    (void)err;
    return MILL_OK;
}

static const struct {
    const char *command;
    enum mill_status (*obey)(const char *argument, struct mill_err *err);
} commands[] = {
    {"picture", do_picture},
    {"slow", do_slow},
    {"crash", do_crash},
    {"abort", do_abort},
    {"exit", do_exit},
    {"loop", do_loop},
    {"stop", do_stop},
    {"alloc", do_alloc},
    {"error", do_error},
    {"garbage", do_garbage},
    {"lie", do_lie},
    {"kill", do_kill},
    {"open", evil_open},
    {"socket", evil_socket},
    {"exec", evil_exec},
    {"fork", evil_fork},
    {"kill-parent", evil_kill_parent},
    {"flood", evil_flood},
    {"fdpass", evil_fdpass},
    {"grab", evil_grab},
    {"remember", evil_remember},
};

static enum mill_status
obey(const struct order *order, struct mill_err *err)
{
    for (unsigned i = 0; i < MILL_COUNT(commands); i++)
        if (!strcmp(commands[i].command, order->command))
            return commands[i].obey(order->argument, err);
    return mill_fail(err, MILL_DAMAGED, "no evil is called %s", order->command);
}

static enum mill_status
obey_in_sight(const struct order *order, struct mill_err *err)
{
    char before[WORD], during[WORD + sizeof "evil-"];
    snprintf(during, sizeof during, "evil-%s", order->command);
    prctl(PR_GET_NAME, before);
    prctl(PR_SET_NAME, during);
    enum mill_status status = obey(order, err);
    prctl(PR_SET_NAME, before);
    return status;
}

static struct mill_shape
picture_shape(const struct order *order)
{
    struct mill_shape shape;
    uint32_t w = WIDTH, h = HEIGHT;
    if (!strcmp(order->command, "picture"))
        sscanf(order->argument, "%u %u", &w, &h);
    if (order->half)
        w = h = HALF_SIDE;
    mill_shape_init(&shape, w, h, MILL_RGB, MILL_OPAQUE, 8);
    return shape;
}

static enum mill_flow
push(struct mill_sink *sink, const struct mill_shape *shape,
     struct mill_band *band, uint32_t y, struct mill_err *err)
{
    uint32_t left = shape->h - y;
    mill_band_place(band, shape, y,
                    left < shape->band_px ? left : shape->band_px);
    for (unsigned p = 0; p < shape->n_planes; p++)
        for (uint32_t i = 0; i < band->n; i++) {
            uint8_t *row = mill_rows_at(&band->plane[p], i);
            for (uint32_t x = 0; x < shape->w; x++)
                row[x] = (uint8_t)(x * (p + 1) + (y + i) * (3 - p));
        }
    return sink->band(sink, band, err);
}

static enum mill_status
draw(const struct mill_shape *shape, const struct order *order,
     struct mill_arena *arena, struct mill_sink *sink, struct mill_err *err)
{
    static const struct mill_meta nothing;
    struct mill_band band;
    if (mill_band_take(&band, shape, shape->band_px, arena, err) != MILL_OK)
        return (enum mill_status)err->status;
    enum mill_flow flow = sink->begin(sink, shape, &nothing, err);
    for (uint32_t y = 0; y < shape->h && flow == MILL_FLOW_MORE; y += band.n) {
        if (order->half && y == shape->h / 2 &&
            obey_in_sight(order, err) != MILL_OK)
            return (enum mill_status)err->status;
        flow = push(sink, shape, &band, y, err);
    }
    if (flow != MILL_FLOW_FAILED)
        flow = sink->end(sink, err);
    return flow == MILL_FLOW_FAILED ? (enum mill_status)err->status : MILL_OK;
}

/* ---- the descriptor ------------------------------------------------------ */

static enum mill_status
info_evil(struct mill_bytes in, struct mill_info *info, struct mill_err *err)
{
    struct order order;
    (void)err;
    read_order(in, &order);
    *info = (struct mill_info){.codec = &mill_codec_evil, .shrinks = 1};
    info->shape = picture_shape(&order);
    info->facts = (struct mill_facts){.format = "evil",
                                      .w = info->shape.w,
                                      .h = info->shape.h,
                                      .channels = 3,
                                      .depth = 8,
                                      .frames = 1,
                                      .colour = "rgb"};
    return MILL_OK;
}

static void
shape_evil(const struct mill_info *info, const struct mill_decode *how,
           struct mill_shape *shape)
{
    (void)how;
    *shape = info->shape;
}

static uint64_t
decode_bytes(const struct mill_info *info, const struct mill_decode *how)
{
    (void)how;
    return mill_band_bytes(&info->shape, info->shape.band_px);
}

static enum mill_status
decode_evil(struct mill_bytes in, const struct mill_decode *how,
            struct mill_sink *sink, struct mill_err *err)
{
    struct order order;
    read_order(in, &order);
    if (!order.half && obey_in_sight(&order, err) != MILL_OK)
        return (enum mill_status)err->status;
    struct mill_shape shape = picture_shape(&order);
    return draw(&shape, &order, how->arena, sink, err);
}

static const char *const extensions[] = {"evil", NULL};

const struct mill_codec mill_codec_evil = {
    .name = "evil",
    .summary = "faults on command, for tests",
    .extensions = extensions,
    .sniff = sniff,
    .info = info_evil,
    .shape = shape_evil,
    .decode_bytes = decode_bytes,
    .decode = decode_evil,
};
