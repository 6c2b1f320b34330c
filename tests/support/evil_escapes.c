/* Ways out of a worker, as the evil codec takes them. They do real harm where
 * they are let: that is how a test sees it. They know how a worker is made: its
 * socket is descriptor 3, and with --jobs-per-worker 1 its job's serial is 1.
 */
#include "evil_escapes.h"

#include "exec/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
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

/* The bare call: a sanitizer's write reports memory that is its own. */
static bool
begins(const int ends[2], uintptr_t at, struct mill_bytes head)
{
    char got[16];
    return syscall(SYS_write, ends[1], at, head.n) == (long)head.n &&
           read(ends[0], got, head.n) == (ssize_t)head.n &&
           memcmp(got, head.at, head.n) == 0;
}

/* The page at whose start this stands. The window was mapped early, so it is
 * above what is mapped now, and not far away. A pipe tells what can be read
 * without a fault. */
static uint8_t *
find_page(struct mill_bytes head)
{
    const uintptr_t far = (uintptr_t)1 << 28;
    uintptr_t here = (uintptr_t)mmap(NULL, PAGE, PROT_READ,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *found = NULL;
    int ends[2];
    if (pipe(ends) != 0)
        return NULL;
    for (uintptr_t n = 0; !found && n < far; n += PAGE) {
        if (begins(ends, here + n, head))
            found = (uint8_t *)(here + n);
        else if (begins(ends, here - n, head))
            found = (uint8_t *)(here - n);
    }
    close(ends[0]);
    close(ends[1]);
    return found;
}

struct memory {
    uint8_t *in, *out; /* the window's halves */
    size_t n;          /* bytes of each */
    uint8_t seen;      /* what it read */
    atomic_bool began; /* all is spoilt once */
};

/* That it races with what works there is its purpose. */
__attribute__((no_sanitize("thread"))) static void
spoil(struct memory *memory, volatile uint8_t *half)
{
    for (size_t i = 0; i < memory->n; i += 61) {
        memory->seen += half[i] + 1; /* and not what undoes itself */
        half[i] = memory->seen;
    }
}

/* For as long as the worker lives. */
static void *
scribble(void *arg)
{
    struct memory *memory = arg;
    for (;;) {
        spoil(memory, memory->in);
        spoil(memory, memory->out);
        memory->began = true;
    }
    return NULL;
}

/* By what stands at their heads: this image, and the PNG that is made of it. */
static bool
find_window(struct memory *memory)
{
    static const char image[] = "EVIL half", png[] = "\x89PNG\r\n\x1a\n";
    memory->in = find_page(
        (struct mill_bytes){(const uint8_t *)image, sizeof image - 1});
    memory->out =
        find_page((struct mill_bytes){(const uint8_t *)png, sizeof png - 1});
    return memory->in != NULL && memory->out != NULL;
}

enum mill_status
evil_remember(const char *n, struct mill_err *err)
{
    struct memory *memory = calloc(1, sizeof *memory);
    pthread_t thread;
    if (memory == NULL)
        return mill_fail(err, MILL_MEMORY, "no room for its memory");
    memory->n = strtoull(n, NULL, 10);
    if (!find_window(memory))
        return mill_fail(err, MILL_INTERNAL, "does not find its window");
    if (mprotect(memory->in, memory->n, PROT_READ | PROT_WRITE) != 0)
        return end(-1, "write where it reads", err);
    errno = pthread_create(&thread, NULL, scribble, memory);
    if (errno != 0)
        return end(-1, "keep a thread", err);
    while (!memory->began)
        sched_yield();
    return MILL_OK;
}
