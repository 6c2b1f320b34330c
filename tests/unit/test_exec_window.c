/* exec's windows: what one side writes the other sees, how the in half grows,
 * and what limits of files and memory leave of it. */
#include "exec_fake.h"

#include "exec/window.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { K = 1 << 10, M = 1 << 20 };

static const struct window_size SIZE = {.in = 4 * M, .out = 64 * K};

static void
sizes_are_whole_pages(void **state)
{
    struct window_size none = exec__window_size(0, 1);
    struct window_size small = exec__window_size(1, 1);
    struct window_size large = exec__window_size(UINT64_MAX, UINT32_MAX);
    struct window_size odd = exec__window_size(2 * M + 1, 64 * K);
    (void)state;
    assert_int_equal(none.in, 64 * K);
    assert_int_equal(small.in, 64 * K);
    assert_int_equal(small.out, 64 * K);
    assert_int_equal(large.in, INT32_MAX / (64 * K) * (64 * K));
    assert_int_equal(large.out, large.in);
    assert_int_equal(odd.in, 2 * M + 64 * K);
    assert_int_equal(odd.out, 64 * K);
}

static uint64_t
bytes_held(const struct window *window)
{
    struct stat stat;
    assert_int_equal(fstat(window->fd, &stat), 0);
    assert_int_equal(stat.st_size, SIZE.in + SIZE.out);
    return (uint64_t)stat.st_blocks * 512;
}

static void
the_in_half_grows_and_stays(void **state)
{
    struct window window;
    struct mill_err err;
    (void)state;
    assert_int_equal(exec__window_open(&window, SIZE, &err), MILL_OK);
    uint64_t born = bytes_held(&window);
    assert_true(born >= SIZE.out && born <= SIZE.out + 64 * K);
    assert_int_equal(exec__window_in(&window, SIZE, 0), 0);
    assert_int_equal(exec__window_in(&window, SIZE, 100), 100);
    assert_int_equal(bytes_held(&window), born);
    assert_int_equal(exec__window_in(&window, SIZE, M + 1), M + 1);
    uint64_t grown = bytes_held(&window);
    assert_true(grown > M + SIZE.out && grown < M + SIZE.out + 256 * K);
    memset(window.in, 1, M + 1);
    assert_int_equal(exec__window_in(&window, SIZE, 5 * M), SIZE.in);
    assert_int_equal(bytes_held(&window), SIZE.in + SIZE.out);
    assert_int_equal(exec__window_in(&window, SIZE, 3), 3);
    assert_int_equal(bytes_held(&window), SIZE.in + SIZE.out);
    exec__window_close(&window, SIZE);
    exec__window_close(&window, SIZE);
}

/* Without its descriptor it cannot have more pages. */
static void
without_memory_there_is_what_there_was(void **state)
{
    struct window window;
    struct mill_err err;
    (void)state;
    assert_int_equal(exec__window_open(&window, SIZE, &err), MILL_OK);
    close(window.fd);
    window.fd = -1;
    assert_int_equal(exec__window_in(&window, SIZE, M), 64 * K);
    assert_int_equal(exec__window_in(&window, SIZE, 7), 7);
    exec__window_close(&window, SIZE);
}

static void
its_size_is_for_ever(void **state)
{
    struct window window;
    struct mill_err err;
    (void)state;
    assert_int_equal(exec__window_open(&window, SIZE, &err), MILL_OK);
    assert_int_equal(ftruncate(window.fd, 4096), -1);
    assert_int_equal(ftruncate(window.fd, 8 * M), -1);
    assert_int_equal(fcntl(window.fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    assert_int_equal(fcntl(window.fd, F_GET_SEALS),
                     F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    exec__window_close(&window, SIZE);
}

/* A worker's exit code: 1 when it does not see what it should; it dies when it
 * writes into the in half. */
static void
work(int fd, bool write_in)
{
    struct window mine;
    if (!exec__window_show(&mine, SIZE, fd) || mine.in[70 * K] != 7)
        _exit(1);
    mine.out[SIZE.out - 1] = 9;
    if (write_in)
        ((volatile uint8_t *)mine.in)[0] = 1;
    _exit(0);
}

static int
end_of_worker(bool write_in)
{
    struct window window;
    struct mill_err err;
    int status;
    assert_int_equal(exec__window_open(&window, SIZE, &err), MILL_OK);
    assert_int_equal(exec__window_in(&window, SIZE, M), M);
    window.in[70 * K] = 7;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        work(dup(window.fd), write_in);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(window.out[SIZE.out - 1], 9);
    exec__window_close(&window, SIZE);
    return status;
}

static void
both_sides_see_it(void **state)
{
    (void)state;
    assert_int_equal(end_of_worker(false), 0);
    int status = end_of_worker(true);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
}

/* In a child with that limit: how much of an in half of 4 MiB there is room
 * for, in units of 64 KiB; 255: for no window, said in the right words. */
static int
room_with_limit(rlim_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    struct window_size size = SIZE;
    struct window window;
    struct mill_err err = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 254;
    if (exec__window_fit(&size, &err) != MILL_OK)
        return strstr(err.text, "(ulimit -f)") ? 255 : 253;
    if (exec__window_open(&window, size, &err) != MILL_OK ||
        exec__window_in(&window, size, 4 * M) != size.in)
        return 252;
    return (int)(size.in / (64 * K));
}

static void
a_limit_of_files_is_kept(void **state)
{
    static const struct {
        rlim_t bytes;
        int room;
    } cases[] = {
        {RLIM_INFINITY, 64},
        {4 * M + 64 * K, 64},
        {4 * M + 64 * K - 1, 63},
        {M, 15},
        {200 * K, 2},
        {128 * K, 1},
        {128 * K - 1, 255},
        {0, 255},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(room_with_limit(cases[i].bytes));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), cases[i].room);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_whole_pages),
        cmocka_unit_test(the_in_half_grows_and_stays),
        cmocka_unit_test(without_memory_there_is_what_there_was),
        cmocka_unit_test(its_size_is_for_ever),
        cmocka_unit_test(both_sides_see_it),
        cmocka_unit_test(a_limit_of_files_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
