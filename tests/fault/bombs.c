/* Bombs: small files that ask for much. Each is handed to the program, for info
 * and for convert, and must end as the table says, for little CPU time and
 * memory beyond what a run over a tiny picture takes. The files are made here,
 * in a folder of their own. The program is the first argument. */
#include "codec/codecs.h"

#include "jpeg_make.h"
#include "png_make.h"
#include "scratch.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
    MEMORY_MOST = 64 << 10, /* KB beyond the idle run: three copies of a profile
                               at its limit are 48 MB */
    CPU_MOST_MS =
        250, /* the same; a quiet machine takes less than half of it */
    TEXT_BYTES = 60 << 20
};

static const char *program;

static void
put_file(const char *name, struct mill_buffer *file)
{
    FILE *to = fopen(name, "wb");
    assert_non_null(to);
    assert_int_equal(fwrite(file->at, 1, file->n, to), file->n);
    assert_int_equal(fclose(to), 0);
    mill_buffer_clear(file);
}

static void
put_text(const char *name, const char *text)
{
    struct mill_buffer file = {0};
    assert_true(mill_buffer_append(&file, text, strlen(text)));
    put_file(name, &file);
}

/* ---- JPEG ---------------------------------------------------------------- */

static void
make_jpeg(const char *name, const struct jpeg_spec *how, unsigned side)
{
    struct mill_buffer file = jpeg_make(how);
    size_t at = 2;
    while ((file.at[at + 1] & 0xFC) != 0xC0)
        at += 2 + (size_t)(file.at[at + 2] << 8 | file.at[at + 3]);
    if (side) {
        file.at[at + 5] = file.at[at + 7] = (uint8_t)(side >> 8);
        file.at[at + 6] = file.at[at + 8] = (uint8_t)side;
    }
    put_file(name, &file);
}

/* First the DC of each component, then coefficient after coefficient and bit
 * after bit. */
static void
make_scans(const char *name, int n_scans)
{
    jpeg_scan_info scans[3 + 3 * 63 * 6];
    struct jpeg_spec how = {.w = 8,
                            .h = 8,
                            .drawn = JCS_YCbCr,
                            .stored = JCS_YCbCr,
                            .n = 3,
                            .scans = scans,
                            .n_scans = n_scans};
    int n = 0;
    for (int c = 0; c < 3; c++)
        scans[n++] =
            (jpeg_scan_info){.comps_in_scan = 1, .component_index = {c}};
    for (int bit = 5; bit >= 0; bit--)
        for (int c = 0; c < 3; c++)
            for (int k = 1; k < 64; k++)
                scans[n++] = (jpeg_scan_info){.comps_in_scan = 1,
                                              .component_index = {c},
                                              .Ss = k,
                                              .Se = k,
                                              .Ah = bit == 5 ? 0 : bit + 1,
                                              .Al = bit};
    assert_true(n_scans <= n);
    make_jpeg(name, &how, 0);
}

static void
make_jpegs(void)
{
    struct jpeg_spec how = {
        .w = 16, .h = 16, .drawn = JCS_YCbCr, .stored = JCS_YCbCr, .n = 3};
    make_jpeg("size.jpg", &how, 65500);
    how.progressive = true;
    make_jpeg("progressive.jpg", &how, 64250);
    make_scans("scans-100.jpg", 100);
    make_scans("scans-101.jpg", 101);
    make_scans("scans-1000.jpg", 1000);
}

/* ---- PNG ----------------------------------------------------------------- */

static struct mill_buffer
packed(const void *head, size_t n_head, const void *first, size_t n_first,
       size_t n)
{
    struct mill_buffer chunk = {0};
    uint8_t *all = calloc(1, n);
    uLongf n_packed = compressBound(n);
    uint8_t *to = malloc(n_packed);
    memcpy(all, first, n_first);
    assert_int_equal(compress2(to, &n_packed, all, n, 1), Z_OK);
    assert_true(mill_buffer_append(&chunk, head, n_head));
    assert_true(mill_buffer_append(&chunk, to, n_packed));
    free(all);
    free(to);
    return chunk;
}

static void
png_begin(struct mill_buffer *file, uint32_t side)
{
    png_put_signature(file);
    png_put_header(file, side, side, 8, PNG_COLOR_TYPE_GRAY);
}

static void
png_end(struct mill_buffer *file, const char *name, const void *rows, size_t n)
{
    png_put_pixels(file, rows, n);
    png_put_chunk(file, "IEND", "", 0);
    put_file(name, file);
}

/* A picture of one px with the same chunk n times before it. */
static void
make_chunks(const char *name, const char *type, struct mill_buffer *chunk,
            unsigned n)
{
    struct mill_buffer file = {0};
    png_begin(&file, 1);
    for (unsigned i = 0; i < n; i++)
        png_put_chunk(&file, type, chunk->at, chunk->n);
    mill_buffer_clear(chunk);
    png_end(&file, name, "\0\0", 2);
}

static void
make_profile(const char *name, uint32_t n)
{
    uint8_t icc[132] = {0};
    png_put_be32(icc, n);
    icc[8] = 2;
    memcpy(icc + 12, "mntrGRAYXYZ ", 12);
    memcpy(icc + 36, "acsp", 4);
    memcpy(icc + 68, "\0\0\xF6\xD6\0\1\0\0\0\0\xD3\x2D", 12);
    struct mill_buffer chunk = packed("p\0", 3, icc, sizeof icc, n);
    make_chunks(name, "iCCP", &chunk, 1);
}

