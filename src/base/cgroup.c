/* Control groups, v2 and v1: how many CPUs and how many bytes are left to us.
 * A limit may sit on our own group or on any above it, so each question walks
 * from our group up to the mount and keeps the tightest answer. In a container
 * /proc/self/cgroup may name a path of the host that is not there inside; the
 * walk then passes over the missing folders and ends at the mount, which is the
 * container's own group. Only reads; whatever is missing or odd is no limit. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_ROOM = 16384 }; /* /proc/self/cgroup, memory.stat with much room */

/* The first n - 1 bytes of dir/name as a string; false when it is not there. */
static bool
read_text(const char *dir, const char *name, char *text, size_t n)
{
    char path[PATH_MAX];
    int said = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (said < 0 || (size_t)said >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t got = 0;
    ssize_t more = 0;
    do {
        more = read(fd, text + got, n - 1 - got);
        got += more > 0 ? (size_t)more : 0;
    } while (more > 0 || (more < 0 && errno == EINTR));
    close(fd);
    text[got] = '\0';
    return more == 0;
}

/* A number at the text's begin; "max", "-1" and nonsense are none. */
static bool
number(const char *text, char **end, uint64_t *value)
{
    text += strspn(text, " \t");
    if (*text < '0' || *text > '9')
        return false;
    *value = strtoull(text, end, 10);
    return true;
}

static bool
read_number(const char *dir, const char *name, uint64_t *value)
{
    char text[64], *end;
    return read_text(dir, name, text, sizeof text) && number(text, &end, value);
}

bool
base__field(const char *text, const char *key, uint64_t *value)
{
    size_t n = strlen(key);
    char *end;
    while (text) {
        if (strncmp(text, key, n) == 0)
            return number(text + n, &end, value);
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return false;
}

uint64_t
base__machine_left(const char *root)
{
    char text[TEXT_ROOM];
    char dir[PATH_MAX];
    uint64_t kb;
    snprintf(dir, sizeof dir, "%s/proc", root);
    if (!read_text(dir, "meminfo", text, sizeof text) ||
        !base__field(text, "MemAvailable:", &kb))
        return UINT64_MAX;
    return mill_u64_mul(kb, 1024);
}

/* ---- our place ----------------------------------------------------------- */

/* Is word one of the n bytes of names between commas? "" is in no names. */
static bool
listed(const char *names, size_t n, const char *word)
{
    size_t length = strlen(word);
    const char *end = names + n;
    for (;;) {
        const char *comma = memchr(names, ',', (size_t)(end - names));
        const char *stop = comma ? comma : end;
        if ((size_t)(stop - names) == length &&
            memcmp(names, word, length) == 0)
            return true;
        if (!comma)
            return false;
        names = comma + 1;
    }
}

/* Copies a line's path. One with ".." lies outside of what our namespace shows:
 * then only the mount can be asked. */
static bool
copy_path(const char *from, char *path, size_t n)
{
    size_t length = strcspn(from, "\n");
    if (length >= n)
        return false;
    memcpy(path, from, length);
    path[length] = '\0';
    if (strstr(path, "/.."))
        path[0] = '\0';
    return true;
}

bool
base__cgroup_path(const char *text, const char *controller, char *path,
                  size_t n)
{
    while (text && *text) {
        const char *names = strchr(text, ':');
        const char *stop = names ? strchr(names + 1, ':') : NULL;
        if (!stop)
            return false;
        if (listed(names + 1, (size_t)(stop - names - 1), controller))
            return copy_path(stop + 1, path, n);
        text = strchr(stop, '\n');
        text = text ? text + 1 : NULL;
    }
    return false;
}

/* ---- the walk ------------------------------------------------------------ */

/* Looks at one group's folder and keeps the least of what it says. */
typedef void look_fn(const char *dir, uint64_t *least);

struct kind {
    const char *controller; /* in /proc/self/cgroup; "" is v2 */
    const char *mount;
    look_fn *look;
};

static void
walk(const char *root, const struct kind *kind, const char *path,
     uint64_t *least)
{
    char dir[PATH_MAX];
    size_t top = strlen(root) + strlen(kind->mount);
    int said = snprintf(dir, sizeof dir, "%s%s%s", root, kind->mount, path);
    if (said < 0 || (size_t)said >= sizeof dir)
        return;
    for (;;) {
        kind->look(dir, least);
        char *slash = strrchr(dir + top, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

static uint64_t
tightest(const char *root, const struct kind *kinds, size_t n)
{
    char text[TEXT_ROOM], path[PATH_MAX], dir[PATH_MAX];
    uint64_t least = UINT64_MAX;
    snprintf(dir, sizeof dir, "%s/proc/self", root);
    if (!read_text(dir, "cgroup", text, sizeof text))
        return least;
    for (size_t i = 0; i < n; i++) {
        if (base__cgroup_path(text, kinds[i].controller, path, sizeof path))
            walk(root, &kinds[i], path, &least);
    }
    return least;
}

static void
keep_least(uint64_t *least, uint64_t value)
{
    if (value < *least)
        *least = value;
}

/* ---- CPUs ---------------------------------------------------------------- */

static void
keep_quota(uint64_t *least, uint64_t quota, uint64_t period)
{
    if (quota && period)
        keep_least(least, quota / period + (quota % period != 0));
}

/* "max 100000" or "150000 100000": µs of CPU in so many µs. */
static void
look_cpu_v2(const char *dir, uint64_t *least)
{
    char text[64], *end;
    uint64_t quota, period;
    if (read_text(dir, "cpu.max", text, sizeof text) &&
        number(text, &end, &quota) && number(end, &end, &period))
        keep_quota(least, quota, period);
}

static void
look_cpu_v1(const char *dir, uint64_t *least)
{
    uint64_t quota, period;
    if (read_number(dir, "cpu.cfs_quota_us", &quota) &&
        read_number(dir, "cpu.cfs_period_us", &period))
        keep_quota(least, quota, period);
}

unsigned
base__cgroup_cpus(const char *root)
{
    static const struct kind kinds[] = {
        {"", "/sys/fs/cgroup", look_cpu_v2},
        {"cpu", "/sys/fs/cgroup/cpu", look_cpu_v1},
        {"cpu", "/sys/fs/cgroup/cpu,cpuacct", look_cpu_v1},
    };
    uint64_t cpus = tightest(root, kinds, MILL_COUNT(kinds));
    return cpus > UINT_MAX ? 0 : (unsigned)cpus;
}

/* ---- memory -------------------------------------------------------------- */

/* Page cache counts as used, but the kernel drops what of it lies idle before
 * it refuses anybody; without that a batch that has read its own size in files
 * would think that nothing is left. */
static void
keep_left(uint64_t *least, const char *dir, const char *idle_key,
          uint64_t limit, uint64_t used)
{
    char text[TEXT_ROOM];
    uint64_t idle;
    if (read_text(dir, "memory.stat", text, sizeof text) &&
        base__field(text, idle_key, &idle))
        used = idle < used ? used - idle : 0;
    keep_least(least, used < limit ? limit - used : 0);
}

static void
look_memory_v2(const char *dir, uint64_t *least)
{
    uint64_t limit, used;
    if (read_number(dir, "memory.max", &limit) &&
        read_number(dir, "memory.current", &used))
        keep_left(least, dir, "inactive_file ", limit, used);
}

static void
look_memory_v1(const char *dir, uint64_t *least)
{
    uint64_t limit, used;
    if (read_number(dir, "memory.limit_in_bytes", &limit) &&
        read_number(dir, "memory.usage_in_bytes", &used))
        keep_left(least, dir, "total_inactive_file ", limit, used);
}

uint64_t
base__cgroup_left(const char *root)
{
    static const struct kind kinds[] = {
        {"", "/sys/fs/cgroup", look_memory_v2},
        {"memory", "/sys/fs/cgroup/memory", look_memory_v1},
    };
    return tightest(root, kinds, MILL_COUNT(kinds));
}
