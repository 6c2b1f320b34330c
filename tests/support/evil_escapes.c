/* Ways out of a worker, as the evil codec takes them. They do real harm where
 * they are let: that is how a test sees it. They know how a worker is made: its
 * socket is descriptor 3, and with --jobs-per-worker 1 its job's serial is 1.
 */
#include "evil_escapes.h"

#include "exec/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKET = 3, PASSED = 250, PASSES = 20, PAGE = 4096 };

static enum mill_status
end(int got, const char *what, struct mill_err *err)
{
    if (got >= 0)
        return mill_fail(err, MILL_INTERNAL, "could %s", what);
    return mill_fail(err, MILL_DAMAGED, "cannot %s: %s", what,
                     strerrorname_np(errno));
}

enum mill_status
evil_open(const char *folder, struct mill_err *err)
{
    static const char names[][16] = {"evil-was-here", "evil-was-there"};
    char path[128];
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
        return end(0, "read a file", err);
    if (chmod(folder, 0700) == 0 || truncate(folder, 0) == 0)
        return end(0, "change a folder", err);
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0 || mkdir(path, 0700) == 0 || symlink("evil", path) == 0)
            return end(0, "write a file", err);
    }
    return end(-1, "open a file", err);
}

enum mill_status
evil_socket(const char *argument, struct mill_err *err)
{
    int pair[2];
    (void)argument;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ||
        socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        return end(0, "make a socket", err);
    return end(socket(AF_INET, SOCK_STREAM, 0), "make a socket", err);
}

enum mill_status
evil_exec(const char *argument, struct mill_err *err)
{
    char *words[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};
    (void)argument;
    return end(execv("/bin/sleep", words), "run a program", err);
}

enum mill_status
evil_fork(const char *argument, struct mill_err *err)
{
    pid_t pid = fork();
    (void)argument;
    while (pid == 0)
        pause();
    return end(pid, "fork", err);
}

/* Only asks whether it might: where it may, the parent need not be of us. */
enum mill_status
evil_kill_parent(const char *argument, struct mill_err *err)
{
    (void)argument;
    return end(kill(getppid(), 0), "kill its parent", err);
}

/* Empty parts, without end and without a look at the answers. */
enum mill_status
evil_flood(const char *argument, struct mill_err *err)
{
    struct wire_message part = {.kind = WIRE_PART, .serial = 1};
    (void)argument;
    while (exec__wire_send(SOCKET, &part, 0, NULL, 0))
        continue;
    return end(0, "flood its mill", err);
}

/* A part without a byte, and with it the socket, over and over. */
static int
pass(void)
{
    struct wire_message part = {.kind = WIRE_PART, .serial = 1};
    struct iovec bytes = {&part, sizeof part};
    char *control = calloc(1, CMSG_SPACE(PASSED * sizeof(int)));
    struct msghdr head = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (control == NULL)
        return -1;
    head.msg_control = control;
    head.msg_controllen = CMSG_SPACE(PASSED * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(PASSED * sizeof(int));
    for (size_t i = 0; i < PASSED; i++)
        memcpy(CMSG_DATA(rights) + i * sizeof(int), &(int){SOCKET},
               sizeof(int));
    ssize_t sent = sendmsg(SOCKET, &head, 0);
    int sys = errno;
    free(control);
    errno = sys;
    return sent < 0 ? -1 : 0;
}

enum mill_status
evil_fdpass(const char *argument, struct mill_err *err)
{
    struct wire_message answer;
    (void)argument;
    for (int i = 0; i < PASSES; i++) {
        if (pass() != 0)
            return end(-1, "pass descriptors", err);
        exec__wire_receive(SOCKET, &answer, 0, NULL, 0);
    }
    return end(0, "pass descriptors", err);
}

/* Memory that it never asked for, a megabyte after the other. */
enum mill_status
evil_grab(const char *argument, struct mill_err *err)
{
    const size_t step = 1 << 20;
    size_t n = strtoull(argument, NULL, 10), got = 0;
    for (; got < n; got += step) {
        void *at = mmap(NULL, step, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
            return end(-1, "grab memory", err);
    }
    return end(0, "grab memory", err);
}

/* ---- remember ------------------------------------------------------------ */

static bool
is_window(const int ends[2], uintptr_t at)
{
    static const char head[] = "EVIL remember";
    char got[sizeof head];
    return write(ends[1], (const void *)at, sizeof got) == sizeof got &&
           read(ends[0], got, sizeof got) == sizeof got &&
           memcmp(got, head, sizeof head - 1) == 0;
}

/* The window is found by what stands at its head: this image. It was mapped
 * early, so it is above what is mapped now, and not far away. A pipe tells what
 * can be read without a fault. */
static uint8_t *
find_window(void)
{
    const uintptr_t far = (uintptr_t)1 << 28;
    uintptr_t here = (uintptr_t)mmap(NULL, PAGE, PROT_READ,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *found = NULL;
    int ends[2];
    if (pipe(ends) != 0)
        return NULL;
    for (uintptr_t n = 0; !found && n < far; n += PAGE) {
        if (is_window(ends, here + n))
            found = (uint8_t *)(here + n);
        else if (is_window(ends, here - n))
            found = (uint8_t *)(here - n);
    }
    close(ends[0]);
    close(ends[1]);
    return found;
}

struct memory {
    uint8_t *window;
    size_t half;
    uint8_t seen; /* what it read */
};

/* Both halves, for as long as the worker lives. */
static void *
scribble(void *arg)
{
    struct memory *memory = arg;
    volatile uint8_t *at = memory->window;
    for (;;)
        for (size_t i = 0; i < 2 * memory->half; i += 61) {
            memory->seen += at[i] + 1; /* and not what undoes itself */
            at[i] = memory->seen;
        }
    return NULL;
}

enum mill_status
evil_remember(const char *half, struct mill_err *err)
{
    struct memory *memory = calloc(1, sizeof *memory);
    pthread_t thread;
    if (memory == NULL)
        return mill_fail(err, MILL_MEMORY, "no room for its memory");
    memory->half = strtoull(half, NULL, 10);
    memory->window = find_window();
    if (memory->window == NULL ||
        pthread_create(&thread, NULL, scribble, memory) != 0)
        return mill_fail(err, MILL_INTERNAL, "remembers nothing");
    return MILL_OK;
}
