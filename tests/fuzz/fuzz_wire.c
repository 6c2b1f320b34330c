/* Any words of a worker: the lane's half of the exchange hears messages that
 * the bytes make, one after another, and must end with a verdict or find the
 * nonsense out; what it then holds is safe to read and within its limits. The
 * socket alone is not real: talk.c calls the three functions of hire.h that
 * are here. */
#include "exec/talk.h"

#include <string.h>

#include "fuzz.h"

enum { HALF = 64, INPUT_BYTES = 150, WORK = 4096 };

/* kind, flags, output, status, n (2 bytes), total (2 bytes), then a place (2)
 * and a number of bytes that are poked in there. */
enum { RECORD_BYTES = 11 };

enum { WRONG_SERIAL = 1 };

struct script {
    struct worker worker; /* first: the lane hands it back to us */
    const uint8_t *at;
    size_t n;
};

bool
exec__worker_idle(const struct worker *worker)
{
    (void)worker;
    return true;
}

enum news
exec__worker_tell(struct worker *worker, const struct wire_message *message,
                  int fd, const char **fault)
{
    (void)worker, (void)fd, (void)fault;
    FUZZ_HOLDS(message->n <= HALF);
    return NEWS_MESSAGE;
}

static void
next_message(struct script *script, struct wire_message *message)
{
    const uint8_t *at = script->at;
    size_t place = (at[8] | (size_t)at[9] << 8) % sizeof *message;
    size_t n = at[10];
    *message = (struct wire_message){
        .kind = at[0],
        .serial = script->worker.serial + (at[1] & WRONG_SERIAL),
        .output = at[2],
        .status = (int8_t)at[3],
        .n = (uint32_t)(at[4] | at[5] << 8),
        .total = (uint64_t)(at[6] | at[7] << 8),
    };
    script->at += RECORD_BYTES;
    script->n -= RECORD_BYTES;
    n = n < script->n ? n : script->n;
    n = n < sizeof *message - place ? n : sizeof *message - place;
    memcpy((char *)message + place, script->at, n);
    script->at += n;
    script->n -= n;
}

enum news
exec__worker_hear(struct worker *worker, enum wire_state state,
                  struct deadline *deadline, struct wire_message *message,
                  const char **fault)
{
    struct script *script = (struct script *)worker;
    (void)deadline;
    if (script->n < RECORD_BYTES)
        return NEWS_DEATH;
    next_message(script, message);
    *fault = exec__wire_fault(state, message, worker->serial, HALF);
    return *fault ? NEWS_NONSENSE : NEWS_MESSAGE;
}

/* ---- what must hold ------------------------------------------------------ */

static void
hold_text(const char *text, size_t n)
{
    size_t length = strnlen(text, n);
    FUZZ_HOLDS(length < n);
    for (size_t i = 0; i < length; i++)
        FUZZ_HOLDS((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void
hold_bool(const bool *flag)
{
    unsigned char byte;
    memcpy(&byte, flag, 1);
    FUZZ_HOLDS(byte < 2);
}

static void
hold_result(const struct mill_result *result)
{
    const struct mill_facts *facts = &result->facts;
    hold_text(facts->format, sizeof facts->format);
    hold_text(facts->colour, sizeof facts->colour);
    hold_text(facts->sampling, sizeof facts->sampling);
    hold_text(result->damage, sizeof result->damage);
    hold_bool(&facts->alpha);
    hold_bool(&facts->palette);
    hold_bool(&facts->interlaced);
    FUZZ_HOLDS(result->n_outputs <= MILL_OUTPUTS);
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        hold_text(result->out[i].format, sizeof result->out[i].format);
}

static void
hold(const struct talk *talk, enum news news)
{
    size_t written = 0;
    for (unsigned i = 0; i < MILL_OUTPUTS; i++)
        written += talk->job->outputs[i].n;
    FUZZ_HOLDS(written <= WORK + talk->exec->options.lane_bytes);
    FUZZ_HOLDS(talk->taken <= WORK);
    FUZZ_HOLDS(news == NEWS_MESSAGE || news == NEWS_DEATH || talk->fault);
    if (news != NEWS_MESSAGE)
        return;
    FUZZ_HOLDS(talk->err.status >= 0 && talk->err.status < MILL_STATUSES);
    hold_text(talk->err.text, sizeof talk->err.text);
    hold_result(&talk->job->result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    static const struct exec_house house = {.window = {HALF, HALF}};
    uint8_t window[2 * HALF] = {0}, input[INPUT_BYTES] = {0};
    struct script script = {
        .worker = {.house = &house,
                   .window = {window, window + HALF, HALF, -1},
                   .socket = -1},
        .at = at,
        .n = n};
    struct mill_exec exec = {.options = {.lanes = 1, .lane_bytes = 256}};
    struct mill_lanes lanes = {.work = mill_budget_new(WORK)};
    struct mill_slots *slots = mill_slots_new(1, 1 << 16);
    struct mill_job job = {.n_bytes = n ? at[0] % INPUT_BYTES : 0};
    struct talk talk = {
        .exec = &exec, .lanes = &lanes, .job = &job, .worker = &script.worker};
    FUZZ_HOLDS(lanes.work && slots && mill_slots_take(slots, &job, 0));
    job.bytes = input;
    hold(&talk, exec__talk(&talk));
    job.bytes = NULL;
    mill_budget_give(lanes.work, talk.taken);
    mill_slots_give(&job);
    mill_slots_free(slots);
    mill_budget_free(lanes.work);
    return 0;
}
