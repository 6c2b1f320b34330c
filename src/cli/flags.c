/* The table of flags. A flag that works is one entry here; parsing, --help and
 * messages all read it. A flag outside the group of encoding that reaches the
 * outputs' bytes says so, for --resume. Operations have a table of their own,
 * mill_ops. */
#include "values.h"

#define AT(field)                                                              \
    .offset = offsetof(struct cli__options, field),                            \
    .size = sizeof(((struct cli__options *)0)->field)
#define CONSTANT(field, number)                                                \
    .set = cli__set_constant, AT(field), .least = (number)
#define TEXT(field) .set = cli__set_text, AT(field)
#define NUMBER(field, from, to)                                                \
    .set = cli__set_number, AT(field), .least = (from), .most = (to)
#define SIZE(field)       .set = cli__set_size, AT(field)
#define WORD(field, list) .set = cli__set_word, AT(field), .words = (list)

enum {
    THREADS_INSIDE = 64,
    THREADS_MOST = 1024,
    QUEUE_MOST = 65536,
    RETRIES_MOST = 100
};

static const struct cli__word subsamplings[] = {
    {"420", MILL_SUBSAMPLING_420},
    {"422", MILL_SUBSAMPLING_422},
    {"444", MILL_SUBSAMPLING_444},
    {"keep", MILL_SUBSAMPLING_KEEP},
    {NULL, 0},
};

static const struct cli__word tables[] = {
    {"exact", MILL_TABLES_EXACT},
    {"sampled", MILL_TABLES_SAMPLED},
    {"no", MILL_TABLES_STANDARD},
    {NULL, 0},
};

static const struct cli__word roundings[] = {
    {"smaller", MILL_ROUNDING_SMALLER},
    {"nearest", MILL_ROUNDING_NEAREST},
    {NULL, 0},
};

static const struct cli__word compressions[] = {
    {"fast", MILL_COMPRESSION_FAST},
    {"default", MILL_COMPRESSION_DEFAULT},
    {"small", MILL_COMPRESSION_SMALL},
    {"0", 0},
    {"1", 1},
    {"2", 2},
    {"3", 3},
    {"4", 4},
    {"5", 5},
    {"6", 6},
    {"7", 7},
    {"8", 8},
    {"9", 9},
    {"10", 10},
    {"11", 11},
    {"12", 12},
    {NULL, 0},
};

static const struct cli__word decoders[] = {
    {"own", false}, {"library", true}, {NULL, 0}};

static const struct cli__word depths[] = {
    {"8", 8}, {"16", 16}, {"keep", 0}, {NULL, 0}};

static const struct cli__word orders[] = {
    {"largest", MILL_ORDER_LARGEST}, {"input", MILL_ORDER_INPUT}, {NULL, 0}};

static const struct cli__word syncs[] = {
    {"none", MILL_SYNC_NONE}, {"batch", MILL_SYNC_BATCH}, {NULL, 0}};

static const struct cli__word sandboxes[] = {{"auto", MILL_SANDBOX_AUTO},
                                             {"require", MILL_SANDBOX_REQUIRE},
                                             {"off", MILL_SANDBOX_OFF},
                                             {NULL, 0}};

static const struct cli__word on_corrupts[] = {
    {"fail", false}, {"salvage", true}, {NULL, 0}};

static const struct cli__word progresses[] = {
    {"auto", CLI__PROGRESS_AUTO},
    {"bar", CLI__PROGRESS_BAR},
    {"plain", CLI__PROGRESS_PLAIN},
    {"none", CLI__PROGRESS_NONE},
    {NULL, 0},
};

/* Workers can be killed and replaced; the mill's own threads cannot. */
#define OF_WORKERS .needs_workers = true

#define HEAD(g, c, l, n, v, h)                                                 \
    .group = CLI__##g, .commands = CLI__##c, .letter = (l), .name = (n),       \
    .value = (v), .help = (h)