static void
make_pngs(void)
{
    static const char xmp[] = "XML:com.adobe.xmp"
                              "\0\1\0\0"; /* a NUL more */
    struct mill_buffer file = {0}, chunk = {0};
    uint8_t *zeros = calloc(1, TEXT_BYTES);
    png_begin(&file, 65535);
    png_end(&file, "size.png", zeros, TEXT_BYTES);
    free(zeros);
    make_profile("icc-60M.png", TEXT_BYTES);
    make_profile("icc-16M.png", MILL_META_MOST);
    chunk = packed("k\0", 3, "", 0, TEXT_BYTES);
    make_chunks("ztxt.png", "zTXt", &chunk, 1);
    chunk = packed(xmp, sizeof xmp, "", 0, TEXT_BYTES);
    make_chunks("xmp.png", "iTXt", &chunk, 1);
    chunk = packed(xmp, sizeof xmp, "", 0, MILL_META_MOST + 1);
    make_chunks("xmp-200.png", "iTXt", &chunk, 200);
    assert_true(mill_buffer_append(&chunk, "k\0v", 3));
    make_chunks("chunks.png", "tEXt", &chunk, 100000);
    assert_true(mill_buffer_append(&chunk, "what?", 5));
    make_chunks("unknown.png", "teSt", &chunk, 100000);
}

static void
make_pnms(void)
{
    put_text("number.pgm", "P5 99999999999999999999999 1 255 x");
    put_text("size.pgm", "P5 2147483647 2147483647 255 x");
    put_text("depth.pam", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4294967295\n"
                          "MAXVAL 255\nENDHDR\nx");
    put_text("idle.pgm", "P5 1 1 255 x");
}

/* In a process of its own: what the parent of a program has ever held counts
 * as the program's. */
static void
make_all(void)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        make_jpegs();
        make_pngs();
        make_pnms();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- runs ---------------------------------------------------------------- */

struct cost {
    int code;
    long cpu_ms, memory_kb;
    char said[512];
};

static long
ms_of(struct timeval t)
{
    return t.tv_sec * 1000 + t.tv_usec / 1000;
}

static struct cost
run(const char *command, const char *name)
{
    const char *argv[] = {program, command, name, "-o", "out", NULL};
    extern char **environ;
    posix_spawn_file_actions_t files;
    struct cost cost = {0};
    struct rusage used;
    int status;
    pid_t child;

    if (!strcmp(command, "info"))
        argv[3] = NULL;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "said",
                                     O_CREAT | O_WRONLY | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    assert_int_equal(posix_spawn(&child, program, &files, NULL,
                                 (char *const *)(uintptr_t)argv, environ),
                     0);
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(wait4(child, &status, 0, &used), child);
    FILE *said = fopen("said", "r");
    cost.said[fread(cost.said, 1, sizeof cost.said - 1, said)] = 0;
    fclose(said);
    cost.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    cost.cpu_ms = ms_of(used.ru_utime) + ms_of(used.ru_stime);
    cost.memory_kb = used.ru_maxrss;
    return cost;
}

static void
check(const char *command, const char *name, const char *says,
      const struct cost *idle)
{
    struct cost cost = run(command, name);
    long cpu_ms = cost.cpu_ms - idle->cpu_ms;
    long memory_kb = cost.memory_kb - idle->memory_kb;
    print_message("%-8s %-16s code %d, %4ld ms, %6ld KB more than idle\n",
                  command, name, cost.code, cpu_ms, memory_kb);
    if (says && !strstr(cost.said, says))
        fail_msg("it says %s", cost.said);
    assert_int_equal(cost.code, says ? 1 : 0);
    assert_true(cpu_ms < CPU_MOST_MS);
    assert_true(memory_kb < MEMORY_MOST);
}

/* says: NULL: it is done. */
static const struct bomb {
    const char *name, *info_says, *convert_says;
} bombs[] = {
    {"size.jpg", NULL, "--max-pixels"},
    {"progressive.jpg", NULL, "--max-pixels"},
    {"scans-100.jpg", NULL, NULL},
    {"scans-101.jpg", NULL, "more than 100 scans; --max-scans"},
    {"scans-1000.jpg", NULL, "more than 100 scans; --max-scans"},
    {"size.png", NULL, "--max-pixels"},
    {"icc-60M.png", NULL, NULL},
    {"icc-16M.png", NULL, NULL},
    {"ztxt.png", NULL, NULL},
    {"xmp.png", NULL, NULL},
    {"xmp-200.png", NULL, NULL},
    {"chunks.png", NULL, NULL},
    {"unknown.png", NULL, NULL},
    {"number.pgm", "a number above", "a number above"},
    {"size.pgm", NULL, "--max-pixels"},
    {"depth.pam", "a number above", "a number above"},
};

/* A row of the table in README.md, as fault_row of support/batch.sh. */
static void
add_row(unsigned n)
{
    const char *name = getenv("IMGMILL_FAULT_TABLE");
    FILE *table = name != NULL ? fopen(name, "a") : NULL;
    if (name == NULL)
        return;
    assert_non_null(table);
    fprintf(table, "a small file that asks for much\tprocess\t%u\t0", n);
    fprintf(table, "\t-\t-\t-\t0\t0\n");
    assert_int_equal(fclose(table), 0);
}

static void
bombs_cost_little(void **state)
{
    (void)state;
    make_all();
    struct cost idle = run("convert", "idle.pgm");
    assert_int_equal(idle.code, 0);
    for (unsigned i = 0; i < MILL_COUNT(bombs); i++) {
        check("info", bombs[i].name, bombs[i].info_says, &idle);
        check("convert", bombs[i].name, bombs[i].convert_says, &idle);
    }
    add_row(MILL_COUNT(bombs));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bombs_cost_little, scratch_setup,
                                        scratch_teardown),
    };
    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
