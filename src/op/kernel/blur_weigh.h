/* A weighted sum of rows. The includer sets, and this file lets go of,
 *   NAME   the function's
 *   FROM   the type of a sample, and TO of a result
 *   SUM    an unsigned type that holds the sum
 *   SHIFT  the bits that a sum has more than a result
 * Sums are kept for a block of samples that stays in the nearest cache. */

static void
NAME(TO *restrict to, const FROM *const *rows, const uint32_t *weights,
     unsigned n_rows, uint32_t n)
{
    SUM sums[BLOCK];
    for (uint32_t x = 0; x < n; x += BLOCK) {
        uint32_t m = n - x < BLOCK ? n - x : BLOCK;
        for (uint32_t i = 0; i < m; i++)
            sums[i] = (SUM)1 << (SHIFT - 1);
        for (unsigned k = 0; k < n_rows; k += OP__WEIGHTS_AT_ONCE) {
            const FROM *a = rows[k] + x, *b = rows[k + 1] + x;
            const FROM *c = rows[k + 2] + x, *d = rows[k + 3] + x;
            const SUM w[] = {weights[k], weights[k + 1], weights[k + 2],
                             weights[k + 3]};
            for (uint32_t i = 0; i < m; i++)
                sums[i] +=
                    w[0] * a[i] + w[1] * b[i] + w[2] * c[i] + w[3] * d[i];
        }
        for (uint32_t i = 0; i < m; i++)
            to[x + i] = (TO)(sums[i] >> SHIFT);
    }
}

#undef NAME
#undef FROM
#undef TO
#undef SUM
#undef SHIFT
