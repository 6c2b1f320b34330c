/* What the kernel's text files say of our limits. Every path is looked for
 * below root: "" for the machine itself, a folder of a test's making else. */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <imgmill/base.h>

/* The value behind the line that begins with key ("MemAvailable:"). */
bool base__field(const char *text, const char *key, uint64_t *value);

/* Our path, "/…", in /proc/self/cgroup's text: of a v1 controller, or with ""
 * of v2. False when there is none or it does not fit in n bytes. */
bool base__cgroup_path(const char *text, const char *controller, char *path,
                       size_t n);

/* CPUs that the tightest quota above us allows, rounded up; 0: no quota. */
unsigned base__cgroup_cpus(const char *root);

/* Bytes that the tightest memory limit above us leaves; UINT64_MAX: none. */
uint64_t base__cgroup_left(const char *root);

/* MemAvailable of /proc/meminfo, bytes; UINT64_MAX when it is not told. */
uint64_t base__machine_left(const char *root);

#endif
