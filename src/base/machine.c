/* What the machine offers: CPUs and memory, each the least of what the system
 * and our control groups allow. Asked when a batch starts; nothing is cached,
 * so a caller that asks again hears the state of that moment. */
#include "cgroup.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

enum { MOST_CPUS = 1 << 16 };

/* The kernel refuses a set that is smaller than its own with EINVAL, so the set
 * grows until it fits. 0: not told. */
static unsigned
affinity(void)
{
    for (unsigned room = CPU_SETSIZE; room <= MOST_CPUS; room *= 2) {
        cpu_set_t *set = CPU_ALLOC(room);
        if (!set)
            return 0;
        size_t bytes = CPU_ALLOC_SIZE(room);
        bool told = sched_getaffinity(0, bytes, set) == 0;
        bool small = !told && errno == EINVAL;
        int n = told ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (!small)
            return (unsigned)n;
    }
    return 0;
}

unsigned
mill_cpu_count(void)
{
    unsigned cpus = affinity();
    unsigned quota = base__cgroup_cpus("");
    if (cpus == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        cpus = online > 0 ? (unsigned)online : 1;
    }
    return quota && quota < cpus ? quota : cpus;
}

static uint64_t
free_pages(void)
{
    long pages = sysconf(_SC_AVPHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0)
        return 0;
    return mill_u64_mul((uint64_t)pages, (uint64_t)size);
}

uint64_t
mill_memory_available(void)
{
    uint64_t left = base__machine_left("");
    uint64_t group = base__cgroup_left("");
    if (left == UINT64_MAX)
        left = free_pages();
    if (group < left)
        left = group;
    return left ? left : 1;
}
