/* Names as file systems see them that take "a.jpg" and "A.JPG" for one: letter
 * by letter in small. Pure; any thread.
 *
 * Each such file system has a table of its own, and this is none of them. It
 * finds names that are worth a question to the file system (probe.c). Not
 * found: letters that become several (ß and ss), marks that stand by themselves
 * (e and ´ for é), short names of FAT, and signs at a name's end that some
 * drop. What such names would cost the store sees when it comes to them
 * (mine.c). */
#include "fold.h"

#include <wctype.h>

void
io__fold_open(struct io__fold *fold)
{
    fold->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void
io__fold_close(const struct io__fold *fold)
{
    if (fold->letters != (locale_t)0)
        freelocale(fold->letters);
}

/* A sign of UTF-8 that begins at `at`, whose first byte is none of ASCII; its
 * length, or 0 when there is none. A zero byte goes on with nothing. */
static unsigned
decode(const unsigned char *at, wint_t *sign)
{
    unsigned more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;

    if (*at < 0xc2 || *at > 0xf4)
        return 0;
    *sign = *at & (0x3fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *sign = *sign << 6 | (at[i] & 0x3f);
    }
    return *sign >= 0x80 ? more + 1 : 0;
}

/* The next letter, folded, and past it; 0 at the end. By way of capitals: some
 * have two small letters. A byte that is no UTF-8 is itself. */
static wint_t
next(const struct io__fold *fold, const char **name)
{
    const unsigned char *at = (const unsigned char *)*name;
    unsigned n = 1;
    wint_t sign = *at;

    if (sign >= 'A' && sign <= 'Z')
        sign += 'a' - 'A';
    else if (sign >= 0x80 && fold->letters != (locale_t)0 &&
             (n = decode(at, &sign)) > 0)
        sign = towlower_l(towupper_l(sign, fold->letters), fold->letters);
    if (n == 0) {
        n = 1;
        sign = *at | 1u << 31;
    }
    *name += n;
    return sign;
}

uint64_t
io__fold_hash(const struct io__fold *fold, const char *name)
{
    const uint64_t prime = 0x100000001b3;
    uint64_t hash = MILL_HASH_START;
    wint_t sign;

    while ((sign = next(fold, &name)) != 0)
        hash = (hash ^ sign) * prime;
    return hash;
}

bool
io__fold_same(const struct io__fold *fold, const char *one, const char *two)
{
    wint_t sign;

    do
        if ((sign = next(fold, &one)) != next(fold, &two))
            return false;
    while (sign != 0);
    return true;
}
