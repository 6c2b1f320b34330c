/* io: the file system, for inputs and outputs. Which files are meant (scan),
 * their bytes (read), what their outputs are called (names), and outputs that
 * appear whole or not at all (store). Stands on base and job. */
#ifndef IMGMILL_IO_H
#define IMGMILL_IO_H

#include <imgmill/job.h>

/* ---- scan: the list of inputs -------------------------------------------- */

struct mill_input {
    char *path;          /* to open; "-" is stdin */
    char *relative;      /* below the folder, or the base name, or the listed
                            path; "dir/a.jpg", never absolute, no ".." (unless
                            err is set); "stdin" for "-" */
    uint64_t file_bytes; /* 0 when unknown */
    int64_t mtime_ns;
    uint64_t dev, ino;   /* 0, 0: none (stdin, or it could not be looked at) */
    struct mill_err err; /* a named file that is not there, a folder that is
                            listed or cannot be opened: fails as a job */
};

struct mill_list {
    struct mill_input *inputs; /* owned, strings too */
    size_t n, capacity;
    uint64_t n_ignored; /* in folders: files that are no images, and names that
                           begin with '.' */
    uint64_t n_folders; /* in folders, and not walked without recursive */
    uint64_t n_links;   /* in folders, to folders: not followed */
    uint64_t n_passed;  /* folders that mill_scan.pass_* kept out */
};

struct mill_scan {
    bool recursive;
    /* Does a file found in a folder count? name: its base name; head: its first
     * bytes (at most head_bytes and 4096; n may be less). Asked by name first
     * with head.n == 0; only when that says no is the file opened and asked
     * again with its bytes. */
    bool (*counts)(void *context, const char *name, struct mill_bytes head);
    void *context;
    size_t head_bytes;
    /* A folder that is not walked below an argument, and may be one: that of
     * the outputs. 0, 0: none. */
    uint64_t pass_dev, pass_ino;
};

void mill_list_clear(struct mill_list *list);

/* Add what an argument means: a file (any, relative = its base name), a folder
 * (the files in it, sorted by byte; with recursive all below, each folder's
 * files before the folders in it; relative = the path below that folder;
 * symlinks to files are followed, to folders are not; names that begin with '.'
 * are passed over), or "-". MILL_OK also for a missing file and for a folder
 * further down that cannot be listed: it becomes an input with err. MILL_READ
 * when the folder itself cannot be listed, MILL_USAGE for "", MILL_MEMORY. */
enum mill_status mill_scan_add(struct mill_list *list,
                               const struct mill_scan *how, const char *path,
                               struct mill_err *err);

/* Add a name from a list: relative = the path itself less "/" and "./" before
 * it and in doubles; ".." as a component is MILL_USAGE. "-" is a file of that
 * name. */
enum mill_status mill_scan_add_listed(struct mill_list *list, const char *path,
                                      struct mill_err *err);

/* Read names from fd until its end, separated by `separator` ('\n' or '\0'),
 * empty ones dropped, and add each as listed. MILL_USAGE for a name of PATH_MAX
 * bytes or more, or with a zero byte in it. */
enum mill_status mill_scan_add_names(struct mill_list *list, int fd,
                                     char separator, struct mill_err *err);

/* The first bytes of a regular file; returns how many, 0 also on any failure
 * and for anything else (a pipe's bytes are not taken). */
size_t mill_head(const char *path, uint8_t *head, size_t n);

/* Is there a regular file at path? Its size and time; with follow those of what
 * a link leads to, without it a link is none. */
bool mill_file_look(const char *path, bool follow, uint64_t *bytes,
                    int64_t *mtime_ns);

/* ---- read ---------------------------------------------------------------- */

/* Read the job's file whole: take a slot unless it has one, read() into the
 * job's own buffer, fill the reader's fields; or keep the file open, if its
 * bytes are in memory already (job.h). Never maps. A file that shrank or
 * grew meanwhile, a folder, an error: the job fails (end is set, MILL_READ;
 * MILL_LIMIT when it has more than `most` bytes, or more than the memory that
 * is left) and keeps its slot without bytes. Too many open files are waited
 * out, for some seconds. False only when the slots were closed: the job then
 * has no slot and end is LEFT. */
bool mill_read_job(struct mill_slots *slots, struct mill_job *job,
                   uint64_t most);

/* ---- names --------------------------------------------------------------- */

