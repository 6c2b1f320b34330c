/* The row loops, once for each instruction-set level. Every group has a file in
 * this folder that is compiled for each level with MILL_LEVEL set to its name
 * and ends in one constant table of its functions,
 *
 *     const struct op__resize_kernels OP__LEVEL(op__resize_kernels) = {…};
 *
 * whose type stands in the group's own header. A new group is one line in
 * OP__KERNEL_GROUPS. Where the compiler does not find the instruction that
 * counts, the loop stands by itself in GROUP_base.c, plain, and in GROUP_v3.c,
 * and the table takes OP__LEVEL of its name. The loops are integer arithmetic,
 * and one division that IEEE 754 leaves no choice in, so that every level gives
 * the same bytes; tests compare all levels that the machine has. */
#ifndef OP_KERNEL_LEVELS_H
#define OP_KERNEL_LEVELS_H

/* The name of a thing at the level that is being compiled. */
#define OP__LEVEL(name)             OP__LEVEL_NAME(name, MILL_LEVEL)
#define OP__LEVEL_NAME(name, level) OP__LEVEL_JOIN(name, level)
#define OP__LEVEL_JOIN(name, level) name##_##level

/* X(group): struct op__<group>_kernels, tables op__<group>_kernels_<level> */
#define OP__KERNEL_GROUPS(X)                                                   \
    X(resize)                                                                  \
    X(turn)                                                                    \
    X(convert)                                                                 \
    X(blur)

#define X(group)                                                               \
    struct op__##group##_kernels;                                              \
    extern const struct op__##group##_kernels op__##group##_kernels_base;      \
    extern const struct op__##group##_kernels op__##group##_kernels_v3;
OP__KERNEL_GROUPS(X)
#undef X

struct op__kernels {
    const char *level;
#define X(group) const struct op__##group##_kernels *group;
    OP__KERNEL_GROUPS(X)
#undef X
};

/* The best level that this machine has. */
const struct op__kernels *op__kernels(void);

/* Level i = 0, 1, … that this machine has; NULL behind the last. For tests. */
const struct op__kernels *op__kernels_at(unsigned i);

#endif
