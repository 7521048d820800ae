#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Everything that must survive a longjmp lives here rather than in registers. */
typedef struct {
    seg_png_failure failure;
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t position;
    uint8_t *samples;
    png_bytep *rows;
} decoder;

static void read_bytes(png_structp png, png_bytep destination, size_t length) {
    decoder *state = png_get_io_ptr(png);
    if (length > state->count - state->position) png_error(png, "the file ends too early (truncated)");
    memcpy(destination, state->bytes + state->position, length);
    state->position += length;
}

/* Asks libpng for samples as they are stored, a byte or two each. */
static void request_samples(png_structp png, png_infop info) {
    png_set_packing(png);
    if (SEG_PNG_SWAPS_16) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* What palette indices and the transparent color mean. */
static void describe_colors(png_structp png, png_infop info, seg_png_image *image) {
    png_colorp colors = NULL;
    int color_count = 0;
    png_bytep alphas = NULL;
    int alpha_count = 0;
    png_color_16p transparent = NULL;
    int color = png_get_color_type(png, info);
    if (png_get_valid(png, info, PNG_INFO_tRNS)) png_get_tRNS(png, info, &alphas, &alpha_count, &transparent);
    if (color == PNG_COLOR_TYPE_PALETTE) {
        png_get_PLTE(png, info, &colors, &color_count);
        if (color_count > 256) color_count = 256;
        image->palette_count = (uint32_t)color_count;
        image->palette_has_alpha = alphas != NULL && alpha_count > 0;
        for (int index = 0; index < color_count; index++) {
            uint8_t alpha = image->palette_has_alpha && index < alpha_count ? alphas[index] : 255;
            uint8_t entry[4] = {colors[index].red, colors[index].green, colors[index].blue, alpha};
            memcpy(image->palette[index], entry, sizeof(entry));
        }
    } else if (transparent != NULL && !(color & PNG_COLOR_MASK_ALPHA)) {
        image->has_transparent = 1;
        int is_gray = color == PNG_COLOR_TYPE_GRAY;
        image->transparent[0] = is_gray ? transparent->gray : transparent->red;
        image->transparent[1] = is_gray ? transparent->gray : transparent->green;
        image->transparent[2] = is_gray ? transparent->gray : transparent->blue;
    }
}

/* Deflate expands at most 1032-fold, so a header that promises more belongs to a damaged or hostile file. */
static int fits(decoder *state, uint64_t maximum_pixels) {
    uint64_t width = png_get_image_width(state->png, state->info);
    uint64_t height = png_get_image_height(state->png, state->info);
    if (width * height > maximum_pixels) {
        seg_png_say(state->failure.message, "its header promises %llu x %llu px, more than the limit of %llu px",
                    (unsigned long long)width, (unsigned long long)height, (unsigned long long)maximum_pixels);
        return 0;
    }
    uint64_t packed = (uint64_t)png_get_rowbytes(state->png, state->info) * height;
    if (packed / 1032 > (uint64_t)state->count) {
        seg_png_say(state->failure.message, "its header promises %llu x %llu px, but it holds only %zu bytes",
                    (unsigned long long)width, (unsigned long long)height, state->count);
        return 0;
    }
    return 1;
}

static int decode(decoder *state, uint64_t maximum_pixels, seg_png_image *image) {
    png_structp png = state->png;
    png_infop info = state->info;
    png_set_read_fn(png, state, read_bytes);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, 8u << 20);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_read_info(png, info);
    if (!fits(state, maximum_pixels)) return -1;
    /* Before the update: afterwards packing reports 8. */
    uint32_t source_depth = png_get_bit_depth(png, info);
    describe_colors(png, info, image);
    request_samples(png, info);

    size_t height = png_get_image_height(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    state->samples = calloc(height, row_bytes);
    state->rows = calloc(height, sizeof(png_bytep));
    if (state->samples == NULL || state->rows == NULL) {
        seg_png_say(state->failure.message, "not enough memory for %zu rows of %zu bytes", height, row_bytes);
        return -1;
    }
    for (size_t row = 0; row < height; row++) state->rows[row] = state->samples + row * row_bytes;
    png_read_image(png, state->rows);
    png_read_end(png, NULL);

    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    image->channels = png_get_channels(png, info);
    image->bit_depth = source_depth;
    image->samples = state->samples;
    state->samples = NULL;
    return 0;
}

int seg_png_decode(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_png_image *image,
                   char message[SEG_PNG_MESSAGE_CAPACITY]) {
    memset(image, 0, sizeof(*image));
    message[0] = 0;
    decoder *state = calloc(1, sizeof(decoder));
    if (state == NULL) {
        seg_png_say(message, "not enough memory");
        return -1;
    }
    state->failure.message = message;
    state->bytes = bytes;
    state->count = count;
    state->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state->failure, seg_png_on_error, seg_png_on_warning);
    if (state->png != NULL) state->info = png_create_info_struct(state->png);

    volatile int result = -1;
    if (state->info == NULL) {
        seg_png_say(message, "libpng could not be started");
    } else if (setjmp(state->failure.jump) == 0) {
        result = decode(state, maximum_pixels, image);
    }
    if (state->png != NULL) png_destroy_read_struct(&state->png, &state->info, NULL);
    free(state->samples);
    free(state->rows);
    free(state);
    return result;
}
