#pragma once

#include <stddef.h>
#include <stdint.h>

/* JPEG through libjpeg for Swift, which cannot call setjmp. Every failure is a return value and a message;
   nothing is printed, nothing is global. */

enum { SEG_JPEG_MESSAGE_CAPACITY = 256 };

/* Samples are interleaved, row-major, a byte each. */
typedef struct {
    uint32_t width;
    uint32_t height;
    /* 1 gray, 3 RGB. */
    uint32_t channels;
    /* Owned by the image: give it back with seg_jpeg_release. */
    uint8_t *samples;
} seg_jpeg_image;

/* Decodes `count` bytes of a gray or color JPEG of 8 bits, baseline or progressive. Headers that promise more than
   `maximum_pixels`, or more than `count` bytes can hold, are refused before memory is taken; so is data that is damaged or cut
   short, which libjpeg alone would fill with gray. Returns 0, or -1 with a message. */
int seg_jpeg_decode(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_jpeg_image *image,
                    char message[SEG_JPEG_MESSAGE_CAPACITY]);

/* Frees samples that the call above handed out; NULL is fine. */
void seg_jpeg_release(void *memory);
