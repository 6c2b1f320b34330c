/* base: what every room stands on. Status and errors, bytes, checked sizes,
 * the clock, what the machine offers, arenas, growing buffers; and the three
 * plain contracts between a running job and its lane: mill_out, mill_desk,
 * mill_task. It sees nothing of ours, prints nothing, never exits. */
#ifndef IMGMILL_BASE_H
#define IMGMILL_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MILL_VERSION "0.1.0"

#define MILL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MILL_COUNT(array)      (sizeof(array) / sizeof *(array))

/* ---- status and errors ------------------------------------------------- */

/* X(NAME, word for reports, what a person is told first) */
#define MILL_STATUS_LIST(X)                                                    \
    X(OK, "ok", "ok")                                                          \
    X(USAGE, "usage", "wrong usage")                                           \
    X(READ, "read", "cannot read")                                             \
    X(FORMAT, "format", "unknown format")                                      \
    X(DAMAGED, "damaged", "damaged image")                                     \
    X(UNSUPPORTED, "unsupported", "not supported")                             \
    X(LIMIT, "limit", "over a limit")                                          \
    X(MEMORY, "memory", "out of memory")                                       \
    X(TIMEOUT, "timeout", "took too long")                                     \
    X(CRASH, "crash", "the worker died")                                       \
    X(WRITE, "write", "cannot write")                                          \
    X(EXISTS, "exists", "output exists")                                       \
    X(RESUMED, "resumed", "done before")                                       \
    X(STOPPED, "stopped", "stopped")                                           \
    X(ENVIRONMENT, "environment", "the system refuses")                        \
    X(INTERNAL, "internal", "a bug in imgmill")

enum mill_status {
#define X(name, word, text) MILL_##name,
    MILL_STATUS_LIST(X)
#undef X
        MILL_STATUSES
};

/* The report's word and the message's first words; any int is allowed. */
const char *mill_status_word(int status);
const char *mill_status_text(int status);

enum { MILL_ERR_TEXT = 160 };

/* One error, filled once, where it happened. No pointers: it crosses a process
 * by copy. text is always NUL-terminated when made by the functions below. */
struct mill_err {
    int status; /* enum mill_status */
    int sys;    /* errno, or 0 */
    char text[MILL_ERR_TEXT];
};

/* Fill *err (never NULL) and return status, so a caller may `return` it. The
 * text says the cause only: not the file, not the status' own words.
 * mill_fail_sys adds ": " and the errno's text, for which a long one is cut. */
enum mill_status mill_fail(struct mill_err *err, enum mill_status status,
                           const char *fmt, ...) MILL_PRINTF(3, 4);
enum mill_status mill_fail_sys(struct mill_err *err, enum mill_status status,
                               int sys, const char *fmt, ...) MILL_PRINTF(4, 5);

/* ---- bytes and sizes ----------------------------------------------------- */

struct mill_bytes {
    const uint8_t *at;
    size_t n;
};

/* A growing buffer, owned by whoever holds the struct. {0} is an empty one. */
struct mill_buffer {
    uint8_t *at;
    size_t n, capacity;
};

/* Room for at least `more` bytes behind n; false when memory is out, the buffer
 * then as it was. */
bool mill_buffer_reserve(struct mill_buffer *buffer, size_t more);
bool mill_buffer_append(struct mill_buffer *buffer, const void *at, size_t n);
void mill_buffer_clear(struct mill_buffer *buffer); /* frees; {0} again */

/* *out = a + b, a * b; false (and *out unspecified) on overflow. */
static inline bool
mill_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool
mill_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* The least multiple of `step` (a power of two) not below n, which is at most
 * SIZE_MAX - step. */
static inline size_t
mill_size_align(size_t n, size_t step)
{
    return (n + step - 1) & ~(step - 1);
}

