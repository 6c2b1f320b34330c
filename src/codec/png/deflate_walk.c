/* A walk through a deflate stream from block to block, without unpacking it.
 *
 * libdeflate ends whatever it packs with a block that says it is the last. To
 * go on behind it, that bit must be found, and only who has decoded every
 * symbol before it knows where it stands. Nothing is made of the symbols here,
 * so a table tells of the next bits how many of them are whole literals, and
 * all of those are passed at once: a tenth of the time that packing took.
 *
 * Any bytes are safe. */
#include "deflate_walk.h"

#include <string.h>

enum { CODE_MOST = 15, TABLE_BITS = 11, TABLE = 1 << TABLE_BITS };
enum { LITERALS = 288, DISTANCES = 32, LENGTHS = 19, END = 256 };

/* What the table's next bits are. */
enum step {
    STEP_LONG, /* the beginning of a code that is longer than the table */
    STEP_LITERALS,
    STEP_LENGTH, /* with its extra bits; a distance follows */
    STEP_DISTANCE,
    STEP_END
};

struct step_entry {
    uint8_t step, bits;
};

struct code {
    uint16_t count[CODE_MOST + 1];
    uint16_t sorted[LITERALS]; /* symbols by their codes */
    struct step_entry table[TABLE];
};

struct walker {
    const uint8_t *at;
    uint64_t n, pos; /* bits */
    struct code literal, distance;
};

/* ---- bits ---------------------------------------------------------------- */

/* At least 56 of them. */
static inline uint64_t
peek(const struct walker *w)
{
    uint64_t v;
    memcpy(&v, w->at + w->pos / 8, sizeof v);
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        v = __builtin_bswap64(v);
    return v >> w->pos % 8;
}

/* n <= 16; behind the end zeroes. */
static unsigned
take(struct walker *w, unsigned n)
{
    if (w->pos > w->n)
        return 0;
    unsigned v = (unsigned)(peek(w) & ((1u << n) - 1));
    w->pos += n;
    return v;
}

/* ---- codes --------------------------------------------------------------- */

static unsigned
extra_bits(unsigned symbol, bool distance)
{
    if (distance)
        return symbol < 4 ? 0 : symbol / 2 - 1;
    if (symbol < END + 9 || symbol == END + 29)
        return 0;
    return (symbol - END - 5) / 4;
}

static void
sort(struct code *code, const uint8_t *length, unsigned n)
{
    uint16_t next[CODE_MOST + 1] = {0};
    memset(code->count, 0, sizeof code->count);
    for (unsigned s = 0; s < n; s++)
        code->count[length[s]]++;
    code->count[0] = 0;
    for (unsigned l = 1; l <= CODE_MOST; l++)
        next[l] = (uint16_t)(next[l - 1] + code->count[l - 1]);
    for (unsigned s = 0; s < n; s++)
        if (length[s])
            code->sorted[next[length[s]]++] = (uint16_t)s;
}

static struct step_entry
entry_of(unsigned symbol, unsigned bits, bool distance)
{
    enum step step = distance       ? STEP_DISTANCE
                     : symbol < END ? STEP_LITERALS
                     : symbol > END ? STEP_LENGTH
                                    : STEP_END;
    bits += extra_bits(symbol, distance);
    return (struct step_entry){(uint8_t)step, (uint8_t)bits};
}

/* Codes are stored with their highest bit first. */
static unsigned
turn(unsigned value, unsigned bits)
{
    unsigned turned = 0;
    for (unsigned i = 0; i < bits; i++)
        turned |= (value >> i & 1) << (bits - 1 - i);
    return turned;
}

static void
fill(struct code *code, bool distance)
{
    unsigned value = 0, i = 0;
    memset(code->table, 0, sizeof code->table);
    for (unsigned l = 1; l <= TABLE_BITS; l++, value <<= 1)
        for (unsigned k = 0; k < code->count[l]; k++, value++, i++) {
            struct step_entry entry = entry_of(code->sorted[i], l, distance);
            for (unsigned at = turn(value, l); at < TABLE; at += 1u << l)
                code->table[at] = entry;
        }
}

/* Let each entry of a literal pass all literals that lie whole in its bits.
 * From high to low: what is read lies lower and is still a single one. */
static void
join_literals(struct code *code)
{
    for (unsigned i = TABLE; i-- > 1;) {
        struct step_entry *entry = &code->table[i];
        unsigned bits = entry->bits;
        while (entry->step == STEP_LITERALS) {
            struct step_entry next = code->table[i >> bits];
            if (next.step != STEP_LITERALS || bits + next.bits > TABLE_BITS)
                break;
            bits += next.bits;
        }
        entry->bits = (uint8_t)bits;
    }
}

/* A symbol bit by bit; -1: there is no such code. */
static int
symbol_of(struct walker *w, const struct code *code)
{
    unsigned value = 0, first = 0, index = 0;
    for (unsigned l = 1; l <= CODE_MOST; l++) {
        value |= take(w, 1);
        if (value - first < code->count[l])
            return code->sorted[index + value - first];
        index += code->count[l];
        first = (first + code->count[l]) << 1;
        value <<= 1;
    }
    return -1;
}

/* ---- heads of blocks ----------------------------------------------------- */

