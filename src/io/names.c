/* What outputs are called: a template and an input's relative path give a path
 * below the output folder. Before the batch starts, on one thread; pure, it
 * looks at no file.
 *
 *     "2019/may/a.JPG"  →  dir "2019/may", stem "a", srcext "JPG"
 *
 * A template is read from left to right; words in braces are put in. An empty
 * word takes the sign beside it along, so that no empty component and no dot at
 * an end is left: the '/' behind {dir}, the '.' before {srcext}. What comes out
 * is checked as a whole, so no mixture of template and input leads out of the
 * output folder. */
#include <imgmill/io.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { COMPONENT_MOST = NAME_MAX };

struct text {
    const char *at;
    size_t n;
};

/* What a template may name. */
struct words {
    struct text dir, stem, srcext, ext;
};

static struct text
text_of(const char *at, size_t n)
{
    return (struct text){at, n};
}

/* Dots at the start of a base name belong to the stem. */
static struct words
words_of(const char *relative, const char *ext, bool keep_ext, bool flat)
{
    struct words words = {.ext = text_of(ext, strlen(ext))};
    const char *slash = strrchr(relative, '/');
    const char *base = slash == NULL ? relative : slash + 1;
    const char *dot = strrchr(base + strspn(base, "."), '.');
    size_t stem = dot == NULL ? strlen(base) : (size_t)(dot - base);

    if (slash != NULL && !flat)
        words.dir = text_of(relative, (size_t)(slash - relative));
    words.stem = text_of(base, stem);
    if (dot != NULL)
        words.srcext = text_of(dot + 1, strlen(dot + 1));
    if (keep_ext && words.srcext.n > 0)
        words.ext = words.srcext;
    return words;
}

/* ---- putting words in ---------------------------------------------------- */

static enum mill_status
append(struct mill_buffer *out, const char *at, size_t n, struct mill_err *err)
{
    if (mill_buffer_append(out, at, n))
        return MILL_OK;
    return mill_fail(err, MILL_MEMORY, "names");
}

static bool
word_find(const struct words *words, struct text name, struct text *value)
{
    const struct {
        const char *name;
        struct text value;
    } known[] = {{"dir", words->dir},
                 {"stem", words->stem},
                 {"srcext", words->srcext},
                 {"ext", words->ext}};

    for (size_t i = 0; i < MILL_COUNT(known); i++) {
        if (strlen(known[i].name) != name.n ||
            memcmp(known[i].name, name.at, name.n) != 0)
            continue;
        *value = known[i].value;
        return true;
    }
    return false;
}

/* An empty word was put in before *rest: no sign is left without it. */
static void
close_gap(struct mill_buffer *out, const char **rest)
{
    bool at_start = out->n == 0 || out->at[out->n - 1] == '/';

    if (at_start && **rest == '/')
        ++*rest;
    else if (!at_start && out->at[out->n - 1] == '.')
        out->n--;
}

/* *rest stands behind a '{'; it is moved behind the '}'. */
static enum mill_status
put_word(struct mill_buffer *out, const struct words *words, const char **rest,
         struct mill_err *err)
{
    struct text name = text_of(*rest, strcspn(*rest, "{}")), value;

    if (name.at[name.n] != '}')
        return mill_fail(err, MILL_USAGE,
                         "'{' without '}' in a name; {{ is a brace");
    if (!word_find(words, name, &value))
        return mill_fail(err, MILL_USAGE,
                         "a name knows {dir}, {stem}, {srcext} and {ext}, "
                         "not {%.*s}",
                         (int)name.n, name.at);
    *rest += name.n + 1;
    if (value.n == 0)
        close_gap(out, rest);
    return append(out, value.at, value.n, err);
}

static enum mill_status
expand(struct mill_buffer *out, const struct words *words, const char *rest,
       struct mill_err *err)
{
    enum mill_status status = MILL_OK;

    while (status == MILL_OK && *rest != '\0') {
        size_t plain = strcspn(rest, "{}");
        bool brace = rest[plain] != '\0' && rest[plain] == rest[plain + 1];
        status = append(out, rest, plain + brace, err);
        rest += plain + 2 * brace;
        if (status != MILL_OK || brace || *rest == '\0')
            continue;
        if (*rest++ == '}')
            return mill_fail(err, MILL_USAGE,
                             "'}' without '{' in a name; }} is a brace");
        status = put_word(out, words, &rest, err);
    }
    return status;
}

/* ---- is it a path below the output folder? ------------------------------- */

static enum mill_status
check_component(const char *at, size_t n, struct mill_err *err)
{
    if (n == 0)
        return mill_fail(err, MILL_USAGE,
                         "a name, or a folder in it, is empty");
    if (n <= 2 && memcmp(at, "..", n) == 0)
        return mill_fail(err, MILL_USAGE, "\"%.*s\" is no name for an output",
                         (int)n, at);
    if (n > COMPONENT_MOST)
        return mill_fail(err, MILL_USAGE,
                         "a name of %zu bytes, %d are possible: %.*s", n,
                         COMPONENT_MOST, (int)n, at);
    return MILL_OK;
}

static enum mill_status
check_path(const char *path, struct mill_err *err)
{
    if (strlen(path) >= PATH_MAX)
        return mill_fail(err, MILL_USAGE,
                         "a path of %zu bytes, %d are possible: %s",
                         strlen(path), PATH_MAX - 1, path);
    for (;;) {
        size_t n = strcspn(path, "/");
        enum mill_status status = check_component(path, n, err);
        if (status != MILL_OK || path[n] == '\0')
            return status;
        path += n + 1;
    }
}

/* ---- names --------------------------------------------------------------- */

/* The tree is kept unless the template says where {dir} stands. */
static enum mill_status
put_tree(struct mill_buffer *out, const struct words *words, const char *tmpl,
         struct mill_err *err)
{
    const char *rest = tmpl;

    while ((rest = strchr(rest, '{')) != NULL) {
        if (rest[1] != '{' && strncmp(rest, "{dir}", 5) == 0)
            return MILL_OK;
        rest += rest[1] == '{' ? 2 : 1;
    }
    return words->dir.n == 0 ? MILL_OK : expand(out, words, "{dir}/", err);
}

enum mill_status
mill_name_make(char **name, const char *tmpl, const char *relative,
               const char *ext, bool keep_ext, bool flat, struct mill_err *err)
{
    struct words words = words_of(relative, ext, keep_ext, flat);
    struct mill_buffer out = {0};
    enum mill_status status;

    if (tmpl == NULL)
        tmpl = "{dir}/{stem}.{ext}";
    if (*tmpl == '/')
        return mill_fail(err, MILL_USAGE,
                         "a name is below the output folder and does not "
                         "begin with '/'");
    status = put_tree(&out, &words, tmpl, err);
    if (status == MILL_OK)
        status = expand(&out, &words, tmpl, err);
    if (status == MILL_OK)
        status = append(&out, "", 1, err);
    if (status == MILL_OK)
        status = check_path((char *)out.at, err);
    /* Of its own size: a buffer's is far above that of a million names. */
    if (status == MILL_OK && (*name = strdup((char *)out.at)) == NULL)
        status = mill_fail(err, MILL_MEMORY, "names");
    mill_buffer_clear(&out);
    return status;
}

enum mill_status
mill_name_check(const char *tmpl, struct mill_err *err)
{
    char *name;
    enum mill_status status =
        mill_name_make(&name, tmpl, "dir/stem.src", "ext", false, false, err);

    if (status == MILL_OK)
        free(name);
    return status;
}
