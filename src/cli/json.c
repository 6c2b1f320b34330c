/* --json: an object a line for each image as it ends, then one for the whole.
 * Names of files are bytes; what is no UTF-8 in them is written as \udc80 to
 * \udcff, a byte each, from which readers can make the bytes again. Called from
 * one thread at a time. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

struct json {
    FILE *out;
    bool comma; /* something stands before in this object or array */
};

/* Bytes of the UTF-8 sequence at `at`, 0 when it is none. */
static unsigned
utf8_length(const unsigned char *at)
{
    unsigned n = at[0] < 0x80                     ? 1
                 : at[0] >= 0xC2 && at[0] <= 0xDF ? 2
                 : at[0] >= 0xE0 && at[0] <= 0xEF ? 3
                 : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                  : 0;

    for (unsigned i = 1; i < n; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* too long for what they say, surrogates, above the last */
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return n;
}

static void
put_string(FILE *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    fputc('"', out);
    while (*at) {
        unsigned n = utf8_length(at);
        if (!n)
            fprintf(out, "\\udc%02x", *at);
        else if (*at < 0x20 || *at == 0x7F)
            fprintf(out, "\\u%04x", *at);
        else if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else
            fwrite(at, 1, n, out);
        at += n ? n : 1;
    }
    fputc('"', out);
}

static void
put_key(struct json *json, const char *key)
{
    if (json->comma)
        fputc(',', json->out);
    json->comma = true;
    if (!key)
        return;
    put_string(json->out, key);
    fputc(':', json->out);
}

static void
put_open(struct json *json, const char *key, char bracket)
{
    put_key(json, key);
    fputc(bracket, json->out);
    json->comma = false;
}

static void
put_close(struct json *json, char bracket)
{
    fputc(bracket, json->out);
    json->comma = true;
}

/* NULL is null. */
static void
put_text(struct json *json, const char *key, const char *text)
{
    put_key(json, key);
    if (text)
        put_string(json->out, text);
    else
        fputs("null", json->out);
}

static void
put_number(struct json *json, const char *key, uint64_t number)
{
    put_key(json, key);
    fprintf(json->out, "%llu", (unsigned long long)number);
}

static void
put_flag(struct json *json, const char *key, bool flag)
{
    put_key(json, key);
    fputs(flag ? "true" : "false", json->out);
}

static void
put_ms(struct json *json, const char *key, uint64_t ns)
{
    put_key(json, key);
    fprintf(json->out, "%.3f", (double)ns / 1e6);
}

/* ---- one image ----------------------------------------------------------- */

static void
put_source(struct json *json, const struct mill_facts *facts)
{
    put_open(json, "source", '{');
    put_text(json, "format", facts->format);
    put_number(json, "w", facts->w);
    put_number(json, "h", facts->h);
    put_number(json, "channels", facts->channels);
    put_number(json, "depth", facts->depth);
    put_text(json, "colour", facts->colour);
    put_text(json, "sampling", facts->sampling);
    put_flag(json, "alpha", facts->alpha);
    put_flag(json, "palette", facts->palette);
    put_flag(json, "interlaced", facts->interlaced);
    put_number(json, "orientation", facts->orientation);
    put_number(json, "frames", facts->frames);
    put_number(json, "icc_bytes", facts->icc_bytes);
    put_number(json, "exif_bytes", facts->exif_bytes);
    put_number(json, "xmp_bytes", facts->xmp_bytes);
    put_text(json, "reader", facts->own ? "own" : "library");
    put_close(json, '}');
}

static void
put_outputs(struct json *json, const struct cli__session *session,
            const struct mill_job *job)
{
    const struct mill_result *result = &job->result;
    uint32_t n = job->end == MILL_END_DONE ? result->n_outputs : 0;

    put_open(json, "outputs", '[');
    for (uint32_t i = 0; i < n && i < MILL_OUTPUTS; i++) {
        char *path = cli__target_path(session, job->index);
        put_open(json, NULL, '{');
        put_text(json, "path", path ? path : "-");
        put_number(json, "w", result->out[i].w);
        put_number(json, "h", result->out[i].h);
        put_text(json, "format", result->out[i].format);
        put_number(json, "bytes", job->written_bytes);
        put_close(json, '}');
        free(path);
    }
    put_close(json, ']');
}

static void
put_times(struct json *json, const struct mill_job *job)
{
    put_open(json, "ms", '{');
    put_ms(json, "read", job->read_ns);
    put_ms(json, "decode", job->result.decode_ns);
    put_ms(json, "filter", job->result.filter_ns);
    put_ms(json, "encode", job->result.encode_ns);
    put_ms(json, "write", job->write_ns);
    put_close(json, '}');
}

static void
put_notes(struct json *json, uint32_t notes)
{
    static const struct cli__word words[] = {
        {"icc-dropped", MILL_NOTE_ICC_DROPPED},
        {"exif-dropped", MILL_NOTE_EXIF_DROPPED},
        {"xmp-dropped", MILL_NOTE_XMP_DROPPED},
        {"shrunk", MILL_NOTE_SHRUNK},
        {"oriented", MILL_NOTE_ORIENTED},
        {"salvaged", MILL_NOTE_SALVAGED},
        {"library", MILL_NOTE_LIBRARY},
        {NULL, 0},
    };

    put_open(json, "notes", '[');
    for (const struct cli__word *word = words; word->word; word++)
        if (notes & word->value)
            put_text(json, NULL, word->word);
    put_close(json, ']');
}

/* A job that was left never met an error of its own. */
static const char *
cause_word(const struct mill_job *job)
{
    bool left = job->end == MILL_END_LEFT;

    return mill_status_word(left ? (int)MILL_STOPPED : job->err.status);
}

static const char *
end_word(enum mill_end end)
{
    switch (end) {
    case MILL_END_DONE:
        return "done";
    case MILL_END_SKIPPED:
        return "skipped";
    case MILL_END_LEFT:
        return "left";
    default:
        return "failed";
    }
}

static void
end_line(struct cli__session *session)
{
    fputs("}\n", session->json);
    cli__results_flush(session, session->json);
}

void
cli__json_job(struct cli__session *session, const struct mill_job *job)
{
    struct json json = {session->json, false};

    if (!session->json)
        return;
    fputc('{', json.out);
    put_text(&json, "in", job->path);
    put_text(&json, "status", end_word(job->end));
    if (job->end != MILL_END_DONE) {
        put_text(&json, "cause", cause_word(job));
        put_text(&json, "message", job->err.text);
    }
    if (job->end == MILL_END_DONE && job->result.damage[0])
        put_text(&json, "damage", job->result.damage);
    put_outputs(&json, session, job);
    put_number(&json, "in_bytes",
               job->n_bytes ? job->n_bytes : job->file_bytes);
    put_source(&json, &job->result.facts);
    put_times(&json, job);
    put_key(&json, "worker");
    fprintf(json.out, "%d", job->worker);
    put_number(&json, "attempts", job->attempts);
    put_notes(&json, job->result.notes);
    put_number(&json, "warnings", job->result.warnings);
    end_line(session);
}

/* ---- the whole ----------------------------------------------------------- */

void
cli__json_summary(struct cli__session *session,
                  const struct mill_counts *counts, const char *why,
                  int exit_code)
{
    struct json json = {session->json, false};

    if (!session->json)
        return;
    fputc('{', json.out);
    put_open(&json, "summary", '{');
    put_number(&json, "listed", counts->listed);
    put_number(&json, "done", counts->done);
    put_number(&json, "skipped", counts->skipped);
    put_number(&json, "failed", counts->failed);
    put_number(&json, "left", counts->left);
    put_number(&json, "resumed", counts->resumed);
    put_number(&json, "ignored", session->list.n_ignored);
    put_number(&json, "salvaged", counts->salvaged);
    put_number(&json, "in_bytes", counts->in_bytes);
    put_number(&json, "out_bytes", counts->out_bytes);
    put_ms(&json, "ms", counts->now_ns - counts->started_ns);
    put_text(&json, "stopped", why);
    put_number(&json, "exit", (uint64_t)exit_code);
    put_close(&json, '}');
    end_line(session);
}
