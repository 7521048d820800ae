#include "support.h"

#include <stdlib.h>
#include <string.h>

struct seg_tiff_writer {
    seg_tiff_log log;
    TIFF *tiff;
    uint8_t *bytes;
    uint64_t count;
    uint64_t capacity;
    uint64_t position;
};

static tmsize_t read_bytes(thandle_t client, void *destination, tmsize_t length) {
    seg_tiff_writer *writer = client;
    if (length <= 0 || writer->position >= writer->count) return 0;
    uint64_t available = writer->count - writer->position;
    uint64_t taken = (uint64_t)length < available ? (uint64_t)length : available;
    memcpy(destination, writer->bytes + writer->position, taken);
    writer->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_bytes(thandle_t client, void *source, tmsize_t length) {
    seg_tiff_writer *writer = client;
    if (length <= 0 || writer->position > SIZE_MAX / 4 || (uint64_t)length > SIZE_MAX / 4) return 0;
    uint64_t end = writer->position + (uint64_t)length;
    if (end > writer->capacity) {
        uint64_t capacity = writer->capacity * 2 > end ? writer->capacity * 2 : end + 4096;
        uint8_t *grown = realloc(writer->bytes, capacity);
        if (grown == NULL) return 0;
        writer->bytes = grown;
        writer->capacity = capacity;
    }
    if (writer->position > writer->count) memset(writer->bytes + writer->count, 0, writer->position - writer->count);
    memcpy(writer->bytes + writer->position, source, (size_t)length);
    writer->position = end;
    if (end > writer->count) writer->count = end;
    return length;
}

static toff_t seek(thandle_t client, toff_t offset, int whence) {
    seg_tiff_writer *writer = client;
    writer->position = seg_tiff_position(writer->position, writer->count, offset, whence);
    return writer->position;
}

static toff_t size(thandle_t client) { return ((seg_tiff_writer *)client)->count; }

seg_tiff_status seg_tiff_begin(int is_big, seg_tiff_writer **result, char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    static const seg_tiff_access access = {read_bytes, write_bytes, seek, size};
    *result = NULL;
    message[0] = 0;
    seg_tiff_writer *writer = calloc(1, sizeof(seg_tiff_writer));
    if (writer == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
    seg_tiff_enter(&writer->log);
    writer->tiff = seg_tiff_open_client(is_big ? "wl8" : "wl4", writer, &access, &writer->log, 0);
    seg_tiff_leave();
    if (writer->tiff == NULL) {
        seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "%s", writer->log.error);
        free(writer->bytes);
        free(writer);
        return SEG_TIFF_NO_MEMORY;
    }
    *result = writer;
    return SEG_TIFF_OK;
}

static int set_fields(TIFF *tiff, const seg_tiff_page *page, uint16_t compression) {
    uint16_t photometric = page->channels >= 3       ? PHOTOMETRIC_RGB
                           : page->palette != NULL ? PHOTOMETRIC_PALETTE
                                                   : PHOTOMETRIC_MINISBLACK;
    uint16_t format = page->format == SEG_TIFF_UNSIGNED ? SAMPLEFORMAT_UINT
                      : page->format == SEG_TIFF_SIGNED ? SAMPLEFORMAT_INT
                                                        : SAMPLEFORMAT_IEEEFP;
    int is_done = TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page->width) &&
                  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page->height) &&
                  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page->channels) &&
                  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page->bits) &&
                  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, format) &&
                  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric) &&
                  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
                  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) &&
                  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    /* Differences compress better. ImageJ reads them for integers of whole bytes only. */
    int is_whole = page->bits == 8 || page->bits == 16;
    if (compression != COMPRESSION_NONE && is_whole && page->palette == NULL) {
        is_done = is_done && TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    }
    if (page->alpha != SEG_TIFF_NO_ALPHA) {
        uint16_t meaning =
            page->alpha == SEG_TIFF_PREMULTIPLIED_ALPHA ? EXTRASAMPLE_ASSOCALPHA : EXTRASAMPLE_UNASSALPHA;
        is_done = is_done && TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &meaning);
    }
    if (page->palette != NULL) {
        size_t count = (size_t)1 << page->bits;
        is_done = is_done && TIFFSetField(tiff, TIFFTAG_COLORMAP, page->palette, page->palette + count,
                                          page->palette + 2 * count);
    }
    if (page->x_resolution > 0) {
        is_done = is_done && TIFFSetField(tiff, TIFFTAG_XRESOLUTION, page->x_resolution) &&
                  TIFFSetField(tiff, TIFFTAG_YRESOLUTION, page->y_resolution) &&
                  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, page->unit);
    }
    if (page->description != NULL) is_done = is_done && TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, page->description);
    return is_done;
}

