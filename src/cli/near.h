/* Guesses at what a word was meant to be. */
#ifndef CLI_NEAR_H
#define CLI_NEAR_H

#include <imgmill/base.h>

/* A name of n bytes, and what is nearest to it of all that was tried: a letter
 * may be wrong for every three; the first of equals. */
struct cli__near {
    const char *name;
    size_t n;
    const char *found; /* NULL: nothing is near */
    unsigned far;
};
void cli__near_try(struct cli__near *near, const char *candidate);

/* What does here what other programs call so, as a clause; NULL: nothing. */
const char *cli__near_elsewhere(const char *name, size_t n);

#endif
