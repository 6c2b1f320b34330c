/* What the machine offers: the kernel's texts below a made-up root, and a plain
 * look at the machine that runs the test. */
#include <imgmill/base.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cgroup.h"

#define V2      "/sys/fs/cgroup"
#define V1_CPU  "/sys/fs/cgroup/cpu"
#define V1_BOTH "/sys/fs/cgroup/cpu,cpuacct"
#define V1_MEM  "/sys/fs/cgroup/memory"

/* ---- a root of our own --------------------------------------------------- */

static int
make_root(void **state)
{
    char *root = strdup("/tmp/mill-root-XXXXXX");
    *state = root;
    return root && mkdtemp(root) ? 0 : -1;
}

static int
drop_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static int
drop_root(void **state)
{
    int failed = nftw(*state, drop_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return failed;
}

/* root/dir/name with its folders and this text. */
static void
put(const char *root, const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s/%s", root, dir, name);
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
put_self(const char *root, const char *text)
{
    put(root, "/proc/self", "cgroup", text);
}

/* ---- texts --------------------------------------------------------------- */

static void
field_is_found_at_a_lines_begin(void **state)
{
    (void)state;
    const char *text = "xinactive_file 1\ninactive_file 22\nlast 3";
    uint64_t value = 0;
    assert_true(base__field(text, "inactive_file ", &value));
    assert_int_equal(value, 22);
    assert_true(base__field(text, "last ", &value));
    assert_int_equal(value, 3);
    assert_false(base__field(text, "file ", &value));
    assert_false(base__field("MemFree: x\n", "MemFree:", &value));
    assert_false(base__field("", "MemFree:", &value));
}

static void
cgroup_path_is_the_controllers_own(void **state)
{
    (void)state;
    const char *text = "12:cpuset:/set\n4:cpu,cpuacct:/a/b\n"
                       "3:name=systemd:/s\n0::/two\n";
    char path[64];
    assert_true(base__cgroup_path(text, "cpu", path, sizeof path));
    assert_string_equal(path, "/a/b");
    assert_true(base__cgroup_path(text, "cpuacct", path, sizeof path));
    assert_string_equal(path, "/a/b");
    assert_true(base__cgroup_path(text, "", path, sizeof path));
    assert_string_equal(path, "/two");
    assert_false(base__cgroup_path(text, "memory", path, sizeof path));
    assert_false(base__cgroup_path(text, "cp", path, sizeof path));
}

static void
cgroup_path_survives_odd_texts(void **state)
{
    (void)state;
    const char *const odd[] = {
        "", "\n", ":", "0:", "0", "::", "1:cpu\n", "x\n"};
    char path[8];
    for (size_t i = 0; i < MILL_COUNT(odd); i++)
        assert_false(base__cgroup_path(odd[i], "cpu", path, sizeof path));
    assert_false(base__cgroup_path("0::/much/too/long", "", path, sizeof path));
    assert_true(base__cgroup_path("0::/..", "", path, sizeof path));
    assert_string_equal(path, "");
}

/* ---- CPUs ---------------------------------------------------------------- */

static void
no_files_are_no_limits(void **state)
{
    assert_int_equal(base__cgroup_cpus(*state), 0);
    assert_true(base__cgroup_left(*state) == UINT64_MAX);
    assert_true(base__machine_left(*state) == UINT64_MAX);
}

static void
v2_quota_is_rounded_up(void **state)
{
    put_self(*state, "0::/\n");
    put(*state, V2, "cpu.max", "150000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 2);
    put(*state, V2, "cpu.max", "200000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 2);
    put(*state, V2, "cpu.max", "1000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 1);
}

static void
max_and_nonsense_are_no_quota(void **state)
{
    const char *const texts[] = {"max 100000\n", "",     "100000\n", "5 0\n",
                                 "-1 100000\n",  "x y\n"};
    put_self(*state, "0::/\n");
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        put(*state, V2, "cpu.max", texts[i]);
        assert_int_equal(base__cgroup_cpus(*state), 0);
    }
}

static void
the_tightest_group_above_counts(void **state)
{
    put_self(*state, "0::/a/b/c\n");
    put(*state, V2 "/a/b/c", "cpu.max", "800000 100000\n");
    put(*state, V2 "/a/b", "cpu.max", "max 100000\n");
    put(*state, V2 "/a", "cpu.max", "300000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 3);
    put(*state, V2 "/other", "cpu.max", "100000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 3);
}

/* In a container without a namespace of its own for control groups. */
static void
a_path_that_is_not_there_ends_at_the_mount(void **state)
{
    put_self(*state, "0::/docker/0123\n");
    put(*state, V2, "cpu.max", "400000 100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 4);
    put_self(*state, "0::/../..\n");
    assert_int_equal(base__cgroup_cpus(*state), 4);
}

static void
v1_quota_counts_on_either_mount(void **state)
{
    put_self(*state, "4:cpu,cpuacct:/a\n0::/x\n");
    put(*state, V1_CPU "/a", "cpu.cfs_quota_us", "-1\n");
    put(*state, V1_CPU "/a", "cpu.cfs_period_us", "100000\n");
    assert_int_equal(base__cgroup_cpus(*state), 0);
    put(*state, V1_CPU "/a", "cpu.cfs_quota_us", "250000\n");
    assert_int_equal(base__cgroup_cpus(*state), 3);
    put(*state, V1_BOTH, "cpu.cfs_quota_us", "50000\n");
    put(*state, V1_BOTH, "cpu.cfs_period_us", "50000\n");
    assert_int_equal(base__cgroup_cpus(*state), 1);
}

/* ---- memory -------------------------------------------------------------- */

static void
machine_left_is_memavailable(void **state)
{
    put(*state, "/proc", "meminfo",
        "MemTotal: 900 kB\nMemFree:  1 kB\nMemAvailable:    512 kB\n");
    assert_int_equal(base__machine_left(*state), 512 * 1024);
}

static void
v2_left_is_the_least_above(void **state)
{
    put_self(*state, "0::/a/b\n");
    put(*state, V2 "/a/b", "memory.max", "max\n");
    put(*state, V2 "/a/b", "memory.current", "100\n");
    assert_true(base__cgroup_left(*state) == UINT64_MAX);
    put(*state, V2 "/a", "memory.max", "1000\n");
    put(*state, V2 "/a", "memory.current", "400\n");
    assert_int_equal(base__cgroup_left(*state), 600);
    put(*state, V2 "/a/b", "memory.max", "300\n");
    assert_int_equal(base__cgroup_left(*state), 200);
}

static void
idle_cache_is_not_used(void **state)
{
    put_self(*state, "0::/\n");
    put(*state, V2, "memory.max", "1000\n");
    put(*state, V2, "memory.current", "900\n");
    put(*state, V2, "memory.stat", "anon 200\ninactive_file 600\n");
    assert_int_equal(base__cgroup_left(*state), 700);
    put(*state, V2, "memory.stat", "inactive_file 5000\n");
    assert_int_equal(base__cgroup_left(*state), 1000);
}

static void
used_above_the_limit_leaves_nothing(void **state)
{
    put_self(*state, "0::/\n");
    put(*state, V2, "memory.max", "1000\n");
    put(*state, V2, "memory.current", "1001\n");
    assert_int_equal(base__cgroup_left(*state), 0);
}

static void
v1_left_counts_too(void **state)
{
    put_self(*state, "9:memory:/a\n4:cpu:/\n");
    put(*state, V1_MEM "/a", "memory.limit_in_bytes", "5000\n");
    put(*state, V1_MEM "/a", "memory.usage_in_bytes", "4000\n");
    put(*state, V1_MEM "/a", "memory.stat",
        "inactive_file 7\ntotal_inactive_file 500\n");
    put(*state, V1_MEM, "memory.limit_in_bytes", "9223372036854771712\n");
    put(*state, V1_MEM, "memory.usage_in_bytes", "8000\n");
    assert_int_equal(base__cgroup_left(*state), 1500);
}

/* ---- this machine -------------------------------------------------------- */

static void
this_machine_has_something(void **state)
{
    (void)state;
    assert_in_range(mill_cpu_count(), 1, sysconf(_SC_NPROCESSORS_CONF));
    uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES);
    uint64_t most = mill_u64_mul(pages, (uint64_t)sysconf(_SC_PAGESIZE));
    assert_in_range(mill_memory_available(), 1, most);
}

static void
the_clock_goes_forward(void **state)
{
    (void)state;
    const struct timespec nap = {.tv_nsec = 20000000};
    uint64_t wall = mill_now_ns();
    nanosleep(&nap, NULL);
    assert_true(mill_now_ns() - wall >= 20000000);
}

#define WITH_ROOT(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_root, drop_root)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_is_found_at_a_lines_begin),
        cmocka_unit_test(cgroup_path_is_the_controllers_own),
        cmocka_unit_test(cgroup_path_survives_odd_texts),
        WITH_ROOT(no_files_are_no_limits),
        WITH_ROOT(v2_quota_is_rounded_up),
        WITH_ROOT(max_and_nonsense_are_no_quota),
        WITH_ROOT(the_tightest_group_above_counts),
        WITH_ROOT(a_path_that_is_not_there_ends_at_the_mount),
        WITH_ROOT(v1_quota_counts_on_either_mount),
        WITH_ROOT(machine_left_is_memavailable),
        WITH_ROOT(v2_left_is_the_least_above),
        WITH_ROOT(idle_cache_is_not_used),
        WITH_ROOT(used_above_the_limit_leaves_nothing),
        WITH_ROOT(v1_left_counts_too),
        cmocka_unit_test(this_machine_has_something),
        cmocka_unit_test(the_clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
