/* The tree of samples on disk: files with the folders above them, and the
 * manifest. A write that fails is told once and remembered; the rest goes on,
 * so that one look shows all that is wrong. */
#include "samples.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void
complain(struct tree *tree, const char *path)
{
    fprintf(stderr, "make-samples: %s: %s\n", path, strerror(errno));
    tree->failed = true;
}

/* Make every folder on the way to path. */
static void
make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0777);
        *slash = '/';
    }
}

/* NULL when it cannot be; that has been told then. */
static FILE *
open_below(struct tree *tree, const char *path)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s/%s", tree->root, path);
    make_folders(full);
    FILE *file = fopen(full, "wb");
    if (!file)
        complain(tree, full);
    return file;
}

void
samples__open(struct tree *tree, const char *root)
{
    *tree = (struct tree){.root = root};
    tree->manifest = open_below(tree, "MANIFEST");
}

static void
tell(struct tree *tree, const struct entry *entry)
{
    char size[24] = "-";
    if (entry->w)
        snprintf(size, sizeof size, "%ux%u", entry->w, entry->h);
    if (tree->manifest)
        fprintf(tree->manifest, "%-42s %-7s %-4s %-9s %u %s\n", entry->path,
                entry->verdict, entry->format, size, entry->orientation,
                entry->what);
}

void
samples__put(struct tree *tree, const struct entry *entry,
             struct mill_bytes bytes)
{
    tell(tree, entry);
    FILE *file = open_below(tree, entry->path);
    if (!file)
        return;
    bool wrote = fwrite(bytes.at, 1, bytes.n, file) == bytes.n;
    if (fclose(file) || !wrote)
        complain(tree, entry->path);
    tree->files++;
    tree->bytes += bytes.n;
}

void
samples__put_buffer(struct tree *tree, const struct entry *entry,
                    struct mill_buffer *buffer)
{
    samples__put(tree, entry, (struct mill_bytes){buffer->at, buffer->n});
    mill_buffer_clear(buffer);
}

void
samples__close(struct tree *tree)
{
    if (tree->manifest && fclose(tree->manifest))
        complain(tree, "MANIFEST");
}

void *
samples__take(size_t n)
{
    void *at = malloc(n ? n : 1);
    if (!at)
        abort();
    return at;
}

void
samples__add(struct mill_buffer *out, const void *at, size_t n)
{
    if (n && !mill_buffer_append(out, at, n))
        abort();
}

void
samples__add_text(struct mill_buffer *out, const char *text)
{
    samples__add(out, text, strlen(text));
}

void
samples__add_u16(struct mill_buffer *out, unsigned value)
{
    samples__add(out, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

void
samples__add_u32(struct mill_buffer *out, uint32_t value)
{
    samples__add_u16(out, value >> 16);
    samples__add_u16(out, value & 0xFFFF);
}
