/* PNM's descriptor: PBM, PGM, PPM and PAM are one format here, whose encoder
 * writes the plainest of them that holds the picture. */
#include "codec.h"

/* Text may well begin with "P1 ", so the header's first word is looked at too:
 * a number, or in a PAM a name in capitals. */
static bool
sniff(struct mill_bytes head)
{
    if (head.n < 4 || head.at[0] != 'P' || head.at[1] < '1' || head.at[1] > '7')
        return false;
    struct pnm_cursor c = {head.at + 2, head.at + head.n};
    bool pam = head.at[1] == '7';
    if (pam && *c.at != '\n')
        return false;
    if (*c.at == '#')
        return true;
    const uint8_t *word = c.at;
    int first = codec__pnm_skip(&c);
    if (c.at == word)
        return false;
    return pam ? first >= 'A' && first <= 'Z' : first >= '0' && first <= '9';
}

static const char *const extensions[] = {"pnm", "pgm", "ppm",
                                         "pbm", "pam", NULL};

const struct mill_codec mill_codec_pnm = {
    .name = "pnm",
    .summary = "PNM: PBM, PGM, PPM and PAM; gray or RGB, alpha, 1 to 16 bits",
    .extensions = extensions,
    .sniff = sniff,
    .info = codec__pnm_info,
    .shape = codec__pnm_shape,
    .decode_bytes = codec__pnm_decode_bytes,
    .decode = codec__pnm_decode,
    .want = codec__want_interleaved,
    .encode_bytes = codec__pnm_encode_bytes,
    .encoder = codec__pnm_encoder,
};
