#include "CSegJPEG.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/* A block of 64 samples takes a bit or two at least, and less only in scans that say "nothing more" for many blocks at once. */
enum { MAXIMUM_PIXELS_PER_BYTE = 4096 };
/* Each scan of a progressive file goes over all pixels once more; encoders write about ten. */
enum { MAXIMUM_SCANS = 100 };

/* Everything that must survive a longjmp lives here rather than in registers. */
typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    char *message;
    uint8_t *samples;
} decoder;

static void say(char *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, SEG_JPEG_MESSAGE_CAPACITY, format, arguments);
    va_end(arguments);
}

static void on_error(j_common_ptr common) {
    decoder *state = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    say(state->message, "%s", text);
    longjmp(state->jump, 1);
}

/* Level -1 is damage that libjpeg goes on after, by guessing; the others are traces. */
static void on_message(j_common_ptr common, int level) {
    if (level < 0) on_error(common);
}

static void on_output(j_common_ptr common) { (void)common; }

static void on_progress(j_common_ptr common) {
    decoder *state = common->client_data;
    if (state->jpeg.input_scan_number > MAXIMUM_SCANS) {
        say(state->message, "it has more than %d scans", MAXIMUM_SCANS);
        longjmp(state->jump, 1);
    }
}

static int decode(decoder *state, const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_jpeg_image *image) {
    struct jpeg_decompress_struct *jpeg = &state->jpeg;
    jpeg_mem_src(jpeg, (unsigned char *)bytes, (unsigned long)count);
    jpeg_read_header(jpeg, TRUE);
    unsigned long long width = jpeg->image_width, height = jpeg->image_height;
    if (width * height > maximum_pixels) {
        say(state->message, "its header promises %llu x %llu px, more than the limit of %llu px", width, height,
            (unsigned long long)maximum_pixels);
        return -1;
    }
    if (width * height / MAXIMUM_PIXELS_PER_BYTE > count) {
        say(state->message, "its header promises %llu x %llu px, but it holds only %zu bytes", width, height, count);
        return -1;
    }
    if (jpeg->num_components != 1 && jpeg->num_components != 3) {
        say(state->message, "it has %d components, as files for print have, where 1 (gray) and 3 (colors) are read",
            jpeg->num_components);
        return -1;
    }
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->do_fancy_upsampling = TRUE;
    jpeg->progress = &state->progress;
    jpeg_start_decompress(jpeg);
    size_t row_bytes = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
    state->samples = calloc(jpeg->output_height, row_bytes);
    if (state->samples == NULL) {
        say(state->message, "not enough memory for %u rows of %zu bytes", jpeg->output_height, row_bytes);
        return -1;
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = state->samples + (size_t)jpeg->output_scanline * row_bytes;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    image->width = jpeg->output_width;
    image->height = jpeg->output_height;
    image->channels = (uint32_t)jpeg->output_components;
    jpeg_finish_decompress(jpeg);
    image->samples = state->samples;
    state->samples = NULL;
    return 0;
}

int seg_jpeg_decode(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_jpeg_image *image,
                    char message[SEG_JPEG_MESSAGE_CAPACITY]) {
    memset(image, 0, sizeof(*image));
    message[0] = 0;
    decoder *state = calloc(1, sizeof(decoder));
    if (state == NULL) {
        say(message, "not enough memory");
        return -1;
    }
    state->message = message;
    state->jpeg.err = jpeg_std_error(&state->errors);
    state->errors.error_exit = on_error;
    state->errors.emit_message = on_message;
    state->errors.output_message = on_output;
    state->progress.progress_monitor = on_progress;
    state->jpeg.client_data = state;
    volatile int result = -1;
    if (setjmp(state->jump) == 0) {
        jpeg_create_decompress(&state->jpeg);
        /* Creating it clears all but the error manager and this. */
        state->jpeg.client_data = state;
        result = decode(state, bytes, count, maximum_pixels, image);
    }
    jpeg_destroy_decompress(&state->jpeg);
    free(state->samples);
    free(state);
    return result;
}

void seg_jpeg_release(void *memory) { free(memory); }
