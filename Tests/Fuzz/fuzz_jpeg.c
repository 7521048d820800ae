/* libFuzzer harness of CSegJPEG: what decodes is of a sane size, and decodes to the same samples again. Run it with Scripts/fuzz. */
#include "CSegJPEG.h"

#include <stdlib.h>
#include <string.h>

enum { MAXIMUM_PIXELS = 1 << 16 };

static void require(int condition) {
    if (!condition) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char message[SEG_JPEG_MESSAGE_CAPACITY];
    seg_jpeg_image image, again;
    if (seg_jpeg_decode(data, size, MAXIMUM_PIXELS, &image, message) != 0) {
        require(message[0] != 0 && image.samples == NULL);
        return 0;
    }
    require((uint64_t)image.width * image.height <= MAXIMUM_PIXELS && (image.channels == 1 || image.channels == 3));
    require(seg_jpeg_decode(data, size, MAXIMUM_PIXELS, &again, message) == 0);
    require(memcmp(image.samples, again.samples, (size_t)image.width * image.height * image.channels) == 0);
    seg_jpeg_release(image.samples);
    seg_jpeg_release(again.samples);
    return 0;
}
