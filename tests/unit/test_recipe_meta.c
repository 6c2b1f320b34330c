/* Metadata that goes with the geometry of its picture: dots an inch, which lie
 * beside the pixels of a JPEG, in its first segment. Whether profiles, EXIF and
 * XMP are kept is asked in test_recipe_run.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recipe_make.h"

#include "jpeg_make.h"

enum { UNIT_AT = 13, X_AT = 14, Y_AT = 16 }; /* bytes of a JFIF file */

static void
set_density(struct mill_buffer *jpeg, uint8_t unit, uint8_t x, uint8_t y)
{
    assert_memory_equal(jpeg->at + 6, "JFIF", 5);
    jpeg->at[UNIT_AT] = unit;
    jpeg->at[X_AT] = jpeg->at[Y_AT] = 0;
    jpeg->at[X_AT + 1] = x;
    jpeg->at[Y_AT + 1] = y;
}

/* 200 dots across and 100 down an inch, behind the steps. */
static void
assert_density(const char *steps, unsigned x, unsigned y)
{
    struct jpeg_spec spec = {.w = 40,
                             .h = 24,
                             .drawn = JCS_RGB,
                             .stored = JCS_YCbCr,
                             .n = 3,
                             .sx = {2, 1, 1},
                             .sy = {2, 1, 1}};
    struct mill_result result;
    struct mill_buffer from = jpeg_make(&spec);
    set_density(&from, 1, 200, 100);
    struct mill_buffer made =
        recipe_convert(jpeg_bytes(&from), steps, "jpeg", &result);
    assert_memory_equal(made.at + 6, "JFIF", 5);
    assert_int_equal(made.at[UNIT_AT], 1);
    assert_int_equal(made.at[X_AT] << 8 | made.at[X_AT + 1], x);
    assert_int_equal(made.at[Y_AT] << 8 | made.at[Y_AT + 1], y);
    mill_buffer_clear(&from);
    mill_buffer_clear(&made);
}

static void
density_turns_with_the_picture(void **state)
{
    (void)state;
    assert_density("", 200, 100);
    assert_density("rotate 180; flip", 200, 100);
    assert_density("rotate 90", 100, 200);
    assert_density("resize 10x10; rotate 270; crop 2x2", 100, 200);
    assert_density("rotate 90; blur 1; flop; rotate 90", 200, 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(density_turns_with_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
