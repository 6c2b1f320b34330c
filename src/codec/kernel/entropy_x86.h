/* A step of the loop over codes where there are moves under a condition:
 * compilers would make a branch of them. */
#ifndef CODEC_KERNEL_ENTROPY_X86_H
#define CODEC_KERNEL_ENTROPY_X86_H

#include "part.h"
#include "stand.h"

ALWAYS void
move_on(struct stand *s, uint8_t passed, uintptr_t moved)
{
    struct codec__block *block = s->block;
    s->codes = block->ac;
    s->order = moved;
    __asm__("testb %[passed], %[passed]\n\t"
            "cmovsq %[next], %[codes]\n\t"
            "cmovsq %[next_order], %[order]\n\t"
            "cmovsq %[next_block], %[block]"
            : [codes] "+&r"(s->codes), [order] "+&r"(s->order),
              [block] "+&r"(s->block)
            : [passed] "q"(passed), [next] "m"(block->next),
              [next_order] "m"(block->next_order), [next_block] "r"(block + 1)
            : "cc");
}

#include "entropy.h"

#endif
