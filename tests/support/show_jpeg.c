/* For MemorySanitizer: what libjpeg writes is known to be written. The library
 * is not compiled with it, so its stores are not seen. What it takes from
 * malloc counts as written for good; rows of ours that it fills are shown
 * behind its calls, which the linker leads here. Arenas stay as they are. */
#include <stdio.h>

#include <jpeglib.h>
#include <sanitizer/msan_interface.h>

const char *__msan_default_options(void);
JDIMENSION __real_jpeg_read_raw_data(j_decompress_ptr jpeg, JSAMPIMAGE planes,
                                     JDIMENSION most);
JDIMENSION __wrap_jpeg_read_raw_data(j_decompress_ptr jpeg, JSAMPIMAGE planes,
                                     JDIMENSION most);
JDIMENSION __real_jpeg_read_scanlines(j_decompress_ptr jpeg, JSAMPARRAY rows,
                                      JDIMENSION most);
JDIMENSION __wrap_jpeg_read_scanlines(j_decompress_ptr jpeg, JSAMPARRAY rows,
                                      JDIMENSION most);

const char *
__msan_default_options(void)
{
    return "poison_in_malloc=0:poison_in_free=0";
}

JDIMENSION
__wrap_jpeg_read_raw_data(j_decompress_ptr jpeg, JSAMPIMAGE planes,
                          JDIMENSION most)
{
    JDIMENSION given = __real_jpeg_read_raw_data(jpeg, planes, most);
    for (int p = 0; given && p < jpeg->num_components; p++) {
        const jpeg_component_info *c = &jpeg->comp_info[p];
        size_t n = (size_t)c->width_in_blocks * (size_t)c->DCT_scaled_size;
        for (int y = 0; y < c->v_samp_factor * c->DCT_scaled_size; y++)
            __msan_unpoison(planes[p][y], n);
    }
    return given;
}

JDIMENSION
__wrap_jpeg_read_scanlines(j_decompress_ptr jpeg, JSAMPARRAY rows,
                           JDIMENSION most)
{
    JDIMENSION given = __real_jpeg_read_scanlines(jpeg, rows, most);
    size_t n = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
    for (JDIMENSION y = 0; y < given; y++)
        __msan_unpoison(rows[y], n);
    return given;
}
