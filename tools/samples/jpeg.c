/* Pictures to JPEG in every manner that the samples need. A refusal of the
 * library ends the program: its own handler does that. */
#include "samples.h"

#include <jpeglib.h>
#include <stdlib.h>

enum { COEFFICIENTS = 63, SCANS_MOST = 1 + COEFFICIENTS * 5 };

/* Adobe's way: 255 is no ink. All the gray that there is goes to black. */
static void
row_cmyk(const uint8_t *rgb, unsigned n, uint8_t *out)
{
    for (unsigned i = 0; i < n; i++, rgb += 3, out += 4) {
        unsigned most = rgb[0];
        most = rgb[1] > most ? rgb[1] : most;
        most = rgb[2] > most ? rgb[2] : most;
        for (unsigned c = 0; c < 3; c++)
            out[c] = (uint8_t)(most ? rgb[c] * 255u / most : 255);
        out[3] = (uint8_t)most;
    }
}

static void
row_of(const struct picture *picture, unsigned y, enum samples_ink ink,
       uint8_t *out)
{
    const uint8_t *rgb = picture->rgb + (size_t)y * picture->w * 3;
    if (ink == SAMPLES_CMYK || ink == SAMPLES_YCCK)
        row_cmyk(rgb, picture->w, out);
    else
        for (unsigned i = 0; i < picture->w; i++)
            if (ink == SAMPLES_GRAY)
                out[i] = (uint8_t)samples__luma(rgb + (size_t)i * 3);
            else
                for (unsigned c = 0; c < 3; c++)
                    out[i * 3 + c] = rgb[i * 3 + c];
}

static jpeg_scan_info
scan_of(int k, int high, int low)
{
    return (jpeg_scan_info){
        .comps_in_scan = 1, .Ss = k, .Se = k, .Ah = high, .Al = low};
}

/* Each coefficient in a scan of its own, then a bit more of it at a time. */
static int
script(jpeg_scan_info *scans, unsigned refinements)
{
    int n = 0, low = (int)refinements;
    scans[n++] = scan_of(0, 0, 0);
    for (int k = 1; k <= COEFFICIENTS; k++) {
        scans[n++] = scan_of(k, 0, low);
        for (int bit = low; bit > 0; bit--)
            scans[n++] = scan_of(k, bit, bit - 1);
    }
    return n;
}

static void
set_colours(j_compress_ptr jpeg, enum samples_ink ink)
{
    static const struct {
        J_COLOR_SPACE in, coded;
        int channels;
    } of[] = {[SAMPLES_YCC] = {JCS_RGB, JCS_YCbCr, 3},
              [SAMPLES_RGB] = {JCS_RGB, JCS_RGB, 3},
              [SAMPLES_GRAY] = {JCS_GRAYSCALE, JCS_GRAYSCALE, 1},
              [SAMPLES_CMYK] = {JCS_CMYK, JCS_CMYK, 4},
              [SAMPLES_YCCK] = {JCS_CMYK, JCS_YCCK, 4}};
    jpeg->input_components = of[ink].channels;
    jpeg->in_color_space = of[ink].in;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, of[ink].coded);
}

static void
set_sampling(j_compress_ptr jpeg, const struct jpeg_how *how)
{
    int across = how->across ? (int)how->across : 1;
    int down = how->down ? (int)how->down : 1;
    for (int i = 0; i < jpeg->num_components; i++) {
        bool full = i == 0 || i == 3;
        bool alone = jpeg->num_components == 1;
        jpeg->comp_info[i].h_samp_factor = full && !alone ? across : 1;
        jpeg->comp_info[i].v_samp_factor = full && !alone ? down : 1;
    }
}

static void
write_marker(j_compress_ptr jpeg, int marker, const char *head, size_t head_n,
             const struct mill_buffer *payload)
{
    struct mill_buffer all = {0};
    if (!payload)
        return;
    samples__add(&all, head, head_n);
    samples__add(&all, payload->at, payload->n);
    jpeg_write_marker(jpeg, marker, all.at, (unsigned)all.n);
    mill_buffer_clear(&all);
}

static void
write_metadata(j_compress_ptr jpeg, const struct jpeg_how *how)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    write_marker(jpeg, JPEG_APP0 + 1, "Exif\0", 6, how->exif);
    write_marker(jpeg, JPEG_APP0 + 1, xmp, sizeof xmp, how->xmp);
    if (how->icc)
        jpeg_write_icc_profile(jpeg, how->icc->at, (unsigned)how->icc->n);
}

static void
write_rows(j_compress_ptr jpeg, const struct picture *picture,
           enum samples_ink ink)
{
    uint8_t *row = samples__take((size_t)picture->w * 4);
    for (unsigned y = 0; y < picture->h; y++) {
        row_of(picture, y, ink, row);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    free(row);
}

void
samples__jpeg(struct mill_buffer *out, const struct picture *picture,
              const struct jpeg_how *how)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[SCANS_MOST];
    unsigned char *at = NULL;
    unsigned long n = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &at, &n);
    jpeg.image_width = picture->w;
    jpeg.image_height = picture->h;
    set_colours(&jpeg, how->ink);
    set_sampling(&jpeg, how);
    jpeg_set_quality(&jpeg, (int)how->quality, TRUE);
    jpeg.optimize_coding = !how->arithmetic;
    jpeg.arith_code = how->arithmetic;
    jpeg.restart_in_rows = how->restart;
    if (how->progressive)
        jpeg_simple_progression(&jpeg);
    if (how->passes) {
        jpeg.num_scans = script(scans, how->passes - 1);
        jpeg.scan_info = scans;
    }
    jpeg_start_compress(&jpeg, TRUE);
    write_metadata(&jpeg, how);
    write_rows(&jpeg, picture, how->ink);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    samples__add(out, at, n);
    free(at);
}