/* For estimates: sums and products that stay at UINT64_MAX. */
static inline uint64_t
mill_u64_add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t
mill_u64_mul(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* FNV-1a of 64 bits, from MILL_HASH_START or an earlier call on: the same on
 * every machine, and no protection from who wants two texts to be alike. */
#define MILL_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t mill_hash(uint64_t hash, const void *at, size_t n);

/* "1.5 GB", "640 MB", "12 KB", "7 bytes"; powers of 1024. Returns text, NUL
 * ended, n bytes of room (24 is enough). */
char *mill_size_text(uint64_t bytes, char *text, size_t n);

/* "512M", "2G", "1.5GiB", "4096": powers of 1024. False when it is no size. */
bool mill_size_parse(const char *text, uint64_t *bytes);

/* ---- the machine ------------------------------------------------------- */

uint64_t mill_now_ns(void); /* monotonic */

/* The levels of x86-64, as compilers name them; each has the ones before it.
 * The last is v4 with AVX-512's VBMI and VBMI2, which later CPUs than the first
 * have that know AVX-512. */
enum mill_cpu {
    MILL_CPU_OTHER,
    MILL_CPU_V1,
    MILL_CPU_V2,
    MILL_CPU_V3,
    MILL_CPU_V4
};
/* All of it is there. */
enum mill_cpu mill_cpu_level(void);

/* CPUs that this process may use: its affinity, then the cgroup's quota (v2 and
 * v1), rounded up; at least 1. */
unsigned mill_cpu_count(void);

/* Bytes that this process may still take: MemAvailable, or what the cgroup's
 * limit leaves if that is less. Never 0. */
uint64_t mill_memory_available(void);

/* ---- arena --------------------------------------------------------------- */

/* Memory of one image: many takes, one clear, and the pages stay for the next
 * image. One thread at a time. Builds with MILL_CHECKS fill what is taken with
 * 0xA5, so nothing can come to rely on zeroes or on the image before. */
struct mill_arena;

/* keep_bytes: what mill_arena_clear may leave allocated. NULL: no memory. */
struct mill_arena *mill_arena_new(size_t keep_bytes);
void mill_arena_free(struct mill_arena *arena); /* NULL is fine */

/* n bytes on a 64-byte line, valid until the arena is cleared; NULL with err
 * filled (MILL_MEMORY). n == 0 gives a valid pointer. */
void *mill_arena_take(struct mill_arena *arena, size_t n, struct mill_err *err);
void *mill_arena_take_zeroed(struct mill_arena *arena, size_t n,
                             struct mill_err *err);

/* All that was taken is gone; above keep_bytes it returns to the system. */
void mill_arena_clear(struct mill_arena *arena);
/* Bytes taken since it was cleared. */
uint64_t mill_arena_bytes(const struct mill_arena *arena);

/* ---- a crew: threads inside one image ------------------------------------ */

/* Work for whoever is free, never on two threads at once. */
struct mill_errand {
    void (*run)(struct mill_errand *errand);
    unsigned rank; /* higher is nearer to the output; it may wait for what is
                      higher than its own, and nothing else */

    /* the crew's own; zeroed before it is posted first */
    unsigned state;
    struct mill_errand *next;
};

/* Who waits for whom inside a line: its stations for the encoder, that one for
 * what it has cut into parts. Unpacking for a decoder waits for none, and comes
 * first: nobody can share it, and most often it takes longest. */
enum {
    MILL_RANK_STATIONS = 1,
    MILL_RANK_ENCODER,
    MILL_RANK_PARTS,
    MILL_RANK_UNPACK
};

struct mill_crew;

/* So many threads, of which the caller's is one; the others start at the first
 * post, as far as the system lets them. NULL: out of memory. */
struct mill_crew *mill_crew_new(unsigned threads);
/* So many of them work from now on, 1 to all. All errands are idle. */
void mill_crew_limit(struct mill_crew *crew, unsigned threads);
void mill_crew_free(struct mill_crew *crew); /* NULL is fine; all idle */
/* Those that work; NULL: 1. */
unsigned mill_crew_size(const struct mill_crew *crew);
/* Of their stacks, all together; NULL: 0. */
uint64_t mill_crew_bytes(const struct mill_crew *crew);

/* Any thread; also from within an errand. It will be run once from now on, or
 * once more if it is running. */
void mill_crew_post(struct mill_crew *crew, struct mill_errand *errand);
/* Until done(of), running errands of rank `least` and higher meanwhile. done is
 * asked again whenever an errand ended; it must not call the crew. */
void mill_crew_wait(struct mill_crew *crew, unsigned least,
                    bool (*done)(const void *of), const void *of);
/* Until the errand neither runs nor is about to; what it did can be seen. */
void mill_crew_settle(struct mill_crew *crew, struct mill_errand *errand);

/* ---- what a running job asks of its lane --------------------------------- */

/* Every call of a sink or of a desk that moves data on answers one of these. */
enum mill_flow {
    MILL_FLOW_MORE,   /* go on */
    MILL_FLOW_ENOUGH, /* nothing more is wanted; not an error */
    MILL_FLOW_FAILED  /* err is filled; nothing but free */
};

/* Where encoded bytes go: a window that somebody empties. The encoder writes at
 * `at`, moves at on and left down; with left == 0 it calls full, which takes
 * what was written and sets at and left anew. The line calls full once more at
 * the end, with what is left over. */
struct mill_out {
    uint8_t *at;
    size_t left;
    enum mill_flow (*full)(struct mill_out *out, struct mill_err *err);
};

enum { MILL_OUTPUTS = 8 }; /* outputs one job can have */

/* What a running job may ask of its lane; the same in every backend. */
struct mill_desk {
    /* Work memory, at most once a job, before what it holds passes lane_bytes;
     * not while another thread may fill a window; waits until it is granted.
     * MILL_OK, or MILL_LIMIT when the batch can never grant it (err names both
     * figures and --memory). */
    enum mill_status (*need)(struct mill_desk *desk, uint64_t bytes,
                             struct mill_err *err);
    /* The window of output 0, 1, …; never NULL for output < the job's own. One
     * output after another: output n is complete when n + 1 is asked for. */
    struct mill_out *(*out)(struct mill_desk *desk, unsigned output);
    uint64_t lane_bytes; /* what the lane has without asking */
    uint64_t most_bytes; /* no job is ever granted more; 0: not known */
    uint64_t held_bytes; /* of output 0, at most, however large it grows; the
                            rest goes to its file; 0: all of it */
    /* That the job may work with, its own thread too; 0: nobody minds. */
    unsigned threads;
};

/* Things that happened to an image and failed nothing; bits of notes. */
enum mill_note {
    MILL_NOTE_ICC_DROPPED = 1,  /* profile of another colour space, or broken */
    MILL_NOTE_EXIF_DROPPED = 2, /* broken, or the output cannot hold it */
    MILL_NOTE_XMP_DROPPED = 4,
    MILL_NOTE_SHRUNK = 8,    /* shrink-on-load was used */
    MILL_NOTE_ORIENTED = 16, /* EXIF orientation was applied */
    MILL_NOTE_SALVAGED = 32, /* the picture is damaged, this is what was left */
    MILL_NOTE_LIBRARY = 64   /* read by the format's library, not by our own */
};

/* What is known of an image from its header; plain data. */
struct mill_facts {
    char format[12];         /* codec name */
    uint32_t w, h;           /* px as stored, before orientation */
    uint8_t channels, depth; /* samples a px (alpha too), bits as stored */
    uint8_t orientation;     /* EXIF 1..8, 0: none given */
    bool alpha, palette, interlaced; /* interlaced: or progressive */
    bool own; /* a reader of our own begins on its pixels, unless told not to */
    uint32_t frames;
    uint32_t icc_bytes, exif_bytes, xmp_bytes;
    char colour[8];   /* "gray", "ycc", "rgb", "cmyk" */
    char sampling[8]; /* "420", "422", "444", … or "" */
};

/* What a job tells beside its bytes; plain data, crosses a process by copy. */
struct mill_result {
    struct mill_facts facts;
    uint32_t n_outputs;
    struct {
        uint32_t w, h;
        char format[12];
    } out[MILL_OUTPUTS];
    uint64_t decode_ns, filter_ns, encode_ns; /* wall */
    uint64_t need_bytes;                      /* work memory the plan counts */
    uint32_t warnings;                        /* metadata that was mended */
    uint32_t notes;                           /* enum mill_note bits */
    char damage[MILL_ERR_TEXT]; /* of a salvaged image, in words; or "" */
};

/* What an executor runs; it knows nothing of recipes. begin is called once in
 * every lane (in its thread or process) and gives that lane's state, NULL with
 * err filled on failure; run handles one job; end frees the state. run never
 * keeps `in`, `desk` or what they reach. arg is shared by all lanes, read-only,
 * and was made before any lane. */
struct mill_task {
    void *(*begin)(const void *arg, struct mill_err *err);
    enum mill_status (*run)(void *state, struct mill_bytes in,
                            struct mill_desk *desk, struct mill_result *result,
                            struct mill_err *err);
    void (*end)(void *state);
    const void *arg;
};

#endif