/* Strips of about 64 KiB. libtiff may change what it is given to write, so it gets a copy. */
static int write_strips(TIFF *tiff, const seg_tiff_page *page) {
    uint64_t row_samples = (uint64_t)page->width * page->channels;
    size_t row_bytes = seg_tiff_packed_bytes(row_samples, page->bits);
    size_t sample_row_bytes = row_samples * seg_tiff_sample_bytes(page->bits);
    uint32_t rows = row_bytes >= 65536 ? 1 : (uint32_t)(65536 / row_bytes);
    if (rows > page->height) rows = page->height;
    uint8_t *strip = malloc(rows * row_bytes);
    int is_done = strip != NULL && TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows);
    for (uint32_t top = 0, index = 0; is_done && top < page->height; top += rows, index++) {
        uint32_t count = page->height - top < rows ? page->height - top : rows;
        const uint8_t *source = (const uint8_t *)page->samples + top * sample_row_bytes;
        if (page->bits % 8 == 0) {
            memcpy(strip, source, count * row_bytes);
        } else {
            for (uint32_t row = 0; row < count; row++) {
                seg_tiff_pack(source + row * sample_row_bytes, strip + row * row_bytes, row_samples, page->bits);
            }
        }
        is_done = TIFFWriteEncodedStrip(tiff, index, strip, (tmsize_t)(count * row_bytes)) >= 0;
    }
    free(strip);
    return is_done;
}

seg_tiff_status seg_tiff_append(seg_tiff_writer *writer, const seg_tiff_page *page, seg_tiff_compression compression,
                                char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    static const uint16_t codes[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, 50000};
    message[0] = 0;
    if (!TIFFIsCODECConfigured(codes[compression])) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "this system's libtiff cannot write the compression");
    }
    seg_tiff_enter(&writer->log);
    int is_done = set_fields(writer->tiff, page, codes[compression]) && write_strips(writer->tiff, page) &&
                  TIFFWriteDirectory(writer->tiff);
    seg_tiff_leave();
    if (is_done) return SEG_TIFF_OK;
    return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "%s",
                        writer->log.error[0] != 0 ? writer->log.error : "not enough memory");
}

static void finish(seg_tiff_writer *writer) {
    seg_tiff_enter(&writer->log);
    TIFFClose(writer->tiff);
    seg_tiff_leave();
}

seg_tiff_status seg_tiff_end(seg_tiff_writer *writer, seg_tiff_buffer *buffer,
                             char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    seg_tiff_status status = SEG_TIFF_OK;
    message[0] = 0;
    memset(buffer, 0, sizeof(*buffer));
    finish(writer);
    if (writer->log.error[0] != 0) {
        status = seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "%s", writer->log.error);
        free(writer->bytes);
    } else {
        buffer->bytes = writer->bytes;
        buffer->count = writer->count;
    }
    free(writer);
    return status;
}

void seg_tiff_abandon(seg_tiff_writer *writer) {
    if (writer == NULL) return;
    finish(writer);
    free(writer->bytes);
    free(writer);
}