/* The output's path below the output folder, malloc'd. tmpl: NULL is
 * "{dir}/{stem}.{ext}"; {stem} {srcext} {ext} {dir} are replaced, {{ and }} are
 * braces. ext: of the output format; when keep_ext (the format does not change)
 * the input's own spelling is kept. {dir} is the relative path's folder ("" at
 * the top: no empty component is left), and "" with flat. A template without
 * {dir} keeps the tree all the same unless flat. stem: without the last
 * extension; dots at the start belong to it. An empty {srcext} takes the '.'
 * before it along. MILL_USAGE: unknown {…}, empty name or component, "." or
 * "..", '/' at the start, a component of more than 255 bytes. */
enum mill_status mill_name_make(char **name, const char *tmpl,
                                const char *relative, const char *ext,
                                bool keep_ext, bool flat, struct mill_err *err);
/* The template by itself: is it well-formed? */
enum mill_status mill_name_check(const char *tmpl, struct mill_err *err);

/* Names that are taken, with who took them; a hash table. */
struct mill_names;
struct mill_names *mill_names_new(size_t expected);
/* Names that differ by nothing but case are one name: of ASCII, and of what
 * else the system's C.UTF-8 has a single letter for. */
struct mill_names *mill_names_new_folded(size_t expected);
void mill_names_free(struct mill_names *names);
/* Take name for owner; false and *other set when somebody has it. The string is
 * kept, not copied. */
bool mill_names_take(struct mill_names *names, const char *name, size_t owner,
                     size_t *other, bool *out_of_memory);
bool mill_names_find(const struct mill_names *names, const char *name,
                     size_t *owner);

/* Questions to the file system of the names below one folder; only root is
 * filled in. */
struct mill_apart {
    const char *root;
    const char *name; /* whose first n bytes are a folder that minds case */
    size_t n;
};

/* Would these two names, which differ by case, be two files? False when the
 * file system says that they are one; true also when it cannot be asked. It is
 * asked by a hidden file, there for a moment, in the folder that will hold both
 * names, or the nearest above that is there already; hardly more than once for
 * a folder that minds case. Names must live as long as *apart. */
bool mill_names_apart(struct mill_apart *apart, const char *one,
                      const char *two);

/* ---- store: outputs, whole or not at all --------------------------------- */

struct mill_store;

enum mill_clobber { MILL_REPLACE, MILL_NO_CLOBBER };

/* An output folder, made if it is missing (parents too). MILL_WRITE when it is
 * no folder or cannot be written. root_path may be relative. */
struct mill_store *mill_store_open(const char *root_path, struct mill_err *err);
void mill_store_close(struct mill_store *store);

/* Was the root removed since, or has its file system become one to read only?
 */
bool mill_store_lost(const struct mill_store *store);

/* Is there something at the path below root that this store has not put there
 * by another path? Fills dev, ino, mtime; those of a link itself at the last
 * component, as put would replace it. */
bool mill_store_stat(struct mill_store *store, const char *path, uint64_t *dev,
                     uint64_t *ino, int64_t *mtime_ns);

/* Write bytes to path below root: folders made, O_TMPFILE or an O_EXCL
 * temporary name in the target's folder, full write loop, close, then link or
 * rename. What this store has put by another path is not replaced; paths must
 * live as long as it does. All is resolved beneath root (openat2
 * RESOLVE_BENEATH where there is one): a path that leaves it fails; a symlink
 * at the last component is replaced, never followed. Any failure leaves nothing
 * behind but folders. MILL_EXISTS with NO_CLOBBER when it is there; MILL_WRITE
 * for all else. err names the step, not the file. Too many open files are
 * waited out, for some seconds. Safe from many threads. */
enum mill_status mill_store_put(struct mill_store *store, const char *path,
                                const void *bytes, size_t n,
                                enum mill_clobber clobber,
                                struct mill_err *err);

/* An output that is written as it comes, and has a name only at its end. */
struct mill_draft;

/* Can there be any, in the root of this store? */
bool mill_store_drafts(struct mill_store *store);
/* Of a store below a root. Folders are made; path must live as long as the
 * store. NULL: this file system cannot do without a name, or something is not
 * as it should be, which put will tell. Safe from many threads. */
