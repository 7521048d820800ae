#pragma once

#include <stddef.h>
#include <stdint.h>

/* PNG through libpng for Swift, which cannot call setjmp. Every failure is a return value and a message;
   nothing is printed, nothing is global. */

enum { SEG_PNG_MESSAGE_CAPACITY = 256 };

/* Samples are interleaved, row-major, one byte each up to 8 bits and a native-endian uint16_t at 16 bits. */
typedef struct {
    uint32_t width;
    uint32_t height;
    /* 1 gray or an index into `palette`, 2 gray + alpha, 3 RGB, 4 RGB + alpha. */
    uint32_t channels;
    /* 1, 2, 4 (gray only), 8 or 16: a sample lies in 0 ... 2^bit_depth - 1. */
    uint32_t bit_depth;
    /* Owned by the image after a decode: give it back with seg_png_release. */
    void *samples;
    /* Where samples are indices: the number of colors, each red, green, blue and alpha; else 0. An encode takes a byte each for
       indices, and colors without alpha. */
    uint32_t palette_count;
    uint8_t palette[256][4];
    int palette_has_alpha;
    /* After a decode: whether one gray level or color is transparent, and which. */
    int has_transparent;
    uint16_t transparent[3];
} seg_png_image;

/* The result of an encode: give it back with seg_png_release. */
typedef struct {
    uint8_t *bytes;
    size_t count;
} seg_png_buffer;

/* Decodes `count` bytes of a PNG of any color type and depth, with the samples as they are stored. Headers that promise more than `maximum_pixels`, or more data than
   `count` bytes can inflate to, are refused before memory is taken. Returns 0, or -1 with a message. */
int seg_png_decode(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_png_image *image,
                   char message[SEG_PNG_MESSAGE_CAPACITY]);

/* Encodes an image to memory. Returns 0, or -1 with a message. */
int seg_png_encode(const seg_png_image *image, seg_png_buffer *buffer, char message[SEG_PNG_MESSAGE_CAPACITY]);

/* Frees samples or bytes that a call above handed out; NULL is fine. */
void seg_png_release(void *memory);
