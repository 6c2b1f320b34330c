/* Bytes: the growing buffer, the hash, and sizes as people write and read them.
 * Sizes go by powers of 1024 and by integers alone, so no locale can change a
 * comma.
 * Nothing here is shared: one buffer, one thread. */
#include <imgmill/base.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_LEAST = 4096 };

/* ---- the growing buffer -------------------------------------------------- */

static bool
resize(struct mill_buffer *buffer, size_t capacity)
{
    uint8_t *at = realloc(buffer->at, capacity);
    if (!at)
        return false;
    buffer->at = at;
    buffer->capacity = capacity;
    return true;
}

bool
mill_buffer_reserve(struct mill_buffer *buffer, size_t more)
{
    size_t least, twice;
    if (!mill_size_add(buffer->n, more, &least))
        return false;
    if (least <= buffer->capacity)
        return true;
    if (!mill_size_mul(buffer->capacity, 2, &twice) || twice < least)
        twice = least;
    if (twice < BUFFER_LEAST)
        twice = BUFFER_LEAST;
    return resize(buffer, twice) || resize(buffer, least);
}

bool
mill_buffer_append(struct mill_buffer *buffer, const void *at, size_t n)
{
    if (!mill_buffer_reserve(buffer, n))
        return false;
    if (n)
        memcpy(buffer->at + buffer->n, at, n);
    buffer->n += n;
    return true;
}

void
mill_buffer_clear(struct mill_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct mill_buffer){0};
}

/* ---- hashes -------------------------------------------------------------- */

uint64_t
mill_hash(uint64_t hash, const void *at, size_t n)
{
    const uint8_t *byte = at;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* ---- sizes as text ------------------------------------------------------- */

static const char units[] = "KMGTPE";

/* The digits are found in tenths of the unit: below ten of it one of them is
 * shown. What would round to 1024 of a unit is one of the next. */
char *
mill_size_text(uint64_t bytes, char *text, size_t n)
{
    if (bytes < 1024) {
        const char *noun = bytes == 1 ? "byte" : "bytes";
        snprintf(text, n, "%u %s", (unsigned)bytes, noun);
        return text;
    }
    size_t unit = 0;
    uint64_t small = bytes; /* in 1024ths of units[unit] */
    while (small >= 1024 * 1024 - 512) {
        small >>= 10;
        unit++;
    }
    unsigned tenths = (unsigned)((small * 10 + 512) / 1024);
    if (tenths < 100 && tenths % 10)
        snprintf(text, n, "%u.%u %cB", tenths / 10, tenths % 10, units[unit]);
    else
        snprintf(text, n, "%u %cB", (unsigned)((small + 512) / 1024),
                 units[unit]);
    return text;
}

/* A run of digits from *at on, at least one; moves *at behind it. */
static bool
parse_whole(const char **at, uint64_t *value)
{
    const char *begin = *at;
    *value = 0;
    for (; isdigit((unsigned char)**at); ++*at) {
        uint64_t digit = (uint64_t)(**at - '0');
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, digit, value))
            return false;
    }
    return *at > begin;
}

enum { FRACTION = 1000000000 }; /* a fraction counts in parts of this */

/* ".digits" if it is there; digits beyond the ninth change nothing. */
static bool
parse_fraction(const char **at, uint64_t *parts)
{
    *parts = 0;
    if (**at != '.')
        return true;
    ++*at;
    if (!isdigit((unsigned char)**at))
        return false;
    for (uint64_t step = FRACTION / 10; isdigit((unsigned char)**at); ++*at) {
        *parts += step * (uint64_t)(**at - '0');
        step /= 10;
    }
    return true;
}

/* "", "B", "K", "KB", "KiB" and so on, in any case, then the end. */
static bool
parse_unit(const char *at, unsigned *shift)
{
    const char *unit = NULL;
    *shift = 0;
    if (*at)
        unit = strchr(units, toupper((unsigned char)*at));
    if (unit) {
        *shift = 10 * (unsigned)(unit - units + 1);
        at++;
        if (*at == 'i' && toupper((unsigned char)at[1]) == 'B')
            at++;
    }
    if (toupper((unsigned char)*at) == 'B')
        at++;
    return *at == '\0';
}

bool
mill_size_parse(const char *text, uint64_t *bytes)
{
    uint64_t whole, parts;
    unsigned shift;
    if (!parse_whole(&text, &whole))
        return false;
    bool fraction = *text == '.';
    if (!parse_fraction(&text, &parts) || !parse_unit(text, &shift))
        return false;
    if (fraction && shift == 0)
        return false;
    unsigned __int128 sum = (unsigned __int128)whole << shift;
    sum += ((unsigned __int128)parts << shift) / FRACTION;
    if (sum > UINT64_MAX)
        return false;
    *bytes = (uint64_t)sum;
    return true;
}