struct mill_draft *mill_draft_open(struct mill_store *store, const char *path);
/* Bytes for its end, which is at `at`; 0: it begins anew. MILL_WRITE. */
enum mill_status mill_draft_add(struct mill_draft *draft, uint64_t at,
                                const void *bytes, size_t n,
                                struct mill_err *err);
/* What was added gets its name; as mill_store_put. Once. */
enum mill_status mill_draft_put(struct mill_draft *draft,
                                enum mill_clobber clobber,
                                struct mill_err *err);
/* Nothing is left of it but what was put. NULL is fine. */
void mill_draft_close(struct mill_draft *draft);

/* A store whose paths may be any, for outputs beside their inputs or in place
 * of them. Folders are not made. */
struct mill_store *mill_store_open_in_place(struct mill_err *err);

/* Write bytes in place of the file at path (what a link there leads to), which
 * was read as `seen`: written whole and synced beside it, then renamed over it,
 * with its mode and, where the system lets us, owner and group. suffix: the old
 * file is kept under its name and suffix; NULL: it is not. MILL_WRITE when
 * another file, or a changed one, is there by then, or it is no regular file;
 * MILL_EXISTS when the backup's name is taken, unless by the same file. Any
 * failure leaves the old file at its name. Of an in-place store; safe from many
 * threads. */
enum mill_status mill_store_replace(struct mill_store *store, const char *path,
                                    const struct mill_seen *seen,
                                    const char *suffix, const void *bytes,
                                    size_t n, struct mill_err *err);

/* Before the first put: remember the file systems that outputs go to. */
enum mill_status mill_store_sync_later(struct mill_store *store,
                                       struct mill_err *err);
/* After the last put: everything that was put is asked onto the disk, with one
 * syncfs for each file system. MILL_WRITE when one of them tells of an error
 * since its first put; it cannot tell whose bytes it lost. Without sync_later
 * it does nothing. */
enum mill_status mill_store_sync(struct mill_store *store,
                                 struct mill_err *err);

/* ---- journal: what earlier runs have done -------------------------------- */

/* A text file. Its first line is "imgmill journal 1"; every image that ended is
 * a line more, of fields with a space between them:
 *
 *   CHECK STATE RECIPE IN-BYTES IN-TIME OUT-BYTES INPUT OUTPUT
 *
 * STATE is "done", or the word for why the image failed. CHECK and RECIPE are
 * 16 hex digits: the FNV-1a hash (64 bits) of the line behind CHECK and its
 * space, and what the caller gave. IN-TIME is in ns since 1970. In INPUT and
 * OUTPUT each byte up to the space, '%' and 0x7f is '%' and two hex digits;
 * all others stand as they are. Of several lines with one INPUT and OUTPUT the
 * last counts.
 *
 * A line is written by one write at the file's end, so the file can be read
 * after any kill: a line that was torn has another CHECK and is passed over,
 * and whatever is added then stands on a line of its own. Lines are not synced:
 * after a loss of power some may be missing. */
struct mill_journal;

struct mill_record {
    enum mill_status status;      /* MILL_OK: done */
    const char *input, *output;   /* as in mill_job */
    uint64_t recipe, input_bytes; /* input: as scanned */
    int64_t input_mtime_ns;
    uint64_t output_bytes;
};

/* The file is made if it is missing, and locked (flock) until it is closed. All
 * of its text stays in memory. MILL_USAGE with a whole sentence: another run
 * has it, it holds something else, it cannot be opened. MILL_ENVIRONMENT: it
 * cannot be written. A process that is forked while it is open shares the lock.
 */
struct mill_journal *mill_journal_open(const char *path, struct mill_err *err);
void mill_journal_close(struct mill_journal *journal);
/* It is closed, and a file that was not there before is removed. */
void mill_journal_drop(struct mill_journal *journal);
/* Was this done when the journal was opened: the same names, recipe, input's
 * size and time? Fills record->output_bytes. Safe from many threads. */
bool mill_journal_did(const struct mill_journal *journal,
                      struct mill_record *record);
/* Writes a line. MILL_ENVIRONMENT when it cannot; then no more is written. Safe
 * from many threads. */
enum mill_status mill_journal_add(struct mill_journal *journal,
                                  const struct mill_record *record,
                                  struct mill_err *err);

/* The whole of bytes to an open descriptor (stdout): EINTR, short writes. */
enum mill_status mill_write_all(int fd, const void *bytes, size_t n,
                                struct mill_err *err);

#endif
