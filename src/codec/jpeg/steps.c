/* Huffman tables of a progressive scan: what CODEC__CODE_BITS bits begin with.
 *
 * A code and its value, where both lie within; and of a coefficient's first
 * bits the end of the block behind it, if that is what follows. One code a
 * lookup and no more: a band of few coefficients ends a block without a code,
 * by its last one, and there a second would belong to the next block.
 *
 * Where a scan refines, its values are signs, and a second table gives bursts
 * of them. Whoever takes one looks where it leads first. */
#include "scans.h"

enum { MASK = CODEC__CODES - 1 };

static bool
is_value(struct codec__step step)
{
    return step.run < CODEC__STEP_END;
}

/* The value too, where it lies within the bits looked up. */
static struct codec__step
with_value(struct codec__step step, unsigned bits, unsigned low, bool is_dc)
{
    unsigned size = (unsigned)step.value & 15;
    unsigned run = (unsigned)step.value >> 4 & 15;
    if (step.run != CODEC__STEP_WIDE || step.used + size > CODEC__CODE_BITS)
        return step;
    step.used = (uint8_t)(step.used + size);
    int value =
        (int)(bits >> (CODEC__CODE_BITS - step.used) & ((1u << size) - 1));
    if (size && !(value >> (size - 1)))
        value += 1 - (1 << size);
    step.value = (int16_t)(value * (1 << low));
    step.run = is_dc ? 0 : (uint8_t)run;
    return step;
}

/* A value of one bit: 1 is above 0, 0 below. What ends a block stays. */
static struct codec__step
look(const struct codec__huffman *huffman, unsigned bits,
     enum codec__scan_kind kind, unsigned low)
{
    unsigned found = huffman->single[bits];
    if (!found)
        return (struct codec__step){.run = CODEC__STEP_LONG};
    return with_value(codec__step_of(found, kind, low), bits, low,
                      kind == CODEC__DC_FIRST);
}

/* Values that an end of one block follows within the bits. */
static void
join_ends(struct codec__step *steps, unsigned end_bits)
{
    for (unsigned bits = 0; bits < CODEC__CODES; bits++) {
        struct codec__step *step = &steps[bits];
        if (!is_value(*step) || step->used + end_bits > CODEC__CODE_BITS)
            continue;
        const struct codec__step *next = &steps[bits << step->used & MASK];
        if (next->run != CODEC__STEP_END || next->used != end_bits)
            continue;
        step->used = (uint8_t)(step->used + end_bits);
        step->run = (uint8_t)(step->run + CODEC__STEP_LAST);
    }
}

static struct codec__burst
burst_of(const struct codec__step *steps, unsigned bits)
{
    struct codec__burst burst = {0};
    const struct codec__step *step = &steps[bits];
    while (is_value(*step) && burst.used + step->used <= CODEC__BURST_BITS &&
           burst.passed + step->run < CODEC__BURST_MOST) {
        burst.passed = (uint8_t)(burst.passed + step->run + 1);
        burst.used = (uint8_t)(burst.used + step->used);
        unsigned last = 1u << (burst.passed - 1);
        burst.fresh = (uint16_t)(burst.fresh | last);
        if (step->value < 0)
            burst.minus = (uint16_t)(burst.minus | last);
        step = &steps[bits << burst.used & MASK];
    }
    burst.ends = step->run == CODEC__STEP_END &&
                 burst.used + step->used <= CODEC__BURST_BITS;
    if (burst.ends)
        burst.used = (uint8_t)(burst.used + step->used);
    else if (!burst.passed)
        burst.passed = CODEC__BLOCK;
    return burst;
}

unsigned
codec__jpeg_steps(struct codec__step steps[CODEC__CODES],
                  const struct codec__huffman *huffman,
                  enum codec__scan_kind kind, unsigned low)
{
    unsigned end_bits = 0;
    for (unsigned bits = 0; bits < CODEC__CODES; bits++) {
        steps[bits] = look(huffman, bits, kind, low);
        if (steps[bits].run == CODEC__STEP_END)
            end_bits = steps[bits].used;
    }
    if (kind == CODEC__AC_FIRST && end_bits)
        join_ends(steps, end_bits);
    return end_bits;
}

void
codec__jpeg_bursts(struct codec__burst bursts[CODEC__BURSTS],
                   const struct codec__step steps[CODEC__CODES])
{
    for (unsigned bits = 0; bits < CODEC__BURSTS; bits++)
        bursts[bits] =
            burst_of(steps, bits << (CODEC__CODE_BITS - CODEC__BURST_BITS));
}
