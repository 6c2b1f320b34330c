/* wire: sending, receiving and judging messages. The mill judges what workers
 * say with exec__wire_fault and exec__wire_clean before it looks at anything
 * else; workers and nursery trust the mill. The calls that can carry
 * descriptors are used only where some are: a worker in its sandbox can be
 * given one, and has not got the call that sends. No state here, any process.
 */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_FDS = 2 };

union ancillary {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
};

bool
exec__wire_send(int socket, const struct wire_message *message, int flags,
                const int *fds, unsigned n_fds)
{
    struct wire_message copy = *message;
    struct iovec part = {&copy, sizeof copy};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    union ancillary extra;
    ssize_t sent;
    flags |= MSG_NOSIGNAL;
    if (n_fds > 0) {
        memset(&extra, 0, sizeof extra);
        head.msg_control = extra.bytes;
        head.msg_controllen = CMSG_SPACE(n_fds * sizeof *fds);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(n_fds * sizeof *fds);
        memcpy(CMSG_DATA(rights), fds, n_fds * sizeof *fds);
    }
    do
        sent = n_fds > 0 ? sendmsg(socket, &head, flags)
                         : send(socket, &copy, sizeof copy, flags);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof copy;
}

/* What came along and fits is the caller's. */
static void
take_fds(struct msghdr *head, int *fds, unsigned n_fds)
{
    for (unsigned i = 0; i < n_fds; i++)
        fds[i] = -1;
    struct cmsghdr *rights = n_fds > 0 ? CMSG_FIRSTHDR(head) : NULL;
    if (rights == NULL || rights->cmsg_level != SOL_SOCKET ||
        rights->cmsg_type != SCM_RIGHTS)
        return;
    size_t n = (rights->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(rights), (n < n_fds ? n : n_fds) * sizeof *fds);
}

int
exec__wire_receive(int socket, struct wire_message *message, int flags,
                   int *fds, unsigned n_fds)
{
    struct iovec part = {message, sizeof *message};
    union ancillary extra;
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_fds > 0) {
        head.msg_control = extra.bytes;
        head.msg_controllen = CMSG_SPACE(n_fds * sizeof *fds);
    }
    ssize_t got;
    flags |= MSG_TRUNC;
    do
        got = n_fds > 0 ? recvmsg(socket, &head, flags | MSG_CMSG_CLOEXEC)
                        : recv(socket, message, sizeof *message, flags);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == ECONNRESET ? 0 : -1;
    take_fds(&head, fds, n_fds);
    if (got == 0)
        return 0;
    if (got == (ssize_t)sizeof *message)
        return 1;
    errno = EPROTO;
    return -1;
}

const char *
exec__wire_fault(enum wire_state state, const struct wire_message *message,
                 uint32_t serial, uint32_t half)
{
    static const uint32_t legal[] = {
        [WIRE_AT_BIRTH] = 1u << WIRE_HELLO,
        [WIRE_FEEDING] = 1u << WIRE_GO | 1u << WIRE_DONE,
        [WIRE_RUNNING] = 1u << WIRE_NEED | 1u << WIRE_PART | 1u << WIRE_DONE,
    };
    if (message->kind == 0 || message->kind >= WIRE_KINDS)
        return "no known message";
    if ((legal[state] >> message->kind & 1) == 0)
        return "a message out of turn";
    if (message->serial != serial)
        return "an answer to another image";
    if (message->n > half)
        return "more bytes than its window has";
    if (message->output >= MILL_OUTPUTS ||
        message->result.n_outputs > MILL_OUTPUTS)
        return "an output that no image has";
    return NULL;
}

void
exec__text_clean(char *text, size_t n)
{
    text[n - 1] = '\0';
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
}

/* Any byte may stand where a bool should: it is looked at as a byte. */
static void
clean_bool(bool *flag)
{
    unsigned char byte;
    memcpy(&byte, flag, 1);
    *flag = byte != 0;
}

void
exec__wire_clean(struct mill_result *result)
{
    struct mill_facts *facts = &result->facts;
    exec__text_clean(facts->format, sizeof facts->format);
    exec__text_clean(facts->colour, sizeof facts->colour);
    exec__text_clean(facts->sampling, sizeof facts->sampling);
    clean_bool(&facts->alpha);
    clean_bool(&facts->palette);
    clean_bool(&facts->interlaced);
    clean_bool(&facts->own);
    exec__text_clean(result->damage, sizeof result->damage);
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        exec__text_clean(result->out[i].format, sizeof result->out[i].format);
}

bool
exec__wire_wait(int fd, int timeout_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    uint64_t end_ns = mill_now_ns() + (uint64_t)timeout_ms * 1000000u;
    int n;
    while ((n = poll(&one, 1, timeout_ms)) < 0 && errno == EINTR) {
        uint64_t now_ns = mill_now_ns();
        timeout_ms = now_ns < end_ns ? (int)((end_ns - now_ns) / 1000000u) : 0;
    }
    return n > 0;
}
