#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* Where white is zero: the same picture with black as zero. Alpha keeps its meaning. */
static void invert(seg_tiff_page *page) {
    size_t pixels = (size_t)page->width * page->height;
    uint32_t maximum = page->bits == 32 ? UINT32_MAX : (1u << page->bits) - 1;
    uint8_t *bytes = page->samples;
    uint16_t *words = page->samples;
    uint32_t *longs = page->samples;
    for (size_t index = 0; index < pixels * page->channels; index += page->channels) {
        if (page->bits <= 8) {
            bytes[index] = (uint8_t)(maximum - bytes[index]);
        } else if (page->bits <= 16) {
            words[index] = (uint16_t)(maximum - words[index]);
        } else {
            longs[index] = maximum - longs[index];
        }
    }
}

/* IEEE 754 binary16 to the bits of binary32; every value has one, and NaNs stay NaNs. */
static uint32_t widen(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1f;
    uint32_t fraction = half & 0x3ff;
    if (exponent == 0x1f) return sign | 0x7f800000 | fraction << 13;
    if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
    if (fraction == 0) return sign;
    exponent = 113;
    while ((fraction & 0x400) == 0) {
        fraction <<= 1;
        exponent--;
    }
    return sign | exponent << 23 | (fraction & 0x3ff) << 13;
}

static seg_tiff_status widen_halves(seg_tiff_page *page, char *message) {
    size_t count = (size_t)page->width * page->height * page->channels;
    const uint16_t *halves = page->samples;
    uint32_t *floats = malloc(count * sizeof(uint32_t));
    if (floats == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
    for (size_t index = 0; index < count; index++) floats[index] = widen(halves[index]);
    free(page->samples);
    page->samples = floats;
    return SEG_TIFF_OK;
}

/* Orientation says where the stored first row and column are seen. */
static seg_tiff_status turn(seg_tiff_page *page, uint32_t orientation, char *message) {
    size_t size = page->channels * seg_tiff_sample_bytes(page->bits);
    size_t width = page->width;
    size_t height = page->height;
    int is_turned = orientation >= ORIENTATION_LEFTTOP;
    int flips_x = orientation == ORIENTATION_TOPRIGHT || orientation == ORIENTATION_BOTRIGHT ||
                  orientation == ORIENTATION_RIGHTTOP || orientation == ORIENTATION_RIGHTBOT;
    int flips_y = orientation == ORIENTATION_BOTRIGHT || orientation == ORIENTATION_BOTLEFT ||
                  orientation == ORIENTATION_RIGHTBOT || orientation == ORIENTATION_LEFTBOT;
    const uint8_t *stored = page->samples;
    uint8_t *upright = malloc(width * height * size);
    if (upright == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
    for (size_t y = 0; y < height; y++) {
        size_t source_y = flips_y ? height - 1 - y : y;
        for (size_t x = 0; x < width; x++) {
            size_t source_x = flips_x ? width - 1 - x : x;
            size_t source = is_turned ? source_x * height + source_y : source_y * width + source_x;
            memcpy(upright + (y * width + x) * size, stored + source * size, size);
        }
    }
    free(page->samples);
    page->samples = upright;
    return SEG_TIFF_OK;
}

seg_tiff_status seg_tiff_normalize(seg_tiff_page *page, const seg_tiff_layout *layout, char *message) {
    seg_tiff_status status = SEG_TIFF_OK;
    page->is_inverted = layout->is_inverted;
    if (layout->is_inverted) invert(page);
    if (layout->is_half) status = widen_halves(page, message);
    if (status == SEG_TIFF_OK && layout->orientation != ORIENTATION_TOPLEFT) {
        status = turn(page, layout->orientation, message);
    }
    return status;
}
