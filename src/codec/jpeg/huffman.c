/* Huffman tables for several coefficients a lookup.
 *
 * Each pattern of CODEC__CODE_BITS bits is taken apart once, here: a code and
 * its value, which may reach beyond the pattern; where it does not, a second
 * one that fits as a whole; and the end of the block, if that is what follows.
 *
 *     1 0 1 1 0 0 1 1 0 1 0
 *     └code┘└v┘└code┘v └EOB┘     two coefficients and the end
 *
 * Where only the number of coefficients matters, as many codes go into an entry
 * as begin in the pattern and end in it. */
#include "own.h"

#include <string.h>

enum { DC_SIZE_MOST = 11, AC_SIZE_MOST = 10 };
enum { ZEROES = 15 << 4, END_OF_BLOCK = 0 };
enum { MASK = CODEC__CODES - 1 };

/* ---- one code at a time -------------------------------------------------- */

/* Codes of n bits, the first of them number i. */
static void
set_singles(struct codec__huffman *huffman, unsigned n, int32_t code,
            unsigned i, unsigned count)
{
    unsigned free_bits = CODEC__CODE_BITS - n;
    for (unsigned end = i + count; i < end; i++, code++)
        for (unsigned x = 0; x < 1u << free_bits; x++)
            huffman->single[((unsigned)code << free_bits) + x] =
                (uint16_t)(n << 8 | huffman->symbol[i]);
}

bool
codec__jpeg_huffman(struct codec__huffman *huffman, const JHUFF_TBL *table,
                    bool is_dc)
{
    int32_t code = 0;
    unsigned i = 0;
    *huffman = (struct codec__huffman){0};
    memcpy(huffman->symbol, table->huffval, sizeof huffman->symbol);
    for (unsigned n = 1; n <= 16; n++, code <<= 1) {
        unsigned count = table->bits[n];
        /* No code may be all ones: libjpeg refuses it. */
        if (i + count > sizeof huffman->symbol ||
            code + (int32_t)count >= 1 << n)
            return false;
        if (n <= CODEC__CODE_BITS)
            set_singles(huffman, n, code, i, count);
        huffman->first[n] = (int32_t)i - code;
        i += count;
        code += (int32_t)count;
        huffman->most[n] = count ? code - 1 : -1;
    }
    for (unsigned s = 0; s < i; s++)
        if (is_dc ? huffman->symbol[s] > DC_SIZE_MOST
                  : (huffman->symbol[s] & 15) > AC_SIZE_MOST)
            return false;
    return true;
}

/* ---- several codes at a time --------------------------------------------- */

/* A pattern, taken apart from its left. */
struct pattern {
    unsigned bits;
    unsigned used;
    unsigned passed;    /* coefficients */
    unsigned size, run; /* of the last code */
    bool ends;          /* which ended the block */
};

/* The next code, if it lies in the pattern. */
static bool
next_code(struct pattern *p, const struct codec__huffman *huffman)
{
    if (p->used >= CODEC__CODE_BITS)
        return false;
    unsigned found = huffman->single[p->bits << p->used & MASK];
    unsigned n = found >> 8, symbol = found & 255;
    if (!found || p->used + n > CODEC__CODE_BITS)
        return false;
    p->used += n;
    p->size = symbol & 15;
    p->run = symbol >> 4;
    p->ends = !p->size && symbol != ZEROES;
    return true;
}

static int
value_of(int bits, unsigned size)
{
    return !size || bits >> (size - 1) ? bits : bits + 1 - (1 << size);
}

/* The value that lies in the pattern as a whole. */
static int
next_value(struct pattern *p)
{
    p->used += p->size;
    int bits = (int)(p->bits >> (CODEC__CODE_BITS - p->used));
    return value_of(bits & ((1 << p->size) - 1), p->size);
}

/* The first value; what of it lies beyond the pattern is to be added. False:
 * not even its first bit, which is its sign, lies within. */
static bool
set_first(struct codec__code *code, struct pattern *p)
{
    unsigned within = CODEC__CODE_BITS - p->used, beyond = 0;
    int value;
    if (p->size > within) {
        if (!within)
            return false;
        beyond = p->size - within;
        value = (int)(p->bits & ((1u << within) - 1)) << beyond;
        value = value_of(value, p->size);
        p->used += p->size;
    } else {
        value = next_value(p);
    }
    code->shift = (uint8_t)(64 - CODEC__CODE_BITS - beyond);
    code->v1 = (int16_t)(value - (int)(p->bits << beyond));
    code->run = (uint8_t)p->run;
    p->passed = p->run + 1;
    return true;
}

static void
set_second(struct codec__code *code, struct pattern *p,
           const struct codec__huffman *ac)
{
    struct pattern ahead = *p;
    if (!next_code(&ahead, ac))
        return;
    if (!ahead.ends) {
        if (ahead.used + ahead.size > CODEC__CODE_BITS)
            return;
        code->v2 = (int16_t)next_value(&ahead);
        ahead.passed += ahead.run + 1;
        *p = ahead;
        if (!next_code(&ahead, ac) || !ahead.ends)
            return;
    }
    *p = ahead;
}

static void
skip(struct pattern *p, const struct codec__huffman *ac)
{
    struct pattern ahead = *p;
    while (!p->ends && next_code(&ahead, ac)) {
        unsigned passed = p->passed + ahead.run + 1;
        if (!ahead.ends && passed >= CODEC__BLOCK)
            return;
        if (!ahead.ends)
            ahead.passed = passed;
        ahead.used += ahead.size;
        *p = ahead;
    }
}

/* An end of the block by itself passes a coefficient, which is 0. */
static struct codec__pace
look(unsigned bits, const struct codec__huffman *first,
     const struct codec__huffman *ac, bool skips, struct codec__code *code)
{
    const struct codec__pace rare = {.passed = CODEC__CODE_RARE};
    struct pattern p = {.bits = bits};
    *code = (struct codec__code){0};
    if (!next_code(&p, first))
        return rare;
    if (first != ac)
        p.ends = false;
    if (p.ends)
        p.run = 0;
    if (!set_first(code, &p))
        return rare;
    if (skips)
        skip(&p, ac);
    else if (!p.ends)
        set_second(code, &p, ac);
    if (p.ends)
        p.passed += CODEC__CODE_ENDS;
    return (struct codec__pace){.drop = (uint8_t)p.used,
                                .passed = (uint8_t)p.passed};
}

void
codec__jpeg_codes(struct codec__lookup *codes,
                  const struct codec__huffman *first,
                  const struct codec__huffman *ac, bool skips)
{
    codes->huffman = first;
    for (unsigned bits = 0; bits < CODEC__CODES; bits++)
        codes->pace[bits] = look(bits, first, ac, skips, &codes->code[bits]);
}
