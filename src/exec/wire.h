/* wire: what mill, nursery and workers say to each other: one fixed struct over
 * SEQPACKET sockets, never a pointer in it. */
#ifndef EXEC_WIRE_H
#define EXEC_WIRE_H

#include <imgmill/base.h>

enum wire_kind {
    WIRE_SPAWN = 1, /* mill -> nursery, with a window: fork a worker */
    WIRE_BORN,      /* nursery -> mill: status; when ok: socket and pidfd */
    WIRE_DIED,      /* nursery -> mill: n is what waitpid gave */
    WIRE_HELLO,     /* worker -> mill: status of the task's begin and of the
                       sandbox, err; total: the sandbox's layers */
    WIRE_JOB,       /* mill -> worker: total bytes, the first n are there, or
                       with a descriptor: all are in that file */
    WIRE_DATA,      /* mill -> worker: the next n are there */
    WIRE_GO,        /* both ways: go on */
    WIRE_NO,        /* mill -> worker: no, err says why */
    WIRE_NEED,      /* worker -> mill: total bytes of work memory */
    WIRE_PART,      /* worker -> mill: n bytes of output */
    WIRE_DONE,      /* worker -> mill: status, err, result, n last bytes */
    WIRE_KINDS
};

/* Always set whole, {0} first. */
struct wire_message {
    uint32_t kind;   /* enum wire_kind */
    uint32_t serial; /* which of this worker's jobs it belongs to */
    uint32_t output;
    uint32_t n; /* bytes in the half of the window */
    int32_t status;
    uint64_t total;
    uint64_t most;    /* of a WIRE_JOB: bytes, as in struct mill_desk */
    uint64_t held;    /* the same */
    uint32_t threads; /* the same */
    struct mill_err err;
    struct mill_result result;
};

/* Where a worker stands, as its lane sees it. In all other moments nothing that
 * it says is legal. */
enum wire_state { WIRE_AT_BIRTH, WIRE_FEEDING, WIRE_RUNNING };

/* One message, with up to two descriptors. False with errno set when the other
 * end is gone (EPIPE) or does not read (EAGAIN with MSG_DONTWAIT in flags). */
bool exec__wire_send(int socket, const struct wire_message *message, int flags,
                     const int *fds, unsigned n_fds);

/* 1: a message, and fds[0..n_fds) filled with what came along, -1 for none.
 * 0: the other end was closed. -1: errno; EPROTO for what is no message. With
 * n_fds 0 descriptors that come along are dropped. */
int exec__wire_receive(int socket, struct wire_message *message, int flags,
                       int *fds, unsigned n_fds);

/* What is wrong with a worker's message, in words; NULL: it is legal in this
 * state. All its numbers are then within their ranges. half: bytes of one half
 * of the window. */
const char *exec__wire_fault(enum wire_state state,
                             const struct wire_message *message,
                             uint32_t serial, uint32_t half);

/* Text in n bytes that ends in them and has no control characters. */
void exec__text_clean(char *text, size_t n);

/* Makes a result that crossed from a worker safe to read and to print: strings
 * end and have no control characters, bools are bools. */
void exec__wire_clean(struct mill_result *result);

/* Waits up to timeout_ms until the descriptor is readable (a socket, a pidfd,
 * an eventfd); false when it is not. */
bool exec__wire_wait(int fd, int timeout_ms);

#endif