const struct cli__flag cli__flags[] = {
    {HEAD(INPUTS, BOTH, 'r', "recursive", NULL,
          "walk all folders below a folder that is named"),
     CONSTANT(recursive, true)},
    {HEAD(INPUTS, BOTH, 0, "files-from", "FILE|-",
          "read the names of inputs, a line each"),
     TEXT(files_from)},
    {HEAD(INPUTS, BOTH, '0', "null", NULL,
          "the names of --files-from end in a zero byte"),
     CONSTANT(zero, true)},

    {HEAD(OUTPUT, CONVERT, 'o', "output", "FOLDER|FILE|-",
          "where outputs go; - is standard output"),
     TEXT(output)},
    {HEAD(OUTPUT, CONVERT, 'f', "format", "NAME",
          "the output's format (default: as the input's)"),
     .reaches = true, .set = cli__set_format},
    {HEAD(OUTPUT, CONVERT, 0, "name", "TEMPLATE",
          "of {dir} {stem} {srcext} {ext} (default: {dir}/{stem}.{ext})"),
     .set = cli__set_name},
    {HEAD(OUTPUT, CONVERT, 0, "flat", NULL, "do not keep the folders' tree"),
     CONSTANT(target.flat, true)},
    {HEAD(OUTPUT, CONVERT, 'n', "no-clobber", NULL,
          "skip an image whose output exists"),
     CONSTANT(target.existing, MILL_EXISTING_SKIP)},
    {HEAD(OUTPUT, CONVERT, 'u', "update", NULL,
          "skip an image whose output is newer"),
     CONSTANT(target.existing, MILL_EXISTING_UPDATE)},
    {HEAD(OUTPUT, CONVERT, 0, "in-place", NULL,
          "instead of -o: each output takes the place of its input"),
     CONSTANT(target.in_place, true)},
    {HEAD(OUTPUT, CONVERT, 0, "backup", "SUFFIX",
          "with --in-place: keep each old file under its name and SUFFIX"),
     .set = cli__set_backup},
    {HEAD(OUTPUT, CONVERT, 0, "sync", "none|batch",
          "batch: end only when outputs are on the disk (default none)"),
     WORD(target.sync, syncs)},
    {HEAD(OUTPUT, CONVERT, 0, "dry-run", NULL,
          "write nothing; print what would be made"),
     CONSTANT(dry_run, true)},
    {HEAD(OUTPUT, CONVERT, 0, "print", NULL,
          "print each output's path as it ends, a line each"),
     CONSTANT(print, CLI__PRINT_LINES)},
    {HEAD(OUTPUT, CONVERT, 0, "print0", NULL,
          "the same, each ended by a zero byte"),
     CONSTANT(print, CLI__PRINT_ZEROES)},

    {HEAD(ENCODING, CONVERT, 'q', "quality", "N",
          "of JPEG, 1 to 100 (default 80)"),
     NUMBER(recipe.encode.quality, 1, 100)},
    {HEAD(ENCODING, CONVERT, 0, "subsampling", "420|422|444|keep",
          "of colour in JPEG (default 420)"),
     WORD(recipe.encode.subsampling, subsamplings)},
    {HEAD(ENCODING, CONVERT, 0, "progressive", NULL, "progressive JPEG"),
     CONSTANT(recipe.encode.progressive, true)},
    {HEAD(ENCODING, CONVERT, 0, "optimize", "exact|sampled|no",
          "Huffman tables of JPEG (default sampled; exact if alone)"),
     .value_optional = true, WORD(recipe.encode.tables, tables)},
    {HEAD(ENCODING, CONVERT, 0, "rounding", "smaller|nearest",
          "of JPEG's coefficients (default smaller, nearest is libjpeg's)"),
     WORD(recipe.encode.rounding, roundings)},
    {HEAD(ENCODING, CONVERT, 0, "compression", "fast|default|small|0-12",
          "of PNG (default: default)"),
     WORD(recipe.encode.compression, compressions)},
    {HEAD(ENCODING, CONVERT, 0, "background", "COLOUR",
          "under alpha that the format cannot hold (default white)"),
     .set = cli__set_background},
    {HEAD(ENCODING, CONVERT, 0, "strip", NULL, "leave all metadata out"),
     CONSTANT(recipe.keep, 0)},
    {HEAD(ENCODING, CONVERT, 0, "keep", "all|icc,exif,xmp",
          "which metadata to keep (default all)"),
     .set = cli__set_keep},
    {HEAD(ENCODING, CONVERT, 0, "depth", "8|16|keep",
          "bits of a sample (default keep)"),
     WORD(recipe.encode.depth, depths)},
    {HEAD(ENCODING, CONVERT, 0, "decoder", "own|library",
          "who reads pixels; the same samples, own is faster"),
     WORD(recipe.library, decoders)},
    {HEAD(ENCODING, CONVERT, 0, "no-auto-orient", NULL,
          "do not apply the EXIF orientation"),
     CONSTANT(recipe.auto_orient, false)},

    {HEAD(WORKERS, BOTH, 0, "backend", "process|openmp|serial",
          "who computes (default process)"),
     .set = cli__set_backend},
    {HEAD(WORKERS, BOTH, 'j', "jobs", "N", "images at once (default: CPUs)"),
     NUMBER(batch.jobs, 1, THREADS_MOST)},
    {HEAD(WORKERS, CONVERT, 0, "threads", "N|auto",
          "inside one image; auto: of CPUs that jobs leave idle (default 1)"),
     .set = cli__set_threads, .least = 1, .most = THREADS_INSIDE},
    {HEAD(WORKERS, CONVERT, 0, "readers", "N", "threads that read files"),
     NUMBER(batch.readers, 1, THREADS_MOST)},
    {HEAD(WORKERS, CONVERT, 0, "writers", "N", "threads that write files"),
     NUMBER(batch.writers, 1, THREADS_MOST)},
    {HEAD(WORKERS, CONVERT, 0, "queue", "N", "images on the way at once"),
     NUMBER(batch.queue, 1, QUEUE_MOST)},
    {HEAD(WORKERS, CONVERT, 0, "memory", "SIZE|N%",
          "for images on the way (default: half of what is free)"),
     .set = cli__set_memory},
    {HEAD(WORKERS, CONVERT, 0, "order", "largest|input",
          "which images come first (default largest)"),
     WORD(batch.order, orders)},
    {HEAD(WORKERS, CONVERT, 0, "ordered", NULL,
          "images end in the order of the inputs"),
     CONSTANT(batch.ordered, true)},
    {HEAD(WORKERS, CONVERT, 0, "jobs-per-worker", "N",
          "replace a worker process after N images; 0: never (default)"),
     OF_WORKERS, NUMBER(batch.jobs_per_worker, 0, UINT32_MAX)},

    {HEAD(SAFETY, CONVERT, 0, "timeout", "SECONDS",
          "for one image; 0: none (default 60); only --backend process"),
     OF_WORKERS, .set = cli__set_timeout},
    {HEAD(SAFETY, CONVERT, 0, "retries", "N",
          "alone, of an image whose worker got a SIGKILL (default 0)"),
     OF_WORKERS, NUMBER(batch.retries, 0, RETRIES_MOST)},
    {HEAD(SAFETY, CONVERT, 0, "max-deaths", "N",
          "of workers in a row, then stop; 0: never (default 10)"),
     OF_WORKERS, NUMBER(batch.deaths, 0, UINT32_MAX)},
    {HEAD(SAFETY, CONVERT, 0, "fail-fast", NULL,
          "stop at the first image that fails"),
     CONSTANT(batch.failures, 1)},
    {HEAD(SAFETY, CONVERT, 0, "max-errors", "N|N%",
          "stop when more images fail"),
     .set = cli__set_max_errors},
    {HEAD(SAFETY, CONVERT, 0, "resume", "JOURNAL",
          "note there what is done, and skip what is noted"),
     TEXT(batch.journal)},
    {HEAD(SAFETY, BOTH, 0, "sandbox", "auto|require|off",
          "of workers; require: Landlock and seccomp both (default auto)"),
     WORD(batch.sandbox, sandboxes)},
    {HEAD(SAFETY, CONVERT, 0, "on-corrupt", "fail|salvage",
          "of a damaged picture: keep what is there (default fail)"),
     .reaches = true, WORD(recipe.salvage, on_corrupts)},
    {HEAD(SAFETY, BOTH, 0, "max-bytes", "SIZE",
          "refuse files with more (default 1G)"),
     SIZE(batch.file_most)},
    {HEAD(SAFETY, CONVERT, 0, "max-pixels", "N",
          "refuse images with more (default 268402689)"),
     NUMBER(recipe.limits.pixels, 1, UINT64_MAX)},
    {HEAD(SAFETY, CONVERT, 0, "max-scans", "N",
          "refuse JPEGs with more (default 100)"),
     NUMBER(recipe.limits.scans, 1, UINT32_MAX)},

    {HEAD(FEEDBACK, CONVERT, 0, "progress", "auto|bar|plain|none",
          "on standard error (default: a bar on a terminal)"),
     WORD(progress, progresses)},
    {HEAD(FEEDBACK, CONVERT, 'v', "verbose", NULL,
          "say what was chosen, and why images are skipped"),
     CONSTANT(verbose, true)},
    {HEAD(FEEDBACK, CONVERT, 0, "quiet", NULL, "say nothing but errors"),
     CONSTANT(quiet, true)},
    {HEAD(FEEDBACK, BOTH, 0, "json", "FILE",
          "a line for each image as it ends, then a summary"),
     .value_optional = true, .set = cli__set_json},
    {HEAD(FEEDBACK, CONVERT, 0, "stats", NULL,
          "say at the end where the mill waited"),
     CONSTANT(stats, true)},
    {HEAD(FEEDBACK, BOTH, 'h', "help", NULL, "this text"),
     CONSTANT(help, true)},
    {.name = NULL},
};
