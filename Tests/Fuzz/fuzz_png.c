/* libFuzzer harness of CSegPNG: what decodes must survive the way to a file and back. Run it with Scripts/fuzz. */
#include "CSegPNG.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAXIMUM_PIXELS = 1 << 16 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximum_size);

static size_t sample_bytes(const seg_png_image *image) {
    size_t count = (size_t)image->width * image->height * image->channels;
    return count * (image->bit_depth == 16 ? 2 : 1);
}

static void require(int condition) {
    if (!condition) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char message[SEG_PNG_MESSAGE_CAPACITY];
    seg_png_image image;
    if (seg_png_decode(data, size, MAXIMUM_PIXELS, &image, message) != 0) {
        require(message[0] != 0 && image.samples == NULL);
        return 0;
    }
    require((uint64_t)image.width * image.height <= MAXIMUM_PIXELS && image.channels >= 1 && image.channels <= 4);
    seg_png_buffer buffer;
    seg_png_image again;
    require(seg_png_encode(&image, &buffer, message) == 0);
    require(seg_png_decode(buffer.bytes, buffer.count, MAXIMUM_PIXELS, &again, message) == 0);
    require(again.width == image.width && again.height == image.height && again.channels == image.channels);
    require(again.bit_depth == image.bit_depth);
    require(memcmp(image.samples, again.samples, sample_bytes(&image)) == 0);
    seg_png_release(image.samples);
    seg_png_release(again.samples);
    seg_png_release(buffer.bytes);
    return 0;
}

static uint32_t number(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Most changes end at the first checksum. Repairing them nine times out of ten lets the rest of the decoder be tried. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximum_size, unsigned int seed) {
    size = LLVMFuzzerMutate(data, size, maximum_size);
    if (seed % 10 == 0) return size;
    for (size_t start = 8; start + 12 <= size;) {
        size_t length = number(data + start);
        if (length > size - start - 12) break;
        uint32_t checksum = (uint32_t)crc32(0, data + start + 4, (uInt)(length + 4));
        uint8_t *end = data + start + 8 + length;
        for (int index = 0; index < 4; index++) end[index] = (uint8_t)(checksum >> (24 - 8 * index));
        start += length + 12;
    }
    return size;
}
