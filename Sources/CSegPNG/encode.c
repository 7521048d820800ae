#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
    seg_png_failure failure;
    png_structp png;
    png_infop info;
    uint8_t *bytes;
    size_t count;
    size_t capacity;
} encoder;

static void append_bytes(png_structp png, png_bytep source, size_t length) {
    encoder *state = png_get_io_ptr(png);
    if (length > state->capacity - state->count) {
        size_t capacity = state->capacity * 2 + length;
        uint8_t *grown = realloc(state->bytes, capacity);
        if (grown == NULL) png_error(png, "not enough memory");
        state->bytes = grown;
        state->capacity = capacity;
    }
    memcpy(state->bytes + state->count, source, length);
    state->count += length;
}

static void flush_nothing(png_structp png) { (void)png; }

/* Whether bytes have so few values that rows repeat one another: masks and labels. */
static int is_drawn(const uint8_t *bytes, size_t count) {
    enum { FEW = 16 };
    uint8_t seen[256] = {0};
    int values = 0;
    for (size_t index = 0; index < count; index++) {
        if (seen[bytes[index]]) continue;
        seen[bytes[index]] = 1;
        if (++values > FEW) return 0;
    }
    return 1;
}

/* How to compress, by what speckle and masks take: differences from the left neighbor at level 3 are smaller than libpng's own
   choice (every filter, level 6) in a quarter of the time. Differences of one byte a pixel repeat next to nothing that deflate
   could find further away than the byte before; masks repeat whole rows. */
static void choose_compression(png_structp png, const seg_png_image *image, size_t byte_count) {
    if (image->bit_depth <= 8 && image->channels == 1 && is_drawn(image->samples, byte_count)) {
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
        return;
    }
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_set_compression_level(png, 3);
    int is_byte = image->bit_depth == 8 && image->channels == 1;
    png_set_compression_strategy(png, is_byte ? Z_RLE : Z_DEFAULT_STRATEGY);
}

static void write_palette(png_structp png, png_infop info, const seg_png_image *image) {
    png_color colors[256];
    if (image->palette_count > 256) png_error(png, "a palette has at most 256 colors");
    for (uint32_t index = 0; index < image->palette_count; index++) {
        const uint8_t *entry = image->palette[index];
        colors[index] = (png_color){entry[0], entry[1], entry[2]};
    }
    png_set_PLTE(png, info, colors, (int)image->palette_count);
}

static void encode(encoder *state, const seg_png_image *image) {
    static const int color_types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                      PNG_COLOR_TYPE_RGB_ALPHA};
    png_structp png = state->png;
    if (image->channels < 1 || image->channels > 4) png_error(png, "a PNG has 1 to 4 channels");
    png_set_write_fn(png, state, append_bytes, flush_nothing);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    int is_indexed = image->palette_count > 0;
    png_set_IHDR(png, state->info, image->width, image->height, (int)image->bit_depth,
                 is_indexed ? PNG_COLOR_TYPE_PALETTE : color_types[image->channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (is_indexed) write_palette(png, state->info, image);
    size_t row_bytes = (size_t)image->width * image->channels * (image->bit_depth == 16 ? 2 : 1);
    choose_compression(png, image, row_bytes * image->height);
    png_write_info(png, state->info);
    if (image->bit_depth < 8) png_set_packing(png);
    if (image->bit_depth == 16 && SEG_PNG_SWAPS_16) png_set_swap(png);
    const uint8_t *samples = image->samples;
    for (size_t row = 0; row < image->height; row++) png_write_row(png, samples + row * row_bytes);
    png_write_end(png, state->info);
}

int seg_png_encode(const seg_png_image *image, seg_png_buffer *buffer, char message[SEG_PNG_MESSAGE_CAPACITY]) {
    memset(buffer, 0, sizeof(*buffer));
    message[0] = 0;
    encoder *state = calloc(1, sizeof(encoder));
    if (state == NULL) {
        seg_png_say(message, "not enough memory");
        return -1;
    }
    state->failure.message = message;
    state->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state->failure, seg_png_on_error, seg_png_on_warning);
    if (state->png != NULL) state->info = png_create_info_struct(state->png);

    volatile int result = -1;
    if (state->info == NULL) {
        seg_png_say(message, "libpng could not be started");
    } else if (setjmp(state->failure.jump) == 0) {
        encode(state, image);
        buffer->bytes = state->bytes;
        buffer->count = state->count;
        state->bytes = NULL;
        result = 0;
    }
    if (state->png != NULL) png_destroy_write_struct(&state->png, &state->info);
    free(state->bytes);
    free(state);
    return result;
}
