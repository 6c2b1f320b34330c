/* Mine: the files that a store has made, so that none of them is replaced by
 * another of its own. Paths that differ may lead to one file, in more ways than
 * names tell: file systems that ignore case, or how a letter is composed, or
 * that cut names; a folder that is a link to its neighbour, or mounted twice.
 * What is found at a path tells all of that, by its inode.
 *
 * A hash table from files to paths, at most half full. A file that is gone
 * leaves its line until another has its number. So a line counts only if its
 * path still leads to the file. File systems that number files anew once they
 * are out of memory (FAT), or one file once for each name (exFAT as FUSE), can
 * make it miss one; names that differ by case alone are found before (probe.c).
 * Many threads, one lock. */
#include "mine.h"
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_LEAST = 64 };

struct io__line {
    uint64_t file;    /* its number, and its file system's */
    const char *path; /* NULL: free */
};

static uint64_t
file_of(const struct stat *found)
{
    return found->st_ino + found->st_dev * UINT64_C(0x9e3779b97f4a7c15);
}

/* The line of the file, or the free one where it belongs. Neighbours' numbers
 * are in a row, or far apart by powers of two. */
static struct io__line *
find(const struct io__mine *mine, uint64_t file)
{
    size_t i = (size_t)((file * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

    while (mine->lines[i &= mine->room - 1].path != NULL &&
           mine->lines[i].file != file)
        i++;
    return &mine->lines[i];
}

static bool
grow(struct io__mine *mine)
{
    struct io__mine old = *mine;

    mine->room *= 2;
    mine->lines = calloc(mine->room, sizeof *mine->lines);
    if (mine->lines == NULL) {
        *mine = old;
        return false;
    }
    for (size_t i = 0; i < old.room; i++)
        if (old.lines[i].path != NULL)
            *find(mine, old.lines[i].file) = old.lines[i];
    free(old.lines);
    return true;
}

bool
io__mine_open(struct io__mine *mine)
{
    mine->room = LINES_LEAST;
    mine->lines = calloc(mine->room, sizeof *mine->lines);
    if (mine->lines == NULL)
        return false;
    pthread_mutex_init(&mine->lock, NULL);
    pthread_mutex_init(&mine->replacing, NULL);
    return true;
}

void
io__mine_close(struct io__mine *mine)
{
    if (mine->lines == NULL)
        return;
    pthread_mutex_destroy(&mine->replacing);
    pthread_mutex_destroy(&mine->lock);
    free(mine->lines);
}

enum mill_status
io__mine_add(struct io__mine *mine, int fd, const char *path,
             struct mill_err *err)
{
    struct stat made;

    if (fstat(fd, &made) != 0)
        return mill_fail_sys(err, MILL_WRITE, errno, "stat");
    pthread_mutex_lock(&mine->lock);
    bool has_room = mine->n < mine->room / 2 || grow(mine);
    if (has_room) {
        struct io__line *line = find(mine, file_of(&made));
        mine->n += line->path == NULL;
        *line = (struct io__line){file_of(&made), path};
    }
    pthread_mutex_unlock(&mine->lock);
    return has_room ? MILL_OK : mill_fail(err, MILL_MEMORY, "names of outputs");
}

const char *
io__mine_find(struct mill_store *store, const char *path,
              const struct stat *found)
{
    struct io__mine *mine = &store->mine;
    struct stat there;

    pthread_mutex_lock(&mine->lock);
    const char *other = find(mine, file_of(found))->path;
    pthread_mutex_unlock(&mine->lock);
    bool is_there = other != NULL && strcmp(other, path) != 0 &&
                    io__store_look(store, other, &there) &&
                    there.st_dev == found->st_dev &&
                    there.st_ino == found->st_ino;
    return is_there ? other : NULL;
}