static bool
over_full(const struct code *code)
{
    int left = 1;
    for (unsigned l = 1; l <= CODE_MOST; l++)
        left = 2 * left - code->count[l];
    return left < 0;
}

static bool
set_codes(struct walker *w, const uint8_t *length, unsigned n_literal,
          unsigned n_distance)
{
    sort(&w->literal, length, n_literal);
    sort(&w->distance, length + n_literal, n_distance);
    if (over_full(&w->literal) || over_full(&w->distance))
        return false;
    fill(&w->literal, false);
    fill(&w->distance, true);
    join_literals(&w->literal);
    return true;
}

static bool
fixed_codes(struct walker *w)
{
    uint8_t length[LITERALS + DISTANCES];
    for (unsigned s = 0; s < LITERALS; s++)
        length[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    memset(length + LITERALS, 5, DISTANCES);
    return set_codes(w, length, LITERALS, DISTANCES);
}

/* n lengths, themselves coded. */
static bool
read_lengths(struct walker *w, const struct code *code, uint8_t *length,
             unsigned n)
{
    for (unsigned i = 0; i < n;) {
        int symbol = symbol_of(w, code);
        unsigned repeat = 1, value = 0;
        if (symbol < 0 || (symbol == 16 && i == 0))
            return false;
        if (symbol < 16)
            value = (unsigned)symbol;
        else if (symbol == 16)
            value = length[i - 1], repeat = 3 + take(w, 2);
        else
            repeat = symbol == 17 ? 3 + take(w, 3) : 11 + take(w, 7);
        if (repeat > n - i)
            return false;
        memset(length + i, (int)value, repeat);
        i += repeat;
    }
    return true;
}

static bool
own_codes(struct walker *w)
{
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                           11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t length[LITERALS + DISTANCES], of_length[LENGTHS] = {0};
    unsigned n_literal = take(w, 5) + 257, n_distance = take(w, 5) + 1;
    unsigned n = take(w, 4) + 4;
    if (n_literal > LITERALS)
        return false;
    for (unsigned i = 0; i < n; i++)
        of_length[order[i]] = (uint8_t)take(w, 3);
    sort(&w->literal, of_length, LENGTHS);
    return !over_full(&w->literal) &&
           read_lengths(w, &w->literal, length, n_literal + n_distance) &&
           set_codes(w, length, n_literal, n_distance);
}

/* ---- blocks -------------------------------------------------------------- */

static bool
pass_stored(struct walker *w)
{
    w->pos = (w->pos + 7) / 8 * 8;
    unsigned n = take(w, 16);
    if (take(w, 16) != (n ^ 0xFFFF))
        return false;
    w->pos += 8 * (uint64_t)n;
    return true;
}

/* A symbol whose code the table is too short for. */
static struct step_entry
long_step(struct walker *w, const struct code *code, bool distance)
{
    int symbol = symbol_of(w, code);
    if (symbol < 0)
        return (struct step_entry){STEP_LONG, 0};
    return entry_of((unsigned)symbol, 0, distance);
}

static bool
pass_distance(struct walker *w, uint64_t bits)
{
    struct step_entry entry = w->distance.table[bits & (TABLE - 1)];
    if (entry.step == STEP_LONG)
        entry = long_step(w, &w->distance, true);
    w->pos += entry.bits;
    return entry.step != STEP_LONG;
}

/* What stands at pos, of which entry may be a part. False: the block has ended,
 * or it is none: *sound says which. */
static bool
pass_symbol(struct walker *w, struct step_entry entry, uint64_t bits,
            bool *sound)
{
    bool is_long = entry.step == STEP_LONG;
    if (is_long)
        entry = long_step(w, &w->literal, false);
    w->pos += entry.bits;
    *sound = entry.step != STEP_LONG && w->pos <= w->n;
    if (!*sound || entry.step == STEP_END)
        return false;
    if (entry.step == STEP_LENGTH)
        *sound = pass_distance(w, is_long ? peek(w) : bits >> entry.bits);
    return *sound;
}

/* The bits of one look are enough for a table's literals and then a length, its
 * distance and the extra bits of both. */
static bool
pass_symbols(struct walker *w)
{
    bool sound = false;
    while (w->pos < w->n) {
        uint64_t bits = peek(w);
        struct step_entry entry = w->literal.table[bits & (TABLE - 1)];
        if (entry.step == STEP_LITERALS) {
            w->pos += entry.bits;
            bits >>= entry.bits;
            entry = w->literal.table[bits & (TABLE - 1)];
        }
        if (entry.step == STEP_LITERALS)
            w->pos += entry.bits;
        else if (!pass_symbol(w, entry, bits, &sound))
            return sound;
    }
    return false;
}

static bool
pass_block(struct walker *w, unsigned type)
{
    if (type == 0)
        return pass_stored(w);
    if (type == 3 || !(type == 1 ? fixed_codes(w) : own_codes(w)))
        return false;
    return pass_symbols(w);
}

bool
codec__deflate_walk(struct mill_bytes stream, struct codec__walk *walk)
{
    struct walker w = {.at = stream.at, .n = 8 * (uint64_t)stream.n};
    bool last = false;
    while (!last) {
        walk->last = w.pos;
        last = take(&w, 1);
        if (!pass_block(&w, take(&w, 2)) || w.pos > w.n)
            return false;
    }
    walk->end = w.pos;
    return (w.pos + 7) / 8 == stream.n;
}
